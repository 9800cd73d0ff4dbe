//! Putting a new text in the place of a file in one step: whoever reads it finds the old or the new one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};

use crate::console::say;

/// Writes beside the file, makes it durable, and renames. Mode and, where that is allowed, owner and group
/// stay. A symbolic link keeps pointing where it does.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let target = target(path)?;
    let metadata = fs::metadata(&target).ok();
    if metadata
        .as_ref()
        .is_some_and(|metadata| !metadata.is_file())
    {
        return Err(io::Error::other("it is not a regular file"));
    }
    let beside = beside(&target)?;
    let written =
        write_new(&beside, contents, metadata.as_ref()).and_then(|()| fs::rename(&beside, &target));
    if written.is_err() {
        // What is left of the try; the error that is told is the first one.
        let _ = fs::remove_file(&beside);
    }
    written?;
    sync_folder(&target)
}

/// The file itself, where a symbolic link is named. One that points nowhere is refused: putting a file in
/// its place is not what was asked for.
fn target(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        resolved => return resolved,
    }
    match fs::read_link(path) {
        Ok(pointed) => Err(io::Error::other(format!(
            "it is a symbolic link to {}, which is not there",
            pointed.display()
        ))),
        Err(_) => Ok(path.to_owned()),
    }
}

/// Owner and mode are those of the file before from the first octet on: a secret is never open for a
/// moment.
fn write_new(path: &Path, contents: &[u8], before: Option<&fs::Metadata>) -> io::Result<()> {
    let mode = if before.is_some() { 0o600 } else { 0o666 };
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    if let Some(before) = before {
        keep_owner(&file, before)?;
        file.set_permissions(before.permissions())?;
    }
    file.write_all(contents)?;
    file.sync_all()
}

pub(crate) fn beside(target: &Path) -> io::Result<PathBuf> {
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.new", std::process::id()));
    Ok(target.with_file_name(hidden))
}

/// Only root may give a file away; others may still give it to a group of theirs. A group that is lost is
/// told, since whoever read the file through it cannot any more.
fn keep_owner(file: &File, before: &fs::Metadata) -> io::Result<()> {
    let group = Some(before.gid());
    if fchown(file, Some(before.uid()), group).is_ok() || fchown(file, None, group).is_ok() {
        return Ok(());
    }
    let made = file.metadata()?.gid();
    if made != before.gid() {
        say(format_args!(
            "warning: the file belonged to group {}, which is not one of yours, and belongs to group {made} now",
            before.gid()
        ));
    }
    Ok(())
}

/// The new name is durable once its folder is.
pub(crate) fn sync_folder(target: &Path) -> io::Result<()> {
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
