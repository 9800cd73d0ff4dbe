//! The sentences of effects.

use std::fmt;

use easement_zone::Name;

use super::{Effect, WebsitePlace};
use crate::plain::plain;

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name().to_unicode();
        match self {
            Self::Mail { before, after, .. } => Moved {
                what: format!("Mail for {name}"),
                verb: "is delivered to",
                before: names(before),
                after: names(after),
            }
            .fmt(f),
            Self::Website { before, after, .. } => Moved {
                what: name,
                verb: "leads to",
                before: list(before),
                after: list(after),
            }
            .fmt(f),
            Self::Delegation { before, after, .. } => Moved {
                what: format!("Every question for {name} and the names below it"),
                verb: "is answered by",
                before: names(before),
                after: names(after),
            }
            .fmt(f),
            Self::ServerLocation { before, after, .. } => Moved {
                what: format!("The server for {name}"),
                verb: "is",
                before: names(before),
                after: names(after),
            }
            .fmt(f),
            Self::CertificateAuthorities { before, after, .. } => {
                certificates(f, &name, before, after)
            }
            Self::MailSenders { added, removed, .. } => {
                gained(f, &format!("Who may send mail as {name}"), added, removed)
            }
            Self::Verification { added, removed, .. } => {
                let what = format!("What services recognise the domain by at {name}");
                gained(f, &what, added, removed)
            }
            Self::MailSigning { before, after, .. } => signing(f, &name, before, after),
            Self::MailPolicy { before, after, .. } => Moved {
                what: format!("The policy {name} for forged mail"),
                verb: "is",
                before: plain_list(before),
                after: plain_list(after),
            }
            .fmt(f),
            Self::Other { rtype, .. } => write!(f, "The {rtype} records of {name} change."),
        }
    }
}

/// A sentence about something that is somewhere else afterwards.
struct Moved {
    what: String,
    verb: &'static str,
    before: String,
    after: String,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            verb,
            before,
            after,
        } = self;
        match (before.is_empty(), after.is_empty()) {
            (true, _) => write!(f, "{what} {verb} {after} from now on."),
            (false, true) => write!(f, "{what} {verb} nothing any more; it was {before}."),
            (false, false) => write!(f, "{what} {verb} {after} instead of {before}."),
        }
    }
}

fn certificates(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    before: &[String],
    after: &[String],
) -> fmt::Result {
    let what = format!("Certificates for {name}");
    let (before, after) = (before.join(", "), after.join(", "));
    match (before.is_empty(), after.is_empty()) {
        (true, _) => write!(f, "{what} may only come from: {after}."),
        (false, true) => write!(
            f,
            "{what} are no longer limited here; before, they could only come from: {before}."
        ),
        (false, false) => write!(
            f,
            "{what} may only come from: {after}; before, from: {before}."
        ),
    }
}

fn signing(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    before: &[String],
    after: &[String],
) -> fmt::Result {
    let key = format!("The key for signed mail at {name}");
    match (before.is_empty(), after.is_empty()) {
        (true, _) => write!(
            f,
            "Receivers find a key for signed mail at {name} from now on."
        ),
        (false, true) => write!(
            f,
            "{key} goes: mail signed with it is no longer known to be real."
        ),
        (false, false) => write!(
            f,
            "{key} changes: mail signed with the earlier one is no longer known to be real."
        ),
    }
}

fn gained(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    added: &[String],
    removed: &[String],
) -> fmt::Result {
    write!(f, "{what}:")?;
    for text in added {
        write!(f, " new {};", plain(text))?;
    }
    for text in removed {
        write!(f, " no longer {};", plain(text))?;
    }
    Ok(())
}

/// Names as a list; the root stands for a server that is not there (RFC 2782, RFC 7505).
fn names(names: &[Name]) -> String {
    let shown = |name: &Name| {
        if name.is_root() {
            "no server".to_owned()
        } else {
            name.to_unicode()
        }
    };
    names.iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn plain_list(texts: &[String]) -> String {
    texts
        .iter()
        .map(|text| plain(text))
        .collect::<Vec<_>>()
        .join(", ")
}

fn list(places: &[WebsitePlace]) -> String {
    let places: Vec<String> = places.iter().map(ToString::to_string).collect();
    places.join(", ")
}
