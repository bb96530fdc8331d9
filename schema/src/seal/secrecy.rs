//! Secrecy of an envelope: its items are encrypted with a key of their own, which travels in the signed head,
//! wrapped for the hub. Two suites, by the kind of the hub's key: X25519 with HKDF-SHA-256 and AES-256-GCM, or
//! SM2 with SM4-GCM (RFC 8998). Refuses randomness: both secrets of an envelope are derived from one that the
//! sender keeps, so that a repeat has the same bytes.
//!
//! ```text
//! chunk: AEAD(content key, nonce = item u32 | chunk u64, associated data = envelope id) over the zstd frame
//! x25519: key = ephemeral public (32) | AES-256-GCM(HKDF(salt = ephemeral | hub, ikm = shared,
//!         info = "tongcha wrap 1"), nonce 0) over the content key of 32 bytes
//! sm2:    key = SM2 ciphertext in DER (GM/T 0009: C1, C3, C2) over the content key of 16 bytes
//! ```

use super::Suite;
use super::text::{decode, pem};
use crate::digest::hex;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, AesGcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hkdf::Hkdf;
use rand_core::{TryCryptoRng, TryRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sm2::elliptic_curve::consts::U12;
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use sm2::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use sm2::pke::{DecryptingKey, EncryptingKey};
use std::convert::Infallible;
use std::fmt;
use x25519_dalek::StaticSecret;

type Sm4Gcm = AesGcm<sm4::Sm4, U12>;

/// DER before the 32 bytes of a PKCS#8 X25519 secret (RFC 8410).
const X25519_DER: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
];
/// Name of the suite X25519, AES-256-GCM.
const X25519: &str = "x25519-aes256gcm";
/// Name of the suite SM2, SM4-GCM.
const SM2: &str = "sm2-sm4gcm";

/// What a head says of its secrecy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrecy {
    /// The suite: `x25519-aes256gcm` or `sm2-sm4gcm`.
    pub suite: String,
    /// Which of the hub's keys opens it: the first 16 hexadecimal digits of the public key's SHA-256.
    pub to: String,
    /// The wrapped key, base64.
    pub key: String,
}

impl Secrecy {
    /// The suite of keys to which its algorithms belong; `None` where they are unknown.
    pub fn family(&self) -> Option<Suite> {
        match self.suite.as_str() {
            X25519 => Some(Suite::Ed25519),
            SM2 => Some(Suite::Sm2),
            _ => None,
        }
    }
}

/// The public key for which envelopes are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// X25519.
    X25519([u8; 32]),
    /// SM2: the point, uncompressed.
    Sm2([u8; 65]),
}

/// The secret key with which a hub opens them. Never printed.
#[derive(Clone)]
pub enum OpeningKey {
    /// X25519.
    X25519(Box<StaticSecret>),
    /// SM2.
    Sm2(Box<sm2::SecretKey>),
}

impl fmt::Debug for OpeningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpeningKey({})", self.recipient().id())
    }
}

/// The cipher of one envelope's chunks.
#[derive(Clone)]
pub struct EnvelopeCipher {
    suite: Cipher,
    id: String,
}

#[derive(Clone)]
enum Cipher {
    Aes(Box<Aes256Gcm>),
    Sm4(Box<Sm4Gcm>),
}

impl fmt::Debug for EnvelopeCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnvelopeCipher({})", self.id)
    }
}

impl EnvelopeCipher {
    fn aes(key: &[u8; 32], id: &str) -> EnvelopeCipher {
        EnvelopeCipher {
            suite: Cipher::Aes(Box::new(Aes256Gcm::new(key.into()))),
            id: id.to_owned(),
        }
    }

    fn sm4(key: &[u8; 16], id: &str) -> EnvelopeCipher {
        EnvelopeCipher {
            suite: Cipher::Sm4(Box::new(Sm4Gcm::new(key.into()))),
            id: id.to_owned(),
        }
    }

