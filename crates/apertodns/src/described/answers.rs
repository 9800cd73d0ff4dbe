//! Answers about hosts and text records.

use openapi::{Described, Field, Schema};
use serde_json::{Value, json};

use super::{hostname, ipv4, ipv6, moment, ttl};
use crate::v1::{
    ApiError, BulkReport, BulkResult, BulkSummary, HostStatus, TxtDeleteReport, TxtList, TxtReport,
    TxtSetReport, UpdateReport,
};

impl Described for UpdateReport {
    const NAME: &'static str = "UpdateReport";

    fn schema() -> Schema {
        Schema::object([
            Field::required("hostname", hostname()),
            Field::required("ipv4", ipv4("The address now.")),
            Field::required("previous_ipv4", ipv4("The address before.")),
            Field::required("ipv4_previous", ipv4("Deprecated name of previous_ipv4.")),
            Field::required("ipv6", ipv6("The address now.")),
            Field::required("previous_ipv6", ipv6("The address before.")),
            Field::required("ipv6_previous", ipv6("Deprecated name of previous_ipv6.")),
            Field::required("ttl", ttl()),
            Field::required(
                "changed",
                Schema::boolean().about("Whether an address is another than before."),
            ),
            Field::optional(
                "propagation_estimate_seconds",
                Schema::count().about("How long others may see the addresses from before."),
            ),
            Field::optional("txt", Schema::of::<TxtReport>()),
            Field::required(
                "updated_at",
                moment("When the host was changed for the last time."),
            ),
        ])
        .about("What an update changed.")
    }

    fn example() -> Value {
        json!({
            "hostname": "home.example.com",
            "ipv4": "203.0.113.50",
            "previous_ipv4": "203.0.113.49",
            "ipv4_previous": "203.0.113.49",
            "ipv6": null,
            "previous_ipv6": null,
            "ipv6_previous": null,
            "ttl": 300,
            "changed": true,
            "updated_at": "2026-01-15T12:00:00.000Z",
        })
    }
}

impl Described for TxtReport {
    const NAME: &'static str = "TxtReport";

    fn schema() -> Schema {
        Schema::object([
            Field::required("hostname", Schema::text().about("Where the text stands.")),
            Field::required(
                "record_count",
                Schema::count().about("How many values are there now."),
            ),
            Field::required(
                "changed",
                Schema::boolean().about("Whether they are others than before."),
            ),
        ])
        .about("What became of the text record of an update that had one.")
    }

    fn example() -> Value {
        json!({"hostname": "_acme-challenge.home.example.com", "record_count": 1, "changed": true})
    }
}

//------------ Bulk updates ----------------------------------------------------------------------

impl Described for BulkSummary {
    const NAME: &'static str = "BulkSummary";

    fn schema() -> Schema {
        Schema::object(summary()).about("How many updates succeeded and failed.")
    }

    fn example() -> Value {
        json!({"total": 2, "successful": 1, "failed": 1})
    }
}

fn summary() -> [Field; 3] {
    [
        ("total", "All updates."),
        ("successful", "Those that succeeded."),
        ("failed", "Those that failed."),
    ]
    .map(|(name, about)| Field::required(name, Schema::count().about(about)))
}

impl Described for BulkReport {
    const NAME: &'static str = "BulkReport";

    fn schema() -> Schema {
        let results = Schema::list(Schema::of::<BulkResult>());
        let [total, successful, failed] = summary();
        Schema::object([
            Field::required("summary", Schema::of::<BulkSummary>()),
            total,
            successful,
            failed,
            Field::required(
                "results",
                results.about("One for each update, in the order of the request."),
            ),
        ])
        .about("What became of many updates.")
    }

    fn example() -> Value {
        json!({
            "summary": BulkSummary::example(),
            "total": 2,
            "successful": 1,
            "failed": 1,
            "results": [
                BulkResult::example(),
                {
                    "hostname": "other.example.com",
                    "success": false,
                    "status": "error",
                    "error": {"code": "hostname_not_owned", "message": "this hostname is not yours"},
                },
            ],
        })
    }
}

impl Described for BulkResult {
    const NAME: &'static str = "BulkResult";

