//! What bytes look like, whatever they are declared as: UTF-8 under the name of a Chinese set, and GB
//! 18030 under UTF-8. It judges by whole sequences and gives no opinion where there are too few.

/// Bytes looked at after the first that are no UTF-8: some hundred characters tell the two apart.
pub(super) const SAMPLE: usize = 16 << 10;
/// First byte of a UTF-8 sequence of three or more bytes, as every Chinese character has.
pub(super) const WIDE: u8 = 0xE0;

/// Whether bytes that are no UTF-8 are those of GB 18030 (and with it GBK and GB 2312): more breaks of
/// UTF-8 than characters of three bytes, two breaks at least, and hardly one of GB 18030.
pub(super) fn looks_gb(sample: &[u8]) -> bool {
    let (mut breaks, mut wide) = (0, 0);
    for chunk in sample.utf8_chunks() {
        wide += chunk.valid().bytes().filter(|b| *b >= WIDE).count();
        breaks += usize::from(!chunk.invalid().is_empty());
    }
    let gb = Gb::count(sample);
    breaks > 1 && breaks > wide && gb.hanzi > 0 && gb.breaks * 8 <= gb.characters
}

/// Characters of GB 18030 in a text, by the form of their bytes.
#[derive(Default)]
struct Gb {
    characters: usize,
    /// Of these the hanzi of GB 2312, of which nearly all Chinese text is made.
    hanzi: usize,
    breaks: usize,
}

impl Gb {
    fn count(mut rest: &[u8]) -> Gb {
        let mut gb = Gb::default();
        while let Some(first) = rest.first() {
            let length = match rest {
                [0..=0x7F, ..] => 1,
                [0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE, ..] => {
                    gb.characters += 1;
                    gb.hanzi += usize::from(matches!(rest, [0xB0..=0xF7, 0xA1..=0xFE, ..]));
                    2
                }
                [0x81..=0xFE, b'0'..=b'9', 0x81..=0xFE, b'0'..=b'9', ..] => {
                    gb.characters += 1;
                    4
                }
                // The sample may end within a character.
                [_] => 1,
                _ => {
                    gb.breaks += usize::from(*first > 0x7F);
                    1
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        gb
    }
}

/// Looks at bytes as they come, whether all of them are UTF-8.
#[derive(Debug, Default)]
pub(super) struct Utf8Watch {
    /// The beginning of a character.
    carried: Vec<u8>,
    wide: bool,
    failed: bool,
}

impl Utf8Watch {
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !self.carried.is_empty()
            && let Some((first, after)) = rest.split_first()
        {
            self.carried.push(*first);
            rest = after;
            match std::str::from_utf8(&self.carried) {
                Ok(text) => {
                    self.wide |= text.bytes().any(|b| b >= WIDE);
                    self.carried.clear();
                }
                Err(error) => self.failed |= error.error_len().is_some(),
            }
            if self.failed {
                return;
            }
        }
        if self.failed {
            return;
        }
        let good = match std::str::from_utf8(rest) {
            Ok(text) => text.len(),
            Err(error) => {
                self.failed = error.error_len().is_some();
                error.valid_up_to()
            }
        };
        let (good, tail) = rest.split_at_checked(good).unwrap_or_default();
        self.wide |= good.iter().any(|b| *b >= WIDE);
        self.carried.extend_from_slice(tail);
    }

    /// All of it was UTF-8, up to a character that is not complete, and some of it in three bytes: no
    /// Chinese text of GB 18030 longer than a few characters is so by chance.
    pub(super) fn is_utf8(&self) -> bool {
        !self.failed && self.wide
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;
    use encoding_rs::GB18030;

    const TEXTS: [&str; 6] = [
        "经现场核查符合取水许可条件同意",
        "<姓名>欧阳娜</姓名><籍贯>贵州茅台</籍贯>",
        "张三",
        "a;b\n1;水利局\n2;镕𠀀镕",
        "联通",
        "行政许可，2026年3月2日。",
    ];

    fn watched(bytes: &[u8], piece: usize) -> bool {
        let mut watch = Utf8Watch::default();
        bytes.chunks(piece).for_each(|c| watch.feed(c));
        watch.is_utf8()
    }

    #[test]
    fn each_is_taken_for_what_it_is() {
        for text in TEXTS {
            let (gb, _, lossy) = GB18030.encode(text);
            assert!(!lossy && looks_gb(&gb), "{text}");
            assert!(!looks_gb(text.as_bytes()), "{text}");
            for piece in [1, 2, 3, 5, 100] {
                assert!(watched(text.as_bytes(), piece), "{text} {piece}");
                assert!(!watched(&gb, piece), "{text} {piece}");
            }
        }
    }

    #[test]
    fn half_a_character_makes_no_other_encoding() {
        for text in TEXTS.iter().filter(|t| t.len() > 9) {
            let cut = &text.as_bytes()[..text.len() - 4];
            let text = [cut, b"</a><a>", text.as_bytes()].concat();
            assert!(!looks_gb(&text), "{}", String::from_utf8_lossy(&text));
            let (gb, ..) = GB18030.encode(TEXTS[0]);
            let text = [&gb[..gb.len() - 1], b",".as_slice(), &gb].concat();
            assert!(looks_gb(&text));
        }
        // Letters with accents, of which Latin-1 makes single bytes.
        assert!(!looks_gb(b"\xE9t\xE9, caf\xE9 \xE0 la carte"));
        assert!(!looks_gb(b"") && !looks_gb(b"\xFF\xFF\xFF"));
        assert!(!watched(b"plain", 2) && !watched("\u{e9}".as_bytes(), 2));
    }

    #[test]
    fn nothing_of_gb_2312_alone_is_utf8_by_chance() {
        // Every word of two level-1 hanzi (GB 2312, rows 16 to 55).
        let of = |row: u8| (0xA1..=0xFE).map(move |cell| [row, cell]);
        let mut met = 0;
        for a in (0xB0..=0xD7).flat_map(of) {
            for b in (0xB0..=0xD7).flat_map(of).step_by(7) {
                met += usize::from(watched(&[a, b].concat(), 4));
            }
        }
        assert_eq!(met, 0);
        let text = String::from_utf8("谁知盘中餐".as_bytes().to_vec()).unwrap();
        assert!(watched(text.as_bytes(), 7));
    }
}
