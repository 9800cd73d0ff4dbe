//! What cannot stand beside what a template writes (draft-05 section 10.4).

use std::fmt;

use easement_zone::{Name, Record, RecordData, RecordType};
use serde::{Deserialize, Serialize};

use super::spf::{is_spf_data, spf_text};
use super::workspace::{WorkingSet, Workspace, is_identical};
use crate::render::{Rendered, RenderedBody};
use crate::spf::SpfRecord;
use crate::{ServiceKey, Special, SpecialAction, TxtConflict};

/// Something in the zone that is in the way of something in a template.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// What is in the way and would be taken away.
    pub existing: ConflictingItem,
    /// The place of the template record, counted from one.
    pub template_record: usize,
    /// Why both cannot be.
    pub rule: ConflictRule,
    /// The services that need what is in the way.
    pub owners: Vec<ServiceKey>,
}

/// What is in the way.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictingItem {
    /// A record.
    Record(Record),
    /// Something that the provider does beyond records.
    Special(Special),
}

/// Why two things cannot stand side by side.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum ConflictRule {
    /// A `CNAME` is alone at its name.
    CnameAlone,
    /// A delegated name, and everything below it, belongs to other servers.
    Delegation,
    /// Everything below a `DNAME` is redirected.
    Dname,
    /// Only one service can receive the mail of a name.
    OneMailService,
    /// Only one service can stand behind an `SRV` name.
    OneServer,
    /// All addresses of a name belong to one service.
    OneWebsite,
    /// The template takes the place of all texts of the name.
    AllTexts,
    /// The template takes the place of texts that begin like this.
    TextsWithPrefix {
        /// How they begin.
        prefix: String,
    },
    /// A name has one SPF record, and this one cannot be merged with others.
    SpfCannotBeMerged {
        /// Why.
        reason: String,
    },
    /// A name has one SPF record, and here are several.
    SeveralSpfRecords,
}

impl ConflictRule {
    /// Whether DNS itself does not allow both.
    pub(super) fn is_of_dns(&self) -> bool {
        match self {
            Self::CnameAlone | Self::Delegation | Self::Dname => true,
            Self::OneMailService
            | Self::OneServer
            | Self::OneWebsite
            | Self::AllTexts
            | Self::TextsWithPrefix { .. }
            | Self::SpfCannotBeMerged { .. }
            | Self::SeveralSpfRecords => false,
        }
    }
}

impl fmt::Display for ConflictRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CnameAlone => f.write_str("a CNAME record must be alone at its name"),
            Self::Delegation => {
                f.write_str("a delegated name and all names below it belong to other servers")
            }
            Self::Dname => f.write_str("all names below a DNAME record are redirected"),
            Self::OneMailService => f.write_str("one service receives all mail of a name"),
            Self::OneServer => f.write_str("one service answers at an SRV name"),
            Self::OneWebsite => f.write_str("all addresses of a name belong to one service"),
            Self::AllTexts => f.write_str("the service replaces all texts of this name"),
            Self::TextsWithPrefix { prefix } => {
                write!(f, "the service replaces texts that begin with {prefix:?}")
            }
            Self::SpfCannotBeMerged { reason } => {
                write!(f, "the SPF record cannot be merged with another: {reason}")
            }
            Self::SeveralSpfRecords => {
                f.write_str("a name can have one SPF record, and there are several")
            }
        }
    }
}

/// The records of the zone above a name that are in the way of whatever stands there.
pub(super) fn above(workspace: &mut Workspace<'_>, owner: &Name) -> Vec<(Record, ConflictRule)> {
    let apex = workspace.zone().apex();
    let mut found = Vec::new();
    let mut next = owner.parent();
    while let Some(above) = next.filter(|name| name.is_at_or_below(apex)) {
        let covering: &[RecordType] = if above == *apex {
            &[RecordType::DNAME]
        } else {
            &[RecordType::NS, RecordType::DS, RecordType::DNAME]
        };
        if workspace.may_have(&above, covering) {
            found.extend(covering_at(workspace.sets_at(&above), &above, covering));
        }
        next = above.parent();
    }
    found
}

