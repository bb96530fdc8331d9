//! The codec for personal columns, raw bytes and the outbox: AES-256-GCM-SIV (RFC 8452), a version
//! byte first. Deterministic: equal plain bytes in the same context give equal sealed bytes, so that
//! equality can be tested without opening. Refuses to guess: a wrong key or context opens nothing.

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::fmt;

/// Version of the sealed form: AES-256-GCM-SIV, 12-byte nonce from HMAC-SHA-256.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// The codec with its key. The context (e.g. `outbox`, `el_applicant.id_no`) is authenticated: what
/// was sealed in one place does not open in another.
#[derive(Clone)]
pub struct Sealed {
    cipher: Aes256GcmSiv,
    nonce_key: [u8; 32],
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}

impl Sealed {
    /// Bytes that sealing adds: version, nonce, tag.
    pub const OVERHEAD: usize = 1 + NONCE_BYTES + TAG_BYTES;

    /// The codec of a 32-byte key; cipher and nonce keys are derived from it.
    pub fn new(key: [u8; 32]) -> Sealed {
        let cipher_key = mac(&key, &[b"tongcha seal 1 cipher"]);
        Sealed {
            cipher: Aes256GcmSiv::new(&cipher_key.into()),
            nonce_key: mac(&key, &[b"tongcha seal 1 nonce"]),
        }
    }

    /// The codec of a key written as base64 of 32 bytes (the content of a key file).
    pub fn parse(text: &str) -> Option<Sealed> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        Some(Sealed::new(bytes.try_into().ok()?))
    }

    /// Seals bytes (less than 64 GiB, the cipher's own limit; beyond it the result is empty and
    /// opens to nothing).
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let length = (context.len() as u64).to_be_bytes();
        let full = mac(&self.nonce_key, &[&length, context.as_bytes(), plain]);
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&full[..NONCE_BYTES]);
        let aad = aad(context);
        let payload = Payload {
            msg: plain,
            aad: &aad,
        };
        let Ok(body) = self.cipher.encrypt(&Nonce::from(nonce), payload) else {
            return Vec::new();
        };
        let mut out = Vec::with_capacity(body.len() + 1 + NONCE_BYTES);
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&body);
        out
    }

    /// Opens what [`Sealed::seal`] made under the same key and context; `None` for anything else.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (version, rest) = sealed.split_first()?;
        let (nonce, body) = rest.split_at_checked(NONCE_BYTES)?;
        if *version != VERSION {
            return None;
        }
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let aad = aad(context);
        let payload = Payload {
            msg: body,
            aad: &aad,
        };
        self.cipher.decrypt(&Nonce::from(nonce), payload).ok()
    }
}

fn aad(context: &str) -> Vec<u8> {
    [&[VERSION], context.as_bytes()].concat()
}

/// HMAC-SHA-256 (RFC 2104) over the parts in turn.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // One block of the hash: a shorter key is padded with zeros (RFC 2104, section 2).
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut hmac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in parts {
        hmac.update(part);
    }
    hmac.finalize().into_bytes().into()
}

/// Whether two secrets (tokens, passwords of machines) are equal, in a time that does not depend on
/// where they differ: their digests are compared byte by byte to the end.
pub fn same_secret(a: &[u8], b: &[u8]) -> bool {
    let (a, b) = (Sha256::digest(a), Sha256::digest(b));
    let differs = a.iter().zip(b.iter()).fold(0u8, |d, (x, y)| d | (x ^ y));
    std::hint::black_box(differs) == 0
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sealed_bytes_hide_and_open_again() {
        let sealed = Sealed::new([5; 32]);
        let once = sealed.seal("outbox", "张三".as_bytes());
        assert_eq!(once, sealed.seal("outbox", "张三".as_bytes()));
        assert_eq!(once.len(), "张三".len() + Sealed::OVERHEAD);
        assert_eq!(once[0], VERSION);
        assert_eq!(sealed.open("outbox", &once).unwrap(), "张三".as_bytes());
        assert_ne!(once[1..13], sealed.seal("other", "张三".as_bytes())[1..13]);
    }

    #[test]
    fn another_key_context_version_or_byte_opens_nothing() {
        let sealed = Sealed::new([5; 32]);
        let once = sealed.seal("outbox", b"plain");
        assert!(Sealed::new([6; 32]).open("outbox", &once).is_none());
        assert!(sealed.open("raw", &once).is_none());
        for at in 0..once.len() {
            let mut changed = once.clone();
            changed[at] ^= 0x40;
            assert!(sealed.open("outbox", &changed).is_none(), "byte {at}");
        }
        for length in 0..once.len() {
            assert!(sealed.open("outbox", &once[..length]).is_none(), "{length}");
        }
    }

    #[test]
    fn a_key_file_is_base64_of_32_bytes() {
        let text = STANDARD.encode([5; 32]);
        let one = Sealed::parse(&format!("{text}\n")).unwrap();
        assert_eq!(one.seal("c", b"x"), Sealed::new([5; 32]).seal("c", b"x"));
        assert!(Sealed::parse("c2hvcnQ=").is_none() && Sealed::parse("?").is_none());
        assert_eq!(format!("{one:?}"), "Sealed(..)");
    }

    #[test]
    fn secrets_compare_whole() {
        assert!(same_secret(b"token", b"token"));
        assert!(!same_secret(b"token", b"token2") && !same_secret(b"", b"t"));
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(plain in prop::collection::vec(any::<u8>(), 0..300), c in ".{0,20}") {
            let sealed = Sealed::new([1; 32]);
            prop_assert_eq!(sealed.open(&c, &sealed.seal(&c, &plain)), Some(plain));
        }

        #[test]
        fn noise_opens_to_nothing(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(Sealed::new([1; 32]).open("c", &bytes), None);
        }
    }
}
