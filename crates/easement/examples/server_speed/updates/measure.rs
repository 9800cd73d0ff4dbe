//! What is measured, and in which order.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Options;
use super::caller::Event;
use super::load::Load;
use super::peers::Peer;
use super::target::Target;
use crate::data::Data;
use crate::samples::Samples;
use crate::{Failure, progress};

/// How long each server is kept busy before anything counts: API tokens are verified, and caches fill.
const WARM_UP: Duration = Duration::from_millis(1_500);

/// What each round gave of one peer with one number of callers.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Acknowledged changes a second, and the microseconds until each was, while nobody looks for them.
    pub(super) per_second: Samples,
    pub(super) acknowledged: Latency,
    /// The time of the processor for one of them, until nothing was left to do, in microseconds.
    pub(super) cpu: Samples,
    /// Microseconds until a change was visible: since it was sent, and since it was acknowledged.
    pub(super) visible: Latency,
    pub(super) visible_after: Latency,
    /// Answers that were older than an acknowledgement.
    pub(super) stale: u64,
    /// Changes that were not made, by what was said.
    pub(super) failures: BTreeMap<String, u64>,
}

/// Medians, and what one of a hundred takes longer than.
#[derive(Debug, Default)]
pub(super) struct Latency {
    pub(super) median: Samples,
    pub(super) high: Samples,
}

impl Latency {
    fn add(&mut self, mut times: Vec<u32>) {
        times.sort_unstable();
        let at = |percent: usize| {
            let place = times.len() * percent / 100;
            times.get(place).map_or(f64::NAN, |time| f64::from(*time))
        };
        self.median.add(at(50));
        self.high.add(at(99));
    }
}

/// The figures of all peers for some data and a number of callers.
pub(super) struct Rounds {
    pub(super) data: Data,
    pub(super) callers: u32,
    pub(super) figures: Vec<(Peer, Figures)>,
}

/// Keeps all servers of some data busy in turns, again and again, with each number of callers.
pub(super) fn rounds(
    data: Data,
    peers: &[Peer],
    options: &Options,
) -> Result<Vec<Rounds>, Failure> {
    let mut targets = Vec::new();
    for peer in peers {
        progress(&format!("{data}: starting {peer}"));
        targets.push(Target::start(*peer, data, options)?);
    }
    let figures = || peers.iter().map(|peer| (*peer, Figures::default()));
    let mut all: Vec<Rounds> = options
        .callers
        .iter()
        .map(|callers| Rounds {
            data,
            callers: *callers,
            figures: figures().collect(),
        })
        .collect();
    let most = options.callers.iter().copied().max().unwrap_or(1);
    let load = Load {
        data,
        callers: most,
        seed: 0,
        looks: true,
        time: WARM_UP,
    };
    for target in &targets {
        load.run(target, |_, _| {})?;
        target.settle()?;
    }
    for round in 0..options.rounds {
        progress(&format!(
            "{data}: round {} of {}",
            round + 1,
            options.rounds
        ));
        for rounds in &mut all {
            let callers = rounds.callers;
            for (target, (_, figures)) in targets.iter().zip(&mut rounds.figures) {
                let seed = 1 + 2 * (round * 1_000 + callers);
                let load = Load {
                    data,
                    callers,
                    seed,
                    looks: false,
                    time: options.time,
                };
                measure(target, load, figures)
                    .map_err(|error| format!("{}: {error}", target.peer))?;
            }
        }
    }
    Ok(all)
}

/// Changes alone, and then changes that are looked for.
fn measure(target: &Target, load: Load, figures: &mut Figures) -> Result<(), Failure> {
    let before = target.cpu()?;
    let mut times = Vec::new();
    load.run(target, |_, event| match event {
        Some(Event::Acknowledged { after }) => times.push(micros(after)),
        Some(Event::Failed(word)) => *figures.failures.entry(word).or_default() += 1,
        Some(Event::Visible { .. }) | None => {}
    })?;
    target.settle()?;
    let count = f64::from(u32::try_from(times.len())?);
    let cpu = target.cpu()?.saturating_sub(before);
    figures.per_second.add(count / load.time.as_secs_f64());
    figures.cpu.add(cpu.as_secs_f64() * 1e6 / count);
    figures.acknowledged.add(times);

    let load = Load {
        seed: load.seed + 1,
        looks: true,
        ..load
    };
    let (mut times, mut times_after) = (Vec::new(), Vec::new());
    load.run(target, |_, event| match event {
        Some(Event::Visible {
            after,
            since_acknowledged,
            stale,
        }) => {
            times.push(micros(after));
            times_after.push(micros(since_acknowledged));
            figures.stale += u64::from(stale);
        }
        Some(Event::Failed(word)) => *figures.failures.entry(word).or_default() += 1,
        Some(Event::Acknowledged { .. }) | None => {}
    })?;
    target.settle()?;
    figures.visible.add(times);
    figures.visible_after.add(times_after);
    Ok(())
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}
