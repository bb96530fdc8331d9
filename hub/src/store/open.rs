//! Opening a store: SQLite in a file, PostgreSQL in a schema, each brought to this version's tables; and a
//! look at a server without touching it.

use super::clean;
use super::engine::{Store, StoreError};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;
use tongcha_adapters::clean_pool::kept_clean;

/// How long a look at a server waits for it.
const LOOK: Duration = Duration::from_secs(10);

/// A PostgreSQL server as a role sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its version, `17.2`.
    pub version: String,
    /// Whether the role may make tables in the schema, or the schema itself.
    pub may_write: bool,
}

/// How often, and after which pause, a file is tried again that another process is just making.
const TRIES: (u32, Duration) = (200, Duration::from_millis(50));

/// The one connection that writes. While another process turns a new file to write-ahead logging, SQLite says that it
/// is locked at once, whatever time it was told to wait.
#[expect(
    clippy::disallowed_methods,
    reason = "the outermost loop of a start; not a storm of tries"
)]
async fn first_connection(options: &SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let connect = || {
        let pool = kept_clean(SqlitePoolOptions::new()).max_connections(1);
        pool.connect_with(options.clone())
    };
    for _ in 0..TRIES.0 {
        match connect().await {
            Err(sqlx::Error::Database(error)) if is_locked(&*error) => {
                tokio::time::sleep(TRIES.1).await;
            }
            opened => return opened,
        }
    }
    connect().await
}

/// SQLite's primary code 5, in the low byte of an extended one.
fn is_locked(error: &dyn sqlx::error::DatabaseError) -> bool {
    let code = error.code().and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

impl Store {
    /// Opens (and makes) a SQLite store in a file and brings its tables to this version.
    pub async fn open_sqlite(file: &Path) -> Result<Store, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let open = |source| StoreError::Open {
            address: file.display().to_string(),
            source,
            hint: "check that the folder exists and that this user may write to it",
        };
        let write = first_connection(&options).await.map_err(open)?;
        // In one transaction, for which another process that opens the same file waits.
        let mut tx = write.begin_with("begin immediate").await.map_err(open)?;
        sqlx::migrate!("migrations/sqlite").run(&mut *tx).await?;
        tx.commit().await.map_err(open)?;
        let open = |source| StoreError::Open {
            address: file.display().to_string(),
            source,
            hint: "see above",
        };
        let read = kept_clean(SqlitePoolOptions::new())
            .max_connections(4)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await
            .map_err(open)?;
        Ok(Store::Lite { read, write })
    }

    /// The same database over at most that many further connections, opened when they are needed; SQLite has
    /// one writer and shares.
    #[must_use]
    pub fn apart(&self, connections: u32) -> Store {
        match self {
            Store::Pg(pool) => {
                let options = PgConnectOptions::clone(&pool.connect_options());
                let apart = clean::postgres(PgPoolOptions::new()).max_connections(connections);
                Store::Pg(apart.connect_lazy_with(options))
            }
            Store::Lite { .. } => self.clone(),
        }
    }

    /// Connects to PostgreSQL and goes again: what the server and the role are.
    ///
    /// # Errors
    /// The server is away, or does not know the role.
    pub async fn probe_postgres(url: &str, schema: &str) -> Result<Server, StoreError> {
        let open = |source| StoreError::Open {
            address: url.rsplit('@').next().unwrap_or("").to_owned(),
            source,
            hint: "check [database] url, and that the server runs and knows this role",
        };
        let options = PgConnectOptions::from_str(url).map_err(open)?;
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(LOOK);
        let pool = pool.connect_with(options).await.map_err(open)?;
        let asked = "select current_setting('server_version'), case \
            when exists (select 1 from pg_namespace where nspname = $1) \
            then has_schema_privilege($1, 'USAGE, CREATE') \
            else has_database_privilege(current_database(), 'CREATE') end";
        let told: Result<(String, bool), _> =
            sqlx::query_as(asked).bind(schema).fetch_one(&pool).await;
        pool.close().await;
        let (version, may_write) = told.map_err(open)?;
        Ok(Server { version, may_write })
    }

    /// Opens a PostgreSQL store that is there, as it is, over one connection; `None` where no hub has run
    /// in the schema.
    ///
    /// # Errors
    /// The server is away, or does not know the role.
    pub async fn look_postgres(url: &str, schema: &str) -> Result<Option<Store>, StoreError> {
        let open = |source| StoreError::Open {
            address: url.rsplit('@').next().unwrap_or("").to_owned(),
            source,
            hint: "check [database] url, and that the server runs and knows this role",
        };
        let options = PgConnectOptions::from_str(url).map_err(open)?;
        let options = options.options([("search_path", schema)]);
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(LOOK);
        let pool = pool.connect_with(options).await.map_err(open)?;
        let asked = "select exists (select 1 from information_schema.tables
                     where table_schema = $1 and table_name = 'turned_away')";
        let there: bool = sqlx::query_scalar(asked)
            .bind(schema)
            .fetch_one(&pool)
            .await
            .map_err(open)?;
        Ok(there.then_some(Store::Pg(pool)))
    }

    /// Opens a PostgreSQL store in a schema of a database, makes the schema, and brings its tables to
    /// this version.
    pub async fn open_postgres(url: &str, schema: &str) -> Result<Store, StoreError> {
        let hint = "check [database] url, and that the server runs and knows this role";
        let address = url.rsplit('@').next().unwrap_or("").to_owned();
        let open = |source| StoreError::Open {
            address: address.clone(),
            source,
            hint,
        };
        let options = PgConnectOptions::from_str(url).map_err(open)?;
        let bare = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(open)?;
        let make = format!(
            "create schema if not exists \"{}\"",
            schema.replace('"', "")
        );
        match sqlx::query(AssertSqlSafe(make)).execute(&bare).await {
            // Another hub made it in the same moment.
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {}
            made => made.map(|_| ()).map_err(open)?,
        }
        bare.close().await;
        let options = options.options([("search_path", schema), ("jit", "off")]);
        let pool = clean::postgres(PgPoolOptions::new())
            .max_connections(12)
            .connect_with(options)
            .await
            .map_err(open)?;
        sqlx::migrate!("migrations/pg").run(&pool).await?;
        Ok(Store::Pg(pool))
    }
}
