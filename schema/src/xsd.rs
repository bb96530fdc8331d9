//! The XML Schema of the native format, generated from the specs. It refuses to know a field by name.
//!
//! It describes the canonical document and is stricter than the reader where that helps who writes
//! one: in a `Case` the elements stand in the order of their numbers and each record occurs once
//! (another version of a record goes into another `Case` node; the reader takes any order); `seq` is
//! required of elements that may occur more than once; times carry their offset. Fields may stand in any
//! order. What a schema of version 1.0 cannot say is left to the check: conditions between fields, check
//! digits, a declared none with fields, `op` and `dataVer` of either the case or the record, counts.

use crate::codeset::{CodeSet, NONE_REASON};
use crate::element::{Cardinality, ElementId, ElementSpec};
use crate::field::{FieldSpec, Kind};
use crate::reference::need_words;
use crate::xml::native::{self, HEAD_FIELDS, RECORD_COUNT, SEND_TIME, SENDER_ORG, field_nodes};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The schema as a document.
pub fn xsd() -> String {
    let mut types = BTreeMap::new();
    let mut out = String::new();
    head_type(&mut out, &mut types);
    for element in ElementId::ALL {
        element_type(&mut out, element.spec(), &mut types);
    }
    case_type(&mut out, &mut types);
    let mut all = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!-- Generated from the element specs by tongcha-schema (schema/src/xsd.rs); do not edit.\n     \
         由要素规范生成，请勿手工修改。 -->\n\
         <xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" version=\"1.0\">\n",
    );
    package(&mut all);
    for (name, body) in &types {
        let _ = write!(
            all,
            "  <xs:simpleType name=\"{name}\">\n{body}  </xs:simpleType>\n"
        );
    }
    all.push_str(&out);
    all.push_str("</xs:schema>\n");
    all
}

/// Named simple types in order of name: the content of each.
type Types = BTreeMap<String, String>;

fn package(out: &mut String) {
    let _ = write!(
        out,
        "  <xs:element name=\"{0}\">\n    <xs:complexType>\n      <xs:sequence>\n        \
         <xs:element name=\"{1}\" type=\"{1}\"/>\n        \
         <xs:element name=\"{2}\">\n          <xs:complexType>\n            \
         <xs:choice maxOccurs=\"unbounded\">\n              \
         <xs:element name=\"{4}\" type=\"{4}\"/>\n              \
         <xs:element name=\"{3}\" type=\"{3}\">\n",
        native::PACKAGE,
        native::HEAD,
        native::BODY,
        native::CASE,
        native::CATALOG
    );
    for element in ElementId::ALL {
        let node = element.spec().node;
        let _ = writeln!(
            out,
            "                <xs:unique name=\"One{node}\"><xs:selector xpath=\"{node}\"/>\
             <xs:field xpath=\"@seq\"/></xs:unique>"
        );
    }
    let _ = write!(
        out,
        "              </xs:element>\n            </xs:choice>\n          </xs:complexType>\n        \
         </xs:element>\n      </xs:sequence>\n      \
         <xs:attribute name=\"version\" type=\"xs:token\" use=\"required\" fixed=\"{}\"/>\n    \
         </xs:complexType>\n  </xs:element>\n",
        native::VERSION
    );
}

fn head_type(out: &mut String, types: &mut Types) {
    let _ = write!(
        out,
        "  <xs:complexType name=\"{}\">\n    <xs:all>\n",
        native::HEAD
    );
    for (index, field) in HEAD_FIELDS.iter().enumerate() {
        let kind = match index {
            SENDER_ORG => {
                let members = [type_of(Kind::Uscc, types), type_of(Kind::LegacyOrg, types)];
                let union = format!("    <xs:union memberTypes=\"{}\"/>\n", members.join(" "));
                types.insert("senderOrg".to_owned(), union);
                "senderOrg".to_owned()
            }
            SEND_TIME => type_of(Kind::DateTime, types),
            RECORD_COUNT => "xs:nonNegativeInteger".to_owned(),
            _ => text_type(field.chars, types),
        };
        let min = if field.required {
            ""
        } else {
            " minOccurs=\"0\""
        };
        let _ = writeln!(
            out,
            "      <xs:element name=\"{}\" type=\"{kind}\"{min}>{}</xs:element>",
            field.node,
            annotation(field.zh, field.en)
        );
    }
    out.push_str("    </xs:all>\n  </xs:complexType>\n");
}

