//! The playground's page.

use askama::Template;

use crate::pages::views::{PlanView, Problem, Shell, filters, paths};

/// A form for a template, its values and a sample zone, and what would change there.
#[derive(Clone, Debug, Template)]
#[template(path = "playground.html")]
pub struct PlaygroundPage {
    /// What stands around it.
    pub shell: Shell,
    /// What the person should know about the link that they opened.
    pub news: Option<&'static str>,
    /// The names of service provider and service.
    pub title: Option<String>,
    /// The text of the template.
    pub template: String,
    /// The template of this server that the text came from.
    pub from: String,
    /// The host.
    pub host: String,
    /// The sample zone.
    pub zone: String,
    /// The variables of the template.
    pub variables: Vec<VariableField>,
    /// The groups of the template.
    pub groups: Vec<GroupChoice>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What would change.
    pub answer: Option<PlaygroundAnswer>,
    /// The address that shows all this again.
    pub share: Option<String>,
}

/// A variable.
#[derive(Clone, Debug)]
pub struct VariableField {
    /// What the field is called in the form.
    pub field: String,
    /// The variable.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A group.
#[derive(Clone, Debug)]
pub struct GroupChoice {
    /// Its name.
    pub name: String,
    /// Whether it is asked for.
    pub is_chosen: bool,
}

/// What would change: a part of the page, which escapes its values itself.
#[derive(Clone, Debug, Template)]
#[template(path = "playground_answer.html")]
pub struct PlaygroundAnswer {
    /// The change.
    pub plan: PlanView,
    /// What was in the way, a sentence each.
    pub conflicts: Vec<String>,
    /// How long old answers live.
    pub old_answers: Option<String>,
}

#[cfg(test)]
impl PlaygroundPage {
    pub(crate) fn sample() -> Self {
        use crate::pages::views::samples;
        let zone = samples::zone();
        let plan = PlanView::of(&zone, &samples::fernmail_plan(&zone));
        Self {
            shell: super::ToolsPage::sample().shell,
            news: Some("The template has changed since this link was made."),
            title: Some("Fernmail: Business mail".to_owned()),
            template: "{\"providerId\": \"fernmail.test\"}".to_owned(),
            from: "fernmail.test/business".to_owned(),
            host: String::new(),
            zone: "$ORIGIN example.test.\n".to_owned(),
            variables: vec![VariableField {
                field: "v.tenant".to_owned(),
                name: "tenant".to_owned(),
                value: "t-1".to_owned(),
            }],
            groups: vec![GroupChoice {
                name: "sending".to_owned(),
                is_chosen: true,
            }],
            problems: Vec::new(),
            answer: Some(PlaygroundAnswer {
                plan,
                conflicts: vec!["Record 1 of the template takes something away: one service receives all mail of a name.".to_owned()],
                old_answers: Some("1 hour".to_owned()),
            }),
            share: Some("https://dns.example.net/tools/playground?s=1.AAAA".to_owned()),
        }
    }

    pub(crate) fn sample_hostile() -> Self {
        let hostile = "</textarea><script>\u{202e}\" onload".to_owned();
        Self {
            template: "</textarea><script>alert(1)</script>".to_owned(),
            title: Some(hostile.clone()),
            variables: vec![VariableField {
                field: "v.x".to_owned(),
                name: "x".to_owned(),
                value: "\" onload=\"x".to_owned(),
            }],
            problems: vec![Problem {
                field: "template",
                message: hostile,
            }],
            answer: None,
            share: None,
            ..Self::sample()
        }
    }
}
