//! The new text of a zone file.

use std::ops::Range;

use super::layout::{Layout, Place};
use crate::{ChangeSet, Name, RecordData, RecordSet, RecordSetChange, RecordType, Serial, Ttl};

/// Puts the new text together.
pub(super) struct Composer<'a> {
    text: &'a str,
    layout: &'a Layout,
    apex: &'a Name,
    fates: Vec<Fate>,
    /// New records, each below the record with this place; those without one go to the end.
    added: Vec<(Option<usize>, NewRecord)>,
}

/// What becomes of a record that is there.
#[derive(Clone, Default)]
struct Fate {
    removed: bool,
    data: Option<RecordData>,
    ttl: Option<Ttl>,
    serial: Option<Serial>,
}

struct NewRecord {
    owner: Name,
    ttl: Ttl,
    data: RecordData,
}

impl<'a> Composer<'a> {
    pub(super) fn new(text: &'a str, layout: &'a Layout, apex: &'a Name) -> Self {
        Self {
            text,
            layout,
            apex,
            fates: vec![Fate::default(); layout.places.len()],
            added: Vec::new(),
        }
    }

    pub(super) fn edited(mut self, changes: &ChangeSet, serial: Serial) -> String {
        for (key, change) in changes.iter() {
            self.change_set(&key.owner, key.rtype, change);
        }
        for (place, fate) in self.layout.places.iter().zip(&mut self.fates) {
            if place.record.data.rtype() == RecordType::SOA {
                fate.serial = Some(serial);
            }
        }
        self.write()
    }

    //--- Deciding

    fn change_set(&mut self, owner: &Name, rtype: RecordType, change: &RecordSetChange) {
        let after = change.after.as_ref();
        let wanted = after.map_or(&[][..], RecordSet::data);
        let there: Vec<usize> =
            self.at(|place| place.record.owner == *owner && place.record.data.rtype() == rtype);
        let (kept, gone): (Vec<usize>, Vec<usize>) = there
            .into_iter()
            .partition(|index| self.data(*index).is_some_and(|data| wanted.contains(data)));
        let is_kept = |data: &&RecordData| kept.iter().any(|index| self.data(*index) == Some(data));
        let new: Vec<RecordData> = wanted
            .iter()
            .filter(|data| !is_kept(data))
            .cloned()
            .collect();
        let mut new = new.into_iter();
        // A record that takes the place of another changes in place.
        let mut replaced = Vec::new();
        for index in gone {
            let Some(fate) = self.fates.get_mut(index) else {
                continue;
            };
            fate.data = new.next();
            fate.removed = fate.data.is_none();
            replaced.extend((!fate.removed).then_some(index));
        }
        let Some(after) = after else { return };
        let below = self.last_of(owner);
        for data in new {
            let record = NewRecord {
                owner: owner.clone(),
                ttl: after.ttl(),
                data,
            };
            self.added.push((below, record));
        }
        let stay = [kept, replaced].concat();
        self.set_ttl(&stay, after.ttl());
    }

    /// The lowest TTL counts: it must be the wanted one, and may stand in some records alone.
    fn set_ttl(&mut self, stay: &[usize], wanted: Ttl) {
        let ttls = stay
            .iter()
            .filter_map(|index| self.layout.places.get(*index));
        let ttls: Vec<Ttl> = ttls.map(|place| place.record.ttl).collect();
        let lowest = ttls.iter().min().copied();
        if lowest.is_none() || lowest == Some(wanted) {
            return;
        }
        for index in stay {
            if let Some(fate) = self.fates.get_mut(*index) {
                fate.ttl = Some(wanted);
            }
        }
    }

    fn at(&self, fits: impl Fn(&Place) -> bool) -> Vec<usize> {
        let places = self.layout.places.iter().enumerate();
        places
            .filter(|(_, place)| fits(place))
            .map(|(index, _)| index)
            .collect()
    }

    fn data(&self, index: usize) -> Option<&RecordData> {
        self.layout
            .places
            .get(index)
            .map(|place| &place.record.data)
    }

    /// The last record of a name.
    fn last_of(&self, owner: &Name) -> Option<usize> {
        self.at(|place| place.record.owner == *owner).pop()
    }

    //--- Writing

