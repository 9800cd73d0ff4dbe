//! What each scope opens: the table of names and types.

use easement_zone::{Label, Name, RecordData, RecordType};

use crate::Scope;

/// A kind of record that a scope opens. What is of no kind is open to nobody: `SRV`, `CAA`, `NS`, texts
/// that prove control to others, and everything at a name with an underscore that is not named here.
///
/// ```
/// use easement_zone::{Name, RecordData, RecordType};
/// use namedrop::{Placed, RecordKind, Scope};
///
/// let apex: Name = "example.com".parse()?;
/// let target = RecordData::from_text(RecordType::CNAME, "elsewhere.example")?;
/// let kind_at = |owner: &str| -> Result<_, easement_zone::NameError> {
///     Ok(RecordKind::of(&owner.parse()?, &apex, &target))
/// };
/// let selector = kind_at("s1._domainkey.shop.example.com")?;
/// assert_eq!(
///     selector,
///     Some(Placed { kind: RecordKind::DkimKey, subject: "shop.example.com".parse()? })
/// );
/// assert_eq!(RecordKind::DkimKey.scope(), Scope::Mail);
/// assert_eq!(kind_at("_acme-challenge.shop.example.com")?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum RecordKind {
    /// Where a host is.
    Address,
    /// Another name that a host stands for.
    Alias,
    /// Where mail for a host goes.
    MailExchange,
    /// Who may send mail in the name of a host (RFC 7208).
    Spf,
    /// A key that mail is signed with (RFC 6376).
    DkimKey,
    /// What becomes of mail that is not signed (RFC 7489).
    DmarcPolicy,
    /// A proof for a certificate (RFC 8555 section 8.4).
    AcmeChallenge,
    /// Whose handle a host is.
    AtprotoHandle,
}

/// One line of the table.
struct Rule {
    kind: RecordKind,
    scope: Scope,
    place: Place,
    types: &'static [RecordType],
    text: TextRule,
}

/// All in "OAuth2 scopes" of NameDrop 0.4.0, where no other source is named. `ALIAS` and `ANAME` belong
/// to hosts there; they are types of some servers only, and none of DNS.
static RULES: [Rule; 8] = [
    // A wildcard answers for names with underscores too, but only for the types that it has.
    Rule {
        kind: RecordKind::Address,
        scope: Scope::Hosts,
        place: Place::HostOrWildcard,
        types: &[RecordType::A, RecordType::AAAA],
        text: TextRule::Any,
    },
    // No wildcard: a CNAME answers for every type, so one at `*` would be the challenge for a certificate,
    // and keys and policies of mail, of the name above it.
    Rule {
        kind: RecordKind::Alias,
        scope: Scope::Hosts,
        place: Place::Host,
        types: &[RecordType::CNAME],
        text: TextRule::Any,
    },
    Rule {
        kind: RecordKind::MailExchange,
        scope: Scope::Mail,
        place: Place::HostOrWildcard,
        types: &[RecordType::MX],
        text: TextRule::Any,
    },
    Rule {
        kind: RecordKind::Spf,
        scope: Scope::Mail,
        place: Place::Host,
        types: &[RecordType::TXT],
        text: TextRule::Spf,
    },
    // The example of "POST /create-records" has a CNAME there.
    Rule {
        kind: RecordKind::DkimKey,
        scope: Scope::Mail,
        place: Place::BelowLabel("_domainkey"),
        types: &[RecordType::TXT, RecordType::CNAME],
        text: TextRule::Any,
    },
    // Not in the specification, but no mail arrives for long without it (docs/protocols/namedrop.md).
    Rule {
        kind: RecordKind::DmarcPolicy,
        scope: Scope::Mail,
        place: Place::AtLabel("_dmarc"),
        types: &[RecordType::TXT],
        text: TextRule::Any,
    },
    // Only TXT, as the specification says: a CNAME would get certificates long after the permission ended.
    Rule {
        kind: RecordKind::AcmeChallenge,
        scope: Scope::Acme,
        place: Place::AtLabel("_acme-challenge"),
        types: &[RecordType::TXT],
        text: TextRule::Any,
    },
    // https://atproto.com/specs/handle
    Rule {
        kind: RecordKind::AtprotoHandle,
        scope: Scope::AtprotoHandle,
        place: Place::AtLabel("_atproto"),
        types: &[RecordType::TXT],
        text: TextRule::StartsWith(b"did="),
    },
];

