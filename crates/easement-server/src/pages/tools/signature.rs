//! `/tools/signature`

use axum::extract::State;
use axum::response::Response;
use domain_connect::{SignatureQuestion, Template, WeakKeys};
use easement_zone::Name;

use super::imported;
use crate::domain_connect::KeyLookupError;
use crate::http::{AddressQuery, Fields, PostedForm, Visitor};
use crate::pages::views::{Problem, Section, SignatureAnswer, SignaturePage};
use crate::pages::{PageError, show};
use crate::state::{ServerState, Shared};

/// The longest link that is looked at; the library has the same limit.
const MAX_LINK_OCTETS: usize = 16 * 1024;

/// GET; the query fills the form in, and nothing is looked up.
pub(crate) async fn show_debugger(
    visitor: Visitor,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    show(&page(&visitor, &query))
}

/// POST
pub(crate) async fn explain_signature(
    State(state): State<Shared>,
    visitor: Visitor,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let mut page = page(&visitor, &form);
    match explain(&state, &visitor, &form).await? {
        Ok(answer) => page.answer = Some(answer),
        Err(problem) => page.problems.push(problem),
    }
    show(&page)
}

fn page(visitor: &Visitor, fields: &Fields) -> SignaturePage {
    SignaturePage {
        shell: visitor.shell(Section::Tools),
        link: fields.text("link").to_owned(),
        template: fields.text("template").to_owned(),
        key_domain: fields.text("key_domain").to_owned(),
        problems: Vec::new(),
        answer: None,
    }
}

async fn explain(
    state: &ServerState,
    visitor: &Visitor,
    form: &Fields,
) -> Result<Result<SignatureAnswer, Problem>, PageError> {
    let link = form.text("link").trim();
    if link.is_empty() || link.len() > MAX_LINK_OCTETS {
        return Ok(Err(Problem {
            field: "link",
            message: "Paste one whole link, of at most 16 KiB.".to_owned(),
        }));
    }
    let domain = match key_domain(state, visitor, form).await? {
        Ok(domain) => domain,
        Err(problem) => return Ok(Err(problem)),
    };
    let question = SignatureQuestion::new(link, &domain);
    let published = Published::look_up(state, visitor, &question).await?;
    let work = move || question.explain(&published.texts, &published.doubled, WeakKeys::Refuse);
    let explanation = state.workbench.run(work).await?;
    Ok(Ok(SignatureAnswer::new(&domain, &explanation)))
}

/// The domain that the key is below: as it is given, or from the template that is named or that the
/// link itself names.
async fn key_domain(
    state: &ServerState,
    visitor: &Visitor,
    form: &Fields,
) -> Result<Result<Name, Problem>, PageError> {
    let problem = |field, message: String| Ok(Err(Problem { field, message }));
    let given = form.text("key_domain").trim();
    if !given.is_empty() {
        return match given.parse() {
            Ok(name) => Ok(Ok(name)),
            Err(error) => problem("key_domain", format!("This is no domain name: {error}.")),
        };
    }
    let id = match form.text("template").trim() {
        "" => template_of(form.text("link")),
        id => Some(id.to_owned()),
    };
    let Some(id) = id else {
        let words = "The link does not say which template it is for: give the key domain.";
        return problem("key_domain", words.to_owned());
    };
    let Some(entry) = imported::find(state, visitor, &id).await? else {
        let words = format!("This server has no template `{id}`: give the key domain instead.");
        return problem("key_domain", words);
    };
    let template = Template::from_json(&entry.json).ok();
    let domain = template.and_then(|(template, _)| template.public_key_domain().cloned());
    match domain {
        Some(domain) => Ok(Ok(domain)),
        None => problem(
            "template",
            format!("The template `{id}` has no syncPubKeyDomain: its links need no signature."),
        ),
    }
}

/// The ids in the path of a link, as `providerId/serviceId`.
fn template_of(link: &str) -> Option<String> {
    let url = url::Url::parse(link.trim()).ok()?;
    let mut segments = url.path_segments()?;
    segments.find(|segment| *segment == "providers")?;
    let provider = segments.next()?;
    let services = segments.next()?;
    let service = segments.next()?;
    (services == "services").then(|| format!("{provider}/{service}"))
}

/// What DNS says.
#[derive(Default)]
struct Published {
    texts: Vec<String>,
    doubled: Vec<String>,
}

impl Published {
    /// Asks the configured resolver, within the limits that consent pages have too.
    async fn look_up(
        state: &ServerState,
        visitor: &Visitor,
        question: &SignatureQuestion,
    ) -> Result<Self, PageError> {
        let Some(name) = question.key_name() else {
            return Ok(Self::default());
        };
        let asker = visitor.address;
        let texts = state.keys.texts(name, asker).await?;
        let doubled = match question.doubled_name().filter(|_| texts.is_empty()) {
            // It only helps to say what went wrong: without an answer there is less to say.
            Some(name) => state.keys.texts(name, asker).await.unwrap_or_default(),
            None => Vec::new(),
        };
        Ok(Self { texts, doubled })
    }
}

impl From<KeyLookupError> for PageError {
    fn from(error: KeyLookupError) -> Self {
        match error {
            KeyLookupError::TooMany { wait } => Self::TooOften { wait },
            KeyLookupError::Lookup { .. }
            | KeyLookupError::Name { .. }
            | KeyLookupError::Key { .. } => Self::Unavailable {
                cause: "a key cannot be looked up for the signature debugger".to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_its_template() {
        let id = |link: &str| template_of(link);
        assert_eq!(
            id("https://dns.example/v2/domainTemplates/providers/p.example/services/web/apply?x=1"),
            Some("p.example/web".to_owned())
        );
        for nothing in [
            "",
            "domain=example.com",
            "https://x/providers/p",
            "https://x/providers/p/a/b",
        ] {
            assert_eq!(id(nothing), None, "{nothing}");
        }
    }
}
