//! `POST /update`

use std::sync::Arc;

use apertodns::address::{AddressChanges, Addresses, NotPublic};
use apertodns::v1::{
    ApiError, ErrorCode, MAX_TXT_VALUES, TooManyTxtValues, TxtAction, TxtReport, TxtWish,
    UpdateReport, UpdateRequest, with_value, without_value,
};
use axum::extract::{Request, State};
use axum::response::Response;
use easement_core::UpdateProtocol;
use easement_zone::{ChangeSet, DataError, Name, RecordType, Ttl, Zone};

use super::call::{Call, Told, moment, rules};
use super::failed::Failed;
use crate::api_tokens::{Changes, Done, Update};
use crate::dynamic_dns::{
    AboutHost, Counted, HostChange, HostRules, HostWish, TextChange, carry_out, host_rules,
    host_wish, text_wish, texts_at,
};
use crate::state::{ServerState, Shared};

/// Sets the addresses of one host, and a text at or below it.
pub(crate) async fn update(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = run(&state, &call).await;
    call.answer(outcome)
}

async fn run(state: &ServerState, call: &Call) -> Result<Told<UpdateReport>, Failed> {
    let admitted = call.admit(state).await?;
    let request = UpdateRequest::parse(call.body()?, &rules(&admitted))?;
    text_in_zone(state, &request)?;
    let (chain, rules) = (Arc::clone(&admitted.chain), host_rules(&admitted.chain));
    let changes = request.changes(call.source, rules.documentation)?;
    let counted = Counted::new(state, admitted, changes_of(&request, &changes))?;
    let told = Told::new((), counted.admitted());
    let work = (call.presented()?, counted);
    let make = |_: &_| vec![to_update(&request, &changes, rules)];
    let outcomes = carry_out(state, work, UpdateProtocol::Apertodns, make).await;
    let mut done = outcomes
        .into_iter()
        .next()
        .ok_or(ErrorCode::ServerError)??;
    done.told.host = done.told.host.seen_with(&chain);
    Ok(told.with(report(request, done, state)))
}

/// What an update counts as.
pub(super) fn changes_of(request: &UpdateRequest, changes: &AddressChanges) -> Changes {
    Changes {
        hosts: u32::from(is_about_host(request, changes)),
        texts: u32::from(request.txt.is_some()),
    }
}

/// A text alone is not about the addresses, and a TTL beside it is that of the text.
fn is_about_host(request: &UpdateRequest, changes: &AddressChanges) -> bool {
    request.txt.is_none() || *changes != AddressChanges::KEEP
}

/// The text of an update is in the zone of its host: a zone below it is another one.
pub(super) fn text_in_zone(state: &ServerState, request: &UpdateRequest) -> Result<(), Failed> {
    let Some(text) = &request.txt else {
        return Ok(());
    };
    let apex_of = |name| state.hosted.zone_over(name).map(|zone| zone.apex().clone());
    let (of_host, of_text) = (
        apex_of(request.hostname.as_name()),
        apex_of(text.name.as_name()),
    );
    if of_host == of_text {
        return Ok(());
    }
    let message = format!(
        "{} is in another zone than {}: send it to /txt",
        text.name, request.hostname
    );
    Err(ApiError::new(ErrorCode::TxtInvalidName)
        .with_message(message)
        .into())
}

/// What one update changed.
pub(super) struct Changed {
    pub(super) host: HostChange,
    /// Whether it was about the addresses at all.
    pub(super) is_about_host: bool,
    pub(super) text: Option<TextChange>,
}

impl AboutHost for Changed {
    fn host(&self) -> Option<&HostChange> {
        self.is_about_host.then_some(&self.host)
    }
}

