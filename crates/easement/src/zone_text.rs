//! Zone files on the disk.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use easement_zone::zonefile;

use crate::console::NotValid;
use crate::named_file::cannot_read;

/// Reads the text of a zone file.
pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
    let octets = fs::read(path).map_err(cannot_read("the zone file", path))?;
    zonefile::decode(octets)
        .with_context(|| format!("{} is not a zone file that can be used", path.display()))
        .map_err(NotValid::mark)
}
