//! When an operator's rules already answer whether a template may be offered.

use std::collections::BTreeSet;
use std::fmt;

use easement_zone::{Name, Ttl};
use serde::{Deserialize, Serialize};

use super::{Confusable, TemplatePlace, Widening, widenings};
use crate::plain::plain;
use crate::{Number, ProviderId, Template};

/// The rules of an operator. The default approves nothing.
///
/// ```
/// use domain_connect::Template;
/// use domain_connect::vetting::{
///     Approval, ApprovalPolicy, ApprovalReason, Control, Facts, HostRule, ReviewReason, Verdict,
/// };
///
/// // Templates that only write texts and aliases below the domain may be offered unseen.
/// let policy = ApprovalPolicy {
///     approval: Approval::ByRule,
///     types: Some(["TXT", "CNAME"].map(str::to_owned).into()),
///     reviewed_hosts: [HostRule::Apex, HostRule::Wildcard].into(),
///     ..ApprovalPolicy::default()
/// };
/// let facts = Facts { approved: None, lint_errors: 0, confusables: &[], control: Control::Unproven };
///
/// let read = |host: &str| Template::from_json(&format!(r#"{{
///     "providerId": "exampleservice.example", "providerName": "Example Service",
///     "serviceId": "shop", "serviceName": "Shop", "syncPubKeyDomain": "exampleservice.example",
///     "records": [{{"type": "CNAME", "host": "{host}", "pointsTo": "shop.exampleservice.example", "ttl": 600}}]
/// }}"#)).map(|(template, _notes)| template);
/// let verdict = policy.decide(&read("shop")?, &facts);
/// assert_eq!(verdict, Verdict::Approve { because: ApprovalReason::WithinRules });
///
/// let Verdict::Review { because } = policy.decide(&read("*")?, &facts) else {
///     unreachable!("a wildcard needs a person")
/// };
/// assert!(matches!(because[0], ReviewReason::Host { rule: HostRule::Wildcard, .. }));
/// # Ok::<(), domain_connect::TemplateError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ApprovalPolicy {
    /// Whether any template is approved by rule.
    pub approval: Approval,
    /// Whether a new text that may do no more than the approved one is approved.
    pub unwidened: Approval,
    /// The service providers whose templates may be approved by rule; nothing means all.
    pub providers: Option<BTreeSet<ProviderId>>,
    /// The record types that may be approved by rule, as templates spell them; nothing means all.
    pub types: Option<BTreeSet<String>>,
    /// Which hosts need a person.
    pub reviewed_hosts: BTreeSet<HostRule>,
    /// The lowest TTL that may be approved by rule.
    pub lowest_ttl: Option<Ttl>,
    /// The highest TTL that may be approved by rule.
    pub highest_ttl: Option<Ttl>,
    /// The most records that may be approved by rule.
    pub most_records: Option<usize>,
    /// The most octets of text that may be approved by rule.
    pub most_octets: Option<usize>,
    /// Whether the service provider must have proven that it controls the key domain.
    pub control: Control,
}

/// Whether a rule may approve.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Approval {
    /// A person decides.
    #[default]
    Review,
    /// The rules decide.
    ByRule,
}

/// A kind of host that a person should look at.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HostRule {
    /// The very name that a template is applied to, which may be the domain itself.
    Apex,
    /// `*`.
    Wildcard,
    /// A label that begins with an underscore.
    Underscore,
    /// A name that the request chooses, in whole or in part.
    Variable,
    /// A name that does not depend on the host it is applied to.
    Absolute,
}

/// Whether control of the key domain was, or must be, proven.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// It was not, or need not be.
    #[default]
    Unproven,
    /// It was, or must be.
    Proven,
}

/// What is known about a template besides its text.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The text that is approved now.
    pub approved: Option<&'a Template>,
    /// How many errors the linter finds.
    pub lint_errors: usize,
    /// Names that it could be taken for.
    pub confusables: &'a [Confusable],
    /// Whether control of the key domain was proven.
    pub control: Control,
}

/// What the rules say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It may be offered.
    Approve {
        /// Why.
        because: ApprovalReason,
    },
    /// A person must look.
    Review {
        /// Why; at least one reason.
        because: Vec<ReviewReason>,
    },
}

/// Why a rule approves.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalReason {
    /// It may do no more than the text that is approved.
    NotWidened,
    /// It is within every rule.
    WithinRules,
}

