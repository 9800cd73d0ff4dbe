//! The schemas of the documents that programs are answered with.

use openapi::{Described, Field, Schema};
use serde_json::{Value, json};

use crate::{ApiError, ConflictAnswer, Settings, TemplateVersion};

impl Described for Settings {
    const NAME: &'static str = "DomainConnectSettings";

    fn schema() -> Schema {
        let text = |about: &str| Schema::text().about(about);
        let pixels = |about: &str| Schema::count().about(about);
        Schema::object([
            Field::required("providerId", text("Which DNS provider this is.")),
            Field::required("providerName", text("Its name.")),
            Field::optional(
                "providerDisplayName",
                text("The name to show, when it is another."),
            ),
            Field::optional(
                "urlSyncUX",
                text("What the URLs of the synchronous flow begin with."),
            ),
            Field::optional(
                "urlAsyncUX",
                text("What the pages of the asynchronous flow begin with."),
            ),
            Field::required("urlAPI", text("What the URLs for programs begin with.")),
            Field::optional(
                "width",
                pixels("How wide a window for the pages should be."),
            ),
            Field::optional("height", pixels("How high it should be.")),
            Field::optional(
                "urlControlPanel",
                text("Where a person manages the zone; `%domain%` stands for its apex."),
            ),
            Field::optional(
                "nameServers",
                Schema::list(Schema::text()).about("The name servers of the zone."),
            ),
        ])
        .about("How Domain Connect works for one zone.")
    }

    fn example() -> Value {
        json!({
            "providerId": "dns.example.net",
            "providerName": "Example DNS",
            "urlSyncUX": "https://dns.example.net",
            "urlAPI": "https://dns.example.net",
            "width": 800,
            "height": 900,
            "urlControlPanel": "https://dns.example.net/zones/%domain%",
            "nameServers": ["ns1.example.net", "ns2.example.net"],
        })
    }
}

impl Described for TemplateVersion {
    const NAME: &'static str = "TemplateVersion";

    fn schema() -> Schema {
        let version = Schema::count().about("The version of the template, when it has one.");
        Schema::object([Field::optional("version", version)])
    }

    fn example() -> Value {
        json!({"version": 3})
    }
}

impl Described for ConflictAnswer {
    const NAME: &'static str = "DomainConnectConflict";

    fn schema() -> Schema {
        let text = |about: &str| Schema::text().about(about);
        let record = Schema::object([
            Field::required("type", text("Its type.")),
            Field::required(
                "host",
                text("Its name below the zone's apex; `@` at the apex."),
            ),
            Field::required("data", text("What it says.")),
        ]);
        Schema::object([
            Field::required("code", Schema::only("409")),
            Field::required("message", text("A sentence for developers.")),
            Field::required("records", Schema::list(record).about("What is in the way.")),
        ])
        .about("Why a template was not applied.")
    }

    fn example() -> Value {
        json!({
            "code": "409",
            "message": "1 record is in the way: nothing was changed; send force=1 to replace it",
            "records": [{"type": "CNAME", "host": "www", "data": "example.net."}],
        })
    }
}

impl Described for ApiError {
    const NAME: &'static str = "DomainConnectError";

    fn schema() -> Schema {
        Schema::object([
            Field::required("error", Schema::text().about("A short name for the kind.")),
            Field::optional(
                "error_description",
                Schema::text().about("A sentence for developers."),
            ),
        ])
        .about("What went wrong.")
    }

    fn example() -> Value {
        json!({"error": "not_found", "error_description": "this server does not offer this template"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example, and a document with all that there can be, are read as what they describe, and written as
    /// they were.
    #[test]
    fn documents_are_as_their_schemas_say() {
        let mut all = Settings::example();
        all["providerDisplayName"] = "Example".into();
        all["urlAsyncUX"] = "https://dns.example.net".into();
        for document in [Settings::example(), all] {
            assert!(Settings::schema().check(&document).is_empty());
            let read: Settings = serde_json::from_value(document.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), document);
        }
        let bare = json!({"error": "not_found"});
        for document in [ApiError::example(), bare] {
            assert!(ApiError::schema().check(&document).is_empty());
            let read: ApiError = serde_json::from_value(document.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), document);
        }
        let document = |version| serde_json::to_value(TemplateVersion { version }).unwrap();
        assert_eq!(document(Some(3)), TemplateVersion::example());
        for version in [Some(3), None] {
            assert!(
                TemplateVersion::schema()
                    .check(&document(version))
                    .is_empty()
            );
        }
    }
}
