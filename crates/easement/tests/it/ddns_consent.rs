//! `easement ddns` over Domain Connect and NameDrop: a person permits it in a browser, and takes that back.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};

use serde_json::{Value, json};
use url::Url;

use crate::person::Person;
use crate::run::{Ended, Folder};

const HOME: &str = "laptop.example.test";
/// Where the well-known client wants people back. Nothing is there: they copy the code from the address.
const BACK: &str = "https://dynamicdns.domainconnect.org/ddnscode";
const SETUP: [&str; 6] = [
    "setup",
    "--protocol",
    "domain-connect",
    "--host",
    HOME,
    "--allow-http",
];

/// The machine of the person.
struct Machine(Person);

impl Machine {
    async fn start() -> Option<Self> {
        let person = Person::start().await?;
        let folder = person.folder.path().display();
        person.folder.write(
            "ddns.toml",
            &format!(
                "state_file = \"{folder}/state/ddns.state\"\nresolver = \"{}\"\n\
                 [ipv4]\ncommand = [\"/bin/cat\", \"{folder}/ipv4\"]\n\
                 [ipv6]\ncommand = [\"/bin/cat\", \"{folder}/ipv6\"]\n",
                person.demo.dns()
            ),
        );
        let machine = Self(person);
        machine.move_to("9.9.9.51", "2620:fe::51");
        Some(machine)
    }

    fn move_to(&self, ipv4: &str, ipv6: &str) {
        self.0.folder.write("ipv4", ipv4);
        self.0.folder.write("ipv6", ipv6);
    }

    fn ddns(&self, arguments: &[&str]) -> Ended {
        let config = ["ddns", "--config", "ddns.toml"];
        self.0.folder.run(&[&config[..], arguments].concat())
    }

    fn once(&self) -> Ended {
        self.ddns(&["run", "--once"])
    }

    /// The whole set-up. The person signs in when they are asked to.
    async fn set_up(&self, is_signed_in: bool) -> (Option<i32>, String) {
        let setup = Setup::begin(&self.0.folder, &SETUP);
        self.0.open(&setup.link).await;
        if !is_signed_in {
            self.0.sign_in().await;
        }
        self.0.reads(&[HOME]).await;
        self.0.agree().await;
        let address = self.0.address().await;
        assert!(address.starts_with(BACK), "{address}");
        setup.paste(&address)
    }

    /// The same over NameDrop, where the person chooses a host.
    async fn set_up_names(&self, is_signed_in: bool, host: &str) -> (Option<i32>, String) {
        let server = self.0.demo.page("/namedrop");
        let arguments = ["setup", "--protocol", "namedrop", "--server", &server];
        let setup = Setup::begin(
            &self.0.folder,
            &[&arguments[..], &["--host", HOME]].concat(),
        );
        self.0.open(&setup.link).await;
        if !is_signed_in {
            self.0.sign_in().await;
        }
        self.0.press("#pick-other").await;
        self.0.type_into("#host", host).await;
        self.0.click("button[value=host]").await;
        self.0.agree().await;
        self.0.comes_to("http://127.0.0.1:").await;
        self.0.reads_soon("You can close this window").await;
        setup.end()
    }

    /// Its owner takes what was given away.
    async fn is_taken_away(&self) {
        let person = &self.0;
        person.open(&person.demo.page("/apps")).await;
        person.click("main a[href^='/apps/']").await;
        person.click("a.danger[href$='/revoke']").await;
        person.click("main button.danger[type=submit]").await;
    }

    fn grant(&self) -> Value {
        let path = self.0.folder.path().join("state/laptop.grant");
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    /// Changes what is kept of the permission.
    fn change_grant(&self, change: impl FnOnce(&mut Value)) {
        let mut grant = self.grant();
        change(&mut grant);
        let path = self.0.folder.path().join("state/laptop.grant");
        fs::write(path, grant.to_string()).unwrap();
    }

    #[track_caller]
    fn has(&self, ipv4: &str, ipv6: &str) {
        assert_eq!(self.0.dig(HOME, "A"), [ipv4]);
        assert_eq!(self.0.dig(HOME, "AAAA"), [ipv6]);
    }
}

/// `easement ddns setup`, which has shown a link and waits for the browser, or for what is pasted.
struct Setup {
    program: Child,
    output: BufReader<ChildStderr>,
    link: String,
}

impl Setup {
    fn begin(folder: &Folder, arguments: &[&str]) -> Self {
        let config = ["ddns", "--config", "ddns.toml"];
        let mut command = folder.command(&[&config[..], arguments].concat());
        let command = command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut program = command.spawn().unwrap();
        let mut output = BufReader::new(program.stderr.take().unwrap());
        let mut link = String::new();
        while !link.starts_with("http") || !link.contains('?') {
            link.clear();
            assert!(output.read_line(&mut link).unwrap() > 0, "no link is shown");
        }
        Self {
            program,
            output,
            link: link.trim().to_owned(),
        }
    }

