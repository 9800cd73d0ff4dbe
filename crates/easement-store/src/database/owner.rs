//! Whose the files of a store are: a command that root runs must leave none behind that the server's own
//! user cannot open.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::Path;

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Gives a file to the owner of its folder. Only root can, and not on every file system: elsewhere it stays
/// as it is.
pub(crate) fn give_to_owner_of_folder(file: &File, path: &Path) -> io::Result<()> {
    let folder = fs::metadata(folder_of(path))?;
    let found = file.metadata()?;
    // A file that has another name too may be somebody else's.
    if found.uid() == folder.uid() || found.nlink() > 1 {
        return Ok(());
    }
    match fchown(file, Some(folder.uid()), Some(folder.gid())) {
        Err(error) if !is_refusal(&error) => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn is_refusal(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
    )
}
