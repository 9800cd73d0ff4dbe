//! OAuth.

use ::domain_connect::ApiError;
use ::openapi::{Content, Described, Field, Need, Operation, Parameter, Reply, Schema, Tag};
use serde_json::{Value, json};

use super::namedrop::GivenPermission;
use super::tag;
use crate::oauth::{Introspection, Metadata, Revoked, TokenReply, paths};

pub(super) const TAG: Tag = tag(
    "OAuth",
    "Clients that an operator registered get access tokens for what owners granted to them. Parameters come in the \
     query, in a form, in JSON, or in several of these; the client may come in the header Authorization (Basic), too. \
     What is where, how long it lasts and why is in docs/oauth.md.",
);

pub(super) fn operations() -> Vec<Operation> {
    vec![
        token(paths::ACCESS_TOKEN, "give_token").saying(
            TAG.name,
            "Get tokens for a code or a refresh token",
            ONCE,
        ),
        token(paths::TOKEN, "give_token_plain").saying(
            TAG.name,
            "Get tokens, at another address",
            ONCE,
        ),
        about_token(paths::REVOKE, "revoke_oauth_token")
            .saying(
                TAG.name,
                "Give a token back",
                "A refresh token goes with everything that was granted with it, an access token alone (RFC 7009).",
            )
            .reply(not_stored(Reply::new(
                200,
                "It counts no more, if it ever did.",
                Content::json::<Revoked>(),
            )))
            .replies(errors(&NO_GRANT)),
        about_token(paths::INTROSPECT, "introspect_oauth_token")
            .saying(
                TAG.name,
                "Ask about a token of one's own",
                "RFC 7662, with the domain and the hosts that it is for.",
            )
            .reply(not_stored(Reply::new(
                200,
                "What it is.",
                Content::json::<Introspection>(),
            )))
            .replies(errors(&NO_GRANT)),
        Operation::get(paths::METADATA, "show_oauth_metadata")
            .saying(TAG.name, "Where everything is", "RFC 8414.")
            .reply(super::domain_connect::open(Reply::new(
                200,
                "The addresses, and what they understand.",
                Content::json::<Metadata>(),
            )))
            .reply(super::domain_connect::too_often()),
    ]
}

const ONCE: &str = "A code counts once, for ten minutes. A refresh token is replaced by another, unless the client is \
    registered otherwise; showing one again after that ends what was granted.";

/// The codes of requests that are no requests for a token.
const NO_GRANT: [(&str, &str); 2] = [INVALID_REQUEST, INVALID_CLIENT];
const INVALID_REQUEST: (&str, &str) = (
    "invalid_request",
    "something is missing, malformed, or there twice with different values",
);
const INVALID_CLIENT: (&str, &str) = (
    "invalid_client",
    "the client is not known, or its client_secret is wrong",
);

fn text(about: &str) -> Schema {
    Schema::text().about(about)
}

fn token(path: &'static str, id: &'static str) -> Operation {
    Operation::post(path, id)
        .parameter(Parameter::query(
            "grant_type",
            text("authorization_code or refresh_token."),
        ))
        .parameter(Parameter::query("client_id", text("Who asks.")))
        .parameter(Parameter::query("code", text("The code.")))
        .parameter(Parameter::query(
            "refresh_token",
            text("The refresh token."),
        ))
        .parameter(Parameter::query(
            "redirect_uri",
            text("Where the code was sent."),
        ))
        .parameter(Parameter::query(
            "code_verifier",
            text("What the code_challenge was made from (RFC 7636)."),
        ))
        .optional_body(Content::json::<TokenWish>())
        .reply(not_stored(Reply::new(
            200,
            "The tokens.",
            Content::json::<TokenReply>(),
        )))
        .replies(errors(&[
            INVALID_REQUEST,
            INVALID_CLIENT,
            (
                "invalid_grant",
                "the code or refresh token does not count, or is not this client's",
            ),
            (
                "unsupported_grant_type",
                "grant_type is neither authorization_code nor refresh_token",
            ),
        ]))
}

fn about_token(path: &'static str, id: &'static str) -> Operation {
    Operation::post(path, id)
        .parameter(Parameter::query("client_id", text("Who asks.")))
        .parameter(Parameter::query("token", text("The token.")))
        .optional_body(Content::json::<AboutToken>())
}

fn not_stored(reply: Reply) -> Reply {
    reply.header("Cache-Control", Need::Required, Schema::only("no-store"))
}

fn errors(codes: &[(&'static str, &'static str)]) -> Vec<Reply> {
    vec![
        error(400, "The request is refused.", codes),
        error(
            401,
            "The client of the header Authorization is not known.",
            &[INVALID_CLIENT],
        )
        .header("WWW-Authenticate", Need::Required, Schema::text()),
        error(429, "Too many requests.", &[BUSY]).header(
            "Retry-After",
            Need::Required,
            Schema::count().about("How many seconds to wait."),
        ),
        error(
            500,
            "Something is broken here.",
            &[("server_error", "the server failed")],
        ),
        error(503, "Come again later.", &[BUSY]),
    ]
}

const BUSY: (&str, &str) = ("temporarily_unavailable", "try again in a moment");

