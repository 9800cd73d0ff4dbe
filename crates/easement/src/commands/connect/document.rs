//! What came of it, for programs: one document of JSON, of the same form however it ended.

use domain_connect::Plan;
use easement_client::{Discovery, Returned, ServerReport, ServerState, VerifyReport};
use serde::Serialize;

use super::arguments::ConnectArguments;
use super::by_hand;
use super::records::{self, Line};
use super::report::state_text;
use crate::commands::failure::Coded;
use crate::commands::return_place::Came;

/// The document. What is not known is null.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    /// How it ended; null when an error ended it.
    pub(super) result: Option<&'static str>,
    pub(super) zone: Option<String>,
    pub(super) host: Option<String>,
    pub(super) provider: Option<Provider>,
    pub(super) flows: Option<Vec<&'static str>>,
    pub(super) template: String,
    /// Whether the provider takes the template.
    pub(super) supported: Option<bool>,
    pub(super) version: Option<u64>,
    pub(super) url: Option<String>,
    pub(super) records: Option<Vec<Line>>,
    pub(super) returned: Option<ReturnedPart>,
    pub(super) verified: Option<Verified>,
    /// Why records are to be set by hand.
    pub(super) reason: Option<String>,
    pub(super) control_panel: Option<String>,
    pub(super) zone_file: Option<String>,
    pub(super) notes: Option<Vec<String>>,
    pub(super) error: Option<ErrorPart>,
}

#[derive(Debug, Serialize)]
pub(super) struct Provider {
    id: String,
    name: String,
}

/// With what the browser came back, which is not believed.
#[derive(Debug, Serialize)]
pub(super) struct ReturnedPart {
    has_state: bool,
    error: Option<String>,
    error_description: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Verified {
    complete: bool,
    rounds: u32,
    servers: Vec<Server>,
}

#[derive(Debug, Serialize)]
struct Server {
    name: String,
    address: Option<String>,
    shows: bool,
    state: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ErrorPart {
    code: &'static str,
    message: String,
}

impl Document {
    pub(super) fn new(arguments: &ConnectArguments) -> Self {
        Self {
            result: None,
            zone: None,
            host: None,
            provider: None,
            flows: None,
            template: arguments.template.to_string(),
            supported: None,
            version: None,
            url: None,
            records: None,
            returned: None,
            verified: None,
            reason: None,
            control_panel: None,
            zone_file: None,
            notes: None,
            error: None,
        }
    }

    pub(super) fn found(&mut self, found: &Discovery) {
        let settings = &found.settings;
        self.provider = Some(Provider {
            id: settings.provider_id.clone(),
            name: settings.shown_name().to_owned(),
        });
        self.flows = Some(crate::commands::discover::flows(found));
        let panel = settings.url_control_panel.as_ref();
        self.control_panel = panel.map(ToString::to_string);
    }

    pub(super) fn planned(&mut self, plan: &Plan) {
        self.records = Some(records::lines(plan));
    }

    /// What is to be done by hand.
    pub(super) fn by_hand(&mut self, reason: &str, plan: Option<&Plan>) {
        self.reason = Some(reason.to_owned());
        self.zone_file = plan.map(records::as_zone_file);
        self.notes = plan.map(by_hand::notes);
    }

    pub(super) fn came_back(&mut self, came: &Came) {
        let (error, error_description) = match came {
            Came::Told(Returned::Refused { error, description }) => {
                (Some(error.clone()), description.clone())
            }
            Came::Told(Returned::Applied) | Came::Strange { .. } => (None, None),
        };
        self.returned = Some(ReturnedPart {
            has_state: matches!(came, Came::Told(_)),
            error,
            error_description,
        });
    }

    pub(super) fn verified(&mut self, report: &VerifyReport) {
        self.verified = Some(Verified {
            complete: report.is_complete(),
            rounds: report.rounds,
            servers: report.servers.iter().map(Server::of).collect(),
        });
    }

    pub(super) fn failed(&mut self, error: &anyhow::Error) {
        self.error = Some(ErrorPart {
            code: Coded::code_of(error),
            message: format!("{error:#}"),
        });
    }
}

impl Server {
    fn of(server: &ServerReport) -> Self {
        Self {
            name: server.name.clone(),
            address: server.address.map(|address| address.to_string()),
            shows: server.state == ServerState::Shown,
            state: state_text(&server.state),
        }
    }
}
