//! What a template writes, without knowing the zone: to be expected in DNS, or to be set by hand.

use std::collections::BTreeSet;

use domain_connect::{
    Application, Authenticity, Plan, Policy, Row, RowType, Template, is_spf, plan_application,
};
use easement_client::{ApplyRequest, Expectation, Matching};
use easement_zone::{Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone, ZoneBuilder};
use serde_json::{Value, json};

use crate::console::{NotValid, table};

/// The plan of a template in a zone that has nothing.
pub(super) fn plan(template: &Template, request: &ApplyRequest) -> anyhow::Result<Plan> {
    let groups: BTreeSet<_> = request.groups.iter().cloned().collect();
    plan_application(&Application {
        zone: &empty_zone(&request.domain)?,
        services: &[],
        special: &[],
        template,
        host: &request.host,
        groups: &groups,
        instance: request.instance.as_ref(),
        variables: &request.variables,
        authenticity: Authenticity::Signed,
        policy: &Policy::default(),
    })
    .map_err(NotValid::mark)
}

fn empty_zone(apex: &Name) -> anyhow::Result<Zone> {
    let server = apex.child("ns")?;
    let soa = Soa::new(server.clone(), server.clone(), Serial::new(1));
    let ns = RecordData::name(RecordType::NS, &server);
    let mut builder = ZoneBuilder::new(apex.clone());
    builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, soa.to_data()))?;
    builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, ns))?;
    Ok(builder.finish()?)
}

/// What the name servers will show. A record for SPF is merged with what is there, so nobody knows it beforehand.
pub(super) fn expected(plan: &Plan) -> Vec<Expectation> {
    let sets = plan
        .changes
        .iter()
        .filter_map(|(_, change)| change.after.as_ref());
    let expectations = sets.map(|set| {
        let is_spf = |data: &&RecordData| data.text().is_some_and(|text| is_spf(&text));
        let rtype = set.rtype();
        let is_whole = rtype.is_address() || rtype == RecordType::CNAME;
        Expectation {
            owner: set.owner().clone(),
            rtype,
            values: set
                .data()
                .iter()
                .filter(|data| !is_spf(data))
                .cloned()
                .collect(),
            matching: if is_whole {
                Matching::Exact
            } else {
                Matching::Among
            },
        }
    });
    expectations.filter(|one| !one.values.is_empty()).collect()
}

/// The rows that come.
fn rows(plan: &Plan) -> impl Iterator<Item = (&Row, &str, Option<u32>)> {
    plan.rows.iter().filter_map(|row| {
        let after = row.after.as_ref()?;
        Some((row, after.data.as_str(), after.ttl.map(Ttl::as_secs)))
    })
}

pub(super) fn as_table(plan: &Plan) -> String {
    let rows: Vec<[String; 4]> = rows(plan)
        .map(|(row, data, ttl)| {
            let ttl = ttl.map_or_else(|| "-".to_owned(), |ttl| ttl.to_string());
            [
                row.owner.to_text(),
                row.rtype.to_string(),
                ttl,
                data.to_owned(),
            ]
        })
        .collect();
    table(["NAME", "TYPE", "TTL", "VALUE"], &rows)
}

/// Lines of a zone file; what is no record, such as a redirect of a web site, is a comment.
pub(super) fn as_zone_file(plan: &Plan) -> String {
    let lines: Vec<String> = rows(plan)
        .map(|(row, data, ttl)| match row.rtype {
            RowType::Dns(rtype) => {
                format!(
                    "{} {} IN {rtype} {data}",
                    row.owner,
                    ttl.unwrap_or_default()
                )
            }
            RowType::Special(_) => format!("; {} {} {data}", row.owner, row.rtype),
        })
        .collect();
    lines.join("\n")
}

pub(super) fn as_json(plan: &Plan) -> Vec<Value> {
    rows(plan)
        .map(|(row, data, ttl)| {
            json!({
                "name": row.owner.to_text(),
                "type": row.rtype.to_string(),
                "ttl": ttl,
                "value": data,
            })
        })
        .collect()
}
