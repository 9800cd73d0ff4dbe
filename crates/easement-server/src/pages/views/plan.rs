//! A planned or past change, as its effects and its records before and after.

use easement_zone::{ChangeSet, Name, RecordData, RecordSet, RecordSetChange, Zone};

use super::effects::{Effect, EffectLine, describe_changes};
use super::show::{ShownName, count, duration_words, record_value};
use super::words::Words;

/// A planned change.
#[derive(Clone, Debug)]
pub struct PlanView {
    /// What it means.
    pub effects: Vec<EffectLine>,
    /// Every record that changes.
    pub groups: Vec<RecordGroup>,
    /// Connected services that end with it.
    pub ending: Vec<EndingService>,
    /// Groups of the service itself that end with it.
    pub ending_groups: Vec<EndingGroup>,
    /// What deserves a second look.
    pub warnings: Vec<Words>,
    /// How many records stay as they are.
    pub staying: usize,
    /// How many of those are needed from now on by the service, too.
    pub there_already: usize,
}

impl PlanView {
    /// Shows a change of this zone.
    pub fn new(zone: &Zone, changes: &ChangeSet) -> Self {
        let groups = group_records(zone.apex(), changes);
        // Every record but the SOA record, of which there is one.
        let all = zone.record_count().saturating_sub(1);
        let leaving = rows(&groups).filter(|row| row.change.is_old()).count();
        let place = |line: &EffectLine| groups.iter().position(|group| group.effect == line.effect);
        let mut effects = describe_changes(zone, changes);
        effects.sort_by_key(place);
        Self {
            effects,
            groups,
            ending: Vec::new(),
            ending_groups: Vec::new(),
            warnings: Vec::new(),
            staying: all.saturating_sub(leaving),
            there_already: 0,
        }
    }

    /// Whether no record changes.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Whether a record goes that was there.
    pub fn takes_away(&self) -> bool {
        rows(&self.groups).any(|row| row.change.is_old())
    }

    /// How many records change, a record before and after counting once.
    pub fn changed(&self) -> usize {
        rows(&self.groups)
            .filter(|row| row.change != RowChange::Before)
            .count()
    }

    /// "2 records change; 12 other records stay as they are."
    pub fn summary(&self) -> String {
        let changed = self.changed() as u64;
        let verb = if changed == 1 { "changes" } else { "change" };
        let stay = match self.staying {
            0 => "no other record is there".to_owned(),
            1 => "1 other record stays as it is".to_owned(),
            many => format!("{many} other records stay as they are"),
        };
        let shared = match self.there_already {
            0 => String::new(),
            1 => " One of those is needed too, and is there already.".to_owned(),
            many => format!(" {many} of those are needed too, and are there already."),
        };
        format!("{} {verb}; {stay}.{shared}", count(changed, "record"))
    }
}

fn rows(groups: &[RecordGroup]) -> impl Iterator<Item = &RecordRow> {
    groups.iter().flat_map(|group| &group.rows)
}

/// A connected service that ends with a change.
#[derive(Clone, Debug)]
pub struct EndingService {
    /// Its names.
    pub title: String,
    /// Where it was applied.
    pub host: ShownName,
    /// Why it ends.
    pub reason: String,
}

/// A group of a connected service that ends when another group of it is applied.
#[derive(Clone, Debug)]
pub struct EndingGroup {
    /// The name of the service.
    pub service: String,
    /// Which group.
    pub group: String,
    /// Why it cannot stay.
    pub reason: String,
    /// The records that go with it.
    pub records: Vec<GoingRecord>,
}

/// A record that goes.
#[derive(Clone, Debug)]
pub struct GoingRecord {
    /// Its name.
    pub name: ShownName,
    /// Its type.
    pub rtype: String,
    /// What it says.
    pub value: String,
}

//------------ RecordGroup -----------------------------------------------------------------------

/// The records that change for one effect.
#[derive(Clone, Debug)]
pub struct RecordGroup {
    /// The effect.
    pub effect: Effect,
    /// The records, those that go before those that come.
    pub rows: Vec<RecordRow>,
}

/// One record that changes.
#[derive(Clone, Debug)]
pub struct RecordRow {
    /// What happens to it.
    pub change: RowChange,
    /// Its name.
    pub name: ShownName,
    /// Its type.
    pub rtype: String,
    /// Its data, in parts.
    pub value: Vec<Piece>,
    /// Its TTL in words.
    pub ttl: String,
}

/// A part of a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether the value on the other side lacks it.
    pub is_different: bool,
}

/// What happens to a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowChange {
    /// It is new.
    Added,
    /// It goes.
    Removed,
    /// It is what a record was.
    Before,
    /// It is what that record becomes.
    After,
}

impl RowChange {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// A symbol for the eye.
    pub fn symbol(self) -> &'static str {
        if self.is_old() { "−" } else { "+" }
    }

    /// Whether the record is there now and not afterwards.
    pub fn is_old(self) -> bool {
        match self {
            Self::Removed | Self::Before => true,
            Self::Added | Self::After => false,
        }
    }
}

