//! `/webhooks`: the webhooks of the person who is signed in.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{
    Actor, Origin, Timestamp, Webhook, WebhookDeliveryId, WebhookEvents, WebhookSecretText,
    WebhookState,
};
use easement_store::{
    CreateWebhookError, DeliveryAttempt, DeliveryEntry, DeliveryState, Store, StoredWebhook,
};
use http::StatusCode;

use super::problems::problem;
use super::views::{
    AttemptRow, BrokenRow, DeliveryPage, DeliveryRow, Problem, Section, ShownTime, WebhookForm,
    WebhookPage, WebhookRow, WebhooksPage, duration_words, paths,
};
use super::{PageError, show};
use crate::http::{AddressQuery, Fields, Member, PathParts, PostedForm};
use crate::state::{ServerState, Shared};
use crate::webhooks::manage::{self, ManageError, WantedError, WantedWebhook};
use crate::webhooks::{delivery_text, parse_delivery};

/// How many lines of the log a page has.
const LINES: u32 = 50;

/// GET `/webhooks`
pub(crate) async fn show_webhooks(
    State(state): State<Shared>,
    member: Member,
) -> Result<Response, PageError> {
    show(&list(&state, &member, WebhookForm::empty(), Vec::new()).await?)
}

/// POST `/webhooks`
pub(crate) async fn create_webhook(
    State(state): State<Shared>,
    member: Member,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    let target = match wanted(&fields).read(&state) {
        Ok(target) => target,
        Err(error) => {
            let problems = vec![problem_of(&error)];
            return refuse(&list(&state, &member, form(&fields), problems).await?);
        }
    };
    match manage::create(&state, member.account.id, target, &origin(&member)).await {
        Ok(webhook) => {
            let secret = webhook.secret.reveal().to_owned();
            let page = Shown::load(&state, &webhook, None).await?;
            show(&WebhookPage {
                secret: Some(secret),
                ..page.page(&state, &member)
            })
        }
        Err(ManageError::Create(error @ CreateWebhookError::TooMany { .. })) => {
            let problems = vec![problem("url", &error)];
            refuse(&list(&state, &member, form(&fields), problems).await?)
        }
        Err(error) => Err(error.into()),
    }
}

async fn list(
    state: &ServerState,
    member: &Member,
    form: WebhookForm,
    problems: Vec<Problem>,
) -> Result<WebhooksPage, PageError> {
    let (mut webhooks, mut broken) = (Vec::new(), Vec::new());
    for stored in state.store.webhooks_of(member.account.id).await? {
        match stored {
            StoredWebhook::Whole(webhook) => webhooks.push(list_row(&webhook)),
            StoredWebhook::Broken(one) => {
                manage::log_broken(&one);
                broken.push(BrokenRow {
                    action: paths::webhook(&one.public_id),
                    id: one.public_id.to_string(),
                    is_on: one.disabled_at.is_none(),
                });
            }
        }
    }
    Ok(WebhooksPage {
        shell: member.shell(Section::Account),
        webhooks,
        broken,
        most: state.webhooks.per_account(),
        form,
        problems,
    })
}

fn list_row(webhook: &Webhook) -> WebhookRow {
    WebhookRow {
        href: paths::webhook(&webhook.public_id),
        host: webhook.url.authority().to_owned(),
        id: webhook.public_id.to_string(),
        events: webhook.events,
        off: match webhook.state {
            WebhookState::Active => None,
            WebhookState::Disabled { because, .. } => Some(because),
        },
        failures: webhook.failures,
    }
}

fn wanted(fields: &Fields) -> WantedWebhook<'_> {
    WantedWebhook {
        url: fields.text("url"),
        events: fields.all("event").collect(),
    }
}

/// What was posted, to be shown again.
fn form(fields: &Fields) -> WebhookForm {
    let events = WebhookEvents::ALL.iter();
    WebhookForm {
        url: fields.text("url").to_owned(),
        events: events
            .filter(|event| fields.all("event").any(|text| text == event.as_str()))
            .collect(),
    }
}

fn problem_of(error: &WantedError) -> Problem {
    let field = match error {
        WantedError::Url(_) | WantedError::Refused(_) => "url",
        WantedError::Events(_) => "events",
    };
    problem(field, error)
}

fn refuse(page: &impl askama::Template) -> Result<Response, PageError> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(page)?).into_response())
}

fn origin(member: &Member) -> Origin {
    Origin {
        actor: Actor::Account(member.account.id),
        address: Some(member.visitor.address),
    }
}

//------------ One webhook -----------------------------------------------------------------------

/// GET `/webhooks/{webhook}`. What can be done with one that cannot be read is on the page of all.
pub(crate) async fn show_webhook(
    State(state): State<Shared>,
    member: Member,
    PathParts((id,)): PathParts<(String,)>,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    let webhook = match find_stored(&state, &member, &id).await? {
        StoredWebhook::Whole(webhook) => webhook,
        StoredWebhook::Broken(_) => return Ok(Redirect::to(paths::WEBHOOKS).into_response()),
    };
    let before = query.get("before").and_then(parse_delivery);
    let shown = Shown::load(&state, &webhook, before).await?;
    show(&shown.page(&state, &member))
}

