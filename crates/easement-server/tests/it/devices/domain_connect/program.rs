//! The dynamic DNS program that its users know, `domain-connect-dyndns`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::network;
use super::world::World;
use crate::tools::is_installed;

const PROGRAM: &str = "domain-connect-dyndns";
const HOME: &str = "home.example.test";
const DONE: &str = "DNS records successfully updated.";
const NOT_DONE: &str = "Could not update DNS records.";
/// What the program starts for its browser. It shows the link to the test, whose browser goes there.
const BROWSER: &str = "#!/bin/sh\necho \"OPEN $1\"\n";
const ADDRESSES: &str = include_str!("address.py");
/// When access tokens have expired.
const LATER: Duration = Duration::from_hours(24 * 8);

/// A machine whose addresses change, with the program on it.
struct Machine {
    world: World,
    /// Tells the machine its addresses; ends with its input.
    addresses: Child,
}

impl Machine {
    async fn start() -> Option<Self> {
        if !is_installed("dig") {
            return None;
        }
        let world = World::start(PROGRAM, &["127.0.0.1:53", network::RESOLVER]).await?;
        let folder = &world.folder;
        folder.write("browser", BROWSER);
        let executable = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder.path("browser"), executable).unwrap();
        folder.write("address.py", ADDRESSES);
        let mut command = folder.command("timeout");
        command
            .args(["120", "python3", "address.py"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut addresses = command.spawn().unwrap();
        wait_for("ready", addresses.stdout.take().unwrap());
        Some(Self { world, addresses })
    }

    fn move_to(&self, ipv4: &str, ipv6: &str) {
        self.world.folder.write("IPv4", ipv4);
        self.world.folder.write("IPv6", ipv6);
    }

    /// The whole set-up, as a person does it.
    async fn set_up(&self, protocols: &[&str]) -> String {
        let mut command = self.world.folder.command("timeout");
        command
            .args([
                "60",
                PROGRAM,
                "setup",
                "--domain",
                HOME,
                "--config",
                "settings.txt",
            ])
            .arg("--protocols")
            .args(protocols)
            .env("BROWSER", self.world.folder.path("browser"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut program = command.spawn().unwrap();
        let (link, mut output) = wait_for("OPEN ", program.stdout.take().unwrap());
        let code = self.world.agree(&link).await;
        let mut input = program.stdin.take().unwrap();
        writeln!(input, "{code}").unwrap();
        drop(input);
        let mut said = String::new();
        tokio::task::block_in_place(|| output.read_to_string(&mut said)).unwrap();
        program.wait().unwrap();
        said
    }

    /// What the program says when it is run again.
    fn update(&self) -> String {
        let certificates = self.world.folder.path("ca.pem");
        let certificates = [("REQUESTS_CA_BUNDLE", certificates.to_str().unwrap())];
        let arguments = ["update", "--domain", HOME, "--config", "settings.txt"];
        // How it ends says nothing: it ends well when it could not update, too.
        self.world
            .folder
            .run_with(&certificates, PROGRAM, &arguments)
            .said
    }

    #[track_caller]
    fn updates(&self, words: &str) {
        let said = self.update();
        assert!(said.contains(words), "no '{words}': {said}");
    }

    /// Time passes: for the server, and for the program, which remembers when things were.
    fn wait(&self, duration: Duration) {
        self.world.clock.pass(duration);
        let path = self.world.folder.path("settings.txt");
        let text = std::fs::read_to_string(&path).unwrap();
        let mut settings: Value = serde_json::from_str(&text).unwrap();
        for time in ["iat", "last_success", "last_dns_check"] {
            let Some(remembered) = settings[HOME].get_mut(time) else {
                continue;
            };
            *remembered = json!(remembered.as_u64().unwrap() - duration.as_secs());
        }
        self.world
            .folder
            .write("settings.txt", &settings.to_string());
    }

    /// What the program remembers.
    fn remembers(&self, name: &str) -> Value {
        let text = std::fs::read(self.world.folder.path("settings.txt")).unwrap();
        let settings: Value = serde_json::from_slice(&text).unwrap();
        settings[HOME][name].clone()
    }

    /// What `dig` is answered.
    fn dig(&self, rtype: &str) -> String {
        let arguments = ["@1.1.1.1", HOME, rtype, "+short", "+norecurse", "+tries=1"];
        let ended = self.world.folder.run("dig", &arguments).well();
        ended.said.trim().to_owned()
    }

    fn serial(&self) -> u32 {
        self.world.dns().serial("example.test")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.addresses.kill();
        let _ = self.addresses.wait();
    }
}

/// Reads until a line begins so, and gives the rest of it and what comes after.
fn wait_for(start: &str, output: ChildStdout) -> (String, BufReader<ChildStdout>) {
    let mut output = BufReader::new(output);
    let mut line = String::new();
    let rest = tokio::task::block_in_place(|| {
        loop {
            line.clear();
            let count = output.read_line(&mut line).unwrap();
            assert!(count > 0, "it ended without a line '{start}'");
            if let Some(rest) = line.strip_prefix(start) {
                break rest.trim_end().to_owned();
            }
        }
    });
    (rest, output)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_keeps_a_name_up_to_date_until_its_access_is_taken_back() {
    if !network::is_here() {
        network::run_in_it(
            "devices::domain_connect::program::the_program_keeps_a_name_up_to_date_until_its_access_is_taken_back",
        );
        return;
    }
    let Some(machine) = Machine::start().await else {
        return;
    };
    machine.move_to("9.9.9.51", "2620:fe::51");
    let said = machine.set_up(&["ipv4", "ipv6"]).await;
    assert!(said.contains("has been successfully configured."), "{said}");
    assert_eq!(machine.dig("A"), "198.51.100.23", "nothing changed yet");

    machine.updates(DONE);
    assert_eq!(machine.dig("A"), "9.9.9.51");
    assert_eq!(machine.dig("AAAA"), "2620:fe::51");

    // Within the minute, with other addresses and with the same.
    machine.move_to("9.9.9.52", "2620:fe::51");
    machine.updates(DONE);
    assert_eq!(machine.dig("A"), "9.9.9.52");
    assert_eq!(machine.dig("AAAA"), "2620:fe::51");
    let serial = machine.serial();
    machine.updates("All records up to date. No update required.");
    assert_eq!(machine.serial(), serial);

    // Later it asks DNS what is there.
    machine.wait(Duration::from_mins(2));
    let said = machine.update();
    for words in [
        "9.9.9.52 found in A record",
        "2620:fe::51 found in AAAA record",
    ] {
        assert!(said.contains(words), "no '{words}': {said}");
    }

    let token = machine.remembers("access_token");
    machine.wait(LATER);
    machine.move_to("9.9.9.53", "2620:fe::53");
    machine.updates(DONE);
    assert_ne!(machine.remembers("access_token"), token, "it was refreshed");
    assert_eq!(machine.dig("A"), "9.9.9.53");
    assert_eq!(machine.dig("AAAA"), "2620:fe::53");

    machine.world.revoke().await;
    machine.move_to("9.9.9.54", "2620:fe::54");
    machine.updates(NOT_DONE);
    machine.wait(LATER);
    machine.updates(NOT_DONE);
    assert_eq!(machine.dig("A"), "9.9.9.53", "the records stay");
    assert_eq!(machine.dig("AAAA"), "2620:fe::53");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_leaves_the_other_family_alone() {
    if !network::is_here() {
        network::run_in_it(
            "devices::domain_connect::program::the_program_leaves_the_other_family_alone",
        );
        return;
    }
    let Some(machine) = Machine::start().await else {
        return;
    };
    machine.move_to("9.9.9.61", "2620:fe::61");
    machine.set_up(&["ipv4", "ipv6"]).await;
    machine.updates(DONE);
    machine.set_up(&["ipv4"]).await;
    machine.move_to("9.9.9.62", "2620:fe::62");
    machine.updates(DONE);
    assert_eq!(machine.dig("A"), "9.9.9.62");
    assert_eq!(machine.dig("AAAA"), "2620:fe::61", "as it was");
    machine.set_up(&["ipv6"]).await;
    machine.move_to("9.9.9.63", "2620:fe::63");
    machine.updates(DONE);
    assert_eq!(machine.dig("A"), "9.9.9.62", "as it was");
    assert_eq!(machine.dig("AAAA"), "2620:fe::63");
}
