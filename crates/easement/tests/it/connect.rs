//! `easement discover` and `easement connect`, against the demo.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};

use serde_json::Value;
use url::Url;

use crate::demo::Demo;
use crate::fake_dns::FakeDns;
use crate::run::Folder;

const TEMPLATE: &str = r#"{
    "providerId": "nobody.test", "providerName": "Nobody", "serviceId": "web", "serviceName": "Web",
    "records": [
        {"type": "A", "host": "www", "pointsTo": "%IP%", "ttl": 600},
        {"type": "SPFM", "host": "@", "spfRules": "include:spf.nobody.test"}
    ]
}"#;

#[test]
fn the_provider_of_domains_is_found_and_whether_it_takes_templates() {
    let folder = Folder::new();
    let demo = Demo::start(&folder);
    let templates = [
        "--template",
        "fernmail.test/business",
        "--template",
        "nobody.test/web",
    ];
    let discover = [&["discover", "www.example.test"][..], &templates].concat();
    let ended = demo.run(&folder, &discover);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let mut lines = ended.data.lines();
    let heading: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(
        heading,
        ["DOMAIN", "ZONE", "PROVIDER", "FLOWS", "TEMPLATES"]
    );
    let row = lines.next().unwrap();
    for part in [
        "www.example.test  example.test  ",
        "fernmail.test/business: yes",
        "nobody.test/web: no",
    ] {
        assert!(row.contains(part), "{part}: {row}");
    }
    // The demo does not have this one, and is no resolver: nobody knows.
    let ended = demo.run(&folder, &["discover", "example.test", "nothing.test"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.said.contains("nothing.test: DNS cannot be asked"),
        "{}",
        ended.said
    );
    let nothing = [
        "discover",
        "nothing.test",
        "--resolver",
        &FakeDns::start().address,
    ];
    let ended = folder.run(&nothing);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(
        ended
            .said
            .contains("nothing.test has no record at _domainconnect"),
        "{}",
        ended.said
    );
    let json = demo
        .run(&folder, &["discover", "example.test", "--json"])
        .json();
    assert_eq!(json[0]["zone"], "example.test");
    assert_eq!(json[0]["flows"][0], "sync");
    assert_eq!(json[0]["error"], Value::Null);
}

#[test]
fn nobody_on_this_machine_is_reached_unless_that_is_allowed() {
    let folder = Folder::new();
    let demo = Demo::start(&folder);
    let ended = folder.run(&["discover", "example.test", "--resolver", &demo.dns()]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(
        ended.said.contains("not a public address"),
        "{}",
        ended.said
    );
    let ended = folder.run(&["discover", "a..b", "--resolver", &demo.dns(), "--json"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
}

#[test]
fn what_the_provider_does_not_take_is_said_by_hand() {
    let folder = Folder::new();
    let demo = Demo::start(&folder);
    folder.write("web.json", TEMPLATE);
    let connect = [
        "connect",
        "example.test",
        "--template",
        "nobody.test/web",
        "--no-browser",
    ];
    let file = ["--template-file", "web.json", "IP=192.0.2.1"];
    let ended = demo.run(&folder, &[&connect[..], &file].concat());
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(
        ended
            .said
            .contains("does not take the template nobody.test/web"),
        "{}",
        ended.said
    );
    for line in [
        "NAME              TYPE  TTL",
        "www.example.test  A     600",
        "www.example.test. 600 IN A 192.0.2.1",
        "; example.test: a name has one SPF record alone. Where there is one, put the terms of",
        "; www.example.test: take away CNAME records, and other A and AAAA records, where there are any.",
    ] {
        assert!(ended.data.contains(line), "{line}: {}", ended.data);
    }
    // The same where there is no provider at all.
    let elsewhere = [
        "connect",
        "nothing.test",
        "--template",
        "nobody.test/web",
        "--json",
    ];
    let refused = demo.run(&folder, &[&elsewhere[..], &file].concat());
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let said = "nothing.test: the resolver answered REFUSED";
    assert!(refused.said.contains(said), "{refused:?}");
    let json: Value = serde_json::from_str(&refused.data).unwrap();
    assert_eq!(json["error"]["code"], "dns_unreachable");
    assert_eq!(json["supported"], Value::Null);
    let dns = FakeDns::start();
    let resolver = ["--resolver", &dns.address];
    let ended = folder.run(&[&elsewhere[..], &file, &resolver].concat());
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let json: Value = serde_json::from_str(&ended.data).unwrap();
    assert_eq!(json["supported"], Value::Null);
    assert_eq!(json["result"], "by_hand");
    assert_eq!(json["records"][1]["name"], "www.nothing.test");
    assert_eq!(json["records"][0]["asked_for"], false);
    let notes = json["notes"].as_array().unwrap();
    let about_spf = notes
        .iter()
        .filter(|note| note.as_str().unwrap().contains("one SPF record alone"));
    assert_eq!(about_spf.count(), 1, "{notes:?}");
    // Values that are missing are named.
    let missing = [&connect[..], &["--template-file", "web.json"]].concat();
    demo.run(&folder, &missing).failed(3, &["IP"]);
}

#[test]
fn a_link_is_made_signed_and_shown_and_dns_is_asked() {
    let folder = Folder::new();
    let demo = Demo::start(&folder);
    let _records = folder.run(&["key", "generate", "--out", "key.pem"]).done();
    let connect = [
        "connect",
        "example.test",
        "--template",
        "onepager.test/page",
        "--host",
        "new",
    ];
    let sign = [
        "--sign-with",
        "key.pem",
        "--key-label",
        "_k",
        "--no-browser",
    ];
    let ended = demo.run(
        &folder,
        &[&connect[..], &sign, &["--no-wait", "--qr"]].concat(),
    );
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let link: Url = ended.data.trim().parse().unwrap();
    assert!(
        link.path()
            .ends_with("/providers/onepager.test/services/page/apply"),
        "{link}"
    );
    let query = link.query().unwrap();
    assert!(
        query.starts_with("domain=example.test&host=new&sig="),
        "{query}"
    );
    assert!(query.ends_with("&key=_k"), "{query}");
    assert!(ended.said.contains('\u{2588}'), "a picture: {}", ended.said);
    // Nobody agrees, so that DNS does not show it.
    let wait = [
        "--return",
        "never",
        "--timeout",
        "1",
        "--name-server",
        &demo.dns(),
        "--json",
    ];
    let template = folder.write(
        "page.json",
        &TEMPLATE
            .replace("nobody.test", "onepager.test")
            .replace("\"web\"", "\"page\""),
    );
    let template = [
        "--template-file",
        template.to_str().unwrap(),
        "IP=192.0.2.1",
    ];
    let ended = demo.run(&folder, &[&connect[..], &sign, &wait, &template].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let json: Value = serde_json::from_str(&ended.data).unwrap();
    assert_eq!(json["verified"]["complete"], false);
    assert_eq!(json["result"], "not_shown");
    let state = json["verified"]["servers"][0]["state"].as_str().unwrap();
    assert_eq!(state, "www.new.example.test A (none)");
}

/// A command that waits for the browser, and the link that it made.
struct Waiting {
    process: Child,
    said: BufReader<ChildStderr>,
    link: Url,
}

impl Waiting {
    /// A signed link for a template with one record, of a provider that follows redirects to this machine.
    fn start(folder: &Folder, demo: &Demo, name_server: &FakeDns, more: &[&str]) -> Self {
        if !folder.path().join("key.pem").exists() {
            let generate = ["key", "generate", "--out", "key.pem"];
            let _records = folder.run(&generate).done();
        }
        let page = TEMPLATE
            .replace("nobody.test", "onepager.test")
            .replace("\"web\"", "\"page\"");
        folder.write("page.json", &page);
        let connect = [
            "connect",
            "example.test",
            "--template",
            "onepager.test/page",
            "--host",
            "new",
            "--template-file",
            "page.json",
            "IP=192.0.2.1",
            "--sign-with",
            "key.pem",
            "--key-label",
            "_k",
            "--allow-loopback",
            "--json",
            "--no-browser",
            "--resolver",
            &demo.dns(),
            "--name-server",
            &name_server.address,
        ];
        let mut process = folder
            .command(&[&connect[..], more].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let mut words = String::new();
        while !words.starts_with("http") {
            words.clear();
            assert!(said.read_line(&mut words).unwrap() > 0, "there is no link");
        }
        let link = words.trim().parse().unwrap();
        Self {
            process,
            said,
            link,
        }
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.link.query_pairs();
        pairs.find_map(|(one, value)| (one == name).then(|| value.into_owned()))
    }

    /// Comes back as a browser would, and gives the page that it sees.
    fn come_back(&self, query: &str) -> String {
        let place: Url = self.parameter("redirect_uri").unwrap().parse().unwrap();
        let authority = format!("{}:{}", place.host_str().unwrap(), place.port().unwrap());
        let mut stream = TcpStream::connect(&authority).unwrap();
        let request = format!(
            "GET {}?{query} HTTP/1.1\r\nHost: {authority}\r\n\r\n",
            place.path()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page
    }

    fn end(mut self) -> (Option<i32>, Value, String) {
        let mut said = String::new();
        self.said.read_to_string(&mut said).unwrap();
        let output = self.process.wait_with_output().unwrap();
        let json = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), json, said)
    }
}

#[test]
fn the_browser_comes_back_and_dns_shows_the_records() {
    let (folder, dns) = (Folder::new(), FakeDns::start());
    let demo = Demo::start(&folder);
    let waiting = Waiting::start(&folder, &demo, &dns, &[]);
    let state = waiting.parameter("state").unwrap();
    let page = waiting.come_back(&format!("state={state}"));
    assert!(page.contains("Done."), "{page}");
    dns.a("www.new.example.test", [192, 0, 2, 1]);
    let (code, json, said) = waiting.end();
    assert_eq!(code, Some(0), "{json} {said}");
    assert_eq!(json["result"], "shown");
    assert_eq!(json["returned"]["error"], Value::Null);
    assert_eq!(json["verified"]["complete"], true);
    // What was not asked for is not claimed.
    let asked: Vec<_> = json["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["asked_for"])
        .collect();
    assert_eq!(asked, [false, true]);
}

#[test]
fn dns_is_enough_when_the_browser_never_comes_back() {
    let (folder, dns) = (Folder::new(), FakeDns::start());
    let demo = Demo::start(&folder);
    let waiting = Waiting::start(&folder, &demo, &dns, &[]);
    assert!(waiting.parameter("redirect_uri").is_some());
    // After the first look, so that the records are not those of earlier.
    dns.wait_for("www.new.example.test");
    dns.a("www.new.example.test", [192, 0, 2, 1]);
    let (code, json, said) = waiting.end();
    assert_eq!(code, Some(0), "{json} {said}");
    assert_eq!(json["returned"], Value::Null);
    // A telephone could not come back to this machine.
    let waiting = Waiting::start(&folder, &demo, &dns, &["--qr"]);
    assert_eq!(waiting.parameter("redirect_uri"), None);
    let (code, json, said) = waiting.end();
    assert_eq!(code, Some(0), "{json} {said}");
    assert!(said.contains('\u{2588}'), "{said}");
}

#[test]
fn what_the_browser_tells_is_not_believed_without_a_look_at_dns() {
    let (folder, dns) = (Folder::new(), FakeDns::start());
    let demo = Demo::start(&folder);
    let waiting = Waiting::start(&folder, &demo, &dns, &[]);
    let state = waiting.parameter("state").unwrap();
    let page = waiting.come_back(&format!(
        "error=access_denied&error_description=user_cancel&state={state}"
    ));
    assert!(page.contains("was not agreed to"), "{page}");
    let (code, json, said) = waiting.end();
    assert_eq!(code, Some(5), "{json} {said}");
    assert_eq!(json["result"], "not_agreed");
    assert_eq!(json["returned"]["error"], "access_denied");
    assert_eq!(json["verified"]["complete"], false);
    // Without its state the same ends the waiting, and is a warning.
    let waiting = Waiting::start(&folder, &demo, &dns, &[]);
    let page = waiting.come_back("error=access_denied");
    assert!(page.contains("does not fit"), "{page}");
    let (code, json, said) = waiting.end();
    assert_eq!(code, Some(1), "{json} {said}");
    assert_eq!(json["returned"]["has_state"], false);
    assert!(
        said.contains("warning: the browser came back with another state"),
        "{said}"
    );
    // Whoever writes an error there does not hide what DNS shows.
    dns.a("www.new.example.test", [192, 0, 2, 1]);
    let waiting = Waiting::start(&folder, &demo, &dns, &[]);
    let state = waiting.parameter("state").unwrap();
    let _page = waiting.come_back(&format!("error=server_error&state={state}"));
    let (code, json, said) = waiting.end();
    assert_eq!(code, Some(0), "{json} {said}");
    assert_eq!(json["result"], "shown");
}

#[test]
fn nothing_known_is_no_success() {
    let folder = Folder::new();
    let demo = Demo::start(&folder);
    let only_spf = r#"{
        "providerId": "onepager.test", "providerName": "One", "serviceId": "page", "serviceName": "Page",
        "records": [{"type": "SPFM", "host": "@", "spfRules": "include:spf.onepager.test"}]
    }"#;
    folder.write("page.json", only_spf);
    let connect = [
        "connect",
        "example.test",
        "--template",
        "onepager.test/page",
        "--template-file",
        "page.json",
        "--no-browser",
    ];
    let ended = demo.run(&folder, &connect);
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert!(ended.said.contains("nothing is waited for"), "{ended:?}");
    assert!(
        ended
            .said
            .contains("DNS was not asked for the SPF record of example.test"),
        "{ended:?}"
    );
    let twice = [&connect[..], &["A=1", "B=2", "A=1"]].concat();
    demo.run(&folder, &twice)
        .failed(3, &["the variable A is given twice"]);
}

#[test]
fn a_provider_that_is_down_is_not_one_that_does_not_offer_it() {
    let (folder, dns) = (Folder::new(), FakeDns::start());
    folder.write("web.json", TEMPLATE);
    // Nobody listens on this port.
    dns.txt("_domainconnect.example.test", "127.0.0.1:9");
    let reach = ["--allow-loopback", "--resolver", &dns.address, "--json"];
    let connect = [
        "connect",
        "example.test",
        "--template",
        "nobody.test/web",
        "--template-file",
        "web.json",
        "IP=192.0.2.1",
    ];
    let ended = folder.run(&[&connect[..], &reach].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let json: Value = serde_json::from_str(&ended.data).unwrap();
    assert_eq!(json["error"]["code"], "provider_unreachable");
    assert_eq!(json["result"], Value::Null);
    let ended = folder.run(&[&["discover", "example.test", "no.test"][..], &reach].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let json: Value = serde_json::from_str(&ended.data).unwrap();
    assert_eq!(json[0]["code"], "provider_unreachable");
    assert_eq!(json[1]["code"], "no_record");
}

#[test]
fn a_network_of_ones_own_is_reached_when_it_is_named() {
    let (folder, dns) = (Folder::new(), FakeDns::start());
    dns.txt("_domainconnect.example.test", "127.0.0.1:9");
    let discover = ["discover", "example.test", "--resolver", &dns.address];
    let ended = folder.run(&discover);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.said.contains("--allow-network"), "{ended:?}");
    let ended = folder.run(&[&discover[..], &["--allow-network", "127.0.0.0/8"]].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
}

#[test]
fn help_says_how_to_use_them() {
    let folder = Folder::new();
    for (command, words) in [
        ("discover", ["--template", "Examples:", "Exit codes:"]),
        ("connect", ["--sign-with", "BROWSER", "Exit codes:"]),
    ] {
        let help = folder.run(&[command, "--help"]).done();
        for word in words {
            assert!(help.contains(word), "{word}: {help}");
        }
    }
    folder
        .run(&["connect", "example.test", "--template", "nonsense"])
        .failed(2, &["nonsense", "exampleservice.example/website"]);
}
