//! Where a record of a call stands: domains, hosts, and `{{host}}`.

use easement_zone::{Host, Label, Name};

use super::RecordFault;

/// What stands for the host of the call.
const VARIABLE: &str = "{{host}}";

/// A domain as it was sent, with or without a final dot.
pub(super) fn read_domain(text: &str) -> Result<Name, RecordFault> {
    let domain = text.to_lowercase().parse::<Name>().ok();
    let is_usual = |name: &Name| {
        !name.is_root() && name.labels().all(is_sendable) && !text.contains(['\\', '*'])
    };
    domain.filter(is_usual).ok_or_else(|| RecordFault::Domain {
        text: excerpt(text),
    })
}

/// A host as it was sent; `@` and nothing are the domain itself.
pub(super) fn read_host(text: &str) -> Result<Host, RecordFault> {
    let host = text.to_lowercase().parse::<Host>().ok();
    let is_usual = |host: &Host| host.labels().all(is_sendable) && !text.contains('\\');
    host.filter(is_usual).ok_or_else(|| RecordFault::Host {
        text: excerpt(text),
    })
}

/// A host with `{{host}}` replaced. At the domain itself there is nothing to put in its place, and the
/// dot goes with it.
pub(super) fn expand_host(text: &str, host: Option<&Host>) -> Result<Host, RecordFault> {
    match (text.contains(VARIABLE), host) {
        (false, _) => read_host(text),
        (true, None) => Err(RecordFault::NoHost),
        (true, Some(host)) => read_host(&expand_name(text, host)),
    }
}

/// A value with `{{host}}` replaced.
pub(super) fn expand_value(
    value: &str,
    form: ValueForm,
    host: Option<&Host>,
) -> Result<String, RecordFault> {
    match (value.contains(VARIABLE), host, form) {
        (false, _, _) => Ok(value.to_owned()),
        (true, None, _) => Err(RecordFault::NoHost),
        (true, Some(host), ValueForm::Name) => Ok(expand_name(value, host)),
        (true, Some(host), ValueForm::Text) if host.is_apex() => Ok(value.replace(VARIABLE, "")),
        (true, Some(host), ValueForm::Text) => Ok(value.replace(VARIABLE, &host.to_string())),
    }
}

/// How a value is written.
#[derive(Clone, Copy)]
pub(super) enum ValueForm {
    /// As a name, or with one at its end.
    Name,
    /// As any text.
    Text,
}

fn expand_name(text: &str, host: &Host) -> String {
    if !host.is_apex() {
        return text.replace(VARIABLE, &host.to_string());
    }
    let text = text.replace(&format!(".{VARIABLE}"), "");
    let text = text.replace(&format!("{VARIABLE}."), "");
    text.replace(VARIABLE, "")
}

/// Whether a label may stand in what a client sends. Hosts have no others, and whoever shows or quotes
/// them has nothing to think of.
pub(super) fn is_sendable(label: Label<'_>) -> bool {
    let is_usual = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_".contains(octet);
    label.octets() == b"*" || label.octets().iter().all(is_usual)
}

/// The beginning of a text, for a message.
pub(super) fn excerpt(text: &str) -> String {
    const MOST: usize = 80;
    let visible = text
        .chars()
        .map(|one| if one.is_control() { '\u{fffd}' } else { one });
    visible.take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_the_host_and_its_dot_goes_at_the_domain() {
        for (text, host, expected) in [
            ("{{host}}", "sub", Some("sub")),
            (
                "_acme-challenge.{{host}}",
                "sub",
                Some("_acme-challenge.sub"),
            ),
            ("s1._domainkey.{{host}}", "a.b", Some("s1._domainkey.a.b")),
            ("_acme-challenge.{{host}}", "@", Some("_acme-challenge")),
            ("{{host}}", "@", Some("@")),
            ("{{host}}.x", "@", Some("x")),
            ("a.{{host}}.b", "@", Some("a.b")),
            ("{{host}}.{{host}}", "a", Some("a.a")),
            ("{{Host}}", "a", None),
            ("{{domain}}", "a", None),
            ("{host}", "a", None),
            ("a.", "a", None),
            ("a..b", "a", None),
            ("a b", "a", None),
            ("a\\.b", "a", None),
            ("a\u{0}", "a", None),
            ("@", "a", Some("@")),
            ("", "a", Some("@")),
            ("*.a", "a", Some("*.a")),
            ("Bücher", "a", Some("xn--bcher-kva")),
        ] {
            let host: Host = host.parse().unwrap();
            let found = expand_host(text, Some(&host))
                .ok()
                .map(|host| host.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        assert_eq!(expand_host("{{host}}", None), Err(RecordFault::NoHost));
        assert_eq!(expand_host("a", None).unwrap().to_string(), "a");
    }

    #[test]
    fn domains_may_end_in_a_dot() {
        for (text, expected) in [
            ("Example.COM.", Some("example.com")),
            ("example.com", Some("example.com")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("", None),
            (".", None),
            ("*.example.com", None),
            ("exam\\.ple.com", None),
            ("exam ple.com", None),
            ("{{host}}.com", None),
        ] {
            let found = read_domain(text).ok().map(|name| name.to_text());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
