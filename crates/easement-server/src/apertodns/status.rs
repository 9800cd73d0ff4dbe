//! `GET /status/{hostname}`

use std::sync::Arc;

use apertodns::Hostname;
use apertodns::v1::{ApiError, ErrorCode, HostStatus};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use easement_core::{HostUse, Operation, Timestamp, TokenRefused, ZoneAction, ZoneId};
use easement_zone::{HostedZone, Name, RecordType, Zone};

use super::call::{Call, Told, moment};
use super::failed::Failed;
use super::update::first_of_each;
use crate::api_tokens::{Admitted, NoRights};
use crate::dynamic_dns::addresses_of;
use crate::state::{ServerState, Shared};

/// The addresses of one host.
pub(crate) async fn show_status(
    State(state): State<Shared>,
    hostname: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let call = Call::read(&state, request).await;
    // What cannot be decoded is no hostname.
    let hostname = hostname.map_or_else(|_| String::new(), |Path(hostname)| hostname);
    let outcome = run(&state, &call, &hostname).await;
    call.answer(outcome)
}

async fn run(state: &ServerState, call: &Call, hostname: &str) -> Result<Told<HostStatus>, Failed> {
    let admitted = call.admit(state).await?;
    let hostname: Hostname = hostname
        .parse()
        .map_err(|error: apertodns::HostnameError| {
            ApiError::new(ErrorCode::InvalidHostname).with_message(error.to_string())
        })?;
    let name = hostname.as_name().clone();
    let Readable {
        hosted,
        zone,
        types,
    } = readable(state, &admitted, &name, &ADDRESS_TYPES).await?;
    let status = status_of(hosted.load().zone(), hostname, &types);
    let mut status = status.ok_or(ErrorCode::NotFound)?;
    if let Some(used) = state.store.host_use(zone, &name).await? {
        add_use(&mut status, &used, state.clock.now());
    }
    Ok(Told::new(status, &admitted))
}

/// The types that hold addresses.
pub(super) const ADDRESS_TYPES: [RecordType; 2] = [RecordType::A, RecordType::AAAA];

/// What a token may read at a name.
pub(super) struct Readable {
    /// The zone that the name is in.
    pub(super) hosted: Arc<HostedZone>,
    pub(super) zone: ZoneId,
    /// Of which types; at least one.
    pub(super) types: Vec<RecordType>,
}

/// The zone of a name, and of which types the token may read records there.
pub(super) async fn readable(
    state: &ServerState,
    admitted: &Admitted,
    name: &Name,
    types: &[RecordType],
) -> Result<Readable, Failed> {
    // First, so that the answer does not tell in which other zones the account has a role.
    admitted.covers(name)?;
    let rights = state.updater.rights();
    let (hosted, permit) = rights.permit(admitted, name, ZoneAction::View).await?;
    let mut readable = Vec::new();
    let mut refusal: Option<TokenRefused> = None;
    for rtype in types {
        let mut limits = admitted.chain.limits();
        match limits.try_for_each(|one| one.allow(Operation::Read, name, *rtype)) {
            Ok(()) => readable.push(*rtype),
            Err(refused) => refusal = Some(refused),
        }
    }
    match refusal {
        Some(refused) if readable.is_empty() => Err(NoRights::Refused(refused).into()),
        _ => Ok(Readable {
            hosted,
            zone: permit.zone(),
            types: readable,
        }),
    }
}

/// Adds what devices did with the host.
pub(super) fn add_use(status: &mut HostStatus, used: &HostUse, now: Timestamp) {
    status.updated_at = used.changed_at().map(moment);
    status.created_at = used.first_at.map(moment);
    status.update_count_24h = Some(used.updates_of_a_day(now));
    status.update_count_total = Some(used.updates);
}

/// A host, as far as it may be read; nothing, when it has no address.
pub(super) fn status_of(
    zone: &Zone,
    hostname: Hostname,
    types: &[RecordType],
) -> Option<HostStatus> {
    let (addresses, ttl) = addresses_of(zone, hostname.as_name());
    let (ipv4, ipv6) = first_of_each(&addresses);
    let ipv4 = ipv4.filter(|_| types.contains(&RecordType::A));
    let ipv6 = ipv6.filter(|_| types.contains(&RecordType::AAAA));
    if ipv4.is_none() && ipv6.is_none() {
        return None;
    }
    Some(HostStatus {
        hostname,
        ipv4,
        ipv6,
        ttl: ttl?.as_secs(),
        updated_at: None,
        created_at: None,
        is_active: Some(true),
        update_count_24h: None,
        update_count_total: None,
    })
}
