//! Scores.
use crate::core::Core;
use crate::store::engine::StoreError;
/// Computes.
/// # Errors
/// store
pub async fn compute(_core: &Core) -> Result<u64, StoreError> {
    Ok(0)
}
