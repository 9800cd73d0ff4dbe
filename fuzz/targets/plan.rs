//! Plans: applying twice is applying once, services own what is there, and all of them can go again.
//!
//! Input: lines of a zone file, the records of one template, and those of another. A record is a type,
//! a host and data, with `!` in front when it is essential on apply only; `TXT=mode=prefix` is a `TXT`
//! record that takes the place of others.

#![no_main]

use domain_connect::{Template, Variables};
use easement_fuzz::{World, parts, template, zone};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|text: &str| {
    let [lines, one, two] = parts(text);
    let Some(zone) = zone(lines) else {
        return;
    };
    let mut world = World::new(zone);
    for (service, lines) in [("one", one), ("two", two)] {
        let Some(template) = read(service, lines) else {
            continue;
        };
        let Some(after) = world.apply(&template, "@", &variables()) else {
            continue;
        };
        check_owned(&after);
        world = after;
    }
    while let Some(last) = world.services.len().checked_sub(1) {
        let count = world.services.len();
        world = world.after(&world.removal(last));
        check_owned(&world);
        assert_eq!(
            world.services.len(),
            count - 1,
            "one service goes at a time"
        );
    }
    assert!(
        world.special.is_empty(),
        "what services brought went with them"
    );
});

fn variables() -> Variables {
    let named = |name: &str, value: &str| (name.parse().expect("a good name"), value.to_owned());
    [
        named("ip", "192.0.2.9"),
        named("name", "www"),
        named("text", "\"a\\\"b%ip%\""),
    ]
    .into_iter()
    .collect()
}

fn read(service: &str, lines: &str) -> Option<Template> {
    let records: Vec<Value> = lines.lines().take(20).filter_map(record).collect();
    template(service, &records)
}

fn record(line: &str) -> Option<Value> {
    let (line, essential) = match line.strip_prefix('!') {
        Some(line) => (line, "OnApply"),
        None => (line, "Always"),
    };
    let mut words = line.splitn(3, ' ');
    let (kind, host, data) = (words.next()?, words.next()?, words.next()?);
    let mut kind = kind.split('=');
    let (rtype, mode, prefix) = (kind.next()?, kind.next(), kind.next().unwrap_or_default());
    let mut record = json!({"type": rtype, "host": host, "ttl": 600, "essential": essential});
    match rtype {
        "SPFM" => record["spfRules"] = data.into(),
        "REDIR301" | "REDIR302" => record["target"] = data.into(),
        "A" | "AAAA" | "CNAME" | "NS" | "APEXCNAME" => record["pointsTo"] = data.into(),
        "MX" => {
            record["pointsTo"] = data.into();
            record["priority"] = 10.into();
        }
        "SRV" => {
            record["name"] = host.into();
            record["target"] = data.into();
            record["service"] = "_sip".into();
            record["protocol"] = "_tcp".into();
            record["priority"] = 1.into();
            record["weight"] = 2.into();
            record["port"] = 5060.into();
        }
        _ => record["data"] = data.into(),
    }
    if let Some(mode) = mode {
        record["txtConflictMatchingMode"] = mode.into();
        record["txtConflictMatchingPrefix"] = prefix.into();
    }
    Some(record)
}

/// What services say they own is in the zone.
fn check_owned(world: &World) {
    for owned in world.services.iter().flat_map(|service| &service.records) {
        let record = &owned.record;
        let set = world.zone.get(&record.owner, record.data.rtype());
        let is_there = set.is_some_and(|set| set.data().contains(&record.data));
        assert!(is_there, "{record:?} is owned and not there");
    }
}
