//! `/tools/lint`, `/tools/lint/codes` and `/tools/lint/{code}`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain_connect::lint::{Code, LintOptions, lint};

use super::imported;
use crate::http::{AddressQuery, PathParts, PostedForm, Visitor};
use crate::pages::views::{LintAnswer, LintCodePage, LintCodesPage, LintPage, Section, paths};
use crate::pages::{PageError, show};
use crate::state::Shared;

/// GET; the query `template` names one of this server.
pub(crate) async fn show_linter(
    State(state): State<Shared>,
    visitor: Visitor,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    let text = match query.get("template") {
        Some(id) => {
            let entry = imported::find(&state, &visitor, id).await?;
            entry.ok_or(PageError::NotFound)?.json
        }
        None => String::new(),
    };
    show(&LintPage {
        shell: visitor.shell(Section::Tools),
        text,
        answer: None,
    })
}

/// POST
pub(crate) async fn lint_template(
    State(state): State<Shared>,
    visitor: Visitor,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let text = form.text("template").to_owned();
    let work = move || {
        let report = lint(&text, &LintOptions::default());
        (LintAnswer::new(&text, &report), text)
    };
    let (answer, text) = state.workbench.run(work).await?;
    show(&LintPage {
        shell: visitor.shell(Section::Tools),
        text,
        answer: Some(answer),
    })
}

/// GET
pub(crate) async fn show_codes(visitor: Visitor) -> Result<Response, PageError> {
    show(&LintCodesPage {
        shell: visitor.shell(Section::Tools),
        codes: Code::ALL,
    })
}

/// GET
pub(crate) async fn show_code(
    visitor: Visitor,
    PathParts(code): PathParts<String>,
) -> Result<Response, PageError> {
    let known: Code = code.parse().map_err(|_| PageError::NotFound)?;
    if known.as_str() != code {
        return Ok(Redirect::permanent(&paths::lint_code(known)).into_response());
    }
    show(&LintCodePage {
        shell: visitor.shell(Section::Tools),
        code: known,
    })
}
