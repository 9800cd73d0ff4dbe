//! NameDrop.

use ::domain_connect::ApiError;
use ::openapi::{Access, Content, Described, Field, Need, Operation, Reply, Schema, Tag};
use namedrop::Scope;
use serde_json::{Value, json};

use super::domain_connect::open;
use super::oauth::metadata_fields;
use super::{ACCESS_TOKEN, tag};
use crate::namedrop::AppMetadata;
use crate::oauth::{Introspection, Revoked};

pub(super) const TAG: Tag = tag(
    "NameDrop",
    "Apps that nobody registered ask an owner for names, and change records with what they get. The addresses begin with \
     the path that the configuration names, which is /namedrop unless it says otherwise. Every answer may be read by pages \
     of any origin, and no cookie is read. What scopes open, and what the specification leaves open, is in \
     docs/protocols/namedrop.md. Asking an owner is a page.",
);

const TOKEN: [Access; 2] = [&[ACCESS_TOKEN], &[]];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        token(),
        Operation::post("/namedrop/revoke", "revoke_app_token")
            .saying(
                TAG.name,
                "Give a token of an app back",
                "A refresh token goes with everything that was granted with it, an access token alone (RFC 7009).",
            )
            .body(form::<AboutToken>())
            .reply(not_stored(Reply::new(
                200,
                "It counts no more, if it ever did.",
                Content::json::<Revoked>(),
            )))
            .replies(form_errors(&NO_GRANT)),
        Operation::post("/namedrop/introspect", "introspect_app_token")
            .saying(
                TAG.name,
                "Ask about a token of an app",
                "RFC 7662, with what the token is for. Whoever has the token may ask.",
            )
            .body(form::<AboutToken>())
            .reply(not_stored(Reply::new(
                200,
                "What it is.",
                Content::json::<Introspection>(),
            )))
            .replies(form_errors(&NO_GRANT)),
        Operation::get(
            "/.well-known/oauth-authorization-server/namedrop",
            "show_app_metadata",
        )
        .saying(TAG.name, "Where everything is for apps", "RFC 8414.")
        .reply(open(Reply::new(
            200,
            "The addresses, and what they understand.",
            Content::json::<AppMetadata>(),
        ))),
    ]
    .into_iter()
    .chain(calls())
    .collect()
}

fn calls() -> Vec<Operation> {
    vec![
                call("/namedrop/get-records", "get_records").saying(
            TAG.name,
            "Which records are there",
            "All that the token is for, at and below the host. `records` is not looked at.",
        ),
        call("/namedrop/create-records", "create_records").saying(
            TAG.name,
            "Add records",
            "All of them or none. A record that is there already refuses the call.",
        ),
        call("/namedrop/set-records", "set_records").saying(
            TAG.name,
            "Put records in the place of others",
            "Those of the same name, type and kind go: a challenge never takes SPF away.",
        ),
        call("/namedrop/delete-records", "delete_records").saying(
            TAG.name,
            "Take records away",
            "Those that are not there are ignored. Without a value, all of the same name, type and kind go.",
        ),
        Operation::post("/namedrop/records", "create_one_record")
            .saying(
                TAG.name,
                "Add one record",
                "The same as create-records, in version 0.2.0.",
            )
            .access(TOKEN)
            .body(any_type::<OneRecord>())
            .reply(success())
            .replies(errors()),
        Operation::get("/namedrop/token-data", "show_token_data")
            .saying(
                TAG.name,
                "What a token is for",
                "In version 0.2.0. The token stands in the header.",
            )
            .access([&[ACCESS_TOKEN] as Access])
            .reply(open(Reply::new(
                200,
                "The hosts that it is for.",
                Content::json::<TokenDataReply>(),
            )))
            .replies(errors()),
    ]
}

