//! Finding records in a zone, a page at a time.

use easement_zone::{Name, Record, RecordData, RecordType, Ttl, Zone};

use super::paths::percent_encoded;
use super::show::{ShownName, count, duration_words, record_value};
use super::zone::ZoneRecordRow;

/// What is looked for in a zone.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RecordQuery {
    /// A part of a name or value, in any case; empty for all. A name of the zone in full stands for that
    /// name and those below it.
    pub text: String,
    /// A type, or any.
    pub rtype: Option<RecordType>,
    /// Where the page begins; nothing for the first.
    pub from: Option<RecordPlace>,
}

/// A place among the records of a zone: a name, and how many of its records are before the place.
///
/// Pages begin at places and not at numbers, so that a page in the middle of a million names costs what
/// the first one costs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordPlace {
    /// The name.
    pub owner: Name,
    /// How many of its records are on earlier pages.
    pub skipped: usize,
}

impl RecordQuery {
    /// How many records a page holds.
    pub const PAGE_SIZE: usize = 50;
    /// How many records are looked at for one page, whether they are found or not.
    pub const LOOK_AT: usize = 50_000;

    /// Whether everything is wanted.
    pub fn is_all(&self) -> bool {
        self.text.trim().is_empty() && self.rtype.is_none()
    }

    /// The query of an address that asks for the same from another place on; from the beginning
    /// without one.
    pub fn from_place(&self, place: Option<&RecordPlace>) -> String {
        let mut parts = Vec::new();
        if let Some(RecordPlace { owner, skipped }) = place {
            let owner = percent_encoded(&owner.to_text());
            parts.push(format!("from={owner}&skip={skipped}"));
        }
        if !self.text.is_empty() {
            parts.push(format!("q={}", percent_encoded(&self.text)));
        }
        parts.extend(self.rtype.map(|rtype| format!("type={rtype}")));
        format!("?{}", parts.join("&"))
    }

    /// The name of the zone that the text is in full, if it is one.
    fn full_name(&self, zone: &Zone) -> Option<Name> {
        let name: Name = self.text.trim().parse().ok()?;
        (name.is_below(zone.apex()) && zone.has_name(&name)).then_some(name)
    }

    /// Whether a record is looked for. Nothing is put into words unless a text is.
    fn wants(&self, record: &Record) -> bool {
        let rtype = record.data.rtype();
        if !self.wants_type(record) {
            return false;
        }
        let wanted = self.text.trim().to_lowercase();
        if wanted.is_empty() {
            return true;
        }
        let holds = |text: &str| text.to_lowercase().contains(&wanted);
        let name = ShownName::new(&record.owner);
        holds(&name.text)
            || name.ascii.as_deref().is_some_and(holds)
            || holds(&record_value(&record.data))
            || holds(&rtype.to_string())
    }

    fn wants_type(&self, record: &Record) -> bool {
        let rtype = record.data.rtype();
        self.rtype.is_none_or(|picked| picked == rtype)
    }
}

/// One page of records.
#[derive(Clone, Debug)]
pub struct RecordList {
    /// The records, in canonical order of their names.
    pub rows: Vec<ZoneRecordRow>,
    /// Whether there are earlier pages.
    pub is_later: bool,
    /// Where the next page begins, when there is one.
    pub next: Option<RecordPlace>,
    /// How many records were looked at.
    pub looked_at: usize,
    /// Such as "Records 1 to 50".
    pub summary: String,
}

/// The records of a zone that a query asks for. `holders` names the services that hold a record. Only
/// records from the place of the query on are looked at, and no more than a page needs.
pub fn list_records(
    zone: &Zone,
    query: &RecordQuery,
    holders: &dyn Fn(&Name, &RecordData) -> Vec<String>,
) -> RecordList {
    let within = query.full_name(zone);
    let top = within.as_ref().unwrap_or(zone.apex());
    let mut found = Vec::new();
    let (mut looked_at, mut next) = (0, None);
    for (place, record, ttl) in records_from(zone, query.from.as_ref(), top) {
        let is_found = within.is_some() && query.wants_type(&record) || query.wants(&record);
        let is_full = found.len() == RecordQuery::PAGE_SIZE && is_found;
        if is_full || looked_at == RecordQuery::LOOK_AT {
            next = Some(place);
            break;
        }
        looked_at += 1;
        found.extend(is_found.then_some((record, ttl)));
    }
    let rows = found.into_iter().map(|(record, ttl)| ZoneRecordRow {
        name: ShownName::within(&record.owner, zone.apex()),
        rtype: record.data.rtype().to_string(),
        value: record_value(&record.data),
        ttl: duration_words(ttl.as_secs().into()),
        from: holders(&record.owner, &record.data),
    });
    let rows: Vec<ZoneRecordRow> = rows.collect();
    RecordList {
        is_later: query.from.is_some(),
        next,
        looked_at,
        summary: summary(query.from.as_ref(), rows.len()),
        rows,
    }
}

