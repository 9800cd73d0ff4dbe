//! The zones of a person.

use askama::Template;

use super::filters;
use super::shell::Shell;
use super::show::{ShownName, ShownTime};

/// All zones in which the person has a role.
#[derive(Clone, Debug, Template)]
#[template(path = "zones.html")]
pub struct ZonesPage {
    /// What stands around it.
    pub shell: Shell,
    /// The zones, in order of their names.
    pub zones: Vec<ZoneRow>,
    /// The address of the first page, on a later one.
    pub first: Option<String>,
    /// The address of the next page.
    pub next: Option<String>,
}

/// One zone of the list.
#[derive(Clone, Debug)]
pub struct ZoneRow {
    /// Its apex.
    pub name: ShownName,
    /// The address of its page.
    pub href: String,
    /// Such as "owner".
    pub role: String,
    /// Such as "14 record sets".
    pub size: String,
    /// The names of its connected services.
    pub services: Vec<String>,
    /// When it last changed.
    pub changed: Option<ShownTime>,
}

#[cfg(test)]
impl ZonesPage {
    pub(crate) fn sample_empty() -> Self {
        Self {
            shell: Shell::sample().in_section(super::Section::Zones),
            zones: Vec::new(),
            first: None,
            next: None,
        }
    }

    pub(crate) fn sample() -> Self {
        use super::samples::{name, time_ago};
        let row = |apex: &str, role: &str, sets: u64, services: &[&str], changed| ZoneRow {
            name: ShownName::new(&name(apex)),
            href: super::paths::zone(&name(apex)),
            role: role.to_owned(),
            size: super::count(sets, "record set"),
            services: services.iter().map(|&title| title.to_owned()).collect(),
            changed,
        };
        Self {
            shell: Self::sample_empty().shell,
            zones: vec![
                row(
                    "example.test",
                    "owner",
                    14,
                    &["Fernmail Business", "Harbour Sites"],
                    Some(time_ago(130)),
                ),
                row(
                    "xn--bcher-kva.example",
                    "editor",
                    6,
                    &[],
                    Some(time_ago(86_400 * 40)),
                ),
                row(
                    "a-very-long-name-for-a-society-of-friends-of-old-ships.lighthouse-keepers.example",
                    "viewer",
                    1,
                    &["Harbour Sites"],
                    None,
                ),
            ],
            first: Some(super::paths::ZONES.to_owned()),
            next: Some(super::paths::zones_after(&name("zebra.example"))),
        }
    }
}
