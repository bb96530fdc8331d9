//! A look at an outbox that another process may hold. Refuses to change anything.

use super::OutboxError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;

/// How far a source has been read, by the outbox in that file; `None` where there is no file, or none of that
/// source in it.
///
/// # Errors
/// [`OutboxError::Database`].
pub async fn position_in(file: &Path, source: &str) -> Result<Option<String>, OutboxError> {
    if !file.exists() {
        return Ok(None);
    }
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut link: SqliteConnection = options.connect().await?;
    let asked = sqlx::query_scalar("select position from source_position where source = $1");
    let position = asked.bind(source).fetch_optional(&mut link).await?;
    link.close().await?;
    Ok(position)
}
