//! What a template writes, without knowing the zone: to be expected in DNS, or to be set by hand.

use std::collections::BTreeSet;

use domain_connect::{
    ApexAliases, Application, Authenticity, Capabilities, Delegation, DelegationSigner, Plan,
    PlanError, Policy, Row, RowType, Template, WebRedirects, is_spf, plan_application,
};
use easement_client::{ApplyRequest, Expectation, Matching};
use easement_zone::{Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone, ZoneBuilder};
use serde::Serialize;

use super::by_hand;
use crate::console::table;

/// The plan of a template in a zone that has nothing, at a provider that can everything: which of it the real one can is
/// for that one to say.
pub(super) fn plan(
    template: &Template,
    request: &ApplyRequest,
) -> anyhow::Result<Result<Plan, PlanError>> {
    let groups: BTreeSet<_> = request.groups.iter().cloned().collect();
    Ok(plan_application(&Application {
        zone: &empty_zone(&request.domain)?,
        services: &[],
        special: &[],
        template,
        host: &request.host,
        groups: &groups,
        instance: request.instance.as_ref(),
        variables: &request.variables,
        authenticity: Authenticity::Signed,
        policy: &open_policy(),
    }))
}

/// Where a redirected name points to is not known, so that no addresses are named.
fn open_policy() -> Policy {
    Policy {
        delegation: Delegation::BelowApex,
        delegation_signer: DelegationSigner::BelowApex,
        capabilities: Capabilities {
            apex_alias: ApexAliases::Supported,
            redirects: WebRedirects::Supported {
                addresses: Vec::new(),
                ttl: Ttl::HOUR,
            },
        },
        ..Policy::default()
    }
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

/// A record that comes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) rtype: String,
    pub(super) ttl: Option<u32>,
    pub(super) value: String,
    /// Whether DNS is asked for it.
    pub(super) asked_for: bool,
}

impl Line {
    fn of(row: &Row) -> Option<Self> {
        let after = row.after.as_ref()?;
        Some(Self {
            name: row.owner.to_text(),
            rtype: row.rtype.to_string(),
            ttl: after.ttl.map(Ttl::as_secs),
            value: after.data.clone(),
            asked_for: kind(row) == Kind::Plain,
        })
    }
}

/// The records that come.
pub(super) fn lines(plan: &Plan) -> Vec<Line> {
    plan.rows.iter().filter_map(Line::of).collect()
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// It is in DNS as it stands here.
    Plain,
    /// It is merged with what is there.
    Spf,
    /// It is no record: what DNS shows is up to the provider.
    Special,
}

pub(super) fn kind(row: &Row) -> Kind {
    let text = row.after.as_ref().map(|after| after.data.as_str());
    let text = text.unwrap_or_default().trim_matches('"');
    match row.rtype {
        RowType::Special(_) => Kind::Special,
        RowType::Dns(RecordType::TXT) if is_spf(text.as_bytes()) => Kind::Spf,
        RowType::Dns(_) => Kind::Plain,
    }
}

/// What is written and not asked for, and why, in words.
pub(super) fn not_asked_for(plan: &Plan) -> Vec<String> {
    let coming = plan.rows.iter().filter(|row| row.after.is_some());
    let texts = coming.filter_map(|row| {
        let owner = row.owner.to_text();
        match kind(row) {
            Kind::Plain => None,
            Kind::Spf => Some(format!(
                "the SPF record of {owner}, which is merged with what is there"
            )),
            Kind::Special => Some(format!("the {} of {owner}, which is no record", row.rtype)),
        }
    });
    texts.collect()
}

pub(super) fn as_table(plan: &Plan) -> String {
    let rows: Vec<[String; 4]> = lines(plan)
        .into_iter()
        .map(|line| {
            let ttl = line
                .ttl
                .map_or_else(|| "-".to_owned(), |ttl| ttl.to_string());
            [line.name, line.rtype, ttl, line.value]
        })
        .collect();
    table(["NAME", "TYPE", "TTL", "VALUE"], &rows)
}

/// Lines of a zone file; what is no record, such as a redirect of a web site, is a comment, and so is what else is to
/// be done.
pub(super) fn as_zone_file(plan: &Plan) -> String {
    let notes = by_hand::notes(plan);
    let notes = notes.into_iter().map(|note| format!("; {note}"));
    let rows = plan.rows.iter().filter_map(|row| {
        let Line { ttl, value, .. } = Line::of(row)?;
        Some(match row.rtype {
            RowType::Dns(rtype) => {
                format!(
                    "{} {} IN {rtype} {value}",
                    row.owner,
                    ttl.unwrap_or_default()
                )
            }
            RowType::Special(_) => format!("; {} {} {value}", row.owner, row.rtype),
        })
    });
    notes.chain(rows).collect::<Vec<_>>().join("\n")
}
