//! What is shown after a person said no, where nobody waits for them to come back.

use askama::Template;

use super::filters;
use super::shell::Shell;
use super::show::ShownName;

/// The page after "no".
#[derive(Clone, Debug, Template)]
#[template(path = "declined.html")]
pub struct DeclinedPage {
    /// What stands around it.
    pub shell: Shell,
    /// The service provider's name.
    pub provider: String,
    /// The zone, or the full name of the host.
    pub place: ShownName,
    /// The address of the zone's page.
    pub zone_href: String,
}

#[cfg(test)]
impl DeclinedPage {
    pub(crate) fn sample() -> Self {
        let apex = super::samples::name("example.test");
        Self {
            shell: Shell::sample(),
            provider: "Fernmail".to_owned(),
            place: ShownName::new(&apex),
            zone_href: super::paths::zone(&apex),
        }
    }
}
