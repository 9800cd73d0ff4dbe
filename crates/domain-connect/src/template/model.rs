//! What a template says.

use std::collections::BTreeSet;

use easement_zone::{Name, RecordType};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Number, Pattern, Variable};
use crate::{Checksum, DisplayName, GroupId, ProviderId, ServiceId, VariableName};

/// A template: the records of a service, with places for values (draft-05 section 6.1).
///
/// ```
/// use domain_connect::Template;
///
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "exampleservice.example", "providerName": "Example Service",
///     "serviceId": "mail", "serviceName": "Mail", "version": 3,
///     "logoUrl": "https://exampleservice.example/logo.svg",
///     "description": "Mail for a domain", "variableDescription": "server: the mail server",
///     "syncPubKeyDomain": "exampleservice.example", "syncRedirectDomain": "exampleservice.example",
///     "multiInstance": true, "sharedServiceName": true,
///     "records": [
///         {"groupId": "mail", "type": "MX", "host": "@", "pointsTo": "%server%", "priority": 10, "ttl": 3600},
///         {"type": "SPFM", "host": "@", "spfRules": "include:%server%"}
///     ]
/// }"#)?;
/// // Who and what.
/// assert_eq!(template.provider_id().as_str(), "exampleservice.example");
/// assert_eq!(template.provider_name().as_str(), "Example Service");
/// assert_eq!(template.service_id().as_str(), "mail");
/// assert_eq!(template.service_name().as_str(), "Mail");
/// assert_eq!(template.version(), Some(3));
/// assert_eq!(template.logo_url().unwrap().path(), "/logo.svg");
/// assert_eq!(template.description(), Some("Mail for a domain"));
/// assert_eq!(template.variable_description(), Some("server: the mail server"));
///
/// // How it may be applied.
/// assert!(!template.blocks_synchronous_flow());
/// assert!(!template.allows_provider_name());
/// assert!(template.allows_service_name());
/// assert!(template.is_multi_instance());
/// assert!(!template.warns_of_phishing());
/// assert!(!template.requires_host());
/// assert_eq!(template.public_key_domain().unwrap().to_text(), "exampleservice.example");
/// assert_eq!(template.redirect_domains().len(), 1);
///
/// // What it holds.
/// assert_eq!(template.records().len(), 2);
/// assert_eq!(template.groups(), [&"mail".parse()?].into());
/// assert_eq!(template.variables(), [&"server".parse()?].into());
/// assert_eq!(template.checksum(), domain_connect::Checksum::of(template.json().as_bytes()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Template {
    pub(super) provider_id: ProviderId,
    pub(super) provider_name: DisplayName,
    pub(super) service_id: ServiceId,
    pub(super) service_name: DisplayName,
    pub(super) version: Option<u64>,
    pub(super) logo_url: Option<Url>,
    pub(super) description: Option<String>,
    pub(super) variable_description: Option<String>,
    pub(super) flags: Flags,
    pub(super) public_key_domain: Option<Name>,
    pub(super) redirect_domains: Vec<Name>,
    pub(super) records: Vec<TemplateRecord>,
    pub(super) json: String,
    pub(super) checksum: Checksum,
}

/// The yes-or-no properties of a template.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent switches of the document, not states"
)]
pub(super) struct Flags {
    pub(super) sync_block: bool,
    pub(super) shared_provider_name: bool,
    pub(super) shared_service_name: bool,
    pub(super) multi_instance: bool,
    pub(super) warn_phishing: bool,
    pub(super) host_required: bool,
}

impl Template {
    // Who and what

    /// Whose template it is.
    pub fn provider_id(&self) -> &ProviderId {
        &self.provider_id
    }

    /// The service provider's name, for people.
    pub fn provider_name(&self) -> &DisplayName {
        &self.provider_name
    }

    /// Which of the provider's templates it is.
    pub fn service_id(&self) -> &ServiceId {
        &self.service_id
    }

    /// The service's name, for people.
    pub fn service_name(&self) -> &DisplayName {
        &self.service_name
    }

    /// The version of the content, which says nothing but that something changed.
    pub fn version(&self) -> Option<u64> {
        self.version
    }

    /// A picture of the provider or the service; always `https`.
    pub fn logo_url(&self) -> Option<&Url> {
        self.logo_url.as_ref()
    }

    /// What the template does, for developers.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// What the variables mean, for developers.
    pub fn variable_description(&self) -> Option<&str> {
        self.variable_description.as_deref()
    }

    // How it may be applied

    /// Whether the synchronous flow must refuse it.
    pub fn blocks_synchronous_flow(&self) -> bool {
        self.flags.sync_block
    }

    /// Whether a request may add to the provider's name.
    pub fn allows_provider_name(&self) -> bool {
        self.flags.shared_provider_name
    }

    /// Whether a request may add to the service's name.
    pub fn allows_service_name(&self) -> bool {
        self.flags.shared_service_name
    }

    /// Whether it may be applied several times to one host.
    pub fn is_multi_instance(&self) -> bool {
        self.flags.multi_instance
    }

