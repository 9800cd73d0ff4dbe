//! Reading a folder of templates.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::RefusedFile;
use crate::admin::TemplateFile;

/// More than any template has.
const MAX_OCTETS: u64 = 1024 * 1024;
/// More files than any collection has.
const MAX_FILES: usize = 20_000;

/// What is in a folder.
#[derive(Debug, Default)]
pub struct FolderContents {
    /// The files that are text.
    pub files: Vec<TemplateFile>,
    /// Those that could not be read.
    pub unreadable: Vec<RefusedFile>,
}

/// Reads every `.json` file directly in a folder, in the order of their names. A file that cannot be read
/// does not keep the others out.
pub fn read_folder(folder: &Path) -> io::Result<FolderContents> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "json") {
            paths.push(path);
        }
        if paths.len() > MAX_FILES {
            let message = format!("there are more than {MAX_FILES} templates in the folder");
            return Err(io::Error::other(message));
        }
    }
    paths.sort();
    let mut contents = FolderContents::default();
    for path in paths {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        match read_text(&path) {
            Ok(json) => contents.files.push(TemplateFile { name, json }),
            Err(error) => contents.unreadable.push(RefusedFile {
                name,
                reason: error.to_string(),
            }),
        }
    }
    Ok(contents)
}

fn read_text(path: &Path) -> io::Result<String> {
    // Looked at before it is opened: opening a pipe waits for whoever writes into it.
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    if metadata.len() > MAX_OCTETS {
        return Err(io::Error::other("it is longer than 1 MiB"));
    }
    let mut octets = Vec::new();
    File::open(path)?
        .take(MAX_OCTETS)
        .read_to_end(&mut octets)?;
    String::from_utf8(octets).map_err(|_| io::Error::other("it is not text in UTF-8"))
}
