//! Bodies of requests. Members that are not described are ignored.

use openapi::{Described, Field, Schema};
use serde_json::{Value, json};

use super::{txt_value, wanted_hostname, wanted_ttl, wanted_txt_name};
use crate::v1::{
    BulkUpdateRequest, TxtDeleteRequest, TxtSetRequest, TxtWish, UpdateRequest, UpdateTtl,
};

/// An address in its states: a value, `auto`, `null`.
fn wish(format: &'static str, rtype: &str) -> Schema {
    let about = format!(
        "A public address; `auto` for the one that the request comes from; `null` deletes the {rtype} record. \
         Left out, nothing changes."
    );
    Schema::either([Schema::formatted(format), Schema::only("auto")])
        .or_null()
        .about(about)
}

fn addresses_and_ttl() -> [Field; 3] {
    let default = UpdateTtl::DEFAULT.as_secs();
    [
        Field::optional("ipv4", wish("ipv4", "A")),
        Field::optional("ipv6", wish("ipv6", "AAAA")),
        Field::optional(
            "ttl",
            wanted_ttl(&format!(
                "Seconds. A new record gets {default} when nothing is said."
            )),
        ),
    ]
}

impl Described for UpdateRequest {
    const NAME: &'static str = "UpdateRequest";

    fn schema() -> Schema {
        let [ipv4, ipv6, ttl] = addresses_and_ttl();
        Schema::object([
            Field::required("hostname", wanted_hostname()),
            ipv4,
            ipv6,
            ttl,
            Field::optional("txt", Schema::of::<TxtWish>()),
        ])
        .about(
            "What to change at one host. With the hostname alone, the address that the request comes from is set.",
        )
    }

    fn example() -> Value {
        json!({"hostname": "home.example.com", "ipv4": "203.0.113.50", "ttl": 300})
    }
}

impl Described for TxtWish {
    const NAME: &'static str = "TxtWish";

    fn schema() -> Schema {
        let name = Schema::text().length(1, 254);
        Schema::object([
            Field::required(
                "name",
                name.about("Where: below the hostname, or the full name."),
            ),
            Field::required(
                "action",
                Schema::word(["set", "delete"]).about("Adds the value, or takes it away."),
            ),
            Field::optional(
                "value",
                txt_value().about("Needed to set; without it, `delete` takes all values away."),
            ),
        ])
        .about("A text record at or below the host.")
    }

    fn example() -> Value {
        json!({"name": "_acme-challenge", "action": "set", "value": "gfj9Xq"})
    }
}

impl Described for BulkUpdateRequest {
    const NAME: &'static str = "BulkUpdateRequest";

    fn schema() -> Schema {
        let updates = Schema::list(Schema::of::<UpdateRequest>()).length(1, Self::MAX_UPDATES);
        Schema::object([
            Field::required("updates", updates.about("Each succeeds or fails alone.")),
            Field::optional(
                "defaults",
                Schema::object(addresses_and_ttl())
                    .about("For updates that do not say it themselves."),
            ),
        ])
        .about("What to change at several hosts.")
    }

    fn example() -> Value {
        json!({
            "updates": [
                {"hostname": "home.example.com", "ipv4": "203.0.113.50"},
                {"hostname": "other.example.com", "ipv4": null},
            ],
            "defaults": {"ttl": 600},
        })
    }
}

impl Described for TxtSetRequest {
    const NAME: &'static str = "TxtSetRequest";

    fn schema() -> Schema {
        let default = UpdateTtl::TXT_DEFAULT.as_secs();
        Schema::object([
            Field::required("hostname", wanted_txt_name()),
            Field::required("value", txt_value()),
            Field::optional(
                "ttl",
                wanted_ttl(&format!(
                    "Seconds, for all values at the name. New ones get {default} when nothing is said."
                )),
            ),
        ])
        .about("One more text at a name.")
    }

    fn example() -> Value {
        json!({"hostname": "_acme-challenge.home.example.com", "value": "gfj9Xq", "ttl": 60})
    }
}

impl Described for TxtDeleteRequest {
    const NAME: &'static str = "TxtDeleteRequest";

    fn schema() -> Schema {
        Schema::object([
            Field::required("hostname", wanted_txt_name()),
            Field::optional("value", txt_value().about("Left out, all values go.")),
        ])
        .about("A text to take away, or all at a name.")
    }

    fn example() -> Value {
        json!({"hostname": "_acme-challenge.home.example.com", "value": "gfj9Xq"})
    }
}
