//! What was asked for one zone and what was acknowledged, to be compared with what is there.

use std::collections::HashSet;

use super::load::{Answer, ask};
use crate::run::Folder;

/// Every commit writes one number to as many records.
const HOSTS: usize = 5;

/// One zone. One thread changes it, so its versions follow from what that thread did.
#[derive(Debug)]
pub(super) struct Ledger {
    apex: String,
    /// The number that was sent last.
    sent: u64,
    /// What is there for certain.
    known: Known,
    acknowledged: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Known {
    number: u64,
    version: u64,
    serial: u32,
}

impl Ledger {
    /// A zone that was just made.
    pub(super) fn new(apex: String) -> Self {
        Self {
            apex,
            sent: 0,
            known: Known {
                number: 0,
                version: 1,
                serial: 0,
            },
            acknowledged: 0,
        }
    }

    pub(super) fn apex(&self) -> &str {
        &self.apex
    }

    /// The number that is there for certain.
    pub(super) fn number(&self) -> u64 {
        self.known.number
    }

    /// How many commits were acknowledged.
    pub(super) fn acknowledged(&self) -> usize {
        self.acknowledged
    }

    /// The request that writes the next number.
    pub(super) fn next_request(&mut self) -> serde_json::Value {
        self.sent += 1;
        let number = self.sent;
        let mut text = format!(
            "$ORIGIN {}.\n$TTL 300\n@ SOA ns1.example.net. host.example.net. 1 7200 900 1209600 300\n\
             @ NS ns1.example.net.\n",
            self.apex
        );
        for host in 0..HOSTS {
            text.extend([format!("host{host} TXT \"number={number}\"\n")]);
        }
        serde_json::json!({
            "request": "import_zone",
            "apex": self.apex,
            "text": text,
            "owner": null,
            "existing": "replace",
            "options": {"compare": "newest"},
        })
    }

    /// The last request was acknowledged, with this version and serial number.
    pub(super) fn acknowledge(&mut self, zone: &serde_json::Value) {
        let (version, serial) = position(zone);
        let next = Known {
            number: self.sent,
            version,
            serial,
        };
        self.learn(next);
        self.acknowledged += 1;
    }

    /// Asks the server what is there now.
    pub(super) fn check(&mut self, folder: &Folder) {
        let export = serde_json::json!({ "request": "export_zone", "apex": self.apex });
        let show = serde_json::json!({ "request": "show_zone", "apex": self.apex });
        let (Answer::Done(text), Answer::Done(zone)) = (ask(folder, &export), ask(folder, &show))
        else {
            panic!("the server does not answer: {self:?}");
        };
        let numbers: Vec<u64> = numbers(text.as_str().unwrap());
        let (version, serial) = position(&zone);
        let is_new = version == 1;
        assert_eq!(
            numbers.len(),
            if is_new { 0 } else { HOSTS },
            "half a commit: {text}"
        );
        let different: HashSet<u64> = numbers.iter().copied().collect();
        assert!(different.len() <= 1, "half a commit: {text}");
        let number = numbers.first().copied().unwrap_or_default();
        self.learn(Known {
            number,
            version,
            serial,
        });
    }

    /// What is known now may be what was sent since, and nothing older than what was known before.
    fn learn(&mut self, next: Known) {
        let known = self.known;
        assert!(
            next.number >= known.number,
            "a commit is lost: {next:?} {self:?}"
        );
        assert!(next.number <= self.sent, "{next:?} {self:?}");
        let commits = next.version.checked_sub(known.version);
        let commits = commits.unwrap_or_else(|| panic!("a version is lost: {next:?} {self:?}"));
        assert!(commits <= next.number - known.number, "{next:?} {self:?}");
        if commits == 0 && known.serial != 0 {
            assert_eq!(next, known, "a version is another one now: {self:?}");
        }
        let step = next.serial.wrapping_sub(known.serial);
        assert!(
            step < 1 << 31,
            "the serial number went back: {next:?} {self:?}"
        );
        self.known = next;
    }
}

fn position(zone: &serde_json::Value) -> (u64, u32) {
    let serial = zone["serial"].as_u64().unwrap();
    (
        zone["version"].as_u64().unwrap(),
        u32::try_from(serial).unwrap(),
    )
}

fn numbers(text: &str) -> Vec<u64> {
    let after = text.split("number=").skip(1);
    after
        .map(|after| after.split('"').next().unwrap().parse().unwrap())
        .collect()
}
