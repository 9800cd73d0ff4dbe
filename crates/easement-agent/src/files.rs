//! Files that are there as a whole or not at all, for this user's eyes only; and the lock.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// A longer file holds no secret.
const MAX_SECRET: u64 = 64 * 1024;

//------------ Writing ---------------------------------------------------------------------------

/// Puts a text in the place of a file in one step: whoever reads it finds the old or the new one, also when the
/// machine stops meanwhile. Folders that are missing are made.
pub fn replace(path: &Path, contents: &[u8], readers: Readers) -> Result<(), FileError> {
    let failed = |source| FileError {
        path: path.to_owned(),
        source,
    };
    let folder = folder_of(path);
    let beside = beside(path).map_err(failed)?;
    make_folder(folder).map_err(failed)?;
    let written = write_new(&beside, contents, readers).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left of the try; the error that is told is the first one.
        let _ = fs::remove_file(&beside);
    }
    written.and_then(|()| sync(folder)).map_err(failed)
}

/// Whether a file can be put there, before somebody gives what is to be in it: a new one is made beside it, and vanishes.
pub fn check_writable(path: &Path) -> Result<(), FileError> {
    let tried = beside(path).and_then(|beside| {
        make_folder(folder_of(path))?;
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        write_new(&beside, b"", Readers::Owner)?;
        fs::remove_file(&beside)
    });
    tried.map_err(|source| FileError {
        path: path.to_owned(),
        source,
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Where a file is written before it has its name.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.new", std::process::id()));
    Ok(path.with_file_name(hidden))
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Readers {
    /// Its owner.
    Owner,
    /// Everybody.
    All,
}

fn write_new(path: &Path, contents: &[u8], readers: Readers) -> io::Result<()> {
    // One that a process of the same number left behind.
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    mode_for(readers, &mut options);
    let mut file = options.open(path)?;
    give_to_owner_of_folder(&file, path);
    file.write_all(contents)?;
    file.sync_all()
}

#[cfg(unix)]
fn mode_for(readers: Readers, options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(match readers {
        Readers::Owner => 0o600,
        Readers::All => 0o644,
    });
}

/// What root writes into the folder of a service is for that service. Only root may give files away.
#[cfg(unix)]
fn give_to_owner_of_folder(file: &File, path: &Path) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    if let Some(folder) = path.parent()
        && let Ok(metadata) = fs::metadata(folder)
        && metadata.uid() != 0
    {
        let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
    }
}

#[cfg(not(unix))]
fn give_to_owner_of_folder(_: &File, _: &Path) {}

/// Files in the folders of a user are that user's own there.
#[cfg(not(unix))]
fn mode_for(_: Readers, _: &mut OpenOptions) {}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// The new name is durable once its folder is.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

//------------ Secrets ---------------------------------------------------------------------------

/// A password or token. It is never printed.
#[derive(Clone, Eq, PartialEq)]
pub struct SecretText(String);

impl SecretText {
    /// Takes what a person typed or a file holds, without the end of its line. Nothing else that ends a line may be
    /// in it: it is to stand in a header.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim_end_matches(['\r', '\n']);
        let is_good = !text.is_empty() && !text.contains(char::is_control);
        is_good.then(|| Self(text.to_owned()))
    }

    /// The text, to send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(hidden)")
    }
}

