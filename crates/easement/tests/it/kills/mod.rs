//! The server, or the database under it, is killed at random moments of a stream of commits: every commit
//! that was acknowledged is there afterwards, none is there by half, serial numbers never go back, and
//! `easement store verify` finds nothing.
//!
//! `EASEMENT_KILLS` says how often (12 without it); `scripts/kill-test` runs the long test.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says why it was skipped"
)]

mod dice;
mod ledger;
mod load;
mod nodes;
mod postgres;
mod victim;

use std::time::{Duration, Instant};

use self::dice::Dice;
use self::ledger::Ledger;
use self::load::Load;
use self::postgres::{End, Postgres};
use self::victim::Victim;
use crate::run::Folder;

/// As many zones are changed at the same time, each by a thread of its own.
const ZONES: usize = 6;

fn kills() -> u64 {
    let kills = std::env::var("EASEMENT_KILLS").ok();
    kills.map_or(12, |kills| kills.parse().unwrap())
}

/// A server with its zones, and what was acknowledged about them.
struct Trial {
    folder: Folder,
    settings: Vec<String>,
    ledgers: Vec<Ledger>,
    dice: Dice,
    acknowledged: usize,
}

impl Trial {
    fn new(settings: Vec<String>) -> Self {
        let dice = Dice::new();
        let mut trial = Self {
            folder: Folder::new(),
            settings,
            ledgers: Vec::new(),
            dice,
            acknowledged: 0,
        };
        let victim = trial.start();
        let account = ["account", "create", "op@example.test"];
        trial.folder.run(&account).done();
        for number in 0..ZONES {
            let apex = format!("zone{number}.test");
            let create = ["zone", "create", &apex, "--owner", "op@example.test"];
            trial.folder.run(&create).done();
            trial.ledgers.push(Ledger::new(apex));
        }
        drop(victim);
        trial
    }

    fn start(&self) -> Victim {
        let mut victim = Victim::spawn(&self.folder, &self.settings);
        victim.wait_until_ready();
        victim
    }

    /// Lets commits stream until so many were acknowledged, and then for a moment more.
    fn load(&mut self) -> Load {
        let load = Load::start(&self.folder, std::mem::take(&mut self.ledgers));
        for _ in 0..self.dice.below(40) {
            load.wait_for_acknowledgement();
        }
        let until = Instant::now() + Duration::from_micros(self.dice.below(4_000));
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        load
    }

    fn end(&mut self, load: Load) {
        self.ledgers = load.stop();
        self.acknowledged = self.ledgers.iter().map(Ledger::acknowledged).sum();
    }

    /// Compares what the running server has with what was acknowledged, and has it verify its store.
    fn check(&mut self) {
        for ledger in &mut self.ledgers {
            ledger.check(&self.folder);
        }
        let verified = self.folder.run(&["store", "verify"]);
        assert_eq!(verified.code, Some(0), "{verified:?}");
    }

    /// Kills the server somewhere in a stream of commits, or while it starts.
    fn kill_server(&mut self, mut victim: Victim) -> Victim {
        let load = self.load();
        victim.kill();
        self.end(load);
        if self.dice.below(8) == 0 {
            let mut victim = Victim::spawn(&self.folder, &self.settings);
            victim.give(Duration::from_millis(self.dice.below(400)));
            victim.kill();
        }
        let victim = self.start();
        self.check();
        victim
    }

    /// Kills the database in a stream of commits: the server goes on by itself when it is back.
    fn kill_database(&mut self, database: &mut Postgres, end: End) {
        let load = self.load();
        database.end(end);
        database.start();
        load.wait_for_each();
        self.end(load);
        self.check();
    }

    fn finish(self, victim: Victim) {
        let seed = self.dice.seed();
        let acknowledged = self.acknowledged;
        eprintln!("seed {seed}: {acknowledged} acknowledged commits are all there");
        assert!(acknowledged > 0);
        victim.stop();
    }
}

#[test]
fn nothing_is_lost_when_the_server_is_killed_on_sqlite() {
    let mut trial = Trial::new(Vec::new());
    let mut victim = trial.start();
    for _ in 0..kills() {
        victim = trial.kill_server(victim);
    }
    trial.finish(victim);
}

#[test]
fn nothing_is_lost_when_the_server_or_the_database_is_killed_on_postgresql() {
    let Some(mut database) = Postgres::make("kills on PostgreSQL") else {
        return;
    };
    let mut trial = Trial::new(vec![format!("store.postgres_url={}", database.url())]);
    let mut victim = trial.start();
    for _ in 0..kills() {
        match trial.dice.below(4) {
            0 | 1 => victim = trial.kill_server(victim),
            2 => trial.kill_database(&mut database, End::Kill),
            _ => trial.kill_database(&mut database, End::Immediate),
        }
    }
    trial.finish(victim);
}
