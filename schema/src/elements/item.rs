//! Element 2: 事项信息, the item.

use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Cond::Is;
use crate::field::Kind::{Code, Flag, Int, Text};
use crate::field::Need::{Always, Optional, When};
use crate::field::field;

/// The spec of 事项信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Item,
    number: 2,
    name: "item",
    node: "Item",
    zh: "事项信息",
    en: "item",
    cardinality: Cardinality::One,
    due: Due::Accepted,
    ground: "GB/T 39046-2020 T4; Guangdong 3.1.2, 3.1.3; Shandong ITEM*, TASKCODE",
    fields: &[
        field(
            "item_code",
            "实施编码",
            "implementation code",
            Text(50),
            Always,
            "GB/T 39046-2020 T4, Guangdong, Shandong; length and inner code by dialect",
        ),
        field(
            "basic_code",
            "基本编码",
            "basic code",
            Text(12),
            Optional,
            "GB/T 39046-2020 an..10; 12 in real data",
        ),
        field(
            "handle_code",
            "业务办理项编码",
            "handling item code",
            Text(50),
            Optional,
            "Shandong",
        ),
        field(
            "item_name",
            "事项名称",
            "item name",
            Text(200),
            Always,
            "GB/T 39046-2020 T4",
        ),
        field(
            "item_type",
            "事项类型代码",
            "item type",
            Code(&codeset::ITEM_TYPE),
            Always,
            "GB/T 39046-2020 A.1",
        ),
        field(
            "use_level",
            "行使层级代码",
            "level of exercise",
            Code(&codeset::LEVEL),
            Always,
            "GB/T 39046-2020 A.2",
        ),
        field(
            "legal_limit",
            "法定办结时限",
            "legal limit",
            Int(0, 9999),
            Always,
            "GB/T 39046-2020 T4",
        ),
        field(
            "legal_unit",
            "法定办结时限单位",
            "unit of the legal limit",
            Code(&codeset::TIME_UNIT),
            Always,
            "GB/T 39046-2020 T4; Guangdong G/Z",
        ),
        field(
            "promise_limit",
            "承诺办结时限",
            "promised limit",
            Int(0, 9999),
            Always,
            "GB/T 39046-2020 T4, Shandong; at most the legal limit when the units are equal",
        ),
        field(
            "promise_unit",
            "承诺办结时限单位",
            "unit of the promised limit",
            Code(&codeset::TIME_UNIT),
            Always,
            "GB/T 39046-2020 T4; Shandong 1-5",
        ),
        field(
            "is_fee",
            "是否收费",
            "charged",
            Flag,
            Always,
            "GB/T 39046-2020 T4",
        ),
        field(
            "fee_basis",
            "收费依据",
            "basis of the fee",
            Text(2000),
            When(Is("is_fee", &["1"])),
            "GB/T 39046-2020, Shandong",
        ),
        field(
            "fee_standard",
            "收费标准",
            "tariff",
            Text(2000),
            When(Is("is_fee", &["1"])),
            "GB/T 39046-2020, Shandong",
        ),
        field(
            "item_ver",
            "事项版本号",
            "item version",
            Int(1, 999999999),
            Always,
            "Guangdong; the limit in force at acceptance is used",
        ),
    ],
};
