//! The sign-in of a MySQL 8 account (`caching_sha2_password`, full authentication over TLS), against a server
//! that speaks just that much of the protocol: no MySQL 8 is among the test's servers.
//! Source: MySQL, "Client/Server Protocol", connection phase.

use crate::NOW;
use crate::mutual::certificates;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use tongcha_adapters::source::Source;
use tongcha_adapters::sources::db_table::{Database, DbTable, DbTableConfig};

const NONCE: &[u8; 20] = b"abcdefghijklmnopqrst";
const PASSWORD: &str = "geheim-8";

fn send(to: &mut impl Write, sequence: u8, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    let head = [length[0], length[1], length[2], sequence];
    to.write_all(&[&head, payload].concat()).unwrap();
    to.flush().unwrap();
}

fn receive(from: &mut impl Read) -> (u8, Vec<u8>) {
    let mut head = [0; 4];
    from.read_exact(&mut head).unwrap();
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    let mut payload = vec![0; length as usize];
    from.read_exact(&mut payload).unwrap();
    (head[3], payload)
}

/// Protocol 4.1 with TLS, sign-in by plugin and a database in the answer.
fn greeting() -> Vec<u8> {
    let capabilities = 0x0128_aa0d_u32.to_le_bytes();
    let mut greeting = b"\x0a8.0.36\0\x01\0\0\0".to_vec();
    greeting.extend(&NONCE[..8]);
    greeting.push(0);
    greeting.extend(&capabilities[..2]);
    greeting.extend([255, 2, 0]);
    greeting.extend(&capabilities[2..]);
    greeting.push(21);
    greeting.extend([0; 10]);
    greeting.extend(&NONCE[8..]);
    greeting.extend(b"\0caching_sha2_password\0");
    greeting
}

/// What the account's answer to the nonce must be.
fn scramble() -> Vec<u8> {
    let hash = |parts: &[&[u8]]| Sha256::digest(parts.concat());
    let once = hash(&[PASSWORD.as_bytes()]);
    let mask = hash(&[&hash(&[&once]), NONCE]);
    once.iter().zip(mask).map(|(a, b)| a ^ b).collect()
}

/// Lets one account in and refuses its first question. Gives the password as it came, and that question.
fn server(listener: &TcpListener, folder: &Path) -> (String, String) {
    let chain = CertificateDer::pem_file_iter(folder.join("server.pem")).unwrap();
    let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(chain, key);
    let (mut plain, _): (TcpStream, _) = listener.accept().unwrap();
    send(&mut plain, 0, &greeting());
    let (_, asked) = receive(&mut plain);
    assert_eq!(
        asked.len(),
        32,
        "TLS is asked for before anything of the account is told"
    );
    let tls = ServerConnection::new(Arc::new(config.unwrap())).unwrap();
    let mut tls = StreamOwned::new(tls, plain);
    let (_, answer) = receive(&mut tls);
    let scramble = scramble();
    assert!(answer.windows(32).any(|part| part == scramble));
    // Not in the server's cache: the password itself is asked for.
    send(&mut tls, 3, &[1, 4]);
    let (sequence, password) = receive(&mut tls);
    send(&mut tls, sequence + 1, &[0, 0, 0, 2, 0, 0, 0]);
    let (_, question) = receive(&mut tls);
    send(&mut tls, 1, b"\xff\x28\x04#42000enough");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&password), text(&question[1..]))
}

#[tokio::test]
async fn an_account_of_mysql_8_signs_in_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let path = folder.path().to_owned();
    let served = std::thread::spawn(move || server(&listener, &path));
    let ca = folder.path().join("ca.pem");
    let url = format!(
        "mysql://tongcha:{PASSWORD}@127.0.0.1:{port}/spk?ssl-mode=VERIFY_IDENTITY&ssl-ca={}",
        ca.display()
    );
    let config = DbTableConfig::new("mysql8", Database::MySql(url), "t", "wm");
    let fault = DbTable::new(config).poll(NOW, None).await.unwrap_err();
    assert!(
        fault.to_string().contains("enough"),
        "let in, and refused: {fault}"
    );
    let (password, question) = served.join().unwrap();
    assert_eq!(password, format!("{PASSWORD}\0"));
    assert!(question.to_lowercase().contains("set"), "{question}");
}
