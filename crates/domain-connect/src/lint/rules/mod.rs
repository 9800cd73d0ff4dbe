//! The checks, by what they look at.

mod apply;
mod cloudflare;
mod fields;
mod hosts;
mod properties;
mod sets;
mod texts;
mod values;

use super::Profile;
use super::document::Document;
use super::report::{Findings, LintOptions};
use crate::Template;

/// Checks that look at the text, whether or not it is a template.
pub(super) fn check_document(
    document: &Document<'_>,
    options: &LintOptions,
    findings: &mut Findings,
) {
    properties::check(document, options, findings);
    for record in &document.records {
        if findings.is_full() {
            return;
        }
        fields::check(record, findings);
        hosts::check(record, findings);
        values::check(record, options, findings);
        texts::check(record, findings);
    }
    sets::check(document, &document.records, findings);
    match options.profile {
        Some(Profile::Cloudflare) => cloudflare::check(document, &document.records, findings),
        None => {}
    }
}

/// Checks that need a template that can be read.
pub(super) fn check_template(
    document: &Document<'_>,
    template: &Template,
    options: &LintOptions,
    findings: &mut Findings,
) {
    properties::check_names(document, template, options, findings);
    apply::check(document, template, findings);
}
