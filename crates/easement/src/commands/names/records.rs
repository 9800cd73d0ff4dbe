//! Records, as they are typed.

use std::str::FromStr;

use anyhow::Context as _;
use easement_client::NameRecord;
use easement_zone::RecordType;

use crate::console::NotValid;

/// `TYPE=VALUE`, `HOST:TYPE=VALUE`, or without a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct WantedRecord {
    text: String,
    host: Option<String>,
    rtype: RecordType,
    value: Option<String>,
}

impl WantedRecord {
    pub(super) fn record(self, value_is_needed: bool) -> anyhow::Result<NameRecord> {
        let record = match self.value {
            Some(value) => NameRecord::new(self.rtype, value),
            None if value_is_needed => {
                let text = &self.text;
                let error = anyhow::anyhow!("{text:?} has no value: write it as {text}=VALUE");
                return Err(NotValid::mark(error));
            }
            None => NameRecord::every(self.rtype),
        };
        Ok(match self.host {
            Some(host) => record.at(host),
            None => record,
        })
    }
}

impl FromStr for WantedRecord {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, anyhow::Error> {
        let (place, value) = match text.split_once('=') {
            Some((place, value)) => (place, Some(value.to_owned())),
            None => (text, None),
        };
        let (host, rtype) = match place.rsplit_once(':') {
            Some((host, rtype)) => (Some(host), rtype),
            None => (None, place),
        };
        let host = host.map(typed_host).transpose();
        let host = host.map_err(|error| anyhow::anyhow!("{text:?} is no record: {error}"))?;
        let rtype = rtype.parse().with_context(|| {
            format!("{text:?} is no record: write it like A=192.0.2.5 or www:A=192.0.2.5")
        })?;
        // As when a variable of a script is empty. It must not become "every value".
        if value
            .as_deref()
            .is_some_and(|value| value.trim().is_empty())
        {
            anyhow::bail!(
                "{text:?} has no value after the =: write {place}=VALUE, or {place} alone to delete all of the type"
            );
        }
        Ok(Self {
            text: text.to_owned(),
            host,
            rtype,
            value,
        })
    }
}

/// A host as it is typed, in the protocol's words: there, an empty one is the domain itself.
pub(super) fn typed_host(text: &str) -> anyhow::Result<String> {
    // As when a variable of a script is empty. It must not become the apex.
    if text.trim().is_empty() {
        anyhow::bail!("the host is empty: write @ for the domain itself");
    }
    Ok(if text == "@" { "" } else { text }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_type_and_value_and_maybe_a_host() {
        for (text, host, rtype, value) in [
            ("A=192.0.2.5", None, "A", Some("192.0.2.5")),
            ("AAAA=2001:db8::1", None, "AAAA", Some("2001:db8::1")),
            ("www:A=192.0.2.5", Some("www"), "A", Some("192.0.2.5")),
            (
                "_acme-challenge.{{host}}:TXT=a=b:c",
                Some("_acme-challenge.{{host}}"),
                "TXT",
                Some("a=b:c"),
            ),
            ("@:TXT=apex", Some(""), "TXT", Some("apex")),
            ("MX=10 mail.example", None, "MX", Some("10 mail.example")),
            ("www:A", Some("www"), "A", None),
        ] {
            let wanted: WantedRecord = text.parse().unwrap();
            assert_eq!(wanted.host.as_deref(), host, "{text}");
            assert_eq!(wanted.rtype, rtype.parse().unwrap(), "{text}");
            assert_eq!(wanted.value.as_deref(), value, "{text}");
            assert_eq!(wanted.record(true).is_ok(), value.is_some(), "{text}");
        }
        for wrong in ["", "=", "192.0.2.5", "a b=c", "www:=x"] {
            assert!(wrong.parse::<WantedRecord>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_host_is_not_the_domain_itself() {
        for wrong in [":A", ":A=192.0.2.5", " :TXT=x", "\t:A", ":MX=10 a:b"] {
            let error = wrong.parse::<WantedRecord>().unwrap_err();
            assert!(format!("{error:#}").contains("write @ for"), "{error:#}");
        }
        for wrong in ["", " ", "\n"] {
            assert!(typed_host(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(typed_host("@").unwrap(), "");
        assert_eq!(typed_host("www").unwrap(), "www");
    }

    #[test]
    fn nothing_behind_the_sign_is_not_every_value() {
        for (wrong, all) in [
            ("TXT=", "TXT"),
            ("A= ", "A"),
            (
                "_acme-challenge.{{host}}:TXT=",
                "_acme-challenge.{{host}}:TXT",
            ),
            ("www:TXT=\t", "www:TXT"),
        ] {
            let error = wrong.parse::<WantedRecord>().unwrap_err().to_string();
            let advice = format!("write {all}=VALUE, or {all} alone to delete all of the type");
            assert!(error.contains(&advice), "{error}");

            let all: WantedRecord = all.parse().unwrap();
            assert_eq!(all.record(false).unwrap().value, None, "{wrong}");
        }
    }
}
