//! What a table source finds wrong with its table while it reads it: kept until a look finds it no more, and
//! logged once. Refuses to hold a value of a record; watermarks are shown, since nobody could act otherwise.

use super::DbTableConfig;
use super::plan::Columns;
use tongcha_decode::admit::reads;
use tongcha_decode::dialect::Registry;
use tongcha_schema::code::{Code, transport};
use tongcha_schema::finding::{Finding, Place};

/// What is wrong with one table now.
#[derive(Clone, Debug, Default)]
pub(super) struct Remarks {
    all: Vec<Finding>,
    /// The dialect that its columns fit, as far as that is known here.
    dialect: Option<String>,
}

impl Remarks {
    pub fn all(&self) -> &[Finding] {
        &self.all
    }

    /// Recognises the table's dialect by its columns, as a hub does of each of its groups; that none of those
    /// which come with the product fits is told. A hub may have others: they are named in the source.
    pub fn recognise(&mut self, config: &DbTableConfig, columns: &Columns) {
        let head = columns.head(&config.table);
        let shipped = Registry::shipped();
        let read = reads(shipped, &config.dialect, &config.table, head.as_bytes());
        let (dialect, stranger) = match read {
            Ok(dialect) => (dialect.map(str::to_owned), None),
            Err(finding) => (None, Some(*finding)),
        };
        self.dialect = dialect;
        self.set(&config.name, transport::UNKNOWN_DIALECT, stranger);
    }

    /// The table and what is to be told of it, for `doctor`.
    pub fn told(&self, table: &str, columns: usize) -> String {
        match &self.dialect {
            Some(dialect) => format!("{table}: {columns} columns, dialect {dialect}"),
            None => format!("{table}: {columns} columns"),
        }
    }

    /// The remark of that code is this one from now on, or none.
    pub fn set(&mut self, source: &str, code: Code, finding: Option<Finding>) {
        let known = self.all.iter().any(|old| Some(old) == finding.as_ref());
        self.all.retain(|old| old.code != code);
        if let Some(finding) = finding {
            if !known {
                let (cause, hint) = (finding.cause_en(), finding.hint_en());
                tracing::warn!(source, code = %finding.code, %cause, %hint, "table");
            }
            self.all.push(finding);
            self.all.sort_by_key(|f| f.code.number());
        }
    }
}

/// A finding about a table.
pub(super) fn remark(code: Code, table: &str, args: &[(&'static str, &str)]) -> Finding {
    let place = Place {
        file: table.to_owned(),
        ..Place::default()
    };
    let finding = Finding::new(code, place).with("table", table);
    args.iter()
        .fold(finding, |finding, (name, text)| finding.with(name, *text))
}
