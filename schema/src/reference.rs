//! The reference pages, generated: `docs/ELEMENTS.md` (elements, fields, code sets, native format) and
//! `docs/CODES.md` (finding codes), Chinese and English side by side. It refuses to hold a fact of its
//! own: every line comes from a spec.

use crate::code::Code;
use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::{Cond, FieldSpec, Kind, Need};
use crate::xml::native::{self, HEAD_FIELDS, field_nodes};
use std::fmt::Write;

/// First lines of a generated page.
const GENERATED: &str = "<!-- Generated from the specs in schema/src by \
    `UPDATE_GENERATED=1 cargo test -p tongcha-schema --test generated`; do not edit. -->\n";

/// When a field is required, in Chinese and English words.
pub fn need_words(spec: &ElementSpec, field: &FieldSpec) -> (String, String) {
    let names = |name: &'static str| {
        let found = spec.fields.iter().find(|f| f.name == name);
        found.map_or((name, name), |f| (f.zh, f.en))
    };
    match field.need {
        Need::Always => ("必填".to_owned(), "required".to_owned()),
        Need::Optional => ("可选".to_owned(), "optional".to_owned()),
        Need::When(Cond::Is(name, codes)) => {
            let (zh, en) = names(name);
            (
                format!("{zh}为{}时必填", codes.join("、")),
                format!("required when {en} is {}", codes.join(" or ")),
            )
        }
        Need::When(Cond::IsNot(name, codes)) => {
            let (zh, en) = names(name);
            (
                format!("{zh}不为{}时必填", codes.join("、")),
                format!("required when {en} is not {}", codes.join(" or ")),
            )
        }
        Need::When(Cond::Positive(name)) => {
            let (zh, en) = names(name);
            (
                format!("{zh}大于0时必填"),
                format!("required when {en} is over 0"),
            )
        }
        Need::When(Cond::AnyOf(group)) => {
            let (zh, en): (Vec<&str>, Vec<&str>) = group.iter().map(|n| names(n)).unzip();
            (
                format!("{}须同时填写或都不填", zh.join("、")),
                format!("all or none of {}", en.join(", ")),
            )
        }
    }
}

/// The type of a field, in Chinese and English words.
pub fn kind_words(kind: Kind) -> (String, String) {
    let both = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    match kind {
        Kind::Text(n) => (
            format!("文本，最多{n}个字符"),
            format!("text of up to {n} characters"),
        ),
        Kind::Code(set) => (
            format!("代码，见[{}](#{1})", set.zh, set.name),
            format!("code of [{0}](#{0})", set.name),
        ),
        Kind::Exact(n) => (
            format!("代码，{n}个字符"),
            format!("code of {n} characters"),
        ),
        Kind::DateTime => both("时间，精确到秒，带时区", "instant with seconds and zone"),
        Kind::Date => both("日期", "day"),
        Kind::DateOrForever => both("日期或“长期”", "day, or 长期 for no end"),
        Kind::Int(low, high) => (
            format!("整数，{low}至{high}"),
            format!("whole number, {low} to {high}"),
        ),
        Kind::Money => both("金额，元，最多两位小数", "yuan, at most two decimals"),
        Kind::Flag => both("0否 1是", "0 no, 1 yes"),
        Kind::Region => both(
            "区划代码，6、9或12位数字",
            "division code of 6, 9 or 12 digits",
        ),
        Kind::Uscc => both(
            "统一社会信用代码，18位",
            "social credit code of 18 characters",
        ),
        Kind::LegacyOrg => both("组织机构代码，9位", "organisation code of 9 characters"),
        Kind::IdNo(n, of) => (
            format!("证件号码，最多{n}位，按`{of}`校验"),
            format!("identity number of up to {n} characters, checked by `{of}`"),
        ),
        Kind::Hex(n) => (
            format!("{n}位十六进制数字"),
            format!("{n} hexadecimal digits"),
        ),
    }
}

fn cardinality_words(cardinality: Cardinality) -> (&'static str, &'static str) {
    match cardinality {
        Cardinality::One => ("一条", "one"),
        Cardinality::OneOrMore => ("一条或多条", "one or more"),
        Cardinality::ZeroOrMore => (
            "零条或多条（没有时可声明）",
            "none or more (none may be declared)",
        ),
    }
}

fn due_words(due: Due) -> (&'static str, &'static str) {
    match due {
        Due::Accepted => ("受理起", "from acceptance on"),
        Due::EachStep => (
            "每一环节，办结前至少一条",
            "with each step, one by conclusion",
        ),
        Due::WhenItHappens => ("发生时", "when it happens"),
        Due::Concluded => ("办结时", "at conclusion"),
        Due::Delivered => (
            "准予决定后10个工作日内",
            "within 10 working days after a positive conclusion",
        ),
        Due::Never => ("不限", "never blocks"),
    }
}

/// One line of a table; a bar within a cell is escaped.
fn row(out: &mut String, cells: &[&str]) {
    for cell in cells {
        let _ = write!(out, "| {} ", cell.replace('|', "\\|").replace('\n', " "));
    }
    out.push_str("|\n");
}

