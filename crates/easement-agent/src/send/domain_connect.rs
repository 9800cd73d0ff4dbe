//! Domain Connect, the asynchronous flow: templates of `domainconnect.org` are applied with what a person permitted.

use domain_connect::{GroupId, ServiceId, Variables};
use easement_client::{
    CallFailure, Client, ConflictRule, CredentialsError, TemplateChange, Tokens, Unapplied,
};
use easement_zone::{Host, Name};

use super::fault::{of_request, of_status};
use super::grant_file::GrantFile;
use super::order::{in_order, refused};
use super::{Reply, Said};
use crate::decide::{FamilyWish, HostWish};
use crate::fault::Fault;

/// The template with a group for each family. The older one, `dynamicdns`, has IPv4 alone.
pub const BOTH_FAMILIES: &str = "dynamicdns-v2";

pub(super) async fn send(file: &mut GrantFile, wishes: &[HostWish], client: &Client) -> Vec<Reply> {
    if let Err(fault) = check_zone(file, client).await {
        return refused(wishes, &fault);
    }
    in_order(wishes.chunks(1), async |batch: &[HostWish]| {
        let mut replies = Vec::new();
        for wish in batch {
            let said = send_one(file, wish, client).await;
            let wish = wish.clone();
            replies.push(Reply { wish, said });
        }
        replies
    })
    .await
}

/// A zone that has moved to another provider is not kept up to date where nobody asks any more. Whoever cannot be
/// asked about that says nothing; and it is asked again later, since an answer may be made up on the way.
async fn check_zone(file: &GrantFile, client: &Client) -> Result<(), Fault> {
    let tokens = &file.grant().tokens;
    let Ok(found) = client.discover_name(&tokens.domain).await else {
        return Ok(());
    };
    if found.zone != tokens.domain {
        return Ok(());
    }
    let moved = |error: CredentialsError| {
        Fault::busy(
            None,
            format!(
                "{} is at another DNS provider now, {}, and the permission is one of {} ({error}); run `easement ddns setup` again",
                tokens.domain.to_text(),
                found.settings.shown_name(),
                tokens.provider_id.escape_debug(),
            ),
        )
    };
    tokens.check_discovery(&found.settings).map_err(moved)
}

async fn send_one(file: &mut GrantFile, wish: &HostWish, client: &Client) -> Result<Said, Fault> {
    let change = change_of(&file.grant().tokens, wish)?;
    file.refreshed(client).await?;
    let applied = client.apply(&file.grant().tokens, &change).await;
    // A token may end before its time: a new one tells whether the permission has.
    if let Err(CallFailure::Unapplied(Unapplied::Unauthorized { .. })) = applied
        && file.grant().tokens.refresh_token.is_some()
    {
        file.refresh(client).await?;
        let again = client.apply(&file.grant().tokens, &change).await;
        return again.map(|()| Said::Changed).map_err(of_call);
    }
    applied.map(|()| Said::Changed).map_err(of_call)
}

/// The template with the families that are spoken of, each of which is a group of its own.
fn change_of(tokens: &Tokens, wish: &HostWish) -> Result<TemplateChange, Fault> {
    let host = host_of(wish.host.as_name(), &tokens.domain);
    let host = host.filter(|host| tokens.hosts.contains(host));
    let Some(host) = host else {
        return Err(Fault::last(format!(
            "the permission is not for {}: run `easement ddns setup` for it",
            wish.host
        ))
        .of_host());
    };
    let Some(service) = tokens.services.first().cloned() else {
        return Err(Fault::last("the permission is for no template"));
    };
    let is_for_both = service.as_str() == BOTH_FAMILIES;
    let mut values: Vec<(&str, String)> = Vec::new();
    if let FamilyWish::Set(address) = wish.ipv4 {
        let name = if is_for_both { "IPv4" } else { "IP" };
        values.push((name, address.to_string()));
    }
    if let FamilyWish::Set(address) = wish.ipv6
        && is_for_both
    {
        values.push(("IPv6", address.to_string()));
    }
    if values.is_empty() {
        return Err(Fault::last("the template has nothing for this address").of_host());
    }
    let mut change = TemplateChange::new(service, host);
    if is_for_both {
        let groups = values
            .iter()
            .filter_map(|(name, _)| name.parse::<GroupId>().ok());
        change.groups = groups.collect();
    }
    change.variables = variables(values);
    // The owner agreed that the agent may change these addresses; what else is in the way is for them to decide.
    change.conflicts = ConflictRule::Report;
    Ok(change)
}

