//! `/nic/update`

use std::net::IpAddr;
use std::sync::Arc;

use apertodns::Secret;
use apertodns::address::{AddressChanges, NotPublic};
use apertodns::dyndns2::{
    CallError, Credentials as Standing, HostWish as Wanted, Reply, ReplyLine, Target, UpdateCall,
};
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use easement_core::{TokenChain, UpdateProtocol};
use easement_zone::{ChangeSet, Zone};
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::credentials::Credentials;
use super::plain::{plain, refuse_a_look};
use crate::api_tokens::{Carrier, Denied, Done, NoRights, Update, UpdateError};
use crate::dynamic_dns::{
    HostChange, HostRules, HostWish, Presented, carry_out, host_rules, host_wish,
};
use crate::http::is_of_a_foreign_page;
use crate::http::{Fields, address_of};
use crate::state::{ServerState, Shared};

/// The most octets of a form: twenty hosts, each with addresses of its own, fit.
const MAX_FORM_OCTETS: usize = 16 * 1024;
const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"easement\", charset=\"UTF-8\"");

/// GET and POST. Whatever happens is said by a word with the status 200, but for a request without a token,
/// which is challenged: some clients send theirs only then.
pub(crate) async fn update(State(state): State<Shared>, request: Request) -> Response {
    let address = address_of(&request, &state.settings.trusted_proxies);
    let (parts, body) = request.into_parts();
    if let Some(refusal) = refuse_a_look(&parts.method) {
        return refusal;
    }
    if is_of_a_foreign_page(&parts.headers) {
        return render(&Reply::repeat(&ReplyLine::BadAgent, 1));
    }
    let Ok(form) = to_bytes(body, MAX_FORM_OCTETS).await else {
        return render(&Reply::repeat(&ReplyLine::NumHost, 1));
    };
    let query = parts.uri.query().unwrap_or_default();
    let call = Call::read(query, &parts.headers, &form);
    render(&answer(&state, call, address).await)
}

/// A call, and where its token stands.
struct Call {
    update: Result<UpdateCall, Reply>,
    token: Option<(Secret, Carrier)>,
}

impl Call {
    fn read(query: &str, headers: &HeaderMap, form: &[u8]) -> Self {
        let credentials = Credentials::of(headers);
        let of_query = Fields::parse(query.as_bytes());
        let of_form = Fields::parse(if is_form(headers) { form } else { &[] });
        let user = credentials.as_ref().and_then(|one| one.user.as_deref());
        let update = UpdateCall::parse(of_query.iter().chain(of_form.iter()), user);
        // The first counts, so one in the URL goes before one in the form.
        let in_query = password(&of_query).map(|text| (Secret::new(text), Carrier::Url));
        let in_form = password(&of_form).map(|text| (Secret::new(text), Carrier::Hidden));
        let of_parameter = in_query.or(in_form);
        let of_header = credentials.map(|one| (one.password, Carrier::Hidden));
        Self {
            update: update.map_err(CallError::reply),
            token: of_header.or(of_parameter),
        }
    }
}

/// Names of parameters are read in any case.
fn password(fields: &Fields) -> Option<&str> {
    let mut fields = fields.iter();
    fields.find_map(|(name, value)| name.eq_ignore_ascii_case("password").then_some(value))
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

async fn answer(state: &ServerState, call: Call, address: IpAddr) -> Reply {
    let hosts = call.update.as_ref().map_or(1, |call| call.targets.len());
    let Some((token, carrier)) = call.token else {
        return Reply::repeat(&ReplyLine::BadAuth(Standing::Missing), hosts);
    };
    let update = match call.update {
        Ok(update) => update,
        Err(reply) => return reply,
    };
    let presented = Presented {
        text: token.reveal(),
        carrier,
        address,
    };
    let admitted = match presented.admit(state).await {
        Ok(admitted) => admitted,
        Err(denied) => return Reply::repeat(&denied_line(&denied), hosts),
    };
    let targets = &update.targets;
    let (chain, rules) = (Arc::clone(&admitted.chain), host_rules(&admitted.chain));
    let outcomes = carry_out(
        state,
        (presented, admitted),
        UpdateProtocol::Dyndns2,
        |_| {
            let wishes = targets
                .iter()
                .filter_map(|target| target.wish.as_ref().ok());
            wishes
                .filter_map(|wish| Some((wish, wish.changes(address, rules.documentation).ok()?)))
                .map(|(wish, changes)| to_update(wish, changes, rules))
                .collect()
        },
    );
    let mut outcomes = outcomes.await.into_iter();
    let lines = targets.iter().map(|target| {
        let wish = match &target.wish {
            Ok(wish) => wish,
            Err(fault) => return fault.reply_line(),
        };
        match wish.changes(address, rules.documentation) {
            Ok(_) => line(target, &chain, outcomes.next()),
            Err(fault) => fault.reply_line(),
        }
    });
    Reply::new(lines.collect())
}

fn to_update(
    wanted: &Wanted,
    changes: AddressChanges,
    rules: HostRules,
) -> Update<impl Fn(&Zone) -> Result<(ChangeSet, HostChange), NotPublic>> {
    let name = wanted.hostname.as_name().clone();
    let host = name.clone();
    let wish = HostWish { changes, ttl: None };
    Update {
        subjects: vec![(name.clone(), wish.types())],
        name,
        wish: move |zone: &Zone| host_wish(zone, &host, &wish, rules),
    }
}

type Outcome = Result<Done<HostChange>, UpdateError<NotPublic>>;

/// What is said about one host.
fn line(target: &Target, chain: &TokenChain, outcome: Option<Outcome>) -> ReplyLine {
    match outcome {
        Some(Ok(done)) => {
            let addresses = done.told.seen_with(chain).after;
            if done.changed {
                ReplyLine::Good(addresses)
            } else {
                ReplyLine::NoChange(addresses)
            }
        }
        Some(Err(error)) => {
            tracing::info!(host = %target.written, %error, "an update was refused");
            error_line(&error)
        }
        None => ReplyLine::ServerError,
    }
}

fn error_line(error: &UpdateError<NotPublic>) -> ReplyLine {
    use easement_core::UpdateRefused;
    match error {
        UpdateError::NoRights(NoRights::NoZone { .. } | NoRights::Refused(_))
        | UpdateError::Refused(UpdateRefused::Token(_)) => ReplyLine::NoHost,
        UpdateError::Wish(_) | UpdateError::Refused(_) | UpdateError::Commit(_) => {
            ReplyLine::DnsError
        }
        UpdateError::NoRights(NoRights::Store(_))
        | UpdateError::Overtaken
        | UpdateError::AccessChanged
        | UpdateError::Store(_) => ReplyLine::ServerError,
    }
}

fn denied_line(denied: &Denied) -> ReplyLine {
    match denied {
        Denied::Unknown | Denied::Refused(_) => ReplyLine::BadAuth(Standing::Wrong),
        Denied::RateSpent { .. } | Denied::TooManyFailures { .. } => ReplyLine::Abuse,
        Denied::Busy | Denied::Failed | Denied::Store(_) => ReplyLine::ServerError,
    }
}

fn render(reply: &Reply) -> Response {
    let status = StatusCode::from_u16(reply.http_status()).unwrap_or(StatusCode::OK);
    let mut response = plain(status, reply.to_string());
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, CHALLENGE);
    }
    response
}
