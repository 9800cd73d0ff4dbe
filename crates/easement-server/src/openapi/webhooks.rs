//! The management of webhooks.

use ::apertodns::v1::{ErrorCode, WebhookEvent};
use ::openapi::{Content, Described, Field, Operation, Parameter, Reply, Schema, Tag};
use easement_core::{DisabledBecause, WebhookMessage};
use easement_store::DeliveryState;
use serde_json::{Value, json};

use super::apertodns::{OF_TOKEN, TOKEN, document, errors, limited, success, told};
use super::tag;
use crate::apertodns::webhooks::{
    DeletedDocument, DeliveryDocument, ListDocument, LogDocument, QueuedDocument, TryDocument,
    WantedDocument, WebhookDocument,
};
use crate::pages::views::paths;

pub(super) const TAG: Tag = tag(
    "Webhooks",
    "Other servers are told when the addresses of a host change. The token needs the right to manage webhooks, since \
     they tell of all zones of its account. What is delivered is in docs/webhooks.md.",
);

/// What may be wrong with a body.
const OF_BODY: [ErrorCode; 3] = [
    ErrorCode::InvalidJson,
    ErrorCode::ValidationError,
    ErrorCode::PayloadTooLarge,
];
const OF_WEBHOOK: [ErrorCode; 1] = [ErrorCode::WebhookNotFound];
/// Where all of it is needed, and not only what names it.
const OF_WHOLE: [ErrorCode; 2] = [ErrorCode::WebhookNotFound, ErrorCode::InvalidRequest];
const OF_DELIVERY: [ErrorCode; 3] = [
    ErrorCode::WebhookNotFound,
    ErrorCode::NotFound,
    ErrorCode::InvalidRequest,
];

pub(super) fn operations() -> Vec<Operation> {
    let mut operations = of_webhooks();
    operations.extend(of_deliveries());
    operations
}

fn of_webhooks() -> Vec<Operation> {
    let made = || {
        limited(told(Reply::new(
            201,
            "The webhook, with its secret.",
            of_secret(),
        )))
    };
    vec![
        Operation::get(paths::API_WEBHOOKS, "list_webhooks")
            .saying(TAG.name, "The webhooks of the account", "")
            .access(TOKEN)
            .reply(limited(success(
                "The webhooks.",
                document::<ListDocument>(),
            )))
            .replies(errors(&[&OF_TOKEN])),
        Operation::post(paths::API_WEBHOOKS, "create_webhook")
            .saying(
                TAG.name,
                "Make a webhook",
                "Without `events`, for all of them.",
            )
            .access(TOKEN)
            .body(Content::json::<WantedDocument>())
            .reply(made())
            .replies(errors(&[&OF_TOKEN, &OF_BODY])),
        webhook(Operation::get(paths::API_WEBHOOK, "show_webhook"))
            .saying(TAG.name, "A webhook", "")
            .reply(limited(success(
                "The webhook.",
                document::<WebhookDocument>(),
            )))
            .replies(errors(&[&OF_TOKEN, &OF_WEBHOOK])),
        webhook(Operation::patch(paths::API_WEBHOOK, "change_webhook"))
            .saying(TAG.name, "Change a webhook", "What is not named stays.")
            .body(Content::json::<WantedDocument>())
            .reply(limited(success(
                "What it is now.",
                document::<WebhookDocument>(),
            )))
            .replies(errors(&[&OF_TOKEN, &OF_BODY, &OF_WHOLE])),
        webhook(Operation::delete(paths::API_WEBHOOK, "delete_webhook"))
            .saying(TAG.name, "Delete a webhook", "With its log.")
            .reply(limited(success(
                "It is gone.",
                document::<DeletedDocument>(),
            )))
            .replies(errors(&[&OF_TOKEN, &OF_WEBHOOK])),
        webhook(Operation::post(paths::API_WEBHOOK_SECRET, "renew_secret"))
            .saying(
                TAG.name,
                "Another secret",
                "The old one does not sign any more.",
            )
            .reply(limited(success(
                "The webhook, with its secret.",
                of_secret(),
            )))
            .replies(errors(&[&OF_TOKEN, &OF_WHOLE])),
        webhook(Operation::post(paths::API_WEBHOOK_TEST, "test_webhook"))
            .saying(TAG.name, "Test a webhook", "Its receiver gets a `ping`.")
            .reply(queued())
            .replies(errors(&[&OF_TOKEN, &OF_WHOLE])),
    ]
}

