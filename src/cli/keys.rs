//! `tongcha keys ..`: the key pair (Ed25519 or SM2) with which a node signs, the key that seals an outbox or a
//! database, the address of a server with its password. It refuses to overwrite a key and to print a secret.

use crate::exit::WrongUsage;
use anyhow::{Context, bail};
use base64::Engine as _;
use clap::Subcommand;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use tongcha_schema::seal::{NodeKey, OpeningKey, Suite, fingerprint, public_text};

/// Arguments of `keys`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// A suite of algorithms, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SuiteName {
    /// Ed25519
    Ed25519,
    /// 国密 SM2/SM3
    Sm2,
}

impl SuiteName {
    /// The suite.
    pub fn suite(self) -> Suite {
        match self {
            SuiteName::Ed25519 => Suite::Ed25519,
            SuiteName::Sm2 => Suite::Sm2,
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// 在目录中生成node.key（仅本人可读）与node.pub · Make node.key (mode 0600) and node.pub.
    #[command(alias = "new")]
    Node {
        /// 目录，不存在则创建 · The folder; made where it is missing.
        dir: PathBuf,
        /// 算法套件：ed25519，或国密sm2（SM2签名、SM3摘要） · Suite of algorithms.
        #[arg(long, value_enum, default_value_t = SuiteName::Ed25519)]
        suite: SuiteName,
    },
    /// 生成中心的解密私钥opening.key · Make a hub's key that opens encrypted envelopes.
    Hub {
        /// 目录，不存在则创建 · The folder; made where it is missing.
        dir: PathBuf,
        /// 算法套件：ed25519即X25519与AES-256-GCM，sm2即SM2与SM4-GCM · Suite of algorithms.
        #[arg(long, value_enum, default_value_t = SuiteName::Ed25519)]
        suite: SuiteName,
    },
    /// 写入带口令的服务器地址（仅本人可读），口令从标准输入读一行 · Write the address of a server with its
    /// password (mode 0600); the password is one line of standard input.
    Url {
        /// 地址，含用户，不含口令，如 postgres://tongcha_owner@127.0.0.1:5432/tongcha · The address with its user.
        address: String,
        /// 文件，不得已存在 · The file; it must not be there yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// 生成密封密钥文件（仅本人可读）· Make a seal key (mode 0600); losing it loses what it sealed.
    Seal {
        /// 文件 · The file.
        file: PathBuf,
    },
}

/// Runs the subcommand.
pub fn run(args: &Args) -> anyhow::Result<bool> {
    match &args.command {
        Command::Node { dir, suite } => node(dir, *suite),
        Command::Hub { dir, suite } => hub(dir, *suite),
        Command::Seal { file } => seal(file),
        Command::Url { address, out } => url(address, out),
    }
}

fn node(dir: &Path, suite: SuiteName) -> anyhow::Result<bool> {
    std::fs::create_dir_all(dir).with_context(|| format!("folder {}", dir.display()))?;
    let secret = dir.join("node.key");
    let public = dir.join("node.pub");
    for path in [&secret, &public] {
        if path.exists() {
            bail!(
                "{} exists\nhint: name another folder; a key is never overwritten",
                path.display()
            );
        }
    }
    let key = make_node_key(&secret, suite)?;
    write(&public, &format!("{}\n", public_text(&key.public())), 0o644)?;
    println!("私钥 private key  {}", secret.display());
    println!("公钥 public key   {}", public.display());
    println!("登记用 to register {}", public_text(&key.public()));
    println!("指纹 fingerprint  {}", fingerprint(&key.public()));
    Ok(true)
}

fn hub(dir: &Path, suite: SuiteName) -> anyhow::Result<bool> {
    std::fs::create_dir_all(dir).with_context(|| format!("folder {}", dir.display()))?;
    let secret = dir.join("opening.key");
    let mut seed = super::random()?;
    let key = OpeningKey::of(suite.suite(), &seed);
    seed.fill(0);
    let key = key.context("the random bytes are no key; run it again")?;
    write(&secret, &key.to_pem(), 0o600)
        .context("hint: a key is never overwritten; name another folder")?;
    println!("解密私钥 opening key    {}", secret.display());
    println!(
        "中心配置 in hub.toml    opening_key_file = \"{}\"",
        secret.display()
    );
    println!(
        "前置机配置 in agent.toml secrecy_key = \"{}\"",
        key.recipient().text()
    );
    Ok(true)
}

fn seal(file: &Path) -> anyhow::Result<bool> {
    make_seal_key(file)?;
    println!(
        "密封密钥 seal key {} —— 请另存备份 keep a copy elsewhere",
        file.display()
    );
    Ok(true)
}

/// Signs of a password that stand for themselves within an address (RFC 3986, 2.3).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn url(address: &str, out: &Path) -> anyhow::Result<bool> {
    let parts = address.split_once("://").and_then(|(scheme, rest)| {
        let (user, place) = rest.split_once('@')?;
        (!user.is_empty() && !user.contains([':', '/'])).then_some((scheme, user, place))
    });
    let Some((scheme, user, place)) = parts else {
        let text = "地址写作 协议://用户@主机:端口/库，不含口令 · write scheme://user@host:port/name, without a password";
        return Err(WrongUsage(text.to_owned()).into());
    };
    let password = if std::io::stdin().is_terminal() {
        rpassword::prompt_password("口令 password: ")?
    } else {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    if password.is_empty() {
        bail!("口令为空 · the password is empty");
    }
    let encoded = utf8_percent_encode(&password, PLAIN);
    write(
        out,
        &format!("{scheme}://{user}:{encoded}@{place}\n"),
        0o600,
    )?;
    println!("已写入 written: {}", out.display());
    Ok(true)
}

/// Makes a node's private key in a new file that only its owner reads.
///
/// # Errors
/// The file is there already or cannot be written.
pub fn make_node_key(file: &Path, suite: SuiteName) -> anyhow::Result<NodeKey> {
    let mut seed = super::random()?;
    let key = NodeKey::of(suite.suite(), &seed);
    seed.fill(0);
    let key = key.context("the random bytes are no key; run it again")?;
    write(file, &key.to_pem(), 0o600)?;
    Ok(key)
}

/// Makes a seal key in a new file that only its owner reads.
///
/// # Errors
/// The file is there already or cannot be written.
pub fn make_seal_key(file: &Path) -> anyhow::Result<()> {
    let text = base64::engine::general_purpose::STANDARD.encode(super::random()?);
    write(file, &format!("{text}\n"), 0o600)
        .context("hint: a key is never overwritten; name another file")
}

/// Writes a new file; a secret is never readable by others, not even for a moment.
///
/// # Errors
/// The file is there already or cannot be written.
pub fn write(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options
        .open(path)
        .with_context(|| path.display().to_string())?;
    file.write_all(text.as_bytes())
        .with_context(|| path.display().to_string())?;
    file.sync_all().with_context(|| path.display().to_string())
}
