//! `/nic/update`

use std::net::IpAddr;

use apertodns::Secret;
use apertodns::address::{AddressChanges, DocumentationRanges, NotPublic};
use apertodns::dyndns2::{
    CallError, Credentials as Standing, HostWish, Reply, ReplyLine, Target, UpdateCall,
};
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use easement_core::UpdateProtocol;
use easement_zone::{ChangeSet, Zone};
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::credentials::Credentials;
use crate::api_tokens::{Carrier, Denied, Done, NoRights, Update, UpdateError};
use crate::dynamic_dns::{HostChange, Presented, carry_out, documentation_ranges, host_wish};
use crate::http::{Fields, address_of};
use crate::state::{ServerState, Shared};

/// The most octets of a form: twenty hosts, each with addresses of its own, fit.
const MAX_FORM_OCTETS: usize = 16 * 1024;
const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"easement\", charset=\"UTF-8\"");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// GET and POST. Whatever happens is said by a word with the status 200, but for a request without a token,
/// which is challenged: some clients send theirs only then.
pub(crate) async fn update(State(state): State<Shared>, request: Request) -> Response {
    let address = address_of(&request, &state.settings.trusted_proxies);
    let (parts, body) = request.into_parts();
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
        let carrier = match of_query.get("password") {
            Some(_) => Carrier::Url,
            None => Carrier::Hidden,
        };
        let of_parameter = match &update {
            Ok(call) => call.password.clone().map(|password| (password, carrier)),
            Err(_) => None,
        };
        let of_header = credentials.map(|one| (one.password, Carrier::Hidden));
        Self {
            update: update.map_err(CallError::reply),
            token: of_header.or(of_parameter),
        }
    }
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
    let documentation = documentation_ranges(&admitted.chain);
    let work = (presented, admitted);
    let outcome = carry_out(state, work, UpdateProtocol::Dyndns2, |_| {
        let wishes = targets
            .iter()
            .filter_map(|target| target.wish.as_ref().ok());
        wishes
            .filter_map(|wish| Some((wish, wish.changes(address, documentation).ok()?)))
            .map(|(wish, changes)| to_update(wish, changes, documentation))
            .collect()
    })
    .await;
    match outcome {
        Err(denied) => Reply::repeat(&denied_line(&denied), hosts),
        Ok(outcomes) => {
            let mut outcomes = outcomes.into_iter();
            let line = |target: &Target| line(target, address, documentation, &mut outcomes);
            Reply::new(targets.iter().map(line).collect())
        }
    }
}

fn to_update(
    wish: &HostWish,
    changes: AddressChanges,
    documentation: DocumentationRanges,
) -> Update<impl Fn(&Zone) -> Result<(ChangeSet, HostChange), NotPublic>> {
    let name = wish.hostname.as_name().clone();
    let host = name.clone();
    Update {
        name,
        wish: move |zone: &Zone| host_wish(zone, &host, &changes, None, documentation),
    }
}

type Outcome = Result<Done<HostChange>, UpdateError<NotPublic>>;

/// What is said about one host: its fault, or the next outcome.
fn line(
    target: &Target,
    address: IpAddr,
    documentation: DocumentationRanges,
    outcomes: &mut impl Iterator<Item = Outcome>,
) -> ReplyLine {
    let wish = match &target.wish {
        Ok(wish) => wish,
        Err(fault) => return fault.reply_line(),
    };
    if let Err(fault) = wish.changes(address, documentation) {
        return fault.reply_line();
    }
    match outcomes.next() {
        Some(Ok(Done {
            changed: true,
            told,
        })) => ReplyLine::Good(told.after),
        Some(Ok(Done {
            changed: false,
            told,
        })) => ReplyLine::NoChange(told.after),
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
    let mut response = (status, reply.to_string()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, PLAIN);
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, CHALLENGE);
    }
    response
}