fn table(out: &mut String, heads: &[&str]) {
    row(out, heads);
    row(out, &vec!["---"; heads.len()]);
}

/// `docs/ELEMENTS.md`.
pub fn elements() -> String {
    let mut out = String::from(GENERATED);
    out.push_str("# 14个要素 / The 14 elements\n\n");
    table(
        &mut out,
        &[
            "#",
            "要素 / Element",
            "XML",
            "条数 / Records",
            "应报时点 / Due",
            "依据 / Ground",
        ],
    );
    for element in ElementId::ALL {
        let spec = element.spec();
        let (count_zh, count_en) = cardinality_words(spec.cardinality);
        let (due_zh, due_en) = due_words(spec.due);
        row(
            &mut out,
            &[
                &spec.number.to_string(),
                &format!("[{} `{}`](#{1})<br>{}", spec.zh, spec.name, spec.en),
                &format!("`{}`", spec.node),
                &format!("{count_zh}<br>{count_en}"),
                &format!("{due_zh}<br>{due_en}"),
                spec.ground,
            ],
        );
    }
    for element in ElementId::ALL {
        element_page(&mut out, element.spec());
    }
    native_page(&mut out);
    out.push_str("\n## 代码集 / Code sets\n");
    for set in codeset::ALL {
        let _ = write!(
            out,
            "\n### <a id=\"{0}\"></a>{1} `{0}`\n\n依据 / Ground: {2}\n\n",
            set.name, set.zh, set.ground
        );
        table(&mut out, &["代码 / Code", "含义", "Meaning"]);
        for (code, zh, en) in set.codes {
            row(&mut out, &[&format!("`{code}`"), zh, en]);
        }
    }
    out
}

fn element_page(out: &mut String, spec: &ElementSpec) {
    let _ = write!(
        out,
        "\n## <a id=\"{}\"></a>{} {} / {}\n\n表 / Table `{}`，视图 / view `{0}`\n\n",
        spec.name,
        spec.number,
        spec.zh,
        spec.en,
        spec.table()
    );
    table(
        out,
        &[
            "字段 / Field",
            "XML",
            "名称 / Name",
            "类型 / Type",
            "要求 / Need",
            "依据 / Ground",
        ],
    );
    for (field, node) in spec.fields.iter().zip(field_nodes(spec.id)) {
        let (kind_zh, kind_en) = kind_words(field.kind);
        let (need_zh, need_en) = need_words(spec, field);
        let personal = if field.personal {
            "<br>个人信息 / personal"
        } else {
            ""
        };
        row(
            out,
            &[
                &format!("`{}`", field.name),
                &format!("`{node}`"),
                &format!("{}<br>{}{personal}", field.zh, field.en),
                &format!("{kind_zh}<br>{kind_en}"),
                &format!("{need_zh}<br>{need_en}"),
                field.ground,
            ],
        );
    }
}

fn native_page(out: &mut String) {
    let _ = write!(
        out,
        "\n## 报文格式 / The native format\n\n`{}@version=\"{}\"` > `{}` + `{}` > `{}` > 要素 / elements。\
         模式 / schema: [tongcha.xsd](tongcha.xsd)，`tongcha schema xsd`；样例 / sample: `tongcha schema \
         sample`.\n\n{STRICTER}\n### {2}\n\n",
        native::PACKAGE,
        native::VERSION,
        native::HEAD,
        native::BODY,
        native::CASE
    );
    table(
        out,
        &["XML", "名称 / Name", "最多字符 / Characters", "要求 / Need"],
    );
    for field in HEAD_FIELDS {
        let need = if field.required {
            "必填 / required"
        } else {
            "可选 / optional"
        };
        row(
            out,
            &[
                &format!("`{}`", field.node),
                &format!("{}<br>{}", field.zh, field.en),
                &field.chars.to_string(),
                need,
            ],
        );
    }
    out.push_str("\n### 属性 / Attributes\n\n");
    table(out, &["属性 / Attribute", "节点 / Node", "含义", "Meaning"]);
    for (name, node, zh, en) in ATTRIBUTES {
        row(out, &[&format!("`{name}`"), node, zh, en]);
    }
}

/// How the schema and the reader differ.
const STRICTER: &str = "\
    模式描述规范写法，比读取程序严格：Case内要素按编号顺序排列，同一记录在一个Case中只出现一次（另一版本写在另一个\
    Case节点中），可多条的要素必须写seq，时间必须带时区。不属于任何办件的机构目录、事项目录写在Catalog中。读取程序接受任意顺序和[多种时间写法](CODES.md#X407)。字段之间的\
    条件、校验位和记录数由检查程序判断。一个办件的事件可分多次、不按次序报送。\n\n\
    The schema describes the canonical document and is stricter than the reader: in a Case the elements \
    stand in the order of their numbers, a record occurs once (another version goes into another Case \
    node), elements that may occur more than once have a seq, times carry their zone. The reader takes \
    any order and more layouts of times. Organs and items outside any case stand in a Catalog. Conditions between fields, check digits and counts are left \
    to the check. The events of a case may be sent one at a time and out of order.\n";

