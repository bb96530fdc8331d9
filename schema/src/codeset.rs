//! Closed code sets: one list of (code, 中文, English) each, with its source. Refuses any code map
//! of another family of specs; those stand in the dialects.

/// A closed set of codes.
#[derive(Debug)]
pub struct CodeSet {
    /// Identifier, e.g. `item_type`.
    pub name: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// Source: standard and annex, or "proposal".
    pub ground: &'static str,
    /// `(code, 中文, English)`.
    pub codes: &'static [(&'static str, &'static str, &'static str)],
}

impl CodeSet {
    /// Whether the set has the code.
    pub fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|(c, _, _)| *c == code)
    }

    /// The Chinese and English meaning of a code.
    pub fn meaning(&self, code: &str) -> Option<(&'static str, &'static str)> {
        self.codes
            .iter()
            .find(|(c, _, _)| *c == code)
            .map(|(_, zh, en)| (*zh, *en))
    }
}
