//! Reading templates from files and folders.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use crate::named_file::cannot_read;

/// More than any template has; what is longer is refused, and not read to its end.
const MAX_OCTETS: u64 = 1024 * 1024;

/// The files that are meant: a file itself, and every `.json` file directly in a folder, in order.
pub(crate) fn list(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path == Path::new("-") {
        return Ok(vec![path.to_owned()]);
    }
    let found = fs::metadata(path).map_err(cannot_read("the template", path))?;
    if !found.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries =
        fs::read_dir(path).with_context(|| format!("cannot list the folder {}", path.display()))?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
    paths.sort();
    Ok(paths)
}

/// The text of a file; `-` is the standard input.
pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
    let mut octets = Vec::new();
    let limit = MAX_OCTETS + 1;
    let read = if path == Path::new("-") {
        std::io::stdin().take(limit).read_to_end(&mut octets)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut octets))
    };
    read.map_err(cannot_read("the template", path))?;
    ensure!(
        u64::try_from(octets.len()).is_ok_and(|length| length <= MAX_OCTETS),
        "{} is longer than {MAX_OCTETS} octets, which no template is",
        path.display()
    );
    String::from_utf8(octets)
        .with_context(|| format!("the template {} is not text in UTF-8", path.display()))
}
