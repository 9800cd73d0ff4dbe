//! A token and its wishes, once more when it changed meanwhile who may do what.

use std::net::IpAddr;

use easement_core::{HostUpdate, UpdateProtocol};
use easement_store::NotedUpdate;
use easement_zone::{ChangeSet, Zone};

use crate::api_tokens::{Admitted, Carrier, Changes, Denied, Done, Update, UpdateError};
use crate::state::ServerState;

use super::{HostChange, TextChange};

/// How often a token is looked at again before its holder is told to come back.
const MAX_TRIES: u32 = 3;

/// A token as a request carries it.
#[derive(Clone, Copy)]
pub(crate) struct Presented<'a> {
    pub(crate) text: &'a str,
    pub(crate) carrier: Carrier,
    pub(crate) address: IpAddr,
}

impl Presented<'_> {
    /// The token, when it counts.
    pub(crate) async fn admit(self, state: &ServerState) -> Result<Admitted, Denied> {
        state
            .tokens
            .admit(self.text, self.carrier, self.address)
            .await
    }

    /// The same token, as it is now that rights changed.
    async fn look_again(self, state: &ServerState) -> Result<Admitted, Denied> {
        state.store.read_access_epoch().await?;
        let Self {
            text,
            carrier,
            address,
        } = self;
        state.tokens.look_again(text, carrier, address).await
    }
}

/// A token that was admitted, and what it is about to change counted: nothing is changed without.
pub(crate) struct Counted(Admitted);

impl Counted {
    /// Counts the changes.
    pub(crate) fn new(
        state: &ServerState,
        mut admitted: Admitted,
        changes: Changes,
    ) -> Result<Self, Denied> {
        state.tokens.count(&mut admitted, changes)?;
        Ok(Self(admitted))
    }

    /// The token.
    pub(crate) fn admitted(&self) -> &Admitted {
        &self.0
    }
}

/// Carries out the wishes that `make` makes for a token that was admitted; gives their outcomes in order.
/// Those that only the change of somebody's rights stood in the way of are tried again.
pub(crate) async fn carry_out<W, T, E>(
    state: &ServerState,
    (presented, Counted(mut admitted)): (Presented<'_>, Counted),
    protocol: UpdateProtocol,
    make: impl Fn(&Admitted) -> Vec<Update<W>>,
) -> Vec<Outcome<T, E>>
where
    W: Fn(&Zone) -> Result<(ChangeSet, T), E>,
    T: AboutHost,
{
    let updates = make(&admitted);
    let mut outcomes = state.updater.commit(&admitted, protocol, &updates).await;
    for _ in 1..MAX_TRIES {
        if !outcomes.iter().any(is_stale) {
            break;
        }
        // What cannot be asked again stays as it is: its holder is told to come back.
        let Ok(again) = presented.look_again(state).await else {
            break;
        };
        admitted = again;
        let pending = make(&admitted).into_iter().zip(&outcomes);
        let pending = pending.filter(|(_, outcome)| is_stale(outcome));
        let pending: Vec<Update<W>> = pending.map(|(update, _)| update).collect();
        let new = state.updater.commit(&admitted, protocol, &pending).await;
        let retried = outcomes.iter_mut().filter(|outcome| is_stale(outcome));
        for (outcome, new) in retried.zip(new) {
            *outcome = new;
        }
    }
    note_refusals(state, &admitted, &outcomes);
    note_hosts(state, &admitted, protocol, &updates, &outcomes);
    tell_of_failures(state, &admitted, &updates, &outcomes).await;
    outcomes
}

/// What a wish tells, when it is about the addresses of a host.
pub(crate) trait AboutHost {
    /// The addresses; nothing, when it is about something else.
    fn host(&self) -> Option<&HostChange>;
}

impl AboutHost for HostChange {
    fn host(&self) -> Option<&HostChange> {
        Some(self)
    }
}

impl AboutHost for TextChange {
    fn host(&self) -> Option<&HostChange> {
        None
    }
}

/// Notes what was done with hosts, for the people who look after them.
fn note_hosts<W, T: AboutHost, E>(
    state: &ServerState,
    admitted: &Admitted,
    protocol: UpdateProtocol,
    updates: &[Update<W>],
    outcomes: &[Outcome<T, E>],
) {
    let at = state.clock.now();
    let noted = updates
        .iter()
        .zip(outcomes)
        .filter_map(|(update, outcome)| {
            let done = outcome.as_ref().ok()?;
            let addresses: Vec<IpAddr> = done.told.host()?.after.iter().collect();
            // A name without addresses that stays so is no host: any name could be made up.
            if addresses.is_empty() && !done.changed {
                return None;
            }
            Some(NotedUpdate {
                zone: done.zone,
                host: update.name.clone(),
                update: HostUpdate {
                    at,
                    addresses,
                    from: Some(admitted.address),
                    token: admitted.chain.token().name.clone(),
                    protocol,
                    changed: done.changed,
                },
            })
        });
    state.host_notes.note(noted);
}

/// What became of one wish.
type Outcome<T, E> = Result<Done<T>, UpdateError<E>>;

fn is_stale<T, E>(outcome: &Outcome<T, E>) -> bool {
    matches!(outcome, Err(UpdateError::AccessChanged))
}

/// Tells the webhooks of the token's account which of its hosts were not updated, and why.
async fn tell_of_failures<W, T, E>(
    state: &ServerState,
    admitted: &Admitted,
    updates: &[Update<W>],
    outcomes: &[Outcome<T, E>],
) {
    let account = admitted.chain.token().account;
    for (update, outcome) in updates.iter().zip(outcomes) {
        if let Err(error) = outcome
            && let Some(reason) = error.reason_to_tell()
        {
            let failed = &state.webhooks.failed_updates;
            failed.tell(state, account, &update.name, reason).await;
        }
    }
}

/// Notes what the token was refused, once for all wishes of a request.
fn note_refusals<T, E>(state: &ServerState, admitted: &Admitted, outcomes: &[Outcome<T, E>]) {
    let refused = outcomes
        .iter()
        .find_map(|outcome| outcome.as_ref().err()?.refused());
    if let Some(refused) = refused {
        let token = admitted.chain.token().id;
        state.tokens.note_refusal(token, admitted.address, refused);
    }
}