fn token() -> Operation {
    Operation::post("/namedrop/token", "give_app_token")
        .saying(
            TAG.name,
            "Get tokens for a code or a refresh token of an app",
            "A code counts once, for ten minutes, with the verifier of its challenge. A refresh token is replaced by \
             another; showing one again after that ends what was granted. The app may stand in the header Authorization \
             (Basic) with an empty password.",
        )
        .body(form::<TokenWish>())
        .reply(not_stored(Reply::new(
            200,
            "The tokens.",
            Content::json::<Tokens>(),
        )))
        .replies(form_errors(&[
            INVALID_REQUEST,
            INVALID_CLIENT,
            (
                "invalid_grant",
                "the code or refresh token does not count, or is not this app's",
            ),
            (
                "unsupported_grant_type",
                "grant_type is neither authorization_code nor refresh_token",
            ),
        ]))
}

/// The codes of requests that are no requests for a token.
const NO_GRANT: [(&str, &str); 2] = [INVALID_REQUEST, INVALID_CLIENT];
const INVALID_REQUEST: (&str, &str) = (
    "invalid_request",
    "something is missing, malformed, no form, or there twice with different values",
);
const INVALID_CLIENT: (&str, &str) = (
    "invalid_client",
    "there is a client secret, which no app has here",
);
const BUSY: (&str, &str) = ("temporarily_unavailable", "try again in a moment");

fn form_errors(codes: &[(&'static str, &'static str)]) -> Vec<Reply> {
    vec![
        oauth_error(400, "The request is refused.", codes),
        oauth_error(
            401,
            "The header Authorization has a secret.",
            &[INVALID_CLIENT],
        )
        .header("WWW-Authenticate", Need::Required, Schema::text()),
        waiting(oauth_error(429, "Too many requests.", &[BUSY])),
        oauth_error(
            500,
            "Something is broken here.",
            &[("server_error", "the server failed")],
        ),
        oauth_error(503, "Come again later.", &[BUSY]),
    ]
}

fn oauth_error(status: u16, when: &'static str, codes: &[(&'static str, &'static str)]) -> Reply {
    let (code, about) = codes.first().copied().unwrap_or(BUSY);
    let content = Content {
        example: json!({"error": code, "error_description": about}),
        ..Content::json::<ApiError>()
    };
    not_stored(Reply::new(status, when, content).codes(codes.iter().copied()))
}

fn not_stored(reply: Reply) -> Reply {
    open(reply.header("Cache-Control", Need::Required, Schema::only("no-store")))
}

fn waiting(reply: Reply) -> Reply {
    reply.header(
        "Retry-After",
        Need::Required,
        Schema::count().about("How many seconds to wait."),
    )
}

fn call(path: &'static str, id: &'static str) -> Operation {
    Operation::post(path, id)
        .access(TOKEN)
        .body(any_type::<Call>())
        .reply(success())
        .replies(errors())
}

fn success() -> Reply {
    open(Reply::new(
        200,
        "The records that are told, made or found as they should be, or taken away.",
        Content::json::<Success>(),
    ))
}

fn errors() -> Vec<Reply> {
    let error = |status, when| open(Reply::new(status, when, Content::json::<Errors>()));
    let challenged = |reply: Reply| {
        let about = "How to authenticate (RFC 6750 section 3).";
        reply.header(
            "WWW-Authenticate",
            Need::Required,
            Schema::text().about(about),
        )
    };
    vec![
        error(
            400,
            "The call is wrong, or something is in the way. Nothing was changed.",
        ),
        challenged(error(401, "The token does not count.")),
        error(403, "The token is for something else. Nothing was changed."),
        error(413, "The body is too long."),
        waiting(error(429, "Too many calls.")),
        error(500, "Something is broken here."),
        waiting(error(503, "Come again later: nothing was changed.")),
    ]
}

fn form<T: Described>() -> Content {
    Content {
        media: "application/x-www-form-urlencoded",
        ..Content::json::<T>()
    }
}

/// Whatever the header Content-Type says.
fn any_type<T: Described>() -> Content {
    Content {
        media: "*/*",
        ..Content::json::<T>()
    }
}

fn text(about: &str) -> Schema {
    Schema::text().about(about)
}

//------------ Tokens ----------------------------------------------------------------------------

struct TokenWish;

impl Described for TokenWish {
    const NAME: &'static str = "AppTokenWish";

