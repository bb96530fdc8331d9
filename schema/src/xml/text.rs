//! From quick-xml's escaped pieces to the characters a document means (XML 1.0 sections 2.11, 3.3.3
//! and 4.6), for texts that passed the guard. It knows the five entities of XML and no others.

use super::{Piece, Puller};
use quick_xml::events::BytesRef;
use std::borrow::Cow;
use std::io::BufRead;

/// The character of a reference (`&amp;`, `&#20214;`), none where XML knows no such.
pub fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => Some(c),
        Ok(None) => predefined(reference),
        Err(_) => None,
    }
}

/// Appends what a text, CDATA section or reference means to `into`, with line ends as LF; whether
/// the piece was one of these.
pub fn append<R: BufRead>(piece: Piece, puller: &Puller<R>, into: &mut String) -> bool {
    match piece {
        Piece::Text | Piece::Section => into.push_str(&puller.content()),
        Piece::Reference => into.extend(resolve(&BytesRef::new(puller.text()))),
        _ => return false,
    }
    true
}

/// The value of an attribute from its raw text: references resolved, white space as spaces.
pub fn attribute(raw: &str) -> Cow<'_, str> {
    let odd = |b: u8| matches!(b, b'&' | b'\t' | b'\n' | b'\r');
    if !raw.bytes().any(odd) {
        return Cow::Borrowed(raw);
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(i) = rest.find(['&', '\t', '\n', '\r']) {
        let (plain, special) = rest.split_at(i);
        value.push_str(plain);
        rest = if let Some(reference) = special.strip_prefix('&') {
            let (name, after) = reference.split_once(';').unwrap_or((reference, ""));
            value.extend(resolve(&BytesRef::new(name)));
            after
        } else {
            value.push(' ');
            let after = special.strip_prefix("\r\n");
            after.or_else(|| special.get(1..)).unwrap_or_default()
        };
    }
    value.push_str(rest);
    Cow::Owned(value)
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    #[test]
    fn text_is_put_together_from_its_pieces() {
        let text = "<a>A&amp;B&#x4EF6;&#10;\r\nC<!-- no --><![CDATA[<D>&lt;\r]]></a>";
        let mut puller = Puller::new(text.as_bytes());
        let mut whole = String::new();
        loop {
            let piece = puller.pull().unwrap();
            if piece == Piece::Eof {
                break;
            }
            append(piece, &puller, &mut whole);
        }
        assert_eq!(whole, "A&B件\n\nC<D>&lt;\n");
    }

    #[test]
    fn attribute_values_are_normalised() {
        assert_eq!(attribute("plain"), "plain");
        assert_eq!(
            attribute("a\r\nb\tc&#10;d&lt;&quot;&apos;&gt;&amp;amp;"),
            "a b c\nd<\"'>&amp;"
        );
        assert_eq!(attribute("&unknown;x&"), "x");
    }
}
