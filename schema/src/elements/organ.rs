//! Element 1: 机构信息, the organ.

use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Kind::{Code, LegacyOrg, Region, Text, Uscc};
use crate::field::Need::{Always, Optional};
use crate::field::field;

/// The spec of 机构信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Organ,
    number: 1,
    name: "organ",
    node: "Organ",
    zh: "机构信息",
    en: "organ",
    cardinality: Cardinality::One,
    due: Due::Accepted,
    ground: "GB/T 39046-2020 T4 rows 11-14, T6 rows 5-6; Guangdong 3.1.1; Shandong ACCEPTDEPT*",
    fields: &[
        field(
            1,
            "org_code",
            "统一社会信用代码",
            "unified social credit code",
            Uscc,
            Always,
            "GB/T 39046-2020 T4; GB 32100",
        ),
        field(
            2,
            "legacy_org_code",
            "组织机构代码",
            "organisation code (legacy)",
            LegacyOrg,
            Optional,
            "Guangdong; GB 11714",
        ),
        field(
            3,
            "org_name",
            "机构名称",
            "organ name",
            Text(100),
            Always,
            "GB/T 39046-2020 T4; GB/T 19488.2",
        ),
        field(
            4,
            "org_nature",
            "实施主体性质",
            "nature of the organ",
            Code(&codeset::ORGAN_NATURE),
            Always,
            "GB/T 39046-2020 A.3",
        ),
        field(
            5,
            "org_level",
            "行政层级",
            "administrative level",
            Code(&codeset::LEVEL),
            Always,
            "GB/T 39046-2020 A.2",
        ),
        field(
            6,
            "region",
            "行政区划代码",
            "division code",
            Region,
            Always,
            "GB/T 39046-2020 n..9; GB/T 2260, GB/T 10114",
        ),
        field(
            7,
            "parent_org_code",
            "上级机构代码",
            "superior organ",
            Uscc,
            Optional,
            "proposal",
        ),
        field(
            8,
            "window_code",
            "窗口编码",
            "counter code",
            Text(32),
            Optional,
            "Guangdong BJCKBM",
        ),
        field(
            9,
            "window_name",
            "窗口名称",
            "counter name",
            Text(100),
            Optional,
            "Guangdong BJCKMC",
        ),
        field(
            10,
            "supervise_phone",
            "监督电话",
            "supervision phone",
            Text(18),
            Optional,
            "GB/T 39046-2020 T4",
        ),
    ],
};
