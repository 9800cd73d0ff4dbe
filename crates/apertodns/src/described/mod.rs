//! The schemas of all documents, and an example of each: what an `OpenAPI` document says about them.
//!
//! Tests hold serialised documents against them, and bodies of requests that are taken and refused.
//!
//! ```
//! use apertodns::described::{answer_example, answer_schema};
//! use apertodns::v1::HostStatus;
//! use openapi::{Described as _, Schema};
//!
//! let schema = answer_schema(Schema::of::<HostStatus>());
//! assert!(schema.check(&answer_example(HostStatus::example())).is_empty());
//! ```

mod acme_dns;
mod answers;
mod errors;
mod info;
mod requests;

use openapi::{Described, Field, Schema};
use serde_json::{Value, json};

pub use self::errors::error_example;
use crate::v1::{Meta, RequestId, UpdateTtl};

/// What every answer that is no error is wrapped in.
pub fn answer_schema(data: Schema) -> Schema {
    Schema::object([
        Field::required("success", Schema::only(true)),
        Field::required("data", data),
        Field::required("meta", Schema::of::<Meta>()),
    ])
}

/// The same, for an example.
pub fn answer_example(data: impl Into<Value>) -> Value {
    json!({"success": true, "data": data.into(), "meta": Meta::example()})
}

impl Described for Meta {
    const NAME: &'static str = "Meta";

    fn schema() -> Schema {
        Schema::object([
            Field::required(
                "request_id",
                Schema::text()
                    .length(1, RequestId::MAX_CHARACTERS)
                    .about("Which request this answers; also in the header X-Request-ID."),
            ),
            Field::optional(
                "processing_time_ms",
                Schema::count().about("How long it took, in milliseconds."),
            ),
            Field::optional("timestamp", moment("When it was answered.")),
            Field::optional(
                "truncated",
                Schema::only(true).about("There when there is more than the answer has."),
            ),
        ])
        .about("About the answer.")
    }

    fn example() -> Value {
        json!({"request_id": "req-1", "processing_time_ms": 3})
    }
}

//------------ What documents have in common -----------------------------------------------------

/// A hostname, as a request has it.
fn wanted_hostname() -> Schema {
    Schema::text().length(3, 254).about(
        "A full hostname: two labels or more of letters, digits and inner hyphens, international ones as A-labels.",
    )
}

/// A hostname, as answers have it.
fn hostname() -> Schema {
    Schema::text().about("The host, in lower case and without a final dot.")
}

/// The name of a text record, as a request has it.
fn wanted_txt_name() -> Schema {
    Schema::text().length(3, 254).about(
        "Where the text stands; the first label must be one that may be written, `_acme-challenge` unless the server says otherwise.",
    )
}

fn txt_value() -> Schema {
    Schema::text()
        .length(1, crate::v1::TxtValue::MAX_OCTETS)
        .about("1 to 255 octets without control characters.")
}

/// A TTL, as a request has it.
fn wanted_ttl(about: &str) -> Schema {
    let [min, max] = [UpdateTtl::MIN, UpdateTtl::MAX].map(|ttl| i64::from(ttl.as_secs()));
    Schema::whole(min, max).about(about)
}

fn ttl() -> Schema {
    Schema::count().about("The TTL, in seconds.")
}

fn moment(about: &str) -> Schema {
    Schema::formatted("date-time").about(about)
}

fn ipv4(about: &str) -> Schema {
    Schema::formatted("ipv4").or_null().about(about)
}

fn ipv6(about: &str) -> Schema {
    Schema::formatted("ipv6").or_null().about(about)
}
