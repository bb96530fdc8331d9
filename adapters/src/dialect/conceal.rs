//! How a query password is concealed before it can stand anywhere. Refuses to keep or to show it.
//!
//! A SHA-256 over a label, the case number and the text, so that equal passwords of two cases differ
//! and the same input always gives the same text. It keeps the clear text out of tables, findings and
//! logs. It is no vault: a password of six digits can be found by trying all of them, by whoever has
//! the hash and the case number.

use sha2::{Digest, Sha256};
use tongcha_schema::envelope::hex;

/// `sha256:` and 64 hexadecimal digits.
pub(crate) fn concealed(case_no: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["tongcha query password 1", case_no, text] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    format!("sha256:{}", hex(&hash.finalize()))
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
    }
}
