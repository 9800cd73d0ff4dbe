//! What receivers of webhooks get. It is asked by this server, and answered by others.

use ::openapi::{Content, Described, Field, Need, Operation, Parameter, Place, Reply, Schema};
use easement_core::WebhookMessage;
use serde_json::{Value, json};

use apertodns::v1::WebhookEvent;

use super::webhooks::TAG;

pub(super) fn operations() -> Vec<Operation> {
    let about = "It is tried four times, and may come twice.";
    let event = |event: WebhookEvent, id, summary| {
        told(event.as_str(), id)
            .saying(TAG.name, summary, about)
            .body(Content::json::<EventDocument>())
    };
    vec![
        event(
            WebhookEvent::IpChanged,
            "on_ip_changed",
            "A host has other addresses",
        ),
        event(
            WebhookEvent::HostnameCreated,
            "on_hostname_created",
            "A name got an address",
        ),
        event(
            WebhookEvent::HostnameDeleted,
            "on_hostname_deleted",
            "The last address of a host is gone",
        ),
        event(
            WebhookEvent::UpdateFailed,
            "on_update_failed",
            "A device was refused an update",
        ),
        told(WebhookMessage::Ping.as_str(), "on_ping")
            .saying(TAG.name, "Somebody asked for a test", about)
            .body(Content::json::<PingDocument>()),
    ]
}

fn told(name: &'static str, id: &'static str) -> Operation {
    let header = |name, about: &str, example| Parameter {
        place: Place::Header,
        name,
        need: Need::Required,
        schema: Schema::text().about(about),
        example: Some(example),
    };
    Operation::post(name, id)
        .parameter(header(
            "X-ApertoDNS-Event",
            "What happened, as in the body.",
            "ip_changed",
        ))
        .parameter(header(
            "X-ApertoDNS-Delivery-ID",
            "The same at every try.",
            "del_000000000000002a",
        ))
        .parameter(header(
            "X-ApertoDNS-Timestamp",
            "When this try was made, in seconds since 1970. Refuse what is older than five minutes.",
            "1795301748",
        ))
        .parameter(header(
            "X-ApertoDNS-Signature",
            "`sha256=` and the HMAC-SHA256, in hexadecimal, of the timestamp, a dot and the body; the key is the \
             text of the secret.",
            "sha256=9f2c...",
        ))
        .reply(Reply::empty(204, "Any status from 200 to 299 is success, and nothing else of the answer counts."))
}

/// The schema of what is sent: its types serialise, and are read by nobody here.
struct EventDocument;

impl Described for EventDocument {
    const NAME: &'static str = "WebhookEvent";

    fn schema() -> Schema {
        let events = WebhookEvent::ALL.map(WebhookEvent::as_str);
        let address = |format, about: &str| Schema::formatted(format).or_null().about(about);
        let host = Schema::object([
            Field::required("hostname", Schema::text().about("The host.")),
            Field::required("previous_ipv4", address("ipv4", "Its address before.")),
            Field::required("ipv4", address("ipv4", "Its address now.")),
            Field::required("previous_ipv6", address("ipv6", "Its address before.")),
            Field::required("ipv6", address("ipv6", "Its address now.")),
            Field::required("ttl", Schema::count().about("In seconds.")),
            Field::optional(
                "reason",
                Schema::text().about("Why an update was refused; with `update_failed` alone."),
            ),
        ]);
        with_data(Schema::word(events).about("What happened."), host)
    }

    fn example() -> Value {
        json!({
            "event": "ip_changed",
            "event_id": "evt_1b_0",
            "timestamp": "2026-01-15T12:00:00.000Z",
            "webhook_id": "wh_1",
            "data": {
                "hostname": "home.example.com",
                "previous_ipv4": "203.0.113.49",
                "ipv4": "203.0.113.50",
                "previous_ipv6": null,
                "ipv6": null,
                "ttl": 300,
            },
        })
    }
}

struct PingDocument;

impl Described for PingDocument {
    const NAME: &'static str = "WebhookPing";

    fn schema() -> Schema {
        let event = Schema::only(WebhookMessage::Ping.as_str());
        with_data(event, Schema::object([]).about("Nothing."))
    }

    fn example() -> Value {
        json!({
            "event": "ping",
            "event_id": "evt_1",
            "timestamp": "2026-01-15T12:00:00.000Z",
            "webhook_id": "wh_1",
            "data": {},
        })
    }
}

fn with_data(event: Schema, data: Schema) -> Schema {
    Schema::object([
        Field::required("event", event),
        Field::required(
            "event_id",
            Schema::text().about("Which time; the same at every try."),
        ),
        Field::required(
            "timestamp",
            Schema::formatted("date-time").about("When it happened."),
        ),
        Field::required("webhook_id", Schema::text().about("Which webhook is told.")),
        Field::required("data", data),
    ])
}
