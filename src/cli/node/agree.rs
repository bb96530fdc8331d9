//! `tongcha node agree`: which dialects a node may send. Refuses a dialect that the hub does not have.

use crate::exit::WrongUsage;
use anyhow::Result;
use tongcha_hub::config::HubSettings;
use tongcha_hub::enrol;
use tongcha_hub::store::engine::Store;

/// Agrees on dialects that the hub has; none: any.
///
/// # Errors
/// The store, there is no such node, or no such dialect.
pub async fn agree(
    settings: &HubSettings,
    store: &Store,
    name: &str,
    dialects: &[String],
) -> Result<bool> {
    let registry = &settings.registry;
    let Some(other) = dialects.iter().find(|d| registry.get(d).is_none()) else {
        enrol::agree(store, name, dialects).await?;
        println!("已约定，自下一信封起生效 · agreed from the next envelope on: {name}");
        return Ok(true);
    };
    let known = registry.names().collect::<Vec<_>>().join(", ");
    let text = format!("没有方言“{other}” · there is no dialect \"{other}\"\nhint: {known}");
    Err(WrongUsage(text).into())
}
