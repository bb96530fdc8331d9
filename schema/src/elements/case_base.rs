//! Element 3: 审批基本信息, the case base.

use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Kind::{Code, DateTime, Region, Text};
use crate::field::Need::{Always, Optional};
use crate::field::field;

/// The spec of 审批基本信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::CaseBase,
    number: 3,
    name: "case_base",
    node: "CaseBase",
    zh: "审批基本信息",
    en: "case base",
    cardinality: Cardinality::One,
    due: Due::Accepted,
    ground: "GB/T 39046-2020 T5 rows 1-5, 16-19; Guangdong SB; Shandong BASICINFO",
    fields: &[
        field(
            1,
            "case_type",
            "办件类型代码",
            "case type",
            Code(&codeset::CASE_TYPE),
            Always,
            "GB/T 39046-2020 A.6; Shandong 3, 4",
        ),
        field(
            2,
            "project_name",
            "申办项目名称",
            "project name",
            Text(200),
            Always,
            "Guangdong SBXMMC, Shandong PROJECTNAME",
        ),
        field(
            3,
            "invest_code",
            "投资项目编号",
            "investment project code",
            Text(24),
            Optional,
            "GB/T 39046-2020 T5",
        ),
        field(
            4,
            "apply_time",
            "申请时间",
            "time of application",
            DateTime,
            Always,
            "GB/T 39046-2020 T5",
        ),
        field(
            5,
            "source_form",
            "申报来源（办理形式）",
            "form of application",
            Code(&codeset::FORM),
            Always,
            "GB/T 39046-2020 A.5",
        ),
        field(
            6,
            "receipt_no",
            "申办回执号",
            "application receipt number",
            Text(50),
            Optional,
            "Guangdong SBHZH",
        ),
        field(
            7,
            "region",
            "行政区划",
            "division code",
            Region,
            Always,
            "GB/T 39046-2020 T5",
        ),
        field(
            8,
            "prev_case_id",
            "原办件编号",
            "earlier case number",
            Text(50),
            Optional,
            "Guangdong YSBLSH",
        ),
        field(
            9,
            "query_pwd_hash",
            "查询密码",
            "hash of the query password",
            Text(128),
            Optional,
            "Guangdong YWCXMM, Shandong PROJPWD; never stored in clear",
        )
        .secret(),
    ],
};