    /// The cipher that the sender's secret gives for a head's suite; `None` for a suite that is unknown.
    pub fn of_sender(secrecy: &Secrecy, secret: &[u8; 32], id: &str) -> Option<EnvelopeCipher> {
        match secrecy.suite.as_str() {
            X25519 => Some(EnvelopeCipher::aes(&content(secret), id)),
            SM2 => Some(EnvelopeCipher::sm4(&first16(&content(secret)), id)),
            _ => None,
        }
    }

    /// Encrypts a chunk of an item: 16 bytes more.
    pub fn seal(&self, item: u32, chunk: u64, plain: &[u8]) -> Vec<u8> {
        let (nonce, payload) = (nonce(item, chunk), self.payload(plain));
        let sealed = match &self.suite {
            Cipher::Aes(cipher) => cipher.encrypt(&nonce, payload),
            Cipher::Sm4(cipher) => cipher.encrypt(&nonce, payload),
        };
        // Only a chunk of 64 GiB fails; it would open to nothing.
        sealed.unwrap_or_default()
    }

    /// Opens a chunk; `None` where anything of it was altered, or it stood elsewhere.
    pub fn open(&self, item: u32, chunk: u64, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, payload) = (nonce(item, chunk), self.payload(sealed));
        match &self.suite {
            Cipher::Aes(cipher) => cipher.decrypt(&nonce, payload).ok(),
            Cipher::Sm4(cipher) => cipher.decrypt(&nonce, payload).ok(),
        }
    }

    fn payload<'p>(&'p self, msg: &'p [u8]) -> Payload<'p, 'p> {
        Payload {
            msg,
            aad: self.id.as_bytes(),
        }
    }
}

fn nonce(item: u32, chunk: u64) -> Nonce<U12> {
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&item.to_be_bytes());
    bytes[4..].copy_from_slice(&chunk.to_be_bytes());
    bytes.into()
}

impl Recipient {
    /// Reads a public key: base64 of 32 bytes (X25519), or of the 65 of a point (SM2).
    pub fn parse(text: &str) -> Option<Recipient> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        if let Ok(bytes) = bytes.as_slice().try_into() {
            return Some(Recipient::X25519(bytes));
        }
        let bytes = <[u8; 65]>::try_from(bytes).ok()?;
        sm2::PublicKey::from_sec1_bytes(&bytes).ok()?;
        Some(Recipient::Sm2(bytes))
    }

    /// One line of base64.
    pub fn text(&self) -> String {
        STANDARD.encode(self.bytes())
    }

    /// By which a hub finds the key that opens.
    pub fn id(&self) -> String {
        hex(&Sha256::digest(self.bytes())[..8])
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Recipient::X25519(bytes) => bytes,
            Recipient::Sm2(bytes) => bytes,
        }
    }

    /// What the head of an envelope says, by the secret that its sender keeps for it; `None` for a key
    /// that is none.
    pub fn wrap(&self, secret: &[u8; 32]) -> Option<Secrecy> {
        let (suite, key) = match self {
            Recipient::X25519(hub) => {
                let ephemeral = StaticSecret::from(derive(secret, b"ephemeral"));
                let public = x25519_dalek::PublicKey::from(&ephemeral).to_bytes();
                let shared = ephemeral.diffie_hellman(&(*hub).into());
                if !shared.was_contributory() {
                    return None;
                }
                let cipher = wrapping(shared.as_bytes(), &public, hub)?;
                let wrapped = cipher.encrypt(&nonce(0, 0), &content(secret)[..]).ok()?;
                (X25519, [&public[..], &wrapped].concat())
            }
            Recipient::Sm2(hub) => {
                let key = EncryptingKey::from_sec1_bytes(hub).ok()?;
                let mut rng = Seeded(derive(secret, b"ephemeral"), 0);
                let wrapped = key.encrypt_der(&mut rng, &first16(&content(secret)));
                (SM2, wrapped.ok()?)
            }
        };
        Some(Secrecy {
            suite: suite.to_owned(),
            to: self.id(),
            key: STANDARD.encode(key),
        })
    }
}