/// Why a person must look. Its `Display` names the rule and the value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ReviewReason {
    /// The policy approves nothing by rule.
    NoRules,
    /// It may do more than the approved text.
    Widened(Widening),
    /// Its requests are not signed.
    Unsigned,
    /// The key domain is not one of the service provider.
    ForeignKeyDomain {
        /// The domain.
        domain: Name,
        /// The service provider.
        provider: ProviderId,
    },
    /// The service provider is not on the list.
    Provider(ProviderId),
    /// A record type is not on the list.
    Type {
        /// Which record, counted from one.
        record: usize,
        /// The type.
        rtype: String,
    },
    /// A host is of a kind that a person looks at.
    Host {
        /// Which record, counted from one.
        record: usize,
        /// The host.
        host: String,
        /// The kind.
        rule: HostRule,
    },
    /// A TTL is outside the limits, or chosen by the request.
    Ttl {
        /// Which record, counted from one.
        record: usize,
        /// The TTL as it is written.
        ttl: String,
    },
    /// There are too many records.
    Records {
        /// How many there are.
        records: usize,
        /// How many may be approved.
        most: usize,
    },
    /// The text is too long.
    Octets {
        /// How long it is.
        octets: usize,
        /// How long it may be.
        most: usize,
    },
    /// The linter finds errors.
    LintErrors(usize),
    /// It could be taken for somebody else's.
    Confusable(Confusable),
    /// Control of the key domain is not proven.
    ControlUnproven,
}

impl ApprovalPolicy {
    /// Whether there is any text that the rules approve: otherwise nothing need be found out about one.
    ///
    /// ```
    /// use domain_connect::vetting::{Approval, ApprovalPolicy};
    ///
    /// let mut policy = ApprovalPolicy::default();
    /// assert!(!policy.may_approve());
    /// policy.unwidened = Approval::ByRule;
    /// assert!(policy.may_approve());
    /// ```
    pub fn may_approve(&self) -> bool {
        self.approval == Approval::ByRule || self.unwidened == Approval::ByRule
    }

    /// What the rules say about a text of a template.
    pub fn decide(&self, template: &Template, facts: &Facts<'_>) -> Verdict {
        let widened = facts
            .approved
            .map(|approved| widenings(approved, template))
            .unwrap_or_default();
        let is_narrower = facts.approved.is_some() && widened.is_empty();
        if is_narrower && self.unwidened == Approval::ByRule && facts.lint_errors == 0 {
            return Verdict::Approve {
                because: ApprovalReason::NotWidened,
            };
        }
        let mut because = Vec::new();
        if self.approval == Approval::Review {
            because.push(ReviewReason::NoRules);
        }
        because.extend(widened.into_iter().map(ReviewReason::Widened));
        self.check_provider(template, facts, &mut because);
        self.check_records(template, &mut because);
        self.check_size(template, &mut because);
        if because.is_empty() {
            return Verdict::Approve {
                because: ApprovalReason::WithinRules,
            };
        }
        Verdict::Review { because }
    }

    fn check_provider(
        &self,
        template: &Template,
        facts: &Facts<'_>,
        because: &mut Vec<ReviewReason>,
    ) {
        let provider = template.provider_id();
        if let Some(providers) = &self.providers
            && !providers.contains(provider)
        {
            because.push(ReviewReason::Provider(provider.clone()));
        }
        match template.public_key_domain() {
            None => because.push(ReviewReason::Unsigned),
            Some(domain) => {
                if !is_of_provider(domain, provider) {
                    because.push(ReviewReason::ForeignKeyDomain {
                        domain: domain.clone(),
                        provider: provider.clone(),
                    });
                }
                if self.control == Control::Proven && facts.control == Control::Unproven {
                    because.push(ReviewReason::ControlUnproven);
                }
            }
        }
        if facts.lint_errors > 0 {
            because.push(ReviewReason::LintErrors(facts.lint_errors));
        }
        let confusables = facts.confusables.iter().cloned();
        because.extend(confusables.map(ReviewReason::Confusable));
    }

