//! What a call would change in a zone: all of it or nothing.

use std::collections::BTreeMap;

use easement_zone::{ApplyError, ChangeSet, Name, RecordData, RecordSet, RecordType, Ttl, Zone};

use crate::call::{
    Action, Conflicting, Listing, RecordFault, Refusal, RefusedRecord, ResolvedCall, ResolvedRecord,
};
use crate::within::{MAX_LOOKED_AT, count_open, open_in, sets_within};
use crate::{OutOfReach, RecordDocument, RecordKind, out_of_reach};

/// The TTL of records for which nobody says one: they are changed by programs.
pub const DEFAULT_TTL: Ttl = Ttl::FIVE_MINUTES;
/// The most records that are listed at once.
pub const MAX_LISTED: usize = 5000;
/// The most records that one access holds: what its permissions open when a call wants to add to it.
pub const MAX_HELD: usize = 5000;

/// What a call changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordPlan {
    /// The change of the zone; empty when everything is as the call wants it.
    pub changes: ChangeSet,
    /// The records that were made or found as they should be, or that go.
    pub records: Vec<RecordDocument>,
}

/// Plans a call. `other_zones` are the apexes of zones below this one that are served apart.
///
/// - *create* adds records beside those that are there. A record that is there already, and a second one where
///   there can be one, refuse the call.
/// - *set* puts the records of the call in the place of all of their kind at the same name and type. Records of
///   other kinds stay: a challenge or an SPF record never takes another text away.
/// - *delete* takes records away; those that are not there are ignored. Without a value it takes all of their kind
///   at the name and type.
///
/// ```
/// use easement_zone::zonefile::{self, ReadOptions};
/// use namedrop::{Action, Permissions, RecordCall, plan_call};
///
/// let zone = zonefile::read("\
/// $ORIGIN example.com.
/// @  SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
///    NS   ns1.dns.example.
///    TXT  \"v=spf1 -all\"
///    TXT  \"proof\"
/// ", &ReadOptions::default())?.zone;
/// let given: Permissions = serde_json::from_str(
///     r#"[{"scope": "namedrop-mail", "domain": "example.com", "host": ""}]"#,
/// )?;
/// let body = br#"{"records": [{"type": "TXT", "value": "v=spf1 mx -all"}]}"#;
/// let call = RecordCall::parse(Action::Set, body)?.resolve(&given)?;
/// let plan = plan_call(&call, &zone, &[])?;
/// let texts = zone.apply(&plan.changes)?.get(&"example.com".parse()?, easement_zone::RecordType::TXT).unwrap();
/// let texts: Vec<String> = texts.data().iter().map(ToString::to_string).collect();
/// assert_eq!(texts, ["\"proof\"", "\"v=spf1 mx -all\""]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan_call(
    call: &ResolvedCall,
    zone: &Zone,
    other_zones: &[Name],
) -> Result<RecordPlan, Refusal> {
    let mut planner = Planner {
        call,
        zone,
        changes: ChangeSet::new(),
        records: Vec::new(),
        refused: Vec::new(),
    };
    let other_zone = |owner: &Name| {
        let mut over = other_zones.iter();
        over.find(|apex| owner.is_at_or_below(apex)).cloned()
    };
    let mut groups: BTreeMap<(Name, RecordType), Vec<&ResolvedRecord>> = BTreeMap::new();
    for record in call.records() {
        if let Some(why) = out_of_reach(&record.owner, zone, &other_zone) {
            planner.refuse(record, why.into(), Vec::new());
            continue;
        }
        let key = (record.owner.clone(), record.rtype);
        groups.entry(key).or_default().push(record);
    }
    for ((owner, rtype), wished) in &groups {
        planner.plan_set(owner, *rtype, wished);
    }
    for ((owner, rtype), wished) in &groups {
        planner.look_beside(owner, *rtype, wished);
    }
    planner.finish()
}

struct Planner<'a> {
    call: &'a ResolvedCall,
    zone: &'a Zone,
    changes: ChangeSet,
    records: Vec<RecordDocument>,
    refused: Vec<RefusedRecord>,
}

