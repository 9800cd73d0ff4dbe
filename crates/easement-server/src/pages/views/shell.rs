//! What stands around every page, and the small things that several pages share.

use easement_core::Standing;

use super::{assets, paths};

/// What every page has around it: whose server it is, and who is signed in.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The name of this server, such as `dns.example.net`.
    pub server: String,
    /// Who is signed in.
    pub person: Option<Person>,
    /// Which part of the menu the page belongs to.
    pub section: Section,
    /// Whether the tools are open to whoever is looking.
    pub has_tools: bool,
}

impl Shell {
    /// The address of the style sheet.
    pub fn style_path(&self) -> &'static str {
        assets::STYLE_PATH
    }

    /// The address of the mark.
    pub fn mark_path(&self) -> &'static str {
        assets::MARK_PATH
    }

    /// The address of the script that closes a window at the end.
    pub fn close_script_path(&self) -> &'static str {
        assets::CLOSE_SCRIPT_PATH
    }

    /// The address that signing out is posted to.
    pub fn sign_out_path(&self) -> &'static str {
        paths::SIGN_OUT
    }

    /// The address of what programs can ask.
    pub fn api_reference_path(&self) -> &'static str {
        paths::API_REFERENCE
    }

    /// The menu; those who are not signed in see only what is open to everybody.
    pub fn menu(&self) -> Vec<MenuItem> {
        let item = |label, href, section| MenuItem {
            label,
            href,
            is_current: self.section == section,
        };
        let tools = self
            .has_tools
            .then(|| item("Tools", paths::TOOLS, Section::Tools));
        let Some(person) = &self.person else {
            return tools.into_iter().collect();
        };
        let mut menu = vec![
            item("Zones", paths::ZONES, Section::Zones),
            item("Tokens", paths::TOKENS, Section::Tokens),
            item("Apps", paths::APPS, Section::Apps),
        ];
        match person.standing {
            Standing::Operator => {
                menu.push(item("Templates", paths::TEMPLATES, Section::Templates));
            }
            Standing::Member => {}
        }
        menu.extend(tools);
        menu.push(item("Account", paths::ACCOUNT, Section::Account));
        menu
    }
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their e-mail address.
    pub email: String,
    /// Whether they run this server.
    pub standing: Standing,
}

/// The parts of the menu.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Section {
    /// None of them.
    Elsewhere,
    /// The zones.
    Zones,
    /// The API tokens.
    Tokens,
    /// Apps with access.
    Apps,
    /// The templates.
    Templates,
    /// The tools.
    Tools,
    /// The account.
    Account,
}

/// One entry of the menu.
#[derive(Clone, Copy, Debug)]
pub struct MenuItem {
    /// What it says.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Whether the page belongs to it.
    pub is_current: bool,
}

/// A link.
#[derive(Clone, Debug)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// A value that a form carries without showing it.
#[derive(Clone, Debug)]
pub struct HiddenField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Something that is wrong with a form, and with which field.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The name of the field.
    pub field: &'static str,
    /// What is wrong and what to do, as one sentence.
    pub message: String,
}

/// The problem of one field.
pub(super) fn problem_of<'a>(problems: &'a [Problem], field: &str) -> Option<&'a str> {
    problems
        .iter()
        .find(|problem| problem.field == field)
        .map(|problem| problem.message.as_str())
}

/// A letter that stands for a name where there is no picture of it.
pub(super) fn initial(name: &str) -> String {
    name.chars()
        .find(|character| character.is_alphanumeric())
        .map_or_else(
            || "?".to_owned(),
            |character| character.to_uppercase().collect(),
        )
}

#[cfg(test)]
impl Shell {
    pub(crate) fn sample() -> Self {
        Self {
            server: "dns.example.net".to_owned(),
            person: Some(Person {
                email: "owner@example.test".to_owned(),
                standing: Standing::Member,
            }),
            section: Section::Elsewhere,
            has_tools: false,
        }
    }

    pub(crate) fn sample_signed_out() -> Self {
        Self {
            person: None,
            ..Self::sample()
        }
    }

    pub(crate) fn in_section(mut self, section: Section) -> Self {
        self.section = section;
        self
    }
}
