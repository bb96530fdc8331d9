//! The ciphers of the suites against the examples of their standards, and against the OpenSSL command line: SM3
//! and SM4 (as CBC, which that command line has). Refuses to pass where `openssl` is missing.

#![expect(clippy::expect_used, reason = "tests")]

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use sm3::{Digest, Sm3};
use sm4::Sm4;
use sm4::cipher::BlockCipherEncrypt;
use std::process::{Command, Stdio};
use tongcha_schema::digest::hex;

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    let pair = |at: usize| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hex");
    std::array::from_fn(pair)
}

/// What OpenSSL writes for an input.
fn openssl(args: &[&str], input: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut child = Command::new("openssl")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl runs (package openssl; hint: apt-get install openssl)");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(input).expect("openssl reads");
    drop(stdin);
    let done = child.wait_with_output().expect("openssl ends");
    assert!(done.status.success(), "openssl {args:?}");
    done.stdout
}

fn encrypt(cipher: &Sm4, block: [u8; 16]) -> [u8; 16] {
    let mut block = block.into();
    cipher.encrypt_block(&mut block);
    block.into()
}

#[test]
fn sm3_of_the_standard_and_of_openssl() {
    // GB/T 32905-2016, annex A.
    assert_eq!(
        hex(&Sm3::digest(b"abc")),
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    );
    assert_eq!(
        hex(&Sm3::digest("abcd".repeat(16))),
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    );
    for length in [0, 1, 55, 56, 64, 1_000] {
        let text = vec![0x5a; length];
        let theirs = openssl(&["dgst", "-sm3", "-binary"], &text);
        assert_eq!(hex(&Sm3::digest(&text)), hex(&theirs), "{length} bytes");
    }
}

#[test]
fn sm4_of_the_standard_and_of_openssl() {
    // GB/T 32907-2016, annex A.
    let key: [u8; 16] = bytes("0123456789abcdeffedcba9876543210");
    let cipher = Sm4::new(&key.into());
    let sealed = encrypt(&cipher, key);
    assert_eq!(hex(&sealed), "681edf34d206965e86b3e94f536e4246");
    let (plain, mut last) = ([0xc3_u8; 64], [7_u8; 16]);
    let iv = hex(&last);
    let mut ours = Vec::new();
    for block in plain.chunks(16) {
        let mixed = std::array::from_fn(|at| block[at] ^ last[at]);
        last = encrypt(&cipher, mixed);
        ours.extend_from_slice(&last);
    }
    let key = hex(&key);
    let args = ["enc", "-sm4-cbc", "-nopad", "-K", &key, "-iv", &iv];
    assert_eq!(hex(&ours), hex(&openssl(&args, &plain)));
}

#[test]
fn aes_256_gcm_of_the_specification() {
    // The Galois/Counter Mode of Operation, test cases 13 and 14 (NIST SP 800-38D).
    let cipher = Aes256Gcm::new(&[0; 32].into());
    let nonce: Nonce<_> = [0; 12].into();
    for (plain, sealed) in [
        (&[][..], "530f8afbc74536b9a963b4f1c4cb738b"),
        (
            &[0; 16][..],
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
        ),
    ] {
        let payload = Payload {
            msg: plain,
            aad: &[],
        };
        let ours = cipher.encrypt(&nonce, payload).expect("it seals");
        assert_eq!(hex(&ours), sealed);
    }
}
