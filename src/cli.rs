//! The subcommands, one file each.

#[cfg(feature = "server")]
pub mod admin;
pub mod agent;
#[cfg(feature = "server")]
pub mod calendar;
pub mod check;
#[cfg(feature = "server")]
pub mod demo;
pub mod dialect;
pub mod doctor;
pub mod enrol;
#[cfg(feature = "server")]
pub mod hub;
pub mod import;
pub mod keys;
#[cfg(feature = "server")]
pub mod node;
pub mod schema;
#[cfg(feature = "server")]
mod take_back;
#[cfg(feature = "source-table")]
pub mod triggers;

use crate::exit::WrongUsage;
use std::path::Path;
use tongcha_adapters::randomness::SystemRandomness;
use tongcha_adapters::settings::Mistake;
use tongcha_schema::randomness::Randomness as _;

/// All mistakes of a configuration as one error that exits with 64.
fn mistakes(file: &Path, mistakes: &[Mistake]) -> anyhow::Error {
    let mut text = format!(
        "配置 {0} 有{1}处错误 · the configuration {0} has {1} mistakes:",
        file.display(),
        mistakes.len()
    );
    for mistake in mistakes {
        text.push_str(&format!("\n  {mistake}"));
    }
    WrongUsage(text).into()
}

/// 32 bytes of the machine's randomness.
fn random() -> anyhow::Result<[u8; 32]> {
    let secret = SystemRandomness.secret();
    secret.ok_or_else(|| anyhow::anyhow!("the machine gives no random bytes"))
}
