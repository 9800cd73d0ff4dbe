//! The SPF record of a name in a plan: merging what a template needs into it, and taking that out
//! again (draft-05 section 9.4).
//!
//! Each term is owned as a record is: one that services wrote goes with the last service that needs
//! it, one that stood there before stays.

use easement_zone::{Name, Record, RecordData, RecordType, Ttl};

use super::planner::Planner;
use super::{ConflictRule, PlanError, RowReason, Warning};
use crate::render::{Rendered, RenderedBody};
use crate::spf::{Added, AllTerm, MAX_LOOKUPS, Qualifier, SpfRecord, Term, distinct, is_spf};
use crate::{ContributedTerm, GroupId, RecordOrigin, SpfContribution, TxtConflict};

/// The longest SPF record that is written. RFC 7208 section 3.4 asks for answers that fit in 512
/// octets; nothing that mail servers read comes near this, and a record can hold far more.
const MAX_SPF_OCTETS: usize = 8192;
/// The most terms that the records of one template ask for at a name, the same ones counted each time.
const MAX_SPF_TERMS: usize = 1000;

impl Planner<'_> {
    /// Turns SPF records that the template writes as plain texts into rules to merge, where rules of
    /// the same template, of other services or of its own earlier application are merged: a second
    /// record would break both. A text that takes the place of others says that it wants to be the only
    /// one.
    pub(super) fn fold_spf_texts(&self, rendered: &mut [Rendered]) {
        let merged: Vec<Name> = rendered
            .iter()
            .filter(|new| matches!(new.body, RenderedBody::Spf { .. }))
            .map(|new| new.owner.clone())
            .collect();
        for new in rendered {
            let RenderedBody::Record { data, txt_conflict } = &new.body else {
                continue;
            };
            let is_shared = *txt_conflict == TxtConflict::None
                && self.ledger.spf_at(&new.owner).next().is_some();
            if is_spf_data(data)
                && (is_shared || merged.contains(&new.owner))
                && let Ok(record) = SpfRecord::parse(&spf_text(data))
            {
                let terms = distinct(record.terms);
                new.body = RenderedBody::Spf { terms };
            }
        }
    }

    /// What is in the way of one SPF record at a name: several of them, or one that cannot be merged
    /// with others, which is shown like a conflict.
    pub(super) fn spf_in_the_way(&mut self, owner: &Name) -> Vec<(Record, ConflictRule)> {
        let found = self.spf_records(owner);
        let several = found.len() > 1;
        if several {
            let mut base = SpfRecord::new();
            let readable = found
                .iter()
                .filter_map(|data| SpfRecord::parse(&spf_text(data)).ok());
            for record in readable {
                for term in &record.terms {
                    base.add(term);
                }
            }
            self.spf_bases.insert(owner.clone(), base);
            let origin = self.origin_of_texts(owner, &found);
            for data in &found {
                self.own_terms_of_text(owner, data, origin);
            }
        }
        let rule = |data: &RecordData| match SpfRecord::parse(&spf_text(data)) {
            _ if several => Some(ConflictRule::SeveralSpfRecords),
            Ok(_) => None,
            Err(error) => Some(ConflictRule::SpfCannotBeMerged {
                reason: error.to_string(),
            }),
        };
        found
            .into_iter()
            .filter_map(|data| {
                let rule = rule(&data)?;
                let owner = owner.clone();
                Some((Record { owner, data }, rule))
            })
            .collect()
    }

    /// Merges terms into the SPF record of a name.
    pub(super) fn merge_spf(
        &mut self,
        owner: &Name,
        terms: &[Term],
        group: Option<&GroupId>,
        ttl: Ttl,
        written: &mut Vec<SpfContribution>,
    ) -> Result<(), PlanError> {
        let asked = written.iter().filter(|spf| spf.owner == *owner);
        let asked: usize = asked.map(|spf| spf.terms.len()).sum();
        if asked + terms.len() > MAX_SPF_TERMS {
            let owner = owner.clone();
            return Err(PlanError::SpfTooLong { owner });
        }
        let existing = self.spf_records(owner).into_iter().next();
        if let Some(data) = &existing {
            let origin = self.origin_of_texts(owner, std::slice::from_ref(data));
            self.own_terms_of_text(owner, data, origin);
        }
        let base = self.spf_bases.remove(owner);
        let mut record = match (&existing, &base) {
            (Some(data), _) => SpfRecord::parse(&spf_text(data)).unwrap_or_default(),
            (None, Some(base)) => base.clone(),
            (None, None) => SpfRecord::new(),
        };
        let earlier: Vec<SpfContribution> = self
            .ledger
            .spf_at(owner)
            .map(|(_, spf)| spf)
            .chain(written.iter().filter(|spf| spf.owner == *owner))
            .cloned()
            .collect();
        let was_there = existing.is_some() || base.is_some();
        let contribution = SpfContribution {
            owner: owner.clone(),
            group: group.cloned(),
            terms: terms
                .iter()
                .map(|term| contributed(term, record.add(term), &earlier))
                .collect(),
            record: origin(was_there, earlier.iter().map(|spf| spf.record)),
            all_before: record
                .soften_all()
                .or_else(|| earlier.iter().find_map(|spf| spf.all_before)),
        };
        if record.lookups() > MAX_LOOKUPS {
            self.warnings.push(Warning::SpfLookups {
                name: owner.clone(),
                lookups: record.lookups(),
            });
        }
        self.replace_spf(owner, existing, Some(&record), ttl, &RowReason::SpfMerge)?;
        written.push(contribution);
        Ok(())
    }

    /// Takes out of the SPF record of a name what a service added and no other needs. The owner of
    /// the zone may have changed or removed the record since, so nothing is expected of it.
    pub(super) fn release_spf(
        &mut self,
        contribution: &SpfContribution,
        reason: &RowReason,
    ) -> Result<(), PlanError> {
        let owner = &contribution.owner;
        let others: Vec<SpfContribution> = self
            .ledger
            .spf_at(owner)
            .map(|(_, spf)| spf.clone())
            .collect();
        let was_written = contribution.record == RecordOrigin::Created;
        if let Some(base) = self.spf_bases.get_mut(owner) {
            // Several records were taken away, and what is to become of them is not written yet.
            for term in &contribution.terms {
                release_term(base, term, &others);
            }
            if others.is_empty() && was_written && base.terms.is_empty() {
                self.spf_bases.remove(owner);
            }
            return Ok(());
        }
        let found = self.spf_records(owner);
        let [data] = found.as_slice() else {
            return Ok(());
        };
        let Ok(mut record) = SpfRecord::parse(&spf_text(data)) else {
            return Ok(());
        };
        for term in &contribution.terms {
            release_term(&mut record, term, &others);
        }
        match contribution.all_before {
            Some(before) if !others.is_empty() => self.hand_over_all(owner, before),
            // Only what merging made of it: another ending is the owner's later word.
            Some(before) if record.all == AllTerm::Present(Qualifier::SoftFail) => {
                record.all = before;
            }
            Some(_) | None => {}
        }
        let is_empty = others.is_empty() && was_written && record.terms.is_empty();
        let after = (!is_empty).then_some(&record);
        self.replace_spf(owner, Some(data.clone()), after, Ttl::HOUR, reason)
    }

    /// The SPF records at a name.
    fn spf_records(&mut self, owner: &Name) -> Vec<RecordData> {
        let mut found = self.workspace.records(owner);
        found.retain(is_spf_data);
        found
    }

    fn hand_over_all(&mut self, owner: &Name, before: AllTerm) {
        self.ledger.change(
            owner,
            |service| service.spf.iter().any(|spf| spf.owner == *owner),
            |service| {
                for spf in service.spf.iter_mut().filter(|spf| spf.owner == *owner) {
                    spf.all_before.get_or_insert(before);
                }
            },
        );
    }

    /// Whose the record is that is made of these texts: the zone's owner's when one of them is.
    fn origin_of_texts(&self, owner: &Name, texts: &[RecordData]) -> RecordOrigin {
        let was_found = texts.iter().any(|data| {
            let record = Record {
                owner: owner.clone(),
                data: data.clone(),
            };
            self.ledger.origin(&record) == RecordOrigin::Found
        });
        origin(was_found, std::iter::empty())
    }

    /// A service that wrote its SPF record as a plain text owns its terms from here on: the text will
    /// not be the same any more.
    fn own_terms_of_text(&mut self, owner: &Name, data: &RecordData, origin: RecordOrigin) {
        let Ok(parsed) = SpfRecord::parse(&spf_text(data)) else {
            return;
        };
        let record = Record {
            owner: owner.clone(),
            data: data.clone(),
        };
        self.ledger.change(
            owner,
            |service| {
                let mut records = service.records.iter();
                records.any(|owned| super::ledger::is_same(&owned.record, &record))
            },
            |service| {
                let mine = std::mem::take(&mut service.records);
                for owned in mine {
                    if !super::ledger::is_same(&owned.record, &record) {
                        service.records.push(owned);
                        continue;
                    }
                    service.spf.push(SpfContribution {
                        owner: owner.clone(),
                        group: owned.group,
                        terms: parsed
                            .terms
                            .iter()
                            .map(|term| ContributedTerm {
                                term: term.to_string(),
                                origin: owned.origin,
                                qualifier_before: None,
                            })
                            .collect(),
                        record: origin,
                        all_before: None,
                    });
                }
            },
        );
    }

    /// Writes one SPF record in place of another, with the TTL of the texts that are there. One that
    /// says the same already stays as its owner spelled it.
    fn replace_spf(
        &mut self,
        owner: &Name,
        before: Option<RecordData>,
        after: Option<&SpfRecord>,
        ttl: Ttl,
        reason: &RowReason,
    ) -> Result<(), PlanError> {
        let known = before
            .as_ref()
            .and_then(|data| SpfRecord::parse(&spf_text(data)).ok());
        if known.as_ref() == after {
            return Ok(());
        }
        let text = after.map(ToString::to_string);
        if text
            .as_ref()
            .is_some_and(|text| text.len() > MAX_SPF_OCTETS)
        {
            return Err(PlanError::SpfTooLong {
                owner: owner.clone(),
            });
        }
        let ttl = self.workspace.ttl(owner, RecordType::TXT).unwrap_or(ttl);
        if let Some(data) = before {
            self.take_away(owner, data, reason);
        }
        let Some(data) = text.and_then(|text| RecordData::txt(text.as_bytes()).ok()) else {
            return Ok(());
        };
        let record = Record {
            owner: owner.clone(),
            data,
        };
        self.workspace.insert(&record, ttl);
        self.workspace.explain_anew(&record, reason.clone());
        Ok(())
    }
}

