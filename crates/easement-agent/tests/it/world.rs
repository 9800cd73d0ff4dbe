//! A server that says what a test wants, and clocks.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use easement_agent::config::Config;
use easement_agent::send::Access;
use easement_agent::{Agent, Outside, SecretText, TargetRound, Timer};
use easement_core::{Clock, Timestamp};
use easement_outbound::SystemRandom;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What the server says, and how often it was asked.
#[derive(Debug)]
struct Script {
    answer: String,
    asked: usize,
}

#[derive(Debug)]
struct Clocks {
    wall: Timestamp,
    running: Duration,
}

/// Both clocks, as a test sets them.
#[derive(Clone)]
struct SetClock(Arc<Mutex<Clocks>>);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().wall
    }
}

impl Timer for SetClock {
    fn running(&self) -> Duration {
        self.0.lock().unwrap().running
    }
}

pub(crate) struct World {
    folder: TempDir,
    server: SocketAddr,
    script: Arc<Mutex<Script>>,
    clock: SetClock,
}

impl World {
    /// A machine with this address.
    pub(crate) async fn start(ipv4: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(Script {
            answer: String::new(),
            asked: 0,
        }));
        tokio::spawn(serve(listener, Arc::clone(&script)));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ipv4"), ipv4).unwrap();
        let clocks = Clocks {
            wall: Timestamp::from_micros(1_795_301_748_000_000),
            running: Duration::ZERO,
        };
        Self {
            folder,
            server,
            script,
            clock: SetClock(Arc::new(Mutex::new(clocks))),
        }
    }

    /// An agent with what is on disk, as after a restart.
    pub(crate) fn agent(&self) -> Agent {
        let address = self.path("ipv4");
        let text = format!(
            "[ipv4]\ncommand = [\"cat\", \"{}\"]\n[ipv6]\nfrom = \"off\"\n\
             [[target]]\nname = \"home\"\nprotocol = \"apertodns\"\n\
             server = \"http://{}\"\nhosts = [\"home.example.com\"]\n",
            address.display(),
            self.server
        );
        let config = Config::parse(&text, &self.path("ddns.toml")).unwrap();
        let secret = Access::Secret(SecretText::new("token").unwrap());
        let outside = Outside {
            clock: Arc::new(self.clock.clone()),
            timer: Arc::new(self.clock.clone()),
            random: Arc::new(SystemRandom),
        };
        Agent::start(config, vec![secret], self.path("state"), outside).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn answers(&self, status: u16, body: &str) {
        let length = body.len();
        self.script.lock().unwrap().answer = format!(
            "HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
    }

    pub(crate) fn asked(&self) -> usize {
        self.script.lock().unwrap().asked
    }

    /// Time passes, by both clocks.
    pub(crate) fn pass(&self, while_: Duration) {
        let mut clocks = self.clock.0.lock().unwrap();
        clocks.wall = clocks.wall.plus(while_);
        clocks.running += while_;
    }

    pub(crate) fn set_clock_back(&self, while_: Duration) {
        let mut clocks = self.clock.0.lock().unwrap();
        clocks.wall = clocks.wall.minus(while_);
    }

    /// What becomes of the one target.
    pub(crate) async fn round(&self, agent: &mut Agent) -> TargetRound {
        let mut round = agent.round().await;
        round.targets.remove(0).1
    }
}

async fn serve(listener: TcpListener, script: Arc<Mutex<Script>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut octets = vec![0; 8192];
        let _ = stream.read(&mut octets).await;
        let answer = {
            let mut script = script.lock().unwrap();
            script.asked += 1;
            script.answer.clone()
        };
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}
