//! `/nic/update`

use std::sync::Arc;

use apertodns::Secret;
use apertodns::address::{AddressChanges, NotPublic};
use apertodns::dyndns2::{
    CallError, Credentials as Standing, HostWish as Wanted, Reply, ReplyLine, Target, UpdateCall,
};
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use easement_core::{TokenChain, TokenRefused, UpdateProtocol, UpdateRefused};
use easement_zone::{ChangeSet, Zone};
use http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::asker::Asker;
use super::credentials::Credentials;
use super::plain::plain;
use crate::api_tokens::{Carrier, Changes, Denied, Done, NoRights, Update, UpdateError};
use crate::dynamic_dns::{
    Counted, HostChange, HostRules, HostWish, Presented, carry_out, host_rules, host_wish,
};
use crate::http::{Fields, is_of_a_foreign_page};
use crate::state::{ServerState, Shared};

/// The most octets of a form: twenty hosts, each with addresses of its own, fit.
const MAX_FORM_OCTETS: usize = 16 * 1024;
const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"easement\", charset=\"UTF-8\"");

/// GET and POST. Whatever happens is said by a word with the status 200, but for a request without a token,
/// which is challenged: some clients send theirs only then.
pub(crate) async fn update(State(state): State<Shared>, request: Request) -> Response {
    let asker = Asker::of(&request, &state.settings.trusted_proxies);
    let (parts, body) = request.into_parts();
    if is_bad_agent(&parts.method, &parts.headers) {
        return render(&Reply::repeat(&ReplyLine::BadAgent, 1));
    }
    let Ok(form) = to_bytes(body, MAX_FORM_OCTETS).await else {
        return render(&Reply::repeat(&ReplyLine::NumHost, 1));
    };
    let query = parts.uri.query().unwrap_or_default();
    let call = Call::read(query, &parts.headers, &form);
    render(&answer(&state, call, asker).await)
}

/// Any other method that agents know (`ApertoDNS` 1.4.0 section 6.3). What else HTTP has is no call at all, such as
/// `TRACE`, which asks what lies in between.
pub(crate) async fn refuse_agent(method: Method) -> Response {
    let known = [
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    if !known.contains(&method) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, POST")]).into_response();
    }
    render(&Reply::repeat(&ReplyLine::BadAgent, 1))
}

/// The answer when there is none of a handler: a line for each host that the address names.
pub(crate) fn no_answer(query: Option<&str>, headers: &HeaderMap) -> Response {
    let call = Call::read(query.unwrap_or_default(), headers, &[]);
    let hosts = call.update.map_or(1, |update| update.targets.len());
    render(&Reply::repeat(&ReplyLine::ServerError, hosts))
}

/// Who is not let in: a method that only looks, where every call changes something, and a page of somebody else in
/// a browser. Who does not say what it is comes in: simple devices do not, and it would prove nothing.
fn is_bad_agent(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::HEAD || is_of_a_foreign_page(headers)
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

async fn answer(state: &ServerState, call: Call, asker: Asker) -> Reply {
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
        address: asker.address,
    };
    let admitted = match presented.admit(state).await {
        Ok(admitted) => admitted,
        Err(denied) => return Reply::repeat(&denied_line(&denied), hosts),
    };
    let targets = &update.targets;
    let (chain, rules) = (Arc::clone(&admitted.chain), host_rules(&admitted.chain));
    let wishes: Vec<(&Wanted, AddressChanges)> = targets
        .iter()
        .filter_map(|target| target.wish.as_ref().ok())
        .filter_map(|wish| Some((wish, wish.changes(asker.source, rules.documentation).ok()?)))
        .collect();
    let changes = Changes {
        hosts: u32::try_from(wishes.len()).unwrap_or(u32::MAX),
        texts: 0,
    };
    let counted = match Counted::new(state, admitted, changes) {
        Ok(counted) => counted,
        Err(denied) => return Reply::repeat(&denied_line(&denied), hosts),
    };
    let make = |_: &_| {
        let wishes = wishes.iter();
        wishes
            .map(|(wish, changes)| to_update(wish, changes.clone(), rules))
            .collect()
    };
    let work = (presented, counted);
    let outcomes = carry_out(state, work, UpdateProtocol::Dyndns2, make);
    let mut outcomes = outcomes.await.into_iter();
    let lines = targets.iter().map(|target| {
        let wish = match &target.wish {
            Ok(wish) => wish,
            Err(fault) => return fault.reply_line(),
        };
        match wish.changes(asker.source, rules.documentation) {
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
    match error {
        UpdateError::NoRights(NoRights::Refused(refused))
        | UpdateError::Refused(UpdateRefused::Token(refused)) => refused_line(refused),
        UpdateError::NoRights(NoRights::NoZone { .. }) => ReplyLine::NoHost,
        UpdateError::Wish(_) | UpdateError::Refused(_) | UpdateError::Commit(_) => {
            ReplyLine::DnsError
        }
        UpdateError::NoRights(NoRights::Store(_))
        | UpdateError::Overtaken
        | UpdateError::AccessChanged
        | UpdateError::Store(_) => ReplyLine::ServerError,
    }
}

/// Clients take `nohost` for the end of a host, so it is not said about a value: the next one may do.
fn refused_line(refused: &TokenRefused) -> ReplyLine {
    match refused {
        TokenRefused::Value { .. }
        | TokenRefused::Ttl { .. }
        | TokenRefused::RecordCount { .. }
        | TokenRefused::TooManyToCount => ReplyLine::DnsError,
        TokenRefused::Revoked
        | TokenRefused::Expired { .. }
        | TokenRefused::Idle { .. }
        | TokenRefused::Network { .. }
        | TokenRefused::InUrl => ReplyLine::BadAuth(Standing::Wrong),
        TokenRefused::ZoneNotForTesting { .. }
        | TokenRefused::Account(_)
        | TokenRefused::Name { .. }
        | TokenRefused::Type { .. }
        | TokenRefused::Operation { .. }
        | TokenRefused::Webhooks
        | TokenRefused::Scope { .. } => ReplyLine::NoHost,
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
