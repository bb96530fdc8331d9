//! What the demo keeps between two runs: its secret, when its history begins, how far its clock is.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::Path;
use time::OffsetDateTime;

const FILE: &str = "demo.json";

/// The state; the file is readable by its owner only.
#[derive(Clone, Serialize, Deserialize)]
pub struct State {
    /// Secret from which all keys are derived.
    pub secret: [u8; 32],
    /// When the demo's history begins.
    #[serde(with = "time::serde::rfc3339")]
    pub begun: OffsetDateTime,
    /// How far its clock is.
    #[serde(with = "time::serde::rfc3339")]
    pub clock: OffsetDateTime,
}

impl State {
    /// Reads the state of a folder, or makes a new one that begins now.
    ///
    /// # Errors
    /// The file cannot be read or written, or is none of ours.
    pub fn load_or_make(folder: &Path, now: OffsetDateTime) -> Result<State> {
        let file = folder.join(FILE);
        match std::fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text).with_context(|| {
                format!(
                    "{} is no state of a demo\n  hint: remove the folder",
                    file.display()
                )
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let state = State {
                    secret: crate::cli::random()?,
                    begun: now,
                    clock: now,
                };
                state.save(folder)?;
                Ok(state)
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
        }
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let (file, fresh) = (folder.join(FILE), folder.join("demo.json.new"));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&fresh)?
            .write_all(&serde_json::to_vec(self)?)?;
        std::fs::rename(&fresh, &file)?;
        Ok(())
    }

    /// Seed of the synthetic machines, from the secret.
    pub fn seed(&self) -> u64 {
        u64::from_be_bytes(self.secret[..8].try_into().unwrap_or_default())
    }
}
