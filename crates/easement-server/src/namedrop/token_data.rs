//! `GET {base}/token-data` (NameDrop 0.2.0): what a token is for.

use aws_lc_rs::digest;
use axum::Json;
use axum::extract::{Request, State};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use easement_core::{Account, GrantApp};
use namedrop::TokenData;

use super::RecordsError;
use super::caller::Incoming;
use crate::state::Shared;

/// Tells an app what it was given, by the token in the header.
pub(crate) async fn show_token_data(
    State(state): State<Shared>,
    request: Request,
) -> Result<Json<TokenData>, RecordsError> {
    let incoming = Incoming::read(&state, request).await?;
    let caller = incoming.admit(&state, None).await?;
    let (app, permissions) = caller.names()?;
    let account = caller.bearer.admitted.grant().account;
    let account = state.store.account(account).await?;
    let account = account.ok_or(RecordsError::NoZone)?.account;
    Ok(Json(TokenData::new(owner_for(app, &account), permissions)))
}

/// What an app knows an account by: the same for all of its tokens, and something else for every other app.
///
/// There is no key in it, so whoever has one can try accounts out. Their numbers are easy to guess; the moment at which
/// an account was made is not. It is kept to the microsecond, apps are told nothing of it, and the pages and exports of
/// the account itself show whole seconds. Trying all moments of a year takes a fast machine about an hour for each
/// account: that is worth little, because all that comes out is the number of a row and whether two apps know the same
/// person. Nothing is opened by knowing an owner.
fn owner_for(app: &GrantApp, account: &Account) -> String {
    let made = account.created_at.as_micros();
    let text = format!(
        "token-data {} {made} {}",
        account.id.number(),
        app.origin().ascii()
    );
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(digest.as_ref())
}

#[cfg(test)]
mod tests {
    use easement_core::{AccountId, Standing, Timestamp};

    use super::*;

    #[test]
    fn an_owner_is_another_one_to_each_app() {
        let account = |id, made| Account {
            id: AccountId::new(id),
            email: "owner@example.test".parse().unwrap(),
            standing: Standing::Member,
            created_at: Timestamp::from_micros(made),
        };
        let owner = |app: &str, id, made| {
            let app = app.to_owned().try_into().unwrap();
            owner_for(&app, &account(id, made))
        };
        let one = owner("https://app.example/done", 7, 1);
        assert_eq!(owner("https://app.example/other", 7, 1), one);
        for other in [
            owner("https://other.example/", 7, 1),
            owner("https://app.example:8443/", 7, 1),
            owner("https://app.example/done", 8, 1),
            owner("https://app.example/done", 7, 2),
        ] {
            assert_ne!(other, one);
        }
    }
}
