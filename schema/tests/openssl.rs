//! Whether OpenSSL agrees about keys and signatures, in both directions: Ed25519, and SM2 with SM3 under
//! the usual identifier. Refuses to pass where `openssl` is missing.

#![expect(clippy::expect_used, reason = "tests")]

use std::path::Path;
use std::process::Command;
use tongcha_schema::seal::{
    NodeKey, PublicKey, Suite, parse_public, public_pem, public_text, verify,
};

const MESSAGE: &[u8] = "办件一万条 and a head".as_bytes();
const DISTID: &str = "distid:1234567812345678";

fn openssl(folder: &Path, args: &[&str]) -> bool {
    let done = Command::new("openssl")
        .current_dir(folder)
        .args(args)
        .output()
        .expect("openssl runs (package openssl; hint: apt-get install openssl)");
    if !done.status.success() {
        println!("{}", String::from_utf8_lossy(&done.stderr));
    }
    done.status.success()
}

/// `r` and `s` as OpenSSL reads them.
fn der(signature: &[u8; 64]) -> Vec<u8> {
    let number = |bytes: &[u8]| {
        let at = bytes.iter().position(|b| *b != 0).unwrap_or(31);
        let mut body = bytes[at..].to_vec();
        if body[0] > 0x7f {
            body.insert(0, 0);
        }
        [&[0x02, body.len() as u8][..], &body].concat()
    };
    let body = [number(&signature[..32]), number(&signature[32..])].concat();
    [&[0x30, body.len() as u8][..], &body].concat()
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("tongcha-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a writable folder");
    std::fs::write(folder.join("message"), MESSAGE).expect("a writable folder");
    folder
}

/// Our key, our signature, checked by OpenSSL; then its key and signature, checked by us.
fn both_ways(suite: Suite, make: &[&str], sign: &[&str], check: &[&str]) {
    let folder = folder(&format!("{suite:?}"));
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.join(name), bytes).expect("a writable folder");
    };
    let read = |name: &str| std::fs::read(folder.join(name)).expect("it was written");
    let ours = NodeKey::of(suite, &[0x2b; 32]).expect("a key");
    write("our.key", ours.to_pem().as_bytes());
    write("check.pub", public_pem(&ours.public()).as_bytes());
    let signed = ours.sign(MESSAGE);
    match suite {
        Suite::Ed25519 => write("signature", &signed),
        Suite::Sm2 => write("signature", &der(&signed)),
    }
    assert!(openssl(&folder, check), "OpenSSL takes our signature");
    assert!(openssl(
        &folder,
        &["pkey", "-in", "our.key", "-pubout", "-out", "derived.pub"]
    ));
    let derived = String::from_utf8(read("derived.pub")).expect("PEM");
    assert_eq!(
        parse_public(&derived),
        Some(ours.public()),
        "the same public key"
    );
    write("message", b"another message");
    assert!(!openssl(&folder, check), "not over another message");
    write("message", MESSAGE);

    assert!(openssl(&folder, make), "OpenSSL makes a key");
    assert!(openssl(&folder, sign), "OpenSSL signs");
    let text = String::from_utf8(read("their.key")).expect("PEM");
    let theirs = NodeKey::parse(&text).expect("we read its key");
    assert_eq!(theirs.suite(), suite);
    let mut signature = read("their.signature");
    assert!(verify(&theirs.public(), MESSAGE, &signature));
    let again = NodeKey::parse(&theirs.to_pem()).expect("ours reads back");
    assert_eq!(again.public(), theirs.public());
    let last = signature.len() - 1;
    signature[last] ^= 1;
    assert!(!verify(&theirs.public(), MESSAGE, &signature));
    std::fs::remove_dir_all(&folder).expect("own folder");
}

#[test]
fn ed25519_in_both_directions() {
    both_ways(
        Suite::Ed25519,
        &["genpkey", "-algorithm", "ed25519", "-out", "their.key"],
        &[
            "pkeyutl",
            "-sign",
            "-rawin",
            "-inkey",
            "their.key",
            "-in",
            "message",
            "-out",
            "their.signature",
        ],
        &[
            "pkeyutl",
            "-verify",
            "-rawin",
            "-pubin",
            "-inkey",
            "check.pub",
            "-in",
            "message",
            "-sigfile",
            "signature",
        ],
    );
}

#[test]
fn sm2_with_sm3_in_both_directions() {
    both_ways(
        Suite::Sm2,
        &["genpkey", "-algorithm", "SM2", "-out", "their.key"],
        &[
            "dgst",
            "-sm3",
            "-sign",
            "their.key",
            "-sigopt",
            DISTID,
            "-out",
            "their.signature",
            "message",
        ],
        &[
            "dgst",
            "-sm3",
            "-verify",
            "check.pub",
            "-sigopt",
            DISTID,
            "-signature",
            "signature",
            "message",
        ],
    );
}

fn bytes(hex: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
    (0..hex.len()).step_by(2).map(pair).collect()
}

#[test]
fn the_standards_example_of_sm2_is_accepted() {
    // GB/T 32918.5 annex A.2.
    let point = format!(
        "04{}{}",
        "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    );
    let public = PublicKey::Sm2(bytes(&point).try_into().expect("65 bytes"));
    let secret = bytes("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
    let key = NodeKey::of(Suite::Sm2, &secret.try_into().expect("32 bytes")).expect("a key");
    assert_eq!(key.public(), public);
    let signature = bytes(&format!(
        "{}{}",
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3",
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    ));
    assert!(verify(&public, b"message digest", &signature));
    assert!(!verify(&public, b"message digesu", &signature));
    assert!(verify(&public, MESSAGE, &key.sign(MESSAGE)));
    assert_eq!(
        key.sign(MESSAGE),
        key.sign(MESSAGE),
        "the same message, the same signature"
    );
    assert_eq!(parse_public(&public_text(&public)), Some(public));
    let mut off = bytes(&point);
    off[64] ^= 1;
    let off = PublicKey::Sm2(off.try_into().expect("65 bytes"));
    assert_eq!(parse_public(&public_text(&off)), None, "not on the curve");
    assert!(!verify(&off, MESSAGE, &key.sign(MESSAGE)));
    let other = NodeKey::from_bytes(&[1; 32]);
    assert!(
        !verify(&public, MESSAGE, &other.sign(MESSAGE)),
        "another suite"
    );
}