fn element_type(out: &mut String, spec: &ElementSpec, types: &mut Types) {
    // Empty where it deletes or declares none; else with every field that is always required.
    let _ = write!(
        out,
        "  <xs:complexType name=\"{}\">\n    {}\n    <xs:all minOccurs=\"0\">\n",
        spec.node,
        annotation(
            &format!("要素{} {}", spec.number, spec.zh),
            &format!("element {}, {}", spec.number, spec.en)
        )
    );
    for (field, node) in spec.fields.iter().zip(field_nodes(spec.id)) {
        let (need_zh, need_en) = need_words(spec, field);
        let min = if field.is_required() {
            ""
        } else {
            " minOccurs=\"0\""
        };
        let _ = writeln!(
            out,
            "      <xs:element name=\"{node}\" type=\"{}\"{min}>{}</xs:element>",
            field_type(field, types),
            annotation(
                &format!("{}（{need_zh}）", field.zh),
                &format!("{} ({need_en})", field.en)
            )
        );
    }
    out.push_str("    </xs:all>\n");
    let many = spec.cardinality != Cardinality::One;
    let seq = if many {
        "type=\"number\" use=\"required\""
    } else if spec.id.stands_alone() {
        "type=\"number\""
    } else {
        "type=\"number\" fixed=\"1\""
    };
    let _ = writeln!(out, "    <xs:attribute name=\"seq\" {seq}/>");
    out.push_str(
        "    <xs:attribute name=\"dataVer\" type=\"dataVer\"/>\n    \
         <xs:attribute name=\"op\" type=\"op\"/>\n",
    );
    if spec.cardinality == Cardinality::ZeroOrMore {
        let reason = code_type(&NONE_REASON, types);
        let _ = write!(
            out,
            "    <xs:attribute name=\"none\" type=\"xs:boolean\"/>\n    \
             <xs:attribute name=\"reason\" type=\"{reason}\"/>\n"
        );
    }
    let digest = type_of(Kind::Hex(64), types);
    let _ = write!(
        out,
        "    <xs:attribute name=\"rawDigest\" type=\"{digest}\"/>\n  </xs:complexType>\n"
    );
}

fn case_type(out: &mut String, types: &mut Types) {
    let restrict = |base: &str, facets: &str| {
        format!("    <xs:restriction base=\"{base}\">{facets}</xs:restriction>\n")
    };
    let ops = "<xs:enumeration value=\"I\"/><xs:enumeration value=\"U\"/>\
        <xs:enumeration value=\"D\"/>";
    types.insert("op".to_owned(), restrict("xs:token", ops));
    let number = "<xs:maxInclusive value=\"9223372036854775807\"/>";
    types.insert("number".to_owned(), restrict("xs:positiveInteger", number));
    let arrival = format!("<xs:enumeration value=\"{}\"/>", native::ARRIVAL);
    types.insert("arrival".to_owned(), restrict("xs:token", &arrival));
    let union = "    <xs:union memberTypes=\"number arrival\"/>\n";
    types.insert("dataVer".to_owned(), union.to_owned());
    let case_no = text_type(crate::check::CASE_NO_CHARS, types);
    let business_no = text_type(crate::check::BUSINESS_NO_CHARS, types);
    let _ = write!(
        out,
        "  <xs:complexType name=\"{}\">\n    <xs:sequence>\n",
        native::CASE
    );
    for element in ElementId::ALL {
        let spec = element.spec();
        let max = match spec.cardinality {
            Cardinality::One => "",
            _ => " maxOccurs=\"unbounded\"",
        };
        let _ = writeln!(
            out,
            "      <xs:element name=\"{0}\" type=\"{0}\" minOccurs=\"0\"{max}/>",
            spec.node
        );
    }
    let _ = write!(
        out,
        "    </xs:sequence>\n    \
         <xs:attribute name=\"caseId\" type=\"{case_no}\" use=\"required\"/>\n    \
         <xs:attribute name=\"orgBusNo\" type=\"{business_no}\"/>\n    \
         <xs:attribute name=\"op\" type=\"op\"/>\n    \
         <xs:attribute name=\"dataVer\" type=\"dataVer\"/>\n    \
         <xs:attribute name=\"source\" type=\"xs:token\"/>\n    \
         <xs:attribute name=\"space\" type=\"xs:token\"/>\n  </xs:complexType>\n"
    );
    catalog_type(out);
}

fn catalog_type(out: &mut String) {
    let _ = write!(
        out,
        "  <xs:complexType name=\"{}\">\n    <xs:choice maxOccurs=\"unbounded\">\n",
        native::CATALOG
    );
    for element in ElementId::ALL.into_iter().filter(|e| e.stands_alone()) {
        let node = element.spec().node;
        let _ = writeln!(out, "      <xs:element name=\"{node}\" type=\"{node}\"/>");
    }
    out.push_str(
        "    </xs:choice>\n    \
         <xs:attribute name=\"orgBusNo\" type=\"xs:token\"/>\n    \
         <xs:attribute name=\"op\" type=\"op\"/>\n    \
         <xs:attribute name=\"dataVer\" type=\"dataVer\"/>\n    \
         <xs:attribute name=\"source\" type=\"xs:token\"/>\n    \
         <xs:attribute name=\"space\" type=\"xs:token\"/>\n  </xs:complexType>\n",
    );
}

