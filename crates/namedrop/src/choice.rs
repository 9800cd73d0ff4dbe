//! What an owner chooses from: hosts that suit an app, and what a permission would open of the zone as it is.

use std::collections::BTreeSet;

use easement_zone::{Host, Name, Record, Zone};
use url::{Host as UrlHost, Url};

use crate::around::{led_to, wildcard_over};
use crate::within::{MAX_LOOKED_AT, count_open, sets_within};
use crate::{
    App, HostReach, Permission, PermissionError, Permissions, PermittedHost, RequestedScopes,
    out_of_reach,
};

/// The most hosts that are suggested.
const MAX_SUGGESTED: usize = 6;
/// How many record sets of a zone are looked through for hosts that are there.
const MAX_LOOKED_THROUGH: usize = 5000;
/// What a program on somebody's own machine is given.
const USUAL: [&str; 2] = ["home", "app"];
/// Labels that say nothing about an app.
const COMMON: [&str; 2] = ["www", "localhost"];

/// A host that could be given to an app, where nothing is in its way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SuggestedHost {
    /// The host.
    pub host: Host,
    /// Whether the zone has records at it or below it.
    pub presence: HostPresence,
}

/// Whether a zone has a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HostPresence {
    /// It would be a new one.
    New,
    /// It would be a new one, and a wildcard answers for it until then.
    Wildcard,
    /// It has records, but none that the app could change.
    There,
}

/// Hosts of a zone at which an app could set records of these scopes without touching one that is there, and to which
/// nothing else in the zone leads; `other_zone` is that of [`out_of_reach`]. First those that are called like the app, then those that the zone has.
///
/// ```
/// use easement_zone::zonefile::{self, ReadOptions};
/// use namedrop::{App, suggested_hosts};
///
/// let zone = zonefile::read("\
/// $ORIGIN example.com.
/// @     SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
///       NS   ns1.dns.example.
/// blog  A    192.0.2.1
/// list  MX   10 mail.example.net.
/// ", &ReadOptions::default())?.zone;
/// let app = App::check("https://blog.app.example", "https://blog.app.example/done")?;
/// let suggested = suggested_hosts(&app, &"namedrop-hosts".parse()?, &zone, &|_| None);
/// let hosts: Vec<String> = suggested.iter().map(|one| one.host.to_string()).collect();
/// assert_eq!(hosts, ["blog-2", "app", "list"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn suggested_hosts(
    app: &App,
    scopes: &RequestedScopes,
    zone: &Zone,
    other_zone: &dyn Fn(&Name) -> Option<Name>,
) -> Vec<SuggestedHost> {
    let labels = labels_of(app.redirect());
    let wanted = Wanted {
        scopes,
        zone,
        other_zone,
        led_to: led_to(zone),
    };
    let named = labels.iter().filter_map(|label| wanted.free_host(label));
    let mut suggested: Vec<SuggestedHost> = Vec::new();
    for one in named.chain(wanted.there()) {
        if suggested.len() == MAX_SUGGESTED {
            break;
        }
        if !suggested.iter().any(|known| known.host == one.host) {
            suggested.push(one);
        }
    }
    suggested
}

/// What an app is called: the labels of its own host, but for the last.
fn labels_of(redirect: &Url) -> Vec<String> {
    let usual = || USUAL.iter().map(|label| (*label).to_owned()).collect();
    let Some(UrlHost::Domain(domain)) = redirect.host() else {
        return usual();
    };
    let labels: Vec<&str> = domain.split('.').collect();
    let own = labels.split_last().map_or(&[][..], |(_, own)| own);
    let own = own.iter().filter(|label| !COMMON.contains(*label)).take(2);
    let own: Vec<String> = own.map(|label| (*label).to_owned()).collect();
    if own.is_empty() { usual() } else { own }
}

/// What hosts are looked for.
struct Wanted<'a> {
    scopes: &'a RequestedScopes,
    zone: &'a Zone,
    other_zone: &'a dyn Fn(&Name) -> Option<Name>,
    /// Names that have a meaning already, though nothing may be there.
    led_to: BTreeSet<Name>,
}