impl Planner<'_> {
    fn refuse(
        &mut self,
        record: &ResolvedRecord,
        fault: RecordFault,
        conflicting: Vec<RecordDocument>,
    ) {
        self.refused.push(RefusedRecord {
            fault,
            requested: Some(record.requested.clone()),
            conflicting,
        });
    }

    /// The kind of a record that is there.
    fn kind_of(&self, owner: &Name, data: &RecordData) -> Option<RecordKind> {
        RecordKind::of(owner, self.zone.apex(), data).map(|placed| placed.kind)
    }

    /// Plans all records of one name and type.
    fn plan_set(&mut self, owner: &Name, rtype: RecordType, wished: &[&ResolvedRecord]) {
        let before = self.zone.get(owner, rtype);
        let present = before.as_ref().map_or(&[][..], RecordSet::data);
        let is_meant = |data: &RecordData| {
            let kind = self.kind_of(owner, data);
            kind.is_some_and(|kind| wished.iter().any(|record| record.kinds.contains(&kind)))
        };
        let (own, others): (Vec<RecordData>, Vec<RecordData>) =
            present.iter().cloned().partition(is_meant);
        let own_after = match self.call.action() {
            Action::Get => return,
            Action::Create => self.created(owner, wished, &own),
            Action::Set => self.replaced(owner, wished, &own),
            Action::Delete => Some(left(wished, &own)),
        };
        let Some(own_after) = own_after else { return };
        let ttl = self.ttl(before.as_ref(), &others, wished);
        let told = match self.call.action() {
            Action::Delete => own
                .iter()
                .filter(|data| !own_after.contains(data))
                .collect(),
            Action::Set => own_after.iter().collect(),
            Action::Create => own_after
                .iter()
                .filter(|data| !own.contains(data))
                .collect(),
            Action::Get => Vec::new(),
        };
        for data in told {
            let document = RecordDocument::new(owner, self.zone.apex(), data, ttl);
            self.records.push(document);
        }
        let all = others.into_iter().chain(own_after);
        let after = RecordSet::new(owner.clone(), ttl, all).ok();
        self.changes.record(before, after);
    }

    /// The records of the kind after those of the call were added; nothing when one cannot be.
    fn created(
        &mut self,
        owner: &Name,
        wished: &[&ResolvedRecord],
        own: &[RecordData],
    ) -> Option<Vec<RecordData>> {
        let before = self.refused.len();
        let mut all = own.to_vec();
        for record in wished {
            let Some(data) = &record.data else { continue };
            let single = record.kinds.iter().find(|kind| kind.is_singular());
            let (fault, in_the_way) = if find(own, data).is_some() {
                (RecordFault::Exists, self.documents(owner, find(own, data)))
            } else if find(&all, data).is_some() {
                (RecordFault::Repeated, Vec::new())
            } else if let Some(kind) = single.filter(|_| !all.is_empty()) {
                (singular(owner, *kind), self.documents(owner, own))
            } else {
                all.push(data.clone());
                continue;
            };
            self.refuse(record, fault, in_the_way);
        }
        (self.refused.len() == before).then_some(all)
    }

    /// The records of the call in the place of all of their kind; nothing when they cannot be.
    fn replaced(
        &mut self,
        owner: &Name,
        wished: &[&ResolvedRecord],
        own: &[RecordData],
    ) -> Option<Vec<RecordData>> {
        let before = self.refused.len();
        let mut all: Vec<RecordData> = Vec::new();
        for record in wished {
            let Some(data) = &record.data else { continue };
            if find(&all, data).is_some() {
                continue;
            }
            let single = record.kinds.iter().find(|kind| kind.is_singular());
            if let Some(kind) = single.filter(|_| !all.is_empty()) {
                self.refuse(record, singular(owner, *kind), Vec::new());
                continue;
            }
            // A text that is there in other pieces stays as it is.
            all.push(find(own, data).unwrap_or(data).clone());
        }
        (self.refused.len() == before).then_some(all)
    }

    /// The TTL of the set. Records that the call is not about keep theirs, and a set has one
    /// (RFC 2181 section 5.2).
    fn ttl(
        &self,
        before: Option<&RecordSet>,
        others: &[RecordData],
        wished: &[&ResolvedRecord],
    ) -> Ttl {
        let said = wished.iter().filter_map(|record| record.ttl).min();
        let Some(before) = before else {
            return said.unwrap_or(DEFAULT_TTL);
        };
        match (self.call.action(), said) {
            (Action::Set, Some(said)) if others.is_empty() => said,
            (Action::Create, Some(said)) if others.is_empty() => said.min(before.ttl()),
            (Action::Get | Action::Create | Action::Set | Action::Delete, _) => before.ttl(),
        }
    }

    /// Looks for what cannot stand beside records that were planned: a `CNAME` is alone.
    fn look_beside(&mut self, owner: &Name, rtype: RecordType, wished: &[&ResolvedRecord]) {
        let (Action::Create | Action::Set, Some(first)) = (self.call.action(), wished.first())
        else {
            return;
        };
        for beside in self.beside(owner, rtype) {
            let is_open = beside
                .data()
                .iter()
                .all(|data| self.call.opens(owner, data));
            let is_there = self.zone.get(owner, beside.rtype()).as_ref() == Some(&beside);
            let may_go =
                (self.call.action(), self.call.conflicting()) == (Action::Set, Conflicting::Delete);
            if is_open && is_there && may_go && !self.is_wished(owner, beside.rtype()) {
                self.changes.record(Some(beside), None);
                continue;
            }
            let conflicting = self.documents(owner, beside.data());
            let owner = owner.clone();
            self.refuse(first, RecordFault::CnameNotAlone { owner }, conflicting);
        }
    }

    fn is_wished(&self, owner: &Name, rtype: RecordType) -> bool {
        let mut records = self.call.records().iter();
        records.any(|record| record.owner == *owner && record.rtype == rtype)
    }

    /// The sets at a name, after what was planned so far, that cannot be there with this type.
    fn beside(&self, owner: &Name, rtype: RecordType) -> Vec<RecordSet> {
        let mut sets: BTreeMap<RecordType, RecordSet> = BTreeMap::new();
        for set in self.zone.at(owner) {
            sets.insert(set.rtype(), set);
        }
        for (key, change) in self.changes.iter().filter(|(key, _)| key.owner == *owner) {
            match &change.after {
                Some(set) => drop(sets.insert(key.rtype, set.clone())),
                None => drop(sets.remove(&key.rtype)),
            }
        }
        let is_alias = |other: RecordType| other == RecordType::CNAME;
        let is_against = |other: &RecordType| is_alias(rtype) != is_alias(*other);
        sets.into_iter()
            .filter(|(other, _)| is_against(other))
            .map(|(_, set)| set)
            .collect()
    }

    /// The documents of records that are there, as far as whoever asks may see them.
    fn documents<'d>(
        &self,
        owner: &Name,
        data: impl IntoIterator<Item = &'d RecordData>,
    ) -> Vec<RecordDocument> {
        let data = data.into_iter().filter(|data| self.call.opens(owner, data));
        data.map(|data| {
            let set = self.zone.get(owner, data.rtype());
            let ttl = set.map_or(DEFAULT_TTL, |set| set.ttl());
            RecordDocument::new(owner, self.zone.apex(), data, ttl)
        })
        .collect()
    }

    /// Whether the call adds to what the access holds, and that is too much already. Whoever got one name could fill
    /// the zone below it.
    fn holds_too_many(&self) -> bool {
        let given = self.call.permissions();
        let open =
            |set: Option<&RecordSet>| set.map_or(0, |set| open_in(given, self.zone.apex(), set));
        let changes = || self.changes.iter().map(|(_, change)| change);
        let goes: usize = changes().map(|change| open(change.before.as_ref())).sum();
        let comes: usize = changes().map(|change| open(change.after.as_ref())).sum();
        let more = comes.saturating_sub(goes);
        more > 0 && count_open(given, self.zone, MAX_HELD).saturating_add(more) > MAX_HELD
    }

    fn finish(self) -> Result<RecordPlan, Refusal> {
        if !self.refused.is_empty() {
            return Err(Refusal {
                records: self.refused,
            });
        }
        if self.holds_too_many() {
            return Err(Refusal::whole(RecordFault::TooManyHeld { most: MAX_HELD }));
        }
        match self.zone.apply(&self.changes) {
            Ok(_) => Ok(RecordPlan {
                changes: self.changes,
                records: self.records,
            }),
            Err(ApplyError::Stale { .. }) => Err(Refusal::whole(RecordFault::Stale)),
            Err(ApplyError::Rules { violations }) => {
                let faults = violations.into_iter().map(RecordFault::Rule);
                let records = faults.flat_map(|fault| Refusal::whole(fault).records);
                Err(Refusal {
                    records: records.collect(),
                })
            }
        }
    }
}

