//! What people are told about a change.

use easement_zone::{ChangeSet, RecordData, RecordSet, RecordType, Ttl, Zone};

use super::super::samples::{certificate_change, mail_change, name, site_removal, zone};
use super::{Effect, describe_changes};

/// The sentences, each with its symbol.
fn told(zone: &Zone, changes: &ChangeSet) -> Vec<String> {
    describe_changes(zone, changes)
        .iter()
        .map(|line| format!("{} {}", line.sign.symbol(), line.words.to_text()))
        .collect()
}

/// The change that puts these records in the place of those of the same name and type.
fn replacing(zone: &Zone, owner: &str, data: &[RecordData]) -> ChangeSet {
    let set = RecordSet::new(name(owner), Ttl::HOUR, data.to_vec()).unwrap();
    let mut changes = ChangeSet::new();
    changes.record(zone.get(set.owner(), set.rtype()), Some(set));
    changes
}

fn txt(text: &str) -> RecordData {
    RecordData::txt(text.as_bytes()).unwrap()
}

#[test]
fn another_mail_provider() {
    let zone = zone();
    assert_eq!(
        told(&zone, &mail_change(&zone)),
        [
            "+ autoconfig.example.test will lead to autoconfig.fernmail.example.",
            "→ Mail for example.test will go to in1.fernmail.example and in2.fernmail.example \
             instead of mx1.oldhost.example and mx2.oldhost.example.",
            "− New mail no longer reaches a mailbox at mx1.oldhost.example and \
             mx2.oldhost.example. What has arrived there stays there.",
            "+ Mail in the name of example.test may be sent by the servers listed at \
             spf.fernmail.example.",
            "+ Mail signed with the key at fm1._domainkey.example.test is trusted as yours (DKIM).",
            "+ example.test carries a code by which others can tell that you control it.",
        ]
    );
}

#[test]
fn what_stays_is_not_said_to_stop() {
    let zone = zone();
    assert_eq!(
        told(&zone, &site_removal(&zone)),
        [
            "− example.test will no longer lead to 192.0.2.10.",
            "− www.example.test will no longer lead to 192.0.2.10, nor anywhere else: websites and \
             apps under this name stop working.",
        ]
    );
    let one_more = [
        RecordData::mx(10, &name("mx1.oldhost.example")),
        RecordData::mx(20, &name("mx2.oldhost.example")),
        RecordData::mx(30, &name("backup.example")),
    ];
    assert_eq!(
        told(&zone, &replacing(&zone, "example.test", &one_more)),
        ["+ Mail for example.test will go to backup.example too."]
    );
}

#[test]
fn the_same_servers_in_another_way() {
    let zone = zone();
    let swapped = [
        RecordData::mx(20, &name("mx1.oldhost.example")),
        RecordData::mx(10, &name("mx2.oldhost.example")),
    ];
    assert_eq!(
        told(&zone, &replacing(&zone, "example.test", &swapped)),
        ["→ The mail servers of example.test are tried in another order."]
    );
    let one_goes = [RecordData::mx(5, &name("mx1.oldhost.example"))];
    assert_eq!(
        told(&zone, &replacing(&zone, "example.test", &one_goes)),
        ["− Mail for example.test will no longer go to mx2.oldhost.example."]
    );
    let other_port = [RecordData::srv(10, 60, 443, &name("sip.example.test"))];
    assert_eq!(
        told(
            &zone,
            &replacing(&zone, "_sip._tls.example.test", &other_port)
        ),
        [
            "→ The service sip of example.test will be reached in another way (port, order or details)."
        ]
    );
    let set = zone.get(&name("www.example.test"), RecordType::A).unwrap();
    let mut slower = ChangeSet::new();
    let day = Ttl::from_secs(86_400).unwrap();
    slower.record(Some(set.clone()), Some(set.with_ttl(day)));
    assert_eq!(
        told(&zone, &slower),
        ["→ Others may keep the A records of www.example.test for 1 day instead of 1 hour."]
    );
}

#[test]
fn mail_that_goes_nowhere() {
    let zone = zone();
    let mut changes = ChangeSet::new();
    changes.record(zone.get(&name("example.test"), RecordType::MX), None);
    let told = told(&zone, &changes);
    assert!(told[0].contains("nothing takes its place"), "{told:?}");
    let none = [RecordData::mx(0, &name("."))];
    assert_eq!(
        describe_changes(&zone, &replacing(&zone, "shop.example.test", &none))[0]
            .words
            .to_text(),
        "shop.example.test says that it takes no mail."
    );
}

#[test]
fn senders_that_leave_and_a_stricter_policy() {
    let zone = zone();
    let changes = replacing(
        &zone,
        "example.test",
        &[
            txt("v=spf1 ip4:192.0.2.0/24 mx -all"),
            txt("harbour-verification=71a0c2"),
        ],
    );
    assert_eq!(
        told(&zone, &changes),
        [
            "+ Mail in the name of example.test may be sent by 192.0.2.0/24 and its own mail servers.",
            "− Mail in the name of example.test may no longer be sent by the servers listed at \
             news.example.",
            "→ Mail in the name of example.test from any other server should be refused.",
        ]
    );
}