fn error(status: u16, when: &'static str, codes: &[(&'static str, &'static str)]) -> Reply {
    let (code, about) = codes.first().copied().unwrap_or(BUSY);
    let content = Content {
        example: json!({"error": code, "error_description": about}),
        ..Content::json::<ApiError>()
    };
    not_stored(Reply::new(status, when, content).codes(codes.iter().copied()))
}

//------------ Documents -------------------------------------------------------------------------

/// The parameters of a request for tokens, as JSON.
struct TokenWish;

impl Described for TokenWish {
    const NAME: &'static str = "OAuthTokenWish";

    fn schema() -> Schema {
        Schema::object([
            Field::optional("grant_type", text("authorization_code or refresh_token.")),
            Field::optional("client_id", text("Who asks.")),
            Field::optional("client_secret", text("How it proves that.")),
            Field::optional("code", text("The code.")),
            Field::optional("redirect_uri", text("Where the code was sent.")),
            Field::optional(
                "code_verifier",
                text("What the code_challenge was made from."),
            ),
            Field::optional("refresh_token", text("The refresh token.")),
        ])
        .about("What is not in the query or the header.")
    }

    fn example() -> Value {
        json!({"client_id": "exampleservice.example", "client_secret": "..."})
    }
}

/// The parameters of a request about a token, as JSON.
struct AboutToken;

impl Described for AboutToken {
    const NAME: &'static str = "OAuthAboutToken";

    fn schema() -> Schema {
        Schema::object([
            Field::optional("client_id", text("Who asks.")),
            Field::optional("client_secret", text("How it proves that.")),
            Field::optional("token", text("The token.")),
        ])
        .about("What is not in the query or the header.")
    }

    fn example() -> Value {
        json!({"client_id": "exampleservice.example", "token": "easement_refresh_..."})
    }
}

impl Described for TokenReply {
    const NAME: &'static str = "OAuthTokens";

    fn schema() -> Schema {
        Schema::object([
            Field::required(
                "access_token",
                text("For the header Authorization: Bearer."),
            ),
            Field::required("token_type", Schema::only("bearer")),
            Field::required(
                "expires_in",
                Schema::count().about("How many seconds it counts."),
            ),
            Field::required("refresh_token", text("For the next access token.")),
        ])
        .about("Tokens. They are told once.")
    }

    fn example() -> Value {
        json!({
            "access_token": "easement_access_...",
            "token_type": "bearer",
            "expires_in": 3600,
            "refresh_token": "easement_refresh_...",
        })
    }
}

impl Described for Revoked {
    const NAME: &'static str = "OAuthRevoked";

    fn schema() -> Schema {
        Schema::object([]).about("Nothing: whether there was such a token is not told.")
    }

    fn example() -> Value {
        json!({})
    }
}

impl Described for Introspection {
    const NAME: &'static str = "OAuthIntrospection";

    fn schema() -> Schema {
        let seconds = || Schema::count().about("Seconds since 1970.");
        Schema::object([
            Field::required("active", Schema::boolean().about("Whether it counts.")),
            Field::optional("client_id", text("Whose it is.")),
            Field::optional("token_type", Schema::word(["bearer", "refresh_token"])),
            Field::optional("exp", seconds()),
            Field::optional("iat", seconds()),
            Field::optional(
                "scope",
                text("The templates, or scopes of an app, with spaces between them."),
            ),
            Field::optional("domain", text("The apex of the zone.")),
            Field::optional("host", text("The hosts, with commas between them.")),
            Field::optional(
                "permissions",
                Schema::list(Schema::of::<GivenPermission>())
                    .about("Of an app: which scope is good where."),
            ),
        ])
        .about("What a token is. Of one that does not count, nothing but that is told.")
    }

    fn example() -> Value {
        json!({
            "active": true, "client_id": "exampleservice.example", "token_type": "bearer",
            "exp": 1_800_003_600, "iat": 1_800_000_000, "scope": "website",
            "domain": "example.com", "host": "www",
        })
    }
}

impl Described for Metadata {
    const NAME: &'static str = "OAuthMetadata";

    fn schema() -> Schema {
        Schema::object(metadata_fields()).about(
            "RFC 8414. Each service provider has an authorization endpoint of its own: \
             /v2/domainTemplates/providers/ and its provider id.",
        )
    }

    fn example() -> Value {
        let methods = json!(["client_secret_basic", "client_secret_post", "none"]);
        json!({
            "issuer": "https://dns.example.net",
            "token_endpoint": "https://dns.example.net/v2/oauth/access_token",
            "revocation_endpoint": "https://dns.example.net/oauth/revoke",
            "introspection_endpoint": "https://dns.example.net/oauth/introspect",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_methods_supported": methods,
        })
    }
}

/// What both kinds of metadata have (RFC 8414 section 2).
pub(super) fn metadata_fields() -> [Field; 10] {
    let words = || Schema::list(Schema::text());
    let place = || Schema::formatted("uri");
    let required = Field::required;
    [
        required("issuer", place()),
        required("token_endpoint", place()),
        required("revocation_endpoint", place()),
        required("introspection_endpoint", place()),
        required("response_types_supported", words()),
        required("grant_types_supported", words()),
        required("code_challenge_methods_supported", words()),
        required("token_endpoint_auth_methods_supported", words()),
        required("revocation_endpoint_auth_methods_supported", words()),
        required("introspection_endpoint_auth_methods_supported", words()),
    ]
}