    fn schema() -> Schema {
        Schema::object([
            Field::required("grant_type", text("authorization_code or refresh_token.")),
            Field::optional(
                "client_id",
                text("The address of the app, as it asked with."),
            ),
            Field::optional("code", text("The code.")),
            Field::optional("redirect_uri", text("Where the code was sent.")),
            Field::optional(
                "code_verifier",
                text("What the code_challenge was made from (RFC 7636)."),
            ),
            Field::optional("refresh_token", text("The refresh token.")),
        ])
        .about("A form. Nothing of it may stand in the query.")
    }

    fn example() -> Value {
        json!({
            "grant_type": "refresh_token", "refresh_token": "easement_refresh_...",
            "client_id": "https://app.example/",
        })
    }
}

struct AboutToken;

impl Described for AboutToken {
    const NAME: &'static str = "AppAboutToken";

    fn schema() -> Schema {
        Schema::object([
            Field::required("token", text("The token.")),
            Field::optional("client_id", text("The address of the app.")),
        ])
        .about("A form. Nothing of it may stand in the query.")
    }

    fn example() -> Value {
        json!({"token": "easement_refresh_..."})
    }
}

struct Tokens;

impl Described for Tokens {
    const NAME: &'static str = "AppTokens";

    fn schema() -> Schema {
        Schema::object([
            Field::required("access_token", text("For calls.")),
            Field::required("refresh_token", text("For the next access token.")),
            Field::required("token_type", Schema::only("bearer")),
            Field::required(
                "expires_in",
                Schema::count().about("How many seconds the access token counts."),
            ),
            Field::required("permissions", Schema::list(Schema::of::<GivenPermission>())),
        ])
        .about("Tokens, and what the owner agreed to. They are told once.")
    }

    fn example() -> Value {
        json!({
            "access_token": "easement_access_...", "refresh_token": "easement_refresh_...",
            "token_type": "bearer", "expires_in": 3600, "permissions": [GivenPermission::example()],
        })
    }
}

/// One permission.
pub(super) struct GivenPermission;

impl Described for GivenPermission {
    const NAME: &'static str = "AppPermission";

    fn schema() -> Schema {
        Schema::object([
            Field::required("scope", Schema::word(Scope::ALL.map(Scope::as_str))),
            Field::required("domain", text("The apex of the zone.")),
            Field::required(
                "host",
                text("The host below it, which is empty for the domain itself; `*.` in front leaves the host out."),
            ),
        ])
        .about("A scope at a host and all below it.")
    }

    fn example() -> Value {
        json!({"scope": "namedrop-hosts", "domain": "example.com", "host": "sub"})
    }
}

struct TokenDataReply;

impl Described for TokenDataReply {
    const NAME: &'static str = "AppTokenData";

    fn schema() -> Schema {
        let place = Schema::object([
            Field::required("domain", text("The apex of the zone.")),
            Field::required("host", text("The host below it.")),
        ]);
        Schema::object([
            Field::required(
                "owner",
                text("Whose names they are: the same text for all tokens that an account gave this app."),
            ),
            Field::required("scopes", Schema::list(place)),
        ])
        .about("What a token is for.")
    }

    fn example() -> Value {
        json!({"owner": "7", "scopes": [{"domain": "example.com", "host": "sub"}]})
    }
}

impl Described for AppMetadata {
    const NAME: &'static str = "AppMetadata";

    fn schema() -> Schema {
        let own = [
            Field::required("authorization_endpoint", Schema::formatted("uri")),
            Field::required("scopes_supported", Schema::list(Schema::text())),
        ];
        Schema::object(metadata_fields().into_iter().chain(own)).about("RFC 8414.")
    }

    fn example() -> Value {
        json!({
            "issuer": "https://dns.example.net/namedrop",
            "authorization_endpoint": "https://dns.example.net/namedrop/authorize",
            "token_endpoint": "https://dns.example.net/namedrop/token",
            "revocation_endpoint": "https://dns.example.net/namedrop/revoke",
            "introspection_endpoint": "https://dns.example.net/namedrop/introspect",
            "scopes_supported": Scope::ALL.map(Scope::as_str),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "introspection_endpoint_auth_methods_supported": ["none"],
        })
    }
}

