//! The agent alone, built as for a weak machine: it builds without the rest, knows no hub, and its size is told.

use super::tree::root;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// Bytes of the stripped program at most: a machine of the year 2008 with little disk still takes it.
const MOST_BYTES: u64 = 24 << 20;

/// Where cargo puts it: beside the target folder of the tests, whose programs it must not replace.
fn target() -> PathBuf {
    let own = std::env::current_exe().expect("this test is a file");
    let folder = own.ancestors().nth(3).expect("target/debug/deps/tidy");
    folder.join("alone")
}

#[test]
fn the_agent_alone_builds_small_and_knows_no_hub() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["build", "--locked", "-j2", "--profile", "small"])
        .args([
            "--no-default-features",
            "--features",
            "agent",
            "-p",
            "tongcha",
        ])
        .arg("--target-dir")
        .arg(target())
        .current_dir(root())
        .output()
        .expect("cargo build");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the agent alone: {errors}");
    let program = target().join("small").join("tongcha");
    let bytes = program.metadata().expect("the program").len();
    // Past the capture of the tests: whoever runs them wants to see it.
    let told = format!("tidy: the agent alone is {bytes} bytes\n");
    let _ = std::io::stderr().write_all(told.as_bytes());
    assert!(
        bytes <= MOST_BYTES,
        "{bytes} bytes; what to do: put what is new behind a feature"
    );
    let help = Command::new(&program).arg("--help").output();
    let help = String::from_utf8(help.expect("it runs").stdout).expect("UTF-8");
    let knows = |command: &str| {
        help.lines()
            .any(|line| line.split_whitespace().next() == Some(command))
    };
    assert!(
        knows("agent") && knows("doctor") && knows("import"),
        "{help}"
    );
    assert!(!knows("hub") && !knows("node") && !knows("demo"), "{help}");
}
