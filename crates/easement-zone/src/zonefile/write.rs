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
///
/// The zone is walked twice, and nothing but the text grows with it.
pub fn write(zone: &Zone) -> String {
    let columns = Columns::new(zone);
    let mut text = format!("$ORIGIN {}\n$TTL {}\n", zone.apex(), columns.default_ttl);
    for set in ordered(zone) {
        let head = columns.head(&set);
        for data in set.data() {
            text.push_str(&head);
            text.push_str(&data_text(data, zone.apex(), head.len().min(MAX_INDENT)));
            text.push('\n');
        }
    }
    text
}

/// The sets with `SOA` and `NS` of the apex first.
fn ordered(zone: &Zone) -> impl Iterator<Item = RecordSet> + '_ {
    const FIRST: [RecordType; 2] = [RecordType::SOA, RecordType::NS];
    let first = FIRST
        .into_iter()
        .filter_map(|rtype| zone.get(zone.apex(), rtype));
    let is_first = |set: &RecordSet| FIRST.contains(&set.rtype()) && set.owner() == zone.apex();
    first.chain(zone.sets().filter(move |set| !is_first(set)))
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
    fn new(zone: &'a Zone) -> Self {
        let apex = zone.apex();
        let (mut owner, mut rtype) = (0, 0);
        let mut ttls: BTreeMap<Ttl, usize> = BTreeMap::new();
        for set in zone.sets() {
            let width = owner_text(&set, apex).len();
            owner = owner.max(if width <= MAX_OWNER_COLUMN { width } else { 0 });
            rtype = rtype.max(set.rtype().to_string().len());
            *ttls.entry(set.ttl()).or_default() += 1;
        }
        let default_ttl = usual_ttl(&ttls);
        let shown = ttls.keys().filter(|ttl| **ttl != default_ttl);
        let widest_ttl = shown.map(|ttl| ttl.to_string().len()).max();
        Self {
            apex,
            default_ttl,
            owner,
            ttl: widest_ttl.map_or(0, |width| width + 1),
            rtype,
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
fn usual_ttl(counts: &BTreeMap<Ttl, usize>) -> Ttl {
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
