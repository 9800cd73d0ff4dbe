//! A look at what the servers of a zone show.

use std::net::IpAddr;

use easement_client::{Expectation, Matching, ServerReport, ServerState, VerifyReport};
use easement_zone::{Name, RecordData, RecordType};

use crate::context::Context;
use crate::offer::Offer;
use crate::outside::Trouble;

/// How much of what a server says is shown.
const MAX_SAID: usize = 300;

/// What is expected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Expected {
    /// The records of an offer.
    There,
    /// Their text is not there any more.
    Gone,
}

/// What was seen.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// What is expected, at every server that answers.
    AsExpected {
        /// Those that do not.
        silent: Vec<ServerView>,
    },
    /// Something else.
    Otherwise { servers: Vec<ServerView> },
    /// Nothing, for no server answers.
    Nothing { servers: Vec<ServerView> },
    /// Nobody was asked.
    NotAsked(Trouble),
}

/// One server of the zone, and what it says.
#[derive(Clone, Debug)]
pub(crate) struct ServerView {
    pub(crate) name: String,
    pub(crate) says: String,
}

/// What is looked for: an offer at a name, with its message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight<'a> {
    pub(crate) zone: &'a Name,
    pub(crate) name: &'a Name,
    pub(crate) offer: Offer,
    pub(crate) message: &'a str,
    pub(crate) expected: Expected,
}

/// Looks once. Whoever looks too often is told so.
pub(crate) async fn look(context: &Context, address: IpAddr, sight: Sight<'_>) -> Seen {
    let busy = || Trouble("We ask DNS only so often.".to_owned());
    if context.limits.checks.take(address, context.now()).is_err() {
        return Seen::NotAsked(busy());
    }
    let Some(_place) = context.places.questions.take(address) else {
        return Seen::NotAsked(busy());
    };
    let expectations = match expectations(context, sight) {
        Ok(expectations) => expectations,
        Err(trouble) => return Seen::NotAsked(trouble),
    };
    match context.outside.verify(sight.zone, &expectations).await {
        Ok(report) => judge(&report, sight.expected),
        Err(trouble) => Seen::NotAsked(trouble),
    }
}

fn expectations(context: &Context, sight: Sight<'_>) -> Result<Vec<Expectation>, Trouble> {
    let owner = sight.offer.text_owner(sight.name).map_err(Trouble::of)?;
    let text = format!("{}{}", sight.offer.text_prefix(), sight.message);
    let expect = |owner: &Name, rtype, value| Expectation {
        owner: owner.clone(),
        rtype,
        values: vec![value],
        matching: Matching::Among,
    };
    let text = RecordData::txt(text.as_bytes()).map_err(Trouble::of)?;
    let text = expect(&owner, RecordType::TXT, text);
    let address = RecordData::a(context.options.site_address);
    let address = expect(sight.name, RecordType::A, address);
    // Addresses of others may stand where ours was; our text may not.
    let with_address = sight.expected == Expected::There && sight.offer.has_address();
    Ok(if with_address {
        vec![address, text]
    } else {
        vec![text]
    })
}

/// One server that shows it is enough when no other shows something else: a server without a route to it, or one that
/// is broken, says nothing about the change.
fn judge(report: &VerifyReport, expected: Expected) -> Seen {
    let views = |wanted: fn(&ServerState) -> bool| -> Vec<ServerView> {
        let servers = report.servers.iter();
        let servers = servers.filter(|server| wanted(&server.state));
        servers
            .map(|server| ServerView::new(server, expected))
            .collect()
    };
    let count = |wanted: fn(&ServerState) -> bool| {
        let states = report.servers.iter().map(|server| &server.state);
        states.filter(|state| wanted(state)).count()
    };
    let (shown, different) = (count(is_shown), count(is_different));
    let (right, wrong) = match expected {
        Expected::There => (shown, different),
        Expected::Gone => (different, shown),
    };
    match (right, wrong) {
        (0, 0) => Seen::Nothing {
            servers: views(|_| true),
        },
        (_, 0) => Seen::AsExpected {
            silent: views(|state| !is_shown(state) && !is_different(state)),
        },
        (_, _) => Seen::Otherwise {
            servers: views(|_| true),
        },
    }
}

fn is_shown(state: &ServerState) -> bool {
    *state == ServerState::Shown
}

fn is_different(state: &ServerState) -> bool {
    matches!(state, ServerState::Differs(_))
}

impl ServerView {
    fn new(server: &ServerReport, expected: Expected) -> Self {
        let says = match (&server.state, expected) {
            (ServerState::Waiting, _) => "not asked yet".to_owned(),
            (ServerState::Shown, Expected::There) => "shows the change".to_owned(),
            (ServerState::Shown, Expected::Gone) => "still shows the message".to_owned(),
            (ServerState::Differs(_), Expected::Gone) => "does not show the message".to_owned(),
            (ServerState::Differs(found), Expected::There) => {
                let found: Vec<_> = found.iter().map(ToString::to_string).collect();
                format!("still shows {}", found.join("; "))
            }
            (ServerState::NotAuthoritative, _) => "does not have the zone".to_owned(),
            (ServerState::Failed(words), _) => words.clone(),
            (ServerState::NoRoute, _) => "cannot be reached from here".to_owned(),
            (ServerState::NotPublic, _) => "is not asked: its address is not public".to_owned(),
        };
        Self {
            name: server.name.clone(),
            says: says.chars().take(MAX_SAID).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    fn words(states: &[ServerState], expected: Expected) -> String {
        let servers = states.iter().map(|state| ServerReport {
            state: state.clone(),
            ..ServerReport::named(SocketAddr::from(([192, 0, 2, 53], 53)))
        });
        let report = VerifyReport {
            servers: servers.collect(),
            rounds: 1,
        };
        match judge(&report, expected) {
            Seen::AsExpected { silent } => format!("as expected, {} silent", silent.len()),
            Seen::Otherwise { servers } => format!("otherwise, {} servers", servers.len()),
            Seen::Nothing { servers } => format!("nothing, {} servers", servers.len()),
            Seen::NotAsked(trouble) => trouble.to_string(),
        }
    }

    #[test]
    fn servers_that_do_not_answer_neither_confirm_nor_deny() {
        let shown = ServerState::Shown;
        let differs = ServerState::Differs(Vec::new());
        let failed = ServerState::Failed("no route".to_owned());
        let lame = ServerState::NotAuthoritative;
        let private = ServerState::NotPublic;
        let all = [shown.clone(), failed.clone(), lame.clone(), private];
        for (states, there, gone) in [
            (&all[..], "as expected, 3 silent", "otherwise, 4 servers"),
            (
                &[shown.clone(), differs.clone()],
                "otherwise, 2 servers",
                "otherwise, 2 servers",
            ),
            (
                &[failed.clone(), lame],
                "nothing, 2 servers",
                "nothing, 2 servers",
            ),
            (&[], "nothing, 0 servers", "nothing, 0 servers"),
            (
                &[differs, failed],
                "otherwise, 2 servers",
                "as expected, 1 silent",
            ),
        ] {
            assert_eq!(words(states, Expected::There), there, "{states:?}");
            assert_eq!(words(states, Expected::Gone), gone, "{states:?}");
        }
    }
}