impl RecordKind {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::Address,
        Self::Alias,
        Self::MailExchange,
        Self::Spf,
        Self::DkimKey,
        Self::DmarcPolicy,
        Self::AcmeChallenge,
        Self::AtprotoHandle,
    ];

    /// The scope that opens it.
    pub fn scope(self) -> Scope {
        match self {
            Self::Address | Self::Alias => Scope::Hosts,
            Self::MailExchange | Self::Spf | Self::DkimKey | Self::DmarcPolicy => Scope::Mail,
            Self::AcmeChallenge => Scope::Acme,
            Self::AtprotoHandle => Scope::AtprotoHandle,
        }
    }

    /// Whether a name has one record of this kind at most: readers of two take neither.
    pub fn is_singular(self) -> bool {
        match self {
            Self::Alias | Self::Spf | Self::DkimKey | Self::DmarcPolicy | Self::AtprotoHandle => {
                true
            }
            Self::Address | Self::MailExchange | Self::AcmeChallenge => false,
        }
    }

    /// What it is, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Address => "addresses",
            Self::Alias => "aliases: all that is asked about the name is answered by another one",
            Self::MailExchange => "servers that mail goes to",
            Self::Spf => "who may send mail (SPF)",
            Self::DkimKey => "keys that sign mail (DKIM)",
            Self::DmarcPolicy => "what becomes of mail that is not signed (DMARC)",
            Self::AcmeChallenge => "proofs for certificates (ACME)",
            Self::AtprotoHandle => "the account that has the name as its handle",
        }
    }

    /// Its types.
    pub fn types(self) -> &'static [RecordType] {
        RULES
            .iter()
            .find(|rule| rule.kind == self)
            .map_or(&[], |rule| rule.types)
    }

    /// The label that its names have in front of the host, where they have one, and whether one more
    /// label of anybody's choice stands before it.
    pub fn label(self) -> Option<(&'static str, Selector)> {
        let rule = RULES.iter().find(|rule| rule.kind == self)?;
        match rule.place {
            Place::Host | Place::HostOrWildcard => None,
            Place::AtLabel(label) => Some((label, Selector::Without)),
            Place::BelowLabel(label) => Some((label, Selector::With)),
        }
    }

    /// The kind of a record in the zone with this apex, and the host that it is about.
    pub fn of(owner: &Name, apex: &Name, data: &RecordData) -> Option<Placed> {
        let rules = RULES
            .iter()
            .filter(|rule| rule.types.contains(&data.rtype()));
        let mut placed = rules.filter(|rule| rule.text.suits(data));
        placed.find_map(|rule| rule.place(owner, apex))
    }

    /// The kinds that records of a name and type can have, whatever they say.
    pub fn possible(owner: &Name, apex: &Name, rtype: RecordType) -> Vec<Placed> {
        let rules = RULES.iter().filter(|rule| rule.types.contains(&rtype));
        rules.filter_map(|rule| rule.place(owner, apex)).collect()
    }
}

/// Whether the names of a kind have a label of anybody's choice in front.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Selector {
    /// They have one or more.
    With,
    /// They have none.
    Without,
}

/// A kind, and the host that a record of it is about: that host has to be permitted, not the name of the
/// record. `_acme-challenge.shop` is about `shop`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Placed {
    /// The kind.
    pub kind: RecordKind,
    /// The host, as a full name.
    pub subject: Name,
}

//------------ Places ----------------------------------------------------------------------------