impl Wanted<'_> {
    /// The label, or the first of those with a number behind it, at which nothing is in the way.
    fn free_host(&self, label: &str) -> Option<SuggestedHost> {
        let numbered = (2..10).map(|number| format!("{label}-{number}"));
        let mut labels = [label.to_owned()].into_iter().chain(numbered);
        labels.find_map(|label| self.suggestion(&label.parse().ok()?))
    }

    /// Hosts that the zone has.
    fn there(&self) -> impl Iterator<Item = SuggestedHost> {
        let owners = self.zone.sets().take(MAX_LOOKED_THROUGH);
        let owners: BTreeSet<Name> = owners.map(|set| set.owner().clone()).collect();
        let hosts = owners
            .into_iter()
            .filter_map(|owner| owner.relative_to(self.zone.apex()));
        hosts
            .filter(|host| !host.is_apex())
            .filter_map(|host| self.suggestion(&host))
    }

    /// The host, when it can be permitted, nothing leads to it, and an app would find nothing that it could change.
    fn suggestion(&self, host: &Host) -> Option<SuggestedHost> {
        let zone = self.zone;
        let name = host.below(zone.apex()).ok()?;
        let permitted = PermittedHost::new(host.clone(), HostReach::AtAndBelow).ok()?;
        let asked = permissions(self.scopes, zone.apex(), &permitted).ok()?;
        let is_free = out_of_reach(&name, zone, self.other_zone).is_none()
            && !self.led_to.contains(&name)
            && count_open(&asked, zone, 0) == 0;
        is_free.then(|| SuggestedHost {
            host: host.clone(),
            presence: if zone.has_name(&name) {
                HostPresence::There
            } else if wildcard_over(&name, zone).is_empty() {
                HostPresence::New
            } else {
                HostPresence::Wildcard
            },
        })
    }
}

/// All scopes of a request at one host of the zone with this apex.
pub fn permissions(
    scopes: &RequestedScopes,
    apex: &Name,
    host: &PermittedHost,
) -> Result<Permissions, PermissionError> {
    let each = scopes.iter();
    let each = each.map(|scope| Permission::new(scope, apex, host.clone()));
    Permissions::new(each.collect::<Result<Vec<_>, _>>()?)
}

//------------ OpenRecords -----------------------------------------------------------------------

/// Records of a zone that could be changed or taken away.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenRecords {
    /// The first of them.
    pub records: Vec<Record>,
    /// How many there are beside these, of those that were looked at.
    pub more: usize,
    /// Whether not all were looked at, and there may be others still.
    pub is_cut: bool,
}

/// What permissions open of a zone as it is, for the owner who gives them: the first `most` records, and how many
/// others there are.
///
/// ```
/// use easement_zone::zonefile::{self, ReadOptions};
/// use namedrop::{Permissions, open_records};
///
/// let zone = zonefile::read("\
/// $ORIGIN example.com.
/// @        SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
///          NS   ns1.dns.example.
/// shop     A    192.0.2.1
/// a.shop   A    192.0.2.2
/// shop     TXT  \"proof\"
/// ", &ReadOptions::default())?.zone;
/// let given: Permissions = serde_json::from_str(
///     r#"[{"scope": "namedrop-hosts", "domain": "example.com", "host": "shop"}]"#,
/// )?;
/// let open = open_records(&given, &zone, 1);
/// assert_eq!(open.records[0].owner, "shop.example.com".parse()?);
/// assert_eq!(open.more, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open_records(given: &Permissions, zone: &Zone, most: usize) -> OpenRecords {
    let mut open = OpenRecords {
        records: Vec::new(),
        more: 0,
        is_cut: false,
    };
    for (seen, set) in sets_within(given, zone, zone.apex()).enumerate() {
        if seen == MAX_LOOKED_AT {
            open.is_cut = true;
            break;
        }
        let is_open = |record: &Record| given.open(&record.owner, zone.apex(), &record.data);
        for record in set.records().filter(is_open) {
            if open.records.len() < most {
                open.records.push(record);
            } else {
                open.more += 1;
            }
        }
    }
    open
}

