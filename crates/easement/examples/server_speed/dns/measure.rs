//! What is measured, and in which order.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use super::Options;
use super::client::Answers;
use super::servers::Program;
use crate::data::{Data, Edns};
use crate::prepare::prepare;
use crate::process::{Cores, on_core};
use crate::running::Running;
use crate::samples::Samples;
use crate::{Failure, progress};

/// Those whose memory and start are compared.
pub(crate) const SERVERS: [Program; 3] = [Program::Easement, Program::Nsd, Program::Knot];
/// Those that are asked.
pub(crate) const ASKED: [Program; 4] = [
    Program::Easement,
    Program::Nsd,
    Program::Knot,
    Program::Echo,
];
/// How long each server is asked before its memory is taken.
const WARM_UP: Duration = Duration::from_millis(500);

//------------ Starts ----------------------------------------------------------------------------

/// How a server starts.
#[derive(Debug, Default)]
pub(crate) struct Start {
    pub(crate) ready: Samples,
    pub(crate) cpu: Samples,
    pub(crate) mebibytes: Samples,
}

/// Starts each server alone, on all cores, several times in turns.
pub(crate) fn starts(data: Data, options: &Options) -> Result<[Start; 3], Failure> {
    let folder = prepare(&options.folder, data)?;
    let mut starts = [Start::default(), Start::default(), Start::default()];
    for turn in 0..options.starts {
        for (program, start) in SERVERS.into_iter().zip(&mut starts) {
            progress(&format!("{data}: start {} of {program}", turn + 1));
            let running = program.start(&folder, data, Cores::All)?;
            start.cpu.add(running.process.cpu()?.as_secs_f64());
            start.ready.add(running.ready.as_secs_f64());
            let questions = [data.code(), turn.to_string()];
            ask(&running, program, &questions, options.edns, WARM_UP)?;
            start.mebibytes.add(running.process.memory_mebibytes()?);
        }
    }
    Ok(starts)
}

//------------ Rounds ----------------------------------------------------------------------------

/// How a server answers.
#[derive(Debug, Default)]
pub(crate) struct Speed {
    /// Answers for each second that the server had a core.
    pub(crate) per_core: Samples,
    /// Answers for each second.
    pub(crate) per_second: Samples,
}

impl Speed {
    /// The time of the processor for one answer, in microseconds.
    pub(crate) fn microseconds(&self) -> Samples {
        self.per_core.map(|rate| 1e6 / rate)
    }
}

/// The answers of each server to the questions of some data.
pub(crate) struct Rounds {
    pub(crate) data: Data,
    pub(crate) speeds: [Speed; 4],
    folder: PathBuf,
}

/// Asks each server with each data in turn, again and again. All share the first core, and only the
/// one that is asked has something to do.
pub(crate) fn rounds(options: &Options) -> Result<Vec<Rounds>, Failure> {
    let mut all = Vec::new();
    for names in &options.names {
        let data = Data::Names(*names);
        all.push(Rounds {
            data,
            speeds: Default::default(),
            folder: prepare(&options.folder, data)?,
        });
    }
    let mut servers = Vec::new();
    for rounds in &all {
        progress(&format!("{}: starting every server", rounds.data));
        for program in ASKED {
            let (folder, data) = (&rounds.folder, rounds.data);
            servers.push(program.start(folder, data, Cores::First)?);
        }
    }
    for round in 0..options.rounds {
        progress(&format!("round {} of {}", round + 1, options.rounds));
        let mut servers = servers.iter();
        for rounds in &mut all {
            let speeds = ASKED.into_iter().zip(&mut rounds.speeds);
            for ((program, speed), server) in speeds.zip(servers.by_ref()) {
                let questions = [rounds.data.code(), round.to_string()];
                let time = Duration::from_millis(options.milliseconds);
                let before = server.process.cpu()?;
                let answers = ask(server, program, &questions, options.edns, time)?;
                let cpu = server.process.cpu()?.saturating_sub(before);
                let all = f64::from(answers.all);
                speed.per_core.add(all / cpu.as_secs_f64());
                speed.per_second.add(all / time.as_secs_f64());
            }
        }
    }
    Ok(all)
}

/// Lets a client of its own, on the second core, ask a server for a while.
fn ask(
    server: &Running,
    program: Program,
    [data, seed]: &[String; 2],
    edns: Edns,
    time: Duration,
) -> Result<Answers, Failure> {
    let mut client = Command::new(std::env::current_exe()?);
    client
        .args(["dns", "ask", &server.address.to_string(), data])
        .args(["--seed", seed])
        .args(["--milliseconds", &time.as_millis().to_string()]);
    if let Edns::With = edns {
        client.arg("--edns");
    }
    let start = Instant::now();
    let output = on_core("1", &client).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let answers: Answers = text.trim().parse().map_err(|_| {
        let error = String::from_utf8_lossy(&output.stderr);
        format!("the client failed after {:?}: {error}", start.elapsed())
    })?;
    check(program, answers)?;
    Ok(answers)
}

/// Servers are only compared when they give the answers that the questions deserve.
fn check(program: Program, answers: Answers) -> Result<(), Failure> {
    let share = |count: u32| f64::from(count) / f64::from(answers.all.max(1));
    let is_right = answers.failures == 0
        && (0.70..0.78).contains(&share(answers.records))
        && (0.09..0.11).contains(&share(answers.missing));
    if is_right || program == Program::Echo {
        Ok(())
    } else {
        Err(format!("{program} does not answer what was asked: {answers:?}").into())
    }
}
