//! `ApertoDNS`.

use ::apertodns::described::{answer_example, answer_schema, error_example};
use ::apertodns::v1::{
    BulkReport, BulkUpdateRequest, ErrorCode, ErrorDocument, Health, HostStatus, Info,
    TxtDeleteReport, TxtDeleteRequest, TxtList, TxtSetReport, TxtSetRequest, UpdateReport,
    UpdateRequest, paths,
};
use ::openapi::{Access, Content, Described, Need, Operation, Parameter, Reply, Schema, Tag};
use serde_json::{Value, json};

use super::{API_KEY, BEARER, tag};

pub(super) const TAG: Tag = tag(
    "ApertoDNS",
    "Addresses and texts of hosts, in JSON: version 1 of the protocol. What was chosen where its texts disagree is \
     in docs/protocols/apertodns.md.",
);

/// Either of these.
pub(super) const TOKEN: [Access; 2] = [&[BEARER], &[API_KEY]];

/// What every request with a token may be answered with.
pub(super) const OF_TOKEN: [ErrorCode; 10] = [
    ErrorCode::Unauthorized,
    ErrorCode::InvalidToken,
    ErrorCode::TokenExpired,
    ErrorCode::TokenRevoked,
    ErrorCode::Forbidden,
    ErrorCode::IpForbidden,
    ErrorCode::RateLimited,
    ErrorCode::ServerError,
    ErrorCode::Maintenance,
    ErrorCode::Timeout,
];
/// The same without a token.
const OF_ALL: [ErrorCode; 2] = [ErrorCode::ServerError, ErrorCode::Timeout];
/// The same with a body.
pub(super) const OF_BODY: [ErrorCode; 4] = [
    ErrorCode::InvalidJson,
    ErrorCode::InvalidRequest,
    ErrorCode::ValidationError,
    ErrorCode::PayloadTooLarge,
];
/// The same about one name.
const OF_NAME: [ErrorCode; 2] = [ErrorCode::HostnameForbidden, ErrorCode::HostnameNotOwned];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        info(),
        health(),
        update(),
        bulk_update(),
        status(),
        domains(),
        set_txt(),
        delete_txt(),
        list_txt(),
    ]
}

//------------ What they have in common ----------------------------------------------------------

/// The body of an answer that is no error.
fn content(data: Schema, example: impl Into<Value>) -> Content {
    Content {
        media: "application/json",
        schema: answer_schema(data),
        example: answer_example(example),
    }
}

pub(super) fn document<T: Described>() -> Content {
    content(Schema::of::<T>(), T::example())
}

pub(super) fn success(about: &'static str, content: Content) -> Reply {
    told(Reply::new(200, about, content))
}

/// An answer, with the headers that all have.
pub(super) fn told(reply: Reply) -> Reply {
    let id = Schema::text().about("The id that the request had, or one that was made for it.");
    reply.header("X-Request-ID", Need::Required, id)
}

/// The headers that tell how often a token may be used.
pub(super) fn limited(reply: Reply) -> Reply {
    [
        (
            "X-RateLimit-Limit",
            "How many requests one window has, for a token with a limit.",
        ),
        ("X-RateLimit-Remaining", "How many of them are left."),
        (
            "X-RateLimit-Reset",
            "When the window ends, in seconds since 1970.",
        ),
    ]
    .into_iter()
    .fold(reply, |reply, (name, about)| {
        reply.header(name, Need::Optional, Schema::count().about(about))
    })
}

/// The answers for these errors, one for each status, in the order of the statuses.
pub(super) fn errors(groups: &[&[ErrorCode]]) -> Vec<Reply> {
    let mut codes: Vec<ErrorCode> = groups.concat();
    codes.sort_by_key(|code| code.http_status());
    let of_one_status = codes.chunk_by(|one, other| one.http_status() == other.http_status());
    of_one_status.filter_map(error_reply).collect()
}

fn error_reply(codes: &[ErrorCode]) -> Option<Reply> {
    let first = codes.first()?;
    let status = first.http_status();
    let about = match status {
        400 => "The request is not good.",
        401 => "There is no token, or none that counts.",
        403 => "The token or its account may not do this.",
        404 => "There is no such thing.",
        413 => "The body is too long.",
        429 => "Too many requests.",
        502 => "What serves DNS did not take the change.",
        503 => "Come again later.",
        504 => "It took too long.",
        _ => "Something is broken here.",
    };
    let content = Content {
        media: "application/json",
        schema: Schema::of::<ErrorDocument>(),
        example: error_example(*first),
    };
    let codes = codes.iter().map(|code| (code.as_str(), code.message()));
    let reply = told(Reply::new(status, about, content).codes(codes));
    Some(match status {
        401 => reply.header("WWW-Authenticate", Need::Required, Schema::text()),
        429 => limited(reply.header(
            "Retry-After",
            Need::Required,
            Schema::count().about("How many seconds to wait."),
        )),
        _ => reply,
    })
}

fn hostname(about: &str, example: &'static str) -> Parameter {
    Parameter::path("hostname", Schema::text().length(1, None).about(about)).example(example)
}

fn txt_hostname() -> Parameter {
    hostname("Where the texts stand.", "_acme-challenge.home.example.com")
}

//------------ The endpoints ---------------------------------------------------------------------

fn info() -> Operation {
    Operation::get(paths::INFO, "show_info")
        .saying(TAG.name, "What the server can do", "")
        .reply(success("What it can do.", document::<Info>()))
        .replies(errors(&[&OF_ALL]))
}