    fn schema() -> Schema {
        let updated = Schema::object([
            Field::required("hostname", hostname()),
            Field::required("success", Schema::only(true)),
            Field::required("status", Schema::only("success")),
            Field::required("ipv4", ipv4("The address now.")),
            Field::required("ipv6", ipv6("The address now.")),
            Field::required(
                "changed",
                Schema::boolean().about("Whether an address is another than before."),
            ),
        ])
        .about("It was made.");
        let written =
            Schema::text().about("The host, as it was written; empty when there was none.");
        let failed = Schema::object([
            Field::required("hostname", written),
            Field::required("success", Schema::only(false)),
            Field::required("status", Schema::only("error")),
            Field::required("error", Schema::of::<ApiError>()),
        ])
        .about("It was not.");
        Schema::either([updated, failed]).about("What became of one update.")
    }

    fn example() -> Value {
        json!({
            "hostname": "home.example.com",
            "success": true,
            "status": "success",
            "ipv4": "203.0.113.50",
            "ipv6": null,
            "changed": true,
        })
    }
}

//------------ Hosts -----------------------------------------------------------------------------

impl Described for HostStatus {
    const NAME: &'static str = "HostStatus";

    fn schema() -> Schema {
        Schema::object([
            Field::required("hostname", hostname()),
            Field::required("ipv4", ipv4("Its address.")),
            Field::required("ipv6", ipv6("Its address.")),
            Field::required("ttl", ttl()),
            Field::optional("updated_at", moment("When a device changed it last.")),
            Field::optional("created_at", moment("When a device changed it first.")),
            Field::optional(
                "is_active",
                Schema::boolean().about("Whether updates are taken."),
            ),
            Field::optional(
                "update_count_24h",
                Schema::count().about("Updates of the last day."),
            ),
            Field::optional("update_count_total", Schema::count().about("All updates.")),
        ])
        .about("One host.")
    }

    fn example() -> Value {
        json!({
            "hostname": "home.example.com",
            "ipv4": "203.0.113.50",
            "ipv6": null,
            "ttl": 300,
            "updated_at": "2026-01-15T12:00:00.000Z",
            "is_active": true,
            "update_count_24h": 2,
            "update_count_total": 40,
        })
    }
}

//------------ Text records ----------------------------------------------------------------------

fn where_it_stands() -> Field {
    Field::required("hostname", Schema::text().about("Where the text stands."))
}

fn count(name: &'static str, about: &str) -> Field {
    Field::required(name, Schema::count().about(about))
}

impl Described for TxtSetReport {
    const NAME: &'static str = "TxtSetReport";

    fn schema() -> Schema {
        Schema::object([
            where_it_stands(),
            Field::required("value", Schema::text().about("The value that was added.")),
            Field::required("ttl", ttl()),
            count("record_count", "How many values are there now."),
            count("total_records", "The same, under its other name."),
            Field::required("timestamp", moment("When.")),
        ])
        .about("A text that was set.")
    }

    fn example() -> Value {
        json!({
            "hostname": "_acme-challenge.home.example.com",
            "value": "gfj9Xq",
            "ttl": 60,
            "record_count": 1,
            "total_records": 1,
            "timestamp": "2026-01-15T12:00:00.000Z",
        })
    }
}

impl Described for TxtDeleteReport {
    const NAME: &'static str = "TxtDeleteReport";

    fn schema() -> Schema {
        Schema::object([
            where_it_stands(),
            Field::required("deleted", Schema::boolean().about("Whether anything went.")),
            count("values_removed", "How many values went."),
            count("remaining_count", "How many values are there now."),
            count("remaining", "The same, under its other name."),
            Field::required("timestamp", moment("When.")),
        ])
        .about("Texts that were deleted.")
    }

    fn example() -> Value {
        json!({
            "hostname": "_acme-challenge.home.example.com",
            "deleted": true,
            "values_removed": 1,
            "remaining_count": 0,
            "remaining": 0,
            "timestamp": "2026-01-15T12:00:00.000Z",
        })
    }
}

impl Described for TxtList {
    const NAME: &'static str = "TxtList";

    fn schema() -> Schema {
        Schema::object([
            where_it_stands(),
            Field::required("values", Schema::list(Schema::text()).about("All values.")),
            Field::required("ttl", ttl()),
            count("record_count", "How many values there are."),
        ])
        .about("The texts at a name.")
    }

    fn example() -> Value {
        json!({
            "hostname": "_acme-challenge.home.example.com",
            "values": ["gfj9Xq"],
            "ttl": 60,
            "record_count": 1,
        })
    }
}
