//! acme-dns.

use ::apertodns::acme_dns::{
    Account, ErrorDocument, RegisterRequest, RequestError, UpdateReport, UpdateRequest,
};
use ::openapi::{Access, Content, Operation, Parameter, Reply, Schema, Tag};
use serde_json::json;

use super::{ACME_KEY, ACME_USER, tag};
use crate::router;

pub(super) const TAG: Tag = tag(
    "acme-dns",
    "Certificate clients get an account for the texts at one name of its own, to which CNAME records lead.",
);

/// Both of these.
const ACCOUNT: [Access; 1] = [&[ACME_USER, ACME_KEY]];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        register(router::ACME_DNS_REGISTER, "register").saying(
            TAG.name,
            "Make an account without an invitation",
            "Where the configuration allows it (`dynamic_dns.acme_dns_open_token`).",
        ),
        register(router::ACME_DNS_INVITED, "register_invited")
            .saying(
                TAG.name,
                "Make an account",
                "At most 30 an hour for one network.",
            )
            .parameter(invitation()),
        update(router::UPDATE, "acme_dns_update").saying(TAG.name, "Add a text", KEEPS),
        update(router::ACME_DNS_INVITED_UPDATE, "acme_dns_update_invited")
            .saying(
                TAG.name,
                "Add a text, with an invitation in the base URL",
                KEEPS,
            )
            .parameter(invitation()),
    ]
}

const KEEPS: &str = "The name keeps its two newest texts.";

fn invitation() -> Parameter {
    let about = "An API token for the texts below one name, which may stand in a URL.";
    Parameter::path("invitation", Schema::text().length(1, None).about(about))
        .example("easement_live_...")
}

fn register(path: &'static str, id: &'static str) -> Operation {
    let account = Content::json::<Account>();
    Operation::post(path, id)
        .optional_body(Content::json::<RegisterRequest>())
        .reply(Reply::new(201, "The account.", account))
        .replies(errors(&[
            RequestError::Json,
            RequestError::Networks,
            RequestError::Forbidden,
            RequestError::TooOften,
            RequestError::Server,
        ]))
}

fn update(path: &'static str, id: &'static str) -> Operation {
    Operation::post(path, id)
        .access(ACCOUNT)
        .body(Content::json::<UpdateRequest>())
        .reply(Reply::new(
            200,
            "The text was added.",
            Content::json::<UpdateReport>(),
        ))
        .replies(errors(&[
            RequestError::Json,
            RequestError::Subdomain,
            RequestError::Txt,
            RequestError::Forbidden,
            RequestError::TooOften,
            RequestError::Server,
        ]))
}

/// The answers for these errors, which are in the order of their statuses.
fn errors(errors: &[RequestError]) -> Vec<Reply> {
    let of_one_status = errors.chunk_by(|one, other| one.http_status() == other.http_status());
    of_one_status.filter_map(error_reply).collect()
}

fn error_reply(errors: &[RequestError]) -> Option<Reply> {
    let first = errors.first()?;
    let content = Content {
        example: json!(first.document()),
        ..Content::json::<ErrorDocument>()
    };
    let about = match first.http_status() {
        400 => "The request is not good.",
        401 => "The account or the invitation does not allow this.",
        429 => "Too many requests.",
        _ => "Something is broken here.",
    };
    let codes = errors.iter().map(|error| (error.code(), message(*error)));
    Some(Reply::new(first.http_status(), about, content).codes(codes))
}

fn message(error: RequestError) -> &'static str {
    match error {
        RequestError::Json => "the body is not the JSON that is expected",
        RequestError::Networks => "`allowfrom` is no list of at most 100 networks",
        RequestError::Subdomain => "`subdomain` is no label",
        RequestError::Txt => "`txt` does not have 43 characters of base64url",
        RequestError::Forbidden => {
            "there is no such account or invitation, or it does not allow this"
        }
        RequestError::TooOften => "too many requests, from here or with this account",
        RequestError::Server => "something is broken here: try again later",
    }
}
