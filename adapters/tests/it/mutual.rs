//! Mutual TLS: a machine shows its certificate to a server that asks for one, and trusts the office's own
//! authority alone. The other side is OpenSSL's server.

use crate::clock;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tongcha_adapters::uplink_http::{HttpUplink, HttpUplinkConfig};

fn openssl(folder: &Path, args: &str) {
    let mut command = Command::new("openssl");
    let done = command.current_dir(folder).args(args.split(' ')).output();
    let done = done.expect("openssl runs (package openssl)");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{args}: {told}");
}

/// An authority, a server's and a machine's certificate.
pub fn certificates(folder: &Path) {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30";
    openssl(
        folder,
        &format!("req -x509 {key} -subj /CN=Office -keyout ca.key -out ca.pem"),
    );
    for (name, san) in [("server", "IP:127.0.0.1"), ("machine", "DNS:machine")] {
        openssl(
            folder,
            &format!("req {key} -subj /CN={name} -keyout {name}.key -out {name}.csr"),
        );
        std::fs::write(folder.join("ext"), format!("subjectAltName={san}\n")).unwrap();
        openssl(
            folder,
            &format!(
                "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \
                 -extfile ext -out {name}.pem"
            ),
        );
    }
}

/// Ended with its test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that serves `v1/health` to whoever shows a certificate, and its port.
fn server(folder: &Path) -> (Server, u16) {
    std::fs::create_dir(folder.join("v1")).unwrap();
    std::fs::write(folder.join("v1/health"), "{\"hub\":\"431321/hub\"}").unwrap();
    let args = "s_server -accept 127.0.0.1:0 -cert server.pem -key server.key -CAfile ca.pem \
        -Verify 1 -verify_return_error -WWW";
    let mut child = Command::new("openssl")
        .current_dir(folder)
        .args(args.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl runs (package openssl)");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut ports = lines.map_while(Result::ok).filter_map(|line| {
        let address = line.strip_prefix("ACCEPT ")?.to_owned();
        address.rsplit_once(':')?.1.parse().ok()
    });
    let port = ports.next().expect("it listens");
    // What it prints is read on, so that it never waits for a reader.
    std::thread::spawn(move || ports.for_each(drop));
    (Server(child), port)
}

#[tokio::test]
async fn a_machine_shows_its_certificate_and_knows_the_offices_authority() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let (_server, port) = server(folder.path());
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let uplink = |authority: Option<String>, identity: Option<String>| {
        let config = HttpUplinkConfig {
            url: format!("https://127.0.0.1:{port}"),
            node: crate::NODE.to_owned(),
            key: crate::key(),
            authority_pem: authority,
            identity_pem: identity,
        };
        HttpUplink::new(config, clock()).unwrap()
    };
    let both = format!("{}{}", read("machine.pem"), read("machine.key"));
    let known = uplink(Some(read("ca.pem")), Some(both.clone()));
    assert_eq!(known.health().await.unwrap().hub, "431321/hub");
    let without = uplink(Some(read("ca.pem")), None).health().await;
    assert!(without.is_err(), "a certificate is asked for");
    let untrusting = uplink(None, Some(both)).health().await;
    assert!(untrusting.is_err(), "the public authorities know no office");
}

#[tokio::test]
async fn a_certificate_without_its_key_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let config = HttpUplinkConfig {
        url: "https://127.0.0.1:1".to_owned(),
        node: crate::NODE.to_owned(),
        key: crate::key(),
        authority_pem: None,
        identity_pem: std::fs::read_to_string(folder.path().join("machine.pem")).ok(),
    };
    let fault = HttpUplink::new(config, clock()).err().unwrap();
    assert!(fault.to_string().contains("client certificate"), "{fault}");
}