impl OpeningKey {
    /// The key of 32 bytes of the machine's randomness; `None` for the rare seed that is no SM2 key.
    pub fn of(suite: Suite, seed: &[u8; 32]) -> Option<OpeningKey> {
        match suite {
            Suite::Ed25519 => Some(OpeningKey::X25519(Box::new((*seed).into()))),
            Suite::Sm2 => {
                let key = sm2::SecretKey::from_slice(seed).ok()?;
                Some(OpeningKey::Sm2(Box::new(key)))
            }
        }
    }

    /// Its suite.
    pub fn suite(&self) -> Suite {
        match self {
            OpeningKey::X25519(_) => Suite::Ed25519,
            OpeningKey::Sm2(_) => Suite::Sm2,
        }
    }

    /// Reads PKCS#8 PEM of either suite, as `openssl genpkey -algorithm x25519` and `SM2` write it too.
    pub fn parse(text: &str) -> Option<OpeningKey> {
        let der = decode(text, "PRIVATE KEY")?;
        if let Some(seed) = der.strip_prefix(&X25519_DER) {
            let seed: [u8; 32] = seed.try_into().ok()?;
            return Some(OpeningKey::X25519(Box::new(seed.into())));
        }
        let key = sm2::SecretKey::from_pkcs8_der(&der).ok()?;
        Some(OpeningKey::Sm2(Box::new(key)))
    }

    /// As PKCS#8 PEM. For a file that only its owner reads, and for nothing else.
    pub fn to_pem(&self) -> String {
        match self {
            OpeningKey::X25519(key) => {
                pem("PRIVATE KEY", &[&X25519_DER[..], key.as_bytes()].concat())
            }
            OpeningKey::Sm2(key) => {
                let der = key.to_pkcs8_der();
                der.map(|der| pem("PRIVATE KEY", der.as_bytes()))
                    .unwrap_or_default()
            }
        }
    }

    /// Its public half.
    pub fn recipient(&self) -> Recipient {
        match self {
            OpeningKey::X25519(key) => {
                Recipient::X25519(x25519_dalek::PublicKey::from(&**key).to_bytes())
            }
            OpeningKey::Sm2(key) => {
                let point = key.public_key().to_sec1_point(false);
                Recipient::Sm2(point.as_bytes().try_into().unwrap_or([0; 65]))
            }
        }
    }

    /// The cipher of an envelope whose head was verified; `None` where it is not for this key.
    pub fn unwrap(&self, secrecy: &Secrecy, id: &str) -> Option<EnvelopeCipher> {
        let wrapped = STANDARD.decode(&secrecy.key).ok()?;
        match (self, secrecy.suite.as_str()) {
            (OpeningKey::X25519(key), X25519) => {
                let (public, body) = wrapped.split_at_checked(32)?;
                let public: [u8; 32] = public.try_into().ok()?;
                let shared = key.diffie_hellman(&public.into());
                if !shared.was_contributory() {
                    return None;
                }
                let hub = x25519_dalek::PublicKey::from(&**key).to_bytes();
                let cipher = wrapping(shared.as_bytes(), &public, &hub)?;
                let content = cipher.decrypt(&nonce(0, 0), body).ok()?;
                let content: [u8; 32] = content.try_into().ok()?;
                Some(EnvelopeCipher::aes(&content, id))
            }
            (OpeningKey::Sm2(key), SM2) => {
                let key = DecryptingKey::new(sm2::SecretKey::clone(key));
                let content: [u8; 16] = key.decrypt_der(&wrapped).ok()?.try_into().ok()?;
                Some(EnvelopeCipher::sm4(&content, id))
            }
            _ => None,
        }
    }
}

fn wrapping(shared: &[u8; 32], ephemeral: &[u8; 32], hub: &[u8; 32]) -> Option<Aes256Gcm> {
    let salt = [&ephemeral[..], hub].concat();
    let mut key = [0; 32];
    let hkdf = Hkdf::<Sha256>::new(Some(&salt), shared);
    hkdf.expand(b"tongcha wrap 1", &mut key).ok()?;
    Some(Aes256Gcm::new((&key).into()))
}

