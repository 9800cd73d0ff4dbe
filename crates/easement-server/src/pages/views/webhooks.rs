//! The webhooks of a person, and the log of each.

use apertodns::v1::WebhookEvent;
use askama::Template;
use easement_core::{DisabledBecause, WebhookEvents, WebhookUrl};
use easement_store::DeliveryState;

use super::filters;
use super::paths;
use super::shell::{Problem, Shell, problem_of};
use super::show::ShownTime;

/// All webhooks of a person, and a form for another one: posts `url` and each `event`.
#[derive(Clone, Debug, Template)]
#[template(path = "webhooks.html")]
pub struct WebhooksPage {
    /// What stands around it.
    pub shell: Shell,
    /// The webhooks.
    pub webhooks: Vec<WebhookRow>,
    /// Those that cannot be read any more.
    pub broken: Vec<BrokenRow>,
    /// How many there may be.
    pub most: u32,
    /// The form.
    pub form: WebhookForm,
    /// What is wrong with what was posted.
    pub problems: Vec<Problem>,
}

impl WebhooksPage {
    fn has_room(&self) -> bool {
        let count = self.webhooks.len().saturating_add(self.broken.len());
        u32::try_from(count).is_ok_and(|count| count < self.most)
    }
}

/// One line of the list.
#[derive(Clone, Debug)]
pub struct WebhookRow {
    /// The address of its page.
    pub href: String,
    /// The host that it leads to.
    pub host: String,
    /// What names it.
    pub id: String,
    /// What it is told of.
    pub events: WebhookEvents,
    /// Why it is off, when it is.
    pub off: Option<DisabledBecause>,
    /// How many deliveries in a row failed.
    pub failures: u64,
}

/// One that cannot be read. Its form posts `do`, one of `disable` and `delete`.
#[derive(Clone, Debug)]
pub struct BrokenRow {
    /// Where its form is posted.
    pub action: String,
    /// What names it.
    pub id: String,
    /// Whether it is switched on.
    pub is_on: bool,
}

/// The fields of a webhook.
#[derive(Clone, Debug)]
pub struct WebhookForm {
    /// Its URL, as it was typed.
    pub url: String,
    /// Which events are ticked.
    pub events: Vec<WebhookEvent>,
}

impl WebhookForm {
    /// For a new one: everything.
    pub fn empty() -> Self {
        Self {
            url: String::new(),
            events: WebhookEvent::ALL.to_vec(),
        }
    }

    /// Every event, what it means, and whether it is ticked.
    fn choices(&self) -> Vec<(WebhookEvent, &'static str, bool)> {
        let choice = |event| (event, meaning(event), self.events.contains(&event));
        WebhookEvent::ALL.into_iter().map(choice).collect()
    }
}

fn meaning(event: WebhookEvent) -> &'static str {
    match event {
        WebhookEvent::IpChanged => "a host has other addresses than before",
        WebhookEvent::HostnameCreated => "a name without an address got one",
        WebhookEvent::HostnameDeleted => "the last address of a host is gone",
        WebhookEvent::UpdateFailed => "a device with an API token was refused an update",
    }
}

//------------ WebhookPage -----------------------------------------------------------------------

/// One webhook with its log. Its forms post `do`, one of `save` (with `url` and each `event`), `test`, `enable`,
/// `disable`, `renew` and `delete`.
#[derive(Clone, Debug, Template)]
#[template(path = "webhook.html")]
pub struct WebhookPage {
    /// What stands around it.
    pub shell: Shell,
    /// Where its forms are posted.
    pub action: String,
    /// What names it.
    pub id: String,
    /// The host that it leads to.
    pub host: String,
    /// When it was made.
    pub created: ShownTime,
    /// Since when it is off and why, when it is.
    pub off: Option<(ShownTime, DisabledBecause)>,
    /// How many deliveries in a row failed, and since when.
    pub failing: Option<(u64, ShownTime)>,
    /// Its secret, right after it was made.
    pub secret: Option<String>,
    /// Something that just happened.
    pub news: Option<&'static str>,
    /// The form.
    pub form: WebhookForm,
    /// What is wrong with what was posted.
    pub problems: Vec<Problem>,
    /// The log.
    pub deliveries: Vec<DeliveryRow>,
    /// Where the log goes on.
    pub older: Option<String>,
}

/// One line of the log.
#[derive(Clone, Debug)]
pub struct DeliveryRow {
    /// The address of its page.
    pub href: String,
    /// The event, or `ping`.
    pub event: &'static str,
    /// To which host it happened.
    pub hostname: String,
    /// When.
    pub at: ShownTime,
    /// How it stands.
    pub state: DeliveryState,
    /// When it is tried next, such as "in 30 seconds".
    pub next: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
}

impl DeliveryRow {
    /// The colour of its state.
    fn class(&self) -> &'static str {
        match self.state {
            DeliveryState::Waiting => "pending",
            DeliveryState::Delivered => "approved",
            DeliveryState::Failed => "rejected",
            DeliveryState::Dropped => "withdrawn",
        }
    }
}

//------------ DeliveryPage ----------------------------------------------------------------------

/// One delivery: what is sent, and what each try came to. Its form posts nothing but itself.
#[derive(Clone, Debug, Template)]
#[template(path = "webhook_delivery.html")]
pub struct DeliveryPage {
    /// What stands around it.
    pub shell: Shell,
    /// The page of the webhook.
    pub webhook_href: String,
    /// The host that the webhook leads to.
    pub host: String,
    /// What names the delivery.
    pub id: String,
    /// The same as in the log.
    pub row: DeliveryRow,
    /// What is sent.
    pub body: String,
    /// Each try.
    pub attempts: Vec<AttemptRow>,
    /// Something that just happened.
    pub news: Option<&'static str>,
    /// Whether it can be delivered once more.
    pub can_redeliver: bool,
}

