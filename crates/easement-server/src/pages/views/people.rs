//! Who has a role in a zone, and one of them.

use askama::Template;
use easement_core::ZoneRole;

use super::filters;
use super::shell::{Problem, Shell, problem_of};
use super::show::{ShownName, count};

/// Everybody with a role in a zone, and a form that gives one to somebody else; posts `email`, `role` and
/// `current_password`.
#[derive(Clone, Debug, Template)]
#[template(path = "people.html")]
pub struct PeoplePage {
    /// What stands around it.
    pub shell: Shell,
    /// The zone.
    pub zone: ShownName,
    /// The address of the zone's page.
    pub zone_href: String,
    /// Where the form is posted.
    pub action: String,
    /// Everybody.
    pub rows: Vec<PersonRow>,
    /// The address of whoever is looking, for the browser's memory of passwords.
    pub own_email: String,
    /// The address that was typed before.
    pub email: String,
    /// The roles.
    pub choices: Vec<RoleChoice>,
    /// What is wrong with what was posted before.
    pub problems: Vec<Problem>,
}

/// Somebody with a role.
#[derive(Clone, Debug)]
pub struct PersonRow {
    /// The address they sign in with.
    pub email: String,
    /// Their role.
    pub role: ZoneRole,
    /// Whether it is whoever is looking.
    pub is_you: bool,
    /// The address at which the role is changed.
    pub href: String,
}

/// One person with a role, and the form that changes it; posts `role`, where `none` takes it away, and
/// `current_password`.
#[derive(Clone, Debug, Template)]
#[template(path = "person.html")]
pub struct PersonPage {
    /// What stands around it.
    pub shell: Shell,
    /// The zone.
    pub zone: ShownName,
    /// The address of the page of everybody.
    pub people_href: String,
    /// Where the form is posted.
    pub action: String,
    /// The address they sign in with.
    pub email: String,
    /// Their role.
    pub role: ZoneRole,
    /// Whether it is whoever is looking.
    pub is_you: bool,
    /// Whether the zone would have no owner without them: then there is no form.
    pub is_last_owner: bool,
    /// How many apps and programs they let change the zone.
    pub apps: usize,
    /// The address of whoever is looking, for the browser's memory of passwords.
    pub own_email: String,
    /// The roles.
    pub choices: Vec<RoleChoice>,
    /// Whether the role is to be taken away.
    pub is_none_chosen: bool,
    /// What is wrong with what was posted before.
    pub problems: Vec<Problem>,
}

impl PeoplePage {
    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }
}

impl PersonPage {
    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }

    fn app_words(&self) -> String {
        count(self.apps as u64, "app")
    }
}

//------------ RoleChoice ------------------------------------------------------------------------

/// A role to choose.
#[derive(Clone, Copy, Debug)]
pub struct RoleChoice {
    /// The role.
    pub role: ZoneRole,
    /// What it allows.
    pub meaning: &'static str,
    /// Whether it is marked.
    pub is_chosen: bool,
}

impl RoleChoice {
    /// All roles, the least first.
    pub fn all(chosen: Option<ZoneRole>) -> Vec<Self> {
        [ZoneRole::Viewer, ZoneRole::Editor, ZoneRole::Owner]
            .into_iter()
            .map(|role| Self {
                role,
                meaning: meaning(role),
                is_chosen: chosen == Some(role),
            })
            .collect()
    }
}

fn meaning(role: ZoneRole) -> &'static str {
    match role {
        ZoneRole::Viewer => "sees records, services and history",
        ZoneRole::Editor => {
            "also changes records, connects and removes services, and lets apps and devices change records"
        }
        ZoneRole::Owner => "also decides who has a role here, and can take yours away",
    }
}

//------------ Samples ---------------------------------------------------------------------------

#[cfg(test)]
impl PeoplePage {
    pub(crate) fn sample() -> Self {
        use super::samples::name;
        let row = |email: &str, role, is_you| PersonRow {
            email: email.to_owned(),
            role,
            is_you,
            href: "/zones/example.test/people/7".to_owned(),
        };
        Self {
            shell: Shell::sample().in_section(super::Section::Zones),
            zone: ShownName::new(&name("example.test")),
            zone_href: "/zones/example.test".to_owned(),
            action: "/zones/example.test/people".to_owned(),
            rows: vec![
                row("agency@example.net", ZoneRole::Editor, false),
                row("owner@example.test", ZoneRole::Owner, true),
                row("\"<b>\u{202e}@example.net", ZoneRole::Viewer, false),
            ],
            own_email: "owner@example.test".to_owned(),
            email: String::new(),
            choices: RoleChoice::all(None),
            problems: Vec::new(),
        }
    }

    pub(crate) fn sample_problem() -> Self {
        Self {
            email: "nobody@example.net".to_owned(),
            choices: RoleChoice::all(Some(ZoneRole::Editor)),
            problems: vec![Problem {
                field: "email",
                message: "No account here has the address nobody@example.net.".to_owned(),
            }],
            ..Self::sample()
        }
    }
}

#[cfg(test)]
impl PersonPage {
    pub(crate) fn sample() -> Self {
        use super::samples::name;
        Self {
            shell: Shell::sample().in_section(super::Section::Zones),
            zone: ShownName::new(&name("example.test")),
            people_href: "/zones/example.test/people".to_owned(),
            action: "/zones/example.test/people/7".to_owned(),
            email: "agency@example.net".to_owned(),
            role: ZoneRole::Editor,
            is_you: false,
            is_last_owner: false,
            apps: 2,
            own_email: "owner@example.test".to_owned(),
            choices: RoleChoice::all(Some(ZoneRole::Editor)),
            is_none_chosen: false,
            problems: Vec::new(),
        }
    }

    pub(crate) fn sample_problem() -> Self {
        Self {
            email: "owner@example.test".to_owned(),
            role: ZoneRole::Owner,
            is_you: true,
            apps: 1,
            choices: RoleChoice::all(None),
            is_none_chosen: true,
            problems: vec![Problem {
                field: "current_password",
                message: "This is not your current password. Type it again.".to_owned(),
            }],
            ..Self::sample()
        }
    }

    pub(crate) fn sample_last_owner() -> Self {
        Self {
            email: "owner@example.test".to_owned(),
            role: ZoneRole::Owner,
            is_you: true,
            is_last_owner: true,
            apps: 0,
            choices: RoleChoice::all(Some(ZoneRole::Owner)),
            ..Self::sample()
        }
    }
}
