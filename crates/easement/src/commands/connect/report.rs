//! What came of it, and what to do by hand.

use std::process::ExitCode;

use anyhow::Context as _;
use domain_connect::Plan;
use easement_client::{ApplyRequest, Discovery, Returned, ServerReport, ServerState, VerifyReport};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde_json::{Value, json};
use url::Url;

use super::{ConnectArguments, Connection, Obstacle, records};
use crate::arguments::Common;
use crate::console::{print, print_json, say, table};

/// Something is to be done by hand.
const BY_HAND: u8 = 4;
/// The owner, or the provider, did not agree.
const REFUSED: u8 = 5;

/// The link as a picture for the camera of a telephone.
pub(super) fn qr_code(link: &Url) -> anyhow::Result<String> {
    let code = QrCode::new(link.as_str()).context("the link is too long for a QR code")?;
    // The blocks of a character are bright on most terminals.
    let mut picture = code.render::<Dense1x2>();
    picture
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark);
    Ok(picture.quiet_zone(true).build())
}

//------------ Outcome ---------------------------------------------------------------------------

/// How far it came.
pub(super) struct Outcome {
    about: Value,
    pub(super) returned: Option<Returned>,
    pub(super) verified: Option<VerifyReport>,
    is_plan_known: bool,
}

impl Outcome {
    pub(super) fn begun(connection: &Connection, link: &Url) -> Self {
        let Connection { found, request, .. } = connection;
        Self {
            about: json!({
                "zone": found.zone.to_text(),
                "host": found.host.to_string(),
                "provider": {
                    "id": found.settings.provider_id,
                    "name": found.settings.shown_name(),
                },
                "template": request.template.to_string(),
                "supported": true,
                "url": link.as_str(),
                "records": connection.plan.as_ref().map(records::as_json),
            }),
            returned: None,
            verified: None,
            is_plan_known: connection.plan.is_some(),
        }
    }

    pub(super) fn is_refused(&self) -> bool {
        match &self.returned {
            Some(Returned::Refused { .. }) => true,
            Some(Returned::Applied) | None => false,
        }
    }

    pub(super) fn show(
        self,
        arguments: &ConnectArguments,
        common: &Common,
    ) -> anyhow::Result<ExitCode> {
        if common.json {
            print_json(&self.as_json())?;
        } else if !arguments.no_wait {
            self.say();
        }
        Ok(self.code())
    }

    fn code(&self) -> ExitCode {
        if self.is_refused() {
            return ExitCode::from(REFUSED);
        }
        let is_complete = self.verified.as_ref().is_none_or(VerifyReport::is_complete);
        ExitCode::from(u8::from(!is_complete))
    }

    fn say(&self) {
        match &self.returned {
            Some(Returned::Refused { error, description }) => {
                let more = description.as_deref().map(|text| format!(" ({text})"));
                say(format_args!(
                    "The change was not agreed to: {error}{}. Nothing was changed.",
                    more.unwrap_or_default()
                ));
            }
            Some(Returned::Applied) | None => {}
        }
        match &self.verified {
            Some(report) => {
                print(servers_table(&report.servers));
                say(summary(report));
            }
            None if self.is_refused() => {}
            None if self.is_plan_known => {
                say("The template writes nothing that DNS could be asked for.");
            }
            None => say(
                "Which records to expect is not known, since nobody shows the template: --template-file FILE names it, \
                 and DNS is asked then.",
            ),
        }
    }

    fn as_json(&self) -> Value {
        let mut document = self.about.clone();
        let returned = self.returned.as_ref().map(|returned| match returned {
            Returned::Applied => json!({"error": null}),
            Returned::Refused { error, description } => {
                json!({"error": error, "error_description": description})
            }
        });
        let servers = self.verified.as_ref().map(|report| {
            let servers = report.servers.iter().map(server_json);
            json!({"complete": report.is_complete(), "rounds": report.rounds, "servers": servers.collect::<Vec<_>>()})
        });
        if let Some(members) = document.as_object_mut() {
            members.insert("returned".to_owned(), returned.unwrap_or_default());
            members.insert("verified".to_owned(), servers.unwrap_or_default());
        }
        document
    }
}

