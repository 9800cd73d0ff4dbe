//! `GET /templates`: what a DNS provider must be given before it can be tried.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain_connect::TEMPLATE_MEDIA_TYPE;
use http::header::CONTENT_TYPE;

use super::{PageError, Shell, filters, show};
use crate::context::{Context, Shared};
use crate::offer::Offer;
use crate::visitor::Visitor;

/// All templates.
#[derive(Debug, Template)]
#[template(path = "templates.html")]
struct TemplatesPage {
    shell: Shell,
    templates: Vec<TemplateView>,
}

#[derive(Debug)]
struct TemplateView {
    title: &'static str,
    file: String,
    json: String,
}

pub(crate) async fn show_templates(
    State(context): State<Shared>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let templates = Offer::ALL.iter().map(|offer| TemplateView {
        title: offer.title(),
        file: file_name(&context, *offer),
        json: text(&context, *offer),
    });
    show(&TemplatesPage {
        shell: Shell::new(&context, &visitor),
        templates: templates.collect(),
    })
}

/// One template, as a file.
pub(crate) async fn show_template(
    State(context): State<Shared>,
    Path(file): Path<String>,
) -> Result<Response, PageError> {
    let offer = Offer::ALL
        .into_iter()
        .find(|offer| file_name(&context, *offer) == file)
        .ok_or(PageError::NotFound)?;
    let json = text(&context, offer);
    Ok(([(CONTENT_TYPE, TEMPLATE_MEDIA_TYPE)], json).into_response())
}

/// As the public repository of templates names files.
fn file_name(context: &Context, offer: Offer) -> String {
    format!("{}.{}.json", context.provider, offer.service())
}

fn text(context: &Context, offer: Offer) -> String {
    let template = offer.template(&context.company);
    serde_json::to_string_pretty(&template).unwrap_or_default()
}
