//! What a grant lets a client do.

use std::fmt;
use std::sync::LazyLock;

use domain_connect::foresight::GrantedRecord;
use domain_connect::vetting::TemplateValue;
use domain_connect::{
    Conflict, ConflictingItem, ProviderId, ServiceId, ServiceKey, TxtConflict, Variables,
};
use easement_zone::{Host, Name, Record};
use namedrop::{NotGiven, Permission, Permissions};
use serde::{Deserialize, Serialize};

/// What a grant lets a client do in its zone.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum GrantRight {
    /// Each of these templates at each of these hosts (Domain Connect 2.3, "OAuth Flow: Getting an Authorization
    /// Code").
    Templates {
        /// Whose templates.
        provider: ProviderId,
        /// Which of them.
        services: Vec<ServiceId>,
        /// Where.
        hosts: Vec<Host>,
        /// The values of variables that are parts of names: each use has them, since the owner said yes to names.
        #[serde(default, skip_serializing_if = "Variables::is_empty")]
        fixed: Variables,
        /// The records that the owner was shown: a text of a template that came later and asks for more was not
        /// agreed to.
        #[serde(default)]
        records: Vec<AgreedRecord>,
        /// What the owner saw in the way and said may go.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        agreed: Vec<AgreedConflict>,
    },
    /// Records at these names, as their scopes say (NameDrop 0.4.0, "OAuth2 scopes").
    Names {
        /// Each with its scope and host. All are of the grant's zone.
        permissions: Permissions,
    },
}

/// A record that may be written.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AgreedRecord {
    /// Its name.
    pub owner: Name,
    /// Its type, as templates spell it.
    pub rtype: String,
    /// What it says, as far as that was fixed; nothing when the client chooses all of it.
    pub values: Option<String>,
    /// Which other texts at that name it takes the place of, when it is one.
    #[serde(default, skip_serializing_if = "TxtConflict::is_none")]
    pub takes: TxtConflict,
}

impl AgreedRecord {
    /// What is agreed to with these records.
    pub fn all_of<'r>(granted: impl IntoIterator<Item = &'r GrantedRecord>) -> Vec<Self> {
        let mut agreed: Vec<Self> = Vec::new();
        for record in granted {
            let one = Self::of(record);
            if !agreed.contains(&one) {
                agreed.push(one);
            }
        }
        agreed
    }

    fn of(record: &GrantedRecord) -> Self {
        Self {
            owner: record.owner.clone(),
            rtype: record.rtype.clone(),
            values: (!record.values.iter().all(TemplateValue::is_open)).then(|| {
                let values: Vec<String> = record.values.iter().map(ToString::to_string).collect();
                values.join(" ")
            }),
            takes: record.takes.clone(),
        }
    }

    /// Whether this is enough for another: whoever may choose all of a value may also write one that is fixed, and
    /// whoever may take many texts away may also take fewer.
    fn covers(&self, other: &Self) -> bool {
        let is_value = self.values.is_none() || self.values == other.values;
        let is_place = (&self.owner, &self.rtype) == (&other.owner, &other.rtype);
        is_place && is_value && self.takes.covers(&other.takes)
    }
}

/// A record that stood in the way when the owner said yes, and may go.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AgreedConflict {
    /// The record.
    pub record: Record,
    /// The services that needed it, and would end.
    pub owners: Vec<ServiceKey>,
}

impl AgreedConflict {
    /// The most of them: beyond, a client has to say that it means to replace what is there.
    pub const MAX_COUNT: usize = 100;

    /// What is agreed to with these conflicts.
    pub fn all_of<'c>(conflicts: impl IntoIterator<Item = &'c Conflict>) -> Vec<Self> {
        let mut agreed: Vec<Self> = Vec::new();
        for conflict in conflicts {
            let ConflictingItem::Record(record) = &conflict.existing else {
                continue;
            };
            let one = Self {
                record: record.clone(),
                owners: conflict.owners.clone(),
            };
            if agreed.len() < Self::MAX_COUNT && !agreed.contains(&one) {
                agreed.push(one);
            }
        }
        agreed
    }

    fn covers(&self, conflict: &Conflict) -> bool {
        let is_record = match &conflict.existing {
            ConflictingItem::Record(record) => *record == self.record,
            ConflictingItem::Special(_) => false,
        };
        is_record
            && conflict
                .owners
                .iter()
                .all(|owner| self.owners.contains(owner))
    }
}

