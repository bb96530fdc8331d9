//! Identity numbers with a check character: unified social credit code (GB 32100-2015),
//! organisation code (GB 11714), citizen number (GB 11643). Refuses to look anything up: a number
//! that passes is well formed, not proven to exist. Lower-case letters pass; the caller stores upper case.

/// Why a number fails. The order is that of the checks: the first that fails is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdFault {
    /// Wrong length, or a character outside the alphabet.
    Shape,
    /// Nine characters that pass as an organisation code, where a social credit code is asked.
    Legacy,
    /// The first two digits are no province (citizen numbers).
    Division,
    /// The date of birth does not exist (citizen numbers).
    Birth,
    /// The check character does not fit.
    Check,
    /// The check character fits, the organisation code inside fails (social credit codes).
    Inner,
}

/// The 31 characters of GB 32100: no I, O, S, V, Z. A character's place is its value.
const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights of GB 32100: powers of 3 modulo 31.
const USCC_WEIGHTS: [u32; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
/// Weights of GB 11714.
const ORG_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
/// Weights of GB 11643 (ISO 7064 MOD 11-2).
const CITIZEN_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check characters of GB 11643 by the sum modulo 11.
const CITIZEN_CHECKS: &[u8; 11] = b"10X98765432";

/// Whether a text is an organ's code with a fitting check character: the social credit code of 18 characters
/// (GB 32100-2015), or the older organisation code of 9 (GB 11714-1997).
pub fn is_organ_code(text: &str) -> bool {
    match text.len() {
        9 => org_code(text).is_ok(),
        _ => uscc(text).is_ok(),
    }
}

/// Checks a unified social credit code.
///
/// # Errors
/// `Shape`, `Legacy`, `Check` or `Inner`.
pub fn uscc(text: &str) -> Result<(), IdFault> {
    uscc_shape(text)?;
    if !uscc_check_fits(text) {
        return Err(IdFault::Check);
    }
    uscc_inner(text)
}

/// Checks length and alphabet of a social credit code only.
///
/// # Errors
/// `Shape` or `Legacy`.
pub fn uscc_shape(text: &str) -> Result<(), IdFault> {
    let code = text.as_bytes();
    if code.len() == 18 && code.iter().all(|b| uscc_value(*b).is_some()) {
        Ok(())
    } else if org_code(text).is_ok() {
        Err(IdFault::Legacy)
    } else {
        Err(IdFault::Shape)
    }
}

/// Checks the organisation code inside a social credit code, characters 9 to 17.
///
/// # Errors
/// `Shape` where there is none, `Inner` where it fails.
pub fn uscc_inner(text: &str) -> Result<(), IdFault> {
    let inner = text.get(8..17).ok_or(IdFault::Shape)?;
    org_code(inner).map_err(|_| IdFault::Inner)
}

/// Whether the eighteenth character is the check character of the first seventeen.
fn uscc_check_fits(text: &str) -> bool {
    let code = text.as_bytes();
    let sum: u32 = code
        .iter()
        .zip(USCC_WEIGHTS)
        .map(|(b, weight)| uscc_value(*b).unwrap_or(0) * weight)
        .sum();
    // 31 less the remainder; a remainder of 0 gives 31, which is written 0.
    let expected = (31 - sum % 31) % 31;
    code.get(17).and_then(|b| uscc_value(*b)) == Some(expected)
}

/// Value of each byte in the alphabet, either case; 255 where it has none.
const USCC_VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut value = 0;
    while value < USCC_ALPHABET.len() {
        let byte = USCC_ALPHABET[value];
        values[byte as usize] = value as u8;
        values[byte.to_ascii_lowercase() as usize] = value as u8;
        value += 1;
    }
    values
};

fn uscc_value(byte: u8) -> Option<u32> {
    match USCC_VALUES[usize::from(byte)] {
        255 => None,
        value => Some(u32::from(value)),
    }
}

/// Checks an organisation code of 9 characters (without the hyphen).
///
/// # Errors
/// `Shape` or `Check`.
pub fn org_code(text: &str) -> Result<(), IdFault> {
    let code = text.as_bytes();
    if code.len() != 9 {
        return Err(IdFault::Shape);
    }
    let mut sum = 0;
    for (byte, weight) in code.iter().zip(ORG_WEIGHTS) {
        sum += char::from(*byte).to_digit(36).ok_or(IdFault::Shape)? * weight;
    }
    let last = code[8].to_ascii_uppercase();
    if !last.is_ascii_digit() && last != b'X' {
        return Err(IdFault::Shape);
    }
    // 11 less the remainder; 10 is written X, 11 is written 0.
    let expected = b"0X987654321"[(sum % 11) as usize];
    if last == expected {
        Ok(())
    } else {
        Err(IdFault::Check)
    }
}

/// Checks a citizen number of 18 characters. The division is judged by its province only (and 83
/// for the residence permit of Taiwan): county codes change, and a number keeps that of the birth.
///
/// # Errors
/// `Shape`, `Division`, `Birth` or `Check`.
pub fn citizen(text: &str) -> Result<(), IdFault> {
    citizen_shape(text)?;
    citizen_division(text)?;
    citizen_birth(text)?;
    citizen_check(text)
}

/// Checks length and alphabet of a citizen number only.
///
/// # Errors
/// `Shape`.
pub fn citizen_shape(text: &str) -> Result<(), IdFault> {
    match text.as_bytes() {
        [body @ .., last]
            if body.len() == 17
                && body.iter().all(u8::is_ascii_digit)
                && (last.is_ascii_digit() || matches!(last, b'X' | b'x')) =>
        {
            Ok(())
        }
        _ => Err(IdFault::Shape),
    }
}