fn health() -> Operation {
    Operation::get(paths::HEALTH, "show_health")
        .saying(TAG.name, "Whether updates are taken", "")
        .reply(success("How it goes.", document::<Health>()))
        .replies(errors(&[&OF_ALL]))
}

fn update() -> Operation {
    Operation::post(paths::UPDATE, "update")
        .saying(
            TAG.name,
            "Set the addresses of a host",
            "Addresses, TTL and a text of one host; all of it, or nothing. With the hostname alone, the address that \
             the request comes from is set.",
        )
        .access(TOKEN)
        .body(Content::json::<UpdateRequest>())
        .reply(limited(success("What it has now.", document::<UpdateReport>())))
        .replies(errors(&[
            &OF_TOKEN,
            &OF_BODY,
            &OF_NAME,
            &[
                ErrorCode::InvalidHostname,
                ErrorCode::InvalidIp,
                ErrorCode::Ipv4AutoFailed,
                ErrorCode::Ipv6AutoFailed,
                ErrorCode::InvalidTtl,
                ErrorCode::TxtInvalidName,
                ErrorCode::TxtValueTooLong,
                ErrorCode::TxtLimitExceeded,
                ErrorCode::NotFound,
                ErrorCode::DnsError,
            ],
        ]))
}

fn bulk_update() -> Operation {
    let some_failed = limited(told(Reply::new(
        207,
        "Some failed: each result says which, and why.",
        document::<BulkReport>(),
    )));
    let mut of_all = BulkReport::example();
    for number in ["successful", "failed"] {
        let value = u32::from(number == "successful");
        set(&mut of_all, &[number], value);
        set(&mut of_all, &["summary", number], value);
    }
    set(&mut of_all, &["total"], 1);
    set(&mut of_all, &["summary", "total"], 1);
    if let Some(Value::Array(results)) = of_all.get_mut("results") {
        results.truncate(1);
    }
    let all_succeeded = content(Schema::of::<BulkReport>(), of_all);
    Operation::post(paths::BULK_UPDATE, "bulk_update")
        .saying(
            TAG.name,
            "Set the addresses of many hosts",
            "One change for each zone, and a result for each host: some may fail while others succeed.",
        )
        .access(TOKEN)
        .body(Content::json::<BulkUpdateRequest>())
        .reply(limited(success("All succeeded.", all_succeeded)))
        .reply(some_failed)
        .replies(errors(&[
            &OF_TOKEN,
            &OF_BODY,
            &[
                ErrorCode::BulkLimitExceeded,
                ErrorCode::InvalidIp,
                ErrorCode::InvalidTtl,
            ],
        ]))
}

fn set(document: &mut Value, path: &[&str], value: u32) {
    let place = path
        .iter()
        .try_fold(document, |inside, name| inside.get_mut(*name));
    if let Some(place) = place {
        *place = json!(value);
    }
}

fn status() -> Operation {
    Operation::get(paths::STATUS, "show_status")
        .saying(TAG.name, "The addresses of a host", "")
        .access(TOKEN)
        .parameter(hostname("The host.", "home.example.com"))
        .reply(limited(success("The host.", document::<HostStatus>())))
        .replies(errors(&[
            &OF_TOKEN,
            &OF_NAME,
            &[ErrorCode::InvalidHostname, ErrorCode::NotFound],
        ]))
}

fn domains() -> Operation {
    let hosts = content(
        Schema::list(Schema::of::<HostStatus>()),
        vec![HostStatus::example()],
    );
    Operation::get(paths::DOMAINS, "list_domains")
        .saying(
            TAG.name,
            "The hosts of the token",
            "Those that have addresses; at most 1000. `meta.truncated` says that there are more.",
        )
        .access(TOKEN)
        .reply(limited(success("The hosts.", hosts)))
        .replies(errors(&[&OF_TOKEN]))
}

fn set_txt() -> Operation {
    Operation::post(paths::TXT, "set_txt")
        .saying(
            TAG.name,
            "Add a text",
            "Those that are there stay; a name has at most 5. A text goes by itself after 24 hours.",
        )
        .access(TOKEN)
        .body(Content::json::<TxtSetRequest>())
        .reply(limited(success("What is there now.", document::<TxtSetReport>())))
        .replies(errors(&[
            &OF_TOKEN,
            &OF_BODY,
            &OF_NAME,
            &[
                ErrorCode::InvalidTtl,
                ErrorCode::TxtInvalidName,
                ErrorCode::TxtValueTooLong,
                ErrorCode::TxtLimitExceeded,
                ErrorCode::DnsError,
            ],
        ]))
}

fn delete_txt() -> Operation {
    Operation::delete(paths::TXT, "delete_txt")
        .saying(TAG.name, "Take a text away", "One value, or all of a name.")
        .access(TOKEN)
        .body(Content::json::<TxtDeleteRequest>())
        .reply(limited(success(
            "What is there now.",
            document::<TxtDeleteReport>(),
        )))
        .replies(errors(&[
            &OF_TOKEN,
            &OF_BODY,
            &OF_NAME,
            &[
                ErrorCode::TxtInvalidName,
                ErrorCode::TxtValueTooLong,
                ErrorCode::DnsError,
            ],
        ]))
}

fn list_txt() -> Operation {
    Operation::get(paths::TXT_OF_NAME, "list_txt")
        .saying(
            TAG.name,
            "The texts at a name",
            "An empty list when there are none.",
        )
        .access(TOKEN)
        .parameter(txt_hostname())
        .reply(limited(success("The texts.", document::<TxtList>())))
        .replies(errors(&[&OF_TOKEN, &OF_NAME, &[ErrorCode::TxtInvalidName]]))
}
