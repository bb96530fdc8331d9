//! Hop drop: a department's system writes its file into the exchange directory. The one hop that is
//! not the product's own; the demo and the stories play it here. Refuses to alter a byte.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Copies a file, or a folder with everything in it, into an exchange directory.
///
/// # Errors
/// Something cannot be read or written.
pub fn drop_in(path: &Path, folder: &Path) -> Result<()> {
    let _span = tracing::info_span!("drop", path = %path.display()).entered();
    let name = path
        .file_name()
        .with_context(|| format!("{} has no name", path.display()))?;
    let target = folder.join(name);
    if path.is_dir() {
        std::fs::create_dir_all(&target)?;
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)?
            .map(|entry| entry.map(|e| e.path()))
            .collect::<std::io::Result<_>>()
            .with_context(|| format!("the folder {} cannot be read", path.display()))?;
        entries.sort();
        return entries.iter().try_for_each(|entry| drop_in(entry, &target));
    }
    std::fs::copy(path, &target)
        .with_context(|| format!("{} cannot be read\n  hint: check the path", path.display()))?;
    Ok(())
}
