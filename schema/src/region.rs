//! Division codes: GB/T 2260 (6 digits), GB/T 10114 (9, with the town) and the statistics bureau's
//! form (12, with the village). Refuses to know which counties exist: codes change by year, and a
//! case may lie before the change; only the province and the level digits are judged.

/// Why a text is no division code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionFault {
    /// Not 6, 9 or 12 digits.
    Shape,
    /// The province, prefecture or level digits do not occur.
    Unknown,
}

/// Whether two digits are a province, region or municipality of GB/T 2260 (11 to 82).
pub fn is_province(code: &[u8]) -> bool {
    matches!(
        code,
        [b'1', b'1'..=b'5']
            | [b'2', b'1'..=b'3']
            | [b'3', b'1'..=b'7']
            | [b'4', b'1'..=b'6']
            | [b'5', b'0'..=b'4']
            | [b'6', b'1'..=b'5']
            | [b'7', b'1']
            | [b'8', b'1' | b'2']
    )
}

/// Checks a division code.
///
/// # Errors
/// A [`RegionFault`].
pub fn check(text: &str) -> Result<(), RegionFault> {
    let code = text.as_bytes();
    if !matches!(code.len(), 6 | 9 | 12) || !code.iter().all(u8::is_ascii_digit) {
        return Err(RegionFault::Shape);
    }
    let (prefecture, county) = (&code[2..4], &code[4..6]);
    // 01-20 and 51-70 cities, 21-50 regions and leagues, 90 counties directly under the province.
    let known = matches!(prefecture, [b'0'..=b'6', _] | [b'7', b'0'] | [b'9', b'0']);
    let levels = (prefecture != b"00" || county == b"00")
        && (code.len() < 12 || &code[6..9] != b"000" || &code[9..12] == b"000");
    if is_province(&code[..2]) && known && levels {
        Ok(())
    } else {
        Err(RegionFault::Unknown)
    }
}

/// The part of a code that says something: trailing zeros of empty levels removed, so
/// `431321000000` and `431321` give `431321`, `431300` gives `4313`, `430000` gives `43`.
pub fn significant(code: &str) -> &str {
    let mut end = code.len();
    while let Some(cut) = match end {
        12 | 9 => Some(3),
        6 | 4 => Some(2),
        _ => None,
    } {
        match code.get(end - cut..end) {
            Some(level) if level.bytes().all(|b| b == b'0') => end -= cut,
            _ => break,
        }
    }
    code.get(..end).unwrap_or(code)
}

/// Whether `inner` is the division `outer` or lies in it.
pub fn contains(outer: &str, inner: &str) -> bool {
    significant(inner).starts_with(significant(outer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_of_all_levels() {
        for code in [
            "431321",
            "431102",
            "431300",
            "431302",
            "430000",
            "130300",
            "620824",
            "620881",
            "110101",
            "820000",
            "429004",
            "431321101",
            "431321001",
            "431321000000",
            "431321101000",
            "431321101203",
            "441900003",
        ] {
            assert_eq!(check(code), Ok(()), "{code}");
        }
        for code in [
            "4313001",
            "43132",
            "",
            "43132A",
            "４３１３２１",
            "431321 ",
            "43132100000",
        ] {
            assert_eq!(check(code), Err(RegionFault::Shape), "{code}");
        }
        for code in [
            "991321",
            "100000",
            "161321",
            "830000",
            "438021",
            "430021",
            "431321000001",
        ] {
            assert_eq!(check(code), Err(RegionFault::Unknown), "{code}");
        }
    }

    #[test]
    fn divisions_contain_each_other() {
        assert_eq!(significant("431321000000"), "431321");
        assert_eq!(significant("430000"), "43");
        assert_eq!(significant("431320"), "431320");
        assert!(contains("431300", "431321101"));
        assert!(contains("431321", "431321000000"));
        assert!(!contains("431321", "431322"));
        assert!(!contains("431321", "431300"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,14}", digits in "[0-9]{0,14}") {
            let _ = (check(&text), check(&digits), significant(&text), contains(&digits, &text));
        }
    }
}
