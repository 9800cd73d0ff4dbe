//! The templates of this server, for its operators.

use askama::Template;

use super::shell::Shell;
use super::show::ShownTime;
use super::{filters, paths};

/// The templates, by service provider, those that wait first.
#[derive(Clone, Debug, Template)]
#[template(path = "templates.html")]
pub struct TemplatesPage {
    /// What stands around it.
    pub shell: Shell,
    /// The templates.
    pub templates: Vec<TemplateRow>,
    /// What was searched for.
    pub query: String,
    /// The status that was chosen, or nothing.
    pub status: Option<easement_core::TemplateStatus>,
    /// How many wait for a decision.
    pub pending: usize,
    /// How many more there are than the page shows.
    pub more: usize,
}

impl TemplatesPage {
    fn statuses(&self) -> Vec<(&'static str, bool)> {
        use easement_core::TemplateStatus::{Approved, Pending, Rejected, Superseded, Withdrawn};
        [Pending, Approved, Superseded, Rejected, Withdrawn]
            .into_iter()
            .map(|status| (status.as_str(), self.status == Some(status)))
            .collect()
    }

    fn is_all(&self) -> bool {
        self.query.is_empty() && self.status.is_none()
    }
}

/// One template.
#[derive(Clone, Debug)]
pub struct TemplateRow {
    /// The ids of the service provider and the service.
    pub id: String,
    /// The address of its page.
    pub href: String,
    /// Their names.
    pub title: String,
    /// Its version.
    pub version: u32,
    /// Whether it may be offered.
    pub status: easement_core::TemplateStatus,
    /// The first digits of its checksum.
    pub checksum: String,
    /// When it was imported.
    pub imported: ShownTime,
}

#[cfg(test)]
impl TemplatesPage {
    pub(crate) fn sample() -> Self {
        use easement_core::TemplateStatus::{Approved, Pending, Rejected};
        let row = |id: &str, title: &str, status| TemplateRow {
            id: id.to_owned(),
            href: "/templates/harbour.example/site?text=7".to_owned(),
            title: title.to_owned(),
            version: 4,
            status,
            checksum: "9f2c41d07a".to_owned(),
            imported: super::samples::time_ago(86_400 * 3),
        };
        let mut shell = Shell::sample().in_section(super::Section::Templates);
        if let Some(person) = &mut shell.person {
            person.standing = easement_core::Standing::Operator;
        }
        Self {
            shell,
            templates: vec![
                row("fernmail.example / business", "Fernmail Business", Approved),
                row("harbour.example / site", "Harbour Sites", Pending),
                row(
                    "quayside.example / certificates",
                    "Quayside Certificate helper",
                    Rejected,
                ),
            ],
            query: String::new(),
            status: None,
            pending: 1,
            more: 0,
        }
    }
}
