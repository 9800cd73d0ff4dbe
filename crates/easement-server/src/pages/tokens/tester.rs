//! Whether a token may do something: the question of a form, and its answer.

use std::net::IpAddr;

use easement_core::PublicTokenId;
use easement_store::FoundApiToken;
use easement_zone::{Name, RecordType};

use super::super::PageError;
use super::super::problems::problem;
use super::super::views::{Problem, TesterView, TokenVerdict};
use crate::api_tokens::{QuestionError, TokenDesk, TokenQuestion, TokenWish};
use crate::http::Fields;

/// The longest value that is looked at.
const MAX_VALUE: usize = 4096;

/// The question as it was typed, and the answer when there is one.
pub(super) async fn ask(
    desk: TokenDesk<'_>,
    found: FoundApiToken,
    query: &Fields,
) -> Result<TesterView, PageError> {
    let mut view = TesterView {
        name: query.text("of").to_owned(),
        rtype: query.get("type").unwrap_or("A").to_owned(),
        wish: query.text("wish").to_owned(),
        value: query.text("value").to_owned(),
        address: query.text("address").to_owned(),
        ..TesterView::default()
    };
    if query.get("of").is_none() {
        return Ok(view);
    }
    let id = found.chain.token().public_id.clone();
    let question = match read(&view, id) {
        Ok(question) => question,
        Err(problems) => {
            view.problems = problems;
            return Ok(view);
        }
    };
    match desk.answer(found, &question).await {
        Ok(answer) => {
            view.verdict = Some(match (answer.allowed, answer.changes) {
                (true, true) => TokenVerdict::Allowed,
                (true, false) => TokenVerdict::AllowedWithoutChange,
                (false, _) => TokenVerdict::Refused(answer.reason.unwrap_or_default()),
            });
        }
        Err(error @ QuestionError::AddressNeeded { .. }) => {
            view.problems = vec![problem("address", &format!("{error}: say from where"))];
        }
        Err(error @ QuestionError::Value(_)) => view.problems = vec![problem("value", &error)],
        Err(QuestionError::Store(error)) => return Err(error.into()),
    }
    Ok(view)
}

fn read(view: &TesterView, id: PublicTokenId) -> Result<TokenQuestion, Vec<Problem>> {
    let mut problems = Vec::new();
    let name: Result<Name, _> = view.name.trim().parse();
    if let Err(error) = &name {
        problems.push(problem("of", error));
    }
    let rtype: Result<RecordType, _> = view.rtype.trim().to_ascii_uppercase().parse();
    if let Err(error) = &rtype {
        problems.push(problem("type", error));
    }
    let value = view.value.trim();
    let wish = match view.wish.as_str() {
        "delete" => TokenWish::Delete,
        "read" => TokenWish::Read,
        _ => {
            if value.is_empty() || value.len() > MAX_VALUE {
                problems.push(problem("value", &"say which value it would set"));
            }
            TokenWish::Set {
                values: vec![value.to_owned()],
                ttl: None,
            }
        }
    };
    let address = view.address.trim();
    let address: Option<IpAddr> = match address {
        "" => None,
        text => text.parse().ok().or_else(|| {
            let message = format!("`{text}` is not an address: write it like 192.0.2.7");
            problems.push(problem("address", &message));
            None
        }),
    };
    match (name, rtype) {
        (Ok(name), Ok(rtype)) if problems.is_empty() => Ok(TokenQuestion {
            id,
            name,
            rtype,
            wish,
            address,
        }),
        _ => Err(problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_with_a_question_is_named() {
        let view = |name: &str, rtype: &str, wish: &str, value: &str, address: &str| TesterView {
            name: name.to_owned(),
            rtype: rtype.to_owned(),
            wish: wish.to_owned(),
            value: value.to_owned(),
            address: address.to_owned(),
            ..TesterView::default()
        };
        for (view, fields) in [
            (view("a.test", "a", "set", "192.0.2.7", ""), &[][..]),
            (view("a.test", "A", "read", "", "192.0.2.7"), &[]),
            (view("a.test", "A", "", "", ""), &["value"]),
            (
                view("..", "B", "set", "", "here"),
                &["of", "type", "value", "address"],
            ),
        ] {
            let id = "abcdefghijkl".parse().unwrap();
            let problems = read(&view, id).err().unwrap_or_default();
            let found: Vec<&str> = problems.iter().map(|one| one.field).collect();
            assert_eq!(found, fields, "{view:?}");
        }
    }
}
