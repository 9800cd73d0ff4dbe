//! What is put into settings stays what it is.

use easement_zone::Name;

use super::*;
use crate::Hostname;

const SECRET: &str = "easement_live_abcdefghijkl_-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn text_of(settings: &ClientSettings) -> String {
    match &settings.body {
        SettingsBody::File { text, commands } => format!("{text}\n{}", commands.join("\n")),
        SettingsBody::Fields(fields) => {
            let lines = fields
                .iter()
                .map(|(field, value)| format!("{field}: {value}"));
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn every_client_gets_server_name_and_secret() {
    let server = Server::new("https://dns.example.net:8443").unwrap();
    let account = Account::new(&server, SECRET).unwrap();
    let hosts: Vec<Hostname> = ["home.example.org", "nas.example.org"]
        .map(|host| host.parse().unwrap())
        .to_vec();
    let clients = address_clients(&account, &hosts, Families::Both);
    let names: Vec<&str> = clients.iter().map(|one| one.client).collect();
    assert_eq!(
        names,
        [
            "Fritz!Box",
            "ddclient",
            "inadyn",
            "OPNsense",
            "OpenWrt",
            "UniFi",
            "Synology",
            "curl"
        ]
    );
    let challenge = ChallengeName::new(&"_acme-challenge.home.example.org".parse().unwrap());
    let texts = text_clients(&account, &[challenge.unwrap()]);
    for one in clients.iter().chain(&texts) {
        let text = text_of(one);
        for part in [SECRET, "dns.example.net:8443", "home.example.org"] {
            assert!(text.contains(part), "{}: {part}: {text}", one.client);
        }
    }
}

#[test]
fn a_secret_that_may_not_stand_in_urls_is_put_into_none() {
    let server = Server::new("https://dns.example.net").unwrap();
    let account = Account::new(&server, SECRET).unwrap().never_in_urls();
    let hosts = ["home.example.org".parse().unwrap()];
    let clients = address_clients(&account, &hosts, Families::Both);
    let synology = clients.iter().find(|one| one.client == "Synology").unwrap();
    assert_eq!(synology.body, SettingsBody::Fields(Vec::new()));
    assert!(
        synology.notes[0].contains("make another one"),
        "{:?}",
        synology.notes
    );
}

#[test]
fn an_invitation_is_a_base_url() {
    let server = Server::new("https://dns.example.net").unwrap();
    let account = Account::new(&server, SECRET).unwrap();
    let clients = invitation_clients(&account);
    let names: Vec<&str> = clients.iter().map(|one| one.client).collect();
    assert_eq!(names, ["lego with acme-dns", "certbot-dns-acmedns"]);
    for one in &clients {
        let base = format!("https://dns.example.net/acme-dns/{SECRET}");
        assert!(text_of(one).contains(&base), "{}", one.client);
    }
}

#[test]
fn a_family_that_the_token_is_not_for_is_not_named() {
    let server = Server::new("https://dns.example.net").unwrap();
    let account = Account::new(&server, SECRET).unwrap();
    let hosts = ["home.example.org".parse().unwrap()];
    for (families, never) in [
        (
            Families::Ipv4,
            &["ip6addr", "/checkip/v6", "wan6", "-6 "][..],
        ),
        (Families::Ipv6, &["<ipaddr>", "/checkip/v4", "'wan'", "-4 "]),
    ] {
        for one in address_clients(&account, &hosts, families) {
            let text = text_of(&one);
            for part in never {
                assert!(!text.contains(part), "{}: {part}: {text}", one.client);
            }
        }
    }
}

#[test]
fn without_a_host_that_clients_can_name_there_are_no_settings() {
    let server = Server::new("https://dns.example.net").unwrap();
    let account = Account::new(&server, SECRET).unwrap();
    assert_eq!(address_clients(&account, &[], Families::Both), []);
    let wildcard = [Hostname::from_form("*.example.org").unwrap()];
    assert_eq!(address_clients(&account, &wildcard, Families::Both), []);
    assert_eq!(text_clients(&account, &[]), []);
}

#[test]
fn what_a_client_could_take_for_something_else_is_refused() {
    for wrong in [
        "", "a'b", "a\"b", "a b", "a\nb", "a$b", "a`b", "a\\b", "a#b", "a;b", "a&b", "a%b", "a,b",
        "\u{e4}", "a/b", "a:b", "a=b", "a\0b",
    ] {
        let server = Server::new("https://dns.example.net").unwrap();
        assert!(Account::new(&server, wrong).is_err(), "{wrong:?}");
    }
    for wrong in [
        "dns.example.net",
        "ftp://dns.example.net",
        "https://",
        "https://dns.example.net/path",
        "https://user@dns.example.net",
        "https://x'y.example",
        "https://x\"y.example",
        "https://$(reboot).example",
        "https://x\ny",
    ] {
        assert!(Server::new(wrong).is_err(), "{wrong:?}");
    }
    for wrong in [
        "home.example.org",
        "_acme-challenge",
        "_acme-challenge.a\\036b.example",
        "_acme-challenge.*.example",
        "_acme-challenge.a\\\"b.example",
        "_acme-challenge.a\\'b.example",
        "_acme-challenge._x.example",
        "_acme-challengex.example",
    ] {
        let name: Name = wrong.parse().unwrap();
        assert!(ChallengeName::new(&name).is_err(), "{wrong}");
    }
}

#[test]
fn the_port_is_named_where_a_client_has_its_own_idea() {
    for (origin, with_port) in [
        ("https://dns.example.net", "dns.example.net:443"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://127.0.0.1", "127.0.0.1:80"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("https://[2001:db8::1]", "[2001:db8::1]:443"),
    ] {
        assert_eq!(Server::new(origin).unwrap().with_port(), with_port);
    }
}
