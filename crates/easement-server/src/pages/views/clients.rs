//! Clients of OAuth, for operators.

use askama::Template;

use super::filters;
use super::paths;
use super::shell::{Problem, Shell, problem_of};
use super::show::ShownTime;

/// All clients, and a form for another one: posts the fields of [`ClientForm`], or `do` with `known`.
#[derive(Clone, Debug, Template)]
#[template(path = "clients.html")]
pub struct ClientsPage {
    /// What stands around it.
    pub shell: Shell,
    /// The clients.
    pub clients: Vec<ClientRow>,
    /// Whether a client that everybody knows is not registered yet.
    pub has_known: bool,
    /// The form.
    pub form: ClientForm,
    /// What is wrong with what was posted.
    pub problems: Vec<Problem>,
}

impl ClientsPage {
    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }
}

/// One line of the list.
#[derive(Clone, Debug)]
pub struct ClientRow {
    /// The address of its page.
    pub href: String,
    /// What it is called by people.
    pub name: String,
    /// What it is called in requests.
    pub id: String,
    /// confidential, public or published.
    pub kind: &'static str,
    /// What it may ask for, in words.
    pub templates: String,
    /// Whether it may do nothing.
    pub is_disabled: bool,
}

/// What was typed about a new client.
#[derive(Clone, Debug, Default)]
pub struct ClientForm {
    /// What it is to be called in requests.
    pub id: String,
    /// What it is to be called by people.
    pub name: String,
    /// Whose templates; nothing means those of a provider that is called like it.
    pub provider: String,
    /// Which, with spaces or commas between them; nothing means all.
    pub templates: String,
    /// Where browsers may be sent, with spaces between them.
    pub redirects: String,
    /// Whether it can keep no secret.
    pub is_public: bool,
}

struct FormField<'f> {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: &'f str,
    is_required: bool,
}

impl ClientForm {
    fn fields(&self) -> [FormField<'_>; 5] {
        let field = |name, label, hint, value, is_required| FormField {
            name,
            label,
            hint,
            value,
            is_required,
        };
        [
            field(
                "id",
                "Client id",
                "What it is called in requests: usually the id of the provider.",
                &self.id,
                true,
            ),
            field(
                "name",
                "Name",
                "What owners read when they are asked.",
                &self.name,
                true,
            ),
            field(
                "redirects",
                "Redirect URIs",
                "Where browsers may be sent with a code, with spaces between them.",
                &self.redirects,
                true,
            ),
            field(
                "provider",
                "Provider id",
                "Whose templates it may ask for. Empty when it is the client id.",
                &self.provider,
                false,
            ),
            field(
                "templates",
                "Service ids",
                "Which templates it may ask for, with spaces between them. Empty means all of the provider.",
                &self.templates,
                false,
            ),
        ]
    }
}

/// One client. Its forms post `do`, one of `rotate`, `disable` and `enable`.
#[derive(Clone, Debug, Template)]
#[template(path = "client.html")]
pub struct ClientPage {
    /// What stands around it.
    pub shell: Shell,
    /// Where its forms are posted.
    pub action: String,
    /// Where it is deleted.
    pub delete: String,
    /// What was done just now.
    pub news: Option<&'static str>,
    /// Its secret, when it was made just now.
    pub secret: Option<String>,
    /// What it is called by people.
    pub name: String,
    /// What it is called in requests.
    pub id: String,
    /// confidential, public or published.
    pub kind: &'static str,
    /// What it may ask for, in words.
    pub templates: String,
    /// Where browsers may be sent.
    pub redirects: Vec<String>,
    /// How long access tokens count, in words.
    pub access: String,
    /// How long refresh tokens count, in words.
    pub refresh: String,
    /// What becomes of a refresh token that was used.
    pub rule: &'static str,
    /// How many grants it has that have not ended.
    pub grants: u64,
    /// Whether it has a secret that can be replaced.
    pub has_secret: bool,
    /// When it was registered.
    pub created: ShownTime,
    /// Since when it may do nothing.
    pub disabled: Option<ShownTime>,
}

/// Asking before a client is deleted.
#[derive(Clone, Debug, Template)]
#[template(path = "client_delete.html")]
pub struct DeleteClientPage {
    /// What stands around it.
    pub shell: Shell,
    /// What it is called by people.
    pub name: String,
    /// The address of its page.
    pub back: String,
    /// Where the form is posted.
    pub action: String,
    /// How many grants it has that have not ended.
    pub grants: u64,
}

#[cfg(test)]
mod samples {
    use super::super::samples::time_ago;
    use super::*;

    const HOSTILE: &str = "<script>alert(1)</script>\u{202e}";

    fn shell() -> Shell {
        let mut shell = Shell::sample().in_section(super::super::Section::Templates);
        if let Some(person) = &mut shell.person {
            person.standing = easement_core::Standing::Operator;
        }
        shell
    }

    impl ClientsPage {
        pub(crate) fn sample() -> Self {
            let row = |name: &str, id: &str, kind, is_disabled| ClientRow {
                href: paths::client(id),
                name: name.to_owned(),
                id: id.to_owned(),
                kind,
                templates: "website, mail of exampleservice.example".to_owned(),
                is_disabled,
            };
            Self {
                shell: shell(),
                clients: vec![
                    row(
                        "Example Service",
                        "exampleservice.example",
                        "confidential",
                        false,
                    ),
                    row(HOSTILE, "tool.example", "public", true),
                ],
                has_known: true,
                form: ClientForm::default(),
                problems: Vec::new(),
            }
        }

        pub(crate) fn sample_problem() -> Self {
            Self {
                clients: Vec::new(),
                has_known: false,
                form: ClientForm {
                    id: "two words".to_owned(),
                    name: HOSTILE.to_owned(),
                    is_public: true,
                    ..ClientForm::default()
                },
                problems: vec![Problem {
                    field: "id",
                    message: "A client id has no spaces.".to_owned(),
                }],
                ..Self::sample()
            }
        }
    }

    impl ClientPage {
        pub(crate) fn sample() -> Self {
            Self {
                shell: shell(),
                action: paths::client("exampleservice.example"),
                delete: paths::delete_client("exampleservice.example"),
                news: Some("It is registered."),
                secret: Some("a-secret-that-is-shown-once".to_owned()),
                name: "Example Service".to_owned(),
                id: "exampleservice.example".to_owned(),
                kind: "confidential",
                templates: "website, mail of exampleservice.example".to_owned(),
                redirects: vec!["https://app.exampleservice.example/connected".to_owned()],
                access: "1 hour".to_owned(),
                refresh: "365 days".to_owned(),
                rule: "replaced at each use",
                grants: 3,
                has_secret: true,
                created: time_ago(86_400),
                disabled: None,
            }
        }

        pub(crate) fn sample_disabled() -> Self {
            Self {
                news: None,
                secret: None,
                name: HOSTILE.to_owned(),
                kind: "public",
                has_secret: false,
                disabled: Some(time_ago(60)),
                ..Self::sample()
            }
        }
    }

    impl DeleteClientPage {
        pub(crate) fn sample() -> Self {
            Self {
                shell: shell(),
                name: HOSTILE.to_owned(),
                back: paths::client("exampleservice.example"),
                action: paths::delete_client("exampleservice.example"),
                grants: 3,
            }
        }
    }
}
