//! A row of a table as it is read, and as the canonical JSON list that travels. Refuses to know which rows are
//! wanted.

use super::charset::Charset;
use super::plan::Columns;
use sha2::{Digest, Sha256};
use tongcha_schema::digest::hex;

/// A row as read; used again for the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Behind the cursor in order: not passed yet.
    pub beyond: bool,
    /// Before the cursor, and further back than the overlap reaches.
    pub deep: bool,
    /// Watermark as text.
    pub watermark: String,
    /// Key as texts.
    pub key: Vec<String>,
    /// The row as canonical JSON: a list of texts or nulls in the order of the columns, then of those of the
    /// key that are no columns of the row.
    pub line: String,
    /// A column whose text looks as if it were of another character set, and of which.
    pub misread: Option<(String, Charset)>,
}

impl Row {
    /// Takes the row of an answer to [`Columns::select`], all of whose columns are texts.
    pub fn take_of<'r, R>(&mut self, columns: &Columns, row: &'r R) -> Result<(), sqlx::Error>
    where
        R: sqlx::Row,
        usize: sqlx::ColumnIndex<R>,
        Option<&'r str>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    {
        self.take(columns, |index| row.try_get::<Option<&str>, usize>(index))
    }

    /// The same from the texts themselves.
    pub fn take<'t>(
        &mut self,
        columns: &Columns,
        mut text: impl FnMut(usize) -> Result<Option<&'t str>, sqlx::Error>,
    ) -> Result<(), sqlx::Error> {
        let stands = text(0)?;
        (self.beyond, self.deep) = (stands == Some("1"), stands == Some("-1"));
        self.watermark.clear();
        if columns.watermark_at > 0 {
            self.watermark
                .push_str(text(columns.watermark_at)?.unwrap_or_default());
        }
        self.key.resize_with(columns.key.len(), String::new);
        for (part, at) in self.key.iter_mut().zip(&columns.key_at) {
            text(*at)?.unwrap_or_default().clone_into(part);
        }
        self.misread = None;
        self.line.clear();
        let apart = columns.apart.iter().map(|at| &columns.key[*at]);
        for (column, index) in columns.columns.iter().chain(apart).zip(1..) {
            let text = text(index)?;
            self.line.push(if index == 1 { '[' } else { ',' });
            columns.push(&mut self.line, column, text);
            if self.misread.is_none() && index <= columns.columns.len() {
                self.misread = text.and_then(|text| columns.misread(column, text));
            }
        }
        self.line.push(']');
        Ok(())
    }

    /// Whether it stands at a place: watermark, then key.
    pub fn is_at(&self, place: &[String]) -> bool {
        let here = std::iter::once(&self.watermark).chain(&self.key);
        here.eq(place)
    }

    /// SHA-256 over key and content.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in self.key.iter().chain([&self.line]) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }

    /// 64 bits of it: rows that wait for their answer are few.
    pub fn hash(&self) -> String {
        hex(&self.digest()[..8])
    }
}
