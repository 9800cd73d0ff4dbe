//! From a zone to a zone file.

use std::collections::BTreeMap;

use crate::{Name, RecordData, RecordSet, RecordType, Ttl, Zone};

/// Columns beyond which data of several words is put on lines of its own.
const MAX_COLUMNS: usize = 100;
/// Owners wider than this do not widen the column of all others.
const MAX_OWNER_COLUMN: usize = 24;
/// Lines that go on with data are indented no further.
const MAX_INDENT: usize = 40;
/// What the numbers of a `SOA` record mean.
const SOA_NUMBERS: [&str; 5] = ["serial", "refresh", "retry", "expire", "minimum"];

/// Writes a zone as a zone file: `SOA` and the zone's own `NS` records first, then everything in
/// canonical order, with names relative to the zone. Equal zones give equal files.
pub fn write(zone: &Zone) -> String {
    let sets: Vec<RecordSet> = ordered(zone);
    let columns = Columns::new(zone.apex(), &sets);
    let mut text = format!("$ORIGIN {}\n$TTL {}\n", zone.apex(), columns.default_ttl);
    for set in &sets {
        let head = columns.head(set);
        for data in set.data() {
            text.push_str(&head);
            text.push_str(&data_text(data, zone.apex(), head.len().min(MAX_INDENT)));
            text.push('\n');
        }
    }
    text
}

/// The sets with `SOA` and `NS` of the apex first.
fn ordered(zone: &Zone) -> Vec<RecordSet> {
    let mut sets: Vec<RecordSet> = zone.sets().collect();
    let place = |set: &RecordSet| match set.rtype() {
        RecordType::SOA => 0,
        RecordType::NS if set.owner() == zone.apex() => 1,
        _ => 2,
    };
    sets.sort_by_key(place);
    sets
}

/// How wide the columns are, and which TTL is left out.
struct Columns<'a> {
    apex: &'a Name,
    default_ttl: Ttl,
    owner: usize,
    ttl: usize,
    rtype: usize,
}

impl<'a> Columns<'a> {
    fn new(apex: &'a Name, sets: &[RecordSet]) -> Self {
        let default_ttl = usual_ttl(sets);
        let owners = sets.iter().map(|set| owner_text(set, apex).len());
        let ttls = sets.iter().map(RecordSet::ttl);
        let widest_ttl = ttls
            .filter(|ttl| *ttl != default_ttl)
            .map(|ttl| ttl.to_string().len())
            .max();
        let types = sets.iter().map(|set| set.rtype().to_string().len());
        Self {
            apex,
            default_ttl,
            owner: owners
                .filter(|width| *width <= MAX_OWNER_COLUMN)
                .max()
                .unwrap_or_default(),
            ttl: widest_ttl.map_or(0, |width| width + 1),
            rtype: types.max().unwrap_or_default(),
        }
    }

    /// Owner, TTL where it is not the usual one, class and type.
    fn head(&self, set: &RecordSet) -> String {
        let ttl = if set.ttl() == self.default_ttl {
            String::new()
        } else {
            set.ttl().to_string()
        };
        format!(
            "{:owner$} {ttl:ttl_width$}IN {:rtype$} ",
            owner_text(set, self.apex),
            set.rtype(),
            owner = self.owner,
            ttl_width = self.ttl,
            rtype = self.rtype,
        )
    }
}

fn owner_text(set: &RecordSet, apex: &Name) -> String {
    match set.owner().relative_to(apex) {
        Some(host) => host.to_string(),
        None => set.owner().to_string(),
    }
}

/// The TTL that most sets have; the lowest of several.
fn usual_ttl(sets: &[RecordSet]) -> Ttl {
    let mut counts: BTreeMap<Ttl, usize> = BTreeMap::new();
    for set in sets {
        *counts.entry(set.ttl()).or_default() += 1;
    }
    let most = counts.iter().rev().max_by_key(|(_, count)| **count);
    most.map_or(Ttl::HOUR, |(ttl, _)| *ttl)
}

/// The data; further lines of it begin after so many columns.
fn data_text(data: &RecordData, apex: &Name, indent: usize) -> String {
    let words = data.to_words(Some(apex));
    let columns: usize = words.iter().map(|word| word.len() + 1).sum();
    if data.rtype() == RecordType::SOA {
        soa_text(&words, indent)
    } else if indent + columns > MAX_COLUMNS && words.len() > 1 {
        wrapped_text(&words, indent)
    } else {
        words.join(" ")
    }
}

/// Each number of a `SOA` record on a line of its own, with what it means.
fn soa_text(words: &[String], indent: usize) -> String {
    let (names, numbers) = words.split_at_checked(2).unwrap_or((words, &[]));
    let mut lines = vec![format!("{} (", names.join(" "))];
    for (number, meaning) in numbers.iter().zip(SOA_NUMBERS) {
        lines.push(format!("{:indent$}{number:10} ; {meaning}", ""));
    }
    lines.push(format!("{:indent$})", ""));
    lines.join("\n")
}

/// Lines filled with words, in parentheses.
fn wrapped_text(words: &[String], indent: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= MAX_COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(format!("{:indent$}{word}", "")),
        }
    }
    format!("(\n{} )", lines.join("\n"))
}