/// Those records of a name that the names below it are in the way of.
fn covering_at<'a>(
    sets: &'a [WorkingSet],
    owner: &'a Name,
    covering: &'a [RecordType],
) -> impl Iterator<Item = (Record, ConflictRule)> + 'a {
    let is_delegated = is_delegated(sets);
    let sets = sets.iter().filter(move |set| {
        // A DS record alone does not delegate; it goes with the name servers it speaks of.
        covering.contains(&set.rtype) && (set.rtype != RecordType::DS || is_delegated)
    });
    sets.flat_map(move |set| {
        let rule = match set.rtype {
            RecordType::DNAME => ConflictRule::Dname,
            _ => ConflictRule::Delegation,
        };
        let data = set.data().iter().cloned();
        data.map(move |data| {
            let owner = owner.clone();
            (Record { owner, data }, rule.clone())
        })
    })
}

fn is_delegated(sets: &[WorkingSet]) -> bool {
    let mut sets = sets.iter();
    sets.any(|set| set.rtype == RecordType::NS && !set.data().is_empty())
}

/// The records below the name of a rendered record that cannot stay below it.
pub(super) fn below(
    workspace: &mut Workspace<'_>,
    rendered: &Rendered,
) -> Vec<(Record, ConflictRule)> {
    let Some(rule) = covers_below(&rendered.body) else {
        return Vec::new();
    };
    let below = workspace.records_below(&rendered.owner).into_iter();
    below.map(|record| (record, rule.clone())).collect()
}

/// The records of the zone at the name of a rendered record that are in its way, identical ones included.
pub(super) fn at_the_name(
    workspace: &mut Workspace<'_>,
    rendered: &Rendered,
) -> Vec<(Record, ConflictRule)> {
    let owner = &rendered.owner;
    let is_apex = owner == workspace.zone().apex();
    let sets = workspace.sets_at(owner);
    // The zone's own DS beside its NS: it speaks of the servers that go.
    let signer_goes = !is_apex && is_delegated(sets) && rendered.rtype() != Some(RecordType::DS);
    let mut found = Vec::new();
    for set in sets {
        let is_of_the_zone = set.rtype == RecordType::SOA
            || set.rtype.is_made_by_signing()
            || (set.rtype == RecordType::NS && is_apex);
        if is_of_the_zone {
            continue;
        }
        for data in set.data() {
            let rule = if signer_goes && set.rtype == RecordType::DS {
                Some(ConflictRule::Delegation)
            } else {
                beside(&rendered.body, data)
            };
            if let Some(rule) = rule {
                let (owner, data) = (owner.clone(), data.clone());
                found.push((Record { owner, data }, rule));
            }
        }
    }
    found
}

/// Whether a rendered record and a record of the same name can stand side by side.
fn beside(new: &RenderedBody, existing: &RecordData) -> Option<ConflictRule> {
    let there = existing.rtype();
    let here = new.rtype();
    if here == Some(RecordType::CNAME) || there == RecordType::CNAME {
        return Some(ConflictRule::CnameAlone);
    }
    let is_signer = here == Some(RecordType::DS) || there == RecordType::DS;
    if !is_signer && (here == Some(RecordType::NS) || there == RecordType::NS) {
        return Some(ConflictRule::Delegation);
    }
    match new {
        RenderedBody::Record { data, txt_conflict } => {
            same_kind(data.rtype(), existing, txt_conflict)
        }
        RenderedBody::Special {
            action: SpecialAction::ApexAlias { .. },
        } => there.is_address().then_some(ConflictRule::OneWebsite),
        RenderedBody::Special {
            action: SpecialAction::WebRedirect { .. },
        }
        | RenderedBody::Spf { .. } => None,
    }
}

fn same_kind(
    here: RecordType,
    existing: &RecordData,
    txt_conflict: &TxtConflict,
) -> Option<ConflictRule> {
    let there = existing.rtype();
    match here {
        RecordType::A | RecordType::AAAA => there.is_address().then_some(ConflictRule::OneWebsite),
        RecordType::MX => (there == here).then_some(ConflictRule::OneMailService),
        RecordType::SRV => (there == here).then_some(ConflictRule::OneServer),
        RecordType::DNAME => (there == here).then_some(ConflictRule::Dname),
        RecordType::TXT if there == here => match txt_conflict {
            TxtConflict::None => None,
            TxtConflict::All => Some(ConflictRule::AllTexts),
            TxtConflict::Prefix(prefix) => existing
                .text_octets()
                .is_some_and(|text| text.starts_with(prefix.as_bytes()))
                .then(|| ConflictRule::TextsWithPrefix {
                    prefix: prefix.clone(),
                }),
        },
        _ => None,
    }
}