/// Reads a secret. A file that others can read is refused, unless the service manager made it, which has ways of its
/// own to keep others out.
pub fn read_secret(path: &Path, credentials: Option<&Path>) -> Result<String, SecretFileError> {
    let cannot = |source| SecretFileError::Read {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    if !credentials.is_some_and(|folder| path.starts_with(folder)) {
        check_mode(path, &metadata)?;
    }
    if metadata.len() > MAX_SECRET {
        return Err(cannot(io::Error::other("it is far too large for a secret")));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(cannot)?;
    Ok(text)
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &fs::Metadata) -> Result<(), SecretFileError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    let others = mode & 0o077;
    if others == 0 {
        return Ok(());
    }
    Err(SecretFileError::Exposed {
        path: path.to_owned(),
        mode,
    })
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn check_mode(_: &Path, _: &fs::Metadata) -> Result<(), SecretFileError> {
    Ok(())
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// The file cannot be read.
    #[error("cannot read the secret in {}: {source}; `easement ddns setup` asks for it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others can read it.
    #[error(
        "{} has mode {mode:04o}, so that others on this machine can read the secret: chmod 600 {}",
        path.display(),
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// There is none in it.
    #[error("there is no secret in {}: put it there in one line", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

//------------ Lock ------------------------------------------------------------------------------

/// That nobody else works with a state. It ends with the process, however that ends. Its file stays, so that two
/// never lock two files of one name.
#[derive(Debug)]
pub struct Lock {
    state: PathBuf,
    #[expect(dead_code, reason = "the lock is held while the file is open")]
    file: File,
}

impl Lock {
    /// Takes it, beside the state.
    pub fn take(state: &Path) -> Result<Self, LockError> {
        let path = Self::path(state);
        let failed = |source| LockError::Io {
            path: path.clone(),
            source,
        };
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            make_folder(folder).map_err(failed)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        mode_for(Readers::Owner, &mut options);
        let file = options.open(&path).map_err(failed)?;
        give_to_owner_of_folder(&file, &path);
        let state = state.to_owned();
        match file.try_lock() {
            Ok(()) => Ok(Self { state, file }),
            Err(fs::TryLockError::WouldBlock) => Err(LockError::Held { path }),
            Err(fs::TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Whether somebody has it; unknown when the file may not be looked at.
    pub fn is_held(state: &Path) -> Option<bool> {
        let file = match File::open(Self::path(state)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Some(false),
            Err(_) => return None,
        };
        match file.try_lock_shared() {
            Ok(()) => Some(false),
            Err(fs::TryLockError::WouldBlock) => Some(true),
            Err(fs::TryLockError::Error(_)) => None,
        }
    }

    /// The state.
    pub fn state(&self) -> &Path {
        &self.state
    }

    fn path(state: &Path) -> PathBuf {
        let mut name = state.as_os_str().to_owned();
        name.push(".lock");
        name.into()
    }
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("another agent is running with this state ({} is locked): stop it first, as with `systemctl stop easement-ddns`, and start it again afterwards", path.display())]
    Held {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be used.
    #[error("cannot lock {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_line_and_does_not_print_itself() {
        let secret = SecretText::new("s3cret \n").unwrap();
        assert_eq!(secret.reveal(), "s3cret ");
        assert_eq!(format!("{secret:?}"), "SecretText(hidden)");
        for wrong in ["", "\n", "a\nb", "a\u{0}b"] {
            assert!(SecretText::new(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn whether_a_file_can_be_put_there_leaves_nothing_behind_but_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/home.grant");
        check_writable(&path).unwrap();
        let inside = || fs::read_dir(folder.path().join("deep")).unwrap().count();
        assert_eq!(inside(), 0);
        replace(&path, b"old", Readers::Owner).unwrap();
        check_writable(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(inside(), 1);
        for bad in [&path.join("below"), folder.path(), Path::new("/")] {
            let error = check_writable(bad).unwrap_err().to_string();
            assert!(error.contains("cannot write"), "{error}");
        }
    }

    #[test]
    fn one_process_works_with_a_state() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("deep/er/ddns.state");
        let lock = Lock::take(&state).unwrap();
        assert!(matches!(Lock::take(&state), Err(LockError::Held { .. })));
        assert_eq!(Lock::is_held(&state), Some(true));
        drop(lock);
        assert_eq!(Lock::is_held(&state), Some(false));
        assert_eq!(Lock::is_held(&folder.path().join("other")), Some(false));
        Lock::take(&state).unwrap();
    }

    /// Root sets up what a service works with, which is another user.
    #[cfg(unix)]
    #[test]
    fn what_root_makes_in_the_folder_of_a_service_is_of_that_service() {
        use std::os::unix::fs::{MetadataExt as _, chown};
        const SERVICE: u32 = 12345;
        let folder = tempfile::tempdir().unwrap();
        if chown(folder.path(), Some(SERVICE), Some(SERVICE)).is_err() {
            // Only root can.
            return;
        }
        let state = folder.path().join("ddns.state");
        replace(&state, b"{}", Readers::Owner).unwrap();
        drop(Lock::take(&state).unwrap());
        for name in ["ddns.state", "ddns.state.lock"] {
            let owner = folder.path().join(name).metadata().unwrap().uid();
            assert_eq!(owner, SERVICE, "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_others_can_read_is_refused_with_the_remedy() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("home.secret");
        replace(&path, b"s3cret\n", Readers::Owner).unwrap();
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(read_secret(&path, None).unwrap(), "s3cret\n");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = read_secret(&path, None).unwrap_err().to_string();
        assert!(
            error.contains("0640") && error.contains("chmod 600"),
            "{error}"
        );
        assert!(read_secret(&path, Some(folder.path())).is_ok());
    }

    #[test]
    fn replacing_leaves_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for text in ["one", "two"] {
            replace(&path, text.as_bytes(), Readers::All).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(replace(folder.path(), b"a folder", Readers::Owner).is_err());
    }
}
