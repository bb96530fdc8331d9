//! Keys and seals: node signatures (`seal/keys.rs`: Ed25519, or SM2 with SM3), their texts
//! (`seal/text.rs`), the codec for what must not lie open at rest
//! (AES-256-GCM-SIV, `seal/codec.rs`) and signed requests (`seal/request.rs`). Refuses to make
//! randomness and to read files: seeds and texts are handed in.

mod codec;
mod request;
mod secrecy;

pub use codec::{Sealed, same_secret};
pub use request::{REQUEST_WINDOW, RequestFault, sign_request, stated_node, verify_request};
pub use secrecy::{EnvelopeCipher, OpeningKey, Recipient, Secrecy};

mod keys;
mod text;

pub use keys::{NodeKey, PublicKey, Suite, verify};
pub use text::{fingerprint, parse_public, public_pem, public_text};

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn rfc_8032_test_vector_2() {
        let seed = bytes32("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = NodeKey::from_bytes(&seed);
        let public = PublicKey::Ed25519(bytes32(
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        ));
        assert_eq!(key.public(), public);
        let signature = key.sign(&[0x72]);
        assert!(crate::digest::hex(&signature).starts_with("92a009a9f0d4cab8720e820b5f642540"));
        assert!(verify(&public, &[0x72], &signature));
    }

    fn bytes32(hex: &str) -> [u8; 32] {
        let mut out = [0; 32];
        for (i, byte) in out.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap();
        }
        out
    }

    #[test]
    fn a_changed_message_signature_or_key_is_refused() {
        let key = NodeKey::from_bytes(&[1; 32]);
        let signature = key.sign(b"head");
        assert!(verify(&key.public(), b"head", &signature));
        assert!(!verify(&key.public(), b"heat", &signature));
        assert!(!verify(&key.public(), b"head", &signature[..63]));
        assert!(!verify(
            &NodeKey::from_bytes(&[2; 32]).public(),
            b"head",
            &signature
        ));
        for at in 0..64 {
            let mut changed = signature;
            changed[at] ^= 1;
            assert!(!verify(&key.public(), b"head", &changed), "byte {at}");
        }
        let weak = PublicKey::Ed25519([0; 32]);
        assert!(!verify(&weak, b"head", &[0; 64]), "weak key");
    }

    #[test]
    fn keys_have_text_forms_that_read_back() {
        let key = NodeKey::from_bytes(&[9; 32]);
        let pem = key.to_pem();
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI"));
        assert_eq!(NodeKey::parse(&pem).unwrap().public(), key.public());
        assert_eq!(
            parse_public(&public_text(&key.public())),
            Some(key.public())
        );
        assert_eq!(parse_public(&public_pem(&key.public())), Some(key.public()));
        assert!(NodeKey::parse(&public_pem(&key.public())).is_none());
        assert!(parse_public("AAAA").is_none() && NodeKey::parse("").is_none());
        assert!(
            !format!("{key:?}").contains("CQkJCQ"),
            "secret bytes in Debug"
        );
        assert_eq!(fingerprint(&key.public()).len(), 16);
    }
}
