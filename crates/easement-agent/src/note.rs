//! What came of a request, written down and told.

use std::time::Duration;

use crate::decide::{FamilyWish, Finding, HostWish};
use crate::fault::{Fault, FaultKind};
use crate::send::Said;
use crate::state::{Sent, TargetState};
use crate::time::Moment;

/// What was accepted.
pub(crate) fn note_sent(known: &mut TargetState, wish: &HostWish, said: Said, at: Moment) {
    let host = known.hosts.entry(wish.host.to_string()).or_default();
    let mut words = Vec::new();
    words.extend(note_family("A", wish.ipv4, &mut host.ipv4, at));
    words.extend(note_family("AAAA", wish.ipv6, &mut host.ipv6, at));
    let words = words.join(", ");
    match said {
        Said::Changed => tracing::info!("{}: {words}", wish.host),
        Said::Same => tracing::info!("{}: {words} (it was so already)", wish.host),
    }
}

fn note_family<A: Copy + std::fmt::Display>(
    rtype: &str,
    wish: FamilyWish<A>,
    sent: &mut Option<Sent<A>>,
    at: Moment,
) -> Option<String> {
    let address = match wish {
        FamilyWish::Keep => return None,
        FamilyWish::Set(address) => Some(address),
        FamilyWish::Remove => None,
    };
    let at = at.into();
    *sent = Some(Sent { address, at });
    Some(match address {
        Some(address) => format!("{rtype} {address}"),
        None => format!("no {rtype}"),
    })
}

/// What will never be accepted as it is.
pub(crate) fn note_fault(known: &mut TargetState, name: &str, wish: &HostWish, fault: &Fault) {
    if fault.kind == FaultKind::Final {
        let host = known.hosts.entry(wish.host.to_string()).or_default();
        host.stopped = Some(fault.message.clone());
        tracing::error!(
            "{}: {}; nothing more is sent until that is mended: run `easement ddns setup` again, or change target {name}",
            wish.host,
            fault.message
        );
    }
}

/// Of two faults, the one that makes the server be left alone for longer.
pub(crate) fn worse(one: Option<Fault>, other: Fault) -> Fault {
    let weight = |fault: &Fault| match fault.kind {
        FaultKind::Final => 0,
        FaultKind::Network => 1,
        FaultKind::Server => 2,
        FaultKind::Busy { .. } => 3,
    };
    match one {
        Some(one) if weight(&one) >= weight(&other) => one,
        Some(_) | None => other,
    }
}

/// Why an address is not known.
pub(crate) fn why<A>(finding: &Finding<A>) -> Option<String> {
    match finding {
        Finding::Unknown { why } => Some(why.clone()),
        Finding::Found(_) | Finding::Absent | Finding::Gone | Finding::Off => None,
    }
}

/// What was found, to people.
pub(crate) fn shown<A: std::fmt::Display>(family: &str, finding: &Finding<A>) -> String {
    match finding {
        Finding::Found(addresses) => {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            format!("{family} {}", addresses.join(", "))
        }
        Finding::Absent | Finding::Gone => format!("no {family} address"),
        Finding::Unknown { why } => format!("{family} not known: {why}"),
        Finding::Off => format!("{family} not wanted"),
    }
}

/// A while, to people.
pub(crate) fn in_words(while_: Duration) -> String {
    let seconds = while_.as_secs();
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7199 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3600),
    }
}
