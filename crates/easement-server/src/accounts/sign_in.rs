//! Trying an address and a password.

use std::time::Duration;

use easement_core::{
    Account, Actor, AuditEvent, Password, PasswordHash, ThrottlePolicy, throttled_address,
};
use easement_store::{StoreError, ThrottleKey};

use super::{HashError, Turn};
use crate::http::Visitor;
use crate::state::ServerState;

/// What came of a try.
#[derive(Debug)]
pub(crate) enum SignIn {
    /// It is them, with the password that has this hash.
    Welcome(Account, PasswordHash),
    /// Address and password do not belong together, or there is no such account: nobody is told
    /// which.
    Wrong,
    /// There were too many tries.
    Wait(Duration),
}

/// Tries a password, throttled by the account that is tried and by the network it is tried from.
///
/// An unknown account costs the same time and counts the same failures as a known one.
pub(crate) async fn try_password(
    state: &ServerState,
    visitor: &Visitor,
    turn: &Turn<'_>,
    password: Password,
) -> Result<SignIn, SignInError> {
    let outcome = try_uncounted(state, visitor, turn, password).await;
    let tries = &state.metrics.sign_ins;
    match &outcome {
        Ok(SignIn::Welcome(..)) => &tries.right,
        Ok(SignIn::Wrong) => &tries.wrong,
        Ok(SignIn::Wait(_)) => &tries.throttled,
        Err(_) => &tries.failed,
    }
    .add_one();
    outcome
}

async fn try_uncounted(
    state: &ServerState,
    visitor: &Visitor,
    turn: &Turn<'_>,
    password: Password,
) -> Result<SignIn, SignInError> {
    let email = turn.account();
    let keys = [
        (ThrottleKey::Account(email.clone()), ThrottlePolicy::ACCOUNT),
        (
            ThrottleKey::Address(throttled_address(visitor.address)),
            ThrottlePolicy::ADDRESS,
        ),
    ];
    if let Some(wait) = longest_wait(state, &keys).await? {
        return Ok(SignIn::Wait(wait));
    }
    let stored = state.store.account_by_email(email).await?;
    let hash = stored.as_ref().and_then(|stored| stored.password.clone());
    let known = stored.as_ref().map(|stored| stored.account.email.clone());
    let is_right = state.passwords.verify(password, hash.clone()).await?;
    let address = Some(visitor.address);
    let (Some(stored), Some(hash), true) = (stored, hash, is_right) else {
        for (key, policy) in &keys {
            state.store.note_failure(key, policy).await?;
        }
        let event = AuditEvent::SignInFailed { email: known };
        state.store.append_audit(None, address, &event).await?;
        tracing::info!(client.address = %visitor.address, "sign-in failed");
        return Ok(SignIn::Wrong);
    };
    let account = stored.account;
    let [(account_key, _), _] = &keys;
    state.store.clear_attempts(account_key).await?;
    let email = account.email.clone();
    let event = AuditEvent::SignedIn { email };
    let actor = Some(Actor::Account(account.id));
    state.store.append_audit(actor, address, &event).await?;
    tracing::info!(account.id = account.id.number(), "signed in");
    Ok(SignIn::Welcome(account, hash))
}

async fn longest_wait(
    state: &ServerState,
    keys: &[(ThrottleKey, ThrottlePolicy)],
) -> Result<Option<Duration>, StoreError> {
    let now = state.clock.now();
    let mut longest = None;
    for (key, policy) in keys {
        let attempts = state.store.attempts(key).await?;
        longest = longest.max(policy.wait(attempts, now));
    }
    Ok(longest)
}

/// Why a password could not be tried.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    /// It could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
