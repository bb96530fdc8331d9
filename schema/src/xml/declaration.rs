//! The XML declaration (XML 1.0 productions 23 to 26, 32 and 80), read once for the encoding and
//! once for the guard. It sees ASCII bytes only and refuses everything the productions do.

/// What a declaration says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Declaration<'t> {
    /// Version number: `1.` and digits.
    pub version: &'t str,
    /// Encoding name with its byte offset in the text, if declared.
    pub encoding: Option<(&'t str, usize)>,
    /// Bytes of the whole declaration, from `<?xml` to `?>`.
    pub len: usize,
}

/// Why a declaration is none, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadDeclaration {
    /// Byte offset in the text.
    pub at: usize,
    /// The text ended before the declaration was complete: more text might have mended it.
    pub cut: bool,
    /// What is wrong, Chinese and English.
    pub why: (&'static str, &'static str),
}

/// Whether a text begins with a declaration, well-formed or not: `<?xml` and no further name
/// character (`<?xml-stylesheet` is an instruction).
pub(super) fn begins(text: &[u8]) -> bool {
    matches!(
        text.strip_prefix(b"<?xml"),
        Some([b' ' | b'\t' | b'\r' | b'\n' | b'?', ..])
    )
}

/// Reads the declaration at the beginning of `text`; [`begins`] holds.
pub(super) fn parse(text: &[u8]) -> Result<Declaration<'_>, BadDeclaration> {
    let mut c = Cursor {
        text,
        at: 5,
        cut: false,
    };
    if !c.space() || !c.word(b"version") {
        return c.bad(("应首先是version", "version must come first"));
    }
    let numbered = |v: &str| {
        v.strip_prefix("1.")
            .is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
    };
    let Some(version) = c.value(numbered) else {
        return c.bad((
            "version的值应为带引号的1.0",
            "the value of version must be 1.0 in quotes",
        ));
    };
    let mut space = c.space();
    let mut encoding = None;
    if space && c.word(b"encoding") {
        let Some(value) = c.value(is_encoding_name) else {
            return c.bad((
                "encoding的值不是带引号的编码名称",
                "the value of encoding is no encoding name in quotes",
            ));
        };
        encoding = Some((value, c.at - 1 - value.len()));
        space = c.space();
    }
    if space && c.word(b"standalone") {
        if c.value(|v| v == "yes" || v == "no").is_none() {
            return c.bad((
                "standalone的值应为带引号的yes或no",
                "the value of standalone must be yes or no in quotes",
            ));
        }
        c.space();
    }
    if !c.word(b"?>") {
        return c.bad((
            "此处应为“?>”（其前只能依次有version、encoding、standalone，以空白分隔）",
            "\"?>\" must stand here (before it only version, encoding, standalone, in this order, \
             with white space between)",
        ));
    }
    Ok(Declaration {
        version,
        encoding,
        len: c.at,
    })
}

/// Production 81.
fn is_encoding_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
    cut: bool,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes white space; whether there was any.
    fn space(&mut self) -> bool {
        let is_space = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
        let n = self.rest().iter().take_while(|b| is_space(b)).count();
        self.at += n;
        n > 0
    }

    /// Passes the word if it stands here.
    fn word(&mut self, word: &[u8]) -> bool {
        let here = self.rest().starts_with(word);
        if here {
            self.at += word.len();
        }
        self.cut |= !here && word.starts_with(self.rest());
        here
    }

    /// Passes `= "value"` if the value is good; else stays at what is wrong.
    fn value(&mut self, good: impl Fn(&str) -> bool) -> Option<&'t str> {
        self.space();
        if !self.word(b"=") {
            return None;
        }
        self.space();
        let Some((&quote, rest)) = self.rest().split_first() else {
            self.cut = true;
            return None;
        };
        if quote != b'"' && quote != b'\'' {
            return None;
        }
        let Some(end) = memchr::memchr(quote, rest) else {
            self.cut = true;
            return None;
        };
        let value = std::str::from_utf8(rest.get(..end)?).ok()?;
        if !good(value) {
            return None;
        }
        self.at += end + 2;
        Some(value)
    }

    fn bad<T>(&self, why: (&'static str, &'static str)) -> Result<T, BadDeclaration> {
        Err(BadDeclaration {
            at: self.at,
            cut: self.cut,
            why,
        })
    }
}
