//! The texts of keys: base64 for configuration files, PEM (PKCS#8, SubjectPublicKeyInfo) as other programs
//! read and write it. Refuses to read files.

use super::keys::{NodeKey, PublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use sm2::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use std::fmt;

/// DER before the 32 bytes of a PKCS#8 Ed25519 secret (RFC 8410).
const SECRET_DER: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// DER before the 32 bytes of an Ed25519 public key (RFC 8410).
const PUBLIC_DER: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// DER before the 65 bytes of an SM2 public key (RFC 5480 with the curve of GM/T 0006).
const SM2_PUBLIC_DER: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00,
];

impl NodeKey {
    /// Reads a secret key: PKCS#8 PEM of either suite, as `openssl genpkey` writes it too, or the base64
    /// of an Ed25519 key's 32 bytes.
    pub fn parse(text: &str) -> Option<NodeKey> {
        let der = decode(text, "PRIVATE KEY")?;
        if let Ok(seed) = <[u8; 32]>::try_from(der.as_slice()) {
            return Some(NodeKey::from_bytes(&seed));
        }
        if let Some(seed) = der.strip_prefix(&SECRET_DER) {
            return Some(NodeKey::from_bytes(seed.try_into().ok()?));
        }
        let key = sm2::SecretKey::from_pkcs8_der(&der).ok()?;
        Some(NodeKey::Sm2(Box::new(key)))
    }

    /// The secret key as PKCS#8 PEM. For a file that only its owner reads, and for nothing else.
    pub fn to_pem(&self) -> String {
        match self {
            NodeKey::Ed25519(key) => {
                pem("PRIVATE KEY", &[&SECRET_DER[..], key.as_bytes()].concat())
            }
            NodeKey::Sm2(key) => {
                let der = key.to_pkcs8_der();
                der.map(|der| pem("PRIVATE KEY", der.as_bytes()))
                    .unwrap_or_default()
            }
        }
    }
}

impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeKey({})", public_text(&self.public()))
    }
}

/// A public key as one line of base64: the form of configuration files.
pub fn public_text(public: &PublicKey) -> String {
    STANDARD.encode(public.bytes())
}

/// A public key as PEM (SubjectPublicKeyInfo), as other programs want it.
pub fn public_pem(public: &PublicKey) -> String {
    let head: &[u8] = match public {
        PublicKey::Ed25519(_) => &PUBLIC_DER,
        PublicKey::Sm2(_) => &SM2_PUBLIC_DER,
    };
    pem("PUBLIC KEY", &[head, public.bytes()].concat())
}

/// Reads a public key: base64 of 32 bytes (Ed25519) or of the 65 of a point (SM2), or PEM.
pub fn parse_public(text: &str) -> Option<PublicKey> {
    let der = decode(text, "PUBLIC KEY")?;
    let bytes = [&PUBLIC_DER[..], &SM2_PUBLIC_DER]
        .iter()
        .find_map(|head| der.strip_prefix(*head))
        .unwrap_or(&der);
    if let Ok(bytes) = bytes.try_into() {
        return Some(PublicKey::Ed25519(bytes));
    }
    let bytes = <[u8; 65]>::try_from(bytes).ok()?;
    // A point that is not on the curve is no key.
    sm2::PublicKey::from_sec1_bytes(&bytes).ok()?;
    Some(PublicKey::Sm2(bytes))
}

/// The first 16 hexadecimal digits of the key's SHA-256, to compare two keys by eye.
pub fn fingerprint(public: &PublicKey) -> String {
    crate::digest::hex(&Sha256::digest(public.bytes())[..8])
}

pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        text.extend(line.iter().map(|b| char::from(*b)));
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}

/// The bytes of PEM with that label, or of base64 alone.
pub(super) fn decode(text: &str, label: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let body = match text.strip_prefix(&format!("-----BEGIN {label}-----")) {
        Some(rest) => rest.strip_suffix(&format!("-----END {label}-----"))?,
        None => text,
    };
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(body).ok()
}
