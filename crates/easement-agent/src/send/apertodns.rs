//! ApertoDNS v1: one request a host, with both families in it.

use std::time::Duration;

use ::apertodns::Secret;
use ::apertodns::v1::ErrorCode;
use easement_client::{
    AddressUpdate, AddressWish, ApertoDnsError, ApertoDnsService, Client, UrlPrefix,
};

use super::fault::{of_request, of_status};
use super::order::in_order;
use super::{Reply, Said};
use crate::decide::{FamilyWish, HostWish};
use crate::fault::Fault;
use crate::files::SecretText;

pub(super) async fn send(
    server: UrlPrefix,
    token: &SecretText,
    ttl: Option<u32>,
    wishes: &[HostWish],
    client: &Client,
) -> Vec<Reply> {
    let service = ApertoDnsService {
        server,
        token: Secret::new(token.reveal()),
    };
    in_order(wishes.chunks(1), async |batch: &[HostWish]| {
        let mut replies = Vec::new();
        for wish in batch {
            let said = send_one(&service, ttl, wish, client).await;
            let wish = wish.clone();
            replies.push(Reply { wish, said });
        }
        replies
    })
    .await
}

async fn send_one(
    service: &ApertoDnsService,
    ttl: Option<u32>,
    wish: &HostWish,
    client: &Client,
) -> Result<Said, Fault> {
    let update = AddressUpdate {
        hostname: wish.host.clone(),
        ipv4: in_words_of_the_protocol(wish.ipv4),
        ipv6: in_words_of_the_protocol(wish.ipv6),
        ttl,
    };
    match client.update_apertodns(service, &update).await {
        Ok(host) if host.changed => Ok(Said::Changed),
        Ok(_) => Ok(Said::Same),
        Err(error) => Err(fault(error)),
    }
}

fn in_words_of_the_protocol<A>(wish: FamilyWish<A>) -> AddressWish<A> {
    match wish {
        FamilyWish::Keep => AddressWish::Keep,
        FamilyWish::Set(address) => AddressWish::Set(address),
        FamilyWish::Remove => AddressWish::Delete,
    }
}

fn fault(error: ApertoDnsError) -> Fault {
    let message = error.to_string();
    match error {
        ApertoDnsError::Request(error) => of_request(&error),
        ApertoDnsError::Token => Fault::last(message),
        ApertoDnsError::Refused {
            code, retry_after, ..
        } => of_code(code, retry_after, message),
        ApertoDnsError::NotApertoDns {
            status,
            retry_after,
        } => of_status(status, retry_after, message),
    }
}

/// What will be the same next time is final; what depends on the address, or on others, may pass. What is wrong with
/// the token or at the server is so for every host.
fn of_code(code: Option<ErrorCode>, wait: Option<Duration>, message: String) -> Fault {
    let may_pass = [ErrorCode::IpForbidden, ErrorCode::InvalidIp];
    let final_code = code.filter(|code| !may_pass.contains(code));
    match final_code.map(ErrorCode::http_status) {
        Some(401) => Fault::last(message),
        Some(403 | 404) => Fault::last(message).of_host(),
        Some(500..=599) if wait.is_none() => Fault::server(message),
        Some(429 | 500..=599) => Fault::busy(wait, message),
        _ if code.is_none() || wait.is_some() => Fault::busy(wait, message),
        _ => Fault::busy(wait, message).of_host(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{FaultKind, FaultScope};

    #[test]
    fn what_follows_depends_on_what_the_server_says() {
        let wait = Some(Duration::from_secs(7));
        let busy = FaultKind::Busy { retry_after: wait };
        let unsaid = FaultKind::Busy { retry_after: None };
        let (host, all) = (FaultScope::Host, FaultScope::All);
        for (code, wait, kind, scope) in [
            (Some(ErrorCode::InvalidToken), None, FaultKind::Final, all),
            (Some(ErrorCode::TokenRevoked), wait, FaultKind::Final, all),
            (
                Some(ErrorCode::HostnameForbidden),
                None,
                FaultKind::Final,
                host,
            ),
            (Some(ErrorCode::NotFound), None, FaultKind::Final, host),
            (Some(ErrorCode::IpForbidden), None, unsaid, host),
            (Some(ErrorCode::RateLimited), wait, busy, all),
            (Some(ErrorCode::InvalidRequest), None, unsaid, host),
            (None, wait, busy, all),
        ] {
            let fault = of_code(code, wait, String::new());
            assert_eq!((fault.kind, fault.scope), (kind, scope), "{code:?}");
        }
    }
}
