//! The library that service providers use with Python, `domain-connect`.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::world::World;

const DRIVER: &str = include_str!("library.py");
/// Something that is there with the library.
const CLIENT: &str = "domain-connect-dyndns";

/// A running interpreter. It ends with its input.
struct Library {
    process: Child,
    pipes: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Library {
    fn start(world: &World) -> Self {
        let dns = world.dns_address();
        world.folder.write("library.py", DRIVER);
        let mut command = world.folder.command("timeout");
        command
            .args(["--kill-after=5", "120", "python3", "library.py"])
            .args([dns.ip().to_string(), dns.port().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let pipes = RefCell::new((process.stdin.take().unwrap(), output));
        Self { process, pipes }
    }

    fn call(&self, name: &str, arguments: &Value) -> Value {
        let (input, output) = &mut *self.pipes.borrow_mut();
        writeln!(input, "{}", json!([name, arguments])).unwrap();
        let mut line = String::new();
        tokio::task::block_in_place(|| output.read_line(&mut line)).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{name}: {error}: {line}"))
    }

    fn well(&self, name: &str, arguments: &Value) -> Value {
        let mut result = self.call(name, arguments);
        assert!(result.get("error").is_none(), "{name}: {result}");
        result["ok"].take()
    }

    fn fails(&self, name: &str, arguments: &Value, error: &str) -> String {
        let result = self.call(name, arguments);
        assert_eq!(result["error"], error, "{name}: {result}");
        result["message"].to_string()
    }

    /// Asks the owner, who agrees, and gets tokens.
    async fn connect(&self, world: &World, arguments: &Value) -> String {
        let link = self.well("ask", arguments);
        let link = link.as_str().unwrap();
        let code = world.agree(link).await;
        self.well("token", &json!({"code": code}));
        link.to_owned()
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn start() -> Option<(World, Library)> {
    let world = World::start(CLIENT, &["127.0.0.1:0"]).await?;
    let library = Library::start(&world);
    Some((world, library))
}

/// Values that the library's callers give for a link of the known client.
fn question(domain: &str, services: &Value, in_path: bool) -> Value {
    let params = json!({"IP": "0.0.0.0", "IPv4": "0.0.0.0", "IPv6": "::"});
    json!({"domain": domain, "services": services, "in_path": in_path, "params": params})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_finds_the_server_and_what_it_supports() {
    let Some((world, library)) = start().await else {
        return;
    };
    let found = library.well("discover", &json!({"domain": "home.example.test"}));
    let origin = world.origin();
    assert_eq!(found["domain_root"], "example.test", "{found}");
    assert_eq!(found["host"], "home", "{found}");
    for url in ["urlSyncUX", "urlAsyncUX", "urlAPI"] {
        assert_eq!(found[url], origin, "{found}");
    }
    assert!(found["uxSize"].is_array(), "{found}");
    for (provider, services) in [
        ("domainconnect.org", json!(["dynamicdns-v2", "dynamicdns"])),
        ("fernmail.test", json!("business")),
    ] {
        let template =
            json!({"domain": "example.test", "provider": provider, "services": services});
        library.well("supported", &template);
    }
    let template =
        json!({"domain": "example.test", "provider": "fernmail.test", "services": "nothing"});
    library.fails("supported", &template, "TemplateNotSupportedException");
    let nowhere = json!({"domain": "nowhere.test"});
    library.fails("discover", &nowhere, "NoDomainConnectRecordException");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_signs_a_link_that_connects_mail() {
    let Some((world, library)) = start().await else {
        return;
    };
    let link = |key: &str| {
        let key = world.folder.path(key);
        json!({
            "key": key, "keyid": "_dck1", "domain": "example.test", "provider_id": "fernmail.test",
            "service_id": "business", "params": {"tenant": "t-1"}, "state": "a b&c",
            "redirect_uri": "http://127.0.0.1:9/return",
        })
    };
    let signed = library.well("sign", &link("demo/service-provider-key.der"));
    let back = world.answer(signed.as_str().unwrap(), "agree").await;
    assert!(
        back.as_str().starts_with("http://127.0.0.1:9/return"),
        "{back}"
    );
    let state = back.query_pairs().find(|(name, _)| name == "state");
    assert_eq!(state.unwrap().1, "a b&c");
    let texts = world.dns().texts("example.test");
    assert!(
        texts
            .iter()
            .any(|text| text.contains("include:spf.fernmail.test")),
        "{texts:?}"
    );

    let arguments = ["genpkey", "-algorithm", "RSA", "-out", "other.pem"];
    world.folder.run("openssl", &arguments).well();
    let forged = library.well("sign", &link("other.pem"));
    world.open(forged.as_str().unwrap()).await;
    let page = world.text().await;
    assert!(page.contains("signature"), "{page}");
    assert!(!page.contains("make these changes"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_gets_standing_access_and_applies_and_refreshes() {
    let Some((world, library)) = start().await else {
        return;
    };
    let asked = question("home.example.test", &json!(["dynamicdns-v2"]), false);
    let link = library.connect(&world, &asked).await;
    assert!(
        link.contains("/providers/domainconnect.org?client_id="),
        "{link}"
    );
    let dns = world.dns();
    let both =
        json!({"params": {"IPv4": "9.9.9.41", "IPv6": "2620:fe::41"}, "groups": ["IPv4", "IPv6"]});
    library.well("apply", &both);
    let home = "home.example.test";
    assert_eq!(dns.addresses(home), ["9.9.9.41", "2620:fe::41"]);
    // Again: nothing is in the way, and nothing changes.
    let serial = dns.serial("example.test");
    library.well("apply", &both);
    assert_eq!(dns.serial("example.test"), serial);
    library.well(
        "apply",
        &json!({"params": {"IPv4": "9.9.9.42"}, "groups": ["IPv4"]}),
    );
    assert_eq!(dns.addresses(home), ["9.9.9.42", "2620:fe::41"]);

    let again = json!({"params": {"IPv4": "9.9.9.43"}, "groups": ["IPv4"]});
    let is_new = library.well("token", &json!({}));
    assert_eq!(is_new, false, "it counts for a while");
    world.clock.pass(Duration::from_hours(24 * 8));
    library.fails("apply", &again, "ApplyException");
    let is_new = library.well("token", &json!({"passed": 8 * 24 * 3600}));
    assert_eq!(is_new, true);
    library.well("apply", &again);
    assert_eq!(dns.addresses(home), ["9.9.9.43", "2620:fe::41"]);

    let elsewhere = json!({"params": {"IPv4": "9.9.9.44"}, "groups": ["IPv4"], "host": "office"});
    library.fails("apply", &elsewhere, "ApplyException");
    assert!(dns.addresses("office.example.test").is_empty());

    world.revoke().await;
    library.fails("apply", &again, "ApplyException");
    let refused = json!({"passed": 8 * 24 * 3600});
    library.fails("token", &refused, "AsyncTokenException");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_hears_of_a_conflict_and_may_mean_it() {
    let Some((world, library)) = start().await else {
        return;
    };
    let shop = "shop.example.test";
    let asked = question(shop, &json!("dynamicdns-v2"), true);
    let link = library.connect(&world, &asked).await;
    assert!(link.contains("/services/dynamicdns-v2?"), "{link}");
    let page = json!({
        "key": world.folder.path("demo/service-provider-key.der"), "keyid": "_dck1", "domain": shop,
        "provider_id": "onepager.test", "service_id": "page",
    });
    let page = library.well("sign", &page);
    world.answer(page.as_str().unwrap(), "agree").await;

    let dns = world.dns();
    let mut apply = json!({"params": {"IPv4": "9.9.9.45"}, "groups": ["IPv4"]});
    let conflict = library.fails("apply", &apply, "ConflictOnApplyException");
    assert!(conflict.contains("shop"), "{conflict}");
    assert!(dns.addresses(shop).is_empty(), "nothing changed");
    apply["force"] = json!(true);
    library.well("apply", &apply);
    assert_eq!(dns.addresses(shop), ["9.9.9.45"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_hears_of_a_wrong_secret_and_of_a_code_that_was_used() {
    let Some((world, library)) = start().await else {
        return;
    };
    let services = json!(["dynamicdns-v2", "dynamicdns"]);
    let asked = question("example.test", &services, false);
    let link = library.well("ask", &asked);
    let code = world.agree(link.as_str().unwrap()).await;
    let wrong = json!({"code": code, "secret": "guessed"});
    library.fails("token", &wrong, "AsyncTokenException");
    library.well("token", &json!({"code": code}));
    let one = json!({"params": {"IP": "9.9.9.46"}, "service": "dynamicdns"});
    library.well("apply", &one);
    assert_eq!(world.dns().addresses("example.test")[0], "9.9.9.46");

    library.well("ask", &asked);
    let used = json!({"code": code});
    let said = library.fails("token", &used, "AsyncTokenException");
    assert!(said.contains("invalid_grant"), "{said}");
}