    fn write(&self) -> String {
        let mut text = String::with_capacity(self.text.len() + 256);
        let mut at = 0;
        let mut above: Option<(&Name, Ttl)> = None;
        for (index, (place, fate)) in self.layout.places.iter().zip(&self.fates).enumerate() {
            let line = place.record.words.line.clone();
            text.push_str(self.text.get(at..line.start).unwrap_or_default());
            at = line.end;
            if !fate.removed {
                let before = index
                    .checked_sub(1)
                    .and_then(|one| self.layout.places.get(one));
                self.write_line(&mut text, place, fate, (before, above));
                above = Some((&place.record.owner, fate.ttl.unwrap_or(place.record.ttl)));
            }
            for (_, new) in self.added.iter().filter(|(below, _)| *below == Some(index)) {
                self.write_new(&mut text, new, Some(place));
                above = Some((&new.owner, new.ttl));
            }
        }
        text.push_str(self.text.get(at..).unwrap_or_default());
        for (_, new) in self.added.iter().filter(|(below, _)| below.is_none()) {
            self.write_new(&mut text, new, None);
        }
        text
    }

    /// A line with what changes in it; what it took from a line above that is another one now is written
    /// out.
    fn write_line(
        &self,
        text: &mut String,
        place: &Place,
        fate: &Fate,
        (before, above): (Option<&Place>, Option<(&Name, Ttl)>),
    ) {
        let words = &place.record.words;
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        let has_same_owner = above.is_some_and(|(owner, _)| *owner == place.record.owner);
        if words.owner.is_none() && !has_same_owner {
            edits.push(self.owner_edit(place));
        }
        let before_ttl = before.map(|before| before.record.ttl);
        let has_same_ttl = above.map(|(_, ttl)| ttl) == before_ttl;
        let ttl = fate.ttl.or_else(|| {
            let is_lost = words.takes_ttl && !has_same_ttl;
            is_lost.then_some(place.record.ttl)
        });
        if let Some(ttl) = ttl {
            edits.push(match &words.ttl {
                Some(written) => (written.clone(), ttl.to_string()),
                None => (words.head..words.head, format!("{ttl} ")),
            });
        }
        if let Some(data) = &fate.data {
            edits.push((words.data.clone(), data.to_string()));
        } else if let Some(serial) = fate.serial {
            edits.push((words.third.clone(), serial.to_string()));
        }
        edits.sort_by_key(|(span, _)| span.start);
        let mut at = words.line.start;
        for (span, new) in edits {
            text.push_str(self.text.get(at..span.start).unwrap_or_default());
            text.push_str(&new);
            at = span.end;
        }
        text.push_str(self.text.get(at..words.line.end).unwrap_or_default());
    }

    /// The owner in the white space at the front of a line, which it takes up where it fits.
    fn owner_edit(&self, place: &Place) -> (Range<usize>, String) {
        let words = &place.record.words;
        let owner = self.name(&place.record.owner, Some(&place.origin));
        let start = words.line.start;
        let front = self.text.get(start..words.head).unwrap_or_default();
        let fits = front.bytes().all(|octet| octet == b' ') && front.len() > owner.len();
        if fits {
            (start..start + owner.len(), owner)
        } else {
            (start..start, owner)
        }
    }

    fn write_new(&self, text: &mut String, new: &NewRecord, model: Option<&Place>) {
        let line = model.map(|model| model.record.words.line.clone());
        let sample = line
            .and_then(|line| self.text.get(line))
            .unwrap_or(self.text);
        let end = if sample.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str(end);
        }
        let origin = match model {
            Some(model) => Some(&model.origin),
            None => self.layout.last_origin.as_ref(),
        };
        let owner = self.name(&new.owner, origin);
        let (ttl, rtype, data) = (new.ttl, new.data.rtype(), &new.data);
        let line = match model.filter(|_| !sample.contains('\t')) {
            Some(model) => {
                let words = &model.record.words;
                let width = words.head - words.line.start;
                format!("{owner:<width$}", width = width.saturating_sub(1))
                    + " "
                    + &format!("{ttl} IN {rtype} {data}")
            }
            None => format!("{owner}\t{ttl}\tIN\t{rtype}\t{data}"),
        };
        text.push_str(&line);
        text.push_str(end);
    }

    /// A name as it is written below an origin: relative where that is the zone itself.
    fn name(&self, name: &Name, origin: Option<&Name>) -> String {
        match origin {
            Some(origin) if origin == self.apex => name
                .relative_to(origin)
                .map_or_else(|| name.to_string(), |host| host.to_string()),
            _ => name.to_string(),
        }
    }
}
