//! `/apps`

use axum::extract::State;
use axum::response::Response;
use easement_core::GrantId;
use easement_store::GrantCursor;

use super::super::views::{GrantRow, GrantsPage, Section, paths};
use super::super::{PageError, show};
use super::own::{Seen, row};
use crate::http::{AddressQuery, Fields, Member};
use crate::state::Shared;

/// How many are on one page.
const PAGE: usize = 50;
/// What an address says of the last one of the page before.
const COUNTING: &str = "after";
const ENDED: &str = "after_ended";

/// GET: the person's own, and those of others in zones that they own.
pub(crate) async fn show_grants(
    State(state): State<Shared>,
    member: Member,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    let after = cursor(&query);
    // One more than is shown, to know whether there are more.
    let limit = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
    let account = member.account.id;
    let listed = state.store.grants_seen_by(account, after, limit).await?;
    let last_shown = listed.get(PAGE - 1).filter(|_| listed.len() > PAGE);
    let next = last_shown.map(|listed| address_after(listed.cursor));
    let now = state.clock.now();
    let rows = listed.into_iter().take(PAGE);
    let rows = rows.map(|listed| row(&Seen::of(listed, account), now));
    let (ended, counting): (Vec<GrantRow>, Vec<GrantRow>) =
        rows.partition(|row| row.ended.is_some());
    show(&GrantsPage {
        shell: member.shell(Section::Apps),
        counting,
        ended,
        first: after.map(|_| paths::APPS.to_owned()),
        next,
    })
}

/// What is no place in the list is its beginning.
fn cursor(query: &Fields) -> Option<GrantCursor> {
    let at = |name, is_over| {
        let number = query.text(name).parse().ok()?;
        let grant = GrantId::new(number);
        Some(GrantCursor { is_over, grant })
    };
    at(ENDED, true).or_else(|| at(COUNTING, false))
}

fn address_after(cursor: GrantCursor) -> String {
    let name = if cursor.is_over { ENDED } else { COUNTING };
    format!("{}?{name}={}", paths::APPS, cursor.grant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_on_where_the_page_before_ended() {
        for is_over in [false, true] {
            let grant = GrantId::new(12);
            let place = GrantCursor { is_over, grant };
            let address = address_after(place);
            let (_, query) = address.split_once('?').unwrap();
            assert_eq!(cursor(&Fields::parse(query.as_bytes())), Some(place));
        }
        for query in ["", "after=", "after=x", "after_ended=1.5"] {
            assert_eq!(cursor(&Fields::parse(query.as_bytes())), None, "{query}");
        }
    }
}
