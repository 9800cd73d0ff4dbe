//! What is typed into the form for a new token, and what is meant by it.

use easement_core::{
    LimitField, Operations, SecretInUrl, Timestamp, TokenChain, TokenKind, TokenLimits,
    WebhookRight, WrittenLimits,
};
use easement_store::CreateTokenError;

use super::super::problems::problem;
use super::super::views::{Problem, TokenForm};
use crate::api_tokens::{IssueError, Wanted};
use crate::http::Fields;

/// The fields as they were posted.
pub(super) fn read(fields: &Fields) -> TokenForm {
    let text = |name: &str| fields.text(name).to_owned();
    TokenForm {
        usual: text("for"),
        name: text("name"),
        is_test: fields.text("kind") == "test",
        names: text("names"),
        types: text("types"),
        operations: fields.all("operations").map(str::to_owned).collect(),
        values: text("values"),
        ttl: text("ttl"),
        records: text("records"),
        networks: text("networks"),
        expires: text("expires"),
        idle: text("idle"),
        rate: text("rate"),
        in_url: fields.text("in_url") == "yes",
        webhooks: fields.text("webhooks") == "yes",
    }
}

/// The token that is wanted; or everything that is wrong. What is left empty is as in the token that it is
/// made from.
pub(super) fn wanted(
    form: &TokenForm,
    parent: Option<&TokenChain>,
    now: Timestamp,
) -> Result<Wanted, Vec<Problem>> {
    let mut problems = Vec::new();
    let name = form.name.parse();
    if let Err(error) = &name {
        problems.push(problem("name", error));
    }
    let nothing = TokenLimits::new(Vec::new(), Vec::new(), Operations::default());
    let base = parent.map_or(&nothing, |chain| &chain.token().limits);
    let limits = written(form).read(base, now);
    if let Err(wrong) = &limits {
        let wrong = wrong.iter();
        problems.extend(wrong.map(|one| problem(one.field.as_str(), &one.fault)));
    }
    if !problems.iter().any(|one| one.field == "names") {
        problems.extend(no_challenge(form));
    }
    match (name, limits) {
        (Ok(name), Ok(limits)) if problems.is_empty() => Ok(Wanted {
            kind: parent.map_or_else(|| kind_of(form), |chain| chain.token().kind),
            name,
            limits,
        }),
        _ => Err(problems),
    }
}

/// A token for certificates that is not for the names where a certificate authority looks (RFC 8555 section
/// 8.4) could get none, and could change every other text there.
fn no_challenge(form: &TokenForm) -> Option<Problem> {
    if form.usual != "certificate" {
        return None;
    }
    let names = items(&form.names);
    let other = names.iter().find(|name| {
        let first = name.split('.').next().unwrap_or_default();
        !first.eq_ignore_ascii_case("_acme-challenge")
    })?;
    let host = other.trim_start_matches(['*', '.']);
    Some(problem(
        "names",
        &format!(
            "a certificate for {host} is got at _acme-challenge.{host}: write that, or choose “Something \
             else” above for other texts"
        ),
    ))
}

fn kind_of(form: &TokenForm) -> TokenKind {
    if form.is_test {
        TokenKind::Test
    } else {
        TokenKind::Live
    }
}

fn written(form: &TokenForm) -> WrittenLimits {
    WrittenLimits {
        names: items(&form.names),
        types: items(&form.types)
            .iter()
            .map(|rtype| rtype.to_ascii_uppercase())
            .collect(),
        operations: form.operations.clone(),
        values: form.values.lines().map(str::to_owned).collect(),
        ttl: form.ttl.clone(),
        records: form.records.clone(),
        networks: items(&form.networks),
        expires: form.expires.clone(),
        idle: form.idle.clone(),
        rate: form.rate.clone(),
        in_url: Some(if form.in_url {
            SecretInUrl::Allowed
        } else {
            SecretInUrl::Refused
        }),
        webhooks: form.webhooks.then_some(WebhookRight::Manage),
    }
}

