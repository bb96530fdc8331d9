//! Exit codes, stable for scripts: 0 done (or accepted), 1 failed (or not accepted), 64 wrong usage.
//! Refuses to invent others.

use std::process::ExitCode;

/// Wrong usage, as `sysexits.h` numbers it.
pub const USAGE: u8 = 64;

/// The exit code of a command: `Ok(true)` 0, `Ok(false)` 1, an error 1 with its text on stderr.
pub fn of(done: anyhow::Result<bool>) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("tongcha: {error:#}");
            match error.downcast_ref::<WrongUsage>() {
                Some(_) => ExitCode::from(USAGE),
                None => ExitCode::FAILURE,
            }
        }
    }
}

/// The exit code of arguments that cannot be read; `--help` and `--version` are no error.
pub fn usage(error: &clap::Error) -> ExitCode {
    // Nothing is left to tell where the message itself cannot be printed.
    let _ = error.print();
    if error.use_stderr() {
        ExitCode::from(USAGE)
    } else {
        ExitCode::SUCCESS
    }
}

/// An argument that reads well and names nothing: exits with [`USAGE`].
#[derive(Debug)]
pub struct WrongUsage(pub String);

impl std::fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUsage {}
