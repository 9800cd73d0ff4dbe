//! How many plans a second: every template of a folder, at the apex and at a host.
//!
//! Run it with `cargo run --release -p domain-connect --example plan_speed -- FOLDER`. When `python3`
//! has the package `domainconnectzone`, it does the same work in the same run, for comparison.
#![expect(clippy::print_stdout, reason = "it reports what it measured")]

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use domain_connect::{
    Application, Authenticity, Number, Policy, RecordBody, Template, TemplateRecord, Variable,
    VariableName, Variables, plan_application,
};
use easement_zone::{Host, RecordType, Zone, zonefile};
use serde_json::json;

const ZONE: &str = "\
$ORIGIN example.com.
$TTL 1h
@     SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
      NS   ns1.dns.example.
      A    203.0.113.1
      MX   10 mail.example.org.
      TXT  \"v=spf1 mx -all\"
www   CNAME @
app   A    203.0.113.2
";

/// The same zone, jobs from standard input; to standard output the wishes a second and the places of
/// those that it could do.
const PYTHON: &str = r#"
import json, sys, time
from domainconnectzone import process_records
def zone():
    return [
        {"type": "A", "name": "@", "data": "203.0.113.1", "ttl": 3600},
        {"type": "MX", "name": "@", "data": "mail.example.org", "ttl": 3600, "priority": 10},
        {"type": "TXT", "name": "@", "data": "v=spf1 mx -all", "ttl": 3600},
        {"type": "CNAME", "name": "www", "data": "example.com", "ttl": 3600},
        {"type": "A", "name": "app", "data": "203.0.113.2", "ttl": 3600},
    ]
jobs = [json.loads(line) for line in sys.stdin]
done, seconds = [], 0
for place, job in enumerate(jobs):
    began = time.perf_counter()
    try:
        process_records(job["records"], zone(), "example.com", job["host"], job["values"], [])
    except Exception:
        continue
    seconds += time.perf_counter() - began
    done.append(place)
print(len(done) / seconds, *done)
"#;

struct Job {
    template: Template,
    variables: Variables,
    host: Host,
}

/// What the other engine did.
struct Theirs {
    /// How many wishes a second.
    rate: f64,
    /// The places of the jobs that it could do.
    places: Vec<usize>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args()
        .nth(1)
        .ok_or("name a folder of templates")?;
    let zone = zonefile::read(ZONE, &zonefile::ReadOptions::default())?.zone;
    let jobs = jobs(Path::new(&folder))?;
    let ours = measure(&zone, &jobs.iter().collect::<Vec<_>>());
    println!("{} wishes, {ours:.0} plans a second", jobs.len());
    let Some(theirs) = python(&jobs)? else {
        println!("python3 has no package domainconnectzone: nothing to compare with");
        return Ok(());
    };
    let shared: Vec<&Job> = theirs
        .places
        .iter()
        .filter_map(|place| jobs.get(*place))
        .collect();
    println!(
        "domainconnectzone does {} of them, {:.0} a second",
        shared.len(),
        theirs.rate
    );
    let ours = measure(&zone, &shared);
    println!(
        "these are {ours:.0} plans a second here: {:.1} times as many",
        ours / theirs.rate
    );
    Ok(())
}

fn jobs(folder: &Path) -> Result<Vec<Job>, Box<dyn Error>> {
    let mut jobs = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        for host in ["@", "app"] {
            let (template, _notes) = Template::from_json(&text)?;
            let names = template.variables().into_iter().cloned();
            let variables = names.map(|name| (name.clone(), value(&template, &name).to_owned()));
            jobs.push(Job {
                variables: variables.collect(),
                template,
                host: host.parse()?,
            });
        }
    }
    Ok(jobs)
}

/// A value that suits the first record with this variable.
fn value(template: &Template, name: &VariableName) -> &'static str {
    let named = Variable::Named(name.clone());
    let mut records = template.records().iter();
    let record = records.find(|record| record.variables().any(|variable| *variable == named));
    let is_number = |number: &Number| *number == Number::Variable(named.clone());
    match record {
        Some(TemplateRecord { ttl: Some(ttl), .. }) if is_number(ttl) => "600",
        Some(record) if record.host.variables().any(|variable| *variable == named) => "v",
        Some(record) => match &record.body {
            RecordBody::Address { rtype, .. } if *rtype == RecordType::A => "192.0.2.1",
            RecordBody::Address { .. } => "2001:db8::1",
            RecordBody::Mx { priority, .. } if is_number(priority) => "10",
            RecordBody::Spf { .. } => "include:spf.test",
            RecordBody::Redirect { .. } => "https://a.test/",
            RecordBody::Mx { .. }
            | RecordBody::Cname { .. }
            | RecordBody::Ns { .. }
            | RecordBody::Txt { .. }
            | RecordBody::Srv { .. }
            | RecordBody::ApexAlias { .. }
            | RecordBody::Generic { .. } => "v",
        },
        None => "v",
    }
}

/// Plans a second, refusals included; as many rounds as fill a second.
fn measure(zone: &Zone, jobs: &[&Job]) -> f64 {
    let (groups, policy) = (BTreeSet::new(), Policy::default());
    let (mut plans, mut made) = (0u32, 0u32);
    let began = Instant::now();
    while began.elapsed().as_secs() < 1 {
        for job in jobs {
            let plan = plan_application(&Application {
                zone,
                services: &[],
                special: &[],
                template: &job.template,
                host: &job.host,
                groups: &groups,
                instance: None,
                variables: &job.variables,
                authenticity: Authenticity::Signed,
                policy: &policy,
            });
            plans += 1;
            made += u32::from(plan.is_ok());
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{:.0} % of the wishes gave a plan",
        100.0 * f64::from(made) / f64::from(plans)
    );
    f64::from(plans) / seconds
}

/// What the other engine does in a second, and the places of the jobs that it could do, when it is there.
fn python(jobs: &[Job]) -> Result<Option<Theirs>, Box<dyn Error>> {
    let mut lines = String::new();
    for job in jobs {
        let template: serde_json::Value = serde_json::from_str(job.template.json())?;
        let host = if job.host.is_apex() {
            String::new()
        } else {
            job.host.to_string()
        };
        let job =
            json!({"records": template.get("records"), "values": job.variables, "host": host});
        writeln!(lines, "{job}")?;
    }
    let child = Command::new("python3")
        .args(["-c", PYTHON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        return Ok(None);
    };
    if let Some(mut input) = child.stdin.take() {
        // It may be gone already, for want of the package.
        let _ = input.write_all(lines.as_bytes());
    }
    let output = child.wait_with_output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut words = text.split_whitespace();
    let Some(rate) = words.next() else {
        return Ok(None);
    };
    let places = words.map(str::parse).collect::<Result<_, _>>()?;
    Ok(Some(Theirs {
        rate: rate.parse()?,
        places,
    }))
}
