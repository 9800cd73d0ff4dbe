//! A DNS provider in little: it reads a template, checks the signature of a request, shows what the
//! template would change in a zone and, once a person has agreed, writes the zone file.
//!
//! Run it with `cargo run -p domain-connect --example provider`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use domain_connect::{
    Application, ApplyQuery, Authenticity, Plan, Policy, PublicKey, SignatureError,
    SignatureParameters, Template, WeakKeys, key_name, plan_application, verify,
};
use easement_zone::zonefile;

const ZONE: &str = "\
$ORIGIN example.net.
$TTL 1h
@    SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
     NS   ns1.dns.example.
     A    203.0.113.1
     MX   10 mail.example.org.
www  CNAME @
";

const TEMPLATE: &str = r#"{
    "providerId": "exampleservice.example", "providerName": "Example Service",
    "serviceId": "web", "serviceName": "Websites",
    "syncPubKeyDomain": "exampleservice.example",
    "records": [{"type": "A", "host": "@", "pointsTo": "%ip%", "ttl": 600}]
}"#;

/// The query of the link that brought the person here; signed as Domain Connect 2.3 prints it.
const QUERY: &str = "a=1&b=2&ip=10.10.10.10&domain=example.net&key=_dcpubkeyv1&sig=V2te9zWMU7G3plxBTsmYSJTvn2vzMvNwAjWQ%2BwTe91DxuJhdVf4cVc4vZBYfEYV7u5d7PzTO7se7OrkhyiB7TpoJJW1yB5qHR7HKM5SZldUsdtg5%2B1SzEtIX0Uq8b2mCmQF%2FuJGXpqCyFrEajvpTM7fFKPk1kuctmtkjV7%2BATcvNPLWY7KyE4%2Bqc8jpfN61cP5l8iA4krAa3%2BfTro5cmWR8YUJ5yrnRs6KT4b5D71HFvOUk0sGEUddUUlsyRQKRHUFN6HjEya50YDHfZJlYHkHlK0xX6Yqeii9QZ2I35U9eJbSvZGQko5beqviWFXdsVDbvd3DYcbSHgJq9%2FXoMTTw%3D%3D";

fn main() -> Result<(), Box<dyn Error>> {
    let (template, _notes) = Template::from_json(TEMPLATE)?;
    let query = ApplyQuery::parse(QUERY)?;
    query.check(&template)?;
    check_signature(&query, &template)?;

    let zone = zonefile::read(ZONE, &zonefile::ReadOptions::default())?.zone;
    if query.domain != *zone.apex() {
        return Err("there is no such zone here".into());
    }
    let plan = plan_application(&Application {
        zone: &zone,
        services: &[],
        special: &[],
        template: &template,
        host: &query.host,
        groups: &query.groups,
        instance: query.instance.as_ref(),
        variables: &query.variables,
        authenticity: Authenticity::Signed,
        policy: &Policy::default(),
    })?;
    show(&plan);

    // Here a person would be asked. A form that carries `plan.digest()` proves what they saw.
    println!("\n; agreed to {}", plan.digest());
    print!("{}", zonefile::write(&zone.apply(&plan.changes)?));
    Ok(())
}

fn check_signature(query: &ApplyQuery, template: &Template) -> Result<(), Box<dyn Error>> {
    let Some(domain) = template.public_key_domain() else {
        return Ok(());
    };
    let parameters = SignatureParameters::from_query(query.raw())?;
    let parameters = parameters.ok_or(SignatureError::Unsigned)?;
    let name = key_name(&parameters.key, domain)?;
    println!("; the key is looked up at {}", name.to_text());
    let key = PublicKey::from_records(texts_at_the_key(), WeakKeys::Refuse)?;
    Ok(verify(query.raw(), &parameters, &key)?)
}

fn show(plan: &Plan) {
    println!("; {}", plan.service().title());
    for warning in &plan.warnings {
        println!("; take care: {warning}");
    }
    for effect in &plan.effects {
        println!("; {effect}");
    }
    for row in &plan.rows {
        let text = row.after.as_ref().or(row.before.as_ref());
        let data = text.map_or("", |text| &text.data);
        println!(
            "; {:?} {} {} {data}",
            row.change,
            row.owner.to_text(),
            row.rtype
        );
    }
}

/// What DNS would answer to a question for `TXT` records at the name of the key.
fn texts_at_the_key() -> [&'static str; 3] {
    [
        "p=1,a=RS256,d=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA18SgvpmeasN4BHkkv0SBjAzIc4grYLjiAXRtNiBUiGUDMeTzQrKTsWvy9NuxU1dIHCZy9o1CrKNg5EzLIZLNyMfI6qiXnM+HMd4byp97zs/3D39Q8iR5poubQcRaGozWx8yQpG0OcVdmEVcTfy",
        "p=2,a=RS256,d=R/XSEWC5u16EBNvRnNAOAvZYUdWqVyQvXsjnxQot8KcK0QP8iHpoL/1dbdRy2opRPQ2FdZpovUgknybq/6FkeDtW7uCQ6Mvu4QxcUa3+WP9nYHKtgWip/eFxpeb+qLvcLHf1h0JXtxLVdyy6OLk3f2JRYUX2ZZVDvG3biTpeJz6iRzjGg6MfGxXZHjI8",
        "p=3,a=RS256,d=weDjXrJwIDAQAB",
    ]
}
