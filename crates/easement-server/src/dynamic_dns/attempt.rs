//! A token and its wishes, once more when it changed meanwhile who may do what.

use std::net::IpAddr;

use easement_core::UpdateProtocol;
use easement_zone::{ChangeSet, Zone};

use crate::api_tokens::{Admitted, Carrier, Denied, Done, Update, UpdateError};
use crate::state::ServerState;

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
}

/// Carries out the wishes that `make` makes for a token that was admitted; gives their outcomes in order.
pub(crate) async fn carry_out<W, T, E>(
    state: &ServerState,
    (presented, mut admitted): (Presented<'_>, Admitted),
    protocol: UpdateProtocol,
    make: impl Fn(&Admitted) -> Vec<Update<W>>,
) -> Result<Vec<Result<Done<T>, UpdateError<E>>>, Denied>
where
    W: Fn(&Zone) -> Result<(ChangeSet, T), E>,
{
    let mut tries = 0;
    loop {
        let outcomes = state
            .updater
            .commit(&admitted, protocol, &make(&admitted))
            .await;
        tries += 1;
        let is_stale =
            |outcome: &Result<Done<T>, _>| matches!(outcome, Err(UpdateError::AccessChanged));
        if tries < MAX_TRIES && outcomes.iter().any(is_stale) {
            state.store.read_access_epoch().await?;
            admitted = presented.admit(state).await?;
            continue;
        }
        note_refusals(state, &admitted, &outcomes);
        return Ok(outcomes);
    }
}

/// Notes what the token was refused, once for all wishes of a request.
fn note_refusals<T, E>(
    state: &ServerState,
    admitted: &Admitted,
    outcomes: &[Result<Done<T>, UpdateError<E>>],
) {
    let refused = outcomes
        .iter()
        .find_map(|outcome| outcome.as_ref().err()?.refused());
    if let Some(refused) = refused {
        let token = admitted.chain.token().id;
        state.tokens.note_refusal(token, admitted.address, refused);
    }
}