    fn paste(mut self, text: &str) -> (Option<i32>, String) {
        let mut input = self.program.stdin.take().unwrap();
        writeln!(input, "{text}").unwrap();
        self.end()
    }

    /// Waits for the end. Nobody types anything more.
    fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.output.read_to_string(&mut said).unwrap();
        (self.program.wait().unwrap().code(), said)
    }

    /// The address that the browser is sent back to, with this and the state.
    fn way_back(&self, more: &str) -> Url {
        let link: Url = self.link.parse().unwrap();
        let parameter = |wanted: &str| {
            let mut parameters = link.query_pairs();
            let (_, value) = parameters.find(|(name, _)| name == wanted).unwrap();
            value.into_owned()
        };
        let state = parameter("state");
        let back = format!("{}?{more}&state={state}", parameter("redirect_uri"));
        back.parse().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn permission_is_given_used_refreshed_taken_away_given_anew_and_given_back() {
    let Some(machine) = Machine::start().await else {
        return;
    };
    let (code, said) = machine.set_up(false).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("The addresses were sent."), "{said}");
    machine.has("9.9.9.51", "2620:fe::51");
    let again = machine.once();
    assert_eq!((again.code, again.said.as_str()), (Some(0), ""));

    // The other family is not spoken of.
    machine.move_to("9.9.9.52", "");
    let changed = machine.once();
    assert_eq!(changed.code, Some(0), "{changed:?}");
    machine.has("9.9.9.52", "2620:fe::51");

    let token = machine.grant()["tokens"]["access_token"].clone();
    machine.change_grant(|grant| grant["tokens"]["expires_at"] = json!(0));
    machine.move_to("9.9.9.53", "2620:fe::53");
    let refreshed = machine.once();
    assert_eq!(refreshed.code, Some(0), "{refreshed:?}");
    assert_ne!(machine.grant()["tokens"]["access_token"], token);
    machine.has("9.9.9.53", "2620:fe::53");

    let person = &machine.0;
    machine.is_taken_away().await;
    machine.move_to("9.9.9.54", "2620:fe::54");
    let ended = machine.once();
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.said.contains("easement ddns setup"), "{ended:?}");
    machine.has("9.9.9.53", "2620:fe::53");
    assert_eq!(machine.ddns(&["status"]).code, Some(3));

