//! `docs/RULES.md` is what the rule list says; `UPDATE_GENERATED=1` writes it.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::PathBuf;

#[test]
fn the_page_of_rules_is_up_to_date() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/RULES.md");
    let page = tongcha_supervision::rules::page();
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        stored, page,
        "run UPDATE_GENERATED=1 cargo test -p tongcha-supervision"
    );
}