/// The attributes of cases and records: name, node, meaning.
const ATTRIBUTES: [(&str, &str, &str, &str); 11] = [
    (
        "caseId",
        "Case",
        "办件编号，必填，最多50个字符",
        "case number, required, at most 50 characters",
    ),
    (
        "orgBusNo",
        "Case",
        "原系统业务流水号，最多64个字符",
        "the source's own business number, at most 64 characters",
    ),
    (
        "op",
        "Case, 要素 / element",
        "I新增 U更新 D删除；要素未写时取Case的，两处至少写一处",
        "I add, U update, D delete; an element without one takes the case's, one of the two must be there",
    ),
    (
        "dataVer",
        "Case, 要素 / element",
        "数据版本号，从1起，每次重报加1；来源不编版本时写arrival；要素未写时取Case的，两处至少写一处",
        "data version from 1, one more with each further report; arrival where the source numbers none; an element without one takes the case's, one of the two must be there",
    ),
    (
        "source",
        "Case",
        "来源节点，仅由下级中心转报时填写",
        "originating node, only where a lower hub forwards",
    ),
    (
        "space",
        "Case",
        "编号空间，仅由下级中心转报时填写",
        "numbering space, only where a lower hub forwards",
    ),
    (
        "seq",
        "要素 / element",
        "同一办件同一要素内的序号，从1起，一条记录的各版本相同；未写时按其在Case中的次序",
        "number of the record in its case and element, from 1, the same in every version; without one its position in the Case counts",
    ),
    (
        "none",
        "要素 / element",
        "true：声明该要素没有记录",
        "true declares that there is no record of the element",
    ),
    (
        "reason",
        "要素 / element",
        "声明没有的原因，见[无此要素的原因代码](#none_reason)",
        "reason of the declared none, see [none_reason](#none_reason)",
    ),
    (
        "rawDigest",
        "要素 / element",
        "原始报文的SHA-256，仅由下级中心转报时填写",
        "SHA-256 of the raw bytes, only where a lower hub forwards",
    ),
    (
        "version",
        "Package",
        "报文格式版本",
        "version of the format",
    ),
];

/// `docs/CODES.md`.
pub fn codes() -> String {
    let mut out = String::from(GENERATED);
    out.push_str(
        "# 问题代码 / Finding codes\n\n\
         代码永久不变 / The codes are stable for ever. `error`：该记录被拒绝（X2xx：整个文件；X1xx：整个信封）/ \
         rejects the record (X2xx the document, X1xx the envelope)；`warn`：入库并标注 / stores and marks it；\
         `fault`：属于办件，不阻断 / belongs to the case and blocks nothing.\n",
    );
    let hundreds = [
        (1, "传输 / Transport"),
        (2, "XML与编码 / XML and encoding"),
        (3, "要素 / Elements"),
        (4, "字段 / Fields"),
        (5, "逻辑 / Logic"),
    ];
    for (hundred, title) in hundreds {
        let _ = write!(out, "\n## X{hundred}xx {title}\n\n");
        table(
            &mut out,
            &[
                "代码 / Code",
                "级别 / Severity",
                "名称 / Title",
                "原因 / Cause",
                "处理 / Next step",
            ],
        );
        for code in Code::all().filter(|c| c.number() / 100 == hundred) {
            let spec = code.spec();
            row(
                &mut out,
                &[
                    &format!("<a id=\"{code}\"></a>`{code}`"),
                    spec.severity.name(),
                    &format!("{}<br>{}", spec.title.0, spec.title.1),
                    &format!("{}<br>{}", spec.cause_zh, spec.cause_en),
                    &format!("{}<br>{}", spec.hint_zh, spec.hint_en),
                ],
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_field_set_and_code_is_on_its_page() {
        let page = elements();
        for element in ElementId::ALL {
            let spec = element.spec();
            assert!(page.contains(&format!("<a id=\"{}\"></a>{} ", spec.name, spec.number)));
            for field in spec.fields {
                let line = format!("| `{}` | `{}` | {}<br>", field.name, field.node(), field.zh);
                assert!(page.contains(&line), "{line}");
            }
        }
        for set in codeset::ALL {
            assert!(page.contains(&format!("<a id=\"{}\"></a>", set.name)));
        }
        let page = codes();
        for code in Code::all() {
            assert!(page.contains(&format!("<a id=\"{code}\"></a>")), "{code}");
        }
    }

    #[test]
    fn no_link_leads_nowhere() {
        let page = elements();
        for target in page
            .split("](#")
            .skip(1)
            .filter_map(|p| p.split(')').next())
        {
            assert!(page.contains(&format!("<a id=\"{target}\">")), "{target}");
        }
    }

    #[test]
    fn a_code_set_in_use_is_in_the_list_of_all() {
        for field in ElementId::ALL.iter().flat_map(|e| e.spec().fields) {
            if let Kind::Code(set) = field.kind {
                assert!(
                    codeset::ALL.iter().any(|s| s.name == set.name),
                    "{}",
                    set.name
                );
            }
        }
    }
}
