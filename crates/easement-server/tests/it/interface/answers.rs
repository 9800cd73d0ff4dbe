//! Every answer that a test gets is held against the document.

use std::sync::LazyLock;

use http::Method;
use openapi::{Document, Need, Reply};
use serde_json::Value;

use crate::world::Answer;

/// Fails the test when a request is answered with something that the document does not say.
pub(crate) fn check_answer(method: &Method, target: &str, answer: &Answer) {
    static DOCUMENT: LazyLock<Document> = LazyLock::new(easement_server::openapi::document);
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let Some(operation) = DOCUMENT.find(method.as_str(), path) else {
        return;
    };
    // Programs call at the address of a page, which answers people with pages, and leads on.
    let is_json = answer
        .header("content-type")
        .starts_with("application/json");
    if operation.id == "apply_template" && !is_json {
        return;
    }
    let replies = &operation.replies;
    let reply = replies
        .iter()
        .find(|reply| reply.status == answer.status.as_u16());
    let called = format!("{} answers {}", operation.id, answer.status);
    let reply =
        reply.unwrap_or_else(|| panic!("{called}, which is not described: {}", answer.body));
    for header in &reply.headers {
        let is_there = answer.headers.contains_key(header.name);
        assert!(
            is_there || header.need == Need::Optional,
            "{called} without {}",
            header.name
        );
    }
    let problems = problems(reply, answer);
    assert!(
        problems.is_empty(),
        "{called}: {problems:?}\n{}",
        answer.body
    );
}

fn problems(reply: &Reply, answer: &Answer) -> Vec<String> {
    if reply.contents.is_empty() {
        return if answer.body.is_empty() {
            vec![]
        } else {
            vec!["there is a body".to_owned()]
        };
    }
    let media = answer.header("content-type").split(';').next().unwrap();
    let Some(content) = reply.contents.iter().find(|one| one.media == media) else {
        return vec![format!("the type {media:?} is not described")];
    };
    let body = if media == "text/plain" {
        Value::from(answer.body.as_str())
    } else {
        serde_json::from_str(&answer.body).unwrap()
    };
    let mut problems = content.schema.check(&body);
    let code = body.pointer("/error/code").or_else(|| body.get("error"));
    if let Some(code) = code.and_then(Value::as_str)
        && !reply.codes.is_empty()
        && reply.codes.iter().all(|known| known.code != code)
    {
        problems.push(format!("the code {code} is not described"));
    }
    problems
}
