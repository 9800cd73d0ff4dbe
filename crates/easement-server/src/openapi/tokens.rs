//! API tokens that holders make from their own.

use ::apertodns::v1::ErrorCode;
use ::openapi::{Content, Described, Field, Operation, Parameter, Reply, Schema, Tag};
use easement_core::TokenKind;
use serde_json::{Value, json};

use super::apertodns::{OF_BODY, OF_TOKEN, TOKEN, document, errors, limited, success, told};
use super::tag;
use crate::apertodns::mint_request::MintRequest;
use crate::apertodns::tokens::{
    LimitsDocument, MintedDocument, RevokedDocument, TokenDocument, TokensDocument,
};
use crate::apertodns::{TOKEN as ONE, TOKENS as ALL};

pub(super) const TAG: Tag = tag(
    "API tokens",
    "A holder makes narrower tokens from its own, sees those, and revokes them. What limits mean is in \
     docs/dynamic-dns.md.",
);

pub(super) fn operations() -> Vec<Operation> {
    let id = Schema::text()
        .length(1, None)
        .about("The public id of the token.");
    vec![
        Operation::get(ALL, "list_tokens")
            .saying(TAG.name, "One's own token, and those made from it", "")
            .access(TOKEN)
            .reply(limited(success("The tokens.", document::<TokensDocument>())))
            .replies(errors(&[&OF_TOKEN])),
        Operation::post(ALL, "mint_token")
            .saying(
                TAG.name,
                "Make a narrower token",
                "What is not said is as it is for one's own token, but for webhooks: that right is there only when it \
                 is said.",
            )
            .access(TOKEN)
            .body(Content::json::<MintRequest>())
            .reply(limited(told(Reply::new(
                201,
                "The token, with its text, which is told once.",
                document::<MintedDocument>(),
            ))))
            .replies(errors(&[&OF_TOKEN, &OF_BODY])),
        Operation::delete(ONE, "revoke_token")
            .saying(
                TAG.name,
                "Revoke a token",
                "One that was made from one's own, directly or through others. Those that were made from it end, too.",
            )
            .access(TOKEN)
            .parameter(Parameter::path("id", id).example("x6qk2m9vt3np"))
            .reply(limited(success("It counts no more.", document::<RevokedDocument>())))
            .replies(errors(&[&OF_TOKEN, &[ErrorCode::TokenNotFound]])),
    ]
}

//------------ Documents -------------------------------------------------------------------------

fn text(about: &str) -> Schema {
    Schema::text().about(about)
}

fn texts(about: &str) -> Schema {
    Schema::list(Schema::text()).about(about)
}

fn records() -> Schema {
    let about = "How many records its names may have of its types.";
    Schema::count().or_null().about(about)
}

fn moment(about: &str) -> Schema {
    Schema::formatted("date-time").about(about)
}

const NAMES: &str = "For which names, as `home.example.com` or `*.home.example.com`.";
const TYPES: &str = "Records of which types.";
const OPERATIONS: &str = "What it may do with them: read, create, update, delete.";
const VALUES: &str = "Which values it may set.";
const TTL: &str = "Which TTLs it may set, in seconds, as `60-3600`.";
const NETWORKS: &str = "From which networks it may be used.";
const IDLE: &str = "After how long without use it ends, as `30d`.";
const RATE: &str = "How often it may be used: times and seconds, as `60/3600`.";
const IN_URL: &str = "Whether it may stand in a URL.";
const WEBHOOKS: &str = "Whether it may manage webhooks.";

impl Described for MintRequest {
    const NAME: &'static str = "TokenWish";

    fn schema() -> Schema {
        let optional = Field::optional;
        Schema::object([
            Field::required(
                "name",
                text("What it is called, for people.").length(1, None),
            ),
            optional("names", texts(NAMES)),
            optional("types", texts(TYPES)),
            optional("operations", texts(OPERATIONS)),
            optional("values", texts(VALUES)),
            optional("ttl", text(TTL)),
            optional("records", records()),
            optional("networks", texts(NETWORKS)),
            optional(
                "expires",
                text("When it ends: a span as `90d`, or a moment."),
            ),
            optional("idle", text(IDLE)),
            optional("rate", text(RATE)),
            optional("in_url", Schema::boolean().or_null().about(IN_URL)),
            optional("webhooks", Schema::boolean().about(WEBHOOKS)),
        ])
        .about("A token that is wanted. Other members are refused.")
    }

