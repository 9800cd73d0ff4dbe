//! What an app may write at one host, as its scope says.

use namedrop::{HostReach, Permission};

/// One scope at one host.
#[derive(Clone, Debug)]
pub struct GrantNames {
    /// The permission, as a form carries it.
    pub value: String,
    /// What it lets an app do, and where.
    pub headline: String,
    /// The names and types.
    pub opened: Vec<OpenedRow>,
}

/// Records of one kind that may be written.
#[derive(Clone, Debug)]
pub struct OpenedRow {
    /// What they are for.
    pub what: &'static str,
    /// The names, in words.
    pub names: String,
    /// The types, with commas between them.
    pub types: String,
}

impl GrantNames {
    /// All that a permission opens.
    pub fn of(permission: &Permission) -> Self {
        let opened = permission.opened().into_iter().map(|opened| OpenedRow {
            what: opened.kind.words(),
            names: opened.names,
            types: opened.types,
        });
        Self {
            value: permission.to_string(),
            headline: Self::headline(permission),
            opened: opened.collect(),
        }
    }

    /// It in one line.
    pub fn headline(permission: &Permission) -> String {
        let (words, name) = (permission.scope().words(), permission.name().to_unicode());
        match permission.host().reach() {
            HostReach::AtAndBelow => format!("{words}: {name} and below"),
            HostReach::Below => format!("{words}: below {name}"),
        }
    }
}
