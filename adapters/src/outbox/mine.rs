//! Files and folders of the agent's own, closed to other users whatever the process's umask says: SQLite gives
//! its log files the rights of the database. Refuses to touch what departments read.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file for writing, made where there is none, and closes it to others.
pub(super) fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    close(&file)?;
    Ok(file)
}

/// Makes the folder of a file where there is none; one that is there keeps its rights.
pub(super) fn folder_of(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Takes the rights of others away; those of the group stay as the office set them.
#[cfg(unix)]
fn close(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut rights = file.metadata()?.permissions();
    if rights.mode() & 0o007 != 0 {
        rights.set_mode(rights.mode() & 0o770);
        file.set_permissions(rights)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn close(_file: &File) -> io::Result<()> {
    Ok(())
}
