//! `GET /return`: the browser comes back from the DNS provider.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_client::{ReturnError, Returned};

use super::PageError;
use crate::context::Shared;
use crate::form::AddressQuery;
use crate::journey::{Ended, Journey, OUTCOME_LIFETIME, Outcome, Window};
use crate::paths;
use crate::seal::{Purpose, SealError};
use crate::spent::Spending;
use crate::visitor::Visitor;

/// Takes the state, once, and leads to a page of ours that can be loaded again.
pub(crate) async fn come_back(
    State(context): State<Shared>,
    visitor: Visitor,
    query: AddressQuery,
) -> Result<Response, PageError> {
    let now = context.now();
    let taken = context.limits.returns.take(visitor.address, now);
    taken.map_err(|wait| PageError::TooOften { wait })?;
    let state = query.fields.text("state");
    let place = (Purpose::Synchronous, &visitor.id);
    let sealed = context.seal.open::<Journey>(place, state, now);
    let sealed = sealed.map_err(|error| PageError::LostWay {
        why: match error {
            SealError::NotOurs => {
                "The link does not belong to a visit that began here, in this browser."
            }
            SealError::Expired => "The visit to your DNS provider took longer than an hour.",
        },
    })?;
    let returned = Returned::read(&query.raw, state).map_err(|error| PageError::LostWay {
        why: match error {
            ReturnError::OtherState | ReturnError::Contradiction { .. } => {
                "Your DNS provider said two different things about the visit."
            }
            ReturnError::TooLong => "Your DNS provider said more than anybody reads.",
        },
    })?;
    match context.spent.spend(&sealed.serial, sealed.until(), now) {
        Spending::First => {}
        Spending::Again => {
            return Err(PageError::LostWay {
                why: "You came back from this visit before.",
            });
        }
        Spending::Full => return Err(PageError::Busy),
    }
    let path = match sealed.value.window {
        Window::Same => paths::OUTCOME,
        Window::Popup => paths::DONE,
    };
    let outcome = Outcome {
        journey: sealed.value,
        ended: Ended::of(returned),
        at: now.as_micros() / 1_000_000,
    };
    let place = (Purpose::Outcome, &visitor.id);
    let when = (now, OUTCOME_LIFETIME);
    let sealing = context
        .seal
        .close(place, &outcome, when, context.random.as_ref());
    Ok(Redirect::to(&format!("{path}?t={sealing}")).into_response())
}
