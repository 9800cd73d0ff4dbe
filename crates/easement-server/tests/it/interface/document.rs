//! The document: served, committed, consistent.

use std::collections::BTreeSet;
use std::path::Path;

use http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::world::World;

#[test]
fn the_committed_document_is_what_the_code_says() {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let path = Path::new(&root).join("../../docs/openapi.json");
    let text = easement_server::openapi::text();
    if std::env::var_os("EASEMENT_WRITE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == text,
        "docs/openapi.json is not what the code says: cargo run -- openapi > docs/openapi.json"
    );
}

#[test]
fn everything_in_the_document_has_a_place_and_examples_are_right() {
    let document = easement_server::openapi::document();
    let tags: BTreeSet<&str> = document.tags.iter().map(|tag| tag.name).collect();
    let schemes: BTreeSet<&str> = document.schemes.iter().map(|scheme| scheme.name).collect();
    let mut ids = BTreeSet::new();
    for operation in document.operations.iter().chain(&document.webhooks) {
        let id = operation.id;
        assert!(ids.insert(id), "{id} stands twice");
        assert!(tags.contains(operation.tag), "{id}");
        assert!(!operation.summary.is_empty(), "{id}");
        assert!(
            operation
                .access
                .iter()
                .copied()
                .flatten()
                .all(|name| schemes.contains(name))
        );
        let statuses = operation.replies.iter().map(|reply| reply.status);
        let unique: BTreeSet<u16> = statuses.clone().collect();
        assert_eq!(unique.len(), statuses.count(), "{id} has a status twice");
        for parameter in &operation.parameters {
            let place = format!("{{{}}}", parameter.name);
            let is_in_path = parameter.place == openapi::Place::Path;
            assert_eq!(
                operation.path.contains(&place),
                is_in_path,
                "{id} {}",
                parameter.name
            );
        }
        let in_path = operation.path.matches('{').count();
        let described = operation.parameters.iter();
        let described = described
            .filter(|one| one.place == openapi::Place::Path)
            .count();
        assert_eq!(in_path, described, "{id}");
        let bodies = operation.body.iter().map(|body| &body.content);
        for content in bodies.chain(operation.replies.iter().flat_map(|one| &one.contents)) {
            let found = content.schema.check(&content.example);
            assert!(found.is_empty(), "{id}: {found:?}");
        }
    }
}

/// Two types must not have one name: one of them would be described as the other.
#[test]
fn references_lead_somewhere() {
    let text = easement_server::openapi::text();
    let json: Value = serde_json::from_str(text).unwrap();
    let schemas = json["components"]["schemas"].as_object().unwrap();
    let parts = text.split("\"#/components/schemas/").skip(1);
    let names: BTreeSet<&str> = parts.map(|part| part.split_once('"').unwrap().0).collect();
    assert!(names.len() > 10);
    for name in names {
        assert!(schemas.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn the_document_is_served_to_everybody_and_kept() {
    let world = World::start().await;
    let mut program = world.anonymous();
    let answer = program.get("/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, easement_server::openapi::text());
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let tag = HeaderValue::from_str(answer.header("etag")).unwrap();
    program.headers.insert("if-none-match", tag.clone());
    let again = program.get("/openapi.json").await;
    assert_eq!(
        (again.status, again.body.as_str()),
        (StatusCode::NOT_MODIFIED, "")
    );
    assert_eq!(again.headers.get("etag"), Some(&tag));
}

#[tokio::test]
async fn the_reference_is_a_page_for_everybody() {
    let world = World::start().await;
    let page = world.anonymous().get("/docs/api").await;
    assert_eq!(page.status, StatusCode::OK);
    let document = easement_server::openapi::document();
    for operation in document.operations.iter().chain(&document.webhooks) {
        let heading = format!("<h3 id=\"{}\">", operation.id);
        assert!(page.body.contains(&heading), "{}", operation.id);
    }
    let info = world
        .anonymous()
        .get("/.well-known/apertodns/v1/info")
        .await;
    let info: Value = serde_json::from_str(&info.body).unwrap();
    let link = info["data"]["provider"]["documentation"].as_str().unwrap();
    assert!(
        link.ends_with("/docs/api") && !link.contains("//docs"),
        "{link}"
    );
}