    /// Whether its author asked for a warning, a flag that the draft has withdrawn: everything
    /// unsigned is warned about.
    pub fn warns_of_phishing(&self) -> bool {
        self.flags.warn_phishing
    }

    /// Whether it only works below the apex.
    pub fn requires_host(&self) -> bool {
        self.flags.host_required
    }

    /// Where the keys are that sign requests; when it is there, requests must be signed
    /// (draft-05 section 8.3.4).
    pub fn public_key_domain(&self) -> Option<&Name> {
        self.public_key_domain.as_ref()
    }

    /// Where a browser may be sent when all is done.
    pub fn redirect_domains(&self) -> &[Name] {
        &self.redirect_domains
    }

    // What it holds

    /// The records in order.
    pub fn records(&self) -> &[TemplateRecord] {
        &self.records
    }

    /// The groups that records belong to.
    pub fn groups(&self) -> BTreeSet<&GroupId> {
        self.records
            .iter()
            .filter_map(|record| record.group.as_ref())
            .collect()
    }

    /// The variables that a request must give a value for, when every group is asked for.
    pub fn variables(&self) -> BTreeSet<&VariableName> {
        self.records
            .iter()
            .flat_map(TemplateRecord::variables)
            .filter_map(|variable| match variable {
                Variable::Named(name) => Some(name),
                Variable::Host | Variable::Domain | Variable::Fqdn => None,
            })
            .collect()
    }

    /// The text that it was read from.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The checksum of that text.
    pub fn checksum(&self) -> Checksum {
        self.checksum
    }
}

//------------ TemplateRecord --------------------------------------------------------------------

/// One record of a template (draft-05 section 6.2).
///
/// ```
/// use domain_connect::{Essential, Number, RecordBody, Template, TemplateRecord, TxtConflict};
///
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "exampleservice.example", "providerName": "Example Service",
///     "serviceId": "proof", "serviceName": "Proof",
///     "records": [{"type": "TXT", "host": "%name%", "data": "proof=%code%", "ttl": 600,
///         "essential": "OnApply", "txtConflictMatchingMode": "Prefix",
///         "txtConflictMatchingPrefix": "proof="}]
/// }"#)?;
/// let record: &TemplateRecord = &template.records()[0];
/// assert_eq!(record.ttl, Some(Number::Fixed(600)));
/// assert_eq!(record.essential, Essential::OnApply);
/// assert_eq!(record.body.type_name(), "TXT");
/// let variables: Vec<String> = record.variables().map(ToString::to_string).collect();
/// assert_eq!(variables, ["%name%", "%code%"]);
/// let RecordBody::Txt { data, conflict } = &record.body else { unreachable!("it is a TXT record") };
/// assert_eq!(data.to_string(), "proof=%code%");
/// assert_eq!(*conflict, TxtConflict::Prefix("proof=".to_owned()));
/// # Ok::<(), domain_connect::TemplateError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateRecord {
    /// The part of the template that it belongs to.
    pub group: Option<GroupId>,
    /// Whether the service needs it for as long as it is connected.
    pub essential: Essential,
    /// The name below the host that the template is applied to, or an absolute name.
    pub host: Pattern,
    /// How long it may be cached; a policy decides when nothing is said.
    pub ttl: Option<Number>,
    /// What it says.
    pub body: RecordBody,
}

impl TemplateRecord {
    /// Every variable in it.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        let patterns = std::iter::once(&self.host).chain(self.body.patterns());
        let numbers = self.ttl.iter().chain(self.body.numbers());
        patterns
            .flat_map(Pattern::variables)
            .chain(numbers.filter_map(|number| match number {
                Number::Variable(variable) => Some(variable),
                Number::Fixed(_) => None,
            }))
    }
}

/// Whether a service needs a record for as long as it is connected (draft-05 section 10.4.1.2).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Essential {
    /// Taking the record away ends the service.
    #[default]
    Always,
    /// It is written once, and may go or change later.
    OnApply,
}

/// What a template record says, by its type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RecordBody {
    /// `A` or `AAAA`.
    Address {
        /// Which of the two.
        rtype: RecordType,
        /// The address.
        points_to: Pattern,
    },
    /// `CNAME`.
    Cname {
        /// The other name.
        points_to: Pattern,
    },
    /// `NS`.
    Ns {
        /// The name server.
        points_to: Pattern,
    },
    /// `MX`.
    Mx {
        /// The mail server.
        points_to: Pattern,
        /// Its preference.
        priority: Number,
    },
    /// `TXT`.
    Txt {
        /// The text.
        data: Pattern,
        /// Which other texts it takes the place of.
        conflict: TxtConflict,
    },
    /// `SRV`.
    Srv {
        /// The service label.
        service: Pattern,
        /// The protocol label.
        protocol: Pattern,
        /// The server.
        target: Pattern,
        /// Its priority.
        priority: Number,
        /// Its weight.
        weight: Number,
        /// Its port.
        port: Number,
    },
    /// `SPFM`: rules for the one SPF record of the host (draft-05 section 9.4).
    Spf {
        /// The rules, without version and without `all`.
        rules: Pattern,
    },
    /// `APEXCNAME` (Domain Connect 2.3, extension): an alias where a `CNAME` cannot stand.
    ApexAlias {
        /// The other name.
        points_to: Pattern,
    },
    /// `REDIR301`, `REDIR302` (Domain Connect 2.3, extension): a web redirect.
    Redirect {
        /// Which of the two.
        status: RedirectStatus,
        /// The URL to go to.
        target: Pattern,
    },
    /// Any other type, with its data in presentation format.
    Generic {
        /// The type.
        rtype: RecordType,
        /// The data.
        data: Pattern,
    },
}

