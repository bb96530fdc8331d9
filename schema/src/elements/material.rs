//! Element 5: 材料信息, the material.

use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Cond::Is;
use crate::field::Kind::{Code, DateTime, Flag, Hex, Int, Text};
use crate::field::Need::{Always, When};
use crate::field::field;

/// The spec of 材料信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Material,
    number: 5,
    name: "material",
    node: "Material",
    zh: "材料信息",
    en: "material",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::Accepted,
    ground: "GB/T 39046-2020 T5 rows 21-26; Guangdong SBCL; Shandong PRE_FILE, ACCEPTLIST",
    fields: &[
        field(
            "material_no",
            "材料编号",
            "material number",
            Text(32),
            Always,
            "Guangdong STUFF_SEQ",
        ),
        field(
            "material_name",
            "材料名称",
            "material name",
            Text(200),
            Always,
            "GB/T 39046-2020 T5",
        ),
        field(
            "must_have",
            "是否必备",
            "required of the applicant",
            Flag,
            Always,
            "GB/T 39046-2020 T4",
        ),
        field(
            "received",
            "是否收取",
            "received",
            Flag,
            Always,
            "GB/T 39046-2020 T5",
        ),
        field(
            "carrier",
            "文件类型",
            "carrier",
            Code(&codeset::CARRIER),
            Always,
            "Guangdong WJLX",
        ),
        field(
            "copy_kind",
            "材料类型",
            "kind of copy",
            Code(&codeset::COPY_KIND),
            Always,
            "Guangdong CLLX",
        ),
        field(
            "quantity",
            "数量",
            "quantity",
            Int(0, 99),
            Always,
            "GB/T 39046-2020 T5 n..2",
        ),
        field(
            "receive_time",
            "收取时间",
            "time of receipt",
            DateTime,
            Always,
            "GB/T 39046-2020 T5",
        ),
        field(
            "file_name",
            "附件名称",
            "file name",
            Text(255),
            When(Is("carrier", &["1"])),
            "Guangdong ATTACH_NAME",
        ),
        field(
            "file_type",
            "附件类型",
            "file type",
            Text(16),
            When(Is("carrier", &["1"])),
            "Guangdong ATTACH_TYPE",
        ),
        field(
            "file_path",
            "附件路径",
            "file path",
            Text(500),
            When(Is("carrier", &["1"])),
            "Guangdong ATTACH_PATH",
        ),
        field(
            "file_digest",
            "附件摘要",
            "file digest",
            Hex(64),
            When(Is("carrier", &["1"])),
            "Guangdong ATTACH_SIGN; SM3",
        ),
    ],
};
