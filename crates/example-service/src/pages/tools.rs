//! The signature tools: sign a query, look at a signature, show the key.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain_connect::{
    Explanation, RawQuery, SignatureQuestion, SigningKey, StepOutcome, WeakKeys, key_name,
};
use easement_zone::Name;

use super::{PageError, Shell, check_form, filters, show};
use crate::context::{Context, Shared};
use crate::form::PostedForm;
use crate::outside::Trouble;
use crate::visitor::Visitor;

/// The longest link or query that is looked at.
const MAX_OCTETS: usize = 8 * 1024;

/// What there is.
#[derive(Debug, Template)]
#[template(path = "tools.html")]
struct ToolsPage {
    shell: Shell,
}

pub(crate) async fn show_tools(
    State(context): State<Shared>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let shell = Shell::new(&context, &visitor);
    show(&ToolsPage { shell })
}

//------------ Key -------------------------------------------------------------------------------

/// The records of the key.
#[derive(Debug, Template)]
#[template(path = "key.html")]
struct KeyPage {
    shell: Shell,
    name: String,
    bits: usize,
    fingerprint: String,
    records: Vec<String>,
}

pub(crate) async fn show_key(
    State(context): State<Shared>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let key = context.key.public_key().map_err(|_| PageError::Broken)?;
    show(&KeyPage {
        shell: Shell::new(&context, &visitor),
        name: published_at(&context)?,
        bits: key.bits(),
        fingerprint: key.fingerprint(),
        records: key.records(),
    })
}

fn published_at(context: &Context) -> Result<String, PageError> {
    let name = key_name(context.key_label(), &context.company.domain);
    Ok(name.map_err(|_| PageError::Broken)?.to_text())
}

//------------ Sign ------------------------------------------------------------------------------

/// A form for a query, and its signature.
#[derive(Debug, Template)]
#[template(path = "sign.html")]
struct SignPage {
    shell: Shell,
    query: String,
    /// Whether it signs with a key that is good for nothing else.
    is_practice: bool,
    records: Vec<String>,
    problem: Option<String>,
    signed: Option<String>,
}

impl SignPage {
    fn new(context: &Context, visitor: &Visitor, query: &str) -> Result<Self, PageError> {
        let records = context.visitors_key().public_records();
        Ok(Self {
            shell: Shell::new(context, visitor),
            query: query.to_owned(),
            is_practice: context.tool_key.is_some(),
            records: records.map_err(|_| PageError::Broken)?,
            problem: None,
            signed: None,
        })
    }
}

pub(crate) async fn show_sign(
    State(context): State<Shared>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let example = "domain=example.com&IP=192.0.2.1&RANDOMTEXT=Hello%20world";
    show(&SignPage::new(&context, &visitor, example)?)
}

/// POST
pub(crate) async fn sign(
    State(context): State<Shared>,
    visitor: Visitor,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    check_form(&context, &visitor, &fields)?;
    let taken = context.limits.tools.take(visitor.address, context.now());
    taken.map_err(|wait| PageError::TooOften { wait })?;
    let query = fields.text("query").trim();
    let mut page = SignPage::new(&context, &visitor, query)?;
    match signature(context.visitors_key(), query, &context) {
        Ok(signed) => page.signed = Some(signed),
        Err(problem) => page.problem = Some(problem),
    }
    show(&page)
}

fn signature(key: &SigningKey, query: &str, context: &Context) -> Result<String, String> {
    if query.is_empty() || query.len() > MAX_OCTETS {
        return Err("Give what stands behind the ? of a link, at most 8 KiB.".to_owned());
    }
    if query.contains(|c: char| c.is_whitespace() || c == '?' || c == '#') {
        let words = "This is not a query as it stands in a link: spaces are %20 there, and there is no ? or #.";
        return Err(words.to_owned());
    }
    if RawQuery::new(query).pairs().next().is_none() {
        return Err("There is nothing in it to sign.".to_owned());
    }
    key.sign(query, context.key_label())
        .map_err(|error| error.to_string())
}

//------------ Verify ----------------------------------------------------------------------------

/// A form for a link, and what there is to say about its signature.
#[derive(Debug, Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    shell: Shell,
    link: String,
    key_domain: String,
    problem: Option<String>,
    answer: Option<Explanation>,
}

impl VerifyPage {
    fn symbol(outcome: StepOutcome) -> &'static str {
        match outcome {
            StepOutcome::Passed => "✓",
            StepOutcome::Failed => "×",
            StepOutcome::NotReached => "–",
        }
    }

    fn word(outcome: StepOutcome) -> &'static str {
        match outcome {
            StepOutcome::Passed => "passed",
            StepOutcome::Failed => "failed",
            StepOutcome::NotReached => "not reached",
        }
    }
}

fn verify_page(context: &Context, visitor: &Visitor, link: &str, key_domain: &str) -> VerifyPage {
    VerifyPage {
        shell: Shell::new(context, visitor),
        link: link.to_owned(),
        key_domain: key_domain.to_owned(),
        problem: None,
        answer: None,
    }
}

pub(crate) async fn show_verify(
    State(context): State<Shared>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let domain = context.company.domain.to_text();
    show(&verify_page(&context, &visitor, "", &domain))
}

/// POST
pub(crate) async fn explain_signature(
    State(context): State<Shared>,
    visitor: Visitor,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    check_form(&context, &visitor, &fields)?;
    let taken = context.limits.tools.take(visitor.address, context.now());
    taken.map_err(|wait| PageError::TooOften { wait })?;
    let (link, domain) = (fields.text("link").trim(), fields.text("key_domain").trim());
    let mut page = verify_page(&context, &visitor, link, domain);
    if link.is_empty() || link.len() > MAX_OCTETS {
        page.problem = Some("Paste one whole link, of at most 8 KiB.".to_owned());
        return show(&page);
    }
    let Ok(domain) = domain.parse::<Name>() else {
        page.problem = Some("The domain of the key is not a domain name.".to_owned());
        return show(&page);
    };
    let question = SignatureQuestion::new(link, &domain);
    let place = context.places.questions.take(visitor.address);
    let _place = place.ok_or(PageError::Busy)?;
    let asked = async {
        let published = texts(&context, question.key_name()).await?;
        let doubled = match question.doubled_name().filter(|_| published.is_empty()) {
            Some(name) => texts(&context, Some(name)).await?,
            None => Vec::new(),
        };
        Ok((published, doubled))
    };
    let asked: Result<_, Trouble> = asked.await;
    let (published, doubled) = match asked {
        Ok(found) => found,
        Err(trouble) => {
            page.problem = Some(format!(
                "The key could not be looked up, so nothing can be said about the signature. {trouble}"
            ));
            return show(&page);
        }
    };
    page.answer = Some(question.explain(&published, &doubled, WeakKeys::Refuse));
    show(&page)
}

/// What DNS says about a name; nothing when there is no name to ask about.
async fn texts(context: &Context, name: Option<&Name>) -> Result<Vec<String>, Trouble> {
    let Some(name) = name else {
        return Ok(Vec::new());
    };
    let texts = context.outside.texts(name).await?;
    let texts = texts
        .iter()
        .map(|text| String::from_utf8_lossy(text).into_owned());
    Ok(texts.collect())
}
