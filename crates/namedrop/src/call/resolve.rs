//! From a call to names, types and values, each held against the permissions.

use easement_zone::{Host, Name, RecordData, RecordType, Ttl};

use super::fault::TTL_LIMITS;
use super::place::{expand_host, read_domain, read_host};
use super::value::read_value;
use super::{
    Action, Conflicting, RecordCall, RecordFault, Refusal, RefusedRecord, RequestedRecord,
};
use crate::{Permissions, Placed, RecordKind};

/// A call that its permissions open, all of it. Only [`RecordCall::resolve`] makes one, so whoever has it
/// has asked.
#[derive(Clone, Debug)]
pub struct ResolvedCall {
    action: Action,
    domain: Name,
    records: Vec<ResolvedRecord>,
    conflicting: Conflicting,
    permissions: Permissions,
}

/// One record of such a call.
#[derive(Clone, Debug)]
pub struct ResolvedRecord {
    /// What was sent.
    pub requested: RequestedRecord,
    /// The name.
    pub owner: Name,
    /// The type.
    pub rtype: RecordType,
    /// The value; nothing when all values of the kinds below are meant.
    pub data: Option<RecordData>,
    /// The TTL, within the limits; nothing when it was not said.
    pub ttl: Option<Ttl>,
    /// What the record is, or can be.
    pub kinds: Vec<RecordKind>,
}

impl ResolvedCall {
    /// What is to be done.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The apex of the zone.
    pub fn domain(&self) -> &Name {
        &self.domain
    }

    /// The records.
    pub fn records(&self) -> &[ResolvedRecord] {
        &self.records
    }

    /// What becomes of records that cannot stand beside those that are set.
    pub fn conflicting(&self) -> Conflicting {
        self.conflicting
    }

    /// What it was held against.
    pub(crate) fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// Whether the permissions open a record that is there.
    pub fn opens(&self, owner: &Name, data: &RecordData) -> bool {
        self.permissions.open(owner, &self.domain, data)
    }
}

/// A call to tell which records are there, and what it may be told.
#[derive(Clone, Debug)]
pub struct Listing {
    domain: Name,
    under: Name,
    permissions: Permissions,
}

impl Listing {
    /// The apex of the zone.
    pub fn domain(&self) -> &Name {
        &self.domain
    }

    /// The name at and below which records are wanted.
    pub fn under(&self) -> &Name {
        &self.under
    }

    /// What may be told.
    pub(crate) fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// Whether the permissions open a record that is there.
    pub fn opens(&self, owner: &Name, data: &RecordData) -> bool {
        self.permissions.open(owner, &self.domain, data)
    }
}

