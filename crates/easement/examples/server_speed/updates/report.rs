//! What was measured, as tables.

use super::measure::{Figures, Rounds};
use super::peers::Peer;
use crate::data::Data;
use crate::samples::Samples;

/// The table of one number of callers on some data.
pub(super) fn table(rounds: &Rounds) -> String {
    let bind = figures_of(rounds, Peer::Bind);
    let title = format!("{}, {}", rounds.data, callers(rounds.callers));
    let mut lines = vec![format!(
        "{title:<30}{:>10}  {:<24}{:>18}{:>16}{:>18}  {:<24}{:>10}",
        "a second",
        "to BIND",
        "acknowledged, ms",
        "then visible",
        "sent to visible",
        "p99 to BIND",
        "us of CPU"
    )];
    for (peer, figures) in &rounds.figures {
        let rate = figures.per_second.median();
        let to_bind = bind.map(|bind| figures.per_second.per(&bind.per_second));
        let acknowledged = pair(&figures.acknowledged.median, &figures.acknowledged.high);
        let after = pair(&figures.visible_after.median, &figures.visible_after.high);
        let visible = pair(&figures.visible.median, &figures.visible.high);
        let late = bind.map(|bind| figures.visible.high.per(&bind.visible.high));
        let (to_bind, late) = (shown(to_bind), shown(late));
        let cpu = figures.cpu.median();
        lines.push(format!(
            "{peer:<30}{rate:>10.0}  {to_bind:<24}{acknowledged:>18}{after:>16}{visible:>18}  {late:<24}{cpu:>10.1}"
        ));
    }
    for (peer, figures) in &rounds.figures {
        if figures.stale > 0 {
            let stale = figures.stale;
            lines.push(format!(
                "{peer}: {stale} answers were older than what was acknowledged"
            ));
        }
        for (word, count) in &figures.failures {
            lines.push(format!("{peer}: {count} changes failed: {word}"));
        }
    }
    lines.join("\n")
}

/// What a change costs with the most names, to what it costs with the fewest.
pub(super) fn growth(all: &[Rounds]) -> String {
    let of_names = |rounds: &&Rounds| matches!(rounds.data, Data::Names(_));
    let names = |rounds: &&Rounds| rounds.data.names();
    let mut lines = Vec::new();
    let mut counts: Vec<u32> = all.iter().map(|rounds| rounds.callers).collect();
    counts.sort_unstable();
    counts.dedup();
    for count in counts {
        let with = || {
            all.iter()
                .filter(of_names)
                .filter(|rounds| rounds.callers == count)
        };
        let (Some(most), Some(fewest)) = (with().max_by_key(names), with().min_by_key(names))
        else {
            continue;
        };
        if most.data == fewest.data {
            continue;
        }
        lines.push(format!(
            "What {} cost a change, to {}, {}: time of the processor, and changes a second",
            most.data,
            fewest.data,
            callers(count)
        ));
        for (peer, many) in &most.figures {
            let Some(few) = figures_of(fewest, *peer) else {
                continue;
            };
            let (cpu, rate) = (many.cpu.per(&few.cpu), many.per_second.per(&few.per_second));
            lines.push(format!("{peer:<30}{cpu:<26}{rate}"));
        }
    }
    lines.join("\n")
}

fn figures_of(rounds: &Rounds, peer: Peer) -> Option<&Figures> {
    let mut all = rounds.figures.iter();
    all.find_map(|(other, figures)| (*other == peer).then_some(figures))
}

fn callers(count: u32) -> String {
    match count {
        1 => "1 caller".to_owned(),
        count => format!("{count} callers"),
    }
}

/// A median and a 99th percentile, in milliseconds.
fn pair(median: &Samples, high: &Samples) -> String {
    let (median, high) = (median.median() / 1e3, high.median() / 1e3);
    let short = |time: f64| {
        if time < 100.0 {
            format!("{time:.2}")
        } else {
            format!("{time:.0}")
        }
    };
    format!("{} / {}", short(median), short(high))
}

fn shown(ratio: Option<Samples>) -> String {
    ratio.map_or_else(|| "-".to_owned(), |ratio| ratio.to_string())
}
