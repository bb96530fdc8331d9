//! Whether another implementation opens what we encrypt: Python's `cryptography` unwraps the key with X25519
//! and HKDF, and opens AES-256-GCM; OpenSSL unwraps the key of SM2. Refuses to pass where they are missing.

#![expect(clippy::expect_used, reason = "tests")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::process::{Command, Stdio};
use tongcha_schema::seal::{EnvelopeCipher, OpeningKey, Secrecy, Suite};

const ID: &str = "431321/gtj@1.4";
const PLAIN: &str = "办件 and a zstd frame";

/// A key, what the head says, and an encrypted chunk: item 1, chunk 2.
fn sealed(suite: Suite) -> (OpeningKey, Secrecy, Vec<u8>) {
    let hub = OpeningKey::of(suite, &[0x31; 32]).expect("a key");
    let secrecy = hub.recipient().wrap(&[7; 32]).expect("a recipient");
    let cipher = EnvelopeCipher::of_sender(&secrecy, &[7; 32], ID).expect("a suite");
    let chunk = cipher.seal(1, 2, PLAIN.as_bytes());
    (hub, secrecy, chunk)
}

const PYTHON: &str = r#"
import base64, sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
pem, key, chunk, envelope = sys.argv[1:]
secret = serialization.load_pem_private_key(pem.encode(), None)
own = secret.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
key = base64.b64decode(key)
shared = secret.exchange(X25519PublicKey.from_public_bytes(key[:32]))
kek = HKDF(hashes.SHA256(), 32, key[:32] + own, b"tongcha wrap 1").derive(shared)
content = AESGCM(kek).decrypt(bytes(12), key[32:], None)
nonce = (1).to_bytes(4, "big") + (2).to_bytes(8, "big")
sys.stdout.buffer.write(AESGCM(content).decrypt(nonce, base64.b64decode(chunk), envelope.encode()))
"#;

#[test]
fn pythons_cryptography_opens_aes_256_gcm() {
    let (hub, secrecy, chunk) = sealed(Suite::Ed25519);
    let output = Command::new("/usr/bin/python3")
        .args([
            "-c",
            PYTHON,
            &hub.to_pem(),
            &secrecy.key,
            &STANDARD.encode(&chunk),
            ID,
        ])
        .stderr(Stdio::inherit())
        .output()
        .expect("python3 runs (package python3-cryptography)");
    assert!(
        output.status.success(),
        "hint: apt-get install python3-cryptography"
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), PLAIN);
}

#[test]
fn openssl_unwraps_the_key_of_sm2() {
    let (hub, secrecy, chunk) = sealed(Suite::Sm2);
    let folder = std::env::temp_dir().join(format!("tongcha-wrap-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a writable folder");
    let wrapped = STANDARD.decode(&secrecy.key).expect("base64");
    std::fs::write(folder.join("hub.key"), hub.to_pem()).expect("a writable folder");
    std::fs::write(folder.join("wrapped"), wrapped).expect("a writable folder");
    let output = Command::new("openssl")
        .current_dir(&folder)
        .args(["pkeyutl", "-decrypt", "-inkey", "hub.key", "-in", "wrapped"])
        .stderr(Stdio::inherit())
        .output()
        .expect("openssl runs (package openssl)");
    assert!(output.status.success());
    assert_eq!(output.stdout.len(), 16, "the content key of SM4");
    std::fs::remove_dir_all(&folder).expect("own folder");
    let opened = hub
        .unwrap(&secrecy, ID)
        .and_then(|cipher| cipher.open(1, 2, &chunk));
    assert_eq!(opened.as_deref(), Some(PLAIN.as_bytes()));
}
