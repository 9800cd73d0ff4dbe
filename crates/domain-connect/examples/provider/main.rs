//! A DNS provider in little: it reads a template, checks the signature of a request, shows what the
//! template would change in a zone and, once a person has agreed, writes the zone file.
//!
//! Run it with `cargo run -p domain-connect --example provider`. A real provider keeps zone and services,
//! asks DNS for the key and a person for consent; the rest is as here.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use domain_connect::{
    Application, ApplyQuery, Authenticity, Policy, PublicKey, SignatureError, SignatureParameters,
    Template, WeakKeys, key_name, plan_application, verify,
};
use easement_zone::zonefile::{self, ReadOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let (template, _notes) = Template::from_json(include_str!("template.json"))?;
    let query = ApplyQuery::parse(include_str!("query.txt").trim_end(), &template)?;
    query.check(&template)?;
    let authenticity = check_signature(&query, &template)?;

    let zone = zonefile::read(include_str!("example.net.zone"), &ReadOptions::default())?.zone;
    let services = [];
    if query.domain != *zone.apex() {
        return Err(format!("there is no zone {} here", query.domain.to_text()).into());
    }
    let plan = plan_application(&Application {
        zone: &zone,
        services: &services,
        special: &[],
        template: &template,
        host: &query.host,
        groups: &query.groups,
        instance: query.instance.as_ref(),
        variables: &query.variables,
        authenticity,
        policy: &Policy::default(),
    })?;
    println!("; {}", plan.service().title());
    plan.effects.iter().for_each(|one| println!("; {one}"));
    plan.warnings.iter().for_each(|one| println!("; {one}"));
    for row in &plan.rows {
        let text = row.after.as_ref().or(row.before.as_ref());
        let data = text.map_or("", |text| &text.data);
        println!("; {:?}: {} {} {data}", row.change, row.owner, row.rtype);
    }

    // Here a person is asked. A form that carries the digest proves what they saw.
    println!("; agreed to {}", plan.digest());
    print!("{}", zonefile::write(&zone.apply(&plan.changes)?));
    for service in plan.services_after(&services) {
        println!("; keep with the zone: {}", service.key);
    }
    Ok(())
}

/// A request for a template without a key domain is not signed; any other must be.
fn check_signature(
    query: &ApplyQuery,
    template: &Template,
) -> Result<Authenticity, Box<dyn Error>> {
    let Some(domain) = template.public_key_domain() else {
        return Ok(Authenticity::Unsigned);
    };
    let parameters = SignatureParameters::from_query(query.raw())?;
    let parameters = parameters.ok_or(SignatureError::Unsigned)?;
    println!("; key: {}", key_name(&parameters.key, domain)?);
    let key = PublicKey::from_records(include_str!("key.txt").lines(), WeakKeys::Refuse)?;
    verify(query.raw(), &parameters, &key)?;
    Ok(Authenticity::Signed)
}

#[test]
fn the_request_is_applied() -> Result<(), Box<dyn Error>> {
    main()
}
