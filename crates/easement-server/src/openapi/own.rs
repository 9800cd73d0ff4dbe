//! What is about the server itself.

use ::openapi::{Content, Operation, Parameter, Reply, Schema, Tag};
use serde_json::json;

use super::domain_connect::{open, tagged, too_often};
use super::{OPENAPI, tag};

pub(super) const TAG: Tag = tag("This document", "The interface describes itself.");

pub(super) fn operations() -> Vec<Operation> {
    let document = Content {
        media: "application/json",
        schema: Schema::map(Schema::anything()).about("An OpenAPI document."),
        example: json!({"openapi": "3.1.0"}),
    };
    let known = Schema::text().about("The entity tag of the document that is there already.");
    vec![
        Operation::get(OPENAPI, "show_openapi")
            .saying(TAG.name, "This document", "")
            .parameter(Parameter::header("If-None-Match", known))
            .reply(tagged(open(Reply::new(200, "OpenAPI 3.1.", document))))
            .reply(tagged(open(Reply::empty(304, "It is as it was."))))
            .reply(too_often()),
    ]
}
