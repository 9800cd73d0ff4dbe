//! The second step: which name of the domain.

use axum::response::Response;
use easement_zone::{Host, Name};
use namedrop::{
    HostPresence, HostReach, OutOfReach, PermissionError, PermittedHost, SuggestedHost,
    out_of_reach, suggested_hosts, typed_host,
};

use super::asked::Asked;
use super::zones::choosable;
use crate::http::{Fields, Member};
use crate::pages::PageError;
use crate::pages::views::{
    HostChoice, NameDropHostPage, Problem, Section, ShownName, with_capital,
};
use crate::pages::zone_access::ZoneAccess;
use crate::state::ServerState;

/// What stands in front of a suggested host that was picked.
const NAMED: &str = "name:";
const OTHER: &str = "other";
const WHOLE: &str = "whole";
const MAX_TYPED: usize = 300;

/// What the person picked, as the form says it.
#[derive(Clone, Debug, Default)]
pub(super) struct Picked {
    pick: String,
    typed: String,
}

impl Picked {
    pub(super) fn of(form: &Fields) -> Self {
        let short = |text: &str| text.chars().take(MAX_TYPED).collect::<String>();
        let (pick, typed) = (short(form.text("pick")), short(form.text("host")));
        // Whoever writes a name means it, though a name that was proposed is still marked.
        let is_meant = !typed.trim().is_empty() && pick.starts_with(NAMED);
        Self {
            pick: if is_meant { OTHER.to_owned() } else { pick },
            typed,
        }
    }

    /// The fields that say the same in the next form.
    pub(super) fn fields(host: &PermittedHost) -> [(&'static str, String); 2] {
        let pick = if is_whole(host) {
            WHOLE.to_owned()
        } else {
            format!("{NAMED}{host}")
        };
        [("pick", pick), ("host", String::new())]
    }

    /// The host, when this zone has a say in it.
    pub(super) fn read(
        &self,
        state: &ServerState,
        access: &ZoneAccess,
    ) -> Result<PermittedHost, Problem> {
        let apex = &access.entry.apex;
        if self.pick == WHOLE && !self.typed.trim().is_empty() {
            let message = "You wrote a name, and chose the whole domain: leave one of them out.";
            return Err(problem(message));
        }
        let host = match (self.pick.as_str(), self.pick.strip_prefix(NAMED)) {
            (WHOLE, _) => PermittedHost::new(Host::apex(), HostReach::AtAndBelow),
            (OTHER, _) => typed_host(&self.typed, apex),
            // Written by this server, so it is relative to the domain, whatever it looks like.
            (_, Some(named)) => named.parse(),
            (_, None) => return Err(problem("Choose a name.")),
        };
        let host = host.map_err(|error| problem(&sentence(&error)))?;
        if self.pick != WHOLE && is_whole(&host) {
            let message = "Write a name. For all names there are, choose “The whole domain”.";
            return Err(problem(message));
        }
        check_authority(state, access, &host)?;
        Ok(host)
    }
}

/// Whether a host is the domain itself, so that a permission there is for all of it.
pub(super) fn is_whole(host: &PermittedHost) -> bool {
    host.host().is_apex() && host.reach() == HostReach::AtAndBelow
}

fn problem(message: &str) -> Problem {
    Problem {
        field: "host",
        message: message.to_owned(),
    }
}

fn sentence(error: &PermissionError) -> String {
    with_capital(&format!("{error}."))
}

/// Refuses what nobody would be answered: names that another zone of this server answers for, and those that other
/// servers do.
fn check_authority(
    state: &ServerState,
    access: &ZoneAccess,
    host: &PermittedHost,
) -> Result<(), Problem> {
    let apex = &access.entry.apex;
    let name = host.host().below(apex);
    let name = name.map_err(|error| problem(&with_capital(&format!("{error}."))))?;
    let why = out_of_reach(&name, access.snapshot.zone(), &other_zone(state, apex));
    let message = match why {
        None => return Ok(()),
        Some(OutOfReach::OtherZone { apex }) => {
            let other = apex.to_unicode();
            format!("{other} is a domain of its own here: choose that one instead.")
        }
        Some(OutOfReach::Delegated { delegation }) => {
            let cut = delegation.to_unicode();
            format!("Other servers answer for {cut} (NS): ask there.")
        }
    };
    Err(problem(&message))
}

/// The zone of this server that a name is in, when it is another one than that with this apex.
fn other_zone<'a>(
    state: &'a ServerState,
    apex: &'a Name,
) -> impl Fn(&Name) -> Option<Name> + use<'a> {
    move |name| {
        let nearest = state.hosted.zone_over(name)?;
        (nearest.apex() != apex).then(|| nearest.apex().clone())
    }
}

