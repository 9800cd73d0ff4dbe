//! The new text of a zone file.

use std::ops::Range;

use super::layout::{Layout, Place};
use crate::{
    ChangeSet, Name, RecordData, RecordSet, RecordSetChange, RecordType, Serial, Soa, Ttl,
};

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
        let mut new: Vec<RecordData> = wanted
            .iter()
            .filter(|data| !is_kept(data))
            .cloned()
            .collect();
        // A record that stands for another changes in place, and keeps the comment on its line.
        let mut replaced = Vec::new();
        for (index, data) in self.successors(&gone, &mut new) {
            let Some(fate) = self.fates.get_mut(index) else {
                continue;
            };
            fate.removed = data.is_none();
            replaced.extend(data.is_some().then_some(index));
            fate.data = data;
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

    /// What takes the place of each record that is gone: the one that is like it, or else the next one.
    /// Texts say what they are for, so that one takes the place of its like alone.
    fn successors(
        &self,
        gone: &[usize],
        new: &mut Vec<RecordData>,
    ) -> Vec<(usize, Option<RecordData>)> {
        let mut pairs: Vec<(usize, Option<RecordData>)> = Vec::new();
        for index in gone {
            let purpose = self.data(*index).and_then(purpose_of);
            let is_like = |data: &RecordData| purpose.is_some() && purpose_of(data) == purpose;
            let like = new.iter().position(is_like);
            pairs.push((*index, like.map(|at| new.remove(at))));
        }
        for (index, data) in &mut pairs {
            let is_text = self.data(*index).is_some_and(is_text);
            if data.is_none() && !is_text && !new.is_empty() {
                *data = Some(new.remove(0));
            }
        }
        pairs
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
        edits.extend(data_edit(place, fate));
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
        let line = line.and_then(|line| self.text.get(line));
        let sample = line.unwrap_or(self.text);
        // The last line of a file may have no end, so that the whole text tells how lines end.
        let ends = line.filter(|line| line.contains('\n'));
        let end = if ends.unwrap_or(self.text).contains("\r\n") {
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

fn is_text(data: &RecordData) -> bool {
    [RecordType::TXT, RecordType::SPF].contains(&data.rtype())
}

/// What a record of a set is for, where that can be told: the host that it points to, or how its text begins.
fn purpose_of(data: &RecordData) -> Option<Vec<u8>> {
    if !is_text(data) {
        return data
            .target()
            .map(|target| target.to_text().to_ascii_lowercase().into_bytes());
    }
    let text = data.text()?.to_ascii_lowercase();
    // `v=spf1`, `v=DKIM1;`, but `google-site-verification=`, `MS=`.
    let is_end = |octet: &u8| match text.strip_prefix(b"v=") {
        Some(_) => matches!(octet, b' ' | b';'),
        None => *octet == b'=',
    };
    let end = text.iter().position(is_end);
    let end = end.or_else(|| text.starts_with(b"v=").then_some(text.len()));
    end.and_then(|end| text.get(..end)).map(<[u8]>::to_vec)
}

/// The data, or the serial number alone, in the place of what is there.
fn data_edit(place: &Place, fate: &Fate) -> Option<(Range<usize>, String)> {
    let words = &place.record.words;
    match (&fate.data, fate.serial, &words.third) {
        (None, None, _) => None,
        (None, Some(serial), Some(third)) => Some((third.clone(), serial.to_string())),
        (data, serial, _) => {
            let data = data.as_ref().unwrap_or(&place.record.data);
            let soa = serial.and_then(|serial| {
                Some(
                    Soa {
                        serial,
                        ..Soa::from_data(data)?
                    }
                    .to_data(),
                )
            });
            let text = soa.as_ref().unwrap_or(data).to_string();
            Some((words.data.clone(), with_parentheses(text, words.open)))
        }
    }
}

/// Data with the parentheses that stood among the words before it, and whose other side stays where it is.
fn with_parentheses(mut data: String, open: isize) -> String {
    let count = open.unsigned_abs();
    if open > 0 {
        data.insert_str(0, &"( ".repeat(count));
    } else {
        data.push_str(&" )".repeat(count));
    }
    data
}