/// Every record that a change touches, grouped by effect; first those where something goes.
pub fn group_records(apex: &Name, changes: &ChangeSet) -> Vec<RecordGroup> {
    let mut groups: Vec<RecordGroup> = Effect::ALL
        .into_iter()
        .map(|effect| RecordGroup {
            effect,
            rows: changes
                .iter()
                .flat_map(|(_, change)| rows_of(apex, effect, change))
                .collect(),
        })
        .filter(|group| !group.rows.is_empty())
        .collect();
    groups.sort_by_key(|group| !group.rows.iter().any(|row| row.change.is_old()));
    groups
}

/// The rows of one record set that belong to an effect.
fn rows_of(apex: &Name, effect: Effect, change: &RecordSetChange) -> Vec<RecordRow> {
    let old = differing(apex, effect, change.before.as_ref(), change.after.as_ref());
    let new = differing(apex, effect, change.after.as_ref(), change.before.as_ref());
    if let ([(old_set, old_data)], [(new_set, new_data)]) = (old.as_slice(), new.as_slice()) {
        let (before, after) = (record_value(old_data), record_value(new_data));
        return vec![
            row(apex, RowChange::Before, old_set, pieces(&before, &after)),
            row(apex, RowChange::After, new_set, pieces(&after, &before)),
        ];
    }
    let whole = |data| vec![piece(record_value(data), false)];
    old.into_iter()
        .map(|(set, data)| row(apex, RowChange::Removed, set, whole(data)))
        .chain(
            new.iter()
                .map(|(set, data)| row(apex, RowChange::Added, set, whole(data))),
        )
        .collect()
}

/// The records of one side that the other side has not, or has with another TTL.
fn differing<'a>(
    apex: &Name,
    effect: Effect,
    side: Option<&'a RecordSet>,
    other: Option<&RecordSet>,
) -> Vec<(&'a RecordSet, &'a RecordData)> {
    let Some(set) = side else {
        return Vec::new();
    };
    let host = set.owner().relative_to(apex).unwrap_or_default();
    set.data()
        .iter()
        .filter(|data| Effect::of(&host, data) == effect)
        .filter(|data| {
            !other.is_some_and(|other| other.ttl() == set.ttl() && other.data().contains(data))
        })
        .map(|data| (set, data))
        .collect()
}

fn row(apex: &Name, change: RowChange, set: &RecordSet, value: Vec<Piece>) -> RecordRow {
    RecordRow {
        change,
        name: ShownName::within(set.owner(), apex),
        rtype: set.rtype().to_string(),
        value,
        ttl: duration_words(set.ttl().as_secs().into()),
    }
}

/// A value in words, those marked that the other value lacks; a value of one word is left whole.
fn pieces(value: &str, other: &str) -> Vec<Piece> {
    let others: Vec<&str> = other.split(' ').collect();
    if !value.contains(' ') || !value.split(' ').any(|word| others.contains(&word)) {
        return vec![piece(value.to_owned(), false)];
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for word in value.split(' ') {
        let is_different = !others.contains(&word);
        match pieces.last_mut() {
            Some(last) if last.is_different && is_different => {
                last.text.push(' ');
                last.text.push_str(word);
            }
            Some(last) if !last.is_different => {
                last.text.push(' ');
                if is_different {
                    pieces.push(piece(word.to_owned(), true));
                } else {
                    last.text.push_str(word);
                }
            }
            Some(_) => pieces.push(piece(format!(" {word}"), false)),
            None => pieces.push(piece(word.to_owned(), is_different)),
        }
    }
    pieces
}

fn piece(text: String, is_different: bool) -> Piece {
    Piece { text, is_different }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(value: &str, other: &str) -> String {
        pieces(value, other)
            .iter()
            .map(|piece| {
                if piece.is_different {
                    format!("[{}]", piece.text)
                } else {
                    piece.text.clone()
                }
            })
            .collect()
    }

    #[test]
    fn only_words_that_differ_are_marked() {
        for (value, other, shown) in [
            ("a b c", "a c", "a [b] c"),
            ("a b c d", "a d", "a [b c] d"),
            ("b a", "a", "[b] a"),
            ("a b", "a", "a [b]"),
            ("a b", "c d", "a b"),
            ("one", "other", "one"),
        ] {
            assert_eq!(marked(value, other), shown);
        }
    }

    /// Every pair of short texts of these characters.
    #[test]
    fn marking_loses_nothing() {
        let mut texts = vec![String::new()];
        for at in 0..40 {
            texts.extend(["a", "b", " "].map(|end| format!("{}{end}", texts[at])));
        }
        for value in &texts {
            for other in &texts {
                let parts = pieces(value, other);
                let whole: String = parts.iter().map(|piece| piece.text.as_str()).collect();
                assert_eq!(whole, *value, "against {other:?}");
            }
        }
    }
}
