//! `easement discover` and `easement connect`, against the demo.

use std::net::UdpSocket;

use serde_json::Value;

use crate::demo::Demo;
use crate::run::Folder;

/// A resolver by which no name has any record: answers the header and the question.
fn empty_resolver() -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut asked = [0; 512];
        while let Ok((length, peer)) = socket.recv_from(&mut asked) {
            let (message, _) = asked.split_at(length);
            let (head, rest) = message.split_at(12);
            let name = rest.iter().position(|octet| *octet == 0).unwrap();
            let ((id, _), (question, _)) = (head.split_at(2), rest.split_at(name + 5));
            let counts = [0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0];
            let answer = [id, &counts, question].concat();
            socket.send_to(&answer, peer).unwrap();
        }
    });
    address
}

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
    let nothing = ["discover", "nothing.test", "--resolver", &empty_resolver()];
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
        "v=spf1",
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
    refused.failed(1, &["nothing.test: the resolver answered REFUSED\n"]);
    let resolver = ["--resolver", &empty_resolver()];
    let ended = folder.run(&[&elsewhere[..], &file, &resolver].concat());
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let json: Value = serde_json::from_str(&ended.data).unwrap();
    assert_eq!(json["supported"], false);
    assert_eq!(json["records"][1]["name"], "www.nothing.test");
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
    let link: url::Url = ended.data.trim().parse().unwrap();
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
    let state = json["verified"]["servers"][0]["state"].as_str().unwrap();
    assert_eq!(state, "www.new.example.test A (none)");
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