fn of_deliveries() -> Vec<Operation> {
    let before = Schema::text().about("The id of a delivery: those from before it.");
    vec![
        webhook(Operation::get(
            paths::API_WEBHOOK_DELIVERIES,
            "list_deliveries",
        ))
        .saying(
            TAG.name,
            "The log of a webhook",
            "The newest first, 100 of them.",
        )
        .parameter(Parameter::query("before", before).example("del_0000000000000008"))
        .reply(limited(success(
            "The deliveries.",
            document::<LogDocument>(),
        )))
        .replies(errors(&[&OF_TOKEN, &OF_DELIVERY])),
        delivery(Operation::get(paths::API_WEBHOOK_DELIVERY, "show_delivery"))
            .saying(TAG.name, "A delivery", "With what was sent, and every try.")
            .reply(limited(success(
                "The delivery.",
                document::<DeliveryDocument>(),
            )))
            .replies(errors(&[&OF_TOKEN, &OF_DELIVERY])),
        delivery(Operation::post(paths::API_WEBHOOK_REDELIVER, "redeliver"))
            .saying(TAG.name, "Deliver once more", "")
            .reply(queued())
            .replies(errors(&[
                &OF_TOKEN,
                &OF_DELIVERY,
                &[ErrorCode::ValidationError],
            ])),
    ]
}

fn webhook(operation: Operation) -> Operation {
    let id = Schema::text()
        .length(1, None)
        .about("The id of the webhook.");
    operation
        .access(TOKEN)
        .parameter(Parameter::path("webhook", id).example("wh_1"))
}

fn delivery(operation: Operation) -> Operation {
    let id = Schema::text()
        .length(1, None)
        .about("The id of the delivery.");
    webhook(operation).parameter(Parameter::path("delivery", id).example("del_0000000000000007"))
}

fn queued() -> Reply {
    limited(told(Reply::new(
        202,
        "It is on its way.",
        document::<QueuedDocument>(),
    )))
}

fn of_secret() -> Content {
    let mut content = document::<WebhookDocument>();
    if let Some(Value::Object(data)) = content.example.get_mut("data") {
        data.insert("secret".to_owned(), json!("whsec_..."));
    }
    content
}

//------------ Documents -------------------------------------------------------------------------

fn events() -> Schema {
    Schema::list(Schema::word(WebhookEvent::ALL.map(WebhookEvent::as_str)))
}

fn moment(about: &str) -> Schema {
    Schema::formatted("date-time").about(about)
}

impl Described for WantedDocument {
    const NAME: &'static str = "WebhookWish";

    fn schema() -> Schema {
        Schema::object([
            Field::optional(
                "url",
                Schema::text()
                    .or_null()
                    .about("An https address; needed for a new webhook."),
            ),
            Field::optional("events", events().or_null().about("What it is told of.")),
            Field::optional(
                "active",
                Schema::boolean()
                    .or_null()
                    .about("Whether it is told anything; looked at by PATCH."),
            ),
        ])
    }

    fn example() -> Value {
        json!({"url": "https://hook.example.com/dns", "events": ["ip_changed"]})
    }
}

impl Described for WebhookDocument {
    const NAME: &'static str = "Webhook";

    fn schema() -> Schema {
        let why = Schema::word(DisabledBecause::ALL.map(DisabledBecause::as_str));
        Schema::object([
            Field::required("id", Schema::text().about("Its id.")),
            Field::required(
                "url",
                Schema::text()
                    .or_null()
                    .about("Where it leads; null when the server cannot read it any more."),
            ),
            Field::required("events", events().about("What it is told of.")),
            Field::required(
                "active",
                Schema::boolean().about("Whether it is told anything."),
            ),
            Field::required("disabled_because", why.or_null().about("Why it is not.")),
            Field::required("disabled_at", moment("Since when it is not.").or_null()),
            Field::required("created_at", moment("When it was made.")),
            Field::required(
                "failed_in_a_row",
                Schema::count().about("Deliveries that failed since one arrived."),
            ),
            Field::optional(
                "secret",
                Schema::text().about(
                    "What deliveries are signed with; right after it was made, and never again.",
                ),
            ),
        ])
    }

