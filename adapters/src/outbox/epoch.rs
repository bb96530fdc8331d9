//! The epoch of an outbox file: it rises whenever the file is made anew, so that an envelope id is
//! never given twice. Refuses to change the epoch of a file that has one.

use super::{OutboxError, mine};
use sqlx::SqlitePool;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use tongcha_schema::clock::unix_ms;

fn epoch_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".epoch");
    PathBuf::from(name)
}

/// Reads the file's epoch, or begins one.
pub(super) async fn claim(
    pool: &SqlitePool,
    file: &Path,
    node: &str,
    now: OffsetDateTime,
) -> Result<u32, OutboxError> {
    let row: Option<(String, i64)> = sqlx::query_as("select node, epoch from outbox")
        .fetch_optional(pool)
        .await?;
    if let Some((found, epoch)) = row {
        if found != node {
            return Err(OutboxError::OtherNode {
                file: file.display().to_string(),
                found,
                wanted: node.to_owned(),
            });
        }
        return Ok(u32::try_from(epoch).unwrap_or(1));
    }
    let beside = epoch_file(file);
    let fault = |cause| OutboxError::Epoch {
        file: beside.display().to_string(),
        cause,
    };
    let last: u32 = match std::fs::read_to_string(&beside) {
        Ok(text) => text.trim().parse().unwrap_or(0),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => 0,
        Err(e) => return Err(fault(e)),
    };
    let seconds = u32::try_from(now.unix_timestamp()).unwrap_or(0);
    let epoch = seconds.max(last.saturating_add(1)).max(1);
    // The file beside first: an epoch that was noted and not used costs nothing.
    mine::file(&beside)
        .and_then(|file| file.set_len(0).map(|()| file))
        .and_then(|mut file| file.write_all(format!("{epoch}\n").as_bytes()))
        .map_err(fault)?;
    sqlx::query("insert into outbox values (1, $1, $2, 0, $3)")
        .bind(node)
        .bind(i64::from(epoch))
        .bind(unix_ms(now))
        .execute(pool)
        .await?;
    Ok(epoch)
}
