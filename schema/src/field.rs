//! The spec of a field: its type, when it is required, whether it is personal. Refuses to parse a
//! text (`value.rs`, `stamp.rs`, `money.rs`, ...) and to judge a record (`check.rs`).

use crate::codeset::CodeSet;

/// One field of an element.
#[derive(Debug)]
pub struct FieldSpec {
    /// Its number within the element, given once and never to another field: what is stored and sent names
    /// fields by it, so that a new field changes none of the old bytes.
    pub number: u16,
    /// Column and JSON name (`snake_case`).
    pub name: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// Type, with its length or range.
    pub kind: Kind,
    /// When it is required.
    pub need: Need,
    /// Personal data: sealed at rest, masked on screens, never in logs (DOMAIN 6.7).
    pub personal: bool,
    /// A secret between a person and an office: it is kept as a hash alone ([`crate::conceal`]), and shown
    /// to nobody.
    pub secret: bool,
    /// Where it is grounded, and remarks.
    pub ground: &'static str,
}

/// One line of an element's list of fields; not personal.
pub const fn field(
    number: u16,
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    kind: Kind,
    need: Need,
    ground: &'static str,
) -> FieldSpec {
    FieldSpec {
        number,
        name,
        zh,
        en,
        kind,
        need,
        personal: false,
        secret: false,
        ground,
    }
}

impl FieldSpec {
    /// The same, marked as personal data.
    pub const fn personal(self) -> FieldSpec {
        FieldSpec {
            personal: true,
            ..self
        }
    }

    /// The same, marked as a secret.
    pub const fn secret(self) -> FieldSpec {
        FieldSpec {
            secret: true,
            ..self
        }
    }

    /// The field's node name in the native XML format: `accept_doc_no` becomes `AcceptDocNo`.
    pub fn node(&self) -> String {
        self.name
            .split('_')
            .map(|part| {
                let mut chars = part.chars();
                chars.next().map_or(String::new(), |c| {
                    c.to_ascii_uppercase().to_string() + chars.as_str()
                })
            })
            .collect()
    }

    /// Whether the field is required of every record.
    pub fn is_required(&self) -> bool {
        matches!(self.need, Need::Always)
    }
}

/// The type of a field (DOMAIN section 2, "Types").
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `s(N)`: text of 1..=N characters.
    Text(u16),
    /// A code of a closed set.
    Code(&'static CodeSet),
    /// `c(N)` of an open code list that is kept elsewhere (e.g. GA/T 2000.156): exactly N characters.
    Exact(u8),
    /// `dt`: an instant with the source's zone (any layout of DOMAIN 3.5).
    DateTime,
    /// `d`: a calendar day.
    Date,
    /// A calendar day or the text 长期 (no end of validity).
    DateOrForever,
    /// `i` within an inclusive range.
    Int(i64, i64),
    /// `m`: decimal(16,2), yuan; held as fen.
    Money,
    /// `b`: 0 or 1.
    Flag,
    /// Division code of 6, 9 or 12 digits (GB/T 2260, GB/T 10114).
    Region,
    /// Unified social credit code of 18 characters (GB 32100); a 9-character legacy code (GB 11714)
    /// is read with a warning.
    Uscc,
    /// Organisation code of 9 characters (GB 11714).
    LegacyOrg,
    /// Identity number of up to N characters, checked by the value of the named type field
    /// (111: GB 11643; a USCC type: GB 32100).
    IdNo(u8, &'static str),
    /// Exactly N hexadecimal digits (a digest).
    Hex(u8),
}

/// When a field is required.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    /// `Y`: always.
    Always,
    /// `N`: never.
    Optional,
    /// `C`: when the condition holds.
    When(Cond),
}

/// A condition over the other fields of the same record.
#[derive(Clone, Copy, Debug)]
pub enum Cond {
    /// The named field has one of these values (canonical text).
    Is(&'static str, &'static [&'static str]),
    /// The named field is present and has none of these values.
    IsNot(&'static str, &'static [&'static str]),
    /// The named number field is greater than zero.
    Positive(&'static str),
    /// Any of the named fields is present (all or none of a group).
    AnyOf(&'static [&'static str]),
}
