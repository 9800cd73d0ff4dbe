//! How fast templates are read, checked, planned and applied, next to the engine in Python.
//!
//! ```sh
//! ./bench engine FOLDER [ROUNDS]
//! ```
//!
//! Every template of the folder is applied at the apex and at a host of a zone like those that people
//! have. Only what both engines carry out is measured. Their rounds take turns, so that both meet the
//! same machine, and the ratio of each round is taken before the median.
//!
//! What the two do is not quite the same. *check* is more here: findings with places and words, where
//! the other engine stops at the first mistake; its JSON Schema is left out. *apply* is more here, too: a
//! plan with rows, effects and warnings in words, and a check that DNS can serve the result. The other
//! engine does not read what it writes: its zones are lists of dictionaries.
#![expect(clippy::print_stdout, reason = "it reports what it measured")]

mod corpus;
mod growth;
mod python;
mod statistics;
#[path = "../../tests/it/template_corpus/values.rs"]
mod values;

use std::error::Error;
use std::path::Path;

use easement_zone::{Zone, zonefile};

use self::corpus::{Job, Stage, World};
use self::python::Python;
use self::statistics::{median, spread};

const ZONE: &str = "\
$ORIGIN example.com.
$TTL 1h
@               SOA   ns1.dns.example. hostmaster 1 2h 15m 2w 5m
                NS    ns1.dns.example.
                A     203.0.113.10
                AAAA  2001:db8:10::1
                MX    10 mx1.oldmail.test.
                MX    20 mx2.oldmail.test.
                TXT   \"v=spf1 mx include:_spf.oldmail.test -all\"
                TXT   \"google-site-verification=abcdefghijklmnopqrstuvwxyz\"
_dmarc          TXT   \"v=DMARC1; p=quarantine; rua=mailto:d@example.com\"
old._domainkey  TXT   \"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB\"
www             CNAME @
shop            CNAME shops.example.net.
app             A     203.0.113.20
                MX    10 mx.oldmail.test.
                TXT   \"some text\"
www.app         A     203.0.113.21
autodiscover    CNAME autodiscover.oldmail.test.
*.dev           A     203.0.113.30
lab             NS    ns1.lab
ns1.lab         A     203.0.113.40
";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder of templates")?;
    let rounds = arguments.next().map_or(Ok(9), |rounds| rounds.parse())?;
    let mut python = Python::start()?;
    if python.is_none() {
        println!("domainconnectzone is not installed: run scripts/install-test-tools to compare\n");
    }
    measure_corpus(Path::new(&folder), rounds, python.as_mut())?;
    growth::measure_zones(python.as_mut())?;
    growth::measure_services()
}

fn measure_corpus(
    folder: &Path,
    rounds: u32,
    mut python: Option<&mut Python>,
) -> Result<(), Box<dyn Error>> {
    let zone: Zone = zonefile::read(ZONE, &zonefile::ReadOptions::default())?.zone;
    let (world, jobs) = (World::new(zone), corpus::jobs(folder)?);
    let mut places = world.possible(&jobs);
    print!(
        "{} applications, {} possible here",
        jobs.len(),
        places.len()
    );
    if let Some(python) = &mut python {
        let theirs = python.load(&world.zone, &jobs)?;
        print!(", {} there", theirs.len());
        places.retain(|place| theirs.binary_search(place).is_ok());
        python.choose(&places)?;
    }
    println!(": {} are measured, {rounds} rounds", places.len());
    let jobs: Vec<&Job> = places.iter().filter_map(|place| jobs.get(*place)).collect();
    println!("microseconds of one, medians; of ratios also the lowest and the highest\n");
    println!(
        "{:>6} {:>8} {:>8} {:>10}  {:<18} to their best",
        "", "ours", "theirs", "ratio", ""
    );
    for stage in Stage::ALL {
        measure_stage(&world, &jobs, (stage, rounds), python.as_deref_mut())?;
    }
    print!("\nhighest memory: {} MiB here", own_memory()? / 1024);
    if let Some(python) = python {
        print!(", {} MiB there", python.memory()? / 1024);
    }
    println!();
    Ok(())
}

fn measure_stage(
    world: &World,
    jobs: &[&Job],
    (stage, rounds): (Stage, u32),
    mut python: Option<&mut Python>,
) -> Result<(), Box<dyn Error>> {
    let count = f64::from(u32::try_from(jobs.len())?);
    let micros = |seconds: f64| seconds * 1e6 / count;
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let own = micros(world.run(jobs, stage, 1));
        ours.push(own);
        if let Some(python) = &mut python {
            let other = micros(python.run(stage, 1)?);
            theirs.push(other);
            ratios.push(other / own);
        }
    }
    let ours = median(&mut ours);
    print!("{:>6} {ours:>8.1}", stage.name());
    if python.is_some() {
        let ((low, high), (best, _)) = (spread(&ratios), spread(&theirs));
        let range = format!("({low:.1} to {high:.1})");
        let (theirs, ratio) = (median(&mut theirs), median(&mut ratios));
        print!(
            " {theirs:>8.1} {ratio:>10.1}  {range:<18} {:.1}",
            best / ours
        );
    }
    println!();
    Ok(())
}

/// The most memory that this program has taken so far, in KiB.
fn own_memory() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number
        .ok_or("the kernel does not tell the memory")?
        .parse()?)
}
