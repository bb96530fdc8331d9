//! How many partitions the hubs of one database have: all the same number, since the partition of a case
//! decides who orders its records. On PostgreSQL a lock of the server's says so that dies with its connection;
//! a SQLite store has one process. Refuses to move a record.

use super::engine::StoreError;
use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use std::str::FromStr;

/// A hub's word that it works with so many partitions, as long as its connection lives.
#[derive(Debug)]
pub struct Claim {
    url: String,
    schema: String,
    partitions: u32,
    connection: PgConnection,
}

/// Why a hub may not work on this database.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another hub works there with another number of partitions.
    #[error(
        "另一中心进程正以{found}个分区使用此数据库，本进程配置为{wanted}个 · another hub works on this database \
         with {found} partitions, this one is configured with {wanted}\n  hint: 各进程的 partitions 必须相同；\
         要改变分区数，请先停止所有中心进程 · give all of them the same [bus] partitions; to change it, end all \
         of them first"
    )]
    Others {
        /// Partitions of the other one.
        found: u32,
        /// Partitions of this one.
        wanted: u32,
    },
}

impl Claim {
    /// Takes the word of one more hub. Hubs that start together do so one after another, until
    /// [`Claim::settled`].
    ///
    /// # Errors
    /// [`ClaimError`].
    pub async fn take(url: &str, schema: &str, partitions: u32) -> Result<Claim, ClaimError> {
        let options = PgConnectOptions::from_str(url).map_err(failed)?;
        let connection = options.connect().await.map_err(failed)?;
        let mut claim = Claim {
            url: url.to_owned(),
            schema: schema.to_owned(),
            partitions,
            connection,
        };
        claim.say().await?;
        Ok(claim)
    }

    async fn say(&mut self) -> Result<(), ClaimError> {
        let key = key(&self.schema);
        let number = i32::try_from(self.partitions).unwrap_or(i32::MAX);
        sqlx::query("select pg_advisory_lock($1, 0)")
            .bind(key)
            .execute(&mut self.connection)
            .await
            .map_err(failed)?;
        let other: Option<i32> = sqlx::query_scalar(
            "select cast(cast(objid as bigint) as int) from pg_locks where locktype = 'advisory' and granted
             and database = (select oid from pg_database where datname = current_database())
             and cast(classid as bigint) = $1 and cast(objid as bigint) not in (0, $2) limit 1",
        )
        .bind(i64::from(key))
        .bind(i64::from(number))
        .fetch_optional(&mut self.connection)
        .await
        .map_err(failed)?;
        if let Some(other) = other {
            return Err(ClaimError::Others {
                found: u32::try_from(other).unwrap_or(0),
                wanted: self.partitions,
            });
        }
        sqlx::query("select pg_advisory_lock_shared($1, $2)")
            .bind(key)
            .bind(number)
            .execute(&mut self.connection)
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// This hub has started: the next one may.
    ///
    /// # Errors
    /// The connection.
    pub async fn settled(&mut self) -> Result<(), StoreError> {
        sqlx::query("select pg_advisory_unlock($1, 0)")
            .bind(key(&self.schema))
            .execute(&mut self.connection)
            .await
            .map(|_| ())
            .map_err(failed)
    }

    /// Whether the connection lives; where it does not, the word is given anew over another one.
    ///
    /// # Errors
    /// [`ClaimError::Others`] where hubs with another number have come meanwhile; the server is away.
    pub async fn renew(&mut self) -> Result<(), ClaimError> {
        if self.connection.ping().await.is_ok() {
            return Ok(());
        }
        let mut again = Claim::take(&self.url, &self.schema, self.partitions).await?;
        again.settled().await?;
        *self = again;
        Ok(())
    }
}

/// The schema as the first key of an advisory lock; never negative.
fn key(schema: &str) -> i32 {
    let digest = Sha256::new()
        .chain_update("tongcha partitions ")
        .chain_update(schema)
        .finalize();
    i32::from_be_bytes([digest[0] & 0x7f, digest[1], digest[2], digest[3]])
}

fn failed(source: sqlx::Error) -> StoreError {
    StoreError::Engine {
        statement: "claim of partitions".to_owned(),
        source,
    }
}
