//! Domain Connect.

use ::domain_connect::{ApiError, Settings, TEMPLATE_MEDIA_TYPE, TemplateVersion};
use ::openapi::{Content, Need, Operation, Parameter, Reply, Schema, Tag};
use serde_json::json;

use super::tag;
use crate::domain_connect::paths;

pub(super) const TAG: Tag = tag(
    "Domain Connect",
    "How service providers find out what this server offers. Applying a template is a page, since a person decides \
     about it.",
);

pub(super) fn operations() -> Vec<Operation> {
    vec![settings(), template()]
}

fn settings() -> Operation {
    let domain = Schema::text().length(1, None).about("The apex of a zone.");
    Operation::get(paths::SETTINGS, "get_settings")
        .saying(TAG.name, "The settings of a zone", "")
        .parameter(Parameter::path("domain", domain).example("example.com"))
        .reply(open(Reply::new(
            200,
            "Where everything is.",
            Content::json::<Settings>(),
        )))
        .replies(errors(
            "not_found",
            "this server does not offer Domain Connect for this domain",
        ))
}

fn template() -> Operation {
    let text = |about: &str| Schema::text().length(1, None).about(about);
    let tag = Schema::text().about("The entity tag of the answer that is there already.");
    let whole = Content {
        media: TEMPLATE_MEDIA_TYPE,
        schema: Schema::map(Schema::anything()).about("The template."),
        example: json!({
            "providerId": "exampleservice.example",
            "providerName": "Example Service",
            "serviceId": "website",
            "serviceName": "Website",
            "version": 3,
            "records": [{"type": "A", "host": "@", "pointsTo": "%address%", "ttl": 600}],
        }),
    };
    Operation::get(paths::TEMPLATE, "get_template")
        .saying(
            TAG.name,
            "Whether a template is offered",
            "The version alone, or the whole template for those whose header `Accept` names its media type.",
        )
        .parameter(Parameter::path("provider", text("The provider id.")).example("exampleservice.example"))
        .parameter(Parameter::path("service", text("The service id.")).example("website"))
        .parameter(Parameter::header("If-None-Match", tag))
        .reply(tagged(open(
            Reply::new(200, "It is.", Content::json::<TemplateVersion>()).or(whole),
        )))
        .reply(tagged(open(Reply::empty(304, "It is, and is as it was."))))
        .replies(errors("not_found", "this server does not offer this template"))
}

/// With the header that lets programs in browsers read it.
pub(super) fn open(reply: Reply) -> Reply {
    reply.header(
        "Access-Control-Allow-Origin",
        Need::Required,
        Schema::only("*"),
    )
}

/// With an entity tag.
pub(super) fn tagged(reply: Reply) -> Reply {
    let about = "To be sent back in If-None-Match.";
    reply.header("ETag", Need::Required, Schema::text().about(about))
}

fn errors(code: &'static str, about: &'static str) -> Vec<Reply> {
    vec![
        error(404, "It is not there.", code, about),
        too_often(),
        error(
            500,
            "Something is broken here.",
            "server_error",
            "the server failed",
        ),
        error(
            503,
            "Come again later.",
            "temporarily_unavailable",
            "try again in a moment",
        ),
    ]
}

/// For networks that ask more than 600 times a minute.
pub(super) fn too_often() -> Reply {
    error(
        429,
        "Too many requests.",
        "too_many_requests",
        "your network asks this server too often: wait as Retry-After says",
    )
    .header(
        "Retry-After",
        Need::Required,
        Schema::count().about("How many seconds to wait."),
    )
}

fn error(status: u16, when: &'static str, code: &'static str, about: &'static str) -> Reply {
    let content = Content {
        example: json!({"error": code, "error_description": about}),
        ..Content::json::<ApiError>()
    };
    open(Reply::new(status, when, content).codes([(code, about)]))
}
