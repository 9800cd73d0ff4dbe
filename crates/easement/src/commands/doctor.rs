//! `easement doctor`.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::Args;
use easement_server::config::Config;
use easement_server::doctor::{Check, Outcome, Outside, WhichZones, examine};
use easement_zone::Name;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::arguments::Common;
use crate::console::{print, print_json, say};

/// So many zones take long enough to show how far it is, and are too many for a line about each thing
/// that is right.
const MANY_ZONES: usize = 20;

#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct DoctorArguments {
    /// The zones to look at; without one, all.
    zones: Vec<Name>,
    /// Looks at the server alone.
    #[arg(long, conflicts_with = "zones")]
    no_zones: bool,
}

const HELP: &str = "\
Looks at the configuration, ports, clock, resolver, certificate, database, webhooks and disk, and for each zone at
what this server answers, the delegation, glue and DS records at its parent, and Domain Connect. Nothing is mended;
each thing that is wrong comes with its remedy.

Run it as the user that the server runs as, or as root. With more than 20 zones, only what is wrong with them
is printed.

Examples:
  easement doctor
  easement doctor example.com --json
  easement doctor --no-zones

Exit codes: 0 nothing fails, though there may be warnings; 1 something fails.";

pub(crate) async fn run(arguments: DoctorArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let config = match common.load_config() {
        Ok(config) => config,
        Err(error) => return show(&[Check::of_configuration(&error)], common),
    };
    let checks = look(&config, arguments, common).await;
    show(&checks, common)
}

async fn look(config: &Config, arguments: DoctorArguments, common: &Common) -> Vec<Check> {
    let which = match arguments {
        DoctorArguments { no_zones: true, .. } => WhichZones::None,
        DoctorArguments { zones, .. } if zones.is_empty() => WhichZones::All,
        DoctorArguments { zones, .. } => WhichZones::These(zones),
    };
    let bar = ProgressBar::hidden();
    let progress = |done: usize, all: usize| {
        if done == 1 && all > MANY_ZONES && std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{wide_bar} {pos} of {len} zones");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_length(u64::try_from(all).unwrap_or(u64::MAX));
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
        bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
    };
    let outside = Outside::of_this_machine();
    let checks = examine(config, common.config_file(), &which, &outside, &progress).await;
    bar.finish_and_clear();
    checks
}

fn show(checks: &[Check], common: &Common) -> anyhow::Result<ExitCode> {
    let count = |outcome| {
        checks
            .iter()
            .filter(|check| check.outcome == outcome)
            .count()
    };
    let (failed, warned) = (count(Outcome::Fail), count(Outcome::Warn));
    if common.json {
        print_json(&json!({"checks": checks, "failed": failed, "warned": warned}))?;
    } else {
        let mut zones: Vec<_> = checks
            .iter()
            .filter_map(|check| check.zone.as_ref())
            .collect();
        zones.dedup();
        let is_many = zones.len() > MANY_ZONES;
        for check in checks {
            if !(is_many && check.zone.is_some() && check.outcome == Outcome::Ok) {
                print(in_words(check));
            }
        }
        let looked = summary(checks.len(), zones.len());
        say(format_args!(
            "{looked}: {failed} fail, {}.",
            counted(warned, "warning")
        ));
    }
    Ok(ExitCode::from(u8::from(failed > 0)))
}

/// How much was looked at.
fn summary(checks: usize, zones: usize) -> String {
    let verb = if checks == 1 { "was" } else { "were" };
    let zones = match zones {
        0 => "and no zone".to_owned(),
        _ => format!("with those of {}", counted(zones, "zone")),
    };
    format!("{} {verb} looked at, {zones}", counted(checks, "thing"))
}

fn counted(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    }
}

/// One line, and under what is wrong its remedy.
fn in_words(check: &Check) -> String {
    let color = match check.outcome {
        Outcome::Ok => AnsiColor::Green,
        Outcome::Warn => AnsiColor::Yellow,
        Outcome::Fail => AnsiColor::Red,
    };
    let style = Style::new().fg_color(Some(color.into())).bold();
    let zone = match &check.zone {
        Some(zone) => format!("{} ", zone.to_text()),
        None => String::new(),
    };
    let remedy = match &check.remedy {
        Some(remedy) => format!("\n      do: {remedy}"),
        None => String::new(),
    };
    format!(
        "{style}{:4}{style:#}  {zone}{}: {}{remedy}",
        check.outcome, check.check, check.found
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_is_counted_in_words() {
        for (checks, zones, words) in [
            (1, 0, "1 thing was looked at, and no zone"),
            (9, 0, "9 things were looked at, and no zone"),
            (12, 1, "12 things were looked at, with those of 1 zone"),
            (15, 2, "15 things were looked at, with those of 2 zones"),
        ] {
            assert_eq!(summary(checks, zones), words);
        }
    }
}
