//! Element 9: 特别程序信息, the special procedure.

use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Cond::{AnyOf, Is};
use crate::field::Kind::{Code, DateTime, Int, Money, Text};
use crate::field::Need::{Always, Optional, When};
use crate::field::field;

/// The spec of 特别程序信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Special,
    number: 9,
    name: "special",
    node: "Special",
    zh: "特别程序信息",
    en: "special procedure",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::WhenItHappens,
    ground: "GB/T 39046-2020 T7 rows 11-21; Guangdong TBCXSQ, TBCXJG; Shandong SPECIALNODE 2-5",
    fields: &[
        field(
            1,
            "kind",
            "特别程序种类",
            "kind of special procedure",
            Code(&codeset::SPECIAL_KIND),
            Always,
            "行政许可法 art. 42, 45",
        ),
        field(
            2,
            "start_time",
            "开始时间",
            "start",
            DateTime,
            Always,
            "GB/T 39046-2020 T7; stops the clock unless kind 01",
        ),
        field(
            3,
            "approver",
            "批准人",
            "approver",
            Text(30),
            Always,
            "Guangdong TBCXPZR",
        ),
        field(
            4,
            "reason",
            "启动理由或依据",
            "reason or basis",
            Text(2000),
            Always,
            "GB/T 39046-2020 T7",
        ),
        field(
            5,
            "limit",
            "时限",
            "limit",
            Int(0, 9999),
            Always,
            "Guangdong TBCXSX; kind 01: 10 working days, joint 15 (judged by a rule)",
        ),
        field(
            6,
            "limit_unit",
            "时限单位",
            "unit of the limit",
            Code(&codeset::TIME_UNIT),
            Always,
            "Guangdong TBCXSXDW",
        ),
        field(
            7,
            "notify_time",
            "告知申请人时间",
            "time the applicant was told",
            DateTime,
            When(Is(
                "kind",
                &["02", "03", "04", "05", "06", "07", "08", "09"],
            )),
            "Shandong NOTETIME; written notice of the kinds that 行政许可法 art. 45 lists",
        ),
        field(
            8,
            "end_time",
            "结束时间",
            "end",
            DateTime,
            When(AnyOf(&["end_time", "result", "opinion"])),
            "GB/T 39046-2020 T7; all of the group or none",
        ),
        field(
            9,
            "result",
            "结果",
            "result",
            Text(2000),
            When(AnyOf(&["end_time", "result", "opinion"])),
            "GB/T 39046-2020 T7; all of the group or none",
        ),
        field(
            10,
            "opinion",
            "办理意见",
            "opinion",
            Text(2000),
            When(AnyOf(&["end_time", "result", "opinion"])),
            "GB/T 39046-2020 T7; all of the group or none",
        ),
        field(
            11,
            "fee",
            "特别程序收费",
            "fee",
            Money,
            Optional,
            "Guangdong TBCXSFJE",
        ),
    ],
};
