//! Keeps a second server away from an SQLite file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use nix::fcntl::OFlag;

use super::owner::give_to_owner_of_folder;
use crate::OpenError;

/// A locked file, held for as long as the store is open; the system lets go of it when the process dies.
#[derive(Debug)]
pub(crate) struct FileLock {
    #[expect(dead_code, reason = "holding it is all that is done with it")]
    file: File,
}

impl FileLock {
    /// Locks the file at this path, which is made when it is not there. A link in its place is refused: root
    /// would write to wherever the owner of the folder lets it point.
    pub(super) fn take(path: &Path) -> Result<Self, OpenError> {
        let fail = |doing| {
            move |cause| OpenError::File {
                doing,
                path: path.to_owned(),
                cause,
            }
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(path)
            .map_err(fail("open the lock file"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only for the message.
                let _ = file.take(200).read_to_string(&mut holder);
                return Err(OpenError::Locked {
                    path: path.to_owned(),
                    holder: holder.trim().to_owned(),
                });
            }
            Err(TryLockError::Error(cause)) => return Err(fail("lock")(cause)),
        }
        give_to_owner_of_folder(&file, path).map_err(fail("give the owner of its folder"))?;
        let holder = format!("process {}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(holder.as_bytes()))
            .map_err(fail("write the lock file"))?;
        Ok(Self { file })
    }
}