fn content(secret: &[u8; 32]) -> [u8; 32] {
    derive(secret, b"content")
}

fn derive(secret: &[u8; 32], label: &[u8]) -> [u8; 32] {
    let hash = Sha256::new_with_prefix(b"tongcha envelope 1 ");
    hash.chain_update(label)
        .chain_update(secret)
        .finalize()
        .into()
}

fn first16(bytes: &[u8; 32]) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&bytes[..16]);
    out
}

/// The numbers that a secret seed gives: what SM2 asks a source of randomness for.
struct Seeded([u8; 32], u64);

impl Seeded {
    fn block(&mut self) -> [u8; 32] {
        self.1 += 1;
        let hash = Sha256::new_with_prefix(b"tongcha seeded 1 ");
        hash.chain_update(self.0)
            .chain_update(self.1.to_be_bytes())
            .finalize()
            .into()
    }
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let [a, b, c, d, ..] = self.block();
        Ok(u32::from_be_bytes([a, b, c, d]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let [a, b, c, d, e, f, g, h, ..] = self.block();
        Ok(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for part in out.chunks_mut(32) {
            let block = self.block();
            part.copy_from_slice(&block[..part.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let pair = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(pair).collect()
    }

    #[test]
    fn sm4_gcm_of_rfc_8998() {
        // Appendix A.1.
        let key: [u8; 16] = bytes("0123456789abcdeffedcba9876543210")
            .try_into()
            .unwrap();
        let nonce: [u8; 12] = bytes("00001234567800000000abcd").try_into().unwrap();
        let plain = bytes(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd\
             eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        );
        let aad = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let payload = Payload {
            msg: &plain,
            aad: &aad,
        };
        let sealed = Sm4Gcm::new((&key).into())
            .encrypt(&nonce.into(), payload)
            .unwrap();
        assert_eq!(
            hex(&sealed),
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735\
             d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d\
             83de3541e4c2b58177e065a9bf7b62ec"
        );
    }

    #[test]
    fn only_the_hubs_key_opens_and_only_in_its_place() {
        for suite in [Suite::Ed25519, Suite::Sm2] {
            let hub = OpeningKey::of(suite, &[0x31; 32]).unwrap();
            let (secret, id) = ([7; 32], "431321/gtj@1.4");
            let recipient = Recipient::parse(&hub.recipient().text()).unwrap();
            let secrecy = recipient.wrap(&secret).unwrap();
            assert_eq!(
                recipient.wrap(&secret).unwrap(),
                secrecy,
                "a repeat has the same bytes"
            );
            let sender = EnvelopeCipher::of_sender(&secrecy, &secret, id).unwrap();
            let sealed = sender.seal(1, 2, b"a chunk");
            let read = OpeningKey::parse(&hub.to_pem()).unwrap();
            let opener = read.unwrap(&secrecy, id).unwrap();
            assert_eq!(opener.open(1, 2, &sealed).as_deref(), Some(&b"a chunk"[..]));
            assert!(opener.open(1, 3, &sealed).is_none() && opener.open(0, 2, &sealed).is_none());
            let other = read.unwrap(&secrecy, "431321/gtj@1.5").unwrap();
            assert!(other.open(1, 2, &sealed).is_none(), "of another envelope");
            for at in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[at] ^= 1;
                assert!(opener.open(1, 2, &changed).is_none(), "byte {at}");
            }
            let stranger = OpeningKey::of(suite, &[0x32; 32]).unwrap();
            assert!(stranger.unwrap(&secrecy, id).is_none());
            let mut changed = secrecy.clone();
            changed.suite = "none".to_owned();
            assert!(read.unwrap(&changed, id).is_none());
            changed.suite.clone_from(&secrecy.suite);
            changed.key.truncate(20);
            assert!(read.unwrap(&changed, id).is_none());
        }
        assert!(
            Recipient::X25519([0; 32]).wrap(&[7; 32]).is_none(),
            "a weak key"
        );
    }
}
