//! What came of it, and what to do by hand, for people.

use std::process::ExitCode;

use domain_connect::Plan;
use easement_client::{Returned, ServerReport, ServerState, VerifyReport};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use url::Url;

use super::{by_hand, records};
use crate::commands::return_place::Came;
use crate::console::{print, say, table};

/// The link as a picture for the camera of a telephone; none when the link is too long for one.
pub(super) fn qr_code(link: &Url) -> Option<String> {
    let code = QrCode::with_error_correction_level(link.as_str(), EcLevel::L).ok()?;
    // The blocks of a character are bright on most terminals.
    let mut picture = code.render::<Dense1x2>();
    picture
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark);
    Some(picture.quiet_zone(true).build())
}

//------------ Verdict ---------------------------------------------------------------------------

/// How it ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// DNS shows the records.
    Shown,
    /// DNS does not show the records.
    NotShown,
    /// The browser told that the change was not agreed to, and DNS does not show it either.
    NotAgreed,
    /// There was nothing to ask DNS for.
    NotKnown,
    /// The link was all that was asked for.
    Link,
    /// Something is to be done by hand.
    ByHand,
}

impl Verdict {
    /// What is believed: DNS before the browser, and the browser before nothing.
    pub(super) fn of(came: Option<&Came>, verified: Option<&VerifyReport>) -> Self {
        let is_refused = came.is_some_and(Came::is_refusal);
        match verified {
            Some(report) if report.is_complete() => Self::Shown,
            _ if is_refused => Self::NotAgreed,
            Some(_) => Self::NotShown,
            None => Self::NotKnown,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::NotShown => "not_shown",
            Self::NotAgreed => "not_agreed",
            Self::NotKnown => "not_known",
            Self::Link => "link",
            Self::ByHand => "by_hand",
        }
    }

    pub(super) fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Shown | Self::Link => 0,
            Self::NotShown => 1,
            Self::ByHand => 4,
            Self::NotAgreed => 5,
            Self::NotKnown => 6,
        })
    }
}

//------------ What is said ----------------------------------------------------------------------

/// What the browser told.
pub(super) fn say_return(came: &Came) {
    match came {
        Came::Told(Returned::Applied) => {}
        Came::Told(Returned::Refused { error, description }) => {
            let more = description.as_deref().map(|text| format!(" ({text})"));
            say(format_args!(
                "The browser tells that the change was not agreed to: {error}{}.",
                more.unwrap_or_default()
            ));
        }
        Came::Strange { why, .. } => say(format_args!(
            "warning: {why}. What it tells is not believed; DNS is asked."
        )),
    }
}

/// What DNS shows, and how it ended.
pub(super) fn say_outcome(verdict: Verdict, verified: Option<&VerifyReport>, plan: Option<&Plan>) {
    if let Some(report) = verified {
        print(servers_table(&report.servers));
    }
    say(match verdict {
        Verdict::Shown => "All name servers show the records.".to_owned(),
        Verdict::NotShown => not_shown(verified),
        Verdict::NotAgreed if verified.is_some() => {
            "DNS does not show the records either.".to_owned()
        }
        Verdict::NotAgreed | Verdict::NotKnown | Verdict::Link | Verdict::ByHand => {
            "Whether anything was changed is not known, since DNS could not be asked for it."
                .to_owned()
        }
    });
    let not_asked_for = plan.map(records::not_asked_for).unwrap_or_default();
    for one in not_asked_for {
        say(format_args!("DNS was not asked for {one}."));
    }
}

fn not_shown(verified: Option<&VerifyReport>) -> String {
    let (shown, counted) = verified.map_or((0, 0), |report| (report.shown(), report.counted()));
    match shown {
        0 => "No name server shows the records yet. Was the change agreed to? Run this again to look once more."
            .to_owned(),
        _ => format!(
            "{shown} of {counted} name servers show the records. The others may follow: run this again to look once more."
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

pub(super) fn state_text(state: &ServerState) -> String {
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
        ServerState::NotPublic => {
            "not asked: the address is not public, and --allow-network does not name it".to_owned()
        }
    }
}

/// What is to be done by hand, and why.
pub(super) fn say_by_hand(reason: &str, plan: Option<&Plan>, control_panel: Option<&Url>) {
    say(reason);
    match plan {
        Some(plan) => {
            say("Set these records by hand:");
            print(records::as_table(plan));
            print(format_args!(
                "\n; The same for a zone file:\n{}",
                records::as_zone_file(plan)
            ));
            say("Mind too:");
            for note in by_hand::notes(plan) {
                say(format_args!("- {note}"));
            }
        }
        None => say("hint: --template-file FILE shows the records that are to be set by hand."),
    }
    if let Some(url) = control_panel {
        say(format_args!(
            "The provider lets people change records at {url}"
        ));
    }
}

#[cfg(test)]
mod tests {
    use easement_client::ReturnError;

    use super::*;

    #[test]
    fn dns_is_believed_before_the_browser_and_nothing_is_no_success() {
        let report = |state| VerifyReport {
            servers: vec![ServerReport {
                name: "ns1.example.com".to_owned(),
                address: None,
                state,
            }],
            rounds: 1,
        };
        let (shows, waits) = (report(ServerState::Shown), report(ServerState::Waiting));
        let agreed = Came::Told(Returned::Applied);
        let refused = Came::Told(Returned::Refused {
            error: "access_denied".to_owned(),
            description: None,
        });
        let strange = |names_error| Came::Strange {
            why: ReturnError::OtherState,
            names_error,
        };
        for (came, verified, expected, code) in [
            (None, Some(&shows), Verdict::Shown, 0),
            (Some(&refused), Some(&shows), Verdict::Shown, 0),
            (Some(&refused), Some(&waits), Verdict::NotAgreed, 5),
            (Some(&refused), None, Verdict::NotAgreed, 5),
            (Some(&agreed), Some(&waits), Verdict::NotShown, 1),
            (Some(&strange(true)), Some(&waits), Verdict::NotShown, 1),
            (Some(&strange(false)), None, Verdict::NotKnown, 6),
            (Some(&agreed), None, Verdict::NotKnown, 6),
            (None, None, Verdict::NotKnown, 6),
        ] {
            let verdict = Verdict::of(came, verified);
            assert_eq!(verdict, expected, "{came:?} {verified:?}");
            assert_eq!(verdict.exit_code(), ExitCode::from(code));
        }
    }

    #[test]
    fn long_links_have_a_picture_as_long_as_there_is_one() {
        let link = |length: usize| {
            let text = format!("https://dns.example/{}", "a".repeat(length));
            text.parse::<Url>().unwrap()
        };
        assert!(qr_code(&link(2900)).is_some());
        assert!(qr_code(&link(8000)).is_none());
    }
}