//------------ The page --------------------------------------------------------------------------

/// What the page is made of.
pub(super) struct HostStep<'a> {
    member: &'a Member,
    asked: &'a Asked,
    apex: &'a Name,
    suggested: Vec<SuggestedHost>,
    has_other_zones: bool,
}

impl<'a> HostStep<'a> {
    pub(super) async fn prepare(
        state: &ServerState,
        member: &'a Member,
        asked: &'a Asked,
        access: &'a ZoneAccess,
    ) -> Result<Self, PageError> {
        let all = choosable(state, member, "").await?;
        let (app, scopes) = (&asked.query.app, &asked.query.scopes);
        let zone = access.snapshot.zone();
        let apex = &access.entry.apex;
        Ok(Self {
            member,
            asked,
            apex,
            suggested: suggested_hosts(app, scopes, zone, &other_zone(state, apex)),
            has_other_zones: all.zones.len() > 1 || all.is_cut,
        })
    }

    pub(super) fn show(
        &self,
        picked: &Picked,
        problem: Option<Problem>,
    ) -> Result<Response, PageError> {
        let (chosen, typed) = self.chosen(picked);
        let hosts = self.suggested.iter().map(|one| {
            let value = format!("{NAMED}{}", one.host);
            HostChoice {
                name: self.shown(&one.host),
                note: match one.presence {
                    HostPresence::New => "a new name",
                    HostPresence::Wildcard => "a new name, for which a wildcard answers until then",
                    HostPresence::There => {
                        "is there already, with nothing that the app could change"
                    }
                },
                is_chosen: value == chosen,
                value,
            }
        });
        self.asked.show(&NameDropHostPage {
            shell: self.member.shell(Section::Elsewhere),
            app: self.asked.app(),
            wishes: self.asked.wishes(),
            zone: ShownName::new(self.apex),
            zone_value: self.apex.to_lowercase().to_text(),
            has_other_zones: self.has_other_zones,
            hosts: hosts.collect(),
            typed,
            is_other: chosen == OTHER,
            is_whole: chosen == WHOLE,
            problems: problem.into_iter().collect(),
            action: self.asked.address.clone(),
        })
    }

    /// What is chosen, and what stands in the field: what the person picked, else the first suggestion. It is never the
    /// whole domain by itself.
    fn chosen(&self, picked: &Picked) -> (String, String) {
        let mut values = self
            .suggested
            .iter()
            .map(|one| format!("{NAMED}{}", one.host));
        let first = values.next();
        let is_suggested =
            first.as_ref() == Some(&picked.pick) || values.any(|one| one == picked.pick);
        match (picked.pick.as_str(), picked.pick.strip_prefix(NAMED)) {
            (OTHER | WHOLE, _) => (picked.pick.clone(), picked.typed.clone()),
            (_, Some(_)) if is_suggested => (picked.pick.clone(), String::new()),
            (_, Some(named)) if !named.is_empty() => (OTHER.to_owned(), self.full(named)),
            (_, _) => (first.unwrap_or_else(|| OTHER.to_owned()), String::new()),
        }
    }

    /// A host as a full name, which is read as one in whatever domain.
    fn full(&self, named: &str) -> String {
        let apex = self.apex.to_text();
        format!("{named}.{apex}")
    }

    fn shown(&self, host: &Host) -> ShownName {
        let name = host.below(self.apex);
        ShownName::within(name.as_ref().unwrap_or(self.apex), self.apex)
    }
}