fn annotation(zh: &str, en: &str) -> String {
    format!(
        "<xs:annotation><xs:documentation xml:lang=\"zh\">{}</xs:documentation>\
         <xs:documentation xml:lang=\"en\">{}</xs:documentation></xs:annotation>",
        escaped(zh),
        escaped(en)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn field_type(field: &FieldSpec, types: &mut Types) -> String {
    type_of(field.kind, types)
}

/// The name of the type of a kind; its content goes to `types`.
fn type_of(kind: Kind, types: &mut Types) -> String {
    let restrict = |base: &str, facets: &str| {
        format!("    <xs:restriction base=\"{base}\">{facets}</xs:restriction>\n")
    };
    let pattern = |p: &str| restrict("xs:token", &format!("<xs:pattern value=\"{p}\"/>"));
    let (name, body) = match kind {
        Kind::Text(limit) => return text_type(usize::from(limit), types),
        Kind::Code(set) => return code_type(set, types),
        Kind::Exact(n) => (
            format!("exact.{n}"),
            restrict("xs:token", &format!("<xs:length value=\"{n}\"/>")),
        ),
        Kind::DateTime => {
            let clock = "[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?";
            let p =
                format!("[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{clock}([+\\-][0-9]{{2}}:[0-9]{{2}}|Z)");
            (
                "stamp".to_owned(),
                restrict("xs:dateTime", &format!("<xs:pattern value=\"{p}\"/>")),
            )
        }
        Kind::Date => {
            let p = "<xs:pattern value=\"[0-9]{4}-[0-9]{2}-[0-9]{2}\"/>";
            ("day".to_owned(), restrict("xs:date", p))
        }
        Kind::DateOrForever => {
            type_of(Kind::Date, types);
            let forever = format!("<xs:enumeration value=\"{}\"/>", crate::check::FOREVER);
            types.insert("forever".to_owned(), restrict("xs:token", &forever));
            (
                "dayOrForever".to_owned(),
                "    <xs:union memberTypes=\"day forever\"/>\n".to_owned(),
            )
        }
        Kind::Int(low, high) => (
            format!("int.{low}.{high}").replace('-', "m"),
            restrict(
                "xs:integer",
                &format!("<xs:minInclusive value=\"{low}\"/><xs:maxInclusive value=\"{high}\"/>"),
            ),
        ),
        Kind::Money => ("money".to_owned(), pattern("-?[0-9]{1,14}(\\.[0-9]{1,2})?")),
        Kind::Flag => ("flag".to_owned(), pattern("[01]")),
        Kind::Region => ("region".to_owned(), pattern("[0-9]{6}|[0-9]{9}|[0-9]{12}")),
        Kind::Uscc => ("uscc".to_owned(), pattern("[0-9A-HJ-NP-RT-UW-Y]{18}")),
        Kind::LegacyOrg => ("legacyOrg".to_owned(), pattern("[0-9A-Z]{8}[0-9X]")),
        Kind::IdNo(limit, _) => (
            format!("idNo.{limit}"),
            restrict(
                "xs:token",
                &format!("<xs:minLength value=\"1\"/><xs:maxLength value=\"{limit}\"/>"),
            ),
        ),
        Kind::Hex(n) => (format!("hex.{n}"), pattern(&format!("[0-9A-Fa-f]{{{n}}}"))),
    };
    types.insert(name.clone(), body);
    name
}

/// A text of 1 to `limit` characters that is not blank.
fn text_type(limit: usize, types: &mut Types) -> String {
    let name = format!("text.{limit}");
    types.insert(
        name.clone(),
        format!(
            "    <xs:restriction base=\"xs:string\"><xs:maxLength value=\"{limit}\"/>\
             <xs:pattern value=\"[\\s\\S]*\\S[\\s\\S]*\"/></xs:restriction>\n"
        ),
    );
    name
}

fn code_type(set: &CodeSet, types: &mut Types) -> String {
    let name = format!("code.{}", set.name);
    let mut body = format!(
        "    {}\n    <xs:restriction base=\"xs:token\">\n",
        annotation(set.zh, set.ground)
    );
    for (code, zh, en) in set.codes {
        let _ = writeln!(
            body,
            "      <xs:enumeration value=\"{code}\">{}</xs:enumeration>",
            annotation(zh, en)
        );
    }
    body.push_str("    </xs:restriction>\n");
    types.insert(name.clone(), body);
    name
}