#[test]
fn what_happens_to_mail_that_is_not_real() {
    let zone = zone();
    let policy = |text: &str| {
        told(
            &zone,
            &replacing(&zone, "_dmarc.example.test", &[txt(text)]),
        )
    };
    for (text, expected) in [
        (
            "v=DMARC1; p=reject; rua=mailto:post@example.test",
            &[
                "→ Receivers of mail that only pretends to be from example.test are asked to refuse it, and \
               no longer to let it through (DMARC).",
            ][..],
        ),
        (
            "v=DMARC1;p = None ; RUA=MAILTO:dmarc@other.example!10m, mailto:dmarc@other.example",
            &[
                "→ Reports about all mail in the name of example.test go to dmarc@other.example instead of \
               post@example.test (DMARC).",
            ],
        ),
        (
            "v=DMARC1; p=none; rua=mailto:post@example.test; ruf=https://reports.example/",
            &[
                "+ Reports about all mail in the name of example.test go to https://reports.example/ \
               (DMARC).",
            ],
        ),
        (
            "v=DMARC1; p=none",
            &[
                "− Reports about all mail in the name of example.test no longer go to post@example.test \
               (DMARC).",
            ],
        ),
        (
            "v=DMARC1; p=odd; rua=mailto:post@example.test",
            &[
                "→ _dmarc.example.test changes what receivers do with mail that only pretends to be in its \
               name (DMARC).",
            ],
        ),
        (
            "v=DMARC1; p=none; sp=reject; rua=mailto:post@example.test",
            &[
                "→ _dmarc.example.test changes what receivers do with mail that only pretends to be in its \
               name (DMARC).",
            ],
        ),
    ] {
        assert_eq!(policy(text), expected, "{text}");
    }
}

#[test]
fn rights_to_certificates_services_and_delegations() {
    let zone = zone();
    assert_eq!(
        told(&zone, &certificate_change()),
        [
            "+ With the record at _acme-challenge.shop.example.test someone else can get \
             certificates for shop.example.test, and so pass for it."
        ]
    );
    let srv = [RecordData::srv(0, 0, 443, &name("talk.example"))];
    assert_eq!(
        told(&zone, &replacing(&zone, "_sip._tls.example.test", &srv)),
        [
            "→ The service sip of example.test will be found at talk.example instead of sip.example.test."
        ]
    );
    let ns = [RecordData::name(RecordType::NS, &name("ns.other.example"))];
    assert_eq!(
        told(&zone, &replacing(&zone, "lab.example.test", &ns)),
        [
            "+ lab.example.test and every name below it will be answered by other DNS servers: \
          ns.other.example."
        ]
    );
    let wildcard = [RecordData::a([192, 0, 2, 9].into())];
    assert_eq!(
        told(&zone, &replacing(&zone, "*.example.test", &wildcard)),
        ["+ Every name below example.test that has no records of its own will lead to 192.0.2.9."]
    );
}

/// Whatever a record is, a change of it is told.
#[test]
fn no_change_goes_without_a_sentence() {
    let zone = zone();
    for (owner, data) in [
        ("_dmarc.example.test", txt("v=DMARC1; p=reject")),
        ("_mta-sts.example.test", txt("v=STSv1; id=1")),
        (
            "_smtp._tls.example.test",
            txt("v=TLSRPTv1; rua=mailto:a@example.test"),
        ),
        ("long._domainkey.example.test", txt("v=DKIM1; p=AAAA")),
        ("example.test", RecordData::mx(0, &name("."))),
        ("notes.example.test", txt("hello")),
        (
            "_443._tcp.example.test",
            RecordData::from_text(RecordType::TLSA, &format!("3 1 1 {}", "00".repeat(32))).unwrap(),
        ),
        (
            "example.test",
            RecordData::from_text(RecordType::CAA, "0 issue \"ca.example\"").unwrap(),
        ),
        (
            "example.test",
            RecordData::from_text(RecordType::from_number(65280), "\\# 1 00").unwrap(),
        ),
        (
            "lab.example.test",
            RecordData::from_text(RecordType::DS, &format!("1 8 2 {}", "00".repeat(32))).unwrap(),
        ),
    ] {
        let changes = replacing(&zone, owner, std::slice::from_ref(&data));
        assert!(!told(&zone, &changes).is_empty(), "{owner} {data}");
        let mut removal = ChangeSet::new();
        for set in zone.at(&name(owner)) {
            removal.record(Some(set), None);
        }
        assert_eq!(
            told(&zone, &removal).is_empty(),
            removal.is_empty(),
            "{owner} goes"
        );
    }
    assert_eq!(Effect::ALL.len(), 8);
}
