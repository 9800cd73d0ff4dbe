//! Keeping a file under a second name, which never takes the name from another file.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::database::give_to_owner_of_folder;

/// What a copy is called until it is whole.
const COPYING: &str = ".copying";

/// Gives a file a second name. FAT and some network file systems know no second names: there a copy gets it.
pub(super) fn keep_as(file: &Path, name: &Path) -> io::Result<()> {
    keep_by(|file, name| fs::hard_link(file, name), file, name)
}

fn keep_by(
    link: impl FnOnce(&Path, &Path) -> io::Result<()>,
    file: &Path,
    name: &Path,
) -> io::Result<()> {
    match link(file, name) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => copy_as(file, name),
        done => done,
    }
}

/// The name is taken by an empty file, whose place the copy takes when it is on disk.
fn copy_as(file: &Path, name: &Path) -> io::Result<()> {
    let copy = with_ending(file, COPYING);
    remove(&copy)?;
    let copied = write_copy(file, &copy)
        .and_then(|()| make_file(name))
        .and_then(|_| fs::rename(&copy, name));
    if copied.is_err() {
        // The error that is told is the first one.
        let _ = remove(&copy);
    }
    copied
}

fn write_copy(file: &Path, copy: &Path) -> io::Result<()> {
    let mut from = File::open(file)?;
    let mut to = make_file(copy)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()
}

/// Makes a new file, for the eyes of the owner of its folder only.
pub(super) fn make_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    give_to_owner_of_folder(&file, path)?;
    Ok(file)
}

/// Takes a file away that may not be there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn no_links(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    #[test]
    fn without_second_names_a_copy_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let [file, name] = ["file", "name"].map(|name| folder.path().join(name));
        fs::write(&file, "contents").unwrap();
        fs::write(with_ending(&file, COPYING), "half of a copy that died").unwrap();
        keep_by(no_links, &file, &name).unwrap();
        assert_eq!(fs::read(&name).unwrap(), b"contents");
        assert_eq!(fs::read(&file).unwrap(), b"contents");
        assert_eq!(name.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_name_is_never_taken_from_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let [file, name] = ["file", "name"].map(|name| folder.path().join(name));
        fs::write(&file, "contents").unwrap();
        fs::write(&name, "kept before").unwrap();
        for kept in [keep_as(&file, &name), keep_by(no_links, &file, &name)] {
            assert_eq!(kept.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!(fs::read(&name).unwrap(), b"kept before");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
