//! Two servers on one PostgreSQL database, either of which is killed in a stream of commits through both.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use super::dice::Dice;
use super::ledger::Ledger;
use super::load::Load;
use super::postgres::Postgres;
use super::victim::Victim;
use super::{Trial, kills};
use crate::run::Folder;

/// For a machine that is busy with other things; usually it takes milliseconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server with a data folder and ports of its own.
struct Node {
    folder: Folder,
    settings: Vec<String>,
    port: u16,
    metrics_port: u16,
    victim: Victim,
}

impl Node {
    fn start(folder: Folder, database: &Postgres) -> Self {
        let [port, metrics_port] = free_ports();
        let settings = vec![
            format!("store.postgres_url={}", database.url()),
            format!("dns.listen=127.0.0.1:{port}"),
            format!("metrics.listen=127.0.0.1:{metrics_port}"),
        ];
        let mut victim = Victim::spawn(&folder, &settings);
        victim.wait_until_ready();
        Self {
            folder,
            settings,
            port,
            metrics_port,
            victim,
        }
    }

    fn start_again(&mut self) {
        self.victim = Victim::spawn(&self.folder, &self.settings);
        self.victim.wait_until_ready();
    }

    /// Waits until DNS answers with what is known of each zone, compares the rest with it, and has the
    /// server verify the store and its memory.
    fn check(&self, ledgers: &mut [Ledger]) {
        for ledger in &mut *ledgers {
            let end = Instant::now() + PATIENCE;
            while self.answer(ledger.apex()) < ledger.number() {
                assert!(Instant::now() < end, "not followed: {ledger:?}");
            }
            ledger.check(&self.folder);
        }
        let verified = self.folder.run(&["store", "verify"]);
        assert_eq!(verified.code, Some(0), "{verified:?}");
    }

    /// Waits until `/readyz` says this.
    fn wait_for_readiness(&self, words: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.metrics_port)).unwrap();
            let request = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(request).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            if answer.contains(words) {
                return;
            }
            assert!(Instant::now() < end, "{answer}");
        }
    }

    /// The number that DNS answers with; zero for a zone that is new here.
    fn answer(&self, apex: &str) -> u64 {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let server = (Ipv4Addr::LOCALHOST, self.port);
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.send_to(&question(apex), server).unwrap();
        let mut answer = [0; 512];
        let length = socket.recv(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
        let (_, number) = answer.split_once("number=").unwrap_or_default();
        let digits = number.split(|c: char| !c.is_ascii_digit()).next();
        digits.unwrap_or_default().parse().unwrap_or_default()
    }
}

fn free_ports() -> [u16; 2] {
    let free = [(); 2].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    free.map(|listener| listener.local_addr().unwrap().port())
}

/// Asks for the text of the first host.
fn question(apex: &str) -> Vec<u8> {
    const TXT: u8 = 16;
    let mut message = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in format!("host0.{apex}").split('.') {
        message.push(u8::try_from(label.len()).unwrap());
        message.extend(label.as_bytes());
    }
    message.extend([0, 0, TXT, 0, 1]);
    message
}

/// Kills one of two nodes in a stream of commits through both. The other one goes on, and the one that
/// was killed catches up.
fn kill_one(nodes: &mut [Node; 2], ledgers: &mut Vec<Ledger>, dice: &mut Dice) {
    let [one, two] = &mut *nodes;
    let half = ledgers.split_off(ledgers.len() / 2);
    let loads = [
        Load::start(&one.folder, std::mem::take(ledgers)),
        Load::start(&two.folder, half),
    ];
    for load in &loads {
        for _ in 0..dice.below(20) {
            load.wait_for_acknowledgement();
        }
    }
    let (dies, lives) = if dice.below(2) == 0 { (0, 1) } else { (1, 0) };
    nodes[dies].victim.kill();
    loads[lives].wait_for_each();
    for load in loads {
        ledgers.extend(load.stop());
    }
    nodes[dies].start_again();
    // What started last has read everything; the other one may still be about to hear of it.
    nodes[dies].check(ledgers);
    nodes[lives].check(ledgers);
}

#[test]
fn of_two_servers_on_one_database_either_may_be_killed() {
    let Some(database) = Postgres::make("two servers on PostgreSQL") else {
        return;
    };
    let trial = Trial::new(vec![format!("store.postgres_url={}", database.url())]);
    let Trial {
        folder,
        mut ledgers,
        mut dice,
        ..
    } = trial;
    let mut nodes = [folder, Folder::new()].map(|folder| Node::start(folder, &database));
    for _ in 0..kills().div_ceil(2) {
        kill_one(&mut nodes, &mut ledgers, &mut dice);
    }
    let acknowledged: usize = ledgers.iter().map(Ledger::acknowledged).sum();
    eprintln!("seed {}: {acknowledged} commits on two nodes", dice.seed());
    assert!(acknowledged > 0);
    for node in nodes {
        node.victim.stop();
    }
}

/// Every process of the database stops in a stream of commits, and goes on later.
#[test]
fn dns_goes_on_while_the_database_stands_still() {
    let Some(database) = Postgres::make("a database that stands still") else {
        return;
    };
    let trial = Trial::new(vec![format!("store.postgres_url={}", database.url())]);
    let apexes: Vec<String> = trial
        .ledgers
        .iter()
        .map(|ledger| ledger.apex().to_owned())
        .collect();
    let node = Node::start(trial.folder, &database);
    let load = Load::start(&node.folder, trial.ledgers);
    for _ in 0..2 {
        load.wait_for_each();
        database.stand_still();
        node.wait_for_readiness(" 503 ");
        for apex in &apexes {
            assert!(node.answer(apex) > 0, "{apex}");
        }
        database.go_on();
        node.wait_for_readiness(" 200 ");
    }
    load.wait_for_each();
    node.check(&mut load.stop());
    node.victim.stop();
}
