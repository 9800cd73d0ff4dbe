//! Whether a record of an approved template already allows what a new one would do.
//!
//! What cannot be judged counts as not allowed: a reviewer who looks once too often loses a minute.

use std::collections::HashMap;

use crate::{Number, Pattern, RecordBody, Template, TemplateRecord, Variable, VariableName};

/// Finds records of an approved template that allow what new ones do. Each allows one.
pub(super) struct Cover<'a> {
    records: Vec<Option<&'a TemplateRecord>>,
    uses: HashMap<&'a VariableName, usize>,
}

impl<'a> Cover<'a> {
    pub(super) fn of(template: &'a Template) -> Self {
        let mut uses: HashMap<&VariableName, usize> = HashMap::new();
        for variable in template
            .records()
            .iter()
            .flat_map(TemplateRecord::variables)
        {
            if let Variable::Named(name) = variable {
                *uses.entry(name).or_default() += 1;
            }
        }
        Self {
            records: template.records().iter().map(Some).collect(),
            uses,
        }
    }

    /// Takes the record that is the same in everything that counts.
    pub(super) fn take_same(&mut self, new: &TemplateRecord) -> bool {
        self.take(|_, old| {
            old.host == new.host && old.group == new.group && same_rights(&old.body, &new.body)
        })
    }

    /// Takes a record that allows at least as much.
    pub(super) fn take_wider(&mut self, new: &TemplateRecord) -> bool {
        self.take(|cover, old| {
            old.group == new.group
                && cover.allows(&old.host, &new.host)
                && cover.allows_body(&old.body, &new.body)
        })
    }

    /// The records that are left, of the same type and at the same name as a new one.
    pub(super) fn like(&self, new: &TemplateRecord) -> Option<&'a TemplateRecord> {
        let mut left = self.records.iter().flatten();
        left.find(|old| old.host == new.host && old.body.type_name() == new.body.type_name())
            .copied()
    }

    fn take(&mut self, fits: impl Fn(&Self, &TemplateRecord) -> bool) -> bool {
        let place = self
            .records
            .iter()
            .position(|old| old.is_some_and(|old| fits(self, old)));
        let slot = place.and_then(|place| self.records.get_mut(place));
        slot.is_some_and(|slot| slot.take().is_some())
    }

    /// The same text, or a variable that stands nowhere else: the request could give it any value. One
    /// that stands elsewhere too ties both places together.
    fn allows(&self, old: &Pattern, new: &Pattern) -> bool {
        old == new
            || (old.is_one_variable() && old.variables().all(|variable| self.is_free(variable)))
    }

    fn allows_number(&self, old: &Number, new: &Number) -> bool {
        old == new || matches!(old, Number::Variable(variable) if self.is_free(variable))
    }

    fn is_free(&self, variable: &Variable) -> bool {
        match variable {
            Variable::Named(name) => self.uses.get(name) == Some(&1),
            Variable::Host | Variable::Domain | Variable::Fqdn => false,
        }
    }

    fn allows_body(&self, old: &RecordBody, new: &RecordBody) -> bool {
        if old.type_name() != new.type_name() || !conflict_covers(old, new) {
            return false;
        }
        let (patterns, numbers) = (old.patterns(), old.numbers());
        let (new_patterns, new_numbers) = (new.patterns(), new.numbers());
        patterns.len() == new_patterns.len()
            && numbers.len() == new_numbers.len()
            && patterns
                .iter()
                .zip(new_patterns)
                .all(|(old, new)| self.allows(old, new))
            && numbers
                .iter()
                .zip(new_numbers)
                .all(|(old, new)| self.allows_number(old, new))
    }
}

/// The same contents, and no more texts taken away.
fn same_rights(old: &RecordBody, new: &RecordBody) -> bool {
    old.type_name() == new.type_name()
        && old.patterns() == new.patterns()
        && old.numbers() == new.numbers()
        && conflict_covers(old, new)
}

fn conflict_covers(old: &RecordBody, new: &RecordBody) -> bool {
    let (RecordBody::Txt { conflict: old, .. }, RecordBody::Txt { conflict: new, .. }) = (old, new)
    else {
        return true;
    };
    old.covers(new)
}
