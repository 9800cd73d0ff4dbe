//! `GET /info`

use apertodns::v1::{Info, ProviderInfo, RateLimitInfo};
use axum::extract::{Request, State};
use axum::response::Response;
use easement_core::RateRule;

use super::call::{Call, Told, moment};
use crate::pages::views::paths;
use crate::state::Shared;

/// What this server can do. Everybody may know.
pub(crate) async fn show_info(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    let mut info = Info::new(ProviderInfo {
        name: state.settings.provider_name.clone(),
        website: state.settings.public_url.to_string(),
        documentation: Some(format!(
            "{}{}",
            state.settings.public_url.origin(),
            paths::API_REFERENCE
        )),
        ..ProviderInfo::default()
    });
    info.capabilities.webhooks = state.webhooks.per_account() > 0;
    let settings = &state.settings.dynamic_dns;
    info.rate_limits.insert("txt", told(settings.text_rate));
    if let Some(rule) = settings.address_rate {
        info.rate_limits.insert("update", told(rule));
    }
    info.server_time = Some(moment(state.clock.now()));
    call.answer(Ok(Told::public(info)))
}

/// A rate that tokens have without one of their own.
fn told(rule: RateRule) -> RateLimitInfo {
    RateLimitInfo {
        requests: rule.times,
        window_seconds: rule.seconds,
    }
}
