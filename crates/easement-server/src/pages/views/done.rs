//! What is shown after a change, where nobody waits for the person to come back.

use askama::Template;

use super::filters;
use super::shell::Shell;
use super::show::ShownName;

/// The closing page.
#[derive(Clone, Debug, Template)]
#[template(path = "done.html")]
pub struct DonePage {
    /// What stands around it.
    pub shell: Shell,
    /// What happened.
    pub what: DoneWhat,
    /// The service's names.
    pub service: String,
    /// The zone, or the full name of the host.
    pub place: ShownName,
    /// The address of the zone's page.
    pub zone_href: String,
    /// How many records changed, such as "3 records changed".
    pub changed: String,
    /// How long others may still give the answers from before, such as "1 hour".
    pub old_answers: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DoneWhat {
    /// A service was connected.
    Connected,
    /// It was connected already, and nothing changed.
    AlreadyConnected,
}

impl DonePage {
    fn title(&self) -> String {
        match self.what {
            DoneWhat::Connected => format!("{} is connected to {}", self.place.text, self.service),
            DoneWhat::AlreadyConnected => {
                format!(
                    "{} was connected to {} already",
                    self.place.text, self.service
                )
            }
        }
    }
}

#[cfg(test)]
impl DonePage {
    pub(crate) fn sample() -> Self {
        let apex = super::samples::name("example.test");
        Self {
            shell: Shell::sample(),
            what: DoneWhat::Connected,
            service: "Fernmail Business".to_owned(),
            place: ShownName::new(&apex),
            zone_href: super::paths::zone(&apex),
            changed: "4 records changed".to_owned(),
            old_answers: Some("1 hour".to_owned()),
        }
    }
}