//------------ Calls -----------------------------------------------------------------------------

/// What a record of a call may say.
fn record_fields() -> [Field; 6] {
    let number = || Schema::whole(0, i64::from(u32::MAX));
    [
        Field::optional(
            "domain",
            text("The apex of the zone, where the token is for several."),
        ),
        Field::optional(
            "host",
            text("The host below it. `{{host}}` stands for the host of the call."),
        ),
        Field::required("type", text("The type, such as A or TXT.")),
        Field::optional("value", text("What it says; names are full names.")),
        Field::optional(
            "ttl",
            number().about("The seconds that answers may be kept."),
        ),
        Field::optional(
            "priority",
            number().about("The preference of a mail server."),
        ),
    ]
}

struct Call;

impl Described for Call {
    const NAME: &'static str = "RecordCall";

    fn schema() -> Schema {
        Schema::object([
            Field::optional(
                "token",
                text("The access token, unless it is in the header."),
            ),
            Field::optional("domain", text("The domain of records that name none.")),
            Field::optional("host", text("The host of records that name none.")),
            Field::optional("records", Schema::list(Schema::object(record_fields()))),
            Field::optional(
                "delete_conflicting",
                Schema::boolean()
                    .about("Whether what cannot stand beside records that are set goes."),
            ),
        ])
        .about("A call, as JSON, whatever the header Content-Type says.")
    }

    fn example() -> Value {
        json!({
            "token": "easement_access_...", "host": "sub", "records": [
                {"type": "A", "value": "192.0.2.5"},
                {"host": "_acme-challenge.{{host}}", "type": "TXT", "value": "v", "ttl": 60},
            ],
        })
    }
}

struct OneRecord;

impl Described for OneRecord {
    const NAME: &'static str = "RecordCallOfOne";

    fn schema() -> Schema {
        let token = Field::optional(
            "token",
            text("The access token, unless it is in the header."),
        );
        Schema::object(std::iter::once(token).chain(record_fields()))
            .about("One record, as JSON, whatever the header Content-Type says.")
    }

    fn example() -> Value {
        json!({
            "token": "easement_access_...", "domain": "example.com", "host": "sub", "type": "A",
            "value": "192.0.2.5",
        })
    }
}

struct Told;

impl Described for Told {
    const NAME: &'static str = "ToldRecord";

    fn schema() -> Schema {
        Schema::object([
            Field::required("domain", text("The apex of the zone.")),
            Field::required("host", text("The host below it, empty at the apex.")),
            Field::required("type", text("The type.")),
            Field::required("value", text("What it says.")),
            Field::required(
                "ttl",
                Schema::count().about("The seconds that answers may be kept."),
            ),
            Field::optional("priority", Schema::whole(0, 65_535)),
        ])
        .about("A record. It can be sent back as it is.")
    }

    fn example() -> Value {
        json!({
            "domain": "example.com", "host": "sub", "type": "A", "value": "192.0.2.5", "ttl": 300,
        })
    }
}

struct Success;

impl Described for Success {
    const NAME: &'static str = "RecordCallDone";

    fn schema() -> Schema {
        Schema::object([
            Field::required("type", Schema::only("success")),
            Field::required("records", Schema::list(Schema::of::<Told>())),
        ])
        .about("A call did what it says.")
    }

    fn example() -> Value {
        json!({"type": "success", "records": [Told::example()]})
    }
}

struct Errors;

impl Described for Errors {
    const NAME: &'static str = "RecordCallFailed";

    fn schema() -> Schema {
        let error = Schema::object([
            Field::required("message", text("What is wrong.")),
            Field::optional(
                "requested_record",
                Schema::object(record_fields()).about("With which record."),
            ),
            Field::optional(
                "conflicting_records",
                Schema::list(Schema::of::<Told>())
                    .about("The records in the way, as far as the token opens them."),
            ),
        ]);
        Schema::object([
            Field::required("type", Schema::only("error")),
            Field::required("errors", Schema::list(error)),
        ])
        .about("A call changed nothing.")
    }

    fn example() -> Value {
        json!({"type": "error", "errors": [{"message": "the access token is not valid, or expired"}]})
    }
}
