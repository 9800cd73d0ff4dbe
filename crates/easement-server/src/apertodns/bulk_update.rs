//! `POST /bulk-update`

use std::sync::Arc;

use apertodns::v1::{
    ApiError, BulkReport, BulkResult, BulkUpdateRequest, ErrorCode, UpdateRequest,
};
use axum::extract::{Request, State};
use axum::response::Response;
use easement_core::UpdateProtocol;

use super::call::{Call, Told, rules};
use super::failed::Failed;
use super::update::{Changed, changes_of, first_of_each, text_in_zone, to_update};
use crate::api_tokens::{Changes, Done};
use crate::dynamic_dns::{Counted, carry_out, host_rules};
use crate::state::{ServerState, Shared};

/// Sets the addresses of up to a hundred hosts: one change for each zone, and a result for each host.
pub(crate) async fn bulk_update(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = run(&state, &call).await;
    call.answer(outcome)
}

async fn run(state: &ServerState, call: &Call) -> Result<Told<BulkReport>, Failed> {
    let admitted = call.admit(state).await?;
    let request = BulkUpdateRequest::parse(call.body()?, &rules(&admitted))?;
    let (chain, rules) = (Arc::clone(&admitted.chain), host_rules(&admitted.chain));
    let items: Vec<Result<_, (String, Box<ApiError>)>> = request
        .items
        .into_iter()
        .map(|item| {
            let item =
                item.map_err(|bad| (bad.hostname.clone(), Box::new(bad.into_error().into())))?;
            if let Err(failed) = text_in_zone(state, &item) {
                return Err((item.hostname.to_string(), failed.error));
            }
            match item.changes(call.source, rules.documentation) {
                Ok(changes) => Ok((item, changes)),
                Err(error) => Err((item.hostname.to_string(), Box::new(error.into()))),
            }
        })
        .collect();
    let good = items.iter().flatten();
    let counted = good.fold(Changes::default(), |all, (item, changes)| {
        let one = changes_of(item, changes);
        Changes {
            hosts: all.hosts.saturating_add(one.hosts),
            texts: all.texts.saturating_add(one.texts),
        }
    });
    let counted = Counted::new(state, admitted, counted)?;
    let told = Told::new((), counted.admitted());
    let work = (call.presented()?, counted);
    let make = |_: &_| {
        let good = items.iter().flatten();
        good.map(|(item, changes)| to_update(item, changes, rules))
            .collect()
    };
    let outcomes = carry_out(state, work, UpdateProtocol::Apertodns, make).await;
    let mut outcomes = outcomes.into_iter();
    let results = items.into_iter().map(|item| match item {
        Err((hostname, error)) => BulkResult::Failed {
            hostname,
            error: *error,
        },
        Ok((item, _)) => result(
            item,
            outcomes.next().map(|outcome| {
                let mut done = outcome.map_err(Failed::from)?;
                done.told.host = done.told.host.seen_with(&chain);
                Ok(done)
            }),
        ),
    });
    let report = BulkReport::new(results.collect());
    Ok(Told {
        status: report.http_status(),
        ..told.with(report)
    })
}

fn result(item: UpdateRequest, outcome: Option<Result<Done<Changed>, Failed>>) -> BulkResult {
    match outcome {
        Some(Ok(done)) => {
            let host = done.told.host;
            let (ipv4, ipv6) = first_of_each(&host.after);
            BulkResult::Updated {
                hostname: item.hostname,
                ipv4,
                ipv6,
                changed: host.before != host.after,
            }
        }
        Some(Err(failed)) => BulkResult::Failed {
            hostname: item.hostname.to_string(),
            error: *failed.error,
        },
        None => BulkResult::Failed {
            hostname: item.hostname.to_string(),
            error: ApiError::new(ErrorCode::ServerError),
        },
    }
}
