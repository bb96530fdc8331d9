//! GB2312 and GBK as subsets of GB18030: finds the first character that a document declared in one
//! of them may not hold. It decodes nothing and refuses nothing.

use encoding_rs::Encoding;

/// A declared set narrower than GB18030, with its place within a character.
#[derive(Debug)]
pub(super) struct NarrowSet {
    gb2312: bool,
    lead: Option<u8>,
}

impl NarrowSet {
    /// GB 2312-80 in its EUC form: rows 1 to 9 and 16 to 87, without their empty cells.
    pub(super) fn gb2312() -> NarrowSet {
        NarrowSet {
            gb2312: true,
            lead: None,
        }
    }

    /// GBK: every two-byte character (and the euro sign as 0x80, as code page 936 writes it).
    pub(super) fn gbk() -> NarrowSet {
        NarrowSet {
            gb2312: false,
            lead: None,
        }
    }

    /// Index of the first byte of the first character outside the set, 0 where that character began
    /// in the bytes of an earlier call. Bytes that are no GB18030 at all do not count.
    pub(super) fn first_outside(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        // The second byte of a character that began in an earlier call.
        if let (Some(lead), Some(&trail)) = (self.lead, bytes.first()) {
            self.lead = None;
            if self.leaves(lead, trail) {
                return Some(0);
            }
            at = 1;
        }
        while let Some(rest) = bytes.get(at..) {
            at += Encoding::ascii_valid_up_to(rest);
            match (bytes.get(at).copied(), bytes.get(at + 1).copied()) {
                (Some(0x80), _) if self.gb2312 => return Some(at),
                (Some(0x80 | 0xFF), _) => at += 1,
                (Some(lead), Some(trail)) => {
                    if self.leaves(lead, trail) {
                        return Some(at);
                    }
                    at += 2;
                }
                (Some(lead), None) => {
                    self.lead = Some(lead);
                    break;
                }
                (None, _) => break,
            }
        }
        None
    }

    /// Whether a character with these first two bytes is outside the set.
    fn leaves(&self, lead: u8, trail: u8) -> bool {
        // The second byte of a four-byte character is a digit.
        trail.is_ascii_digit() || self.gb2312 && !in_gb2312(lead, trail)
    }
}

/// Whether GB 2312-80 assigns a character to the two bytes.
fn in_gb2312(lead: u8, trail: u8) -> bool {
    match lead {
        0xA1 | 0xA3 => matches!(trail, 0xA1..=0xFE),
        0xA2 => matches!(trail, 0xB1..=0xE2 | 0xE5..=0xEE | 0xF1..=0xFC),
        0xA4 => matches!(trail, 0xA1..=0xF3),
        0xA5 => matches!(trail, 0xA1..=0xF6),
        0xA6 => matches!(trail, 0xA1..=0xB8 | 0xC1..=0xD8),
        0xA7 => matches!(trail, 0xA1..=0xC1 | 0xD1..=0xF1),
        0xA8 => matches!(trail, 0xA1..=0xBA | 0xC5..=0xE9),
        0xA9 => matches!(trail, 0xA4..=0xEF),
        0xD7 => matches!(trail, 0xA1..=0xF9),
        0xB0..=0xF7 => matches!(trail, 0xA1..=0xFE),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gb2312_assigns_7445_characters() {
        let all = (0..=255u8).flat_map(|l| (0..=255u8).map(move |t| (l, t)));
        // 682 signs and 6,763 hanzi: GB 2312-80, foreword.
        assert_eq!(all.filter(|(l, t)| in_gb2312(*l, *t)).count(), 682 + 6_763);
    }

    #[test]
    fn the_first_character_outside_is_found_in_any_pieces() {
        // 镕 (GBK E946) and a four-byte character after 中文.
        let gbk = b"<a>\xD6\xD0\xCE\xC4\xE9\x46</a>";
        let four = b"<a>\xD6\xD0\x81\x30\x81\x30</a>";
        assert_eq!(NarrowSet::gb2312().first_outside(gbk), Some(7));
        assert_eq!(NarrowSet::gbk().first_outside(gbk), None);
        assert_eq!(NarrowSet::gb2312().first_outside(four), Some(5));
        assert_eq!(NarrowSet::gbk().first_outside(four), Some(5));
        let mut set = NarrowSet::gbk();
        let found: Vec<_> = four.iter().map(|b| set.first_outside(&[*b])).collect();
        assert_eq!(found.iter().position(Option::is_some), Some(6));
    }
}
