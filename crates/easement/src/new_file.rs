//! A file that is there as a whole or not at all, for this user's eyes only.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::replace_file::{beside, sync_folder};

/// What becomes of a file that has the name already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Older {
    Keep,
    Replace,
}

/// A file that is being written, under another name until [`Self::finish`]. Dropped before, it vanishes.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: File,
    beside: PathBuf,
    target: PathBuf,
    older: Older,
}

impl NewFile {
    pub(crate) fn begin(target: &Path, older: Older) -> io::Result<Self> {
        match fs::metadata(target) {
            Ok(found) if !found.is_file() => {
                return Err(io::Error::other("it is not a regular file"));
            }
            Ok(_) if older == Older::Keep => return Err(io::ErrorKind::AlreadyExists.into()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let beside = beside(target)?;
        let file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)?;
        Ok(Self {
            file,
            beside,
            target: target.to_owned(),
            older,
        })
    }

    /// Makes it durable and gives it its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        match self.older {
            Older::Replace => fs::rename(&self.beside, &self.target)?,
            Older::Keep => name_by(
                |file, name| fs::hard_link(file, name),
                &self.beside,
                &self.target,
            )?,
        }
        sync_folder(&self.target)
    }
}

/// Gives a file a name that nothing has. Unlike a rename, a second name is refused when a file came
/// meanwhile. FAT and some network file systems know none: there an empty file takes the name first.
fn name_by(
    link: impl FnOnce(&Path, &Path) -> io::Result<()>,
    file: &Path,
    name: &Path,
) -> io::Result<()> {
    match link(file, name) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            File::create_new(name).and_then(|_| fs::rename(file, name))
        }
        done => done,
    }
}

impl Write for NewFile {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.file.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Not there any more after a rename.
        let _ = fs::remove_file(&self.beside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_links(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    #[test]
    fn without_second_names_a_file_is_named_all_the_same_and_replaces_none() {
        let folder = tempfile::tempdir().unwrap();
        let [file, name] = ["file", "name"].map(|name| folder.path().join(name));
        fs::write(&file, "first").unwrap();
        name_by(no_links, &file, &name).unwrap();
        assert_eq!(fs::read(&name).unwrap(), b"first");
        fs::write(&file, "second").unwrap();
        let refused = name_by(no_links, &file, &name).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&name).unwrap(), b"first");
    }
}
