//! Whether the files that are generated from the element specs and kept in the repository are what
//! the specs generate now. To write them anew: `UPDATE_GENERATED=1 cargo test -p tongcha-schema
//! --test generated`. Refuses to check what the generators say; their own tests do.

#![expect(clippy::expect_used, reason = "tests")]

use std::path::{Path, PathBuf};
use tongcha_schema::{ddl, reference, xsd};

/// Every generated file: its path from the root of the repository, and its text.
fn generated() -> Vec<(&'static str, String)> {
    vec![
        (
            "hub/migrations/pg/0002_elements.sql",
            ddl::tables(ddl::Engine::Pg),
        ),
        (
            "hub/migrations/sqlite/0002_elements.sql",
            ddl::tables(ddl::Engine::Sqlite),
        ),
        ("docs/ELEMENTS.md", reference::elements()),
        ("docs/CODES.md", reference::codes()),
        ("docs/tongcha.xsd", xsd::xsd()),
    ]
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn generated_files_are_what_the_specs_generate() {
    let update = std::env::var_os("UPDATE_GENERATED").is_some_and(|v| v == "1");
    let mut stale = Vec::new();
    for (path, text) in generated() {
        let file = root().join(path);
        if std::fs::read_to_string(&file).ok().as_deref() == Some(text.as_str()) {
            continue;
        }
        if update {
            std::fs::write(&file, text).expect("the repository is writable");
        } else {
            stale.push(path);
        }
    }
    assert!(
        stale.is_empty(),
        "{stale:?} differ from what the specs generate\n\
         hint: UPDATE_GENERATED=1 cargo test -p tongcha-schema --test generated"
    );
}