//------------ Typed hosts -----------------------------------------------------------------------

/// A host as its owner types it: relative to the zone, or as a full name of it. In front may stand `*.`, for what is
/// below it alone.
///
/// ```
/// use easement_zone::Name;
/// use namedrop::typed_host;
///
/// let apex: Name = "example.com".parse()?;
/// assert_eq!(typed_host("Shop", &apex)?, "shop".parse()?);
/// assert_eq!(typed_host("shop.example.com.", &apex)?, "shop".parse()?);
/// assert_eq!(typed_host("*.shop", &apex)?, "*.shop".parse()?);
/// assert!(typed_host("_acme-challenge.shop", &apex).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn typed_host(text: &str, apex: &Name) -> Result<PermittedHost, PermissionError> {
    let text = text.trim().to_lowercase();
    let (front, rest) = match text.strip_prefix("*.") {
        Some(rest) => ("*.", rest),
        None => ("", text.as_str()),
    };
    let within = rest
        .parse::<Name>()
        .ok()
        .and_then(|name| name.relative_to(apex));
    match within {
        Some(host) if host.is_apex() && !front.is_empty() => "*".parse(),
        Some(host) if host.is_apex() => "@".parse(),
        Some(host) => format!("{front}{host}").parse(),
        None => text.parse(),
    }
}

#[cfg(test)]
mod tests {
    use easement_zone::zonefile::{self, ReadOptions};

    use super::*;

    const ZONE: &str = "\
$ORIGIN example.com.
@          SOA   ns1.dns.example. hostmaster 1 2h 15m 2w 5m
           NS    ns1.dns.example.
           A     192.0.2.1
           TXT   \"v=spf1 -all\"
www        CNAME example.com.
notes      A     192.0.2.2
notes-2    TXT   \"proof\"
a.notes-3  A     192.0.2.3
list       MX    10 mail.example.net.
_dmarc     TXT   \"v=DMARC1\"
_acme-challenge.list TXT \"proof\"
*.wild     TXT   \"proof\"
away       NS    ns1.away.example.
";

    fn zone() -> Zone {
        zonefile::read(ZONE, &ReadOptions::default()).unwrap().zone
    }

    fn suggested(app: &str, scopes: &str) -> Vec<String> {
        let app = App::check(app, app).unwrap();
        let scopes = scopes.parse().unwrap();
        let suggested = suggested_hosts(&app, &scopes, &zone(), &|_| None).into_iter();
        let shown = |one: SuggestedHost| match one.presence {
            HostPresence::New => one.host.to_string(),
            HostPresence::Wildcard => format!("{} (wildcard)", one.host),
            HostPresence::There => format!("{} (there)", one.host),
        };
        suggested.map(shown).collect()
    }

    #[test]
    fn hosts_are_called_like_the_app_and_nothing_is_in_their_way() {
        for (app, scopes, expected) in [
            (
                "https://www.notes.example",
                "namedrop-hosts",
                &["notes-2 (there)", "list (there)"][..],
            ),
            (
                "https://my.notes.example",
                "namedrop-acme",
                &[
                    "my",
                    "notes (there)",
                    "a.notes-3 (there)",
                    "notes-2 (there)",
                ],
            ),
            (
                "https://list.example",
                "namedrop-hosts namedrop-acme",
                &["list-2", "notes-2 (there)"],
            ),
            ("https://away.example", "namedrop-mail", &["away-2"]),
            ("http://localhost:8000", "namedrop-mail", &["home", "app"]),
            ("http://127.0.0.1:8000", "namedrop-mail", &["home", "app"]),
            (
                "https://xn--bcher-kva.example",
                "namedrop-acme",
                &["xn--bcher-kva"],
            ),
        ] {
            let found = suggested(app, scopes);
            for one in expected {
                assert!(found.iter().any(|host| host == one), "{one}: {found:?}");
            }
            assert_eq!(found.first().map(String::as_str), expected.first().copied());
            assert!(found.len() <= MAX_SUGGESTED);
            for never in ["@", "www", "_dmarc", "away", "*.wild"] {
                let is_never = |host: &String| host.split(' ').next() == Some(never);
                let is_www = never == "www" && !scopes.contains("hosts");
                assert!(is_www || !found.iter().any(is_never), "{never}: {found:?}");
            }
        }
    }