/// The values of a template.
pub fn variables<'a>(values: impl IntoIterator<Item = (&'a str, String)>) -> Variables {
    let values = values.into_iter();
    let named = values.filter_map(|(name, value)| Some((name.parse().ok()?, value)));
    named.collect()
}

/// The host of a name in a zone; none when it is not in it.
pub fn host_of(name: &Name, zone: &Name) -> Option<Host> {
    let (name, zone) = (name.to_lowercase().to_text(), zone.to_lowercase().to_text());
    let (name, zone) = (name.trim_end_matches('.'), zone.trim_end_matches('.'));
    if name == zone {
        return Some(Host::apex());
    }
    name.strip_suffix(zone)?.strip_suffix('.')?.parse().ok()
}

/// The templates in the order in which they are tried.
pub fn services() -> Vec<ServiceId> {
    [BOTH_FAMILIES, "dynamicdns"]
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect()
}

fn of_call(failure: CallFailure) -> Fault {
    let message = failure.to_string();
    match failure {
        CallFailure::Values(_) => Fault::last(message),
        CallFailure::Request(error) => of_request(&error),
        CallFailure::Unapplied(unapplied) => match unapplied {
            Unapplied::Unauthorized { .. } | Unapplied::Gone { .. } => Fault::last(message),
            Unapplied::Forbidden { .. } => Fault::last(message).of_host(),
            // The owner may take away what is in the way, or mend the account.
            Unapplied::Conflict { .. } => Fault::busy(None, message).of_host(),
            Unapplied::Refused {
                status: 429,
                retry_after,
                ..
            } => Fault::busy(retry_after, message),
            Unapplied::Refused { retry_after, .. } => Fault::busy(retry_after, message).of_host(),
            Unapplied::Broken {
                status,
                retry_after,
            } => of_status(status, retry_after, message),
            Unapplied::NotOffered => Fault::server(message),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{FaultKind, FaultScope};
    use std::time::Duration;

    #[test]
    fn what_follows_depends_on_the_status_and_a_time_that_is_named_is_kept() {
        let retry_after = Some(Duration::from_secs(90));
        let busy = FaultKind::Busy { retry_after };
        let unsaid = FaultKind::Busy { retry_after: None };
        let message = || String::new();
        let refused = |status, retry_after| Unapplied::Refused {
            status,
            retry_after,
            message: message(),
        };
        let (host, all) = (FaultScope::Host, FaultScope::All);
        for (unapplied, kind, scope) in [
            (refused(429, retry_after), busy, all),
            (refused(400, None), unsaid, host),
            (
                Unapplied::Broken {
                    status: 503,
                    retry_after,
                },
                busy,
                all,
            ),
            (
                Unapplied::Broken {
                    status: 500,
                    retry_after: None,
                },
                FaultKind::Server,
                all,
            ),
            (Unapplied::Conflict { records: vec![] }, unsaid, host),
            (
                Unapplied::Unauthorized { message: message() },
                FaultKind::Final,
                all,
            ),
            (
                Unapplied::Forbidden { message: message() },
                FaultKind::Final,
                host,
            ),
        ] {
            let fault = of_call(CallFailure::Unapplied(unapplied.clone()));
            assert_eq!((fault.kind, fault.scope), (kind, scope), "{unapplied:?}");
        }
    }
}