/// What the provider does at a name and a template's record there (Domain Connect 2.3, extensions):
/// a redirect and an alias each speak for all addresses of the name.
pub(super) fn special_in_the_way(new: &Rendered, existing: &Special) -> Option<ConflictRule> {
    if new.owner != existing.owner {
        let is_below = existing.owner.is_below(&new.owner);
        return covers_below(&new.body).filter(|_| is_below);
    }
    match &new.body {
        RenderedBody::Special { action } if *action == existing.action => None,
        RenderedBody::Special { .. } => Some(ConflictRule::OneWebsite),
        RenderedBody::Record { data, .. } => match data.rtype() {
            RecordType::A | RecordType::AAAA => Some(ConflictRule::OneWebsite),
            RecordType::CNAME => Some(ConflictRule::CnameAlone),
            RecordType::NS => Some(ConflictRule::Delegation),
            _ => None,
        },
        RenderedBody::Spf { .. } => None,
    }
}

/// Whether two records of one template cannot stand side by side. They belong together, so the rules
/// for several mail servers, addresses or texts do not apply; those of DNS do.
pub(super) fn within_template(one: &Rendered, other: &Rendered) -> Option<ConflictRule> {
    if same_content(one, other) {
        return None;
    }
    if one.owner == other.owner {
        return same_owner_within_template(one, other);
    }
    let (upper, lower) = if one.owner.is_below(&other.owner) {
        (other, one)
    } else if other.owner.is_below(&one.owner) {
        (one, other)
    } else {
        return None;
    };
    debug_assert!(lower.owner.is_below(&upper.owner), "put in order above");
    covers_below(&upper.body)
}

/// Why nothing can stand below a name with this record.
fn covers_below(body: &RenderedBody) -> Option<ConflictRule> {
    match body.rtype() {
        Some(RecordType::NS) => Some(ConflictRule::Delegation),
        Some(RecordType::DNAME) => Some(ConflictRule::Dname),
        _ => None,
    }
}

/// A text that is an SPF record and cannot be merged, beside rules to merge or one more such text: neither
/// could stay.
fn unmergeable_text(text: &Rendered, other: &Rendered) -> Option<ConflictRule> {
    let is_spf = |body: &RenderedBody| match body {
        RenderedBody::Spf { .. } => true,
        RenderedBody::Record { data, .. } => is_spf_data(data),
        RenderedBody::Special { .. } => false,
    };
    let RenderedBody::Record { data, .. } = &text.body else {
        return None;
    };
    if !is_spf(&text.body) || !is_spf(&other.body) {
        return None;
    }
    let error = SpfRecord::parse(&spf_text(data)).err()?;
    Some(ConflictRule::SpfCannotBeMerged {
        reason: error.to_string(),
    })
}

fn same_owner_within_template(one: &Rendered, other: &Rendered) -> Option<ConflictRule> {
    let types = [one.rtype(), other.rtype()];
    let has = |rtype| types.contains(&Some(rtype));
    if has(RecordType::CNAME) {
        return Some(ConflictRule::CnameAlone);
    }
    if let Some(rule) = unmergeable_text(one, other).or_else(|| unmergeable_text(other, one)) {
        return Some(rule);
    }
    let both_delegate = types
        .iter()
        .all(|rtype| [Some(RecordType::NS), Some(RecordType::DS)].contains(rtype));
    if has(RecordType::NS) && !both_delegate {
        return Some(ConflictRule::Delegation);
    }
    if types == [Some(RecordType::DNAME); 2] {
        return Some(ConflictRule::Dname);
    }
    let is_special = |rendered: &Rendered| matches!(rendered.body, RenderedBody::Special { .. });
    let is_address = |rendered: &Rendered| rendered.rtype().is_some_and(RecordType::is_address);
    let from_one_record = one.index == other.index;
    let fights = (is_special(one) && (is_special(other) || is_address(other)))
        || (is_special(other) && is_address(one));
    (fights && !from_one_record).then_some(ConflictRule::OneWebsite)
}

/// Whether two rendered records would write the same.
pub(super) fn same_content(one: &Rendered, other: &Rendered) -> bool {
    one.owner == other.owner
        && match (&one.body, &other.body) {
            (RenderedBody::Record { data: one, .. }, RenderedBody::Record { data: other, .. }) => {
                is_identical(one, other)
            }
            (RenderedBody::Special { action: one }, RenderedBody::Special { action: other }) => {
                one == other
            }
            (RenderedBody::Spf { .. }, RenderedBody::Spf { .. }) => true,
            (
                RenderedBody::Record { .. }
                | RenderedBody::Special { .. }
                | RenderedBody::Spf { .. },
                _,
            ) => false,
        }
}
