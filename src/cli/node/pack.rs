//! `tongcha node pack NAME`: everything that a department needs to connect, in one zip: code, configuration,
//! samples, a page of instructions. Refuses to put a key into it: keys are made on the front-end machine.

use crate::exit::WrongUsage;
use anyhow::{Context, Result};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use time::OffsetDateTime;
use tongcha_schema::clock::CHINA;
use tongcha_schema::enrol::CODE_LIFE;
use tongcha_schema::sample::samples;
use zip::write::SimpleFileOptions;

const GUIDE: &str = include_str!("../../../deploy/pack/guide.html");
const CONFIG: &str = include_str!("../../../deploy/pack/agent.toml");
const SERVICE: &str = include_str!("../../../deploy/pack/tongcha-agent.service");

/// What differs from pack to pack.
pub struct Pack<'a> {
    /// Node name.
    pub node: &'a str,
    /// Organ code, or empty.
    pub org: &'a str,
    /// Organ name, or empty.
    pub org_name: &'a str,
    /// The hub's name.
    pub hub: &'a str,
    /// The hub's address as departments reach it.
    pub url: &'a str,
    /// The hub's key for which envelopes are encrypted, or empty.
    pub secrecy: &'a str,
    /// The enrolment code.
    pub code: &'a str,
    /// Certificate of the authority that the hub's own certificate comes from (PEM), or empty.
    pub authority: &'a str,
    /// What `tongcha enrol` needs besides the code, with a blank before it, or empty.
    pub suite: &'a str,
    /// When it was made.
    pub now: OffsetDateTime,
}

/// Before anybody is invited: a code that stands in no pack would be known to nobody.
///
/// # Errors
/// The file is there already.
pub fn must_be_new(file: &Path) -> Result<()> {
    anyhow::ensure!(!file.exists(), "{} 已存在 · exists already", file.display());
    Ok(())
}

impl Pack<'_> {
    /// Writes the zip; it holds a code, so that only its owner may read it.
    ///
    /// # Errors
    /// The file is there already or cannot be written.
    pub fn write(&self, file: &Path) -> Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let output = options.open(file).with_context(|| {
            format!(
                "{} 已存在或不可写 · exists or cannot be written",
                file.display()
            )
        })?;
        let mut zip = zip::ZipWriter::new(output);
        for (name, text) in self.files()? {
            zip.start_file(name, SimpleFileOptions::default())?;
            zip.write_all(text.as_bytes())?;
        }
        zip.add_directory("exchange", SimpleFileOptions::default())?;
        zip.finish()?.sync_all()?;
        Ok(())
    }

    fn files(&self) -> Result<Vec<(&'static str, String)>> {
        let all = samples();
        let good = all.first().context("a sample")?;
        let required = Some(tongcha_schema::code::field::REQUIRED);
        let bad = all.iter().find(|s| s.expect == required);
        let bad = bad.context("a bad sample")?;
        let mut files = vec![
            ("接入说明.html", self.fill(GUIDE, &html)),
            ("agent.toml", self.fill(CONFIG, &toml)),
            ("tongcha-agent.service", SERVICE.to_owned()),
            ("samples/good.xml", good.xml.clone()),
            ("samples/bad.xml", bad.xml.clone()),
            ("samples/tongcha.xsd", tongcha_schema::xsd::xsd()),
        ];
        if !self.authority.is_empty() {
            files.push(("ca.pem", self.authority.to_owned()));
        }
        Ok(files)
    }

    fn fill(&self, template: &str, escape: &dyn Fn(&str) -> String) -> String {
        let expires = (self.now + CODE_LIFE).to_offset(CHINA);
        let (date, (hour, minute, _)) = (expires.date(), expires.time().as_hms());
        let expires = format!("{date} {hour:02}:{minute:02}");
        let org_name = match self.org_name {
            "" => self.node,
            name => name,
        };
        let secrecy = match self.secrecy {
            "" => "# secrecy_key = \"..\"          # 中心的加密公钥；填写后报文加密传输".to_owned(),
            key => format!("secrecy_key = \"{}\"", escape(key)),
        };
        let authority = match self.authority {
            "" => "# ca_file = \"ca.pem\"         # 中心的证书由本单位自建机构签发时",
            _ => "ca_file = \"ca.pem\"           # 签发中心证书的机构，随包附带",
        };
        let mut text = template
            .replace("{{secrecy}}", &secrecy)
            .replace("{{authority}}", authority);
        for (place, value) in [
            ("{{node}}", self.node),
            ("{{org}}", self.org),
            ("{{org_name}}", org_name),
            ("{{hub}}", self.hub),
            ("{{url}}", self.url),
            ("{{code}}", self.code),
            ("{{suite}}", self.suite),
            ("{{expires}}", &expires),
        ] {
            text = text.replace(place, &escape(value));
        }
        text
    }
}

/// The certificate of an authority, for a pack.
///
/// # Errors
/// The file cannot be read, or is no certificate.
pub fn authority(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    if text.contains("PRIVATE KEY") || !text.contains("BEGIN CERTIFICATE") {
        let text = "--ca 应为证书，不是私钥 · --ca is a certificate, and never a key";
        return Err(WrongUsage(text.to_owned()).into());
    }
    Ok(text)
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A text within the quotes of TOML.
fn toml(text: &str) -> String {
    let plain = text.chars().filter(|c| !c.is_control());
    plain
        .collect::<String>()
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
}
