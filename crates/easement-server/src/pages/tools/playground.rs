//! `/tools/playground`

use axum::extract::State;
use axum::response::Response;

use super::imported;
use super::link_state::{LinkState, LinkTemplate};
use super::trial::{Draft, SAMPLE_ZONE, Trial};
use crate::http::{AddressQuery, Fields, PostedForm, Visitor};
use crate::pages::views::{
    GroupChoice, PlaygroundAnswer, PlaygroundPage, Section, VariableField, paths,
};
use crate::pages::{PageError, show};
use crate::state::{ServerState, Shared};

/// What the fields of variables are called in the form, before their names.
const VARIABLE: &str = "v.";

/// GET; the query `s` is a shared state, `template` names a template of this server.
pub(crate) async fn show_playground(
    State(state): State<Shared>,
    visitor: Visitor,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    if let Some(token) = query.get("s") {
        return match LinkState::read(token) {
            Ok(link) => open_link(&state, &visitor, link).await,
            Err(error) => {
                let reason = error.to_string();
                Err(PageError::BadForm { reason })
            }
        };
    }
    let mut draft = Draft {
        zone: SAMPLE_ZONE.to_owned(),
        ..Draft::default()
    };
    if let Some(id) = query.get("template") {
        let entry = imported::find(&state, &visitor, id).await?;
        let entry = entry.ok_or(PageError::NotFound)?;
        draft.from = imported::id_of(&entry);
        draft.template = entry.json;
    }
    let work = move || (Trial::begin(&draft), draft);
    let (trial, draft) = state.workbench.run(work).await?;
    show(&page(&visitor, draft, trial, None))
}

/// POST
pub(crate) async fn play(
    State(state): State<Shared>,
    visitor: Visitor,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    answer(&state, &visitor, draft_of(&form), None).await
}

fn draft_of(form: &Fields) -> Draft {
    let variables = form.iter().filter_map(|(field, value)| {
        let name = field.strip_prefix(VARIABLE)?;
        Some((name.to_owned(), value.to_owned()))
    });
    Draft {
        template: form.text("template").replace("\r\n", "\n"),
        from: form.text("from").to_owned(),
        host: form.text("host").to_owned(),
        groups: form.all("group").map(str::to_owned).collect(),
        variables: variables.collect(),
        zone: form.text("zone").replace("\r\n", "\n"),
    }
}

async fn open_link(
    state: &ServerState,
    visitor: &Visitor,
    link: LinkState,
) -> Result<Response, PageError> {
    let mut draft = Draft {
        host: link.host,
        groups: link.groups,
        variables: link.variables,
        zone: link.zone.unwrap_or_else(|| SAMPLE_ZONE.to_owned()),
        ..Draft::default()
    };
    let mut news = None;
    match link.template {
        LinkTemplate::Text(text) => draft.template = text,
        LinkTemplate::Imported(id, checksum) => {
            let entry = imported::find(state, visitor, &id).await?;
            let entry = entry.ok_or(PageError::NotFound)?;
            if entry.checksum != checksum {
                news = Some(
                    "The template has changed since this link was made. Below is what its text of \
                     today does.",
                );
            }
            draft.from = id;
            draft.template = entry.json;
        }
    }
    answer(state, visitor, draft, news).await
}

async fn answer(
    state: &ServerState,
    visitor: &Visitor,
    draft: Draft,
    news: Option<&'static str>,
) -> Result<Response, PageError> {
    let link = link_of(state, visitor, &draft).await?;
    let policy = state.settings.policy.clone();
    let work = move || (Trial::run(&draft, &policy), link.write(), draft);
    let (trial, token, draft) = state.workbench.run(work).await?;
    let mut page = page(visitor, draft, trial, news);
    let origin = state.settings.public_url.origin();
    page.share = token.map(|token| format!("{origin}{}", paths::playground(&token)));
    show(&page)
}

/// The state to share: short for a template of this server, with the whole text for any other.
async fn link_of(
    state: &ServerState,
    visitor: &Visitor,
    draft: &Draft,
) -> Result<LinkState, PageError> {
    let entry = imported::find(state, visitor, &draft.from).await?;
    let template = match entry {
        // A form changes the ends of lines.
        Some(entry) if entry.json.replace("\r\n", "\n") == draft.template => {
            LinkTemplate::Imported(draft.from.clone(), entry.checksum)
        }
        Some(_) | None => LinkTemplate::Text(draft.template.clone()),
    };
    Ok(LinkState {
        template,
        host: draft.host.clone(),
        groups: draft.groups.clone(),
        variables: draft
            .variables
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .cloned()
            .collect(),
        zone: (draft.zone != SAMPLE_ZONE).then(|| draft.zone.clone()),
    })
}

fn page(
    visitor: &Visitor,
    draft: Draft,
    trial: Trial,
    news: Option<&'static str>,
) -> PlaygroundPage {
    let value = |name: &str| {
        let given = draft.variables.iter().find(|(known, _)| known == name);
        given.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let template = trial.template.as_ref();
    let variables = template
        .map(domain_connect::Template::variables)
        .unwrap_or_default();
    let groups = template
        .map(domain_connect::Template::groups)
        .unwrap_or_default();
    PlaygroundPage {
        shell: visitor.shell(Section::Tools),
        news,
        title: template.map(|one| format!("{}: {}", one.provider_name(), one.service_name())),
        variables: variables
            .into_iter()
            .map(|name| VariableField {
                field: format!("{VARIABLE}{name}"),
                name: name.to_string(),
                value: value(name.as_str()),
            })
            .collect(),
        groups: groups
            .into_iter()
            .map(|group| GroupChoice {
                is_chosen: draft.groups.iter().any(|chosen| chosen == group.as_str()),
                name: group.to_string(),
            })
            .collect(),
        template: draft.template,
        from: draft.from,
        host: draft.host,
        zone: draft.zone,
        problems: trial.problems,
        answer: trial.outcome.map(|outcome| PlaygroundAnswer {
            plan: outcome.plan,
            conflicts: outcome.conflicts,
            old_answers: outcome.old_answers,
        }),
        share: None,
    }
}
