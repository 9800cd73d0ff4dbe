//! What of templates this server can apply.

use domain_connect::vetting::{is_applicable, unsupported_records};
use domain_connect::{Policy, Template};
use easement_zone::{Ttl, TtlError};

/// What templates may do, with the limits of the configuration for TTLs. No setting makes more of it: aliases at an
/// apex and web redirects need more than DNS, and `DS` records are left to owners.
pub(crate) fn application_policy(ttl_min: u32, ttl_max: u32) -> Result<Policy, TtlError> {
    let (lowest_ttl, highest_ttl) = (Ttl::from_secs(ttl_min)?, Ttl::from_secs(ttl_max)?);
    let policy = Policy::default();
    Ok(Policy {
        lowest_ttl,
        highest_ttl,
        default_ttl: policy.default_ttl.clamp_to(lowest_ttl, highest_ttl),
        ..policy
    })
}

/// What whoever approves a template should know about it: nothing when all of it can be applied.
pub(crate) fn unsupported_words(template: &Template) -> Vec<String> {
    // The limits of TTLs are never a reason to refuse.
    let policy = Policy::default();
    let records = unsupported_records(template, &policy);
    if records.is_empty() {
        return Vec::new();
    }
    let first = if is_applicable(template, &policy) {
        "Only some of its groups can be applied here: links have to name groups without the records below."
    } else {
        "It can never be applied here, so service providers are told that it is not supported, whatever is decided."
    };
    let sentences = records.iter().map(|record| format!("{record}."));
    std::iter::once(first.to_owned()).chain(sentences).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ttl_of_records_without_one_has_the_same_limits() {
        for (lowest, highest, default) in [
            (60, 604_800, 3600),
            (60, 600, 600),
            (7200, 604_800, 7200),
            (300, 300, 300),
        ] {
            let policy = application_policy(lowest, highest).unwrap();
            assert_eq!(
                policy.default_ttl.as_secs(),
                default,
                "{lowest} to {highest}"
            );
            assert_eq!(policy.lowest_ttl.as_secs(), lowest);
            assert_eq!(policy.highest_ttl.as_secs(), highest);
        }
    }

    #[test]
    fn whoever_approves_is_told_what_cannot_be_applied() {
        let words = |records: &str| {
            let json = format!(
                r#"{{"providerId": "p", "providerName": "P", "serviceId": "s", "serviceName": "S",
                    "records": [{records}]}}"#
            );
            unsupported_words(&Template::from_json(&json).unwrap().0).join(" ")
        };
        let address =
            r#"{"groupId": "g", "type": "A", "host": "a", "pointsTo": "192.0.2.1", "ttl": 60}"#;
        let redirect = r#""type": "REDIR301", "host": "b", "target": "https://p.test/"}"#;
        assert_eq!(words(address), "");
        let never = words(&format!("{address}, {{{redirect}"));
        assert!(never.starts_with("It can never be applied here"), "{never}");
        assert!(
            never.ends_with(
                "record 2 (REDIR301): this server does not support REDIR301 and REDIR302 records."
            ),
            "{never}"
        );
        let some = words(&format!(r#"{address}, {{"groupId": "r", {redirect}"#));
        assert!(some.starts_with("Only some of its groups"), "{some}");
    }
}
