//! What size costs: how long imports, starts, commands and pages take with few names, many names and many
//! zones, and how much memory the server needs.
//!
//! ```sh
//! ./bench sizes --help
//! ```
//!
//! There is no peer here: what counts is how a figure grows from the first row of a table to the others. Pages are
//! fetched by a browser that is signed in, over a new connection each; commands are whole processes that ask the
//! running server. Each server works on a copy.

mod browser;
mod report;
mod work;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use self::browser::Browser;
use self::work::{Site, measure_import};
use crate::data::Data;
use crate::prepare::prepare;
use crate::samples::Samples;
use crate::{Failure, progress};

/// Imports, starts, memory, commands and pages: with few names, many names and many zones.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// How many names a zone has; each number is measured.
    #[arg(long, value_delimiter = ',', default_value = "1000,1000000")]
    names: Vec<u32>,
    /// How many zones of ten names are measured besides; 0 for none.
    #[arg(long, default_value_t = 100_000)]
    zones: u32,
    /// How often each command is run and each page is fetched.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Where zone files and databases are kept for the next run.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// A look in less than a minute: fewer names, zones and rounds.
    #[arg(long)]
    quick: bool,
}

/// What was measured with some data.
struct Sizes {
    data: Data,
    /// Only of one zone: how long it took, and the most memory of the server in MiB.
    import: Option<(Duration, f64)>,
    ready: Duration,
    /// The time of the processor until then.
    cpu: Duration,
    mebibytes: f64,
    /// Milliseconds of each command and of each page.
    steps: Vec<(String, Samples)>,
}

pub(crate) fn run(mut arguments: Arguments) -> Result<(), Failure> {
    std::fs::create_dir_all(&arguments.folder)?;
    arguments.folder = arguments.folder.canonicalize()?;
    if arguments.quick {
        arguments.names = vec![1_000, 20_000];
        arguments.zones = arguments.zones.min(2_000);
        arguments.rounds = arguments.rounds.min(2);
    }
    let names = arguments.names.iter().map(|names| Data::Names(*names));
    let zones = Some(Data::Zones(arguments.zones)).filter(|_| arguments.zones > 0);
    let all: Result<Vec<Sizes>, Failure> = names
        .chain(zones)
        .map(|data| measure(data, &arguments))
        .collect();
    println!("\n{}", report::table(&all?));
    println!(
        "\nCommands and pages are medians. A command is a whole process; what it prints is read to its end."
    );
    Ok(())
}

fn measure(data: Data, arguments: &Arguments) -> Result<Sizes, Failure> {
    let prepared = prepare(&arguments.folder, data)?;
    let import = match data {
        Data::Names(_) => {
            progress(&format!("{data}: importing"));
            Some(measure_import(&prepared, data)?)
        }
        Data::Zones(_) => None,
    };
    progress(&format!("{data}: starting"));
    let site = Site::start(&prepared, data)?;
    let running = site.running();
    Ok(Sizes {
        data,
        import,
        ready: running.ready,
        cpu: running.process.cpu()?,
        mebibytes: running.process.memory_mebibytes()?,
        steps: steps(&site, data, arguments.rounds)?,
    })
}

/// Runs commands and fetches pages.
fn steps(site: &Site, data: Data, rounds: u32) -> Result<Vec<(String, Samples)>, Failure> {
    let apex = data.apex(0);
    let mut steps = Vec::new();
    for (name, words) in [
        ("easement zone list", &["zone", "list"][..]),
        ("easement zone show", &["zone", "show", &apex]),
        ("easement zone export", &["zone", "export", &apex]),
        ("easement token list", &["token", "list"]),
    ] {
        progress(&format!("{data}: {name}"));
        steps.push((name.to_owned(), take(rounds, || site.run(words))?));
    }
    let browser = Browser::sign_in(site)?;
    for (name, path) in [
        ("page of all zones", "/zones".to_owned()),
        ("page of a zone", format!("/zones/{apex}")),
        (
            "search in a zone",
            format!("/zones/{apex}?q=nothing-has-this"),
        ),
        ("page of its hosts", format!("/zones/{apex}/hosts")),
    ] {
        progress(&format!("{data}: {name}"));
        steps.push((name.to_owned(), take(rounds, || browser.get(&path))?));
    }
    Ok(steps)
}

/// Milliseconds of some rounds.
fn take(
    rounds: u32,
    mut step: impl FnMut() -> Result<Duration, Failure>,
) -> Result<Samples, Failure> {
    let mut samples = Samples::default();
    for _ in 0..rounds {
        samples.add(step()?.as_secs_f64() * 1e3);
    }
    Ok(samples)
}
