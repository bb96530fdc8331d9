//! The command line of a broker, for what AMQP itself cannot do: virtual hosts, users, permissions. Refuses to
//! show a password: one goes in by standard input.

use anyhow::{Context, Result, bail};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Runs a command of the broker; `command_line` is the one that reaches it, e.g. `sudo rabbitmqctl`.
///
/// # Errors
/// It cannot be run, or the broker refuses: with what it said.
pub fn run(command_line: &str, args: &[&str], password: Option<&str>) -> Result<()> {
    let mut words = command_line.split_whitespace();
    let Some(program) = words.next() else {
        bail!("rabbitmqctl is empty\n  hint: the command line that reaches this broker");
    };
    let mut child = Command::new(program)
        .args(words)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{program} cannot be run"))?;
    // Whoever does not read it says below why.
    let mut input = child.stdin.take();
    if let (Some(input), Some(password)) = (&mut input, password) {
        let _ = writeln!(input, "{password}");
    }
    drop(input);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("rabbitmqctl {} failed: {}", args.join(" "), said.trim());
    }
    Ok(())
}
