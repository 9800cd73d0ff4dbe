//! Connected services, and which records they hold.

use super::show::{ShownName, ShownTime};

/// One connected service.
#[derive(Clone, Debug)]
pub struct ServiceRow {
    /// Its names.
    pub title: String,
    /// Where it was applied, when that is not the apex.
    pub host: Option<ShownName>,
    /// How many records it holds, and of which version of which template.
    pub detail: String,
    /// When it was connected.
    pub connected: ShownTime,
    /// The address of its removal.
    pub remove_href: String,
}

impl ServiceRow {
    pub(super) fn initial(&self) -> String {
        super::shell::initial(&self.title)
    }
}
