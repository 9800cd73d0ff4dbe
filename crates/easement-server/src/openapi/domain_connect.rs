//! Domain Connect.

use ::domain_connect::{ApiError, ConflictAnswer, Settings, TEMPLATE_MEDIA_TYPE, TemplateVersion};
use ::openapi::{Access, Content, Need, Operation, Parameter, Reply, Schema, Tag};
use serde_json::json;

use super::{ACCESS_TOKEN, tag};
use crate::domain_connect::paths;

pub(super) const TAG: Tag = tag(
    "Domain Connect",
    "How service providers find out what this server offers, and what they do with the standing access that an owner \
     gave them. Asking an owner is a page.",
);

pub(super) fn operations() -> Vec<Operation> {
    vec![settings(), template(), apply(), revert()]
}

const TOKEN: [Access; 1] = [&[ACCESS_TOKEN]];

fn apply() -> Operation {
    let query = |name, about: &str| Parameter::query(name, Schema::text().about(about));
    let conflict = Reply::new(
        409,
        "Something is in the way, and was not when the owner agreed. Nothing was changed.",
        Content::json::<ConflictAnswer>(),
    );
    call(paths::APPLY, "apply_template")
        .saying(
            TAG.name,
            "Apply a template",
            "With an access token of an owner's grant. Each call is planned anew. Values of the template's variables are \
             parameters, too; they come in the query, as a form, or as a JSON object.",
        )
        .parameter(query("groupId", "Which groups, with commas between them; all when it is left out."))
        .parameter(query("force", "1 to replace what is in the way.").example("1"))
        .reply(Reply::new(200, "It is applied.", nothing()))
        .reply(conflict)
}

fn revert() -> Operation {
    let about = "this template is not applied at this host, so there is nothing to remove";
    call(paths::REVERT, "revert_template")
        .saying(
            TAG.name,
            "Remove what was applied",
            "Every instance, when none is named.",
        )
        .reply(Reply::new(200, "It is removed.", nothing()))
        .reply(failure(410, "It is not there.", "gone", about))
}

/// What both have in common.
fn call(path: &'static str, id: &'static str) -> Operation {
    let text = |about: &str| Schema::text().length(1, None).about(about);
    let challenged = |reply: Reply| {
        let about = "How to authenticate (RFC 6750 section 3).";
        reply.header(
            "WWW-Authenticate",
            Need::Required,
            Schema::text().about(about),
        )
    };
    let waiting = |reply: Reply| {
        let about = "How many seconds to wait.";
        reply.header("Retry-After", Need::Required, Schema::count().about(about))
    };
    let host = Schema::text().about("The host below it; the apex when it is left out.");
    let instance =
        Schema::text().about("Which instance, of a template that may be applied several times.");
    Operation::post(path, id)
        .access(TOKEN)
        .parameter(
            Parameter::path("provider", text("The provider id.")).example("exampleservice.example"),
        )
        .parameter(Parameter::path("service", text("The service id.")).example("website"))
        .parameter(Parameter::query("domain", text("The apex of the zone.")).example("example.com"))
        .parameter(Parameter::query("host", host))
        .parameter(Parameter::query("instanceId", instance))
        .reply(failure(
            400,
            "The call is wrong.",
            "invalid_request",
            "the parameter `domain` is missing: it names the domain to connect",
        ))
        .reply(challenged(failure(
            401,
            "The access token does not count.",
            "invalid_token",
            "this access token is not known, or does not count any more",
        )))
        .reply(challenged(failure(
            403,
            "The access token is for something else.",
            "insufficient_scope",
            "this access is not for the zone example.com.",
        )))
        .reply(failure(
            404,
            "The template is not there.",
            "not_found",
            "this server does not offer this template, or does not any more",
        ))
        .reply(waiting(failure(
            429,
            "Too many calls.",
            "too_many_requests",
            "there are too many calls from here: wait as Retry-After says",
        )))
        .reply(failure(
            500,
            "Something is broken here.",
            "server_error",
            "the server failed",
        ))
        .reply(waiting(failure(
            503,
            "Come again later.",
            "temporarily_unavailable",
            "nothing was changed: try again in a moment",
        )))
}

fn nothing() -> Content {
    Content {
        media: "application/json",
        schema: Schema::object([]),
        example: json!({}),
    }
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
        .reply(open(Reply::empty(
            303,
            "With `client_id` in the query: the page that asks an owner for standing access.",
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
    open(failure(status, when, code, about))
}

fn failure(status: u16, when: &'static str, code: &'static str, about: &'static str) -> Reply {
    let content = Content {
        example: json!({"error": code, "error_description": about}),
        ..Content::json::<ApiError>()
    };
    Reply::new(status, when, content).codes([(code, about)])
}