/// POST `/webhooks/{webhook}`
pub(crate) async fn act_on_webhook(
    State(state): State<Shared>,
    member: Member,
    PathParts((id,)): PathParts<(String,)>,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    // Those two need no more than its name.
    let done = match fields.text("do") {
        what @ ("disable" | "delete") => end(&state, &member, &id, what).await?,
        "save" => match wanted(&fields).read(&state) {
            Ok(target) => {
                let webhook = find(&state, &member, &id).await?;
                manage::set_target(&state, &webhook, target, &origin(&member)).await?;
                Done::News("It is saved.")
            }
            Err(error) => {
                let webhook = find(&state, &member, &id).await?;
                let shown = Shown::load(&state, &webhook, None).await?;
                return refuse(&WebhookPage {
                    form: form(&fields),
                    problems: vec![problem_of(&error)],
                    ..shown.page(&state, &member)
                });
            }
        },
        what => {
            let webhook = find(&state, &member, &id).await?;
            act(&state, &member, &webhook, what).await?
        }
    };
    let (news, secret) = match done {
        Done::News(news) => (news, None),
        Done::Renewed(secret) => {
            let news = "It has a new secret, and the old one counts no more.";
            (news, Some(secret.reveal().to_owned()))
        }
        Done::Gone => return Ok(Redirect::to(paths::WEBHOOKS).into_response()),
    };
    let webhook = find(&state, &member, &id).await?;
    let shown = Shown::load(&state, &webhook, None).await?;
    show(&WebhookPage {
        news: Some(news),
        secret,
        ..shown.page(&state, &member)
    })
}

/// What was done with a webhook.
enum Done {
    News(&'static str),
    Renewed(WebhookSecretText),
    /// It has no page any more.
    Gone,
}

/// Switches a webhook off or deletes it, whether the rest of it can be read or not.
async fn end(
    state: &ServerState,
    member: &Member,
    id: &str,
    what: &str,
) -> Result<Done, PageError> {
    let webhook = find_stored(state, member, id).await?;
    let named = (webhook.id(), webhook.public_id());
    let origin = origin(member);
    if what == "delete" {
        manage::delete(state, named, &origin).await?;
        return Ok(Done::Gone);
    }
    // One that is off stays so, and nothing begins.
    if webhook.is_active() {
        manage::disable(state, named, &origin).await?;
    }
    Ok(match webhook {
        StoredWebhook::Whole(_) => Done::News("It is switched off."),
        StoredWebhook::Broken(_) => Done::Gone,
    })
}

/// What a button means that has no fields.
async fn act(
    state: &ServerState,
    member: &Member,
    webhook: &Webhook,
    what: &str,
) -> Result<Done, PageError> {
    let origin = origin(member);
    Ok(match what {
        "test" => {
            take_asked_for(state, member)?;
            manage::test(state, webhook).await?;
            Done::News("A test is on its way. Load this page again to see what became of it.")
        }
        "enable" => {
            manage::enable(state, webhook, &origin).await?;
            Done::News("It is switched on, and is told of what happens from now on.")
        }
        "renew" => Done::Renewed(manage::renew_secret(state, webhook, &origin).await?),
        _ => {
            let reason = "It does not say what is to be done.".to_owned();
            return Err(PageError::BadForm { reason });
        }
    })
}

/// A webhook of this person, all of it.
async fn find(state: &ServerState, member: &Member, id: &str) -> Result<Webhook, PageError> {
    match find_stored(state, member, id).await? {
        StoredWebhook::Whole(webhook) => Ok(webhook),
        StoredWebhook::Broken(broken) => {
            manage::log_broken(&broken);
            let reason = "What is stored of this webhook cannot be read. It can be switched off and deleted, on \
                          the page of all webhooks; make another one in its place."
                .to_owned();
            Err(PageError::BadForm { reason })
        }
    }
}

/// A webhook of this person, whether it can be read or not. Those of others are not there.
async fn find_stored(
    state: &ServerState,
    member: &Member,
    id: &str,
) -> Result<StoredWebhook, PageError> {
    let id = id.parse().map_err(|_| PageError::NotFound)?;
    let found = state.store.webhook_of(member.account.id, &id).await?;
    found.ok_or(PageError::NotFound)
}

fn take_asked_for(state: &ServerState, member: &Member) -> Result<(), PageError> {
    let taken = state
        .webhooks
        .take_asked_for(member.account.id, state.clock.now());
    taken.map_err(|wait| PageError::TooOften { wait })
}

/// A webhook with a part of its log.
struct Shown<'w> {
    webhook: &'w Webhook,
    log: Vec<DeliveryEntry>,
}

