//! `/templates/{provider}/{service}`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain_connect::Template;
use easement_core::{Actor, Standing, TemplateEntry, TemplateId, TemplateStatus};
use similar::{ChangeTag, TextDiff};

use super::problems::problem;
use super::views::{
    DecisionRow, DifferentLine, HiddenField, Problem, Section, ShownTime, TemplateReviewPage, paths,
};
use super::{PageError, show};
use crate::http::{AddressQuery, Fields, Member, PathParts, PostedForm};
use crate::state::{ServerState, Shared};
use crate::templates::{ControlError, DecideError};

/// More lines than anybody compares.
const MAX_LINES: usize = 4000;

/// GET, for operators.
pub(crate) async fn show_review(
    State(state): State<Shared>,
    member: Member,
    PathParts(ids): PathParts<(String, String)>,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    let entry = find(&state, &member, &ids, query.get("text")).await?;
    let news = query
        .get("done")
        .map(|_| "The decision was made.".to_owned());
    show(&page(&state, &member, &entry, news, Posted::default()).await?)
}

/// POST: a decision about the text that was shown.
pub(crate) async fn decide_template(
    State(state): State<Shared>,
    member: Member,
    PathParts(ids): PathParts<(String, String)>,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let entry = find(&state, &member, &ids, form.get("text")).await?;
    let decision = decision(&form)?;
    let reason = form.text("reason").to_owned();
    // What was shown counts, and not what the text has become meanwhile.
    let seen = TemplateEntry {
        status: seen_status(&form)?,
        ..entry.clone()
    };
    let origin = (
        Actor::Account(member.account.id),
        Some(member.visitor.address),
    );
    match state
        .registry
        .decide(&seen, decision, &reason, origin)
        .await
    {
        Ok(_) => {
            let (provider, service) = (&entry.provider, &entry.service);
            let address = paths::template(provider.as_str(), service.as_str());
            Ok(Redirect::to(&format!("{address}?text={}&done=1", entry.id)).into_response())
        }
        Err(DecideError::Store(error)) => Err(error.into()),
        Err(error) => {
            let posted = Posted {
                problems: vec![problem("reason", &error)],
                reason,
            };
            show(&page(&state, &member, &entry, None, posted).await?)
        }
    }
}

/// POST: is the key domain controlled by the service provider?
pub(crate) async fn check_control(
    State(state): State<Shared>,
    member: Member,
    PathParts(ids): PathParts<(String, String)>,
) -> Result<Response, PageError> {
    let entry = find(&state, &member, &ids, None).await?;
    let (template, _notes) = Template::from_json(&entry.json).map_err(|_| PageError::NotFound)?;
    let news = control_news(state.registry.check_control(&template).await)?;
    show(&page(&state, &member, &entry, Some(news), Posted::default()).await?)
}

/// What looking a proof up gave, as a sentence.
pub(super) fn control_news(
    checked: Result<easement_core::KeyControl, ControlError>,
) -> Result<String, PageError> {
    match checked {
        Ok(control) if control.proven_at.is_some() => {
            Ok("The record is there: control of the key domain is proven.".to_owned())
        }
        Ok(_) => Ok("The record is not there yet.".to_owned()),
        Err(ControlError::Store(error)) => Err(error.into()),
        Err(error) => Ok(format!("Nothing was found out: {error}.")),
    }
}

/// What was posted, when it has to be shown again.
#[derive(Default)]
struct Posted {
    problems: Vec<Problem>,
    reason: String,
}

fn decision(form: &Fields) -> Result<TemplateStatus, PageError> {
    let word = form.text("decision");
    TemplateStatus::from_word(word).ok_or_else(|| PageError::BadForm {
        reason: "The form does not say what was decided.".to_owned(),
    })
}

fn seen_status(form: &Fields) -> Result<TemplateStatus, PageError> {
    TemplateStatus::from_word(form.text("seen")).ok_or_else(|| PageError::BadForm {
        reason: "The form does not say what was shown.".to_owned(),
    })
}

/// The text that is meant: one by its id, or the newest.
async fn find(
    state: &ServerState,
    member: &Member,
    (provider, service): &(String, String),
    text: Option<&str>,
) -> Result<TemplateEntry, PageError> {
    match member.account.standing {
        Standing::Operator => {}
        Standing::Member => return Err(PageError::OperatorsOnly),
    }
    let provider = provider.parse().map_err(|_| PageError::NotFound)?;
    let service = service.parse().map_err(|_| PageError::NotFound)?;
    let entry = match text {
        Some(id) => {
            let id: TemplateId = id.parse().map_err(|_| PageError::NotFound)?;
            state.store.template(id).await?
        }
        None => state.registry.newest(&provider, &service).await?,
    };
    entry
        .filter(|entry| entry.provider == provider && entry.service == service)
        .ok_or(PageError::NotFound)
}

async fn page(
    state: &ServerState,
    member: &Member,
    entry: &TemplateEntry,
    news: Option<String>,
    posted: Posted,
) -> Result<TemplateReviewPage, PageError> {
    let review = state.registry.review(entry).await?;
    let now = state.clock.now();
    let decisions = review.decisions.iter().map(|decision| DecisionRow {
        at: ShownTime::new(decision.at, now),
        who: decision.who.clone(),
        status: decision.status,
        reason: decision.reason.clone(),
        is_this_text: decision.is_this_text,
    });
    let control = review.control.as_ref().filter(|control| control.is_proven);
    let proven = control.and_then(|control| control.proven_at);
    let hidden = |name: &str, value: String| HiddenField {
        name: name.to_owned(),
        value,
    };
    let address = paths::template(entry.provider.as_str(), entry.service.as_str());
    Ok(TemplateReviewPage {
        shell: member.shell(Section::Templates),
        imported: ShownTime::new(entry.imported_at, now),
        decisions: decisions.collect(),
        proven: proven.map(|proven| ShownTime::new(proven, now)),
        difference: difference(review.approved_json.as_deref(), &review.json),
        playground_href: member
            .visitor
            .may_use_tools()
            .then(|| paths::playground_of(entry.provider.as_str(), entry.service.as_str())),
        list_href: paths::TEMPLATES.to_owned(),
        control_action: format!("{address}/control"),
        action: address,
        hidden: vec![
            hidden("text", entry.id.to_string()),
            hidden("seen", entry.status.to_string()),
        ],
        problems: posted.problems,
        reason: posted.reason,
        news,
        review,
    })
}

/// The lines of two texts beside each other.
fn difference(approved: Option<&str>, text: &str) -> Vec<DifferentLine> {
    let Some(approved) = approved else {
        return Vec::new();
    };
    if approved.lines().count() + text.lines().count() > MAX_LINES {
        return Vec::new();
    }
    let diff = TextDiff::from_lines(approved, text);
    diff.iter_all_changes()
        .map(|change| DifferentLine {
            sign: match change.tag() {
                ChangeTag::Insert => '+',
                ChangeTag::Delete => '-',
                ChangeTag::Equal => ' ',
            },
            text: change.value().trim_end_matches(['\r', '\n']).to_owned(),
        })
        .collect()
}
