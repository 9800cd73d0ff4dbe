//! Errors.

use openapi::{Described, Field, Schema};
use serde_json::{Value, json};

use crate::v1::{ApiError, ErrorCode, ErrorDocument, FieldError, Meta};

/// The document of an error with this code and nothing more to say.
pub fn error_example(code: ErrorCode) -> Value {
    json!({
        "success": false,
        "error": {"code": code.as_str(), "message": code.message()},
        "meta": Meta::example(),
    })
}

impl Described for ErrorDocument {
    const NAME: &'static str = "ErrorDocument";

    fn schema() -> Schema {
        Schema::object([
            Field::required("success", Schema::only(false)),
            Field::required("error", Schema::of::<ApiError>()),
            Field::required("meta", Schema::of::<Meta>()),
        ])
        .about("An answer that is an error.")
    }

    fn example() -> Value {
        error_example(ErrorCode::InvalidToken)
    }
}

impl Described for ApiError {
    const NAME: &'static str = "ApiError";

    fn schema() -> Schema {
        let fields = Schema::list(Schema::of::<FieldError>());
        let details = Schema::object([Field::required("fields", fields)])
            .about("What is wrong, field by field.");
        Schema::object([
            Field::required(
                "code",
                Schema::word(ErrorCode::ALL.iter().map(|code| code.as_str())),
            ),
            Field::required(
                "message",
                Schema::text().about("What to tell people, in English."),
            ),
            Field::optional("details", details),
            Field::optional(
                "retry_after_seconds",
                Schema::count().about("How long to wait; also in the header Retry-After."),
            ),
            Field::optional(
                "documentation_url",
                Schema::text().about("Where there is more to read."),
            ),
            Field::optional(
                "support_id",
                Schema::text().about("What to name when asking for help."),
            ),
        ])
        .about("What went wrong.")
    }

    fn example() -> Value {
        json!({
            "code": "invalid_ttl",
            "message": "ttl: ttl must be a whole number of seconds from 60 to 86400",
            "details": {"fields": [FieldError::example()]},
        })
    }
}

impl Described for FieldError {
    const NAME: &'static str = "FieldError";

    fn schema() -> Schema {
        let limit = |about| Schema::count().about(about);
        let constraints = Schema::object([
            Field::optional("min", limit("The least.")),
            Field::optional("max", limit("The most.")),
        ]);
        Schema::object([
            Field::required(
                "field",
                Schema::text().about("Its name, with the way to it, as in `updates[3].ipv4`."),
            ),
            Field::required(
                "code",
                Schema::word([
                    "required",
                    "repeated",
                    "invalid_type",
                    "invalid_format",
                    "not_public",
                    "out_of_range",
                    "unknown",
                    "conflict",
                ]),
            ),
            Field::required(
                "message",
                Schema::text().about("What to tell people, in English."),
            ),
            Field::optional(
                "provided",
                Schema::anything()
                    .about("What was sent, cut after 80 characters; no list or object."),
            ),
            Field::optional(
                "constraints",
                constraints.about("The limits that were not kept."),
            ),
        ])
        .about("One field that is wrong.")
    }

    fn example() -> Value {
        json!({
            "field": "ttl",
            "code": "out_of_range",
            "message": "ttl must be a whole number of seconds from 60 to 86400",
            "provided": 30,
            "constraints": {"min": 60, "max": 86400},
        })
    }
}
