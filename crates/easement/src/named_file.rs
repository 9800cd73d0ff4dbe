//! Files that the command line names.

use std::fmt::Display;
use std::io;
use std::path::Path;

use crate::console::NotThere;

/// Why a file cannot be read, to be used with `map_err`; `what` says what the file is for, such as "the backup". One
/// that is not there has an exit code of its own, whichever command looked for it.
pub(crate) fn cannot_read(
    what: impl Display,
    path: &Path,
) -> impl FnOnce(io::Error) -> anyhow::Error {
    move |error| {
        let is_missing = error.kind() == io::ErrorKind::NotFound;
        let words = format!("cannot read {what} {}", path.display());
        let error = anyhow::Error::new(error).context(words);
        if is_missing {
            return NotThere::mark(error);
        }
        error
    }
}