    fn example() -> Value {
        json!({"name": "Camera", "names": ["camera.home.example.com"], "types": ["A"], "expires": "90d"})
    }
}

impl Described for LimitsDocument {
    const NAME: &'static str = "TokenLimits";

    fn schema() -> Schema {
        let required = Field::required;
        Schema::object([
            required("names", texts(NAMES)),
            required("types", texts(TYPES)),
            required("operations", texts(OPERATIONS)),
            required("values", texts(VALUES)),
            required("ttl", text(TTL).or_null()),
            required("records", records()),
            required("networks", texts(NETWORKS)),
            required("expires", text("When it ends.").or_null()),
            required("idle", text(IDLE).or_null()),
            required("rate", text(RATE).or_null()),
            required("in_url", Schema::boolean().about(IN_URL)),
            required("webhooks", Schema::boolean().about(WEBHOOKS)),
        ])
        .about("The limits of a token, as a request can have them.")
    }

    fn example() -> Value {
        json!({
            "names": ["camera.home.example.com"],
            "types": ["A"],
            "operations": ["read", "create", "update", "delete"],
            "values": [],
            "ttl": null,
            "records": null,
            "networks": [],
            "expires": "2026-04-15T12:00:00Z",
            "idle": null,
            "rate": null,
            "in_url": false,
            "webhooks": false,
        })
    }
}

fn token() -> Vec<Field> {
    let required = Field::required;
    let kinds = [TokenKind::Live, TokenKind::Test].map(TokenKind::as_str);
    let kind = Schema::word(kinds).about("For use, or for trying out.");
    vec![
        required("id", text("Its public id.")),
        required("name", text("What it is called.")),
        required("kind", kind),
        required(
            "from",
            text("The public id of the token that it was made from.").or_null(),
        ),
        required("limits", Schema::of::<LimitsDocument>()),
        required("words", texts("Its limits as sentences.")),
        required("created_at", moment("When it was made.")),
        required("revoked_at", moment("When it was revoked.").or_null()),
        required(
            "last_used_at",
            moment("When it was used last, to the minute.").or_null(),
        ),
        required("ended", text("Why it does not count any more.").or_null()),
    ]
}

impl Described for TokenDocument {
    const NAME: &'static str = "Token";

    fn schema() -> Schema {
        Schema::object(token())
    }

    fn example() -> Value {
        json!({
            "id": "x6qk2m9vt3np",
            "name": "Camera",
            "kind": "live",
            "from": "r7wd4h8kz2ma",
            "limits": LimitsDocument::example(),
            "words": ["Only at camera.home.example.com."],
            "created_at": "2026-01-15T12:00:00.000Z",
            "revoked_at": null,
            "last_used_at": null,
            "ended": null,
        })
    }
}

impl Described for MintedDocument {
    const NAME: &'static str = "TokenMade";

    fn schema() -> Schema {
        let secret = Field::required("token", text("The token itself, which is told once."));
        Schema::object([secret].into_iter().chain(token()))
    }

    fn example() -> Value {
        let mut example = TokenDocument::example();
        if let Value::Object(members) = &mut example {
            members.insert("token".to_owned(), json!("easement_live_..."));
        }
        example
    }
}

impl Described for TokensDocument {
    const NAME: &'static str = "TokenList";

    fn schema() -> Schema {
        let made = Schema::list(Schema::of::<TokenDocument>());
        Schema::object([
            Field::required("own", Schema::of::<TokenDocument>()),
            Field::required(
                "tokens",
                made.about("Those that were made from it, directly or through others."),
            ),
        ])
    }

    fn example() -> Value {
        json!({"own": TokenDocument::example(), "tokens": []})
    }
}

impl Described for RevokedDocument {
    const NAME: &'static str = "TokenRevoked";

    fn schema() -> Schema {
        Schema::object([
            Field::required("id", text("Its public id.")),
            Field::required(
                "counted",
                Schema::boolean().about("Whether it was not revoked until now."),
            ),
        ])
    }

    fn example() -> Value {
        json!({"id": "x6qk2m9vt3np", "counted": true})
    }
}
