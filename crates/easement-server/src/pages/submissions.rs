//! `/templates/submit`, and the page of what was handed in.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain_connect::Template;
use easement_core::{EmailAddress, Secret, TemplateEntry, TemplateSubmission, Timestamp};

use super::problems::problem;
use super::template_review::control_news;
use super::views::{Problem, Section, ShownTime, SubmissionPage, SubmitTemplatePage, paths};
use super::{PageError, show};
use crate::http::{NetworkLimit, PathParts, PostedForm, Visitor};
use crate::state::{ServerState, Shared};
use crate::templates::{SubmitError, line};

/// How many templates one network address may hand in, and how many look-ups it may cause, in an hour.
const MOST: u32 = 20;
const WINDOW: Duration = Duration::from_hours(1);

/// Whether templates can be handed in, and how often.
#[derive(Debug)]
pub(crate) struct Submissions {
    is_open: bool,
    limit: NetworkLimit,
}

impl Submissions {
    /// Open or not.
    pub(crate) fn new(is_open: bool) -> Self {
        Self {
            is_open,
            limit: NetworkLimit::new(MOST, WINDOW),
        }
    }

    fn check_open(&self) -> Result<(), PageError> {
        if self.is_open {
            Ok(())
        } else {
            Err(PageError::NotFound)
        }
    }

    fn take(&self, visitor: &Visitor, now: Timestamp) -> Result<(), PageError> {
        let taken = self.limit.take(visitor.address, now);
        taken.map_err(|wait| PageError::TooOften { wait })
    }
}

/// GET
pub(crate) async fn show_submit(
    State(state): State<Shared>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    state.submissions.check_open()?;
    show(&form(&visitor, String::new(), String::new(), Vec::new()))
}

/// POST
pub(crate) async fn submit_template(
    State(state): State<Shared>,
    visitor: Visitor,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    state.submissions.check_open()?;
    state.submissions.take(&visitor, state.clock.now())?;
    let (json, contact) = (
        fields.text("json").to_owned(),
        fields.text("contact").to_owned(),
    );
    let again = |problem: Problem| {
        show(&form(
            &visitor,
            json.clone(),
            contact.clone(),
            vec![problem],
        ))
    };
    let address: EmailAddress = match contact.parse() {
        Ok(address) => address,
        Err(error) => return again(problem("contact", &error)),
    };
    match state.registry.submit(&json, &address).await {
        Ok(submitted) => {
            let page = paths::submission(&submitted.secret.reveal());
            tracing::info!(
                template.provider = %submitted.entry.provider,
                template.service = %submitted.entry.service,
                "a template was handed in"
            );
            Ok(Redirect::to(&page).into_response())
        }
        Err(SubmitError::Store(error)) => Err(error.into()),
        Err(SubmitError::Secret(error)) => Err(PageError::failure(error.to_string())),
        Err(error @ (SubmitError::Template(_) | SubmitError::TooMany)) => {
            again(problem("json", &error))
        }
    }
}

fn form(
    visitor: &Visitor,
    json: String,
    contact: String,
    problems: Vec<Problem>,
) -> SubmitTemplatePage {
    SubmitTemplatePage {
        shell: visitor.shell(Section::Elsewhere),
        action: paths::SUBMIT_TEMPLATE.to_owned(),
        json,
        contact,
        problems,
    }
}

/// GET
pub(crate) async fn show_submission(
    State(state): State<Shared>,
    visitor: Visitor,
    PathParts((secret,)): PathParts<(String,)>,
) -> Result<Response, PageError> {
    let found = Found::load(&state, &secret).await?;
    show(&found.page(&state, &visitor, &secret, None).await?)
}

/// POST: is the key domain the service provider's?
pub(crate) async fn check_submission(
    State(state): State<Shared>,
    visitor: Visitor,
    PathParts((secret,)): PathParts<(String,)>,
) -> Result<Response, PageError> {
    let found = Found::load(&state, &secret).await?;
    state.submissions.take(&visitor, state.clock.now())?;
    let (template, _notes) =
        Template::from_json(&found.entry.json).map_err(|_| PageError::NotFound)?;
    let news = control_news(state.registry.check_control(&template).await)?;
    show(&found.page(&state, &visitor, &secret, Some(news)).await?)
}

/// What was handed in.
struct Found {
    entry: TemplateEntry,
    submission: TemplateSubmission,
}

impl Found {
    async fn load(state: &ServerState, secret: &str) -> Result<Self, PageError> {
        let secret: Secret = secret.parse().map_err(|_| PageError::NotFound)?;
        let submission = state.store.submission(&secret.hash()).await?;
        let submission = submission.ok_or(PageError::NotFound)?;
        let entry = state.store.template(submission.template).await?;
        Ok(Self {
            entry: entry.ok_or(PageError::NotFound)?,
            submission,
        })
    }

    async fn page(
        &self,
        state: &ServerState,
        visitor: &Visitor,
        secret: &str,
        news: Option<String>,
    ) -> Result<SubmissionPage, PageError> {
        let (entry, submission) = (&self.entry, &self.submission);
        let progress = state.registry.progress(entry, submission).await?;
        Ok(SubmissionPage {
            shell: visitor.shell(Section::Elsewhere),
            title: line(&self.entry).title,
            ids: format!("{}/{}", self.entry.provider, self.entry.service),
            status: self.entry.status,
            reason: progress.reason,
            submitted: ShownTime::new(submission.submitted_at, state.clock.now()),
            control: progress.control,
            findings: progress.findings,
            control_action: format!("{}/control", paths::submission(secret)),
            news,
        })
    }
}
