//! Element 4: 申请人信息, the applicant.

use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Cond::Is;
use crate::field::Kind::{Code, Exact, IdNo, Text};
use crate::field::Need::{Always, Optional, When};
use crate::field::field;

/// The spec of 申请人信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Applicant,
    number: 4,
    name: "applicant",
    node: "Applicant",
    zh: "申请人信息",
    en: "applicant",
    cardinality: Cardinality::OneOrMore,
    due: Due::Accepted,
    ground: "GB/T 39046-2020 T5 rows 6-15; Guangdong SB; Shandong BASICINFO",
    fields: &[
        field(
            1,
            "kind",
            "服务对象代码",
            "kind of applicant",
            Code(&codeset::SERVED),
            Always,
            "GB/T 39046-2020 A.4",
        ),
        field(
            2,
            "name",
            "申请者名称",
            "name",
            Text(100),
            Always,
            "GB/T 39046-2020 T5",
        )
        .personal(),
        field(
            3,
            "id_type",
            "证件类型代码",
            "type of identity document",
            Exact(3),
            Always,
            "GB/T 39046-2020 T5; GA/T 2000.156 (111 居民身份证); 001 统一社会信用代码, 002 组织机构代码",
        ),
        field(
            4,
            "id_no",
            "证件号码",
            "identity number",
            IdNo(30, "id_type"),
            Always,
            "GB/T 39046-2020 T5; GB 11643, GB 32100 or GB 11714 by id_type",
        )
        .personal(),
        field(
            5,
            "legal_person",
            "法定代表人",
            "legal representative",
            Text(30),
            When(Is("kind", &["2", "3", "4"])),
            "GB/T 39046-2020 T5",
        )
        .personal(),
        field(
            6,
            "contact_name",
            "联系人姓名",
            "contact",
            Text(30),
            Optional,
            "GB/T 39046-2020 T5",
        )
        .personal(),
        field(
            7,
            "contact_id_type",
            "联系人证件类型",
            "contact's type of identity document",
            Exact(3),
            Optional,
            "GB/T 39046-2020 T5; GA/T 2000.156",
        ),
        field(
            8,
            "contact_id_no",
            "联系人证件号码",
            "contact's identity number",
            IdNo(18, "contact_id_type"),
            Optional,
            "GB/T 39046-2020 T5",
        )
        .personal(),
        field(
            9,
            "mobile",
            "手机号码",
            "mobile number",
            Text(18),
            Always,
            "GB/T 39046-2020 T5",
        )
        .personal(),
        field(
            10,
            "address",
            "通讯地址",
            "address",
            Text(100),
            Optional,
            "GB/T 39046-2020 T5",
        )
        .personal(),
        field(
            11,
            "postcode",
            "邮政编码",
            "postcode",
            Exact(6),
            Optional,
            "GB/T 39046-2020 T5 n6",
        ),
    ],
};