    #[test]
    fn names_that_mean_something_already_are_not_proposed_as_new() {
        let text = "$ORIGIN example.com.\n@ SOA n. h. 1 1 1 1 1\n@ NS n.\n@ MX 10 mx.notes\n\
            blog CNAME my.example.com.\n* A 192.0.2.1\n";
        let zone = zonefile::read(text, &ReadOptions::default()).unwrap().zone;
        let app = App::check("https://my.notes.example", "https://my.notes.example").unwrap();
        let found = suggested_hosts(&app, &"namedrop-acme".parse().unwrap(), &zone, &|_| None);
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.host.to_string(), one.presence))
            .collect();
        assert_eq!(
            found,
            [
                ("my-2".to_owned(), HostPresence::Wildcard),
                ("notes-2".to_owned(), HostPresence::Wildcard),
                ("blog".to_owned(), HostPresence::There),
            ]
        );
    }

    #[test]
    fn what_could_be_changed_is_what_the_permissions_open() {
        let open = |wire: &str, most| {
            let given: Permissions = serde_json::from_str(wire).unwrap();
            let open = open_records(&given, &zone(), most);
            let records = open.records.iter();
            let names = records.map(|record| format!("{} {}", record.owner, record.data.rtype()));
            (names.collect::<Vec<String>>(), open.more)
        };
        let hosts = |host| {
            format!(r#"[{{"scope": "namedrop-hosts", "domain": "example.com", "host": "{host}"}}]"#)
        };
        assert_eq!(
            open(&hosts("notes"), 9),
            (vec!["notes.example.com. A".to_owned()], 0),
            "not notes-2, and nothing else at the name"
        );
        assert_eq!(
            open(&hosts("notes-3"), 9),
            (vec!["a.notes-3.example.com. A".to_owned()], 0)
        );
        assert_eq!(open(&hosts("*.notes"), 9), (Vec::new(), 0));
        assert_eq!(
            open(&hosts(""), 1).1,
            3,
            "all addresses and aliases of the zone"
        );
        let two = r#"[{"scope": "namedrop-mail", "domain": "example.com", "host": ""},
            {"scope": "namedrop-acme", "domain": "example.com", "host": "list"}]"#;
        let mut found = open(two, 9).0;
        found.sort();
        assert_eq!(
            found,
            [
                "_acme-challenge.list.example.com. TXT",
                "_dmarc.example.com. TXT",
                "example.com. TXT",
                "list.example.com. MX"
            ]
        );
    }

    #[test]
    fn owners_type_hosts_as_they_like() {
        let apex: Name = "example.com".parse().unwrap();
        for (text, host) in [
            ("shop", "shop"),
            (" Shop ", "shop"),
            ("a.b", "a.b"),
            ("shop.example.com", "shop"),
            ("SHOP.Example.com.", "shop"),
            ("example.com", ""),
            ("@", ""),
            ("", ""),
            ("*", "*"),
            ("*.example.com", "*"),
            ("*.shop.example.com", "*.shop"),
            ("b\u{fc}cher", "xn--bcher-kva"),
            ("shopexample.com", "shopexample.com"),
        ] {
            let typed = typed_host(text, &apex).map(|host| host.to_string());
            assert_eq!(typed.as_deref(), Ok(host), "{text}");
        }
        for text in [
            "_dmarc",
            "a._tcp",
            "a b",
            "a..b",
            "*.*",
            "a.*",
            "shop.",
            "https://shop",
        ] {
            assert!(typed_host(text, &apex).is_err(), "{text}");
        }
    }
}
