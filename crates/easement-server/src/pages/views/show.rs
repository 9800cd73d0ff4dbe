//! Names, times, durations, counts and record data as people read them.

use std::fmt::Write as _;
use std::time::Duration;

use easement_core::Timestamp;
use easement_zone::{Host, Name, RecordData, RecordType};

use super::words::visible;

/// A name in its own script, and as DNS carries it when that differs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShownName {
    /// In its own script.
    pub text: String,
    /// In ASCII, when that is something else.
    pub ascii: Option<String>,
    /// How many octets of the text come before the apex of the zone that the reader has in mind.
    own: usize,
}

impl ShownName {
    /// Shows a name.
    pub fn new(name: &Name) -> Self {
        let ascii = name.to_text();
        let text = visible(&name.to_unicode());
        Self {
            ascii: (ascii != text).then_some(ascii),
            own: text.len(),
            text,
        }
    }

    /// Shows a name of a zone, with the apex set back.
    pub fn within(name: &Name, apex: &Name) -> Self {
        let mut shown = Self::new(name);
        let tail = visible(&apex.to_unicode()).len() + 1;
        if name.is_below(apex) {
            shown.own = shown.own.saturating_sub(tail);
        }
        shown
    }

    /// What stands before the apex, or the whole name.
    pub(super) fn head(&self) -> &str {
        self.text.get(..self.own).unwrap_or(&self.text)
    }

    /// The apex with the dot before it, where it is set back.
    pub(super) fn tail(&self) -> Option<&str> {
        self.text.get(self.own..).filter(|tail| !tail.is_empty())
    }
}

/// A host in its own script; `@` at the apex.
pub(super) fn visible_host(host: &Host) -> String {
    visible(&host.to_unicode())
}

/// The names of provider and service, without saying the provider's twice: "Fernmail: Fernmail
/// Business" is shown as "Fernmail Business".
pub(super) fn service_title(title: &str) -> String {
    let shorter = title
        .split_once(": ")
        .filter(|(provider, service)| service.starts_with(provider))
        .map_or(title, |(_, service)| service);
    visible(shorter)
}

//------------ ShownTime -------------------------------------------------------------------------

/// A moment, by how long ago it was and by the calendar.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShownTime {
    /// Such as "5 minutes ago".
    pub relative: String,
    /// Such as "21 Nov 2026, 22:55 UTC".
    pub absolute: String,
    /// RFC 3339, for programs.
    pub machine: String,
}

impl ShownTime {
    /// Shows a moment as it is seen now.
    pub fn new(at: Timestamp, now: Timestamp) -> Self {
        let machine = at.to_string();
        Self {
            relative: ago(now.since(at)),
            absolute: calendar(&machine).unwrap_or_else(|| machine.clone()),
            machine,
        }
    }
}

fn ago(passed: Duration) -> String {
    let seconds = passed.as_secs();
    let (number, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        86_400..2_592_000 => (seconds / 86_400, "day"),
        2_592_000..31_536_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    format!("{} ago", count(number, unit))
}

/// `2026-11-21T22:55:48Z` as people write it.
fn calendar(machine: &str) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (date, time) = machine.split_once('T')?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    let day = day.trim_start_matches('0');
    Some(format!("{day} {month} {year}, {} UTC", time.get(..5)?))
}

//------------ Words for numbers -----------------------------------------------------------------

