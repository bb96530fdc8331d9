//! Keys of nodes, of two suites: Ed25519 (RFC 8032), and SM2 with SM3 (GB/T 32918.2, with the usual
//! identifier). A key belongs to one suite, so nothing can talk a hub into the other. Refuses randomness:
//! seeds are handed in, and signatures need none.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sm2::dsa::signature::Verifier as _;
use sm2::elliptic_curve::sec1::ToSec1Point as _;

/// The identifier of whoever has no other (GM/T 0009).
const DISTID: &str = "1234567812345678";

/// A suite of algorithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Suite {
    /// Ed25519.
    #[default]
    Ed25519,
    /// SM2 with SM3.
    Sm2,
}

impl Suite {
    /// `ed25519` or `sm2`: as configurations, commands and tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Suite::Ed25519 => "ed25519",
            Suite::Sm2 => "sm2",
        }
    }

    /// The suite of a name.
    pub fn parse(name: &str) -> Option<Suite> {
        let all = [Suite::Ed25519, Suite::Sm2];
        all.into_iter().find(|suite| suite.name() == name)
    }
}

/// The secret key of a node. Wiped from memory when dropped; never printed.
#[derive(Clone)]
pub enum NodeKey {
    /// Of the suite Ed25519.
    Ed25519(SigningKey),
    /// Of the suite SM2.
    Sm2(Box<sm2::SecretKey>),
}

/// The public key of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// Of the suite Ed25519.
    Ed25519([u8; 32]),
    /// Of the suite SM2: the point, uncompressed.
    Sm2([u8; 65]),
}

impl NodeKey {
    /// The Ed25519 key of 32 secret bytes; to make a new one, hand in 32 bytes of the system's
    /// randomness.
    pub fn from_bytes(seed: &[u8; 32]) -> NodeKey {
        NodeKey::Ed25519(SigningKey::from_bytes(seed))
    }

    /// The key of a suite; `None` for the one seed in 2^32 or fewer that is no SM2 key.
    pub fn of(suite: Suite, seed: &[u8; 32]) -> Option<NodeKey> {
        match suite {
            Suite::Ed25519 => Some(NodeKey::from_bytes(seed)),
            Suite::Sm2 => {
                let key = sm2::SecretKey::from_slice(seed).ok()?;
                Some(NodeKey::Sm2(Box::new(key)))
            }
        }
    }

    /// Its suite.
    pub fn suite(&self) -> Suite {
        match self {
            NodeKey::Ed25519(_) => Suite::Ed25519,
            NodeKey::Sm2(_) => Suite::Sm2,
        }
    }

    /// Signs a message: 64 bytes, of SM2 `r` and `s`.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        match self {
            NodeKey::Ed25519(key) => key.sign(message).to_bytes(),
            NodeKey::Sm2(key) => {
                let signed = sm2::dsa::SigningKey::new(DISTID, key)
                    .and_then(|key| key.try_sign(message))
                    .map(|signature| signature.to_bytes().into());
                // A key that was read signs: what fails would be refused by every reader.
                signed.unwrap_or([0; 64])
            }
        }
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        match self {
            NodeKey::Ed25519(key) => PublicKey::Ed25519(key.verifying_key().to_bytes()),
            NodeKey::Sm2(key) => {
                let point = key.public_key().to_sec1_point(false);
                PublicKey::Sm2(point.as_bytes().try_into().unwrap_or([0; 65]))
            }
        }
    }
}

impl PublicKey {
    /// Its bytes: 32, or the 65 of an uncompressed point.
    pub fn bytes(&self) -> &[u8] {
        match self {
            PublicKey::Ed25519(bytes) => bytes,
            PublicKey::Sm2(bytes) => bytes,
        }
    }

    /// Its suite.
    pub fn suite(&self) -> Suite {
        match self {
            PublicKey::Ed25519(_) => Suite::Ed25519,
            PublicKey::Sm2(_) => Suite::Sm2,
        }
    }
}

/// Whether `signature` was made over `message` by the owner of `public`. Strict: weak keys and malleable
/// signatures are refused. Of SM2, DER is read beside the 64 bytes: other programs write it.
pub fn verify(public: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    match public {
        PublicKey::Ed25519(bytes) => {
            let Ok(key) = VerifyingKey::from_bytes(bytes) else {
                return false;
            };
            let Ok(signature) = Signature::from_slice(signature) else {
                return false;
            };
            key.verify_strict(message, &signature).is_ok()
        }
        PublicKey::Sm2(bytes) => {
            let Ok(key) = sm2::dsa::VerifyingKey::from_sec1_bytes(DISTID, bytes) else {
                return false;
            };
            let read = match signature.len() {
                64 => sm2::dsa::Signature::from_slice(signature),
                _ => sm2::dsa::Signature::from_der(signature),
            };
            read.is_ok_and(|signature| key.verify(message, &signature).is_ok())
        }
    }
}
