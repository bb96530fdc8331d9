//! Element 12: 结果证照信息, the result document.

use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Kind::{Code, Date, DateOrForever, Hex, Text};
use crate::field::Need::{Always, Optional};
use crate::field::field;

/// The spec of 结果证照信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::ResultDoc,
    number: 12,
    name: "result_doc",
    node: "ResultDoc",
    zh: "结果证照信息",
    en: "result document",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::Concluded,
    ground: "GB/T 39046-2020 T8 rows 4-8; Guangdong SPJG, 3.3; Shandong DONE; GB/T 36902-2018",
    fields: &[
        field(
            1,
            "doc_kind",
            "结果类型",
            "kind of document",
            Code(&codeset::DOC_KIND),
            Always,
            "proposal",
        ),
        field(
            2,
            "doc_name",
            "结果名称",
            "document name",
            Text(200),
            Always,
            "GB/T 39046-2020 T8; Guangdong ZJGZMC",
        ),
        field(
            3,
            "doc_no",
            "结果编号",
            "document number",
            Text(50),
            Always,
            "GB/T 39046-2020 T8; Guangdong ZJBH, Shandong CERTIFICATENO",
        ),
        field(
            4,
            "issuer",
            "发证单位",
            "issuer",
            Text(100),
            Always,
            "GB/T 39046-2020 T8; Guangdong FZGZDW",
        ),
        field(
            5,
            "issue_date",
            "发证日期",
            "date of issue",
            Date,
            Always,
            "proposal",
        ),
        field(
            6,
            "valid_from",
            "有效期起",
            "valid from",
            Date,
            Optional,
            "Shandong CERTIFICATELIMIT",
        ),
        field(
            7,
            "valid_to",
            "有效期止",
            "valid to",
            DateOrForever,
            Optional,
            "GB/T 39046-2020 T8; Guangdong ZJYXQX; a day or 长期",
        ),
        field(
            8,
            "holder",
            "持有者",
            "holder",
            Text(100),
            Always,
            "proposal",
        )
        .personal(),
        field(
            9,
            "file_digest",
            "电子证照摘要",
            "digest of the file",
            Hex(64),
            Optional,
            "GB/T 36902-2018; SM3",
        ),
    ],
};
