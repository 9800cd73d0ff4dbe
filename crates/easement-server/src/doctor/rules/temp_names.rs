//! Names for addresses of apps that have none.

use easement_zone::Name;

use super::super::Check;
use crate::admin::TempNamesFacts;
use crate::config::PublicUrl;

const CHECK: &str = "names for addresses";

pub(in crate::doctor) fn judge(facts: &TempNamesFacts, public_url: &PublicUrl) -> Check {
    let base = facts.base.to_text();
    let Some(zone) = &facts.zone else {
        return Check::fail(
            CHECK,
            format!("none can be made: this server hosts no zone that {base} is in"),
            format!(
                "make it with `easement zone create {base}`, or set namedrop.temp_zone to a name that is here"
            ),
        );
    };
    if let Some(delegated) = &facts.delegated {
        return Check::fail(
            CHECK,
            format!(
                "none can be made: {} is delegated from {}, so nobody asks this server about {base}",
                delegated.to_text(),
                zone.to_text()
            ),
            "set namedrop.temp_zone to a name that this server answers for",
        );
    }
    let host = public_url.host().parse::<Name>();
    if host.is_ok_and(|host| host.is_at_or_below(zone)) {
        return Check::warn(
            CHECK,
            format!(
                "strangers get names below {base}, in the zone {} that this server's own address is in: to \
                 browsers their pages are of the same site as yours",
                zone.to_text()
            ),
            "use a domain for them that is used for nothing else",
        );
    }
    Check::ok(CHECK, format!("they are made below {base}"))
}

#[cfg(test)]
mod tests {
    use super::super::assert_check;
    use super::*;
    use crate::doctor::Outcome::{Fail, Ok as Good, Warn};

    #[test]
    fn names_need_a_zone_that_is_theirs() {
        let name = |text: &str| text.parse::<Name>().unwrap();
        for (zone, delegated, public, outcome, words) in [
            (None, None, "dns.example", Fail, "zone create ip.example"),
            (
                Some("example"),
                Some("ip.example"),
                "dns.other",
                Fail,
                "ip.example is delegated from example",
            ),
            (
                Some("ip.example"),
                None,
                "dns.example",
                Good,
                "below ip.example",
            ),
            (Some("example"), None, "dns.example", Warn, "same site"),
            (Some("ip.example"), None, "dns.example.net", Good, ""),
        ] {
            let facts = TempNamesFacts {
                base: name("ip.example"),
                zone: zone.map(name),
                delegated: delegated.map(name),
            };
            let public = format!("https://{public}").parse().unwrap();
            assert_check(&judge(&facts, &public), outcome, words);
        }
    }
}
