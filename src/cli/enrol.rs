//! `tongcha enrol --config FILE --code CODE`: a front-end machine gets to know its hub. The key is made here,
//! where there is none, and its private half stays here. Refuses to replace a key.

use super::keys::SuiteName;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::uplink::SendFault;
use tongcha_adapters::uplink_http::HttpUplink;
use tongcha_schema::seal::{fingerprint, public_text};

/// Arguments of `enrol`.
#[derive(clap::Args)]
pub struct Args {
    /// 前置机的配置文件 · The configuration of the front-end machine.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// 中心发来的邀请码，一天内有效，只用一次 · The code from the hub: it works once, within a day.
    #[arg(long, value_name = "CODE")]
    code: String,
    /// 没有私钥时按此套件生成 · Suite of the key, where there is none yet.
    #[arg(long, value_enum, default_value_t = SuiteName::Ed25519)]
    suite: SuiteName,
}

/// Enrols; true if the hub has taken it.
///
/// # Errors
/// Whatever keeps it from being sent, and the hub's refusal with its next step.
pub fn run(args: &Args) -> Result<bool> {
    let text = std::fs::read_to_string(&args.config)
        .with_context(|| format!("the configuration {} cannot be read", args.config.display()))?;
    let table: toml::Table = text.parse().unwrap_or_default();
    let base = args.config.parent().unwrap_or(Path::new("."));
    if let Some(file) = missing(&table, base, "node", "key_file") {
        super::keys::make_node_key(&file, args.suite)?;
        eprintln!("已生成私钥 · private key made: {}", file.display());
    }
    if let Some(file) = missing(&table, base, "outbox", "seal_file") {
        super::keys::make_seal_key(&file)?;
        eprintln!("已生成密封密钥 · seal key made: {}", file.display());
    }
    let settings = super::agent::settings(&args.config)?;
    let public = settings.key.public();
    if settings.address.url.is_empty() {
        bail!(
            "登记需要 [hub] url · enrolling needs [hub] url; hint: the hub's address over HTTPS, for this once"
        )
    }
    let uplink = HttpUplink::new(settings.http(), Arc::new(SystemClock))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match runtime.block_on(uplink.enrol(&args.code)) {
        Ok(told) => {
            println!("节点 node         {}", told.node);
            println!("公钥 public key   {}", public_text(&public));
            println!("指纹 fingerprint  {}", fingerprint(&public));
            println!(
                "下一步：请中心管理员核对指纹并批准，然后运行 tongcha doctor\n\
                 next: have the hub's administrator compare the fingerprint and approve; then run tongcha doctor"
            );
            Ok(true)
        }
        Err(SendFault::Node { findings }) if !findings.is_empty() => {
            let finding = &findings[0];
            bail!(
                "[{}] {}。{}\n{}; hint: {}",
                finding.code,
                finding.cause_zh(),
                finding.hint_zh(),
                finding.cause_en(),
                finding.hint_en()
            )
        }
        Err(fault) => Err(fault.into()),
    }
}

/// The file that a key of the configuration names, where it is not there yet.
fn missing(table: &toml::Table, base: &Path, section: &str, key: &str) -> Option<PathBuf> {
    let name = table.get(section)?.get(key)?.as_str()?;
    let file = base.join(name);
    (!file.exists()).then_some(file)
}
