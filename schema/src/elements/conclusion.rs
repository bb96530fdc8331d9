//! Element 11: 办结信息, the conclusion.

use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Cond::{Is, IsNot};
use crate::field::Kind::{Code, DateTime, Flag, Money, Region, Text, Uscc};
use crate::field::Need::{Always, Optional, When};
use crate::field::field;

/// The spec of 办结信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Conclusion,
    number: 11,
    name: "conclusion",
    node: "Conclusion",
    zh: "办结信息",
    en: "conclusion",
    cardinality: Cardinality::One,
    due: Due::Concluded,
    ground: "GB/T 39046-2020 T8; Guangdong BJ; Shandong DONE",
    fields: &[
        field(
            1,
            "result",
            "办结结果代码",
            "result",
            Code(&codeset::CONCLUSION),
            Always,
            "canonical; Guangdong BJJGDM, Shandong DONERESULT",
        ),
        field(
            2,
            "result_desc",
            "结果描述",
            "description of the result",
            Text(1000),
            Always,
            "GB/T 39046-2020 T8",
        ),
        field(
            3,
            "reason",
            "不予、退回或作废原因",
            "reason",
            Text(1000),
            When(IsNot("result", &["10", "11", "50"])),
            "Shandong EXITRES",
        ),
        field(
            4,
            "org_code",
            "办结单位代码",
            "concluding organ",
            Uscc,
            Always,
            "Guangdong BJBMZZJGDM",
        ),
        field(
            5,
            "org_name",
            "办结单位名称",
            "concluding organ's name",
            Text(100),
            Always,
            "Guangdong BJBMMC",
        ),
        field(
            6,
            "person",
            "办结人",
            "concluding official",
            Text(30),
            Always,
            "GB/T 39046-2020 T8",
        ),
        field(
            7,
            "done_time",
            "办结时间",
            "time of conclusion",
            DateTime,
            Always,
            "GB/T 39046-2020 T8; stops the clock",
        ),
        field(
            8,
            "decision_no",
            "决定书文号",
            "decision number",
            Text(50),
            When(Is("result", &["10", "11", "20"])),
            "Shandong APPROVALNUMBER",
        ),
        field(
            9,
            "is_fee",
            "是否收费",
            "charged",
            Flag,
            Always,
            "GB/T 39046-2020 T8; must agree with element 10",
        ),
        field(
            10,
            "amount",
            "处罚或给付金额",
            "amount of penalty or benefit",
            Money,
            Optional,
            "proposal; compared with the item's discretion range",
        ),
        field(
            11,
            "region",
            "办结地区划",
            "division of conclusion",
            Region,
            Always,
            "GB/T 39046-2020 T8",
        ),
    ],
};
