//! A server that says what a test wants, and clocks.

use std::cell::Cell;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use easement_agent::config::Config;
use easement_agent::send::Access;
use easement_agent::{Agent, Lock, Outside, SecretText, TargetRound, Timer};
use easement_core::{Clock, Timestamp};
use easement_outbound::SystemRandom;
use easement_outbound::dns::Resolvers;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the server says, and what it was asked.
#[derive(Debug, Default)]
struct Script {
    /// Said once each, in this order.
    first: VecDeque<String>,
    /// Said from then on.
    answer: String,
    asked: Vec<String>,
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
    /// New tokens that cannot be written are kept in memory, and written when they can be. The next answer to a renewal
    /// holds these.
    pub(crate) async fn keeps_tokens_until_they_are_written(
        &self,
        agent: &mut Agent,
        new_tokens: &str,
    ) {
        // A folder stands where the file is to be.
        let path = self.path("home.grant");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        let failed = self.round(agent).await;
        assert!(matches!(failed, TargetRound::Failed(_)), "{failed:?}");
        assert!(agent.save().is_err());
        std::fs::remove_dir(&path).unwrap();
        agent.save().unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.contains("rotated"), "{written}");
        self.pass(Duration::from_hours(3));
        self.answers_once(200, "", new_tokens);
        assert_eq!(self.round(agent).await, TargetRound::Sent);
        let requests = self.requests();
        let second = requests.into_iter().nth(1).unwrap();
        assert!(
            second.contains("rotated"),
            "the spent one is not used again"
        );
    }

    /// A machine with this address.
    pub(crate) async fn start(ipv4: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(Script::default()));
        tokio::spawn(serve(listener, Arc::clone(&script)));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ipv4"), ipv4).unwrap();
        std::fs::write(folder.path().join("ipv6"), "").unwrap();
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
        self.agent_for(APERTODNS)
    }

    /// The same, with another target.
    pub(crate) fn agent_for(&self, target: &str) -> Agent {
        let secret = Access::Secret(SecretText::new("token").unwrap());
        self.agent_with(target, secret)
    }

    /// The same, with something else that opens it.
    pub(crate) fn agent_with(&self, target: &str, access: Access) -> Agent {
        self.agent_of(self.config(target), vec![access])
    }

    /// The same, with another configuration.
    pub(crate) fn agent_of(&self, config: Config, access: Vec<Access>) -> Agent {
        let outside = Outside {
            clock: Arc::new(self.clock.clone()),
            timer: Arc::new(self.clock.clone()),
            random: Arc::new(SystemRandom),
            resolvers,
        };
        Agent::start(config, access, self.lock(), outside).unwrap()
    }

    /// The lock of the state. A program that another test starts holds a copy of it for the moment until it runs.
    fn lock(&self) -> Lock {
        let path = self.path("state");
        let mut tries = std::iter::repeat_with(|| {
            std::thread::yield_now();
            Lock::take(&path).ok()
        });
        tries.by_ref().take(100_000).flatten().next().unwrap()
    }

    /// The configuration: the addresses stand in files, and the lines finish the one target.
    pub(crate) fn config(&self, target: &str) -> Config {
        let text = format!(
            "[ipv4]\ncommand = [\"cat\", \"{}\"]\n[ipv6]\ncommand = [\"cat\", \"{}\"]\n\
             [[target]]\nname = \"home\"\n{}",
            self.path("ipv4").display(),
            self.path("ipv6").display(),
            target.replace("SERVER", &format!("http://{}", self.server)),
        );
        Config::parse(&text, &self.path("ddns.toml")).unwrap()
    }

    /// What the machine finds of IPv6 from now on.
    pub(crate) fn ipv6(&self, address: &str) {
        std::fs::write(self.path("ipv6"), address).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the server says from now on.
    pub(crate) fn answers(&self, status: u16, body: &str) {
        self.script.lock().unwrap().answer = answer(status, "", body);
    }

    /// What it says once before that, with another line of the head.
    pub(crate) fn answers_once(&self, status: u16, head: &str, body: &str) {
        let mut script = self.script.lock().unwrap();
        script.first.push_back(answer(status, head, body));
    }

    /// Where it is.
    pub(crate) fn server(&self) -> String {
        format!("http://{}", self.server)
    }

    pub(crate) fn asked(&self) -> usize {
        self.script.lock().unwrap().asked.len()
    }

    /// The requests since the last call, each from its first line on.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.script.lock().unwrap().asked)
    }

    /// Time passes, by both clocks.
    pub(crate) fn pass(&self, while_: Duration) {
        let mut clocks = self.clock.0.lock().unwrap();
        clocks.wall = clocks.wall.plus(while_);
        clocks.running += while_;
    }

    pub(crate) fn set_clock_ahead(&self, while_: Duration) {
        let mut clocks = self.clock.0.lock().unwrap();
        clocks.wall = clocks.wall.plus(while_);
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

thread_local! {
    /// The resolvers of the machine, of which a test may change the second.
    static RESOLVERS: Cell<[SocketAddr; 2]> = const { Cell::new([NOBODY; 2]) };
}

/// Nothing answers there.
const NOBODY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9);

fn resolvers() -> Resolvers {
    Resolvers::new(RESOLVERS.get())
}

/// The machine has come to a network with a second resolver, by which all names lead to the machine itself.
pub(crate) fn come_to_a_network() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    RESOLVERS.set([NOBODY, socket.local_addr().unwrap()]);
    std::thread::spawn(move || {
        let mut asked = [0; 512];
        while let Ok((length, peer)) = socket.recv_from(&mut asked) {
            let (message, _) = asked.split_at(length);
            let (head, rest) = message.split_at(12);
            let name = rest.iter().position(|octet| *octet == 0).unwrap();
            let (question, _) = rest.split_at(name + 5);
            let (id, _) = head.split_at(2);
            let is_a = question.get(name + 1..name + 3) == Some(&[0, 1]);
            let counts = [0x81, 0x80, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0];
            let mut answer = [id, &counts, question].concat();
            if is_a {
                answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
            }
            socket.send_to(&answer, peer).unwrap();
        }
    });
}

/// A target of ApertoDNS.
pub(crate) const APERTODNS: &str =
    "protocol = \"apertodns\"\nserver = \"SERVER\"\nhosts = [\"home.example.com\"]\n";

fn answer(status: u16, head: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Status\r\n{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

async fn serve(listener: TcpListener, script: Arc<Mutex<Script>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let request = read(&mut stream).await;
        let answer = {
            let mut script = script.lock().unwrap();
            script.asked.push(request);
            let first = script.first.pop_front();
            first.unwrap_or_else(|| script.answer.clone())
        };
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

/// A request with its body.
async fn read(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut octets = vec![0; 8192];
    loop {
        let count = stream.read(&mut octets).await.unwrap_or_default();
        let (new, _) = octets.split_at(count);
        text.push_str(&String::from_utf8_lossy(new));
        if count == 0 || is_whole(&text) {
            return text;
        }
    }
}

fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or_default()
}
