//! Variables: a pattern is written as it was read, values are put in once, and a host of a template
//! never leads out of the zone, nor out of the host that it is applied to unless it is a whole name.
//!
//! Input: a pattern, the value of `%a%` and that of `%b%`.

#![no_main]

use domain_connect::{Number, Pattern, Row, RowType, Variables};
use easement_fuzz::{World, parts, template, zone};
use easement_zone::{RecordData, RecordType};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|text: &str| {
    let [pattern, a, b] = parts(text);
    if let Ok(number) = Number::parse(pattern) {
        assert_eq!(Number::parse(&number.to_string()), Ok(number));
    }
    let Ok(parsed) = Pattern::parse(pattern) else {
        return;
    };
    assert_eq!(parsed.to_string(), pattern);
    let value = |name: &str, value: &str| (name.parse().expect("a good name"), value.to_owned());
    let variables = [value("a", a), value("b", b)].into_iter().collect();
    check_text(pattern, a, b, &variables);
    check_host(pattern, a, b, &variables);
});

/// A second opinion on what replacing variables gives.
fn replaced(pattern: &str, a: &str, b: &str) -> Option<String> {
    let mut replaced = String::new();
    for (index, piece) in pattern.split('%').enumerate() {
        replaced.push_str(match piece {
            text if index % 2 == 0 => text,
            "a" => a,
            "b" => b,
            "host" => "shop",
            "domain" => "example.com",
            "fqdn" => "shop.example.com",
            _ => return None,
        });
    }
    Some(replaced)
}

fn check_text(pattern: &str, a: &str, b: &str, variables: &Variables) {
    let Some(template) = template(
        "text",
        &[json!({"type": "TXT", "host": "@", "data": pattern})],
    ) else {
        return;
    };
    let world = World::new(zone("").expect("a good zone"));
    let Some(after) = world.apply(&template, "shop", variables) else {
        return;
    };
    let expected = replaced(pattern, a, b).expect("all variables have values");
    let name = "shop.example.com".parse().expect("a good name");
    let set = after
        .zone
        .get(&name, RecordType::TXT)
        .expect("it was written");
    let text = set
        .data()
        .first()
        .and_then(RecordData::text)
        .expect("it is text");
    // Quotation marks and backslashes mean something in the text of a record.
    if !expected.contains(['"', '\\']) {
        assert_eq!(String::from_utf8_lossy(&text), expected);
    }
}

fn check_host(pattern: &str, a: &str, b: &str, variables: &Variables) {
    let record = json!({"type": "A", "host": pattern, "pointsTo": "192.0.2.1"});
    let Some(template) = template("host", &[record]) else {
        return;
    };
    let world = World::new(zone("").expect("a good zone"));
    let Ok(plan) = world.plan(&template, "shop", variables) else {
        return;
    };
    let host = replaced(pattern, a, b).expect("all variables have values");
    let home = if host.trim().ends_with('.') {
        "example.com"
    } else {
        "shop.example.com"
    };
    for Row { owner, rtype, .. } in &plan.rows {
        assert_eq!(*rtype, RowType::Dns(RecordType::A));
        let owner = owner.to_text();
        let is_inside = owner == home || owner.ends_with(&format!(".{home}"));
        assert!(is_inside, "{owner} is outside of {home}");
    }
}
