//! Quotes in a table as text. A field in quotes is one of RFC 4180; a field that begins with a quote and
//! goes on after the next one was never quoted (`"放管服"改革`): its exporter quotes nothing, and the
//! quotes are its own. Such a field is handed on in proper quotes, so that the reader keeps all of it.
//! Refuses to say what a field means.

use std::io::{self, BufRead, Read};

/// Where in a row the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// Before the first byte of a field.
    Start,
    /// In a field without quotes around it.
    Plain,
    /// Within quotes.
    Quoted,
    /// After a quote that may end the field.
    Closed,
    /// In blanks after the closing quote.
    Blank,
    /// In a field that began with a quote and was never quoted.
    Literal,
}

impl At {
    /// Where the text is after one more byte.
    pub fn step(self, byte: u8, separator: u8) -> At {
        match (self, byte) {
            (At::Quoted, b'"') => At::Closed,
            (At::Quoted, _) | (At::Closed, b'"') => At::Quoted,
            (_, b'\n' | b'\r') => At::Start,
            (_, b) if b == separator => At::Start,
            (At::Start, b'"') => At::Quoted,
            (At::Start | At::Plain, _) => At::Plain,
            (At::Closed | At::Blank, b' ' | b'\t') => At::Blank,
            (At::Closed | At::Blank | At::Literal, _) => At::Literal,
        }
    }
}

/// A text whose fields are quoted properly or not at all. It holds one field at a time, whose length the
/// survey has bounded.
pub(crate) struct Quotes<R> {
    input: R,
    separator: u8,
    at: At,
    /// A field that begins with a quote, until it is known what it is.
    field: Vec<u8>,
    out: Vec<u8>,
    given: usize,
}

impl<R: BufRead> Quotes<R> {
    /// The fields of a text that are separated so.
    pub fn of(input: R, separator: u8) -> Quotes<R> {
        Quotes {
            input,
            separator,
            at: At::Start,
            field: Vec::new(),
            out: Vec::new(),
            given: 0,
        }
    }

    fn take(&mut self, byte: u8) {
        let after = self.at.step(byte, self.separator);
        match (self.at, after) {
            // The field ends before this byte.
            (At::Closed | At::Blank | At::Literal, At::Start) => {
                self.hand_on();
                self.out.push(byte);
            }
            (_, At::Start | At::Plain) => self.out.push(byte),
            (_, At::Quoted | At::Closed | At::Blank | At::Literal) => self.field.push(byte),
        }
        self.at = after;
    }

    fn hand_on(&mut self) {
        if self.at == At::Literal {
            self.out.push(b'"');
            for byte in &self.field {
                if *byte == b'"' {
                    self.out.push(b'"');
                }
                self.out.push(*byte);
            }
            self.out.push(b'"');
        } else {
            self.out.extend_from_slice(&self.field);
        }
        self.field.clear();
    }
}

impl<R: BufRead> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() {
            self.out.clear();
            self.given = 0;
            let chunk = self.input.fill_buf()?.to_vec();
            if chunk.is_empty() {
                if self.field.is_empty() {
                    return Ok(0);
                }
                self.hand_on();
                continue;
            }
            for byte in &chunk {
                self.take(*byte);
            }
            self.input.consume(chunk.len());
        }
        let n = buffer.len().min(self.out.len() - self.given);
        buffer[..n].copy_from_slice(&self.out[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use csv::{ReaderBuilder, StringRecord};

    fn through(text: &str) -> String {
        let mut out = String::new();
        Quotes::of(text.as_bytes(), b',')
            .read_to_string(&mut out)
            .unwrap();
        out
    }

    #[test]
    fn a_field_that_goes_on_after_its_quotes_keeps_them() {
        for (text, want) in [
            ("a,\"b\"c,d\n", "a,\"\"\"b\"\"c\",d\n"),
            ("\"b\" c", "\"\"\"b\"\" c\""),
            ("a,\"b\" ,\"c\"\t\r\n", "a,\"b\" ,\"c\"\t\r\n"),
            ("\"a\"\"b\",c\"d\"", "\"a\"\"b\",c\"d\""),
            ("\"a\nb\",c\n", "\"a\nb\",c\n"),
            ("\"a", "\"a"),
        ] {
            assert_eq!(through(text), want, "{text}");
        }
    }

    /// Every text of up to six of these signs.
    fn each(mut look: impl FnMut(&str)) {
        let signs = ['a', '"', ' ', ',', '\n'];
        for length in 1..=6 {
            for mut n in 0..signs.len().pow(length) {
                let mut text = String::new();
                for _ in 0..length {
                    text.push(signs[n % signs.len()]);
                    n /= signs.len();
                }
                look(&text);
            }
        }
    }

    fn rows(text: &str) -> Vec<StringRecord> {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        reader.into_records().map(Result::unwrap).collect()
    }

    #[test]
    fn fields_stay_as_many_and_proper_ones_stay_the_same() {
        each(|text| {
            let (mut at, mut literal) = (At::Start, false);
            for byte in text.bytes() {
                at = at.step(byte, b',');
                literal |= at == At::Literal;
            }
            let whole = through(text);
            if !literal {
                assert_eq!(whole, text);
            }
            let count = |text| rows(text).iter().map(StringRecord::len).collect::<Vec<_>>();
            assert_eq!(count(&whole), count(text), "{text:?}");
        });
    }
}