/// Where records of a kind stand.
#[derive(Clone, Copy)]
enum Place {
    /// At the host itself.
    Host,
    /// There, or at a wildcard.
    HostOrWildcard,
    /// At this label in front of the host.
    AtLabel(&'static str),
    /// At one label or more in front of this one.
    BelowLabel(&'static str),
}

impl Rule {
    fn place(&self, owner: &Name, apex: &Name) -> Option<Placed> {
        let host = owner.relative_to(apex)?;
        let labels: Vec<Label<'_>> = host.labels().collect();
        let subject = match (self.place, labels.as_slice()) {
            (Place::HostOrWildcard, [first, rest @ ..]) if first.octets() == b"*" => {
                return is_plain(rest).then(|| self.about(owner.clone()));
            }
            (Place::Host | Place::HostOrWildcard, all) => all,
            (Place::AtLabel(label), [first, rest @ ..]) if is_label(*first, label) => rest,
            (Place::BelowLabel(label), all) => {
                let at = all.iter().position(|one| is_label(*one, label))?;
                let (selector, rest) = all.split_at_checked(at)?;
                let (_label, rest) = rest.split_first()?;
                (!selector.is_empty() && is_plain(selector)).then_some(rest)?
            }
            (Place::AtLabel(_), _) => return None,
        };
        if !is_plain(subject) {
            return None;
        }
        let labels = subject.iter().copied().chain(apex.labels());
        let subject = Name::from_labels(labels.map(Label::octets)).ok()?;
        Some(self.about(subject))
    }

    fn about(&self, subject: Name) -> Placed {
        debug_assert_eq!(self.scope, self.kind.scope(), "the table says it once more");
        Placed {
            kind: self.kind,
            subject,
        }
    }
}

fn is_label(label: Label<'_>, text: &str) -> bool {
    label.octets().eq_ignore_ascii_case(text.as_bytes())
}

fn is_plain(labels: &[Label<'_>]) -> bool {
    labels.iter().all(|label| is_host_label(*label))
}

/// Whether a label may be part of a host: letters, digits, hyphens, and underscores but not in front.
pub(crate) fn is_host_label(label: Label<'_>) -> bool {
    let is_usual = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_".contains(octet);
    !label.is_underscored() && label.octets().iter().all(is_usual)
}

//------------ Texts -----------------------------------------------------------------------------

/// What a text has to say to be of a kind.
#[derive(Clone, Copy)]
enum TextRule {
    /// Anything, or it is no text.
    Any,
    /// It is an SPF record (RFC 7208 section 4.5).
    Spf,
    /// It begins like this.
    StartsWith(&'static [u8]),
}

impl TextRule {
    fn suits(self, data: &RecordData) -> bool {
        match self {
            Self::Any => true,
            Self::Spf => data.text().is_some_and(|text| is_spf(&text)),
            Self::StartsWith(start) => data.text().is_some_and(|text| text.starts_with(start)),
        }
    }
}

fn is_spf(text: &[u8]) -> bool {
    const VERSION: &[u8] = b"v=spf1";
    let Some((version, rest)) = text.split_at_checked(VERSION.len()) else {
        return false;
    };
    version.eq_ignore_ascii_case(VERSION) && rest.first().is_none_or(|next| *next == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kind of a record at a host of `example.com`, and what it is about.
    fn kind(host: &str, rtype: RecordType, value: &str) -> Option<(RecordKind, String)> {
        let apex: Name = "example.com".parse().unwrap();
        let owner = Name::from_text_below(host, &apex).unwrap();
        let data = RecordData::from_text(rtype, value).unwrap();
        let placed = RecordKind::of(&owner, &apex, &data)?;
        let subject = placed.subject.relative_to(&apex).unwrap();
        Some((placed.kind, subject.to_string()))
    }

    #[test]
    fn the_table_and_the_kinds_say_the_same() {
        for (rule, kind) in RULES.iter().zip(RecordKind::ALL) {
            assert_eq!(rule.kind, kind);
            assert_eq!(rule.scope, kind.scope());
            assert_eq!(rule.types, kind.types());
        }
    }

    const SPF: &str = "\"v=spf1 mx -all\"";

    type Case = (
        &'static str,
        RecordType,
        &'static str,
        Option<(RecordKind, &'static str)>,
    );

    fn check(cases: &[Case]) {
        for (host, rtype, value, expected) in cases {
            let expected = expected.map(|(kind, about)| (kind, about.to_owned()));
            assert_eq!(
                kind(host, *rtype, value),
                expected,
                "{host} {rtype} {value}"
            );
        }
    }

    #[test]
    fn hosts_open_no_underscores_and_challenges_have_a_name_of_their_own() {
        use RecordKind::{AcmeChallenge, Address, Alias, MailExchange};
        check(&[
            ("@", RecordType::A, "192.0.2.1", Some((Address, "@"))),
            (
                "WWW",
                RecordType::AAAA,
                "2001:db8::1",
                Some((Address, "WWW")),
            ),
            ("a.b", RecordType::CNAME, "x.example", Some((Alias, "a.b"))),
            ("a_b", RecordType::A, "192.0.2.1", Some((Address, "a_b"))),
            ("*.a", RecordType::A, "192.0.2.1", Some((Address, "*.a"))),
            (
                "*",
                RecordType::MX,
                "1 m.example",
                Some((MailExchange, "*")),
            ),
            // A wildcard alias would answer for _acme-challenge, _dmarc and every selector.
            ("*.a", RecordType::CNAME, "x.example", None),
            ("*.a", RecordType::TXT, SPF, None),
            ("a.*.b", RecordType::A, "192.0.2.1", None),
            ("_x", RecordType::A, "192.0.2.1", None),
            ("_x.a", RecordType::CNAME, "x.example", None),
            ("a._x", RecordType::A, "192.0.2.1", None),
            // Hosts never open challenges, and nobody else an alias of one.
            ("_acme-challenge", RecordType::CNAME, "x.example", None),
            ("_acme-challenge.a", RecordType::A, "192.0.2.1", None),
            ("*._acme-challenge", RecordType::A, "192.0.2.1", None),
            (
                "_acme-challenge",
                RecordType::TXT,
                "x",
                Some((AcmeChallenge, "@")),
            ),
            (
                "_ACME-Challenge.a.b",
                RecordType::TXT,
                "x",
                Some((AcmeChallenge, "a.b")),
            ),
            ("_acme-challenge-2.a", RecordType::TXT, "x", None),
            ("_acme-challengex", RecordType::TXT, "x", None),
            ("x._acme-challenge.a", RecordType::TXT, "x", None),
            ("_acme-challenge._x.a", RecordType::TXT, "x", None),
            ("_acme-challenge.*.a", RecordType::TXT, "x", None),
            // The name of the challenge is not opened by a text that suits another kind.
            (
                "_acme-challenge",
                RecordType::TXT,
                SPF,
                Some((AcmeChallenge, "@")),
            ),
        ]);
    }

    #[test]
    fn mail_and_handles_have_their_names() {
        use RecordKind::{AtprotoHandle, DkimKey, DmarcPolicy, Spf};
        check(&[
            ("s1._domainkey", RecordType::TXT, "x", Some((DkimKey, "@"))),
            (
                "s1._domainkey.a",
                RecordType::CNAME,
                "x.example",
                Some((DkimKey, "a")),
            ),
            (
                "s1.s2._DomainKey.a",
                RecordType::TXT,
                "x",
                Some((DkimKey, "a")),
            ),
            ("_domainkey.a", RecordType::TXT, "x", None),
            ("*._domainkey.a", RecordType::TXT, "x", None),
            ("_s1._domainkey.a", RecordType::TXT, "x", None),
            ("s1._domainkey._acme-challenge", RecordType::TXT, "x", None),
            (
                "_acme-challenge.s1._domainkey.a",
                RecordType::TXT,
                "x",
                None,
            ),
            ("s1._domainkey.s2._domainkey", RecordType::TXT, "x", None),
            ("s1._domainkey.a", RecordType::MX, "1 m.example", None),
            ("s1.domainkey.a", RecordType::TXT, "x", None),
            (
                "_dmarc.a",
                RecordType::TXT,
                "v=DMARC1",
                Some((DmarcPolicy, "a")),
            ),
            ("_dmarc.a", RecordType::CNAME, "x.example", None),
            ("x._dmarc.a", RecordType::TXT, "v=DMARC1", None),
            ("a", RecordType::TXT, SPF, Some((Spf, "a"))),
            ("a", RecordType::TXT, "v=SPF1", Some((Spf, "a"))),
            ("a", RecordType::TXT, "v=spf10", None),
            ("a", RecordType::TXT, "google-site-verification=x", None),
            ("a", RecordType::TXT, "did=did:plc:x", None),
            (
                "_atproto",
                RecordType::TXT,
                "did=did:plc:x",
                Some((AtprotoHandle, "@")),
            ),
            (
                "_atproto.a",
                RecordType::TXT,
                "did=did:plc:x",
                Some((AtprotoHandle, "a")),
            ),
            ("_atproto.a", RecordType::TXT, "x", None),
            ("_atprotox.a", RecordType::TXT, "did=did:plc:x", None),
            ("_atproto.a", RecordType::CNAME, "x.example", None),
            ("@", RecordType::NS, "ns.example", None),
            ("a", RecordType::NS, "ns.example", None),
            ("@", RecordType::CAA, "0 issue x", None),
            ("a", RecordType::SRV, "1 1 1 x.example", None),
            ("_x._tcp.a", RecordType::SRV, "1 1 1 x.example", None),
            ("a", RecordType::SPF, SPF, None),
            ("a", RecordType::DNAME, "x.example", None),
            ("_domainconnect", RecordType::TXT, "x", None),
            ("a\\.b", RecordType::A, "192.0.2.1", None),
        ]);
    }
}
