//! acme-dns.

use openapi::{Described, Field, Schema};
use serde_json::{Value, json};

use crate::acme_dns::{
    Account, Challenge, ErrorDocument, RegisterRequest, UpdateReport, UpdateRequest,
};

fn challenge(about: &str) -> Schema {
    Schema::text()
        .length(Challenge::CHARACTERS, Challenge::CHARACTERS)
        .pattern("^[A-Za-z0-9_-]{43}$")
        .about(about)
}

fn networks(about: &str) -> Schema {
    Schema::list(Schema::text())
        .length(None, RegisterRequest::MAX_NETWORKS)
        .about(about)
}

impl Described for RegisterRequest {
    const NAME: &'static str = "AcmeDnsRegistration";

    fn schema() -> Schema {
        Schema::object([Field::optional(
            "allowfrom",
            networks("From where the account may be used, as `192.0.2.0/24`; everywhere when there are none.")
                .or_null(),
        )])
        .or_null()
        .about("Wishes for a new account. The body may be empty.")
    }

    fn example() -> Value {
        json!({"allowfrom": ["192.0.2.0/24"]})
    }
}

impl Described for Account {
    const NAME: &'static str = "AcmeDnsAccount";

    fn schema() -> Schema {
        let text = |name, about: &str| Field::required(name, Schema::text().about(about));
        Schema::object([
            text("username", "For the header X-Api-User."),
            text("password", "For the header X-Api-Key. It is shown once."),
            text(
                "fulldomain",
                "Where the CNAME records at `_acme-challenge` names point.",
            ),
            text("subdomain", "Its first label."),
            Field::required("allowfrom", networks("From where the account may be used.")),
        ])
        .about("A new account.")
    }

    fn example() -> Value {
        json!({
            "username": "x6qk2m9vt3np",
            "password": "easement_live_...",
            "fulldomain": "8e5700ea-a4bf-41c7-8a77-e990661dcc6a.acme.example.com",
            "subdomain": "8e5700ea-a4bf-41c7-8a77-e990661dcc6a",
            "allowfrom": [],
        })
    }
}

impl Described for UpdateRequest {
    const NAME: &'static str = "AcmeDnsUpdate";

    fn schema() -> Schema {
        let label = Schema::text().length(1, 63);
        Schema::object([
            Field::required(
                "subdomain",
                label.about("As the answer to the registration had it."),
            ),
            Field::required("txt", challenge("A SHA-256 digest in base64url.")),
        ])
        .about("One more text at the name of an account.")
    }

    fn example() -> Value {
        json!({
            "subdomain": "8e5700ea-a4bf-41c7-8a77-e990661dcc6a",
            "txt": "___validation_token_received_from_the_ca___",
        })
    }
}

impl Described for UpdateReport {
    const NAME: &'static str = "AcmeDnsUpdated";

    fn schema() -> Schema {
        Schema::object([Field::required(
            "txt",
            challenge("The text that was added."),
        )])
    }

    fn example() -> Value {
        json!({"txt": "___validation_token_received_from_the_ca___"})
    }
}

impl Described for ErrorDocument {
    const NAME: &'static str = "AcmeDnsError";

    fn schema() -> Schema {
        Schema::object([Field::required(
            "error",
            Schema::text().about("What went wrong, in a word."),
        )])
    }

    fn example() -> Value {
        json!({"error": "forbidden"})
    }
}