impl RecordBody {
    /// The type, as templates spell it.
    pub fn type_name(&self) -> String {
        match self {
            Self::Address { rtype, .. } | Self::Generic { rtype, .. } => rtype.to_string(),
            Self::Cname { .. } => "CNAME".to_owned(),
            Self::Ns { .. } => "NS".to_owned(),
            Self::Mx { .. } => "MX".to_owned(),
            Self::Txt { .. } => "TXT".to_owned(),
            Self::Srv { .. } => "SRV".to_owned(),
            Self::Spf { .. } => "SPFM".to_owned(),
            Self::ApexAlias { .. } => "APEXCNAME".to_owned(),
            Self::Redirect { status, .. } => format!("REDIR{}", status.code()),
        }
    }

    pub(crate) fn patterns(&self) -> Vec<&Pattern> {
        match self {
            Self::Address { points_to, .. }
            | Self::Cname { points_to }
            | Self::Ns { points_to }
            | Self::Mx { points_to, .. }
            | Self::ApexAlias { points_to } => vec![points_to],
            Self::Txt { data, .. } | Self::Generic { data, .. } => vec![data],
            Self::Srv {
                service,
                protocol,
                target,
                ..
            } => vec![service, protocol, target],
            Self::Spf { rules } => vec![rules],
            Self::Redirect { target, .. } => vec![target],
        }
    }

    pub(crate) fn numbers(&self) -> Vec<&Number> {
        match self {
            Self::Mx { priority, .. } => vec![priority],
            Self::Srv {
                priority,
                weight,
                port,
                ..
            } => vec![priority, weight, port],
            Self::Address { .. }
            | Self::Cname { .. }
            | Self::Ns { .. }
            | Self::Txt { .. }
            | Self::Spf { .. }
            | Self::ApexAlias { .. }
            | Self::Redirect { .. }
            | Self::Generic { .. } => Vec::new(),
        }
    }
}

/// Which other texts of a name a `TXT` record takes the place of (draft-05 section 6.2,
/// `txtConflictMatchingMode`).
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TxtConflict {
    /// None.
    #[default]
    None,
    /// All.
    All,
    /// Those that begin with this text, which is never empty.
    Prefix(String),
}

impl TxtConflict {
    /// Whether this takes the place of every text that another one does.
    ///
    /// ```
    /// use domain_connect::TxtConflict;
    ///
    /// let spf = TxtConflict::Prefix("v=spf1".to_owned());
    /// assert!(TxtConflict::All.covers(&spf) && !spf.covers(&TxtConflict::All));
    /// assert!(TxtConflict::Prefix("v=".to_owned()).covers(&spf));
    /// ```
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) | (_, Self::None) => true,
            (Self::Prefix(all), Self::Prefix(some)) => some.starts_with(all.as_str()),
            (Self::None | Self::Prefix(_), Self::All) | (Self::None, Self::Prefix(_)) => false,
        }
    }

    /// Whether it takes the place of none.
    ///
    /// ```
    /// assert!(domain_connect::TxtConflict::default().is_none());
    /// ```
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// Which redirect.
///
/// ```
/// use domain_connect::RedirectStatus;
///
/// assert_eq!(RedirectStatus::Permanent.code(), 301);
/// assert_eq!(RedirectStatus::Temporary.code(), 302);
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum RedirectStatus {
    /// `301`: the page has moved for good.
    #[serde(rename = "301")]
    Permanent,
    /// `302`: for now.
    #[serde(rename = "302")]
    Temporary,
}

impl RedirectStatus {
    /// The HTTP status code.
    pub fn code(self) -> u16 {
        match self {
            Self::Permanent => 301,
            Self::Temporary => 302,
        }
    }
}

/// The record types of templates that DNS does not have.
///
/// ```
/// use domain_connect::{RowType, SpecialType};
///
/// assert_eq!(RowType::Special(SpecialType::ApexAlias).to_string(), "APEXCNAME");
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum SpecialType {
    /// `APEXCNAME`
    #[serde(rename = "APEXCNAME")]
    ApexAlias,
    /// `REDIR301`
    #[serde(rename = "REDIR301")]
    PermanentRedirect,
    /// `REDIR302`
    #[serde(rename = "REDIR302")]
    TemporaryRedirect,
}