impl GrantRight {
    /// Whether it is for this template at this host. Hosts are compared label by label: one does not cover what
    /// is below it.
    pub fn allows(&self, target: &GrantTarget) -> bool {
        match self {
            Self::Templates {
                provider,
                services,
                hosts,
                ..
            } => {
                *provider == target.provider
                    && services.contains(&target.service)
                    && hosts.contains(&target.host)
            }
            Self::Names { .. } => false,
        }
    }

    /// The values of variables that are parts of names.
    pub fn fixed(&self) -> &Variables {
        static NONE: LazyLock<Variables> = LazyLock::new(Variables::new);
        match self {
            Self::Templates { fixed, .. } => fixed,
            Self::Names { .. } => &NONE,
        }
    }

    /// The first of these records that the owner did not agree to.
    pub fn first_not_agreed<'r>(&self, granted: &'r [GrantedRecord]) -> Option<&'r GrantedRecord> {
        match self {
            Self::Templates { records, .. } => granted.iter().find(|record| {
                let asked = AgreedRecord::of(record);
                !records.iter().any(|agreed| agreed.covers(&asked))
            }),
            Self::Names { .. } => granted.first(),
        }
    }

    /// What is in the way, and was not when the owner said yes, or ends more than the owner was told.
    pub fn not_agreed(&self, conflicts: &[Conflict]) -> Vec<Conflict> {
        match self {
            Self::Templates { agreed, .. } => {
                let is_new = |one: &&Conflict| !agreed.iter().any(|known| known.covers(one));
                conflicts.iter().filter(is_new).cloned().collect()
            }
            Self::Names { .. } => conflicts.to_vec(),
        }
    }

    /// Less of it: the names of another right, when each is within one that is there.
    pub fn narrowed_to(&self, kept: &Self) -> Result<Self, NotNarrower> {
        let (Self::Names { permissions }, Self::Names { permissions: kept }) = (self, kept) else {
            return Err(NotNarrower::NotForNames);
        };
        if kept.is_empty() {
            return Err(NotNarrower::Nothing);
        }
        let permissions = permissions.narrowed_to(kept)?;
        Ok(Self::Names { permissions })
    }

    /// The names that another right has no more, each with its scope.
    pub fn lost_in(&self, kept: &Self) -> Vec<String> {
        let (Self::Names { permissions }, Self::Names { permissions: kept }) = (self, kept) else {
            return Vec::new();
        };
        let is_lost = |one: &&Permission| !kept.iter().any(|other| other == *one);
        let lost = permissions.iter().filter(is_lost);
        lost.map(ToString::to_string).collect()
    }

    /// Every combination of template and host.
    pub fn targets(&self) -> Vec<GrantTarget> {
        match self {
            Self::Templates {
                provider,
                services,
                hosts,
                ..
            } => services
                .iter()
                .flat_map(|service| {
                    hosts.iter().map(|host| GrantTarget {
                        provider: provider.clone(),
                        service: service.clone(),
                        host: host.clone(),
                    })
                })
                .collect(),
            Self::Names { .. } => Vec::new(),
        }
    }
}

/// Why a right is not made narrower.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotNarrower {
    /// It is for templates.
    #[error("only access to names can be made narrower")]
    NotForNames,
    /// Nothing would be left.
    #[error("nothing would be left: take the access back instead")]
    Nothing,
    /// It would be more.
    #[error(transparent)]
    NotGiven(#[from] NotGiven),
}

/// One template at one host: what one use of a grant is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrantTarget {
    /// Whose template.
    pub provider: ProviderId,
    /// Which of them.
    pub service: ServiceId,
    /// Where.
    pub host: Host,
}

