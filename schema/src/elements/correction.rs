//! Element 8: 补正信息, the correction.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Cond::AnyOf;
use crate::field::Kind::{DateTime, Int, Text};
use crate::field::Need::{Always, Optional, When};
use crate::field::field;

/// The spec of 补正信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Correction,
    number: 8,
    name: "correction",
    node: "Correction",
    zh: "补正信息",
    en: "correction",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::WhenItHappens,
    ground: "GB/T 39046-2020 T7; Guangdong BZGZ, BZSL; Shandong SPECIALNODE 1, 6",
    fields: &[
        field(
            1,
            "notice_time",
            "补正告知时间",
            "time of the notice",
            DateTime,
            Always,
            "Guangdong BZGZSJ; 行政许可法 art. 32",
        ),
        field(
            2,
            "notice_person",
            "告知发出人",
            "official who gave notice",
            Text(30),
            Always,
            "Guangdong BZGZFCRXM",
        ),
        field(
            3,
            "reason",
            "补正告知原因",
            "reason",
            Text(1000),
            Always,
            "Guangdong BZGZYY",
        ),
        field(
            4,
            "material_list",
            "补正材料清单",
            "materials asked for",
            Text(2000),
            Always,
            "Guangdong BZCLQD",
        ),
        field(
            5,
            "notice_doc_no",
            "补正告知书编号",
            "notice number",
            Text(30),
            Optional,
            "proposal",
        ),
        field(
            6,
            "round",
            "第几次",
            "round",
            Int(1, 99),
            Always,
            "Shandong SN",
        ),
        field(
            7,
            "received_time",
            "补正受理时间",
            "time of receipt",
            DateTime,
            When(AnyOf(&["received_time", "received_person", "place"])),
            "Guangdong BZSJ; all of the group or none",
        ),
        field(
            8,
            "received_person",
            "补正受理人",
            "official who received",
            Text(30),
            When(AnyOf(&["received_time", "received_person", "place"])),
            "Guangdong BZSLBLRXM; all of the group or none",
        ),
        field(
            9,
            "place",
            "补正受理地点",
            "place of receipt",
            Text(100),
            When(AnyOf(&["received_time", "received_person", "place"])),
            "Guangdong BZSLJTDD; all of the group or none",
        ),
    ],
};