fn items(text: &str) -> Vec<String> {
    text.split(|one: char| one == ',' || one.is_whitespace())
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Why the token was not made, beside the field that is meant; or the error itself, when nobody can mend it in
/// the form.
pub(super) fn refusal(error: IssueError) -> Result<Problem, IssueError> {
    match &error {
        IssueError::Limits(limits) => Ok(problem(limits.field().as_str(), &error)),
        IssueError::Wider(excess) => Ok(problem(excess.field().as_str(), &error)),
        IssueError::OtherKind { .. } => Ok(problem("kind", &error)),
        IssueError::Create(
            CreateTokenError::TooMany | CreateTokenError::TooDeep | CreateTokenError::ParentGone,
        ) => Ok(problem(LimitField::Names.as_str(), &error)),
        IssueError::Create(CreateTokenError::NoSuchAccount { .. } | CreateTokenError::Store(_))
        | IssueError::Secret(_)
        | IssueError::Hash(_)
        | IssueError::NoSuchToken
        | IssueError::Store(_) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use easement_core::Operation;

    use super::*;

    fn form(text: &str) -> TokenForm {
        read(&Fields::parse(text.as_bytes()))
    }

    fn now() -> Timestamp {
        "2026-11-21".parse().unwrap()
    }

    const FULL: &str = "name=Router&names=home.example.test,+nas.example.test&types=a+aaaa\
                        &operations=create&operations=update&values=192.0.2.0/24%0D%0Av%3D+a,b*&rate=60/3600";

    #[test]
    fn a_form_is_read_as_people_write() {
        let wanted = wanted(&form(FULL), None, now()).unwrap();
        let limits = wanted.limits;
        assert_eq!(limits.names.len(), 2);
        assert_eq!(limits.types.len(), 2);
        assert!(limits.operations.has(Operation::Create));
        assert!(!limits.operations.has(Operation::Delete));
        assert_eq!(limits.values.len(), 2, "a value may have commas and blanks");
        assert_eq!(limits.in_url, SecretInUrl::Refused);
        assert_eq!(wanted.kind, TokenKind::Live);
    }

    #[test]
    fn a_token_for_certificates_is_for_names_where_they_are_got() {
        const CERTIFICATE: &str =
            "for=certificate&name=Web&types=TXT&operations=create&operations=delete&names=";
        for (names, expected) in [
            ("_acme-challenge.example.test", None),
            (
                "_ACME-challenge.www.example.test, _acme-challenge.example.test",
                None,
            ),
            (
                "_acme-challenge.example.test, example.test",
                Some("_acme-challenge.example.test"),
            ),
            ("**.example.test", Some("_acme-challenge.example.test")),
            ("www.example.test", Some("_acme-challenge.www.example.test")),
        ] {
            let text = format!("{CERTIFICATE}{}", names.replace(' ', "+"));
            let found = wanted(&form(&text), None, now());
            let Some(expected) = expected else {
                found.unwrap();
                continue;
            };
            let problems = found.unwrap_err();
            let [problem] = &problems[..] else {
                panic!("{problems:?}");
            };
            assert_eq!(problem.field, "names");
            assert!(problem.message.contains(expected), "{}", problem.message);
        }
    }

    #[test]
    fn every_problem_is_named_beside_its_field() {
        for (more, fields) in [
            ("", &["name", "names", "types", "operations"][..]),
            (
                "names=..&rate=x",
                &["name", "names", "rate", "types", "operations"],
            ),
            (
                "name=%E2%80%AE&names=a.test&types=A&operations=read",
                &["name"],
            ),
            ("name=x&names=a.test&types=NS&operations=read", &["types"]),
            (
                "name=x&names=a.test&types=A&operations=fly",
                &["operations"],
            ),
        ] {
            let problems = wanted(&form(more), None, now()).unwrap_err();
            let found: Vec<&str> = problems.iter().map(|one| one.field).collect();
            assert_eq!(found, fields, "{more}");
        }
    }
}