    fn check_records(&self, template: &Template, because: &mut Vec<ReviewReason>) {
        for (record, one) in (1..).zip(template.records()) {
            let rtype = one.body.type_name();
            if let Some(types) = &self.types
                && !types.contains(&rtype)
            {
                because.push(ReviewReason::Type { record, rtype });
            }
            let place = TemplatePlace::of(one);
            let rules = host_rules(&place, &one.host.to_string());
            because.extend(
                rules
                    .into_iter()
                    .filter(|rule| self.reviewed_hosts.contains(rule))
                    .map(|rule| ReviewReason::Host {
                        record,
                        host: one.host.to_string(),
                        rule,
                    }),
            );
            if let Some(ttl) = one.ttl.as_ref().filter(|ttl| !self.allows_ttl(ttl)) {
                because.push(ReviewReason::Ttl {
                    record,
                    ttl: ttl.to_string(),
                });
            }
        }
    }

    fn allows_ttl(&self, ttl: &Number) -> bool {
        let limits = (self.lowest_ttl, self.highest_ttl);
        match (ttl, limits) {
            (_, (None, None)) => true,
            (Number::Fixed(seconds), (low, high)) => {
                low.is_none_or(|low| *seconds >= u64::from(low.as_secs()))
                    && high.is_none_or(|high| *seconds <= u64::from(high.as_secs()))
            }
            (Number::Variable(_), _) => false,
        }
    }

    fn check_size(&self, template: &Template, because: &mut Vec<ReviewReason>) {
        let (records, octets) = (template.records().len(), template.json().len());
        if let Some(most) = self.most_records.filter(|most| records > *most) {
            because.push(ReviewReason::Records { records, most });
        }
        if let Some(most) = self.most_octets.filter(|most| octets > *most) {
            because.push(ReviewReason::Octets { octets, most });
        }
    }
}

/// Whether a key domain is the provider's own, by labels: it is the provider's id or below it, or the id
/// is below it (`keys.example.net` and `example.net` both speak for `example.net`).
fn is_of_provider(domain: &Name, provider: &ProviderId) -> bool {
    provider.as_str().parse::<Name>().is_ok_and(|id| {
        domain.is_at_or_below(&id) || (domain.label_count() > 1 && id.is_below(domain))
    })
}

fn host_rules(place: &TemplatePlace, host: &str) -> Vec<HostRule> {
    [
        (HostRule::Apex, place.is_applied_name()),
        (HostRule::Wildcard, place.is_wildcard()),
        (HostRule::Underscore, place.has_underscore()),
        (HostRule::Variable, place.is_chosen()),
        (HostRule::Absolute, host.ends_with('.')),
    ]
    .into_iter()
    .filter_map(|(rule, applies)| applies.then_some(rule))
    .collect()
}

//------------ In words --------------------------------------------------------------------------

impl fmt::Display for ApprovalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotWidened => "it may do no more than the text that was approved before",
            Self::WithinRules => "it is within every rule of the configuration",
        })
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Apex => "the very name it is applied to",
            Self::Wildcard => "a wildcard",
            Self::Underscore => "a name with an underscore",
            Self::Variable => "a name that the request chooses",
            Self::Absolute => "a name that does not depend on the host",
        })
    }
}

impl fmt::Display for ReviewReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRules => f.write_str("no rule of the configuration approves templates"),
            Self::Widened(widening) => write!(f, "it may do more than was approved. {widening}"),
            Self::Unsigned => f.write_str("its requests are not signed"),
            Self::ForeignKeyDomain { domain, provider } => write!(
                f,
                "its keys are below {}, which is not a domain of {provider}",
                domain.to_text()
            ),
            Self::Provider(provider) => {
                write!(f, "{provider} is not on the list of service providers")
            }
            Self::Type { record, rtype } => write!(
                f,
                "record {record} has the type {rtype}, which is not on the list of types"
            ),
            Self::Host { record, host, rule } => {
                write!(f, "record {record} stands at \"{}\": {rule}", plain(host))
            }
            Self::Ttl { record, ttl } => {
                write!(f, "record {record} has the TTL {ttl}, outside the limits")
            }
            Self::Records { records, most } => {
                write!(
                    f,
                    "it has {records} records, and at most {most} are approved by rule"
                )
            }
            Self::Octets { octets, most } => {
                write!(
                    f,
                    "its text has {octets} octets, and at most {most} are approved by rule"
                )
            }
            Self::LintErrors(1) => f.write_str("the linter finds an error"),
            Self::LintErrors(errors) => write!(f, "the linter finds {errors} errors"),
            Self::Confusable(confusable) => confusable.fmt(f),
            Self::ControlUnproven => {
                f.write_str("nobody has proven to control the domain of its keys")
            }
        }
    }
}
