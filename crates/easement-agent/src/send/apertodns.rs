//! ApertoDNS v1: one request a host, with both families in it.

use std::time::Duration;

use ::apertodns::Secret;
use ::apertodns::v1::ErrorCode;
use easement_client::{
    AddressUpdate, AddressWish, ApertoDnsError, ApertoDnsService, Client, UrlPrefix,
};

use super::Said;
use super::fault::{of_request, of_status};
use crate::decide::{FamilyWish, HostWish};
use crate::fault::{Fault, FaultKind};
use crate::files::SecretText;

pub(super) async fn send(
    server: UrlPrefix,
    token: &SecretText,
    ttl: Option<u32>,
    wishes: &[HostWish],
    client: &Client,
) -> Vec<Result<Said, Fault>> {
    let service = ApertoDnsService {
        server,
        token: Secret::new(token.reveal()),
    };
    let mut said = Vec::new();
    for wish in wishes {
        let update = AddressUpdate {
            hostname: wish.host.clone(),
            ipv4: in_words_of_the_protocol(wish.ipv4),
            ipv6: in_words_of_the_protocol(wish.ipv6),
            ttl,
        };
        let one = match client.update_apertodns(&service, &update).await {
            Ok(host) if host.changed => Ok(Said::Changed),
            Ok(_) => Ok(Said::Same),
            Err(error) => Err(fault(error)),
        };
        let is_for_all = matches!(&one, Err(fault) if fault.kind != FaultKind::Final);
        said.push(one);
        if is_for_all {
            break;
        }
    }
    // A server that is away or busy is not asked for the rest.
    let last = said.last().cloned();
    said.resize(wishes.len(), last.unwrap_or(Ok(Said::Same)));
    said
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

/// What will be the same next time is final; what depends on the address, or on others, may pass.
fn of_code(code: Option<ErrorCode>, wait: Option<Duration>, message: String) -> Fault {
    let may_pass = [ErrorCode::IpForbidden, ErrorCode::InvalidIp];
    let code = code.filter(|code| !may_pass.contains(code));
    match code.map(ErrorCode::http_status) {
        Some(401 | 403 | 404) => Fault::last(message),
        Some(500..=599) if wait.is_none() => Fault::server(message),
        _ => Fault::busy(wait, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_depends_on_what_the_server_says() {
        let wait = Some(Duration::from_secs(7));
        let busy = FaultKind::Busy { retry_after: wait };
        let unsaid = FaultKind::Busy { retry_after: None };
        for (code, wait, kind) in [
            (Some(ErrorCode::InvalidToken), None, FaultKind::Final),
            (Some(ErrorCode::TokenRevoked), wait, FaultKind::Final),
            (Some(ErrorCode::HostnameForbidden), None, FaultKind::Final),
            (Some(ErrorCode::NotFound), None, FaultKind::Final),
            (Some(ErrorCode::IpForbidden), None, unsaid),
            (Some(ErrorCode::RateLimited), wait, busy),
            (Some(ErrorCode::InvalidRequest), None, unsaid),
            (None, wait, busy),
        ] {
            let fault = of_code(code, wait, String::new());
            assert_eq!(fault.kind, kind, "{code:?}");
        }
    }
}