/// A number with its noun: "1 record", "2 records".
pub fn count(number: impl Into<u64>, noun: &str) -> String {
    match number.into() {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}

/// A duration exactly, in as many units as it needs: "1 hour", "1 hour 30 minutes".
pub fn duration_words(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (86_400, "day"),
        (3600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let mut rest = seconds;
    let mut words = Vec::new();
    for (size, unit) in UNITS {
        if rest >= size {
            words.push(count(rest / size, unit));
            rest %= size;
        }
    }
    if words.is_empty() {
        return "0 seconds".to_owned();
    }
    words.join(" ")
}

//------------ Record data -----------------------------------------------------------------------

/// The data of a record as people read it: names without the final dot, text joined and in quotes.
pub fn record_value(data: &RecordData) -> String {
    if let Some(text) = data.text() {
        return quoted(&text);
    }
    let text = data.to_string();
    let ends_in_name = [
        RecordType::CNAME,
        RecordType::DNAME,
        RecordType::MX,
        RecordType::NS,
        RecordType::PTR,
        RecordType::SRV,
    ]
    .contains(&data.rtype());
    match text.strip_suffix('.') {
        Some(shorter) if ends_in_name && !shorter.is_empty() && !shorter.ends_with(' ') => {
            visible(shorter)
        }
        Some(_) | None => visible(&text),
    }
}

/// Text in quotes; octets that are not UTF-8 as `\ddd`, as in zone files.
fn quoted(octets: &[u8]) -> String {
    let mut shown = String::from("\"");
    for chunk in octets.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character == '"' || character == '\\' {
                shown.push('\\');
            }
            shown.push(character);
        }
        for octet in chunk.invalid() {
            let _ = write!(shown, "\\{octet:03}");
        }
    }
    shown.push('"');
    visible(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (300, "5 minutes"),
            (3600, "1 hour"),
            (5400, "1 hour 30 minutes"),
            (90_061, "1 day 1 hour 1 minute 1 second"),
        ] {
            assert_eq!(duration_words(seconds), words);
        }
    }

    #[test]
    fn moments_are_shown_both_ways() {
        let now = Timestamp::from_micros(1_795_301_748_000_000);
        for (before, relative) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7_200, "2 hours ago"),
            (86_400 * 3, "3 days ago"),
            (86_400 * 800, "2 years ago"),
        ] {
            let at = Timestamp::from_micros(now.as_micros() - before * 1_000_000);
            assert_eq!(ShownTime::new(at, now).relative, relative);
        }
        let shown = ShownTime::new(now, now);
        assert_eq!(shown.absolute, "21 Nov 2026, 22:55 UTC");
        assert_eq!(shown.machine, "2026-11-21T22:55:48Z");
    }

    #[test]
    fn international_names_are_shown_in_both_forms() {
        let name: Name = "xn--bcher-kva.example".parse().unwrap();
        let shown = ShownName::new(&name);
        assert_eq!(shown.text, "bücher.example");
        assert_eq!(shown.ascii.as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(ShownName::new(&"example.com".parse().unwrap()).ascii, None);
    }

    #[test]
    fn a_provider_is_named_once() {
        assert_eq!(
            service_title("Fernmail: Fernmail Business"),
            "Fernmail Business"
        );
        assert_eq!(service_title("Harbour: Sites"), "Harbour: Sites");
    }

    #[test]
    fn the_apex_is_set_back_where_labels_end() {
        let apex: Name = "Example.com".parse().unwrap();
        for (name, head, tail) in [
            ("www.example.com", "www", Some(".example.com")),
            ("example.com", "example.com", None),
            ("other.test", "other.test", None),
        ] {
            let shown = ShownName::within(&name.parse().unwrap(), &apex);
            assert_eq!((shown.head(), shown.tail()), (head, tail));
        }
    }

    #[test]
    fn text_is_joined_quoted_and_cannot_hide_anything() {
        let long = "x".repeat(300);
        let data = RecordData::txt(long.as_bytes()).unwrap();
        assert_eq!(record_value(&data), format!("\"{long}\""));
        let data = RecordData::txt("a\"b\\c\u{202e}".as_bytes()).unwrap();
        assert_eq!(record_value(&data), "\"a\\\"b\\\\c⟨U+202E⟩\"");
        let data = RecordData::txt(b"\xff").unwrap();
        assert_eq!(record_value(&data), "\"\\255\"");
    }
}
