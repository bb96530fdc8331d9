//! Who works on an outbox file: one process at a time, by a lock of the system on a file beside it. The
//! lock ends with its process, however that dies. Refuses to wait.

use super::{OutboxError, mine};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// An outbox file that nobody else may work on as long as this lives.
#[derive(Debug)]
pub struct OutboxLock {
    _file: File,
}

impl OutboxLock {
    /// Takes hold of the outbox file; makes its folder where there is none.
    ///
    /// # Errors
    /// [`OutboxError::InUse`] where another process holds it, [`OutboxError::Epoch`] where the file
    /// beside it cannot be made.
    pub fn take(outbox: &Path) -> Result<OutboxLock, OutboxError> {
        let mut name = outbox.as_os_str().to_owned();
        name.push(".lock");
        let beside = PathBuf::from(name);
        let fault = |cause| OutboxError::Epoch {
            file: beside.display().to_string(),
            cause,
        };
        mine::folder_of(outbox).map_err(fault)?;
        let file = mine::file(&beside).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => Ok(OutboxLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OutboxError::InUse {
                file: outbox.display().to_string(),
            }),
            Err(TryLockError::Error(cause)) => Err(fault(cause)),
        }
    }
}
