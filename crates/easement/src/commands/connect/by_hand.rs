//! What people who set records by hand have to mind besides the records.

use std::collections::{BTreeMap, BTreeSet};

use domain_connect::{Plan, Row, RowType, SpecialType};
use easement_zone::{Name, RecordType};

use super::records::{Kind, kind};

/// What is to be taken away, merged, or set in another way; a line for each.
pub(super) fn notes(plan: &Plan) -> Vec<String> {
    let coming: Vec<&Row> = plan.rows.iter().filter(|row| row.after.is_some()).collect();
    let mut types: BTreeMap<&Name, BTreeSet<RowType>> = BTreeMap::new();
    for row in &coming {
        types.entry(&row.owner).or_default().insert(row.rtype);
    }
    let in_the_way = types.iter().map(|(owner, types)| {
        let words = in_the_way(types).join(", and ");
        format!(
            "{}: take away {words}, where there are any.",
            owner.to_text()
        )
    });
    let special = coming.iter().filter_map(|row| special(row));
    in_the_way.chain(special).collect()
}

/// What cannot stand beside records of these types (draft-05 section 10.4).
fn in_the_way(types: &BTreeSet<RowType>) -> Vec<&'static str> {
    let has = |rtype| types.contains(&RowType::Dns(rtype));
    if has(RecordType::CNAME) {
        return vec!["all other records"];
    }
    if has(RecordType::NS) {
        return vec!["all other records of this name", "all records below it"];
    }
    let is_website = |rtype: &RowType| match rtype {
        RowType::Dns(rtype) => rtype.is_address(),
        RowType::Special(_) => true,
    };
    let conflicts = [
        (true, "CNAME records"),
        (types.iter().any(is_website), "other A and AAAA records"),
        (has(RecordType::MX), "other MX records"),
        (has(RecordType::SRV), "other SRV records"),
    ];
    let conflicts = conflicts.into_iter().filter(|(is_there, _)| *is_there);
    conflicts.map(|(_, words)| words).collect()
}

/// What cannot be set as it stands.
fn special(row: &Row) -> Option<String> {
    let owner = row.owner.to_text();
    let value = &row.after.as_ref()?.data;
    match (kind(row), row.rtype) {
        (Kind::Spf, _) => Some(format!(
            "{owner}: a name has one SPF record alone. Where there is one, put the terms of {value} into it; a second one makes \
             receivers refuse mail."
        )),
        (_, RowType::Special(SpecialType::ApexAlias)) => Some(format!(
            "{owner}: a CNAME cannot stand here. Set what your DNS provider has for it, often called ALIAS or ANAME."
        )),
        (_, RowType::Special(SpecialType::PermanentRedirect | SpecialType::TemporaryRedirect)) => {
            Some(format!(
                "{owner}: this is no record. Let your DNS provider, or a web server, redirect visitors there."
            ))
        }
        (Kind::Plain | Kind::Special, RowType::Dns(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use domain_connect::Template;
    use easement_client::ApplyRequest;

    use super::*;
    use crate::commands::connect::records;

    fn plan(written: &str) -> Plan {
        let json = format!(
            r#"{{"providerId": "p", "providerName": "P", "serviceId": "s", "serviceName": "S", "records": [{written}]}}"#
        );
        let (template, _) = Template::from_json(&json).unwrap();
        let domain = "example.com".parse().unwrap();
        let request = ApplyRequest::new("p/s".parse().unwrap(), domain, "@".parse().unwrap());
        records::plan(&template, &request).unwrap().unwrap()
    }

    #[test]
    fn what_is_in_the_way_is_named() {
        for (written, expected) in [
            (
                r#"{"type": "A", "host": "www", "pointsTo": "192.0.2.1", "ttl": 600}"#,
                &[
                    "www.example.com: take away CNAME records, and other A and AAAA records, where there are any.",
                ][..],
            ),
            (
                r#"{"type": "CNAME", "host": "www", "pointsTo": "a.example", "ttl": 600}"#,
                &["www.example.com: take away all other records, where there are any."],
            ),
            (
                r#"{"type": "NS", "host": "sub", "pointsTo": "a.example", "ttl": 600}"#,
                &[
                    "sub.example.com: take away all other records of this name, and all records below it, where there are any.",
                ],
            ),
            (
                r#"{"type": "MX", "host": "@", "pointsTo": "a.example", "ttl": 600, "priority": 10}"#,
                &[
                    "example.com: take away CNAME records, and other MX records, where there are any.",
                ],
            ),
            (
                r#"{"type": "SPFM", "host": "@", "spfRules": "include:a.example"}"#,
                &[
                    "example.com: take away CNAME records, where there are any.",
                    "example.com: a name has one SPF record alone. Where there is one, put the terms of \"v=spf1 include:a.example \
                     ~all\" into it; a second one makes receivers refuse mail.",
                ],
            ),
            (
                r#"{"type": "REDIR301", "host": "@", "target": "https://a.example/"}"#,
                &[
                    "example.com: take away CNAME records, and other A and AAAA records, where there are any.",
                    "example.com: this is no record. Let your DNS provider, or a web server, redirect visitors there.",
                ],
            ),
        ] {
            assert_eq!(notes(&plan(written)), expected, "{written}");
        }
    }

    #[test]
    fn what_a_provider_does_beyond_records_is_planned_and_not_asked_for() {
        let plan = plan(
            r#"{"type": "APEXCNAME", "pointsTo": "a.example"},
            {"type": "REDIR302", "host": "www", "target": "https://a.example/"},
            {"type": "TXT", "host": "@", "data": "v=spf1 -all", "ttl": 600},
            {"type": "TXT", "host": "@", "data": "proof", "ttl": 600},
            {"type": "NS", "host": "sub", "pointsTo": "a.example", "ttl": 600},
            {"type": "DS", "host": "sub", "data": "1 13 2 abababababababababababababababababababababababababababababababab", "ttl": 600}"#,
        );
        let asked: Vec<String> = records::expected(&plan)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            asked,
            [
                "example.com TXT \"proof\"",
                "sub.example.com NS a.example.",
                "sub.example.com DS 1 13 2 abababababababababababababababababababababababababababababababab"
            ]
        );
        assert_eq!(records::not_asked_for(&plan).len(), 3);
        let file = records::as_zone_file(&plan);
        for line in [
            "; www.example.com. REDIR302 https://a.example/",
            "; example.com. APEXCNAME a.example.",
        ] {
            assert!(file.lines().any(|one| one == line), "{line}: {file}");
        }
    }
}
