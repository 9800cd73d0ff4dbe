//! The public documents.

use openapi::{Described, Field, Schema};
use serde_json::{Value, json};

use super::moment;
use crate::v1::{
    Authentication, Capabilities, Endpoints, Health, Info, PROTOCOL_VERSION, ProviderInfo,
    RateLimitInfo,
};

impl Described for Info {
    const NAME: &'static str = "Info";

    fn schema() -> Schema {
        let limits = Schema::map(Schema::of::<RateLimitInfo>());
        Schema::object([
            Field::required("protocol", Schema::only("apertodns")),
            Field::required("protocol_version", Schema::only(PROTOCOL_VERSION)),
            Field::required("provider", Schema::of::<ProviderInfo>()),
            Field::required("capabilities", Schema::of::<Capabilities>()),
            Field::required("authentication", Schema::of::<Authentication>()),
            Field::required("endpoints", Schema::of::<Endpoints>()),
            Field::optional(
                "rate_limits",
                limits.about("How often each endpoint may be asked, by its name in `endpoints`."),
            ),
            Field::optional("server_time", moment("What time it is.")),
        ])
        .about("What a server can do.")
    }

    fn example() -> Value {
        json!({
            "protocol": "apertodns",
            "protocol_version": PROTOCOL_VERSION,
            "provider": ProviderInfo::example(),
            "capabilities": Capabilities::example(),
            "authentication": Authentication::example(),
            "endpoints": Endpoints::example(),
            "server_time": "2026-01-15T12:00:00.000Z",
        })
    }
}

impl Described for ProviderInfo {
    const NAME: &'static str = "ProviderInfo";

    fn schema() -> Schema {
        let text = |about| Schema::text().about(about);
        Schema::object([
            Field::required("name", text("Its name.")),
            Field::required("website", text("Its website.")),
            Field::optional("documentation", text("Where there is more to read.")),
            Field::optional("support_email", text("Where to ask for help.")),
            Field::optional("privacy_policy", text("What becomes of personal data.")),
            Field::optional(
                "terms_of_service",
                text("Under which conditions it may be used."),
            ),
        ])
        .about("Who runs the server.")
    }

    fn example() -> Value {
        json!({"name": "Example DNS", "website": "https://dns.example.net/"})
    }
}

impl Described for Capabilities {
    const NAME: &'static str = "Capabilities";

    fn schema() -> Schema {
        let yes = |name, about: &str| Field::required(name, Schema::boolean().about(about));
        let count = |name, about: &str| Field::required(name, Schema::count().about(about));
        Schema::object([
            yes("ipv4", "Records of type A."),
            yes("ipv6", "Records of type AAAA."),
            yes("auto_ip_detection", "`auto` for an address."),
            yes("bulk_update", "Several updates in one request."),
            count("max_bulk_size", "The most updates of one request."),
            yes("webhooks", "Webhooks."),
            yes("txt_records", "Text records."),
            count("txt_max_records", "The most values at one name."),
            yes("null_deletion", "`null` for an address deletes it."),
        ])
    }

    fn example() -> Value {
        json!({
            "ipv4": true,
            "ipv6": true,
            "auto_ip_detection": true,
            "bulk_update": true,
            "max_bulk_size": 100,
            "webhooks": false,
            "txt_records": true,
            "txt_max_records": 5,
            "null_deletion": true,
        })
    }
}

impl Described for Authentication {
    const NAME: &'static str = "Authentication";

    fn schema() -> Schema {
        let words = |about| Schema::list(Schema::text()).about(about);
        Schema::object([
            Field::required("methods", words("The ways to send a token.")),
            Field::required(
                "token_format",
                Schema::text().about("What a token looks like."),
            ),
            Field::required("scopes_supported", words("What a token may allow.")),
        ])
        .about("How clients say who they are.")
    }

    fn example() -> Value {
        json!(Self::default())
    }
}

impl Described for Endpoints {
    const NAME: &'static str = "Endpoints";

    fn schema() -> Schema {
        let names = [
            "info",
            "health",
            "update",
            "bulk_update",
            "status",
            "domains",
            "txt",
            "legacy_dyndns2",
        ];
        Schema::object(names.map(|name| Field::required(name, Schema::text())))
            .about("The path of each endpoint.")
    }

    fn example() -> Value {
        json!(Self::default())
    }
}

impl Described for RateLimitInfo {
    const NAME: &'static str = "RateLimitInfo";

    fn schema() -> Schema {
        Schema::object([
            Field::required("requests", Schema::count().about("So many requests")),
            Field::required(
                "window_seconds",
                Schema::count().about("in so many seconds."),
            ),
        ])
    }

    fn example() -> Value {
        json!({"requests": 60, "window_seconds": 60})
    }
}

impl Described for Health {
    const NAME: &'static str = "Health";

    fn schema() -> Schema {
        Schema::object([
            Field::required("status", Schema::word(["healthy", "degraded", "unhealthy"])),
            Field::required("timestamp", moment("When that was so.")),
        ])
        .about("How it goes.")
    }

    fn example() -> Value {
        json!({"status": "healthy", "timestamp": "2026-01-15T12:00:00.000Z"})
    }
}
