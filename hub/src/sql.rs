//! The SQL texts: one file per aggregate in `sql/`, each statement named, the question it answers
//! above it. A statement is for both engines, or has a variant per engine (`@pg`, `@sqlite`).

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// PostgreSQL 15.
    Pg,
    /// SQLite 3.
    Lite,
}

const FILES: &[(&str, &str)] = &[
    ("cards", include_str!("../sql/cards.sql")),
    ("cases", include_str!("../sql/cases.sql")),
    ("entry", include_str!("../sql/entry.sql")),
    ("envelopes", include_str!("../sql/envelopes.sql")),
    ("forward", include_str!("../sql/forward.sql")),
    ("inbox", include_str!("../sql/inbox.sql")),
    ("ledger", include_str!("../sql/ledger.sql")),
    ("nodes", include_str!("../sql/nodes.sql")),
    ("pages", include_str!("../sql/pages.sql")),
    ("refusals", include_str!("../sql/refusals.sql")),
    ("scores", include_str!("../sql/scores.sql")),
    ("take_back", include_str!("../sql/take_back.sql")),
];

type Key = (String, Dialect);

fn texts() -> &'static BTreeMap<Key, String> {
    static TEXTS: OnceLock<BTreeMap<Key, String>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let mut all = BTreeMap::new();
        for (aggregate, file) in FILES {
            for block in file.split("-- name: ").skip(1) {
                let (head, body) = block.split_once('\n').unwrap_or((block, ""));
                let (name, engine) = head.split_once('@').unwrap_or((head, ""));
                let key = format!("{aggregate}.{}", name.trim());
                let text: String = body
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("--"))
                    .collect::<Vec<_>>()
                    .join("\n")
                    .trim()
                    .trim_end_matches(';')
                    .to_owned();
                if engine.trim() != "sqlite" {
                    all.insert((key.clone(), Dialect::Pg), text.clone());
                }
                if engine.trim() != "pg" {
                    all.insert((key, Dialect::Lite), text);
                }
            }
        }
        all
    })
}

/// The text of a statement, e.g. `text("inbox.take", Dialect::Pg)`. A name that does not exist gives
/// a text that no engine accepts and that names itself, so that the first test finds it.
pub fn text(name: &str, engine: Dialect) -> &'static str {
    texts().get(&(name.to_owned(), engine)).map_or(
        "there is no statement of that name in hub/sql",
        String::as_str,
    )
}

/// All statements of an engine, by name: for the test that prepares each of them.
pub fn all(engine: Dialect) -> impl Iterator<Item = (&'static str, &'static str)> {
    texts()
        .iter()
        .filter(move |((_, e), _)| *e == engine)
        .map(|((name, _), text)| (name.as_str(), text.as_str()))
}
