//! The first step: which of the person's domains.

use axum::response::Response;
use easement_core::{AccountId, ZoneAction, ZoneRole};
use easement_store::ZoneEntry;
use easement_zone::Name;

use super::asked::Asked;
use crate::http::Member;
use crate::pages::PageError;
use crate::pages::views::{
    ErrorPage, NameDropZonesPage, Problem, Section, ShownName, ZoneChoice, visible,
};
use crate::state::ServerState;

/// How many domains are shown; others are searched for.
const SHOWN: usize = 20;
/// The longest text to search for: no name is longer.
const MAX_FIND: usize = 255;

/// Domains that the person may give names of.
#[derive(Default)]
pub(in crate::namedrop) struct Choosable {
    pub(in crate::namedrop) zones: Vec<ZoneEntry>,
    pub(in crate::namedrop) has_more: bool,
    /// Whether the person has more domains than are looked through.
    pub(in crate::namedrop) is_cut: bool,
}

/// How many domains are looked at.
#[derive(Clone, Copy)]
pub(in crate::namedrop) struct Effort {
    /// How many in one go.
    pub(in crate::namedrop) batch: u32,
    /// How often.
    pub(in crate::namedrop) batches: usize,
}

impl Effort {
    const USUAL: Self = Self {
        batch: 500,
        batches: 40,
    };
}

/// Those whose name has a text in it: the one that is called so, then the others in the order of names.
pub(super) async fn choosable(
    state: &ServerState,
    member: &Member,
    find: &str,
) -> Result<Choosable, PageError> {
    search(state, member.account.id, find, Effort::USUAL).await
}

/// The same with no more than this effort. One that is called so is found with any.
pub(in crate::namedrop) async fn search(
    state: &ServerState,
    account: AccountId,
    find: &str,
    effort: Effort,
) -> Result<Choosable, PageError> {
    let find = find.trim().trim_end_matches('.').to_lowercase();
    let named = by_whole_name(state, account, &find).await?;
    let named_id = named.as_ref().map(|zone| zone.id);
    let mut found = Choosable {
        zones: named.into_iter().collect(),
        ..Choosable::default()
    };
    let mut after: Option<Name> = None;
    for _ in 0..effort.batches {
        let zones = state.store.zones_of(account, after.as_ref(), effort.batch);
        let batch = zones.await?;
        let Some((last, _)) = batch.last() else {
            return Ok(found);
        };
        after = Some(last.apex.clone());
        for (zone, role) in batch {
            let is_meant = may_give(state, &zone, role) && is_named(&zone.apex, &find);
            if !is_meant || Some(zone.id) == named_id {
                continue;
            }
            if found.zones.len() == SHOWN {
                found.has_more = true;
                return Ok(found);
            }
            found.zones.push(zone);
        }
    }
    let next = state.store.zones_of(account, after.as_ref(), 1).await?;
    found.is_cut = !next.is_empty();
    Ok(found)
}

/// The one that is called so, wherever it stands in the order of names.
async fn by_whole_name(
    state: &ServerState,
    account: AccountId,
    find: &str,
) -> Result<Option<ZoneEntry>, PageError> {
    let Ok(apex) = find.parse() else {
        return Ok(None);
    };
    let Some(zone) = state.store.zone_by_apex(&apex).await? else {
        return Ok(None);
    };
    let role = state.store.role_of(zone.id, account).await?;
    Ok(role
        .is_some_and(|role| may_give(state, &zone, role))
        .then_some(zone))
}

fn may_give(state: &ServerState, zone: &ZoneEntry, role: ZoneRole) -> bool {
    role.allows(ZoneAction::Change) && state.hosted.get(&zone.apex).is_some()
}

fn is_named(apex: &Name, find: &str) -> bool {
    let apex = apex.to_lowercase();
    apex.to_text().contains(find) || apex.to_unicode().contains(find)
}

/// The page with the list, or with what a search found.
pub(super) async fn show_zones(
    state: &ServerState,
    member: &Member,
    asked: &Asked,
    (find, problem): (&str, Option<Problem>),
) -> Result<Response, PageError> {
    let find: String = find.chars().take(MAX_FIND).collect();
    let found = choosable(state, member, &find).await?;
    let choice = |zone: &ZoneEntry| ZoneChoice {
        value: zone.apex.to_lowercase().to_text(),
        name: ShownName::new(&zone.apex),
        is_chosen: found.zones.len() == 1,
    };
    asked.show(&NameDropZonesPage {
        shell: member.shell(Section::Elsewhere),
        app: asked.app(),
        wishes: asked.wishes(),
        zones: found.zones.iter().map(choice).collect(),
        has_search: found.has_more || found.is_cut || !find.is_empty(),
        has_more: found.has_more,
        is_cut: found.is_cut,
        find: visible(&find),
        problems: problem
            .into_iter()
            .filter(|_| !found.zones.is_empty())
            .collect(),
        action: asked.address.clone(),
    })
}

/// What a person sees who has no domain to give a name of.
pub(super) fn no_zone(member: &Member, asked: &Asked) -> PageError {
    let shell = member.shell(Section::Elsewhere);
    let origin = asked.query.app.origin().ascii();
    let page = ErrorPage::no_zone_to_give(shell, origin);
    let page = page.with_link(&format!("Go back to {origin}"), &asked.declined());
    PageError::Custom(Box::new(page))
}
