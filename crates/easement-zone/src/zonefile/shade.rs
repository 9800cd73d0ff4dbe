//! What delegations and redirections hide.

use super::read::MAX_WARNINGS;
use super::{Position, Warning};
use crate::{Name, RecordSet, RecordType};

/// Finds the record sets that nobody is ever answered with, of sets that come in canonical order: what hides a
/// name comes before it.
#[derive(Debug)]
pub(super) struct Shade {
    apex: Name,
    /// The name that hides others at this place.
    above: Option<Above>,
    /// The first of those that are hidden.
    found: Vec<Hidden>,
    /// How many more there are.
    more: usize,
}

/// A name that hides what is below it.
#[derive(Debug)]
struct Above {
    owner: Name,
    /// Whether it is a delegation, which hides most of what stands beside it as well.
    is_cut: bool,
}

/// A set that is hidden, and where it stands.
#[derive(Debug)]
struct Hidden {
    at: usize,
    owner: Name,
    rtype: RecordType,
    above: Name,
}

impl Shade {
    pub(super) fn new(apex: Name) -> Self {
        Self {
            apex,
            above: None,
            found: Vec::new(),
            more: 0,
        }
    }

    /// Whether the set is hidden; notes it when it is.
    pub(super) fn hides(&mut self, set: &RecordSet, at: usize) -> bool {
        let above = self.above.as_ref();
        let above = above.filter(|above| set.owner().is_at_or_below(&above.owner));
        let Some(above) = above.filter(|above| above.hides(set)) else {
            self.look_at(set);
            return false;
        };
        if self.found.len() < MAX_WARNINGS {
            self.found.push(Hidden {
                at,
                owner: set.owner().clone(),
                rtype: set.rtype(),
                above: above.owner.clone(),
            });
        } else {
            self.more += 1;
        }
        true
    }

    /// Notes a set that hides what comes after it.
    fn look_at(&mut self, set: &RecordSet) {
        let is_cut = set.rtype() == RecordType::NS && *set.owner() != self.apex;
        if is_cut || set.rtype() == RecordType::DNAME {
            self.above = Some(Above {
                owner: set.owner().clone(),
                is_cut,
            });
        }
    }

    pub(super) fn into_warnings(self, text: &str) -> Vec<Warning> {
        let last = self.found.last().map(|hidden| hidden.at);
        let warnings = self.found.into_iter().map(|hidden| Warning::Occluded {
            position: Position::of(text, hidden.at),
            owner: hidden.owner,
            rtype: hidden.rtype,
            above: hidden.above,
        });
        let mut warnings: Vec<Warning> = warnings.collect();
        warnings.extend(
            last.filter(|_| self.more > 0)
                .map(|at| Warning::MoreOccluded {
                    position: Position::of(text, at),
                    count: self.more,
                }),
        );
        warnings
    }
}

impl Above {
    /// The same as the rule of zones says: the delegation itself has `NS` and `DS`, and addresses of name
    /// servers may stand at and below it (RFC 1034 section 4.2.1); nothing stands below a `DNAME` (RFC 6672
    /// section 2.4).
    fn hides(&self, set: &RecordSet) -> bool {
        let rtype = set.rtype();
        match (self.is_cut, *set.owner() == self.owner) {
            (false, beside) => !beside,
            // A CNAME beside NS has a rule of its own.
            (true, true) => {
                let belongs = [RecordType::NS, RecordType::DS, RecordType::CNAME];
                !rtype.is_address() && !belongs.contains(&rtype)
            }
            (true, false) => !rtype.is_address(),
        }
    }
}
