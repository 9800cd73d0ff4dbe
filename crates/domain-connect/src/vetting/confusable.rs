//! Names that people could take for those of somebody else (draft-05, onboarding; Unicode UTS 39).

use std::fmt;

use serde::Serialize;
use unicode_security::confusable_detection::skeleton;

use crate::plain::plain;
use crate::{ProviderId, ServiceId, Template};

/// The names of a template, without the rest of it.
///
/// ```
/// use domain_connect::Template;
/// use domain_connect::vetting::{Confusable, NameKind, Names, confusables};
///
/// let read = |provider: &str| Template::from_json(&format!(r#"{{
///     "providerId": "{provider}", "providerName": "Example Service",
///     "serviceId": "web", "serviceName": "Websites", "records": []
/// }}"#)).map(|(template, _notes)| template);
/// let known = Names::of(&read("exampleservice.example")?);
/// let found: Vec<Confusable> = confusables(&Names::of(&read("other.example")?), &[known]);
/// assert_eq!(found[0].kind, NameKind::ProviderName);
/// # Ok::<(), domain_connect::TemplateError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Names {
    /// Whose template it is.
    pub provider: ProviderId,
    /// Which of theirs.
    pub service: ServiceId,
    /// The service provider's name, for people.
    pub provider_name: String,
    /// The service's name, for people.
    pub service_name: String,
}

impl Names {
    /// The names of a template.
    pub fn of(template: &Template) -> Self {
        Self {
            provider: template.provider_id().clone(),
            service: template.service_id().clone(),
            provider_name: template.provider_name().to_string(),
            service_name: template.service_name().to_string(),
        }
    }
}

/// A name that could be taken for one of another service provider.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Confusable {
    /// Which of the names.
    pub kind: NameKind,
    /// The name.
    pub name: String,
    /// What it could be taken for.
    pub known: String,
    /// Whose that is.
    pub provider: ProviderId,
}

/// Which name of a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NameKind {
    /// The service provider's id.
    ProviderId,
    /// The service provider's name.
    ProviderName,
    /// The service's name, which is like the name of another service provider.
    ServiceName,
}

/// The names of a template that could be taken for those of known templates of other service providers.
///
/// ```
/// use domain_connect::vetting::{Names, confusables};
///
/// let names = |provider: &str, name: &str| -> Result<Names, domain_connect::IdError> {
///     Ok(Names {
///         provider: provider.parse()?,
///         service: "mail".parse()?,
///         provider_name: name.to_owned(),
///         service_name: "Mail".to_owned(),
///     })
/// };
/// let known = [names("paypal.example", "PayPal")?];
/// let found = confusables(&names("other.example", "Pаy Pa1")?, &known);
/// assert_eq!(found[0].known, "PayPal");
/// assert!(confusables(&known[0], &known).is_empty());
/// # Ok::<(), domain_connect::IdError>(())
/// ```
pub fn confusables(new: &Names, known: &[Names]) -> Vec<Confusable> {
    if known.is_empty() {
        return Vec::new();
    }
    let (id, provider_name, service_name) = (
        Look::of(new.provider.as_str()),
        Look::of(&new.provider_name),
        Look::of(&new.service_name),
    );
    let mut found = Vec::new();
    for other in known.iter().filter(|other| other.provider != new.provider) {
        let other_id = Look::of(other.provider.as_str());
        let other_name = Look::of(&other.provider_name);
        for (kind, name, known) in [
            (NameKind::ProviderId, &id, &other_id),
            (NameKind::ProviderName, &provider_name, &other_name),
            (NameKind::ServiceName, &service_name, &other_name),
        ] {
            if !name.is_like(known) {
                continue;
            }
            let confusable = Confusable {
                kind,
                name: name.text.to_owned(),
                known: known.text.to_owned(),
                provider: other.provider.clone(),
            };
            if !found.contains(&confusable) {
                found.push(confusable);
            }
        }
    }
    found
}

/// A name, and what it looks like at a glance: without regard to case, spaces, accents and punctuation,
/// and with confusable characters made one. A capital may be like one letter and its small form like
/// another, so both orders are tried.
struct Look<'a> {
    text: &'a str,
    shapes: [String; 2],
}

impl<'a> Look<'a> {
    fn of(text: &'a str) -> Self {
        let bare: String = text.chars().filter(|one| one.is_alphanumeric()).collect();
        let first: String = skeleton(&bare).collect();
        let shapes = [bare, first].map(|text| {
            let text = text.to_lowercase();
            // An accent is a character of its own in a skeleton.
            let letters = skeleton(&text).filter(|one| one.is_alphanumeric());
            letters.collect()
        });
        Self { text, shapes }
    }

    fn is_like(&self, other: &Self) -> bool {
        let mut shapes = self.shapes.iter();
        shapes.any(|shape| !shape.is_empty() && other.shapes.contains(shape))
    }
}

impl fmt::Display for Confusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            NameKind::ProviderId => "The id",
            NameKind::ProviderName => "The service provider's name",
            NameKind::ServiceName => "The service's name",
        };
        write!(
            f,
            "{what} {:?} could be taken for {:?}, of {}.",
            plain(&self.name),
            plain(&self.known),
            self.provider
        )
    }
}
