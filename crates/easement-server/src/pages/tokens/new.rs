//! `/tokens/new`

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use easement_core::{ApiToken, TokenChain};
use http::StatusCode;

use super::super::views::{
    NewTokenPage, ParentView, Problem, Section, ShownName, TokenForm, paths,
};
use super::super::{PageError, show};
use super::form::{self, refusal};
use super::own::{find, made_page, mint, origin, take_turn};
use crate::api_tokens::IssueError;
use crate::http::{AddressQuery, Member, PostedForm};
use crate::state::{ServerState, Shared};

/// How many zones are named as examples.
const ZONES: u32 = 5;

/// GET; with `for`, one of the usual cases, and with `from`, a narrower one than that.
pub(crate) async fn show_form(
    State(state): State<Shared>,
    member: Member,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    let parent = parent(&state, &member, query.get("from")).await?;
    let form = match &parent {
        Some(chain) => TokenForm::of(&chain.token().limits, chain.token().kind),
        None => TokenForm::usual(query.text("for")),
    };
    show(&page(&state, &member, parent.as_ref(), form, Vec::new()).await?)
}

/// POST
pub(crate) async fn make_token(
    State(state): State<Shared>,
    member: Member,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    let parent = parent(&state, &member, fields.get("from")).await?;
    let form = form::read(&fields);
    let problems = match form::wanted(&form, parent.as_ref(), state.clock.now()) {
        Ok(wanted) => {
            take_turn(&state, &member)?;
            let issued = mint(&state)
                .issue(member.account.id, parent.as_ref(), wanted, &origin(&member))
                .await;
            match issued.map_err(refusal) {
                Ok(issued) => {
                    let ancestors: Vec<ApiToken> =
                        parent.iter().flat_map(TokenChain::iter).cloned().collect();
                    let made = made_page(&state, &member, (issued, ancestors), None);
                    return show(&made.await?);
                }
                Err(Ok(problem)) => vec![problem],
                Err(Err(error)) => return Err(failed(error)),
            }
        }
        Err(problems) => problems,
    };
    let page = page(&state, &member, parent.as_ref(), form, problems).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

/// An error that has nothing to do with what was typed.
pub(super) fn failed(error: IssueError) -> PageError {
    match error {
        IssueError::Hash(error) => error.into(),
        IssueError::Store(error)
        | IssueError::Create(easement_store::CreateTokenError::Store(error)) => error.into(),
        error @ (IssueError::Limits(_)
        | IssueError::Wider(_)
        | IssueError::OtherKind { .. }
        | IssueError::Secret(_)
        | IssueError::NoSuchToken
        | IssueError::Create(_)) => PageError::failure(error.to_string()),
    }
}

async fn parent(
    state: &ServerState,
    member: &Member,
    id: Option<&str>,
) -> Result<Option<TokenChain>, PageError> {
    match id {
        Some(id) => Ok(Some(find(state, member, id).await?.chain)),
        None => Ok(None),
    }
}

async fn page(
    state: &ServerState,
    member: &Member,
    parent: Option<&TokenChain>,
    form: TokenForm,
    problems: Vec<Problem>,
) -> Result<NewTokenPage, PageError> {
    let zones = state.store.zones_of(member.account.id, None, ZONES).await?;
    Ok(NewTokenPage {
        shell: member.shell(Section::Tokens),
        form,
        parent: parent.map(|chain| {
            let token = chain.token();
            ParentView {
                name: token.name.to_string(),
                id: token.public_id.to_string(),
                href: paths::token(&token.public_id),
                words: token.limits.sentences(),
            }
        }),
        zones: zones
            .iter()
            .map(|(zone, _)| ShownName::new(&zone.apex).text)
            .collect(),
        problems,
    })
}