/// Why one update makes no sense for its zone.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum WishFault {
    /// A rewriting gave an address that is not public.
    #[error(transparent)]
    NotPublic(#[from] NotPublic),
    /// There are as many texts as there may be.
    #[error(transparent)]
    TooMany(#[from] TooManyTxtValues),
    /// A text does not fit a record.
    #[error(transparent)]
    Data(#[from] DataError),
    /// There is no address to delete or to give another TTL.
    #[error("this host has no address: set one first")]
    NoHost,
}

impl From<WishFault> for Failed {
    fn from(fault: WishFault) -> Self {
        match fault {
            WishFault::NoHost => ApiError::new(ErrorCode::NotFound)
                .with_message(fault.to_string())
                .into(),
            WishFault::TooMany(error) => ApiError::from(error).into(),
            WishFault::NotPublic(error) => ApiError::new(ErrorCode::InvalidIp)
                .with_message(error.to_string())
                .into(),
            WishFault::Data(error) => ApiError::new(ErrorCode::TxtValueTooLong)
                .with_message(error.to_string())
                .into(),
        }
    }
}

/// The addresses and the text of one update: both, or neither.
pub(super) fn to_update(
    request: &UpdateRequest,
    changes: &AddressChanges,
    rules: HostRules,
) -> Update<impl Fn(&Zone) -> Result<(ChangeSet, Changed), WishFault> + use<>> {
    let name = request.hostname.as_name().clone();
    let (host, text) = (name.clone(), request.txt.clone());
    let is_about_host = is_about_host(request, changes);
    let ttl: Option<Ttl> = request.ttl.map(Into::into);
    let (ttl, text_ttl) = if is_about_host {
        (ttl, None)
    } else {
        (None, ttl)
    };
    let addresses = HostWish {
        changes: changes.clone(),
        ttl,
    };
    let mut subjects = Vec::new();
    if is_about_host {
        subjects.push((name.clone(), addresses.types()));
    }
    if let Some(text) = &text {
        subjects.push((text.name.as_name().clone(), vec![RecordType::TXT]));
    }
    let wish = move |zone: &Zone| {
        let (mut planned, host) = host_wish(zone, &host, &addresses, rules)?;
        if is_about_host && host.before.is_empty() && host.after.is_empty() {
            return Err(WishFault::NoHost);
        }
        let text = text
            .as_ref()
            .map(|wish| text_change(zone, wish, (text_ttl, rules)))
            .transpose()?;
        let text = text.map(|(more, told)| {
            for (_, change) in more.iter() {
                planned.record(change.before.clone(), change.after.clone());
            }
            told
        });
        let told = Changed {
            host,
            is_about_host,
            text,
        };
        Ok((planned, told))
    };
    Update {
        name,
        subjects,
        wish,
    }
}

fn text_change(
    zone: &Zone,
    wish: &TxtWish,
    (ttl, rules): (Option<Ttl>, HostRules),
) -> Result<(ChangeSet, TextChange), WishFault> {
    let name: &Name = wish.name.as_name();
    let (now, _) = texts_at(zone, name);
    let then = match &wish.action {
        TxtAction::Set(value) => with_value(&now, value, MAX_TXT_VALUES)?,
        TxtAction::Delete(value) => without_value(&now, value.as_ref()),
    };
    Ok(text_wish(zone, name, &then, (ttl, rules.ttls))?)
}

fn report(request: UpdateRequest, done: Done<Changed>, state: &ServerState) -> UpdateReport {
    let Changed { host, text, .. } = done.told;
    let (ipv4, ipv6) = first_of_each(&host.after);
    let (previous_ipv4, previous_ipv6) = first_of_each(&host.before);
    let txt = request.txt.zip(text).map(|(wish, text)| TxtReport {
        hostname: wish.name,
        record_count: text.after,
        changed: text.changed,
    });
    UpdateReport {
        hostname: request.hostname,
        ipv4,
        ipv6,
        previous_ipv4,
        previous_ipv6,
        ttl: host.ttl.as_secs(),
        changed: host.before != host.after,
        propagation_estimate_seconds: None,
        txt,
        updated_at: moment(state.clock.now()),
    }
}

/// Documents have room for one address of each family.
pub(super) fn first_of_each(
    addresses: &Addresses,
) -> (Option<std::net::Ipv4Addr>, Option<std::net::Ipv6Addr>) {
    (
        addresses.ipv4.first().copied(),
        addresses.ipv6.first().copied(),
    )
}