impl RecordCall {
    /// Fills in what the call leaves out, and holds every record against the permissions. One that is
    /// wrong refuses the call, and all that are wrong are named.
    ///
    /// ```
    /// use namedrop::{Action, Permissions, RecordCall};
    ///
    /// let given: Permissions = serde_json::from_str(
    ///     r#"[{"scope": "namedrop-acme", "domain": "example.com", "host": "sub"}]"#,
    /// )?;
    /// let body = br#"{"records": [
    ///     {"host": "_acme-challenge.{{host}}", "type": "TXT", "value": "v"},
    ///     {"type": "A", "value": "192.0.2.1"}
    /// ]}"#;
    /// let refusal = RecordCall::parse(Action::Set, body)?.resolve(&given).unwrap_err();
    /// assert_eq!(
    ///     refusal.to_string(),
    ///     "the token has no permission namedrop-hosts for sub.example.com"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resolve(&self, permissions: &Permissions) -> Result<ResolvedCall, Refusal> {
        let defaults = self.defaults(permissions)?;
        let mut refused = Vec::new();
        let mut records = Vec::new();
        for requested in &self.records {
            match self.resolve_record(requested, &defaults, permissions) {
                Ok(record) => records.extend(record),
                Err(fault) => refused.push(RefusedRecord {
                    fault,
                    requested: Some(requested.clone()),
                    conflicting: Vec::new(),
                }),
            }
        }
        if !refused.is_empty() {
            return Err(Refusal { records: refused });
        }
        Ok(ResolvedCall {
            action: self.action,
            domain: defaults.domain,
            records,
            conflicting: self.conflicting,
            permissions: permissions.clone(),
        })
    }

    /// What a call to get records may be told.
    ///
    /// ```
    /// use namedrop::{Action, Permissions, RecordCall};
    ///
    /// let given: Permissions = serde_json::from_str(
    ///     r#"[{"scope": "namedrop-hosts", "domain": "example.com", "host": "sub"}]"#,
    /// )?;
    /// let call = RecordCall::parse(Action::Get, b"{}")?;
    /// assert_eq!(call.resolve_listing(&given)?.domain(), &"example.com".parse()?);
    /// let other = RecordCall::parse(Action::Get, br#"{"host": "evilsub"}"#)?;
    /// assert_eq!(other.resolve_listing(&given).unwrap_err().status(), 403);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resolve_listing(&self, permissions: &Permissions) -> Result<Listing, Refusal> {
        let domain = self.defaults(permissions)?.domain;
        let host = match &self.host {
            Some(text) => read_host(text).map_err(Refusal::whole)?,
            None => Host::apex(),
        };
        let under = host
            .below(&domain)
            .map_err(|error| Refusal::whole(error.into()))?;
        let mut own = permissions.iter().filter(|one| *one.domain() == domain);
        let overlaps = own.any(|one| one.overlaps(&under));
        if !overlaps {
            return Err(Refusal::whole(RecordFault::OtherDomain { domain: under }));
        }
        Ok(Listing {
            domain,
            under,
            permissions: permissions.clone(),
        })
    }

    fn defaults(&self, permissions: &Permissions) -> Result<Defaults, Refusal> {
        let domain = self.one_domain(permissions).map_err(Refusal::whole)?;
        if !permissions.iter().any(|one| *one.domain() == domain) {
            return Err(Refusal::whole(RecordFault::OtherDomain { domain }));
        }
        let host = match &self.host {
            Some(text) => Some(read_host(text).map_err(Refusal::whole)?),
            None => permissions.only_host(&domain).cloned(),
        };
        Ok(Defaults { domain, host })
    }

    /// The domain of all records: one call is one change of one zone.
    fn one_domain(&self, permissions: &Permissions) -> Result<Name, RecordFault> {
        let default = match &self.domain {
            Some(text) => Some(read_domain(text)?),
            None => permissions.only_domain().cloned(),
        };
        let mut one: Option<Name> = None;
        for record in &self.records {
            let domain = match &record.domain {
                Some(text) => read_domain(text)?,
                None => default.clone().ok_or(RecordFault::NoDomain)?,
            };
            match &one {
                Some(known) if *known != domain => {
                    return Err(RecordFault::SeveralDomains {
                        one: known.to_text(),
                        other: domain.to_text(),
                    });
                }
                Some(_) => {}
                None => one = Some(domain),
            }
        }
        one.or(default).ok_or(RecordFault::NoDomain)
    }

    /// Nothing for a record that cannot be there and is to go.
    fn resolve_record(
        &self,
        requested: &RequestedRecord,
        defaults: &Defaults,
        permissions: &Permissions,
    ) -> Result<Option<ResolvedRecord>, RecordFault> {
        let host = match &requested.host {
            Some(text) => expand_host(text, defaults.host.as_ref())?,
            None => defaults.host.clone().ok_or(RecordFault::NoHost)?,
        };
        let owner = host.below(&defaults.domain)?;
        let is_alias = |known: &&str| requested.rtype.eq_ignore_ascii_case(known);
        if ["ALIAS", "ANAME"].iter().any(is_alias) {
            let text = requested.rtype.to_ascii_uppercase();
            return match self.action {
                Action::Delete => Ok(None),
                Action::Get | Action::Create | Action::Set => Err(RecordFault::AliasType { text }),
            };
        }
        let rtype: RecordType = requested.rtype.parse()?;
        let data = match (self.action, &requested.value) {
            (Action::Delete, None) => None,
            // A type that no scope opens is told so, whatever its value.
            _ => read_value(requested, rtype, defaults.host.as_ref())?,
        };
        let placed = match &data {
            Some(data) => RecordKind::of(&owner, &defaults.domain, data)
                .into_iter()
                .collect(),
            None => RecordKind::possible(&owner, &defaults.domain, rtype),
        };
        let is_permitted = |placed: &&Placed| {
            permissions.cover(placed.kind.scope(), &defaults.domain, &placed.subject)
        };
        let Some(first) = placed.first() else {
            return Err(RecordFault::NotOpened { owner, rtype });
        };
        let kinds: Vec<RecordKind> = placed
            .iter()
            .filter(is_permitted)
            .map(|placed| placed.kind)
            .collect();
        if kinds.is_empty() {
            return Err(RecordFault::NotPermitted {
                scope: first.kind.scope(),
                subject: first.subject.clone(),
            });
        }
        Ok(Some(ResolvedRecord {
            requested: requested.clone(),
            owner,
            rtype,
            data,
            ttl: requested.ttl.and_then(read_ttl),
            kinds,
        }))
    }
}

/// What stands for what records leave out.
struct Defaults {
    domain: Name,
    host: Option<Host>,
}

/// Nothing for 0: programs that have no word for "not said" say that.
fn read_ttl(seconds: u32) -> Option<Ttl> {
    let (shortest, longest) = TTL_LIMITS;
    let ttl = Ttl::from_secs(seconds).unwrap_or(Ttl::MAX);
    (seconds > 0).then(|| ttl.clamp_to(shortest, longest))
}