/// Checks the first two digits of a citizen number.
///
/// # Errors
/// `Division`.
pub fn citizen_division(text: &str) -> Result<(), IdFault> {
    match text.as_bytes().get(..2) {
        Some(two) if crate::region::is_province(two) || two == b"83" => Ok(()),
        _ => Err(IdFault::Division),
    }
}

/// Checks the date of birth in a citizen number.
///
/// # Errors
/// `Birth`.
pub fn citizen_birth(text: &str) -> Result<(), IdFault> {
    let date = text.get(6..14).ok_or(IdFault::Birth)?;
    crate::stamp::parse_date(date)
        .map(|_| ())
        .map_err(|_| IdFault::Birth)
}

/// Checks the check character of a citizen number.
///
/// # Errors
/// `Check`.
pub fn citizen_check(text: &str) -> Result<(), IdFault> {
    let code = text.as_bytes();
    let sum: u32 = code
        .iter()
        .zip(CITIZEN_WEIGHTS)
        .map(|(b, weight)| u32::from(b.wrapping_sub(b'0')) * weight)
        .sum();
    let last = code.get(17).map(u8::to_ascii_uppercase);
    if last == Some(CITIZEN_CHECKS[(sum % 11) as usize]) {
        Ok(())
    } else {
        Err(IdFault::Check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Synthetic codes: bodies of division 431321 that do not exist. The last three have a sum of 0
    /// modulo 31, where the check character is 0; all were computed by another program.
    const VALID_USCC: [&str; 9] = [
        "11431321009000015L",
        "11431321009000023F",
        "11431321009000031A",
        "1243132100900004XY",
        "91431321MA90000113",
        "N2431321MF900001XK",
        "114313210090003570",
        "114313210090005920",
        "114313210090008240",
    ];

    #[test]
    fn an_organs_code_is_of_either_kind() {
        for (text, good) in [
            ("11431321009000015L", true),
            ("009000015", true),
            ("11431321009000015M", false),
            ("009000016", false),
            ("", false),
        ] {
            assert_eq!(is_organ_code(text), good, "{text}");
        }
    }

    #[test]
    fn social_credit_codes() {
        for code in VALID_USCC {
            assert_eq!(uscc(code), Ok(()), "{code}");
            assert_eq!(uscc(&code.to_lowercase()), Ok(()), "{code}");
        }
        for (code, fault) in [
            ("11431321009000015N", IdFault::Check),
            ("11431321009000015Z", IdFault::Shape),
            ("11431321009000016P", IdFault::Inner),
            ("1143132100900IOSVZ", IdFault::Shape),
            ("1143132100900001L", IdFault::Shape),
            ("11431321009000015LL", IdFault::Shape),
            ("", IdFault::Shape),
            ("D2143569X", IdFault::Legacy),
            ("D21435690", IdFault::Shape),
            ("１1431321009000015", IdFault::Shape),
        ] {
            assert_eq!(uscc(code), Err(fault), "{code}");
        }
    }

    #[test]
    fn one_check_character_fits_and_the_inner_code_is_checked_too() {
        let mut inner_faults = 0;
        for number in 0..200_u32 {
            let stem = format!("11431321{number:08}");
            for ninth in "0123456789X".chars() {
                let body = format!("{stem}{ninth}");
                let fits: Vec<String> = USCC_ALPHABET
                    .iter()
                    .map(|c| format!("{body}{}", char::from(*c)))
                    .filter(|code| uscc(code) != Err(IdFault::Check))
                    .collect();
                assert_eq!(fits.len(), 1, "{body}");
                inner_faults += u32::from(uscc(&fits[0]) == Err(IdFault::Inner));
            }
        }
        // Exactly one of the eleven characters ends each organisation code.
        assert_eq!(inner_faults, 2_000);
    }

    #[test]
    fn organisation_codes() {
        for code in [
            "D2143569X",
            "006988574",
            "006994552",
            "698113284",
            "698148153",
            "600037341",
            "402000003",
            "d2143569x",
        ] {
            assert_eq!(org_code(code), Ok(()), "{code}");
        }
        for (code, fault) in [
            ("402000001", IdFault::Check),
            ("006988575", IdFault::Check),
            ("00698857", IdFault::Shape),
            ("00698857-4", IdFault::Shape),
            ("00698857A", IdFault::Shape),
            ("00698857中", IdFault::Shape),
        ] {
            assert_eq!(org_code(code), Err(fault), "{code}");
        }
    }

    #[test]
    fn citizen_numbers() {
        for number in ["431321198001010012", "431321197506150024"] {
            assert_eq!(citizen(number), Ok(()), "{number}");
        }
        for (number, fault) in [
            ("431102199002290014", IdFault::Birth),
            ("431321198013010012", IdFault::Birth),
            ("431321198001010011", IdFault::Check),
            ("43132119800101001Y", IdFault::Shape),
            ("431321800101001", IdFault::Shape),
            ("991321198001010012", IdFault::Division),
            ("", IdFault::Shape),
        ] {
            assert_eq!(citizen(number), Err(fault), "{number}");
        }
        // One check character in eleven is X; it is read in either case.
        for number in ["43132119800101008X", "43132119800101032x"] {
            assert_eq!(citizen(number), Ok(()), "{number}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,20}", near in "[0-9A-Za-zé]{0,19}") {
            for t in [&text, &near] {
                let _ = (uscc(t), org_code(t), citizen(t), uscc_inner(t), citizen_birth(t));
                let _ = (citizen_check(t), citizen_division(t));
            }
        }

        #[test]
        fn one_changed_digit_of_a_citizen_number_is_found(at in 0_usize..17, by in 1_u8..10) {
            let mut bytes = *b"431321198001010012";
            bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
            prop_assert!(citizen(std::str::from_utf8(&bytes).unwrap_or("")).is_err());
        }
    }
}
