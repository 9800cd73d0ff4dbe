//! `easement demo`, as a program.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::person::Person;
use crate::run::{Ended, Folder};

const FREE_PORTS: [&str; 6] = ["--web-port", "0", "--dns-port", "0", "--provider-port", "0"];
const EXAMPLE_PORT: &str = "--example-service-port";

/// The demo on free ports; it is ended with the test, however that ends.
pub(crate) struct Demo {
    process: Child,
    /// What it says to its user.
    pub(crate) guide: String,
    /// Open as long as the demo runs, which may say more.
    _output: BufReader<ChildStdout>,
}

impl Demo {
    pub(crate) fn start(folder: &Folder) -> Self {
        Self::start_with(folder, &[EXAMPLE_PORT, "0"])
    }

    fn start_with(folder: &Folder, more: &[&str]) -> Self {
        let mut process = folder
            .command(&[&["demo"][..], &FREE_PORTS, more].concat())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut guide = String::new();
        while !guide.contains("Ctrl-C stops") {
            assert!(output.read_line(&mut guide).unwrap() > 0, "{guide}");
        }
        Self {
            process,
            guide,
            _output: output,
        }
    }

    /// Address and port of its DNS server, from the first `dig @ADDRESS -p PORT NAME TYPE` of the guide.
    pub(crate) fn dns(&self) -> String {
        let (_, dig) = self.guide.split_once("dig @").unwrap();
        let mut words = dig.split(' ');
        let (address, port) = (words.next().unwrap(), words.nth(1).unwrap());
        format!("{address}:{port}")
    }

    /// Where the example service is, with the values that the guide fills in.
    pub(crate) fn example_service(&self) -> Option<&str> {
        let (_, rest) = self.guide.split_once("http://localhost:")?;
        let (port, _) = rest.split_once('/')?;
        self.guide
            .split_whitespace()
            .find(|word| word.starts_with(&format!("http://localhost:{port}/")))
    }

    /// A page of its server.
    pub(crate) fn page(&self, path: &str) -> String {
        let (before, _) = self.guide.split_once("/zones/example.test").unwrap();
        let (_, origin) = before.rsplit_once(' ').unwrap();
        format!("{origin}{path}")
    }

    /// Who owns example.test, with the password.
    pub(crate) fn owner(&self) -> (String, String) {
        let mut lines = self.guide.lines();
        let line = lines.find(|line| line.contains("owner@example.test"));
        let (email, password) = line.unwrap().split_once("password:").unwrap();
        (email.trim().to_owned(), password.trim().to_owned())
    }

    /// Runs a command that asks this demo alone.
    pub(crate) fn run(&self, folder: &Folder, arguments: &[&str]) -> Ended {
        let dns = self.dns();
        let reach = ["--allow-loopback", "--resolver", &dns];
        folder.run(&[arguments, &reach].concat())
    }

    /// Stops it as Ctrl-C does.
    fn stop(mut self) {
        let kill = format!("kill -INT {}", self.process.id());
        Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn address(url: &str) -> SocketAddr {
    let url: url::Url = url.parse().unwrap();
    SocketAddr::from(([127, 0, 0, 1], url.port().unwrap()))
}

#[test]
fn the_example_service_begins_and_ends_with_the_demo_and_goes_on_where_it_was() {
    let folder = Folder::new();
    let demo = Demo::start(&folder);
    let page = address(demo.example_service().unwrap());
    assert!(TcpStream::connect(page).is_ok());
    let key = std::fs::read(folder.path().join("easement-demo/partner-key.der")).unwrap();
    demo.stop();
    assert!(TcpStream::connect(page).is_err(), "it still listens");

    // The client is there already: it is given another secret.
    let demo = Demo::start(&folder);
    let store = ["--set", "store.data_dir=easement-demo"];
    let clients = folder
        .run(&[&["client", "list", "--json"][..], &store].concat())
        .done();
    assert_eq!(clients.matches("\"id\":").count(), 2, "{clients}");
    assert!(clients.contains("statelesshosting.test"), "{clients}");
    let same = std::fs::read(folder.path().join("easement-demo/partner-key.der")).unwrap();
    assert!(key == same, "what is published would not fit any more");
    demo.stop();
}

#[test]
fn a_port_that_is_taken_is_named_and_the_example_service_can_be_left_out() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let arguments = [&["demo"][..], &FREE_PORTS, &[EXAMPLE_PORT, &port]].concat();
    folder.run(&arguments).failed(
        1,
        &[
            &format!("cannot serve the example service on 127.0.0.1:{port}"),
            EXAMPLE_PORT,
            "--no-example-service",
        ],
    );
    let demo = Demo::start_with(&folder, &["--no-example-service"]);
    assert_eq!(demo.example_service(), None, "{}", demo.guide);
    demo.stop();
    let both = ["demo", "--no-example-service", EXAMPLE_PORT, "0"];
    folder.run(&both).failed(2, &["cannot be used with"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_is_one_row_on_a_small_desktop() {
    let Some(person) = Person::start().await else {
        return;
    };
    person.open(&person.demo.page("/sign-in")).await;
    person.sign_in().await;
    let height = "return document.querySelector('.bar').offsetHeight";
    for width in [1000, 1100, 1280] {
        person.browser.show_narrow(width).await;
        let height = person.page().execute(height, Vec::new()).await.unwrap();
        let height = height.json().as_u64().unwrap();
        assert!(height < 80, "{width} pixels: {height}");
    }
    person.browser.show_narrow(390).await;
    let overflow = "return document.documentElement.scrollWidth";
    let overflow = person.page().execute(overflow, Vec::new()).await.unwrap();
    assert_eq!(overflow.json().as_u64(), Some(390));
}