impl From<OutOfReach> for RecordFault {
    fn from(why: OutOfReach) -> Self {
        match why {
            OutOfReach::OtherZone { apex } => Self::OtherZone { apex },
            OutOfReach::Delegated { delegation } => Self::Delegated { delegation },
        }
    }
}

fn singular(owner: &Name, kind: RecordKind) -> RecordFault {
    RecordFault::Singular {
        owner: owner.clone(),
        kind,
    }
}

/// The records that stay when those of the call go.
fn left(wished: &[&ResolvedRecord], own: &[RecordData]) -> Vec<RecordData> {
    let goes = |data: &RecordData| {
        wished.iter().any(|record| match &record.data {
            Some(wished) => is_same(wished, data),
            None => true,
        })
    };
    own.iter().filter(|data| !goes(data)).cloned().collect()
}

fn find<'d>(all: &'d [RecordData], wanted: &RecordData) -> Option<&'d RecordData> {
    all.iter().find(|data| is_same(data, wanted))
}

/// Whether two records say the same: a text may be in other pieces.
fn is_same(one: &RecordData, other: &RecordData) -> bool {
    one == other
        || (one.rtype() == RecordType::TXT
            && one.rtype() == other.rtype()
            && one.text() == other.text())
}

/// The records that a call to get them is told: all that its permissions open, at and below its host.
///
/// ```
/// use easement_zone::zonefile::{self, ReadOptions};
/// use namedrop::{Action, Permissions, RecordCall, list_records};
///
/// let zone = zonefile::read("\
/// $ORIGIN example.com.
/// @    SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
///      NS   ns1.dns.example.
/// www  A    192.0.2.1
/// www  TXT  \"proof\"
/// ", &ReadOptions::default())?.zone;
/// let given: Permissions = serde_json::from_str(
///     r#"[{"scope": "namedrop-hosts", "domain": "example.com", "host": ""}]"#,
/// )?;
/// let listing = RecordCall::parse(Action::Get, b"{}")?.resolve_listing(&given)?;
/// let records = list_records(&listing, &zone)?;
/// assert_eq!(records.len(), 1);
/// assert_eq!(records[0].host, "www");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn list_records(listing: &Listing, zone: &Zone) -> Result<Vec<RecordDocument>, Refusal> {
    let too_many = || Refusal::whole(RecordFault::TooManyToList { most: MAX_LISTED });
    let mut records = Vec::new();
    for (seen, set) in sets_within(listing.permissions(), zone, listing.under()).enumerate() {
        if seen == MAX_LOOKED_AT {
            return Err(too_many());
        }
        for data in set
            .data()
            .iter()
            .filter(|data| listing.opens(set.owner(), data))
        {
            if records.len() == MAX_LISTED {
                return Err(too_many());
            }
            records.push(RecordDocument::new(
                set.owner(),
                zone.apex(),
                data,
                set.ttl(),
            ));
        }
    }
    Ok(records)
}
