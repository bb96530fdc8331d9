//! Element 14: 服务评价信息, the evaluation.

use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Cond::Is;
use crate::field::Kind::{Code, DateTime, Int, Text};
use crate::field::Need::{Always, Optional, When};
use crate::field::field;

/// The spec of 服务评价信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Evaluation,
    number: 14,
    name: "evaluation",
    node: "Evaluation",
    zh: "服务评价信息",
    en: "evaluation",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::Never,
    ground: "GB/T 39046-2020 T9; Shandong SERVEVAL",
    fields: &[
        field(
            1,
            "channel",
            "评价渠道",
            "channel",
            Text(50),
            Always,
            "GB/T 39046-2020 T9",
        ),
        field(
            2,
            "score",
            "满意度代码",
            "satisfaction",
            Code(&codeset::SATISFACTION),
            Always,
            "GB/T 39046-2020 A.8; stars are converted as 6 less stars",
        ),
        field(
            3,
            "eval_time",
            "评价时间",
            "time of evaluation",
            DateTime,
            Always,
            "GB/T 39046-2020 T9",
        ),
        field(
            4,
            "round",
            "第几次评价",
            "round",
            Int(1, 99),
            Always,
            "GB/T 39046-2020 T9 n..2",
        ),
        field(
            5,
            "text",
            "文字评价",
            "text",
            Text(2000),
            Optional,
            "GB/T 39046-2020 T9",
        )
        .personal(),
        field(
            6,
            "evaluator",
            "评价人",
            "evaluator",
            Text(30),
            Optional,
            "GB/T 39046-2020 T9",
        )
        .personal(),
        field(
            7,
            "hall_code",
            "大厅编码",
            "hall code",
            Text(32),
            Optional,
            "public evaluation payload",
        ),
        field(
            8,
            "window_code",
            "窗口编码",
            "counter code",
            Text(32),
            Optional,
            "public evaluation payload",
        ),
        field(
            9,
            "person_code",
            "工作人员编码",
            "official's code",
            Text(32),
            Optional,
            "public evaluation payload",
        ),
        field(
            10,
            "rectify_state",
            "整改状态",
            "state of rectification",
            Code(&codeset::RECTIFY_STATE),
            Optional,
            "proposal",
        ),
        field(
            11,
            "rectify_time",
            "整改时间",
            "time of rectification",
            DateTime,
            When(Is("score", &["4", "5"])),
            "proposal; GB/T 39734-2020 9.3",
        ),
    ],
};
