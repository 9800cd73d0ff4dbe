//! Every interface for programs, as an `OpenAPI` document.
//!
//! **What it is for.** One [`document`], from which `/openapi.json`, `easement openapi`, `docs/openapi.json` and
//! the page of reference are made. The schemas are beside the types of the documents; the operations are here,
//! one file for each protocol.
//!
//! **What it is not for.** Pages: they are for people.
//!
//! **To add an endpoint**, add its [`Operation`](::openapi::Operation) to the file of its protocol. A test of the
//! router names an address that has none, and the tests of the server hold every answer that they get against
//! what is said here.

mod acme_dns;
mod apertodns;
mod bootstrap;
mod deliveries;
mod domain_connect;
mod dyndns2;
mod namedrop;
mod oauth;
mod own;
mod show;
mod tokens;
mod webhooks;

use std::sync::LazyLock;

use ::openapi::{Document, Scheme, SchemeKind, Tag};

pub(crate) use self::show::show_openapi;

/// The address of the document.
pub(crate) const OPENAPI: &str = "/openapi.json";

const ABOUT: &str = "\
What programs can ask this server. Every interface is below; pages, which are for people, are not.

Devices and programs show an API token, which its owner makes on the page *Tokens*. It says for which \
names and record types it is, and what it may do. No cookie is read, and programs in browsers may ask from any \
page where an answer says so.

Every answer has the header `X-Request-ID`, under which the log knows the request. A server that is too busy answers \
503 without a body, and one that is asked in a way that is not HTTP answers 400 without a body.";

const BEARER: &str = "bearerAuth";
const API_KEY: &str = "apiKeyAuth";
const BASIC: &str = "basicAuth";
const ACME_USER: &str = "acmeDnsUser";
const ACME_KEY: &str = "acmeDnsKey";
const ACCESS_TOKEN: &str = "accessToken";

/// The whole interface.
pub fn document() -> Document {
    let operations = apertodns::operations()
        .into_iter()
        .chain(dyndns2::operations())
        .chain(acme_dns::operations())
        .chain(tokens::operations())
        .chain(webhooks::operations())
        .chain(domain_connect::operations())
        .chain(oauth::operations())
        .chain(namedrop::operations())
        .chain(bootstrap::operations())
        .chain(own::operations());
    Document {
        title: "Easement",
        version: env!("CARGO_PKG_VERSION"),
        about: ABOUT,
        schemes: schemes(),
        tags: vec![
            apertodns::TAG,
            dyndns2::TAG,
            acme_dns::TAG,
            tokens::TAG,
            webhooks::TAG,
            domain_connect::TAG,
            oauth::TAG,
            namedrop::TAG,
            bootstrap::TAG,
            own::TAG,
        ],
        operations: operations.collect(),
        webhooks: deliveries::operations(),
    }
}

/// The whole interface, as programs read it.
pub fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", document().to_json()));
    &TEXT
}

fn schemes() -> Vec<Scheme> {
    let scheme = |name, kind, about| Scheme { name, kind, about };
    vec![
        scheme(
            BEARER,
            SchemeKind::Bearer,
            "An API token: `Authorization: Bearer easement_live_...`.",
        ),
        scheme(
            API_KEY,
            SchemeKind::Header("X-API-Key"),
            "The same token in a header of its own.",
        ),
        scheme(
            BASIC,
            SchemeKind::Basic,
            "The token as the password. Any user name does; it is the host when no parameter names one.",
        ),
        scheme(
            ACME_USER,
            SchemeKind::Header("X-Api-User"),
            "The user of an account of acme-dns: the public id of its token.",
        ),
        scheme(
            ACME_KEY,
            SchemeKind::Header("X-Api-Key"),
            "The password of an account of acme-dns: its token.",
        ),
        scheme(
            ACCESS_TOKEN,
            SchemeKind::Bearer,
            "An access token of OAuth, which a service provider or an app has from an owner's grant.",
        ),
    ]
}

/// What the tags of a document say.
const fn tag(name: &'static str, about: &'static str) -> Tag {
    Tag { name, about }
}