/// The records at and below a name from a place on, each with its place and TTL.
fn records_from<'z>(
    zone: &'z Zone,
    from: Option<&RecordPlace>,
    top: &'z Name,
) -> impl Iterator<Item = (RecordPlace, Record, Ttl)> + 'z {
    let first = from.map_or(top, |place| &place.owner).clone();
    let skipped = from.map_or(0, |place| place.skipped);
    let mut here = RecordPlace {
        owner: first.clone(),
        skipped: 0,
    };
    zone.sets_from(&first)
        .take_while(|set| set.owner().is_at_or_below(top))
        .flat_map(|set| {
            let ttl = set.ttl();
            let records: Vec<Record> = set.records().collect();
            records.into_iter().map(move |record| (record, ttl))
        })
        .map(move |(record, ttl)| {
            if here.owner != record.owner {
                here = RecordPlace {
                    owner: record.owner.clone(),
                    skipped: 0,
                };
            }
            let place = here.clone();
            here.skipped += 1;
            (place, record, ttl)
        })
        .skip_while(move |(place, _, _)| place.owner == first && place.skipped < skipped)
}

fn summary(from: Option<&RecordPlace>, shown: usize) -> String {
    match (from, shown) {
        (_, 0) => "No records".to_owned(),
        (None, 1) => "Record 1".to_owned(),
        (None, _) => format!("Records 1 to {shown}"),
        (Some(place), _) => {
            let records = count(shown as u64, "record");
            format!("{records}, from {} on", place.owner.to_text())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{large_zone, name, zone};
    use super::*;

    fn ask(text: &str, rtype: Option<RecordType>) -> RecordQuery {
        RecordQuery {
            text: text.to_owned(),
            rtype,
            from: None,
        }
    }

    fn list(zone: &Zone, query: &RecordQuery) -> RecordList {
        list_records(zone, query, &|_, _| Vec::new())
    }

    fn found(query: &RecordQuery) -> Vec<(String, String)> {
        let rows = list(&zone(), query).rows.into_iter();
        rows.map(|row| (row.name.text, row.rtype)).collect()
    }

    #[test]
    fn records_are_found_by_name_type_and_value() {
        let www = ("www.example.test".to_owned(), "A".to_owned());
        assert_eq!(found(&ask("WWW", Some(RecordType::A))), [www]);
        let by_value = found(&ask("include:News.example", None));
        assert_eq!(by_value, [("example.test".to_owned(), "TXT".to_owned())]);
        assert!(found(&ask("nothing like it", None)).is_empty());
    }

    #[test]
    fn pages_hold_every_record_once() {
        let zone = large_zone(120);
        let mut names = Vec::new();
        let mut query = ask("host", Some(RecordType::A));
        loop {
            let list = list(&zone, &query);
            assert!(list.rows.len() <= RecordQuery::PAGE_SIZE);
            assert_eq!(list.is_later, query.from.is_some());
            names.extend(list.rows.into_iter().map(|row| row.name.text));
            query.from = list.next;
            if query.from.is_none() {
                break;
            }
        }
        assert_eq!(names.len(), 120);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 120);
    }

    #[test]
    fn a_page_within_the_records_of_one_name_goes_on_there() {
        let zone = zone();
        let records: usize = zone
            .at(zone.apex())
            .iter()
            .map(|set| set.data().len())
            .sum();
        let mut query = ask("", None);
        let all = list(&zone, &query).rows;
        query.from = Some(RecordPlace {
            owner: zone.apex().clone(),
            skipped: records - 1,
        });
        let rest = list(&zone, &query).rows;
        assert_eq!(rest.len(), all.len() - (records - 1));
    }

    #[test]
    fn a_page_looks_at_few_records_of_a_large_zone() {
        let zone = large_zone(2_000);
        let first = list(&zone, &ask("", None));
        assert_eq!(first.looked_at, RecordQuery::PAGE_SIZE);
        let mut later = ask("", None);
        later.from = Some(RecordPlace {
            owner: name("host1999.example.test"),
            skipped: 0,
        });
        assert!(list(&zone, &later).looked_at <= RecordQuery::PAGE_SIZE);
        let named = list(&zone, &ask("HOST1234.example.test", None));
        assert_eq!((named.rows.len(), named.looked_at), (1, 1));
    }

    #[test]
    fn a_search_stops_and_goes_on() {
        let hosts = RecordQuery::LOOK_AT + 10;
        let zone = large_zone(hosts);
        let mut query = ask("nowhere", None);
        let first = list(&zone, &query);
        assert_eq!(first.looked_at, RecordQuery::LOOK_AT);
        assert!(first.rows.is_empty());
        query.from = first.next;
        let second = list(&zone, &query);
        assert_eq!(first.looked_at + second.looked_at, zone.record_count());
        assert!(query.from.is_some() && second.next.is_none());
    }

    #[test]
    fn a_query_survives_its_way_through_an_address() {
        let query = ask("a&b=ü\"", Some(RecordType::TXT));
        let place = RecordPlace {
            owner: name("www.example.test"),
            skipped: 2,
        };
        let address = query.from_place(Some(&place));
        let expected = "?from=www.example.test&skip=2&q=a%26b%3D%C3%BC%22&type=TXT";
        assert_eq!(address, expected);
    }
}