    fn example() -> Value {
        json!({
            "id": "wh_1",
            "url": "https://hook.example.com/dns",
            "events": ["ip_changed"],
            "active": true,
            "disabled_because": null,
            "disabled_at": null,
            "created_at": "2026-01-15T12:00:00.000Z",
            "failed_in_a_row": 0,
        })
    }
}

impl Described for ListDocument {
    const NAME: &'static str = "WebhookList";

    fn schema() -> Schema {
        Schema::object([Field::required(
            "webhooks",
            Schema::list(Schema::of::<WebhookDocument>()),
        )])
    }

    fn example() -> Value {
        json!({"webhooks": [WebhookDocument::example()]})
    }
}

impl Described for DeletedDocument {
    const NAME: &'static str = "WebhookDeleted";

    fn schema() -> Schema {
        Schema::object([Field::required("deleted", Schema::only(true))])
    }

    fn example() -> Value {
        json!({"deleted": true})
    }
}

impl Described for QueuedDocument {
    const NAME: &'static str = "WebhookQueued";

    fn schema() -> Schema {
        Schema::object([Field::required("queued", Schema::only(true))])
    }

    fn example() -> Value {
        json!({"queued": true})
    }
}

impl Described for LogDocument {
    const NAME: &'static str = "WebhookLog";

    fn schema() -> Schema {
        Schema::object([Field::required(
            "deliveries",
            Schema::list(Schema::of::<DeliveryDocument>()),
        )])
    }

    fn example() -> Value {
        let mut entry = DeliveryDocument::example();
        if let Value::Object(entry) = &mut entry {
            entry.remove("body");
            entry.remove("tries");
        }
        json!({"deliveries": [entry]})
    }
}

impl Described for DeliveryDocument {
    const NAME: &'static str = "WebhookDelivery";

    fn schema() -> Schema {
        let messages = WebhookEvent::ALL.map(WebhookMessage::Event).into_iter();
        let messages = messages
            .chain([WebhookMessage::Ping])
            .map(WebhookMessage::as_str);
        let states = [
            DeliveryState::Waiting,
            DeliveryState::Delivered,
            DeliveryState::Failed,
            DeliveryState::Dropped,
        ];
        Schema::object([
            Field::required("id", Schema::text().about("Its id.")),
            Field::required(
                "event",
                Schema::word(messages).about("What happened; `ping` for a test."),
            ),
            Field::required("hostname", Schema::text().or_null().about("To which host.")),
            Field::required("state", Schema::word(states.map(DeliveryState::as_str))),
            Field::required("created_at", moment("When it happened.")),
            Field::required("next_try_at", moment("When it is tried next.").or_null()),
            Field::required("attempts", Schema::count().about("How often it was tried.")),
            Field::optional(
                "body",
                Schema::map(Schema::anything())
                    .about("What is sent; in the answer about one delivery."),
            ),
            Field::optional(
                "tries",
                Schema::list(Schema::of::<TryDocument>())
                    .about("In the answer about one delivery."),
            ),
        ])
    }

    fn example() -> Value {
        json!({
            "id": "del_0000000000000007",
            "event": "ip_changed",
            "hostname": "home.example.com",
            "state": "delivered",
            "created_at": "2026-01-15T12:00:00.000Z",
            "next_try_at": null,
            "attempts": 1,
            "body": {"event": "ip_changed"},
            "tries": [TryDocument::example()],
        })
    }
}

impl Described for TryDocument {
    const NAME: &'static str = "WebhookTry";

    fn schema() -> Schema {
        Schema::object([
            Field::required("at", moment("When.")),
            Field::required("milliseconds", Schema::count().about("How long it took.")),
            Field::required(
                "status",
                Schema::whole(100, 999)
                    .or_null()
                    .about("The HTTP status of the receiver."),
            ),
            Field::required(
                "problem",
                Schema::text().or_null().about("What went wrong."),
            ),
        ])
    }

    fn example() -> Value {
        json!({"at": "2026-01-15T12:00:01.000Z", "milliseconds": 120, "status": 204, "problem": null})
    }
}