impl fmt::Display for GrantTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            provider,
            service,
            host,
        } = self;
        write!(f, "{provider}/{service} at the host {host}")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use domain_connect::foresight::granted_records;
    use domain_connect::{ConflictRule, Template};
    use easement_zone::RecordType;

    use super::*;

    pub(crate) fn target(provider: &str, service: &str, host: &str) -> GrantTarget {
        GrantTarget {
            provider: provider.parse().unwrap(),
            service: service.parse().unwrap(),
            host: host.parse().unwrap(),
        }
    }

    pub(in super::super) fn right() -> GrantRight {
        GrantRight::Templates {
            provider: "host.example".parse().unwrap(),
            services: vec!["web".parse().unwrap(), "mail".parse().unwrap()],
            hosts: vec![Host::apex(), "www".parse().unwrap()],
            fixed: Variables::new(),
            records: Vec::new(),
            agreed: Vec::new(),
        }
    }

    /// What an app was given below `sub` of `example.com`.
    pub(in super::super) fn names() -> GrantRight {
        let permissions = serde_json::json!([
            {"scope": "namedrop-hosts", "domain": "example.com", "host": "sub"},
            {"scope": "namedrop-acme", "domain": "example.com", "host": "sub"},
        ]);
        GrantRight::Names {
            permissions: serde_json::from_value(permissions).unwrap(),
        }
    }

    #[test]
    fn names_are_kept_and_open_no_template() {
        let json = serde_json::to_string(&names()).unwrap();
        assert_eq!(serde_json::from_str::<GrantRight>(&json).unwrap(), names());
        assert!(!names().allows(&target("host.example", "web", "sub")));
        assert!(names().targets().is_empty());
        assert!(names().fixed().is_empty());
    }

    #[test]
    fn names_become_fewer_and_never_more() {
        let at = |scope: &str, host: &str| {
            let wire = serde_json::json!([{"scope": scope, "domain": "example.com", "host": host}]);
            GrantRight::Names {
                permissions: serde_json::from_value(wire).unwrap(),
            }
        };
        let hosts = |host| at("namedrop-hosts", host);
        let narrower = names().narrowed_to(&hosts("sub")).unwrap();
        assert_eq!(narrower, hosts("sub"));
        assert_eq!(narrower.narrowed_to(&hosts("a.sub")), Ok(hosts("a.sub")));
        for more in [hosts("evilsub"), hosts(""), at("namedrop-acme", "sub")] {
            let refused = narrower.narrowed_to(&more);
            assert!(
                matches!(refused, Err(NotNarrower::NotGiven(_))),
                "{refused:?}"
            );
        }
        let nothing = GrantRight::Names {
            permissions: Permissions::default(),
        };
        assert_eq!(names().narrowed_to(&nothing), Err(NotNarrower::Nothing));
        for (have, kept) in [(right(), names()), (names(), right()), (right(), right())] {
            assert_eq!(have.narrowed_to(&kept), Err(NotNarrower::NotForNames));
        }
    }

    #[test]
    fn every_combination_is_allowed_and_nothing_else() {
        for (provider, service, host, is_allowed) in [
            ("host.example", "web", "@", true),
            ("host.example", "web", "WWW", true),
            ("host.example", "mail", "www", true),
            ("host.example", "mail", "a.www", false),
            ("host.example", "mail", "ww", false),
            ("host.example", "shop", "www", false),
            ("host.example", "Web", "www", false),
            ("other.example", "web", "www", false),
        ] {
            let target = target(provider, service, host);
            assert_eq!(right().allows(&target), is_allowed, "{target}");
        }
        assert_eq!(right().targets().len(), 4);
        assert!(right().targets().iter().all(|one| right().allows(one)));
    }

    #[test]
    fn what_the_owner_saw_may_go_and_nothing_else() {
        let record = |data: &str| Record {
            owner: "home.example.com".parse().unwrap(),
            data: easement_zone::RecordData::from_text(RecordType::A, data).unwrap(),
        };
        let key = |service: &str| ServiceKey {
            provider_id: "p.example".parse().unwrap(),
            service_id: service.parse().unwrap(),
            host: Host::apex(),
            instance: None,
        };
        let conflict = |data: &str, owners: &[&str]| Conflict {
            existing: ConflictingItem::Record(record(data)),
            template_record: 1,
            rule: ConflictRule::OneWebsite,
            owners: owners.iter().map(|owner| key(owner)).collect(),
        };
        let seen = [conflict("192.0.2.1", &[]), conflict("192.0.2.2", &["web"])];
        let GrantRight::Templates {
            provider,
            services,
            hosts,
            fixed,
            ..
        } = right()
        else {
            panic!("templates");
        };
        let right = GrantRight::Templates {
            provider,
            services,
            hosts,
            fixed,
            records: Vec::new(),
            agreed: AgreedConflict::all_of(&seen),
        };
        let stored = serde_json::to_string(&right).unwrap();
        let right: GrantRight = serde_json::from_str(&stored).unwrap();
        for (met, is_new) in [
            (conflict("192.0.2.1", &[]), false),
            (conflict("192.0.2.2", &["web"]), false),
            (conflict("192.0.2.2", &[]), false),
            (conflict("192.0.2.3", &[]), true),
            (conflict("192.0.2.1", &["web"]), true),
            (conflict("192.0.2.2", &["web", "mail"]), true),
        ] {
            let left = right.not_agreed(std::slice::from_ref(&met));
            assert_eq!(!left.is_empty(), is_new, "{met:?}");
        }
        let many: Vec<_> = (0..200)
            .map(|one| conflict(&format!("192.0.2.{one}"), &[]))
            .collect();
        assert_eq!(
            AgreedConflict::all_of(&many).len(),
            AgreedConflict::MAX_COUNT
        );
    }

    /// Records of later texts, and whether what was shown is enough for them.
    const LATER: &[(&str, bool)] = &[
        (
            r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600}"#,
            true,
        ),
        (
            r#"{"type": "CNAME", "host": "www", "pointsTo": "b.p.example", "ttl": 60}"#,
            false,
        ),
        (
            r#"{"type": "CNAME", "host": "www", "pointsTo": "%x%.p.example", "ttl": 60}"#,
            false,
        ),
        (
            r#"{"type": "CNAME", "host": "id", "pointsTo": "%id%.p.example", "ttl": 600}"#,
            true,
        ),
        (
            r#"{"type": "CNAME", "host": "id", "pointsTo": "%id%", "ttl": 60}"#,
            false,
        ),
        (
            r#"{"type": "TXT", "host": "t", "data": "%proof%", "ttl": 60,
                "txtConflictMatchingMode": "None"}"#,
            true,
        ),
        // It takes other texts away by now.
        (
            r#"{"type": "TXT", "host": "t", "data": "%proof%", "ttl": 60,
                "txtConflictMatchingMode": "All"}"#,
            false,
        ),
        (
            r#"{"type": "TXT", "host": "t", "data": "%proof%", "ttl": 60,
                "txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "p="}"#,
            false,
        ),
        (
            r#"{"type": "TXT", "host": "p", "data": "%proof%", "ttl": 60,
                "txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "p=1"}"#,
            true,
        ),
        (
            r#"{"type": "TXT", "host": "p", "data": "%proof%", "ttl": 60,
                "txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "p"}"#,
            false,
        ),
        (
            r#"{"type": "TXT", "host": "p", "data": "%proof%", "ttl": 60}"#,
            true,
        ),
        (
            r#"{"type": "AAAA", "host": "@", "pointsTo": "%IP%", "ttl": 60}"#,
            false,
        ),
        (
            r#"{"type": "A", "host": "a", "pointsTo": "%IP%", "ttl": 60}"#,
            false,
        ),
        (
            r#"{"type": "MX", "host": "@", "pointsTo": "mx.p.example", "priority": 1, "ttl": 60}"#,
            false,
        ),
    ];

    #[test]
    fn a_text_that_asks_for_more_than_was_shown_is_not_covered() {
        let granted = |records: &str| {
            let json = format!(
                r#"{{"providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
                    "records": [{records}]}}"#
            );
            let (template, _notes) = Template::from_json(&json).unwrap();
            let (apex, host) = ("example.com".parse().unwrap(), "home".parse().unwrap());
            granted_records(&template, &apex, &host, &Variables::new()).unwrap()
        };
        let shown = r#"{"type": "A", "host": "@", "pointsTo": "%IP%", "ttl": 60},
                       {"type": "CNAME", "host": "id", "pointsTo": "%id%.p.example", "ttl": 60},
                       {"type": "CNAME", "host": "www", "pointsTo": "a.p.example", "ttl": 60},
                       {"type": "TXT", "host": "t", "data": "%proof%", "ttl": 60},
                       {"type": "TXT", "host": "p", "data": "%proof%", "ttl": 60,
                        "txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "p="}"#;
        let GrantRight::Templates {
            provider,
            services,
            hosts,
            fixed,
            agreed,
            ..
        } = right()
        else {
            panic!("templates");
        };
        let right = GrantRight::Templates {
            provider,
            services,
            hosts,
            fixed,
            records: AgreedRecord::all_of(&granted(shown)),
            agreed,
        };
        assert!(right.first_not_agreed(&granted(shown)).is_none());
        for &(records, is_covered) in LATER {
            let granted = granted(records);
            assert_eq!(
                right.first_not_agreed(&granted).is_none(),
                is_covered,
                "{records}"
            );
        }
    }

    #[test]
    fn a_right_is_stored_as_a_document() {
        let text = serde_json::to_string(&right()).unwrap();
        assert_eq!(
            text,
            r#"{"kind":"templates","provider":"host.example","services":["web","mail"],"hosts":["@","www"],"records":[]}"#
        );
        assert_eq!(serde_json::from_str::<GrantRight>(&text).unwrap(), right());
    }
}
