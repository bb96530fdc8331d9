//! How a query password is concealed before it can stand anywhere: by the dialect that reads it, else by
//! the check. Refuses to keep or to show it.
//!
//! A SHA-256 over a label, the case number and the text, so that equal passwords of two cases differ
//! and the same input always gives the same text. It keeps the clear text out of tables, findings and
//! logs. It is no vault: a password of six digits can be found by trying all of them, by whoever has
//! the hash and the case number.

use crate::digest::hex;
use sha2::{Digest, Sha256};

/// `sha256:` and 64 hexadecimal digits.
pub fn concealed(case_no: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["tongcha query password 1", case_no, text] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    format!("sha256:{}", hex(&hash.finalize()))
}

/// Whether a text is a hash rather than a password: `sha256:` and 64 hexadecimal digits, hexadecimal
/// digits of a known length (MD5, SHA-1, SHA-2, SM3), or the form of crypt(3), `$..$..`.
pub fn is_concealed(text: &str) -> bool {
    let bare = text.strip_prefix("sha256:").unwrap_or(text);
    let is_hex = bare.bytes().all(|b| b.is_ascii_hexdigit());
    let known = matches!(bare.len(), 32 | 40 | 56 | 64 | 96 | 128);
    is_hex && known
        || text
            .strip_prefix('$')
            .is_some_and(|t| t.contains('$') && t.len() > 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_passwords_of_two_cases_differ_and_the_same_input_stays_the_same() {
        let one = concealed("A-1", "314159");
        assert_eq!(one, concealed("A-1", "314159"));
        assert_ne!(one, concealed("A-2", "314159"));
        // Where one part ends and the next begins counts.
        assert_ne!(concealed("A-1", "1"), concealed("A-", "11"));
        assert!(one.len() == 71 && !one.contains("314159"), "{one}");
        assert!(is_concealed(&one) && is_concealed(&"0aF9".repeat(8)));
        assert!(is_concealed(&format!("$2b$10${}", "a".repeat(53))));
        for clear in ["", "314159", "sha256:314159", "$1$", "a1b2c3d4", "密码"] {
            assert!(!is_concealed(clear), "{clear}");
        }
    }
}
