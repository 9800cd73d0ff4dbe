//! What was measured, as tables.

use super::measure::{ASKED, Rounds, SERVERS, Speed, Start};
use super::servers::Program;
use crate::data::Data;

/// The table of one data's rounds.
pub(crate) fn speed_table(rounds: &Rounds) -> String {
    let nsd = of(Program::Nsd, &ASKED, &rounds.speeds);
    let mut lines = vec![format!(
        "{:<24}{:>16}{:>12}{:>14}  to NSD",
        rounds.data, "a core-second", "a second", "us of CPU"
    )];
    for (program, speed) in ASKED.iter().zip(&rounds.speeds) {
        let (core, second) = (speed.per_core.median(), speed.per_second.median());
        let cost = speed.microseconds().median();
        let ratio = nsd.map(|nsd| speed.per_core.per(&nsd.per_core));
        let ratio = ratio.unwrap_or_default();
        lines.push(format!(
            "{program:<24}{core:>16.0}{second:>12.0}{cost:>14.2}  {ratio}"
        ));
    }
    lines.join("\n")
}

/// The table of one data's starts.
pub(crate) fn start_table(data: Data, starts: &[Start; 3]) -> String {
    let nsd = of(Program::Nsd, &SERVERS, starts);
    let knot = of(Program::Knot, &SERVERS, starts);
    let mut lines = vec![format!(
        "{data:<24}{:>10}  {:<22}{:>10}{:>10}  to Knot",
        "ready, s", "to NSD", "CPU, s", "PSS, MiB"
    )];
    for (program, start) in SERVERS.iter().zip(starts) {
        let (ready, cpu) = (start.ready.median(), start.cpu.median());
        let ratio = nsd.map(|nsd| start.ready.per(&nsd.ready));
        let ratio = ratio.unwrap_or_default();
        let memory = knot.map(|knot| start.mebibytes.per(&knot.mebibytes));
        let memory = memory.unwrap_or_default();
        let mebibytes = start.mebibytes.median();
        lines.push(format!(
            "{program:<24}{ready:>10.2}  {ratio:<22}{cpu:>10.2}{mebibytes:>10.1}  {memory}"
        ));
    }
    lines.join("\n")
}

/// What a query costs with the most names, to what it costs with the fewest.
pub(crate) fn growth(all: &[Rounds]) -> String {
    let names = |rounds: &&Rounds| match rounds.data {
        Data::Names(names) => names,
        Data::Zones(_) => 0,
    };
    let (Some(most), Some(fewest)) = (all.iter().max_by_key(names), all.iter().min_by_key(names))
    else {
        return String::new();
    };
    let mut lines = vec![format!(
        "What {} cost a query, to {}",
        most.data, fewest.data
    )];
    for program in SERVERS {
        let cost = |rounds: &Rounds| {
            let speed = of(program, &ASKED, &rounds.speeds);
            speed.map(Speed::microseconds).unwrap_or_default()
        };
        lines.push(format!("{program:<24}{}", cost(most).per(&cost(fewest))));
    }
    lines.join("\n")
}

fn of<'a, T>(program: Program, programs: &[Program], values: &'a [T]) -> Option<&'a T> {
    let place = programs.iter().position(|other| *other == program)?;
    values.get(place)
}
