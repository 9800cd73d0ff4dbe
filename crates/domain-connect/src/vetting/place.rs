//! Names and values of a template in words, before any request fills them in.

use std::fmt;

use crate::plain::plain;
use crate::{Part, Pattern, TemplateRecord, Variable};

/// The name that a template record stands at, as far as the template says.
///
/// ```
/// use domain_connect::Template;
/// use domain_connect::vetting::TemplatePlace;
///
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
///     "records": [
///         {"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600},
///         {"type": "A", "host": "*", "pointsTo": "192.0.2.1", "ttl": 600},
///         {"type": "TXT", "host": "%selector%._domainkey", "data": "p=", "ttl": 600},
///         {"type": "TXT", "host": "%name%", "data": "x", "ttl": 600}
///     ]
/// }"#)?;
/// let places: Vec<TemplatePlace> = template.records().iter().map(TemplatePlace::of).collect();
/// assert!(places[0].is_applied_name());
/// assert!(places[1].is_wildcard());
/// assert!(places[2].is_chosen() && !places[2].is_open());
/// assert!(places[2].has_underscore() && places[2].has_label("_domainkey"));
/// assert!(places[3].is_open());
/// assert_eq!(places[3].to_string(), "whatever name the request gives as %name%");
/// # Ok::<(), domain_connect::TemplateError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplatePlace {
    host: Pattern,
    /// What stands in front, for `SRV` records.
    prefix: Option<String>,
}

impl TemplatePlace {
    /// The place of a record.
    pub fn of(record: &TemplateRecord) -> Self {
        let prefix = match &record.body {
            crate::RecordBody::Srv {
                service, protocol, ..
            } => Some(format!(
                "{}.{}",
                underscored(service),
                underscored(protocol)
            )),
            crate::RecordBody::Address { .. }
            | crate::RecordBody::Cname { .. }
            | crate::RecordBody::Ns { .. }
            | crate::RecordBody::Mx { .. }
            | crate::RecordBody::Txt { .. }
            | crate::RecordBody::Spf { .. }
            | crate::RecordBody::ApexAlias { .. }
            | crate::RecordBody::Redirect { .. }
            | crate::RecordBody::Generic { .. } => None,
        };
        Self {
            host: record.host.clone(),
            prefix,
        }
    }

    /// Whether it is the very name that the template is applied to.
    pub fn is_applied_name(&self) -> bool {
        self.host.is_at() || self.host.as_text() == Some("")
    }

    /// Whether the request decides about the name: a variable other than `%host%`, `%domain%` and
    /// `%fqdn%`.
    pub fn is_chosen(&self) -> bool {
        is_chosen(&self.host)
    }

    /// Whether the request decides about all of the name.
    pub fn is_open(&self) -> bool {
        self.host.is_one_variable() && self.is_chosen()
    }

    /// Whether it answers for names that have no records of their own.
    pub fn is_wildcard(&self) -> bool {
        self.first_text().starts_with('*')
    }

    /// Whether a label begins with an underscore: such names prove who controls a domain.
    pub fn has_underscore(&self) -> bool {
        self.host.parts().iter().any(|part| match part {
            Part::Text(text) => text.split('.').any(|label| label.starts_with('_')),
            Part::Variable(_) => false,
        })
    }

    /// Whether one of its labels is this one.
    pub fn has_label(&self, wanted: &str) -> bool {
        self.host.parts().iter().any(|part| match part {
            Part::Text(text) => text
                .split('.')
                .any(|label| label.eq_ignore_ascii_case(wanted)),
            Part::Variable(_) => false,
        })
    }

    fn first_text(&self) -> &str {
        match self.host.parts().first() {
            Some(Part::Text(text)) => text,
            Some(Part::Variable(_)) | None => "",
        }
    }
}

fn underscored(label: &Pattern) -> String {
    let text = label.to_string();
    if text.starts_with('_') || text.starts_with('%') {
        text
    } else {
        format!("_{text}")
    }
}

impl fmt::Display for TemplatePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(prefix) = &self.prefix {
            write!(f, "{} at ", plain(prefix))?;
        }
        let text = self.host.to_string();
        if self.is_applied_name() {
            f.write_str("the name it is applied to")
        } else if text == "%domain%." {
            f.write_str("the domain itself, whatever host it is applied to")
        } else if let Some(absolute) = text.strip_suffix('.') {
            write!(f, "exactly {}", plain(absolute))
        } else if self.is_open() {
            write!(f, "whatever name the request gives as {}", plain(&text))
        } else {
            write!(f, "{} below it", plain(&text))
        }
    }
}

//------------ TemplateValue ---------------------------------------------------------------------

/// What a template record says, as far as the template fixes it.
///
/// ```
/// use domain_connect::Pattern;
/// use domain_connect::vetting::TemplateValue;
///
/// let bounded = TemplateValue::new(&Pattern::parse("%id%.web.example")?);
/// assert!(bounded.is_chosen() && !bounded.is_open());
/// let open = TemplateValue::new(&Pattern::parse("%target%")?);
/// assert!(open.is_open());
/// # Ok::<(), domain_connect::PatternError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateValue(Pattern);

impl TemplateValue {
    /// A value of a template.
    pub fn new(pattern: &Pattern) -> Self {
        Self(pattern.clone())
    }

    /// Whether the request decides about a part of it.
    pub fn is_chosen(&self) -> bool {
        is_chosen(&self.0)
    }

    /// Whether the request decides about all of it.
    pub fn is_open(&self) -> bool {
        self.0.is_one_variable() && self.is_chosen()
    }
}

impl fmt::Display for TemplateValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        match self.0.parts() {
            [] => f.write_str("nothing"),
            [Part::Text(text)] if text == "@" => f.write_str("the name it is applied to"),
            [Part::Variable(Variable::Named(name))] => {
                write!(f, "whatever the request gives as %{name}%")
            }
            _ => f.write_str(&plain(&text)),
        }
    }
}

fn is_chosen(pattern: &Pattern) -> bool {
    pattern
        .variables()
        .any(|variable| matches!(variable, Variable::Named(_)))
}
