//! Finding records in a zone, a page at a time.

use easement_zone::{Name, Record, RecordData, RecordType, Ttl, Zone};

use super::paths::percent_encoded;
use super::show::{ShownName, duration_words, record_value};
use super::zone::ZoneRecordRow;

/// What is looked for in a zone.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RecordQuery {
    /// A part of a name or value, in any case; empty for all.
    pub text: String,
    /// A type, or any.
    pub rtype: Option<RecordType>,
    /// Which page; the first is 1, and 0 is taken for it.
    pub page: usize,
}

impl RecordQuery {
    /// How many records a page holds.
    pub const PAGE_SIZE: usize = 50;

    /// Whether everything is wanted.
    pub fn is_all(&self) -> bool {
        self.text.trim().is_empty() && self.rtype.is_none()
    }

    /// The query of an address that asks for the same on another page.
    pub fn at_page(&self, page: usize) -> String {
        let mut query = format!("?page={page}");
        if !self.text.is_empty() {
            query.push_str("&q=");
            query.push_str(&percent_encoded(&self.text));
        }
        if let Some(rtype) = self.rtype {
            query.push_str("&type=");
            query.push_str(&rtype.to_string());
        }
        query
    }

    /// Whether a record is looked for. Nothing is put into words unless a text is.
    fn wants(&self, record: &Record) -> bool {
        let rtype = record.data.rtype();
        if self.rtype.is_some_and(|picked| picked != rtype) {
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
}

/// One page of records.
#[derive(Clone, Debug)]
pub struct RecordList {
    /// The records, in canonical order of their names.
    pub rows: Vec<ZoneRecordRow>,
    /// The page before, when there is one.
    pub previous: Option<usize>,
    /// The page after, when there is one.
    pub next: Option<usize>,
    /// Such as "Records 51 to 100".
    pub summary: String,
}

/// The records of a zone that a query asks for. `holders` names the services that hold a record.
pub fn list_records(
    zone: &Zone,
    query: &RecordQuery,
    holders: &dyn Fn(&Name, &RecordData) -> Vec<String>,
) -> RecordList {
    let page = query.page.max(1);
    let skipped = (page - 1).saturating_mul(RecordQuery::PAGE_SIZE);
    let mut rows: Vec<ZoneRecordRow> = zone
        .sets()
        .flat_map(|set| {
            let records: Vec<(Record, Ttl)> =
                set.records().map(|record| (record, set.ttl())).collect();
            records
        })
        .filter(|(record, _)| query.wants(record))
        .skip(skipped)
        .take(RecordQuery::PAGE_SIZE + 1)
        .map(|(record, ttl)| ZoneRecordRow {
            name: ShownName::within(&record.owner, zone.apex()),
            rtype: record.data.rtype().to_string(),
            value: record_value(&record.data),
            ttl: duration_words(ttl.as_secs().into()),
            from: holders(&record.owner, &record.data),
        })
        .collect();
    let has_more = rows.len() > RecordQuery::PAGE_SIZE;
    rows.truncate(RecordQuery::PAGE_SIZE);
    RecordList {
        previous: (page > 1).then(|| page - 1),
        next: has_more.then(|| page.saturating_add(1)),
        summary: summary(skipped, rows.len()),
        rows,
    }
}

fn summary(skipped: usize, shown: usize) -> String {
    match shown {
        0 => "No records".to_owned(),
        1 => format!("Record {}", skipped.saturating_add(1)),
        _ => format!(
            "Records {} to {}",
            skipped.saturating_add(1),
            skipped.saturating_add(shown)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{large_zone, name, zone};
    use super::*;

    fn ask(text: &str, rtype: Option<RecordType>, page: usize) -> RecordQuery {
        RecordQuery {
            text: text.to_owned(),
            rtype,
            page,
        }
    }

    fn found(query: &RecordQuery) -> Vec<(String, String)> {
        list_records(&zone(), query, &|_, _| Vec::new())
            .rows
            .into_iter()
            .map(|row| (row.name.text, row.rtype))
            .collect()
    }

    #[test]
    fn records_are_found_by_name_type_and_value() {
        let www = ("www.example.test".to_owned(), "A".to_owned());
        assert_eq!(found(&ask("WWW", Some(RecordType::A), 1)), [www]);
        let by_value = found(&ask("include:News.example", None, 1));
        assert_eq!(by_value, [("example.test".to_owned(), "TXT".to_owned())]);
        assert!(found(&ask("nothing like it", None, 1)).is_empty());
    }

    #[test]
    fn pages_hold_every_record_once() {
        let zone = large_zone(120);
        let mut names = Vec::new();
        let mut page = Some(1);
        while let Some(number) = page {
            let list = list_records(&zone, &ask("host", Some(RecordType::A), number), &|_, _| {
                Vec::new()
            });
            assert!(list.rows.len() <= RecordQuery::PAGE_SIZE);
            names.extend(list.rows.into_iter().map(|row| row.name.text));
            page = list.next;
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 120);
    }

    #[test]
    fn absurd_pages_are_empty() {
        let list = list_records(&zone(), &ask("", None, usize::MAX), &|_, _| Vec::new());
        assert!(list.rows.is_empty() && list.next.is_none());
        assert!(name("example.test").is_at_or_below(zone().apex()));
    }

    #[test]
    fn a_query_survives_its_way_through_an_address() {
        let query = ask("a&b=ü\"", Some(RecordType::TXT), 1);
        assert_eq!(query.at_page(2), "?page=2&q=a%26b%3D%C3%BC%22&type=TXT");
    }
}