/// One try.
#[derive(Clone, Debug)]
pub struct AttemptRow {
    /// When.
    pub at: ShownTime,
    /// How many milliseconds it took.
    pub milliseconds: u64,
    /// What the receiver answered.
    pub status: Option<u16>,
    /// Why it failed.
    pub problem: Option<String>,
}

impl WebhooksPage {
    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }
}

impl WebhookPage {
    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }
}

#[cfg(test)]
impl WebhooksPage {
    pub(crate) fn sample() -> Self {
        let row = |id: &str, host: &str, off, failures| WebhookRow {
            href: format!("/webhooks/{id}"),
            host: host.to_owned(),
            id: id.to_owned(),
            events: WebhookEvents::ALL,
            off,
            failures,
        };
        Self {
            shell: Shell::sample().in_section(super::Section::Account),
            webhooks: vec![
                row("wh_0123456789abcdef", "hooks.example.net", None, 0),
                row("wh_1123456789abcdef", "lab.example.net:8443", None, 3),
                row(
                    "wh_2123456789abcdef",
                    "gone.example.net",
                    Some(DisabledBecause::Failing),
                    24,
                ),
            ],
            broken: vec![BrokenRow {
                action: "/webhooks/wh_3123456789abcdef".to_owned(),
                id: "wh_3123456789abcdef".to_owned(),
                is_on: true,
            }],
            most: 10,
            form: WebhookForm::empty(),
            problems: Vec::new(),
        }
    }

    pub(crate) fn sample_empty() -> Self {
        Self {
            webhooks: Vec::new(),
            broken: Vec::new(),
            ..Self::sample()
        }
    }

    pub(crate) fn sample_problem() -> Self {
        Self {
            form: WebhookForm {
                url: "https://169.254.169.254/\"><script>alert(1)</script>".to_owned(),
                events: Vec::new(),
            },
            problems: vec![
                Problem {
                    field: "url",
                    message: "This server sends to public addresses alone: 169.254.169.254 is not a public address."
                        .to_owned(),
                },
                Problem {
                    field: "events",
                    message: "A webhook needs at least one event that it is told of.".to_owned(),
                },
            ],
            ..Self::sample()
        }
    }
}

#[cfg(test)]
impl WebhookPage {
    pub(crate) fn sample() -> Self {
        use super::samples::time_ago;
        let row = |number: u8, event, hostname: &str, state, next, attempts| DeliveryRow {
            href: format!("/webhooks/wh_0123456789abcdef/deliveries/del_000000000000000{number}"),
            event,
            hostname: hostname.to_owned(),
            at: time_ago(i64::from(9 - number) * 600),
            state,
            next,
            attempts,
        };
        let home = "home.example.test";
        Self {
            shell: Shell::sample().in_section(super::Section::Account),
            action: "/webhooks/wh_0123456789abcdef".to_owned(),
            id: "wh_0123456789abcdef".to_owned(),
            host: "hooks.example.net".to_owned(),
            created: time_ago(86_400 * 3),
            off: None,
            failing: None,
            secret: None,
            news: None,
            form: WebhookForm {
                url: "https://hooks.example.net/easement?key=1".to_owned(),
                events: vec![WebhookEvent::IpChanged, WebhookEvent::UpdateFailed],
            },
            problems: Vec::new(),
            deliveries: vec![
                row(5, "ping", "", DeliveryState::Delivered, None, 1),
                row(
                    4,
                    "ip_changed",
                    home,
                    DeliveryState::Waiting,
                    Some("in 30 seconds".to_owned()),
                    1,
                ),
                row(3, "update_failed", home, DeliveryState::Dropped, None, 0),
                row(2, "ip_changed", home, DeliveryState::Failed, None, 4),
                row(
                    1,
                    "hostname_created",
                    home,
                    DeliveryState::Delivered,
                    None,
                    2,
                ),
            ],
            older: Some("/webhooks/wh_0123456789abcdef?before=del_0000000000000001".to_owned()),
        }
    }

    pub(crate) fn sample_new() -> Self {
        Self {
            secret: Some("whsec_q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA".to_owned()),
            deliveries: Vec::new(),
            older: None,
            ..Self::sample()
        }
    }

    pub(crate) fn sample_off() -> Self {
        Self {
            off: Some((super::samples::time_ago(3600), DisabledBecause::Failing)),
            failing: Some((24, super::samples::time_ago(86_400 * 2))),
            ..Self::sample()
        }
    }
}

#[cfg(test)]
impl DeliveryPage {
    pub(crate) fn sample() -> Self {
        use super::samples::time_ago;
        let page = WebhookPage::sample();
        let row = page.deliveries.get(3).cloned();
        let attempt = |seconds, status, problem: &str| AttemptRow {
            at: time_ago(seconds),
            milliseconds: 10_000,
            status,
            problem: Some(problem.to_owned()),
        };
        Self {
            shell: page.shell,
            webhook_href: page.action,
            host: page.host,
            id: "del_0000000000000002".to_owned(),
            row: row.unwrap(),
            body: "{\"event\":\"ip_changed\",\"data\":{\"hostname\":\"home.example.test\"}}"
                .to_owned(),
            attempts: vec![
                attempt(4000, None, "no answer came within 10 seconds"),
                attempt(
                    600,
                    Some(302),
                    "the receiver answered 302 Found, and redirects are not followed",
                ),
            ],
            news: None,
            can_redeliver: true,
        }
    }
}