fn summary(report: &VerifyReport) -> String {
    let all = report.counted();
    match report.shown() {
        _ if report.is_complete() => "All name servers show the records.".to_owned(),
        0 => "No name server shows the records yet. Was the change agreed to? Run this again to look once more."
            .to_owned(),
        shown => format!(
            "{shown} of {all} name servers show the records. The others may follow: run this again to look once more."
        ),
    }
}

fn servers_table(servers: &[ServerReport]) -> String {
    let rows: Vec<[String; 3]> = servers
        .iter()
        .map(|server| {
            let address = server.address.map(|address| address.ip().to_string());
            [
                server.name.clone(),
                address.unwrap_or_else(|| "-".to_owned()),
                state_text(&server.state),
            ]
        })
        .collect();
    table(["NAME SERVER", "ADDRESS", "SHOWS"], &rows)
}

fn state_text(state: &ServerState) -> String {
    match state {
        ServerState::Waiting => "not asked".to_owned(),
        ServerState::Shown => "the records".to_owned(),
        ServerState::Differs(found) => {
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            found.join("; ")
        }
        ServerState::NotAuthoritative => "it does not have the zone".to_owned(),
        ServerState::Failed(why) => format!("nothing: {why}"),
        ServerState::NoRoute => "not asked: this machine has no route to it".to_owned(),
        ServerState::NotPublic => "not asked: the address is not public".to_owned(),
    }
}

fn server_json(server: &ServerReport) -> Value {
    json!({
        "name": server.name,
        "address": server.address.map(|address| address.to_string()),
        "shows": server.state == ServerState::Shown,
        "state": state_text(&server.state),
    })
}

//------------ ByHand ----------------------------------------------------------------------------

/// There is no link, and why.
pub(super) struct ByHand<'a> {
    pub(super) obstacle: Obstacle,
    pub(super) found: Option<&'a Discovery>,
    pub(super) plan: Option<Plan>,
}

impl ByHand<'_> {
    pub(super) fn show(self, request: &ApplyRequest, common: &Common) -> anyhow::Result<ExitCode> {
        let reason = self.reason(request);
        let control_panel = self
            .found
            .and_then(|found| found.settings.url_control_panel.as_ref());
        if common.json {
            print_json(&json!({
                "zone": request.domain.to_text(),
                "host": request.host.to_string(),
                "provider": self.found.map(|found| json!({
                    "id": found.settings.provider_id,
                    "name": found.settings.shown_name(),
                })),
                "template": request.template.to_string(),
                "supported": false,
                "reason": reason,
                "control_panel": control_panel.map(Url::as_str),
                "records": self.plan.as_ref().map(records::as_json),
                "zone_file": self.plan.as_ref().map(records::as_zone_file),
            }))?;
            return Ok(ExitCode::from(BY_HAND));
        }
        say(reason);
        match &self.plan {
            Some(plan) => {
                say("Set these records by hand:");
                print(records::as_table(plan));
                print(format_args!(
                    "\n; The same for a zone file:\n{}",
                    records::as_zone_file(plan)
                ));
            }
            None => say("hint: --template-file FILE shows the records that are to be set by hand."),
        }
        if let Some(url) = control_panel {
            say(format_args!(
                "The provider lets people change records at {url}"
            ));
        }
        Ok(ExitCode::from(BY_HAND))
    }

    fn reason(&self, request: &ApplyRequest) -> String {
        let name = self
            .found
            .map_or("The provider", |found| found.settings.shown_name());
        let template = &request.template;
        match &self.obstacle {
            Obstacle::NoProvider(error) => error.to_string(),
            Obstacle::NotSupported => format!("{name} does not take the template {template}."),
            Obstacle::NoSyncFlow => format!(
                "{name} offers no links for {}.",
                request.domain.to_unicode()
            ),
            Obstacle::SyncBlocked => {
                format!(
                    "The template {template} is for the asynchronous flow alone, which has no such link."
                )
            }
        }
    }
}
