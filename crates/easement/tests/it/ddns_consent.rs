//! `easement ddns` over Domain Connect and NameDrop: a person permits it in a browser, and takes that back.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStderr, Stdio};

use serde_json::{Value, json};

use crate::person::Person;
use crate::run::Ended;

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
        let setup = Setup::begin(self, &SETUP);
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
        let setup = Setup::begin(self, &[&arguments[..], &["--host", HOME]].concat());
        self.0.open(&setup.link).await;
        if !is_signed_in {
            self.0.sign_in().await;
        }
        self.0.press("#pick-other").await;
        self.0.type_into("#host", host).await;
        self.0.click("button[value=host]").await;
        self.0.agree().await;
        let address = self.0.comes_to("http://127.0.0.1/return?").await;
        setup.paste(&address)
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

/// `easement ddns setup`, which has shown a link and waits for what is pasted.
struct Setup {
    program: Child,
    output: BufReader<ChildStderr>,
    link: String,
}

impl Setup {
    fn begin(machine: &Machine, arguments: &[&str]) -> Self {
        let config = ["ddns", "--config", "ddns.toml"];
        let folder = &machine.0.folder;
        let mut command = folder.command(&[&config[..], arguments].concat());
        let command = command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut program = command.spawn().unwrap();
        let mut output = BufReader::new(program.stderr.take().unwrap());
        let mut link = String::new();
        tokio::task::block_in_place(|| {
            while !link.starts_with("http") || !link.contains('?') {
                link.clear();
                assert!(output.read_line(&mut link).unwrap() > 0, "no link is shown");
            }
        });
        Self {
            program,
            output,
            link: link.trim().to_owned(),
        }
    }

    fn paste(mut self, text: &str) -> (Option<i32>, String) {
        let mut input = self.program.stdin.take().unwrap();
        writeln!(input, "{text}").unwrap();
        drop(input);
        let mut said = String::new();
        tokio::task::block_in_place(|| self.output.read_to_string(&mut said)).unwrap();
        (self.program.wait().unwrap().code(), said)
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
