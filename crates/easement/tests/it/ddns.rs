//! `easement ddns`, against a running server.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::run::{Ended, Folder};
use crate::signals::Server;

/// A machine whose addresses a test says, and a server with the zone `example.test` that it tells them.
struct World {
    folder: Folder,
    server: Server,
    /// Where the server answers DNS.
    dns: SocketAddr,
    token: String,
}

/// A folder with the zone `example.test`, and a token for the hosts below `home`.
pub(crate) fn set_up() -> (Folder, String) {
    let folder = Folder::new();
    let owner = ["--owner", "owner@example.test"];
    folder
        .run(&["account", "create", "owner@example.test"])
        .done();
    let create = ["zone", "create", "example.test"];
    folder.run(&[&create[..], &owner].concat()).done();
    let token = [
        "token",
        "create",
        "--account",
        "owner@example.test",
        "--name",
        "Machine",
        "--for",
        "*.home.example.test",
        "--scope",
        "dns:update",
    ];
    let token = folder.run(&token).done().trim().to_owned();
    (folder, token)
}

/// Writes configuration and secret.
pub(crate) fn write_configuration(folder: &Folder, token: &str, sources: &str, target: &str) {
    let path = folder.path().display();
    folder.write(
        "ddns.toml",
        &format!(
            "state_file = \"{path}/state/ddns.state\"\n{sources}[[target]]\nname = \"home\"\n{target}"
        ),
    );
    let path = folder.write("ddns-secrets/home", token);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

impl World {
    fn start() -> Self {
        let (folder, token) = set_up();
        let free = UdpSocket::bind("127.0.0.1:0").unwrap();
        let dns = free.local_addr().unwrap();
        drop(free);
        let server = Server::start(&folder, &[&format!("dns.listen={dns}")]);
        let world = Self {
            folder,
            server,
            dns,
            token,
        };
        world.addresses("9.9.9.9", "2620:fe::fe");
        world
    }

    /// What the machine finds from now on; nothing where the text is empty.
    fn addresses(&self, ipv4: &str, ipv6: &str) {
        self.folder.write("ipv4", ipv4);
        self.folder.write("ipv6", ipv6);
    }

    /// A configuration whose last target these lines finish.
    fn configure(&self, target: &str) {
        let folder = self.folder.path().display();
        let server = self.server.address();
        self.folder.write(
            "ddns.toml",
            &format!(
                "state_file = \"{folder}/state/ddns.state\"\n\
                 [ipv4]\ncommand = [\"/bin/cat\", \"{folder}/ipv4\"]\n\
                 [ipv6]\ncommand = [\"/bin/cat\", \"{folder}/ipv6\"]\n\
                 [[target]]\nname = \"home\"\nserver = \"http://{server}\"\n{target}"
            ),
        );
    }

    fn secret(&self, text: &str) -> PathBuf {
        let path = self.folder.write("ddns-secrets/home", text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn ddns(&self, arguments: &[&str]) -> Ended {
        let arguments = [&["ddns", "--config", "ddns.toml"], arguments].concat();
        self.folder.run(&arguments)
    }

    fn once(&self) -> Ended {
        self.ddns(&["run", "--once"])
    }

    fn records(&self, host: &str) -> Vec<String> {
        records(&self.folder, host)
    }
}

/// The records of a host, as `A 9.9.9.9`.
pub(crate) fn records(folder: &Folder, host: &str) -> Vec<String> {
    let zone = folder.run(&["zone", "export", "example.test"]).done();
    let mut records = Vec::new();
    for line in zone.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [owner, .., "IN", rtype @ ("A" | "AAAA"), data] = words.as_slice()
            && format!("{owner}.example.test") == host
        {
            records.push(format!("{rtype} {data}"));
        }
    }
    records.sort_unstable();
    records
}

pub(crate) const HOME: &str = "home.example.test";

fn apertodns() -> String {
    format!("protocol = \"apertodns\"\nhosts = [\"{HOME}\"]\n")
}

fn dyndns2() -> String {
    format!(
        "protocol = \"dyndns2\"\nuser = \"token\"\n\
         hosts = [\"{HOME}\", \"b.{HOME}\"]\nothers = {{ \"nas.{HOME}\" = \"::50:7\" }}\n"
    )
}

#[test]
fn what_changed_is_sent_once_over_apertodns_and_the_other_family_stays() {
    let world = World::start();
    world.configure(&apertodns());
    world.secret(&world.token);
    let first = world.once();
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(
        first
            .said
            .contains("home.example.test: A 9.9.9.9, AAAA 2620:fe::fe"),
        "{first:?}"
    );
    assert!(!first.said.contains(&world.token));
    assert_eq!(world.records(HOME), ["A 9.9.9.9", "AAAA 2620:fe::fe"]);

    let again = world.once();
    assert_eq!((again.code, again.said.as_str()), (Some(0), ""));

    world.addresses("9.9.9.10", "2620:fe::fe");
    let changed = world.once();
    assert!(changed.said.contains("A 9.9.9.10"), "{changed:?}");
    assert!(!changed.said.contains("AAAA"), "{changed:?}");

    // A family that is gone stays in DNS, and so does one that nobody can say.
    world.addresses("9.9.9.10", "");
    assert_eq!(world.once().said, "");
    fs::remove_file(world.folder.path().join("ipv6")).unwrap();
    let unknown = world.once();
    assert!(
        unknown.said.contains("the IPv6 address is not known"),
        "{unknown:?}"
    );
    assert_eq!(world.records(HOME), ["A 9.9.9.10", "AAAA 2620:fe::fe"]);

    // One look does not say that it is gone.
    world.configure(&format!("{}absent = \"remove\"\n", apertodns()));
    world.addresses("9.9.9.10", "");
    assert_eq!(world.once().said, "");
    assert_eq!(world.records(HOME), ["A 9.9.9.10", "AAAA 2620:fe::fe"]);
}

#[test]
fn hosts_of_the_network_share_a_prefix_over_dyndns2() {
    let world = World::start();
    world.configure(&dyndns2());
    world.secret(&world.token);
    let first = world.once();
    assert_eq!(first.code, Some(0), "{first:?}");
    for host in [HOME, "b.home.example.test"] {
        assert_eq!(world.records(host), ["A 9.9.9.9", "AAAA 2620:fe::fe"]);
    }
    let nas = "nas.home.example.test";
    assert_eq!(world.records(nas), ["AAAA 2620:fe::50:7"]);
    world.addresses("9.9.9.9", "2620:fe:0:1::fe");
    assert_eq!(world.once().code, Some(0));
    assert_eq!(world.records(nas), ["AAAA 2620:fe:0:1::50:7"]);
    assert_eq!(world.records(HOME), ["A 9.9.9.9", "AAAA 2620:fe:0:1::fe"]);
}

#[test]
fn a_refused_secret_is_not_sent_again_until_it_is_another() {
    let world = World::start();
    for (target, word) in [(apertodns(), "invalid_token"), (dyndns2(), "badauth")] {
        world.configure(&target);
        let wrong = world.token.replace("_live_", "_live_x");
        world.secret(&wrong);
        let refused = world.once();
        assert_eq!(refused.code, Some(3), "{refused:?}");
        assert!(refused.said.contains(word), "{refused:?}");
        assert!(refused.said.contains("easement ddns setup"), "{refused:?}");
        assert!(!refused.said.contains(&wrong), "{refused:?}");
        let stopped = world.once();
        assert_eq!(stopped.code, Some(3), "{stopped:?}");
        assert!(stopped.said.contains("nothing is sent"), "{stopped:?}");
        world.secret(&world.token);
        assert_eq!(world.once().code, Some(0));
    }
}

#[test]
fn what_is_not_in_order_is_said_with_the_remedy() {
    let world = World::start();
    world.configure(&apertodns());
    world
        .once()
        .failed(2, &["cannot read the secret", "ddns setup"]);
    let path = world.secret(&world.token);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    world.once().failed(2, &["mode 0644", "chmod 600"]);
    world.secret("\n");
    world.once().failed(2, &["no secret in"]);
    world.configure("protocol = \"apertodns\"\nhosts = []\n");
    world.once().failed(2, &["hosts"]);
    let missing = ["ddns", "--config", "missing.toml", "run", "--once"];
    world.folder.run(&missing).failed(2, &["missing.toml"]);
}

#[test]
fn setup_asks_for_little_tries_once_and_can_be_taken_down() {
    let world = World::start();
    let server = format!("http://{}", world.server.address());
    let folder = world.folder.path().display().to_string();
    world.folder.write("token", &format!("{}\n", world.token));
    let before = format!(
        "# mine\nstate_file = \"{folder}/state/ddns.state\"\nresolver = \"{}\"\n\
         [ipv4]\ncommand = [\"/bin/cat\", \"{folder}/ipv4\"]\n[ipv6]\nfrom = \"off\"\n",
        world.dns
    );
    world.folder.write("ddns.toml", &before);
    let setup = ["setup", "--server", &server, "--host", HOME, "--token-file"];
    let arguments = [&setup[..], &["token"]].concat();
    let done = world.ddns(&arguments);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.said.contains("The addresses were sent."), "{done:?}");
    assert!(!done.said.contains(&world.token), "{done:?}");
    let config = fs::read_to_string(world.folder.path().join("ddns.toml")).unwrap();
    assert!(config.starts_with("# mine\n"), "{config}");
    assert!(!config.contains(&world.token), "{config}");
    let secret = world.folder.path().join("ddns-secrets/home");
    let mode = secret.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(world.records(HOME), ["A 9.9.9.9"]);

    // Again, with a wrong secret and then the right one.
    world
        .folder
        .write("wrong", "easement_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    world.addresses("9.9.9.10", "");
    let wrong = world.ddns(&[&setup[..], &["wrong"]].concat());
    assert_eq!(wrong.code, Some(3), "{wrong:?}");
    let status = world.ddns(&["status", "--json"]);
    assert_eq!(status.code, Some(3), "{status:?}");
    assert!(!status.data.contains(&world.token), "{status:?}");
    let right = world.ddns(&arguments);
    assert_eq!(right.code, Some(0), "{right:?}");
    let shown = world.ddns(&["status"]).done();
    assert!(shown.contains("sent 9.9.9.10"), "{shown}");
    assert!(shown.contains("No agent is running"), "{shown}");

    // What was noted may be lost at the server: a person who sets it up again has it sent again.
    let again = world.ddns(&arguments);
    assert!(again.said.contains("The addresses were sent."), "{again:?}");

    // Another target of the same name is not overwritten.
    let other = [
        "setup",
        "--server",
        &server,
        "--host",
        "b.home.example.test",
        "--name",
        "home",
    ];
    let other = world.ddns(&[&other[..], &["--token-file", "token"]].concat());
    other.failed(5, &["something else", "--name"]);
    // Whatever is wrong with the command line.
    let setup = |more: &[&str]| {
        let usual = ["setup", "--token-file", "token", "--server"];
        world.ddns(&[&usual[..], &[server.as_str()], more].concat())
    };
    setup(&["--host", "home"]).failed(2, &["`home`"]);
    setup(&["--host", HOME, "--resolver", "192.0.2.1"]).failed(2, &["resolver"]);
    setup(&["--host", HOME, "--user", "alice"]).failed(2, &["--user"]);
    let consent = ["setup", "--protocol", "domain-connect", "--host", HOME];
    world
        .ddns(&[&consent[..], &["--name", "other"]].concat())
        .failed(4, &[]);

    // What is left of a target that the configuration has no more, and of a state that was broken.
    let state = world.folder.path().join("state/ddns.state");
    let mut known: Value = serde_json::from_slice(&fs::read(&state).unwrap()).unwrap();
    known["targets"]["former"] = known["targets"]["home"].clone();
    fs::write(&state, known.to_string()).unwrap();
    world.folder.write("ddns-secrets/former", "secret\n");
    world.folder.write("state/ddns.state.broken", "");

    let removed = world.ddns(&["remove", "--records"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert_eq!(world.records(HOME), Vec::<String>::new());
    for file in [
        "ddns.toml",
        "ddns-secrets",
        "state/ddns.state",
        "state/ddns.state.broken",
    ] {
        assert!(!world.folder.path().join(file).exists(), "{file}");
    }
    assert_eq!(world.ddns(&["remove"]).code, Some(0));
}

#[test]
fn nothing_is_taken_back_when_not_everything_can_be() {
    let world = World::start();
    world.configure(&apertodns());
    world.secret(&world.token);
    assert_eq!(world.once().code, Some(0));
    let server = world.server.address();
    let both = format!(
        "{}[[target]]\nname = \"other\"\nserver = \"http://{server}\"\n{}",
        apertodns(),
        dyndns2()
    );
    world.configure(&both);
    world.ddns(&["remove", "--records"]).failed(2, &["other"]);
    assert_eq!(world.records(HOME), ["A 9.9.9.9", "AAAA 2620:fe::fe"]);
    assert!(world.folder.path().join("ddns.toml").exists());
}

#[test]
fn what_an_earlier_protocol_left_is_looked_at_and_every_reason_is_told() {
    let world = World::start();
    let server = world.server.address();
    let two = format!(
        "{}[[target]]\nname = \"other\"\nserver = \"http://{server}\"\n{}",
        apertodns(),
        dyndns2()
    );
    world.configure(&two);
    let grants = ["home", "other"].map(|name| {
        let path = world.folder.write(&format!("state/{name}.grant"), "{}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    });
    let reasons = [
        "permission of home was not given",
        "permission of other was not given",
    ];
    world.ddns(&["remove"]).failed(1, &reasons);
    assert!(
        grants.iter().all(|grant| grant.exists()),
        "nothing is deleted"
    );
    let removed = world.ddns(&["remove", "--force"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    for reason in reasons {
        assert!(removed.said.contains(reason), "{reason}: {removed:?}");
    }
    assert!(!grants.iter().any(|grant| grant.exists()), "{removed:?}");
}

#[test]
fn a_target_without_its_secret_does_not_hold_the_others() {
    let world = World::start();
    let server = world.server.address();
    let both = format!(
        "{}[[target]]\nname = \"other\"\nserver = \"http://{server}\"\n{}",
        apertodns(),
        dyndns2()
    );
    world.configure(&both);
    world.secret(&world.token);
    let once = world.once();
    assert_eq!(once.code, Some(2), "{once:?}");
    assert!(once.said.contains("other: nothing is sent"), "{once:?}");
    assert_eq!(world.records(HOME), ["A 9.9.9.9", "AAAA 2620:fe::fe"]);
}

#[test]
fn the_status_says_what_is_missing() {
    let world = World::start();
    world.configure(&apertodns());
    let path = world.folder.path().join("ddns.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("resolver = \"{}\"\n{text}", world.dns)).unwrap();
    world.secret(&world.token);
    let status = || world.ddns(&["status"]);
    let never = status();
    assert_eq!(never.code, Some(1), "{never:?}");
    assert!(never.data.contains("nothing sent"), "{never:?}");
    assert_eq!(world.once().code, Some(0));
    let done = status().done();
    assert!(done.contains("DNS has 9.9.9.9"), "{done}");
    // Nobody can say one any more.
    fs::remove_file(world.folder.path().join("ipv6")).unwrap();
    world.once();
    let unknown = status();
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.data.contains("IPv6 not known"), "{unknown:?}");
}
