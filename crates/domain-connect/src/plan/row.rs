//! Every record that a plan touches, as a line of a page.

use std::collections::HashMap;
use std::fmt;

use easement_zone::{Name, RecordData, RecordType, Ttl};
use serde::{Deserialize, Serialize};

use super::planner::Planner;
use super::spf::is_spf_data;
use super::workspace::{WorkingName, WorkingSet};
use super::{ConflictRule, SpecialChange};
use crate::{
    AppliedService, GroupId, RedirectStatus, ServiceKey, Special, SpecialAction, SpecialType,
};

/// One record before and after.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The name.
    pub owner: Name,
    /// The type.
    pub rtype: RowType,
    /// What happens.
    pub change: RowChange,
    /// The record as it is.
    pub before: Option<RowText>,
    /// The record as it would be.
    pub after: Option<RowText>,
    /// Why.
    pub reason: RowReason,
}

/// What happens to a record.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowChange {
    /// It goes.
    Removed,
    /// It comes.
    Added,
    /// Its data changes.
    Changed,
    /// Only its TTL changes.
    TtlChanged,
    /// It is there and stays; from now on the service needs it too.
    Shared,
    /// It is the service's own and stays as it is.
    Kept,
}

/// A record as text.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct RowText {
    /// Its data in presentation format.
    pub data: String,
    /// Its TTL; web redirects have none.
    pub ttl: Option<Ttl>,
}

/// A record type, or what a provider does beyond records.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(untagged)]
pub enum RowType {
    /// Something beyond records.
    Special(SpecialType),
    /// A type of records.
    Dns(RecordType),
}

impl fmt::Display for RowType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Special(SpecialType::ApexAlias) => f.pad("APEXCNAME"),
            Self::Special(SpecialType::PermanentRedirect) => f.pad("REDIR301"),
            Self::Special(SpecialType::TemporaryRedirect) => f.pad("REDIR302"),
            Self::Dns(rtype) => fmt::Display::fmt(rtype, f),
        }
    }
}

/// Why something happens to a record.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum RowReason {
    /// The template says so.
    Template {
        /// The place of the template record, counted from one.
        record: usize,
        /// Its group.
        group: Option<GroupId>,
    },
    /// It cannot stand beside what the template writes.
    Conflict {
        /// Why not.
        rule: ConflictRule,
    },
    /// It belongs to a service that ends.
    ServiceEnds {
        /// The service.
        service: ServiceKey,
    },
    /// It belongs to a group of the same service, applied earlier, that ends.
    GroupEnds {
        /// The group.
        group: GroupId,
    },
    /// It belongs to the earlier application of the same template.
    Replaced,
    /// It belongs to the service that is removed.
    Removed,
    /// The owner of the zone changes it by hand.
    Edited,
    /// Several services and the owner of the zone share one SPF record.
    SpfMerge,
    /// All records of a name and type have one TTL.
    SameSet,
}

/// The rows of a plan, in the order of names and types.
pub(super) fn rows(
    planner: &Planner<'_>,
    special: &[SpecialChange],
    service: Option<&AppliedService>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    for name in planner.workspace.names() {
        let owned = service.iter().flat_map(|service| &service.records);
        let needed = owned.filter(|owned| owned.record.owner == name.owner);
        let needed: Vec<&RecordData> = needed.map(|owned| &owned.record.data).collect();
        for set in &name.sets {
            let before = set.before();
            let context = SetContext {
                name,
                set,
                before: before.map_or((&[][..], set.ttl), |before| (before.data(), before.ttl())),
                needed: &needed,
            };
            context.rows(&mut rows);
        }
    }
    rows.extend(
        special
            .iter()
            .map(|change| special_row(change, &planner.special_reasons)),
    );
    rows.sort_by(|one, other| {
        let key = |row: &Row| (row.rtype, row.change);
        (&one.owner, key(one)).cmp(&(&other.owner, key(other)))
    });
    rows
}

/// One record set before and after.
struct SetContext<'a> {
    name: &'a WorkingName,
    set: &'a WorkingSet,
    before: (&'a [RecordData], Ttl),
    /// The records of the name that the service which is applied or removed needs; none when the zone is
    /// edited by hand.
    needed: &'a [&'a RecordData],
}

