//! The standing right that a page is about.

use easement_core::{
    AccountId, Actor, EmailAddress, GrantId, GrantRefused, GrantRight, Origin, Timestamp, ZoneRole,
};
use easement_store::{GrantEntry, ListedGrant};
use easement_zone::Name;
use namedrop::AppOrigin;

use super::super::PageError;
use super::super::views::{GrantNames, GrantRow, ShownName, ShownTime, paths};
use crate::http::Member;
use crate::state::ServerState;

const DISABLED: &str = "It can do nothing for now: whoever runs this server disabled it.";

/// One that the person may see, and its zone.
pub(super) struct Seen {
    pub(super) entry: GrantEntry,
    pub(super) apex: Name,
    /// Who gave it, when it was somebody else.
    pub(super) giver: Option<EmailAddress>,
}

impl Seen {
    /// One of those that are listed for this account.
    pub(super) fn of(listed: ListedGrant, seer: AccountId) -> Self {
        let is_own = listed.entry.grant.account == seer;
        Self {
            giver: (!is_own).then_some(listed.giver),
            apex: listed.apex,
            entry: listed.entry,
        }
    }
}

/// The one with this id, when the person gave it or owns its zone. One that is not there and one of somebody else
/// look the same.
pub(super) async fn find(
    state: &ServerState,
    member: &Member,
    id: &str,
) -> Result<Seen, PageError> {
    let id: i64 = id.parse().map_err(|_| PageError::NotFound)?;
    let entry = state.store.grant(GrantId::new(id)).await?;
    let entry = entry.ok_or(PageError::NotFound)?;
    let grant = &entry.grant;
    let apex = state.store.apex_of_zone(grant.zone).await?;
    let apex = apex.ok_or(PageError::NotFound)?;
    if grant.account == member.account.id {
        let giver = None;
        return Ok(Seen { entry, apex, giver });
    }
    let role = state.store.role_of(grant.zone, member.account.id).await?;
    if role != Some(ZoneRole::Owner) {
        return Err(PageError::NotFound);
    }
    let giver = state.store.account(grant.account).await?;
    let giver = giver.map(|stored| stored.account.email);
    Ok(Seen { entry, apex, giver })
}

/// Who changes one.
pub(super) fn origin(member: &Member) -> Origin {
    Origin {
        actor: Actor::Account(member.account.id),
        address: Some(member.visitor.address),
    }
}

/// It in short, as pages show it.
pub(super) fn row(seen: &Seen, now: Timestamp) -> GrantRow {
    let grant = &seen.entry.grant;
    let holder = &seen.entry.holder;
    GrantRow {
        client: holder.app().map_or_else(
            || holder.name().to_owned(),
            |app| shown_origin(app.origin()),
        ),
        href: paths::app(grant.id),
        zone: ShownName::new(&seen.apex),
        sentences: sentences(&grant.right, &seen.apex)
            .into_iter()
            .chain(holder.is_disabled().then(|| DISABLED.to_owned()))
            .collect(),
        given_by: seen.giver.as_ref().map(ToString::to_string),
        last_use: grant.used_at.map(|at| ShownTime::new(at, now)),
        until: grant.expires_at.map(|at| ShownTime::new(at, now).absolute),
        ended: ended(seen, now),
    }
}

/// Where an app is: an international name as letters and as machines read it.
pub(super) fn shown_origin(origin: &AppOrigin) -> String {
    let (letters, ascii) = (origin.unicode(), origin.ascii());
    if letters == ascii {
        return ascii.to_owned();
    }
    format!("{letters} (in DNS: {ascii})")
}

/// Why it does not count any more. That its client is disabled may pass, so that is no end.
fn ended(seen: &Seen, now: Timestamp) -> Option<String> {
    let refused = seen.entry.grant.check(now).err()?;
    // The words of the refusal are for a program: its owner is who reads this.
    if let GrantRefused::Expired { at } = refused {
        return Some(format!("this access expired at {at}"));
    }
    Some(refused.to_string())
}

/// "web at example.com and www.example.com"; "get certificates for names: shop.example.com and below"
fn sentences(right: &GrantRight, apex: &Name) -> Vec<String> {
    match right {
        GrantRight::Templates {
            services, hosts, ..
        } => {
            let names: Vec<String> = hosts
                .iter()
                .map(|host| ShownName::new(host.below(apex).as_ref().unwrap_or(apex)).text)
                .collect();
            let names = names.join(", ");
            let sentence = |service| format!("{service} at {names}");
            services.iter().map(sentence).collect()
        }
        GrantRight::Names { permissions } => permissions.iter().map(GrantNames::headline).collect(),
    }
}
