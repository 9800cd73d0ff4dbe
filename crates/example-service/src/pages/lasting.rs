//! `GET /return/lasting`: the browser comes back with a code, or without permission.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use easement_client::ConsentError;

use super::PageError;
use crate::context::Shared;
use crate::form::AddressQuery;
use crate::journey::explain;
use crate::paths;
use crate::permissions::Held;
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
    let asked = context
        .permissions
        .take(query.fields.text("state"), &visitor.id, now);
    let asked = asked.ok_or(PageError::LostWay {
        why: "The link does not belong to a visit that began here, in this browser, within an hour; or you came back \
              from it before.",
    })?;
    let code = match asked.consent.read_return(&query.raw) {
        Ok(code) => code,
        Err(error) => return Err(refused(asked.provider, &error)),
    };
    let exchanged = {
        let _place = context.places.try_acquire().map_err(|_| PageError::Busy)?;
        let outside = &context.outside;
        outside
            .exchange(asked.consent, code, &asked.credentials)
            .await
    };
    let tokens = exchanged.map_err(|trouble| PageError::NoPermission {
        provider: asked.provider.clone(),
        words: trouble.to_string(),
        code: String::new(),
    })?;
    let id = BASE64_URL_SAFE_NO_PAD.encode(context.random.octets(ID_OCTETS));
    let held = Held {
        tokens,
        provider: asked.provider,
        message: asked.message,
        last: None,
    };
    if !context
        .permissions
        .keep(&id, (visitor.id, held), context.now())
    {
        return Err(PageError::Busy);
    }
    Ok(Redirect::to(&format!("{}?g={id}", paths::MANAGED)).into_response())
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
