//! Within a tag: where its name and where it ends, and its attributes. It trusts the guard, as the reader does.

use crate::short::Word;

/// The attributes of a tag that are left.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'t>(&'t str);

impl<'t> Attributes<'t> {
    /// Of a tag's text behind its name.
    pub(super) fn of(text: &'t str) -> Attributes<'t> {
        Attributes(text)
    }
}

impl<'t> Iterator for Attributes<'t> {
    type Item = (&'t str, &'t str);

    #[inline]
    fn next(&mut self) -> Option<(&'t str, &'t str)> {
        let blank = |c: char| c.is_ascii_whitespace();
        let (name, rest) = self.0.trim_start_matches(blank).split_once('=')?;
        let rest = rest.trim_start_matches(blank);
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, rest) = rest.get(1..)?.split_once(quote)?;
        self.0 = rest;
        Some((name.trim_end_matches(blank), value))
    }
}

/// Where the name that begins here ends, and its prefix with the colon.
#[inline]
pub(super) fn name_end(text: &[u8]) -> (usize, usize) {
    let (mut at, mut prefix) = (0, 0);
    loop {
        // All that may end a name, or a prefix, is below 0x40; letters are not.
        let rest = text.get(at..).unwrap_or_default();
        match Word::first(rest).map(|word| Word::lowest(word.below(0x40))) {
            Some(None) => {
                at += 8;
                continue;
            }
            Some(Some(n)) => at += n,
            None => {}
        }
        match text.get(at) {
            None | Some(b'>' | b'/' | b' ' | b'\t' | b'\n' | b'\r') => return (at, prefix),
            Some(b':') => prefix = at + 1,
            Some(_) => {}
        }
        at += 1;
    }
}

/// Where a tag ends whose attributes begin at an index: at the first `>` that no quotes enclose.
pub(super) fn tag_end(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let n = at + memchr::memchr3(b'>', b'"', b'\'', text.get(at..)?)?;
        match text.get(n)? {
            b'>' => return Some(n),
            quote => at = n + 2 + memchr::memchr(*quote, text.get(n + 1..)?)?,
        }
    }
}
