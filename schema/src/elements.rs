//! The 14 elements, one file each; this is their list, and where an element finds its spec.

use crate::element::{ElementId, ElementSpec};

mod acceptance;
mod applicant;
mod case_base;
mod conclusion;
mod correction;
mod delivery;
mod evaluation;
mod fee;
mod item;
mod material;
mod organ;
mod process;
mod result_doc;
mod special;

/// The specs in order of number.
pub static SPECS: [&ElementSpec; 14] = [
    &organ::SPEC,
    &item::SPEC,
    &case_base::SPEC,
    &applicant::SPEC,
    &material::SPEC,
    &acceptance::SPEC,
    &process::SPEC,
    &correction::SPEC,
    &special::SPEC,
    &fee::SPEC,
    &conclusion::SPEC,
    &result_doc::SPEC,
    &delivery::SPEC,
    &evaluation::SPEC,
];

impl ElementId {
    /// The element's spec.
    pub fn spec(self) -> &'static ElementSpec {
        SPECS[self.index()]
    }
}

#[cfg(test)]
mod tests {
    use crate::code::Code;
    use crate::codeset;
    use crate::element::ElementId;
    use crate::field::Kind;
    use std::collections::BTreeSet;

    /// Fields of each element, in order of number.
    const FIELDS: [usize; 14] = [10, 14, 9, 11, 12, 12, 18, 9, 11, 18, 11, 9, 8, 11];

    #[test]
    fn each_spec_stands_at_its_number_with_all_its_fields() {
        for (id, count) in ElementId::ALL.into_iter().zip(FIELDS) {
            let spec = id.spec();
            assert_eq!((spec.id, usize::from(spec.number)), (id, id.index() + 1));
            assert_eq!(spec.fields.len(), count, "{id}");
            assert_eq!(ElementId::parse(spec.name), Some(id));
            assert_eq!(ElementId::parse(spec.node), Some(id));
            assert!(!spec.ground.is_empty());
            let names: BTreeSet<_> = spec.fields.iter().map(|f| f.name).collect();
            let titles: BTreeSet<_> = spec.fields.iter().map(|f| f.zh).collect();
            assert_eq!((names.len(), titles.len()), (count, count), "{id}");
            for field in spec.fields {
                assert!(
                    !field.en.is_empty() && !field.ground.is_empty(),
                    "{}",
                    field.name
                );
                let plain = |b: u8| b.is_ascii_lowercase() || b == b'_';
                assert!(field.name.bytes().all(plain), "{}", field.name);
            }
        }
    }

    #[test]
    fn personal_fields_are_these() {
        let personal: Vec<String> = ElementId::ALL
            .into_iter()
            .flat_map(|id| id.spec().fields.iter().map(move |f| (id, f)))
            .filter(|(_, f)| f.personal)
            .map(|(id, f)| format!("{id}.{}", f.name))
            .collect();
        assert_eq!(
            personal,
            [
                "applicant.name",
                "applicant.id_no",
                "applicant.legal_person",
                "applicant.contact_name",
                "applicant.contact_id_no",
                "applicant.mobile",
                "applicant.address",
                "fee.payer",
                "result_doc.holder",
                "delivery.receiver",
                "delivery.receiver_id_no",
                "evaluation.text",
                "evaluation.evaluator",
            ]
        );
    }

    #[test]
    fn code_sets_are_used_and_their_codes_are_unique_and_equally_long() {
        let used: BTreeSet<&str> = ElementId::ALL
            .into_iter()
            .flat_map(|id| id.spec().fields)
            .filter_map(|f| match f.kind {
                Kind::Code(set) => Some(set.name),
                _ => None,
            })
            .chain(["none_reason"])
            .collect();
        let listed: BTreeSet<&str> = codeset::ALL.iter().map(|s| s.name).collect();
        assert_eq!(used, listed);
        assert_eq!(listed.len(), codeset::ALL.len());
        for set in codeset::ALL {
            let codes: BTreeSet<_> = set.codes.iter().map(|(c, _, _)| *c).collect();
            let lengths: BTreeSet<_> = codes.iter().map(|c| c.len()).collect();
            assert_eq!(
                (codes.len(), lengths.len()),
                (set.codes.len(), 1),
                "{}",
                set.name
            );
            assert!(set.codes.iter().all(|(c, _, _)| set.meaning(c).is_some()));
            assert!(!set.has(""));
        }
    }

    #[test]
    fn finding_codes_rise_and_have_texts() {
        let numbers: Vec<u16> = Code::all().map(Code::number).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        for code in Code::all() {
            let s = code.spec();
            let texts = [
                s.title.0, s.title.1, s.cause_zh, s.cause_en, s.hint_zh, s.hint_en,
            ];
            assert!(texts.iter().all(|t| !t.is_empty()), "{code}");
            assert_eq!(Code::parse(&code.to_string()), Some(code));
        }
    }
}
