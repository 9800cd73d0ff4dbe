//! Counting the look-ups of SPF records, with what they include.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain_connect::{Plan, SpfCount, SpfLookups, is_spf};
use easement_outbound::SystemRandom;
use easement_outbound::dns::Resolver;
use easement_zone::{Name, RecordType};

use crate::console::say;

/// How long one look-up may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Says what each SPF record that a plan writes costs.
pub(super) async fn count(plan: &Plan, server: SocketAddr) -> anyhow::Result<()> {
    let resolver = Resolver::new(server, LIMIT, Arc::new(SystemRandom));
    for (name, record) in records(plan) {
        let count = follow(&record, &resolver).await;
        let more = if count.is_complete { "" } else { "more than " };
        say(format_args!(
            "SPF of {}: {more}{} look-ups of 10{}",
            name.to_text(),
            count.lookups,
            if count.is_too_many() {
                ": mail servers give up, and the record is as good as broken"
            } else {
                ""
            }
        ));
        if count.missing > 0 {
            say(format_args!(
                "warning: {} of the records that it includes are not there, or are no SPF records",
                count.missing
            ));
        }
    }
    Ok(())
}

/// The SPF records that are written.
fn records(plan: &Plan) -> Vec<(Name, String)> {
    let mut records = Vec::new();
    for (key, change) in plan.changes.iter() {
        let Some(set) = change
            .after
            .as_ref()
            .filter(|_| key.rtype == RecordType::TXT)
        else {
            continue;
        };
        let texts = set
            .data()
            .iter()
            .filter_map(easement_zone::RecordData::text);
        let spf = texts.filter(|text| is_spf(text));
        records.extend(spf.map(|text| {
            let text = String::from_utf8_lossy(&text).into_owned();
            (key.owner.clone(), text)
        }));
    }
    records
}

/// A name that gives no answer counts as one without a record.
async fn follow(record: &str, resolver: &Resolver) -> SpfCount {
    let mut lookups = SpfLookups::of(record);
    while let Some(name) = lookups.question().cloned() {
        let texts: Vec<String> = match resolver.texts(&name).await {
            Ok(answer) => {
                let texts = answer.texts.iter();
                texts
                    .map(|text| String::from_utf8_lossy(text).into_owned())
                    .collect()
            }
            Err(error) => {
                say(format_args!(
                    "warning: {} was not looked up: {error}",
                    name.to_text()
                ));
                Vec::new()
            }
        };
        lookups.answer(&texts);
    }
    lookups.count()
}