impl<'w> Shown<'w> {
    async fn load(
        state: &ServerState,
        webhook: &'w Webhook,
        before: Option<WebhookDeliveryId>,
    ) -> Result<Self, PageError> {
        // One more than is shown says whether there are more.
        let log = state.store.deliveries_of(webhook.id, before, LINES + 1);
        Ok(Self {
            webhook,
            log: log.await?,
        })
    }

    fn page(mut self, state: &ServerState, member: &Member) -> WebhookPage {
        let (webhook, now) = (self.webhook, state.clock.now());
        let lines = usize::try_from(LINES).unwrap_or(usize::MAX);
        let is_more = self.log.len() > lines;
        self.log.truncate(lines);
        let action = paths::webhook(&webhook.public_id);
        let last = self.log.last().filter(|_| is_more);
        let older = last.map(|last| format!("{action}?before={}", delivery_text(last.id)));
        let rows = self.log.iter().map(|entry| row(webhook, entry, now));
        let failing = webhook.failing_since.map(|at| ShownTime::new(at, now));
        WebhookPage {
            shell: member.shell(Section::Account),
            id: webhook.public_id.to_string(),
            host: webhook.url.authority().to_owned(),
            created: ShownTime::new(webhook.created_at, now),
            off: match webhook.state {
                WebhookState::Active => None,
                WebhookState::Disabled { at, because } => Some((ShownTime::new(at, now), because)),
            },
            failing: failing.map(|since| (webhook.failures, since)),
            secret: None,
            news: None,
            form: WebhookForm {
                url: webhook.url.to_string(),
                events: webhook.events.iter().collect(),
            },
            problems: Vec::new(),
            deliveries: rows.collect(),
            older,
            action,
        }
    }
}

fn row(webhook: &Webhook, entry: &DeliveryEntry, now: Timestamp) -> DeliveryRow {
    let next = entry.due_at.map(|at| at.since(now)).map(|wait| {
        // Rounded up: it is never tried earlier than is said.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        if wait == Duration::ZERO {
            "now".to_owned()
        } else {
            format!("in {}", duration_words(seconds))
        }
    });
    DeliveryRow {
        href: paths::webhook_delivery(&webhook.public_id, &delivery_text(entry.id)),
        event: entry.message.as_str(),
        hostname: entry.hostname.clone().unwrap_or_default(),
        at: ShownTime::new(entry.created_at, now),
        state: entry.state,
        next,
        attempts: entry.attempts,
    }
}

//------------ One delivery ----------------------------------------------------------------------

/// GET `/webhooks/{webhook}/deliveries/{delivery}`
pub(crate) async fn show_delivery(
    State(state): State<Shared>,
    member: Member,
    PathParts((id, delivery)): PathParts<(String, String)>,
) -> Result<Response, PageError> {
    let webhook = find(&state, &member, &id).await?;
    show(&delivery_page(&state, &member, &webhook, &delivery).await?)
}

/// POST: deliver it again
pub(crate) async fn redeliver(
    State(state): State<Shared>,
    member: Member,
    PathParts((id, delivery)): PathParts<(String, String)>,
) -> Result<Response, PageError> {
    let webhook = find(&state, &member, &id).await?;
    let number = parse_delivery(&delivery).ok_or(PageError::NotFound)?;
    take_asked_for(&state, &member)?;
    let waits = state.store.redeliver(webhook.id, number).await?;
    let page = delivery_page(&state, &member, &webhook, &delivery).await?;
    show(&DeliveryPage {
        news: Some(if waits {
            "It is on its way. Load this page again to see what became of it."
        } else {
            "It waits to be delivered already, or was tried too often."
        }),
        ..page
    })
}

async fn delivery_page(
    state: &ServerState,
    member: &Member,
    webhook: &Webhook,
    delivery: &str,
) -> Result<DeliveryPage, PageError> {
    let number = parse_delivery(delivery).ok_or(PageError::NotFound)?;
    let found = state.store.delivery_of(webhook.id, number).await?;
    let (entry, attempts) = found.ok_or(PageError::NotFound)?;
    let now = state.clock.now();
    let attempt = |one: DeliveryAttempt| AttemptRow {
        at: ShownTime::new(one.at, now),
        milliseconds: u64::try_from(one.took.as_millis()).unwrap_or(u64::MAX),
        status: one.status,
        problem: one.problem,
    };
    Ok(DeliveryPage {
        shell: member.shell(Section::Account),
        webhook_href: paths::webhook(&webhook.public_id),
        host: webhook.url.authority().to_owned(),
        id: delivery_text(entry.id),
        row: row(webhook, &entry, now),
        can_redeliver: entry.state != DeliveryState::Waiting
            && entry.attempts < Store::MAX_ATTEMPTS,
        body: entry.body,
        attempts: attempts.into_iter().map(attempt).collect(),
        news: None,
    })
}

impl From<ManageError> for PageError {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::Store(error) | ManageError::Create(CreateWebhookError::Store(error)) => {
                error.into()
            }
            ManageError::TooOften { wait } => Self::TooOften { wait },
            ManageError::Secret(_) | ManageError::Create(_) => Self::failure(error.to_string()),
        }
    }
}
