//! Why the store did not do it, and whether trying again may help.

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine's own error, with the statement's name.
    #[error("statement {statement} failed: {source}")]
    Engine {
        /// Name of the statement.
        statement: String,
        /// The engine's error.
        source: sqlx::Error,
    },
    /// The store could not be opened.
    #[error("the store {address} cannot be opened: {source}\n  hint: {hint}")]
    Open {
        /// Address without its password.
        address: String,
        /// The engine's error.
        source: sqlx::Error,
        /// Next step.
        hint: &'static str,
    },
    /// The tables could not be brought to this version.
    #[error("migration failed: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The lease under which a job wrote was lost to another process: nothing was written.
    #[error("the lease {0} was lost to another process; what was to be written is left to it")]
    Lost(String),
    /// The cases of a batch hold more than memory is given for: it is to be halved.
    #[error("the cases of a batch hold {0} records; it is taken in smaller parts")]
    TooMuch(u64),
    /// A row does not have the shape that this version writes.
    #[error("a row of {0} has an unexpected shape")]
    Shape(String),
}

impl StoreError {
    /// Whether trying again later may help (connection, lock, serialisation, a full disk), against a wrong
    /// statement or a broken row.
    pub fn is_transient(&self) -> bool {
        match self {
            StoreError::Engine { source, .. } | StoreError::Open { source, .. } => match source {
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
                sqlx::Error::Database(e) => match code(&**e) {
                    // 08 connection, 40 serialisation, 53 resources, 55 lock, 57 operator, 58 system.
                    Code::Pg(code) => ["08", "40", "53", "55", "57", "58"]
                        .iter()
                        .any(|class| code.starts_with(class)),
                    Code::Lite(code) => {
                        [BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN].contains(&code)
                    }
                },
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether the rows themselves are what the tables do not take: other rows may pass, and trying the same
    /// again helps only where another writer was quicker.
    pub fn is_of_the_rows(&self) -> bool {
        match self {
            StoreError::Shape(_) | StoreError::TooMuch(_) => true,
            StoreError::Engine { source, .. } => {
                let of_a_value = matches!(
                    source,
                    sqlx::Error::Encode(_)
                        | sqlx::Error::Decode(_)
                        | sqlx::Error::ColumnDecode { .. }
                );
                of_a_value || self.refused_value().is_some() || self.is_unique()
            }
            _ => false,
        }
    }

    /// Statement and reason, where the engine refused a value for what it is (a character, a size, a rule of
    /// the table), so that the same arguments fail each time.
    pub fn refused_value(&self) -> Option<(&str, String)> {
        let StoreError::Engine {
            statement,
            source: sqlx::Error::Database(error),
        } = self
        else {
            return None;
        };
        let code = error.code().unwrap_or_default();
        // SQLSTATE: 22 data, 23 constraints, 54 limits of the program. SQLite: 18 too big, 19 constraint, 20
        // mismatch, its further reasons above the low byte. What is unique already came twice at once: later
        // it is a repeat.
        let refused = match code.parse::<u32>() {
            Ok(number) if code.len() < 5 => [18, 19, 20].contains(&(number & 0xff)),
            _ => ["22", "23", "54"]
                .iter()
                .any(|class| code.starts_with(class)),
        };
        (refused && !error.is_unique_violation()).then(|| (statement.as_str(), code.into_owned()))
    }

    /// Whether a unique key refused the row.
    pub fn is_unique(&self) -> bool {
        match self {
            StoreError::Engine {
                source: sqlx::Error::Database(e),
                ..
            } => e.is_unique_violation(),
            _ => false,
        }
    }
}

// Primary result codes of SQLite (https://www.sqlite.org/rescode.html).
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const READONLY: u32 = 8;
const IOERR: u32 = 10;
const FULL: u32 = 13;
const CANTOPEN: u32 = 14;

/// What an engine calls its error.
enum Code {
    /// SQLSTATE: five characters.
    Pg(String),
    /// SQLite's primary result code.
    Lite(u32),
}

fn code(error: &dyn sqlx::error::DatabaseError) -> Code {
    let code = error.code().unwrap_or_default();
    match code.parse::<u32>() {
        // An extended code carries the primary one in its low byte, and has at most four digits.
        Ok(number) if code.len() < 5 => Code::Lite(number & 0xff),
        _ => Code::Pg(code.into_owned()),
    }
}