/// Whether a record is an SPF record.
pub(super) fn is_spf_data(data: &RecordData) -> bool {
    data.rtype() == RecordType::TXT && data.text_octets().is_some_and(|text| is_spf(&text))
}

pub(super) fn spf_text(data: &RecordData) -> String {
    String::from_utf8_lossy(&data.text_octets().unwrap_or_default()).into_owned()
}

fn contributed(term: &Term, added: Added, earlier: &[SpfContribution]) -> ContributedTerm {
    let key = term.key();
    let known: Vec<&ContributedTerm> = earlier
        .iter()
        .flat_map(|spf| &spf.terms)
        .filter(|known| Term::parse(&known.term).is_ok_and(|known| known.key() == key))
        .collect();
    let origins = known.iter().map(|known| known.origin);
    ContributedTerm {
        term: term.to_string(),
        origin: origin(added != Added::New, origins),
        qualifier_before: match added {
            Added::Softened { before } => Some(before),
            Added::New | Added::Known => None,
        }
        .max(
            known
                .iter()
                .filter_map(|known| known.qualifier_before)
                .max(),
        ),
    }
}

/// Something that stands there was found, unless a service wrote it.
fn origin(was_there: bool, mut earlier: impl Iterator<Item = RecordOrigin>) -> RecordOrigin {
    if was_there && !earlier.any(|origin| origin == RecordOrigin::Created) {
        RecordOrigin::Found
    } else {
        RecordOrigin::Created
    }
}

fn release_term(record: &mut SpfRecord, term: &ContributedTerm, others: &[SpfContribution]) {
    let Ok(parsed) = Term::parse(&term.term) else {
        return;
    };
    let key = parsed.key();
    let needed: Vec<Term> = others
        .iter()
        .flat_map(|spf| &spf.terms)
        .filter_map(|other| Term::parse(&other.term).ok())
        .filter(|other| other.key() == key)
        .collect();
    let Some(at) = record.find(&parsed) else {
        return;
    };
    if needed.is_empty() && term.origin == RecordOrigin::Created {
        record.terms.remove(at);
        return;
    }
    let Some(known) = record.terms.get_mut(at) else {
        return;
    };
    // Only what merging made of it: another qualifier is the owner's later word.
    let wanted = needed.iter().filter_map(|other| other.qualifier).min();
    let merged = wanted.into_iter().chain(parsed.qualifier).min();
    if let Some(before) = term.qualifier_before
        && known.qualifier == merged
    {
        known.qualifier = Some(wanted.map_or(before, |wanted| wanted.min(before)));
    }
}
