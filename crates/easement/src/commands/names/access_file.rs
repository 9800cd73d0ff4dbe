//! The file with what an owner gave: for its user's eyes only.

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use easement_client::NamesAccess;

use crate::console::{NotThere, NotValid};
use crate::named_file::cannot_read;
use crate::new_file::{NewFile, Older};

/// The largest file that is read.
const MAX_OCTETS: u64 = 256 * 1024;

/// What an owner gave, and its file, which is written anew whenever the tokens are.
pub(crate) struct AccessFile {
    /// As it was named, which may be a link.
    named: PathBuf,
    /// Where it is. Beside a link, tokens would stay in the file behind it that count no more, or still do.
    path: PathBuf,
    access: NamesAccess,
}

impl AccessFile {
    /// Whether a file can be made here. One that is there may be the only thing that opens a name.
    pub(crate) fn check_new(path: &Path) -> anyhow::Result<()> {
        // Also a link that leads nowhere.
        if fs::symlink_metadata(path).is_ok() {
            return Err(NotValid::mark(anyhow::anyhow!(
                "{} is there already, with what was given before: name another file with --access, or move it away",
                path.display()
            )));
        }
        make_folder(path)
            .with_context(|| format!("cannot make the folder of {}", path.display()))?;
        // It vanishes again.
        let tried = NewFile::begin(path, Older::Keep);
        tried.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(())
    }

    /// Makes the file.
    pub(crate) fn create(path: &Path, access: NamesAccess) -> anyhow::Result<Self> {
        let file = Self {
            named: path.to_owned(),
            path: path.to_owned(),
            access,
        };
        let written = write(&file.path, &file.access, Older::Keep);
        written.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(file)
    }

    /// Reads the file. One that others can read is refused.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let found = fs::metadata(path).map_err(|error| {
            let error = cannot_read("the access", path)(error);
            NotThere::hint(error, "`easement connect --namedrop URL` makes it")
        })?;
        if !found.is_file() {
            return Err(NotValid::mark(anyhow::anyhow!("{shown} is not a file")));
        }
        let others = found.permissions().mode() & 0o077;
        if others != 0 {
            let error = anyhow::anyhow!("{shown} can be read by others: chmod go= {shown}");
            return Err(NotValid::mark(error));
        }
        if found.len() > MAX_OCTETS {
            return Err(NotValid::mark(anyhow::anyhow!("{shown} is far too large")));
        }
        let text = fs::read(path).with_context(|| format!("cannot read {shown}"))?;
        // What is wrong is not told: it may be a secret.
        let access = serde_json::from_slice(&text).map_err(|_| {
            NotValid::mark(anyhow::anyhow!(
                "{shown} does not hold what was given: make it anew"
            ))
        })?;
        let real = fs::canonicalize(path).with_context(|| format!("cannot find {shown}"))?;
        Ok(Self {
            named: path.to_owned(),
            path: real,
            access,
        })
    }

    /// Reads it again once no other run renews its tokens, and keeps others from that while the value lives: a server
    /// that is shown a refresh token twice takes it for stolen, and ends what was given.
    pub(crate) fn hold(&self) -> anyhow::Result<HeldFile> {
        let context = || format!("cannot lock {}", self.path.display());
        loop {
            // Some network file systems lock only what may be written.
            let lock = File::options().read(true).write(true).open(&self.path);
            let lock = lock.with_context(context)?;
            lock.lock().with_context(context)?;
            let locked = lock.metadata().with_context(context)?;
            let now = fs::metadata(&self.path).with_context(context)?;
            // Another file has the name when it was written anew meanwhile.
            if identity(&locked) == identity(&now) {
                let named = self.named.clone();
                let file = Self::read(&self.path)?;
                let file = Self { named, ..file };
                return Ok(HeldFile { file, _lock: lock });
            }
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it.
    pub(crate) fn access(&self) -> &NamesAccess {
        &self.access
    }
}

/// The file, while no other run renews its tokens.
pub(crate) struct HeldFile {
    file: AccessFile,
    _lock: File,
}

impl HeldFile {
    /// What is in it.
    pub(crate) fn access(&self) -> &NamesAccess {
        self.file.access()
    }

    /// Deletes it, and the link by which it was named.
    pub(crate) fn delete(self) -> io::Result<()> {
        fs::remove_file(&self.file.path)?;
        match fs::symlink_metadata(&self.file.named) {
            Ok(found) if found.is_symlink() => fs::remove_file(&self.file.named),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Writes it anew.
    pub(crate) fn replace(&self, access: &NamesAccess) -> io::Result<()> {
        write(&self.file.path, access, Older::Replace)
    }
}

fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

fn write(path: &Path, access: &NamesAccess, older: Older) -> io::Result<()> {
    let mut file = NewFile::begin(path, older)?;
    let mut text = serde_json::to_vec_pretty(access)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.finish()
}

fn make_folder(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|one| !one.as_os_str().is_empty()) else {
        return Ok(());
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

/// The file that is named, or the usual one.
pub(crate) fn file_of(named: Option<&PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(path) = named {
        return Ok(path.clone());
    }
    let folder = |name: &str| std::env::var_os(name).filter(|text| !text.is_empty());
    let of_user = folder("XDG_CONFIG_HOME").map(PathBuf::from);
    let of_user = of_user.or_else(|| folder("HOME").map(|home| Path::new(&home).join(".config")));
    let of_user =
        of_user.context("neither XDG_CONFIG_HOME nor HOME is set: name a file with --access");
    Ok(of_user.map_err(NotValid::mark)?.join("easement/names.json"))
}
