//! `GET /return/lasting`: the browser comes back with a code, or without permission.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use easement_client::{AuthorizationCode, ConsentError};

use super::PageError;
use crate::context::Shared;
use crate::form::AddressQuery;
use crate::journey::explain;
use crate::paths;
use crate::permissions::{Asked, Held};
use crate::places::Place;
use crate::visitor::Visitor;

/// How many random octets the id of a permission has.
const ID_OCTETS: usize = 18;

/// Takes the state, once, makes tokens of the code, and leads to the page of the permission.
pub(crate) async fn come_back_with_code(
    State(context): State<Shared>,
    visitor: Visitor,
    query: AddressQuery,
) -> Result<Response, PageError> {
    let now = context.now();
    let taken = context.limits.returns.take(visitor.address, now);
    taken.map_err(|wait| PageError::TooOften { wait })?;
    let state = query.fields.text("state");
    if let Some(id) = context.permissions.came_of(state, &visitor.id, now) {
        return Ok(to_permission(&id));
    }
    // What is needed comes before what counts once, so that the link still counts when something is missing.
    let place = context.places.permissions.take(visitor.address);
    let place = place.ok_or(PageError::Busy)?;
    if !context.permissions.has_room(&visitor.id, now) {
        return Err(PageError::TooManyPermissions);
    }
    let asked = context.permissions.take(state, &visitor.id, now);
    let asked = asked.ok_or(PageError::LostWay {
        why: "The link does not belong to a visit that began here, in this browser, within an hour; or you came back \
              from it before.",
    })?;
    let code = match asked.consent.read_return(&query.raw) {
        Ok(code) => code,
        Err(error) => return Err(refused(asked.provider, &error)),
    };
    // A code counts once: what comes of it is kept, whether the browser waits for it or not.
    let arriving = tokio::spawn(arrive(context, asked, code, place));
    let id = arriving.await.map_err(|_| PageError::Broken)??;
    Ok(to_permission(&id))
}

fn to_permission(id: &str) -> Response {
    Redirect::to(&format!("{}?g={id}", paths::MANAGED)).into_response()
}

/// Makes tokens of a code and keeps them, or gives them back when that cannot be.
async fn arrive(
    context: Shared,
    asked: Asked,
    code: AuthorizationCode,
    _place: Place,
) -> Result<String, PageError> {
    let Asked {
        visitor,
        consent,
        credentials,
        provider,
        message,
    } = asked;
    let state = consent.state().to_owned();
    let exchanged = context.outside.exchange(consent, code, &credentials).await;
    let tokens = exchanged.map_err(|trouble| PageError::NoPermission {
        provider: provider.clone(),
        words: trouble.to_string(),
        code: String::new(),
    })?;
    let id = BASE64_URL_SAFE_NO_PAD.encode(context.random.octets(ID_OCTETS));
    let held = Held {
        tokens,
        provider,
        messages: std::collections::HashMap::new(),
        message,
        last: None,
    };
    let kept = context
        .permissions
        .keep((&id, &state), (visitor, held), context.now());
    let Err(held) = kept else {
        return Ok(id);
    };
    let revoked = context.outside.revoke(&held.tokens, &credentials).await;
    Err(PageError::NoPermission {
        provider: held.provider,
        words: match revoked {
            Ok(()) => "We cannot keep one permission more, and gave it back.".to_owned(),
            Err(trouble) => format!(
                "We cannot keep one permission more, and it could not be given back: take it back at your DNS \
                 provider. {trouble}"
            ),
        },
        code: String::new(),
    })
}

fn refused(provider: String, error: &ConsentError) -> PageError {
    let ConsentError::Refused { error, description } = error else {
        return PageError::NoPermission {
            provider,
            words: error.to_string(),
            code: String::new(),
        };
    };
    let description = description.as_deref().unwrap_or_default();
    if error == "access_denied" && description.starts_with("user_cancel") {
        return PageError::NoPermission {
            provider,
            words: "You cancelled, and nothing was changed. That is fine with us.".to_owned(),
            code: String::new(),
        };
    }
    PageError::NoPermission {
        provider,
        words: format!("{} Nothing was changed.", explain(error)),
        code: format!("{error} {description}").trim_end().to_owned(),
    }
}
