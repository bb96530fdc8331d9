//! Texts of another character set than the database believes: bytes of GBK or UTF-8 that an old system wrote
//! into a Latin-1 column, so that each byte comes as a sign of its own. Pure: such a text back into its bytes,
//! and read as what they are. Refuses to guess: only what the source's `charset` says is turned.

use encoding_rs::{GB18030, UTF_8, WINDOWS_1252};

/// What the bytes in Latin-1 columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// GBK or GB18030.
    Gbk,
    /// UTF-8.
    Utf8,
}

/// Signs of a text that are looked at for what its bytes look like.
const LOOKED_AT: usize = 400;

/// The last sign that windows-1252 has.
const LAST: char = '\u{2122}';

impl Charset {
    /// By its name in a configuration: `gbk`, `gb18030`, `gb2312`, `utf-8`, `utf8`.
    pub fn of(name: &str) -> Option<Charset> {
        match name.to_ascii_lowercase().as_str() {
            "gbk" | "gb18030" | "gb2312" => Some(Charset::Gbk),
            "utf-8" | "utf8" | "utf8mb4" => Some(Charset::Utf8),
            _ => None,
        }
    }

    /// Its name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Charset::Gbk => "gbk",
            Charset::Utf8 => "utf-8",
        }
    }

    /// The text that the bytes of a Latin-1 text mean; `None` where it is none, or they mean nothing: then it
    /// was written as what it is.
    pub(super) fn read(self, text: &str) -> Option<String> {
        if text.is_ascii() {
            return None;
        }
        let bytes = bytes_of(text.chars())?;
        let encoding = match self {
            Charset::Gbk => GB18030,
            Charset::Utf8 => UTF_8,
        };
        let read = encoding.decode_without_bom_handling_and_without_replacement(&bytes);
        read.map(|text| text.into_owned())
    }
}

/// What the bytes of a text look like, if it looks as if it were read with the wrong character set: at least two
/// Chinese signs, and nothing that a Western text would have (of GBK both bytes of each sign are high).
pub(super) fn looks_like(text: &str) -> Option<Charset> {
    if text.is_ascii() {
        return None;
    }
    let bytes = bytes_of(text.chars().take(LOOKED_AT))?;
    let high = bytes.iter().filter(|b| !b.is_ascii()).count();
    if high < 4 {
        return None;
    }
    // What was cut off in the middle of a sign does not count.
    let whole = match std::str::from_utf8(&bytes) {
        Ok(_) => true,
        Err(end) => end.error_len().is_none() && text.chars().count() > LOOKED_AT,
    };
    if whole {
        return Some(Charset::Utf8);
    }
    let pairs = bytes.split(u8::is_ascii);
    let even = pairs
        .filter(|run| !run.is_empty())
        .all(|run| run.len() % 2 == 0);
    let chinese = |bytes: &[u8]| {
        let read = GB18030.decode_without_bom_handling_and_without_replacement(bytes);
        read.is_some_and(|text| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)))
    };
    (even && chinese(&bytes)).then_some(Charset::Gbk)
}

/// The bytes of a text of Latin-1, or of what MySQL calls so (windows-1252).
fn bytes_of(signs: impl Iterator<Item = char>) -> Option<Vec<u8>> {
    let byte = |sign: char| {
        if let Ok(byte) = u8::try_from(u32::from(sign)) {
            return Some(byte);
        }
        if sign > LAST {
            return None;
        }
        let mut text = [0; 4];
        let (bytes, _, lost) = WINDOWS_1252.encode(sign.encode_utf8(&mut text));
        (!lost).then(|| bytes.first().copied()).flatten()
    };
    signs.map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a Latin-1 column gives bytes of another set.
    fn latin(bytes: &[u8]) -> String {
        WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned()
    }

    #[test]
    fn bytes_of_another_set_are_seen_and_read() {
        let text = "某县水利局·审核€";
        let gbk = latin(&GB18030.encode(text).0);
        let utf8 = latin(text.as_bytes());
        assert_eq!(Charset::Gbk.read(&gbk).as_deref(), Some(text));
        assert_eq!(Charset::Utf8.read(&utf8).as_deref(), Some(text));
        assert_eq!(
            looks_like(&latin(&GB18030.encode("水利局（审核）").0)),
            Some(Charset::Gbk)
        );
        assert_eq!(looks_like(&utf8), Some(Charset::Utf8));
    }

    #[test]
    fn what_is_right_stays() {
        for text in [
            "",
            "abc",
            "某县水利局",
            "Müller é",
            "naïve à la carte",
            "ÄÖÜ",
            "甲é",
        ] {
            assert_eq!(looks_like(text), None, "{text}");
        }
        assert_eq!(
            Charset::Gbk.read("某县水利局"),
            None,
            "written as what it is"
        );
        assert_eq!(Charset::Utf8.read("Müller"), None);
    }
}
