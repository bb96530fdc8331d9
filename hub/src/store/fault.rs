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
    /// A row does not have the shape that this version writes.
    #[error("a row of {0} has an unexpected shape")]
    Shape(String),
}

impl StoreError {
    /// Whether trying again later may help (connection, lock, serialisation), against a wrong
    /// statement or a broken row.
    pub fn is_transient(&self) -> bool {
        match self {
            StoreError::Engine { source, .. } | StoreError::Open { source, .. } => match source {
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
                sqlx::Error::Database(e) => {
                    let code = e.code().unwrap_or_default();
                    // 08 connection, 40 serialisation, 53 resources, 55P03 lock, 57 operator; SQLite busy.
                    ["08", "40", "53", "55", "57"]
                        .iter()
                        .any(|class| code.starts_with(class))
                        || code == "5"
                        || code == "517"
                }
                _ => false,
            },
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
