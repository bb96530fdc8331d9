//! Money: decimal(16,2) in yuan, held as fen. Refuses separators, currency signs, exponents and
//! more than two decimals that matter.

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyFault {
    /// Not a decimal number with at most two decimals (further zeros pass: `12.5000`).
    Layout,
    /// More than 14 digits before the point.
    Range,
}

/// Largest amount of decimal(16,2) in fen.
pub const MAX_FEN: i64 = 9_999_999_999_999_999;

/// Reads yuan as fen: `12`, `12.5`, `12.50`, `-3.00`, `.5`.
///
/// # Errors
/// A [`MoneyFault`].
pub fn parse(text: &str) -> Result<i64, MoneyFault> {
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || (whole.is_empty() && decimals.is_empty()) {
        return Err(MoneyFault::Layout);
    }
    let decimals = decimals.trim_end_matches('0').as_bytes();
    if decimals.len() > 2 {
        return Err(MoneyFault::Layout);
    }
    let whole = whole.trim_start_matches('0');
    if whole.len() > 14 {
        return Err(MoneyFault::Range);
    }
    let digit = |b: Option<&u8>| b.map_or(0, |b| i64::from(b - b'0'));
    let yuan = whole
        .bytes()
        .fold(0_i64, |sum, b| sum * 10 + i64::from(b - b'0'));
    let fen = yuan * 100 + digit(decimals.first()) * 10 + digit(decimals.get(1));
    Ok(if negative { -fen } else { fen })
}

/// Canonical text of fen: `12.50`.
pub fn canonical(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let abs = fen.unsigned_abs();
    format!("{sign}{}.{:02}", abs / 100, abs % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts() {
        for (text, fen) in [
            ("0", 0),
            ("-0.00", 0),
            ("120", 12_000),
            ("120.5", 12_050),
            ("120.05", 12_005),
            ("0120.0500", 12_005),
            (".5", 50),
            ("5.", 500),
            ("+1", 100),
            ("-3.01", -301),
            ("99999999999999.99", MAX_FEN),
        ] {
            assert_eq!(parse(text), Ok(fen), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount() {
        for text in [
            "", ".", "-", "1,200.00", "￥12", "12元", "1e3", "0.001", "12.345", "--1", "1.2.3",
            "１２",
        ] {
            assert_eq!(parse(text), Err(MoneyFault::Layout), "{text}");
        }
        assert_eq!(parse("100000000000000"), Err(MoneyFault::Range));
    }

    proptest! {
        #[test]
        fn canonical_text_is_read_as_itself(fen in -MAX_FEN..=MAX_FEN) {
            prop_assert_eq!(parse(&canonical(fen)), Ok(fen));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}", near in "[-+0-9.]{0,40}") {
            let _ = (parse(&text), parse(&near));
        }
    }
}