impl SetContext<'_> {
    fn rows(&self, rows: &mut Vec<Row>) {
        let (before, _) = self.before;
        if self.set.is_still() {
            rows.extend(before.iter().filter_map(|data| self.kept_row(data)));
            return;
        }
        let mut gone: Vec<&RecordData> = not_in(before, self.set.data());
        let mut new: Vec<&RecordData> = not_in(self.set.data(), before);
        if let Some(row) = self.spf_row(&mut gone, &mut new) {
            rows.push(row);
        }
        for data in gone {
            let reason = self.reason(data).unwrap_or(RowReason::Replaced);
            rows.push(self.row(RowChange::Removed, Some(data), None, reason));
        }
        for data in new {
            let reason = self.reason(data).unwrap_or(RowReason::SpfMerge);
            rows.push(self.row(RowChange::Added, None, Some(data), reason));
        }
        let kept = before.iter().filter(|data| self.set.data().contains(data));
        rows.extend(kept.filter_map(|data| self.kept_row(data)));
    }

    /// The one SPF record of a name, when its text changes; one that is in the way goes by itself.
    fn spf_row(&self, gone: &mut Vec<&RecordData>, new: &mut Vec<&RecordData>) -> Option<Row> {
        let is_conflict = |data| matches!(self.reason(data), Some(RowReason::Conflict { .. }));
        let old_place = gone
            .iter()
            .position(|data| is_spf_data(data) && !is_conflict(data))?;
        let new_place = new.iter().position(|data| is_spf_data(data))?;
        let (old, new) = (gone.remove(old_place), new.remove(new_place));
        let reason = self.reason(old).unwrap_or(RowReason::SpfMerge);
        Some(self.row(RowChange::Changed, Some(old), Some(new), reason))
    }

    fn kept_row(&self, data: &RecordData) -> Option<Row> {
        let (_, ttl_before) = self.before;
        if !self.needed.contains(&data) && ttl_before == self.set.ttl {
            return None;
        }
        let reason = self.reason(data);
        let was_own = matches!(
            reason,
            Some(RowReason::Replaced | RowReason::Removed | RowReason::GroupEnds { .. })
        );
        let change = if ttl_before != self.set.ttl {
            RowChange::TtlChanged
        } else if was_own {
            RowChange::Kept
        } else {
            RowChange::Shared
        };
        let reason = match (change, reason) {
            (RowChange::TtlChanged, None) => RowReason::SameSet,
            (_, Some(reason)) => reason,
            (_, None) => return None,
        };
        Some(self.row(change, Some(data), Some(data), reason))
    }

    fn reason(&self, data: &RecordData) -> Option<RowReason> {
        self.name.reason(data).cloned()
    }

    fn row(
        &self,
        change: RowChange,
        before: Option<&RecordData>,
        after: Option<&RecordData>,
        reason: RowReason,
    ) -> Row {
        let text = |data: &RecordData, ttl| RowText {
            data: data.to_string(),
            ttl: Some(ttl),
        };
        Row {
            owner: self.name.owner.clone(),
            rtype: RowType::Dns(self.set.rtype),
            change,
            before: before.map(|data| text(data, self.before.1)),
            after: after.map(|data| text(data, self.set.ttl)),
            reason,
        }
    }
}

fn not_in<'a>(data: &'a [RecordData], other: &[RecordData]) -> Vec<&'a RecordData> {
    data.iter().filter(|data| !other.contains(data)).collect()
}

fn special_row(change: &SpecialChange, reasons: &HashMap<Special, RowReason>) -> Row {
    let (special, row_change) = match change {
        SpecialChange::Added(special) => (special, RowChange::Added),
        SpecialChange::Removed(special) => (special, RowChange::Removed),
    };
    let (rtype, text) = special_text(special);
    let (before, after) = match change {
        SpecialChange::Added(_) => (None, Some(text)),
        SpecialChange::Removed(_) => (Some(text), None),
    };
    let reason = reasons.get(special).cloned();
    Row {
        owner: special.owner.clone(),
        rtype: RowType::Special(rtype),
        change: row_change,
        before,
        after,
        reason: reason.unwrap_or(RowReason::Replaced),
    }
}

/// The type and the text of something beyond records.
pub(crate) fn special_text(special: &Special) -> (SpecialType, RowText) {
    match &special.action {
        SpecialAction::ApexAlias { target, ttl } => (
            SpecialType::ApexAlias,
            RowText {
                data: target.to_string(),
                ttl: Some(*ttl),
            },
        ),
        SpecialAction::WebRedirect { status, target } => (
            match status {
                RedirectStatus::Permanent => SpecialType::PermanentRedirect,
                RedirectStatus::Temporary => SpecialType::TemporaryRedirect,
            },
            RowText {
                data: target.clone(),
                ttl: None,
            },
        ),
    }
}