    // Permission that is given anew sends everything, whatever was noted.
    machine.move_to("9.9.9.53", "2620:fe::53");
    let (code, said) = machine.set_up(true).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("The addresses were sent."), "{said}");
    machine.ddns(&["status"]).done();

    let removed = machine.ddns(&["remove"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert!(removed.said.contains("was given back"), "{removed:?}");
    person.open(&person.demo.page("/apps")).await;
    person.reads(&["No app has access to your zones"]).await;
    let state = person.folder.path().join("state");
    let left: Vec<_> = fs::read_dir(state).unwrap().collect();
    assert_eq!(left.len(), 1, "the lock alone stays: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_given_used_refreshed_taken_away_given_anew_and_given_back() {
    let Some(machine) = Machine::start().await else {
        return;
    };
    // A name that the machine was not set up for: it is of no use, and is given back.
    let (code, said) = machine.set_up_names(false, "desktop").await;
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains("was given back") && said.contains(HOME),
        "{said}"
    );
    let person = &machine.0;
    person.open(&person.demo.page("/apps")).await;
    person.reads(&["No app has access to your zones"]).await;

    let (code, said) = machine.set_up_names(true, "laptop").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("The addresses were sent."), "{said}");
    machine.has("9.9.9.51", "2620:fe::51");
    let again = machine.once();
    assert_eq!((again.code, again.said.as_str()), (Some(0), ""));
    machine.ddns(&["status"]).done();

    // The other family is not spoken of.
    machine.move_to("9.9.9.52", "");
    let changed = machine.once();
    assert_eq!(changed.code, Some(0), "{changed:?}");
    machine.has("9.9.9.52", "2620:fe::51");

    let token = machine.grant()["access"]["access_token"].clone();
    machine.change_grant(|grant| grant["access"]["expires_at"] = json!(0));
    machine.move_to("9.9.9.53", "2620:fe::53");
    let refreshed = machine.once();
    assert_eq!(refreshed.code, Some(0), "{refreshed:?}");
    assert_ne!(machine.grant()["access"]["access_token"], token);
    machine.has("9.9.9.53", "2620:fe::53");

    machine.is_taken_away().await;
    machine.move_to("9.9.9.54", "2620:fe::54");
    let ended = machine.once();
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.said.contains("the permission has ended"), "{ended:?}");
    assert!(ended.said.contains("easement ddns setup"), "{ended:?}");
    machine.has("9.9.9.53", "2620:fe::53");
    assert_eq!(machine.ddns(&["status"]).code, Some(3));

    let (code, said) = machine.set_up_names(true, "laptop").await;
    assert_eq!(code, Some(0), "{said}");
    machine.has("9.9.9.54", "2620:fe::54");
    // Once more, although what was given still counts: the owner has one app on the page, not two.
    let (code, said) = machine.set_up_names(true, "laptop").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("What was given before was given back."),
        "{said}"
    );
    machine.move_to("9.9.9.55", "2620:fe::55");
    assert_eq!(machine.once().code, Some(0));
    machine.has("9.9.9.55", "2620:fe::55");

    let removed = machine.ddns(&["remove", "--records"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert!(removed.said.contains("was given back"), "{removed:?}");
    assert_eq!(machine.0.dig(HOME, "A"), [""; 0]);
    assert_eq!(machine.0.dig(HOME, "AAAA"), [""; 0]);
    person.open(&person.demo.page("/apps")).await;
    person.reads(&["No app has access to your zones"]).await;
    let state = person.folder.path().join("state");
    let left: Vec<_> = fs::read_dir(state).unwrap().collect();
    assert_eq!(left.len(), 1, "the lock alone stays: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_is_at_another_provider_now_is_not_kept_up_to_date_at_the_old_one() {
    let Some(machine) = Machine::start().await else {
        return;
    };
    let (code, said) = machine.set_up(false).await;
    assert_eq!(code, Some(0), "{said}");
    machine.change_grant(|grant| {
        for part in ["tokens", "credentials"] {
            grant[part]["provider_id"] = json!("old.example");
        }
    });
    machine.move_to("9.9.9.52", "2620:fe::51");
    let moved = machine.once();
    assert_eq!(moved.code, Some(1), "{moved:?}");
    assert!(moved.said.contains("another DNS provider"), "{moved:?}");
    machine.has("9.9.9.51", "2620:fe::51");
}

/// What a page says that a browser comes to.
fn visit(address: &Url) -> String {
    let place = address.socket_addrs(|| None).unwrap().remove(0);
    let mut stream = TcpStream::connect(place).unwrap();
    let target = &address[url::Position::BeforePath..];
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {place}\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    page
}

const AT_NO_SERVER: [&str; 7] = [
    "setup",
    "--protocol",
    "namedrop",
    "--server",
    "http://127.0.0.1:9/namedrop",
    "--host",
    HOME,
];

fn machine_without_server() -> Folder {
    let folder = Folder::new();
    let path = folder.path().display();
    let text = format!(
        "state_file = \"{path}/state/ddns.state\"\n[ipv4]\nfrom = \"off\"\n[ipv6]\nfrom = \"off\"\n"
    );
    folder.write("ddns.toml", &text);
    folder
}

#[test]
fn set_up_waits_for_the_browser_and_for_what_is_pasted_and_for_no_stranger() {
    let folder = machine_without_server();
    for is_pasted in [false, true] {
        let setup = Setup::begin(&folder, &AT_NO_SERVER);
        let refusal = setup.way_back("error=access_denied");
        let mut of_stranger = refusal.clone();
        of_stranger.set_query(Some("code=1&state=guessed"));
        let page = visit(&of_stranger);
        assert!(page.contains("was not taken"), "{page}");
        let (code, said) = if is_pasted {
            setup.paste(refusal.as_str())
        } else {
            let page = visit(&refusal);
            assert!(page.contains("no name was given"), "{page}");
            setup.end()
        };
        assert_eq!(code, Some(4), "{said}");
        assert!(said.contains("access_denied"), "{said}");
    }
}

#[test]
fn nobody_is_asked_for_what_could_not_be_kept() {
    let folder = machine_without_server();
    folder.write("state/laptop.grant/in-the-way", "");
    let arguments = ["ddns", "--config", "ddns.toml"];
    for protocol in [&AT_NO_SERVER[..], &SETUP] {
        let ended = folder.run(&[&arguments[..], protocol].concat());
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.said.contains("laptop.grant"), "{ended:?}");
        assert!(!ended.said.contains("Open this link"), "{ended:?}");
    }
}
