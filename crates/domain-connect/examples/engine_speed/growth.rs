//! How the cost of one application grows with the zone, and with what is applied to it.

use std::error::Error;
use std::fmt::Write as _;

use easement_zone::{Zone, zonefile};

use crate::corpus::{Job, Stage, World};
use crate::python::Python;
use crate::statistics::median;

/// A website and mail, at the apex.
const TEMPLATE: &str = r#"{
    "providerId": "service.test", "providerName": "Service",
    "serviceId": "all", "serviceName": "Website and mail",
    "records": [
        {"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600},
        {"type": "CNAME", "host": "www", "pointsTo": "@", "ttl": 600},
        {"type": "MX", "host": "@", "pointsTo": "mx.service.test", "priority": 10, "ttl": 600},
        {"type": "SPFM", "host": "@", "spfRules": "include:spf.service.test"},
        {"type": "TXT", "host": "_dmarc", "data": "v=DMARC1; p=none", "ttl": 600,
         "txtConflictMatchingMode": "All"}
    ]
}"#;
const SIZES: [u32; 5] = [10, 100, 1_000, 10_000, 100_000];
const ROUNDS: u32 = 7;
/// How often in a round; the other engine needs as long for one as for a hundred of these.
const TIMES: u32 = 500;

/// Microseconds of one application to zones of growing size, and theirs.
pub(crate) fn measure_zones(mut python: Option<&mut Python>) -> Result<(), Box<dyn Error>> {
    println!("\none application, by the records of the zone, in microseconds");
    println!("{:>10} {:>10} {:>10}", "records", "ours", "theirs");
    for size in SIZES {
        let world = World::new(zone(size)?);
        let jobs = [Job::new(TEMPLATE, "@")?];
        if let Some(python) = &mut python {
            let done = python.load(&world.zone, &jobs)?;
            python.choose(&done)?;
        }
        // A big zone takes it seconds.
        let their_times = 10_000_u32.div_ceil(size).min(100);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(micros(&world, &jobs));
            if let Some(python) = &mut python {
                let seconds = python.run(Stage::Apply, their_times)?;
                theirs.push(seconds * 1e6 / f64::from(their_times));
            }
        }
        let theirs = python
            .is_some()
            .then(|| format!("{:.0}", median(&mut theirs)));
        let theirs = theirs.as_deref().unwrap_or("-");
        println!("{size:>10} {:>10.1} {theirs:>10}", median(&mut ours));
    }
    Ok(())
}

/// Microseconds of one application to a zone with more and more services applied to other hosts.
pub(crate) fn measure_services() -> Result<(), Box<dyn Error>> {
    println!("\none application, by the services applied elsewhere in the zone, in microseconds");
    println!("{:>10} {:>10}", "services", "ours");
    let jobs = [Job::new(TEMPLATE, "@")?];
    for count in [0_u32, 10, 100, 1_000] {
        let mut world = World::new(zone(10)?);
        for number in 0..count {
            let job = Job::new(TEMPLATE, &format!("shop{number}"))?;
            let plan = world.plan(&job, &job.template)?;
            world.zone = world.zone.apply(&plan.changes)?;
            world.services.push(plan.service().clone());
        }
        let mut ours: Vec<f64> = (0..ROUNDS).map(|_| micros(&world, &jobs)).collect();
        println!("{count:>10} {:>10.1}", median(&mut ours));
    }
    Ok(())
}

fn micros(world: &World, jobs: &[Job]) -> f64 {
    let jobs: Vec<&Job> = jobs.iter().collect();
    world.run(&jobs, Stage::Apply, TIMES) * 1e6 / f64::from(TIMES)
}

/// A zone of so many records: some at the apex, the rest an address each.
fn zone(records: u32) -> Result<Zone, Box<dyn Error>> {
    let mut text = String::from(
        "$ORIGIN example.com.\n$TTL 1h\n\
         @ SOA ns1.dns.example. hostmaster 1 2h 15m 2w 5m\n\
         @ NS ns1.dns.example.\n\
         @ A 203.0.113.1\n\
         @ TXT \"v=spf1 mx -all\"\n",
    );
    for number in 4..records {
        writeln!(text, "host{number} A 203.0.113.2")?;
    }
    Ok(zonefile::read(&text, &zonefile::ReadOptions::default())?.zone)
}
