//! Element 6: 受理信息, the acceptance.

use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Cond::Is;
use crate::field::Kind::{Code, Date, DateTime, Region, Text, Uscc};
use crate::field::Need::{Always, Optional, When};
use crate::field::field;

/// The spec of 受理信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Acceptance,
    number: 6,
    name: "acceptance",
    node: "Acceptance",
    zh: "受理信息",
    en: "acceptance",
    cardinality: Cardinality::One,
    due: Due::Accepted,
    ground: "GB/T 39046-2020 T6; Guangdong WSYSL, SL; Shandong BASICINFO",
    fields: &[
        field(
            "pre_state",
            "预受理状态",
            "state of pre-acceptance",
            Code(&codeset::PRE_STATE),
            Optional,
            "Guangdong YSLZTDM",
        ),
        field(
            "pre_time",
            "预受理时间",
            "time of pre-acceptance",
            DateTime,
            Optional,
            "Guangdong YSLSJ",
        ),
        field(
            "accept_state",
            "受理状态代码",
            "decision on acceptance",
            Code(&codeset::ACCEPT_STATE),
            Always,
            "Guangdong SLZTDM",
        ),
        field(
            "refuse_reason",
            "不受理原因",
            "reason of refusal",
            Text(1000),
            When(Is("accept_state", &["2", "4"])),
            "Guangdong BSLYY",
        ),
        field(
            "accept_org",
            "受理单位代码",
            "accepting organ",
            Uscc,
            Always,
            "GB/T 39046-2020 T6",
        ),
        field(
            "accept_org_name",
            "受理单位名称",
            "accepting organ's name",
            Text(100),
            Always,
            "GB/T 39046-2020 T6",
        ),
        field(
            "accept_person",
            "受理人员",
            "accepting official",
            Text(30),
            Always,
            "GB/T 39046-2020 T6",
        ),
        field(
            "accept_person_no",
            "受理人员工号",
            "accepting official's number",
            Text(32),
            Optional,
            "Guangdong BLRGH",
        ),
        field(
            "accept_time",
            "受理时间",
            "time of acceptance",
            DateTime,
            Always,
            "GB/T 39046-2020 T6; starts the clock",
        ),
        field(
            "accept_doc_no",
            "受理文书编号",
            "acceptance document number",
            Text(30),
            When(Is("accept_state", &["1", "4"])),
            "GB/T 39046-2020 T6; 行政许可法 art. 32",
        ),
        field(
            "promise_date",
            "承诺办结时间",
            "promised date",
            Date,
            Always,
            "GB/T 39046-2020 T6; recomputed by the hub and compared",
        ),
        field(
            "region",
            "受理地区划",
            "division of acceptance",
            Region,
            Always,
            "GB/T 39046-2020 T6",
        ),
    ],
};
