//! Who calls: the access token of a call, in the body or in the header, as the grant that it is of.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::Request;
use easement_core::{GrantApp, Permit};
use easement_store::ZoneEntry;
use easement_zone::HostedZone;
use http::HeaderMap;
use hyper::body::Bytes;
use namedrop::{CallError, Permissions, RecordCall, Secret};

use super::RecordsError;
use crate::http::address_of;
use crate::oauth::{Bearer, has_secret};
use crate::state::ServerState;

/// A call, before it is known who sent it.
pub(super) struct Incoming {
    pub(super) body: Bytes,
    headers: HeaderMap,
    address: IpAddr,
}

impl Incoming {
    /// Reads a request, and counts it.
    pub(super) async fn read(state: &ServerState, request: Request) -> Result<Self, RecordsError> {
        let address = address_of(&request, &state.settings.trusted_proxies);
        let taken = state.oauth.take_network(address, state.clock.now());
        taken.map_err(|wait| RecordsError::TooOften { wait })?;
        let (parts, body) = request.into_parts();
        if has_secret(&parts.uri) {
            return Err(RecordsError::TokenInQuery);
        }
        let limited = http_body_util::Limited::new(body, RecordCall::MAX_OCTETS);
        let body = match http_body_util::BodyExt::collect(limited).await {
            Ok(collected) => collected.to_bytes(),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                return Err(CallError::TooLarge {
                    octets: RecordCall::MAX_OCTETS + 1,
                }
                .into());
            }
            Err(_) => return Err(RecordsError::Body),
        };
        Ok(Self {
            body,
            headers: parts.headers,
            address,
        })
    }

    /// Who sent it, by the only token that it has.
    pub(super) async fn admit<'s>(
        self,
        state: &'s ServerState,
        in_body: Option<&Secret>,
    ) -> Result<Caller<'s>, RecordsError> {
        let in_header = Bearer::token_of(&self.headers).map(str::to_owned);
        let in_body = in_body.map(|token| token.reveal().to_owned());
        let token = match (in_header, in_body) {
            (Some(one), Some(other)) if one != other => return Err(RecordsError::TwoTokens),
            (Some(token), _) | (None, Some(token)) => Some(token),
            (None, None) => None,
        };
        let caller = Caller {
            bearer: Bearer::admit(state, token.as_deref(), self.address).await?,
            token,
            state,
            address: self.address,
        };
        let grant = caller.bearer.admitted.grant().id;
        let counted = state.grant_calls.take(grant, state.clock.now());
        counted.map_err(|wait| RecordsError::TooOften { wait })?;
        Ok(caller)
    }
}

/// Whoever calls, with a token that counted a moment ago.
pub(super) struct Caller<'s> {
    pub(super) state: &'s ServerState,
    pub(super) address: IpAddr,
    pub(super) bearer: Bearer,
    token: Option<String>,
}

/// The zone of a grant, as it is served.
pub(super) struct Place {
    pub(super) entry: ZoneEntry,
    pub(super) hosted: Arc<HostedZone>,
}

impl Caller<'_> {
    /// Which app calls, and what it may write.
    pub(super) fn names(&self) -> Result<(&GrantApp, &Permissions), RecordsError> {
        Ok(self.bearer.admitted.names()?)
    }

    /// The zone that the grant is for. One that the store has and this node does not serve yet comes in a moment.
    pub(super) async fn place(&self) -> Result<Place, RecordsError> {
        let zone = self.bearer.admitted.grant().zone;
        let entry = self.state.store.zone(zone).await?;
        let entry = entry.ok_or(RecordsError::NoZone)?;
        let hosted = self.state.hosted.get(&entry.apex);
        let hosted = hosted.ok_or(RecordsError::TryAgain)?;
        Ok(Place { entry, hosted })
    }

    /// The permit, as the owner's role and the token are at this moment.
    pub(super) async fn permit(&self, place: &Place) -> Result<Permit, RecordsError> {
        let zone = (place.entry.id, &place.entry.apex);
        Ok(self.bearer.permit_for_app(self.state, zone).await?)
    }

    /// The same token, looked at again.
    pub(super) async fn again(&mut self) -> Result<(), RecordsError> {
        self.state.store.read_access_epoch().await?;
        self.bearer = Bearer::admit(self.state, self.token.as_deref(), self.address).await?;
        Ok(())
    }
}
