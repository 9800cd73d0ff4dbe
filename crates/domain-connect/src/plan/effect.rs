//! What a change means, in plain words.

use std::collections::BTreeSet;
use std::fmt;

use easement_zone::{ChangeSet, Label, Name, PackedSet, RecordData, RecordSet, RecordType, Zone};
use serde::{Deserialize, Serialize};

use super::SpecialChange;
use super::spf::{is_spf_data, spf_text};
use crate::SpecialAction;

/// One thing that would be different.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "effect")]
pub enum Effect {
    /// Where mail goes.
    Mail {
        /// For addresses at this name.
        name: Name,
        /// The servers that receive it today.
        before: Vec<Name>,
        /// The servers that would.
        after: Vec<Name>,
    },
    /// Where a website, or whatever else answers at a name, is.
    Website {
        /// The name.
        name: Name,
        /// Where it is today.
        before: Vec<WebsitePlace>,
        /// Where it would be.
        after: Vec<WebsitePlace>,
    },
    /// Who may send mail.
    MailSenders {
        /// With addresses at this name.
        name: Name,
        /// The terms that come to its SPF record.
        added: Vec<String>,
        /// The terms that go from it.
        removed: Vec<String>,
    },
    /// How mail is signed, so that receivers can tell it is real.
    MailSigning {
        /// The name of the key.
        name: Name,
        /// The keys, or names that hold them, of today.
        before: Vec<String>,
        /// Those of afterwards.
        after: Vec<String>,
    },
    /// What receivers do with mail that is not real.
    MailPolicy {
        /// The name of the policy.
        name: Name,
        /// The policy of today.
        before: Vec<String>,
        /// The policy of afterwards.
        after: Vec<String>,
    },
    /// Which authorities may issue certificates.
    CertificateAuthorities {
        /// For this name.
        name: Name,
        /// What is allowed today.
        before: Vec<String>,
        /// What would be.
        after: Vec<String>,
    },
    /// Which servers answer for a name and everything below it.
    Delegation {
        /// The name.
        name: Name,
        /// The servers today.
        before: Vec<Name>,
        /// The servers afterwards.
        after: Vec<Name>,
    },
    /// Where the server of a service such as a calendar or a game is.
    ServerLocation {
        /// The name.
        name: Name,
        /// The servers today.
        before: Vec<Name>,
        /// The servers afterwards.
        after: Vec<Name>,
    },
    /// Texts, or names that hold them, by which a service recognises the domain.
    Verification {
        /// The name.
        name: Name,
        /// What comes.
        added: Vec<String>,
        /// What goes.
        removed: Vec<String>,
    },
    /// Something else.
    Other {
        /// The name.
        name: Name,
        /// The type of its records.
        rtype: RecordType,
    },
}

impl Effect {
    /// The name that it is about.
    ///
    /// ```
    /// use domain_connect::Effect;
    /// use easement_zone::Name;
    ///
    /// /// The effects that are about one name.
    /// fn about<'a>(effects: &'a [Effect], name: &'a Name) -> impl Iterator<Item = &'a Effect> {
    ///     effects.iter().filter(move |effect| effect.name() == name)
    /// }
    /// ```
    pub fn name(&self) -> &Name {
        match self {
            Self::Mail { name, .. }
            | Self::Website { name, .. }
            | Self::MailSenders { name, .. }
            | Self::MailSigning { name, .. }
            | Self::MailPolicy { name, .. }
            | Self::CertificateAuthorities { name, .. }
            | Self::Delegation { name, .. }
            | Self::ServerLocation { name, .. }
            | Self::Verification { name, .. }
            | Self::Other { name, .. } => name,
        }
    }
}

/// Where something is.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebsitePlace {
    /// At an address.
    Address(String),
    /// Wherever another name is.
    Name(Name),
    /// At a page that browsers are sent to.
    Page(String),
}

impl fmt::Display for WebsitePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(text) | Self::Page(text) => f.write_str(text),
            Self::Name(name) => f.write_str(&name.to_unicode()),
        }
    }
}

/// The effects of a change, in the order of names.
pub(super) fn effects(
    before: &Zone,
    after: &Zone,
    changes: &ChangeSet,
    special: &[SpecialChange],
) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut websites: BTreeSet<Name> = special
        .iter()
        .map(|change| match change {
            SpecialChange::Added(special) | SpecialChange::Removed(special) => {
                special.owner.clone()
            }
        })
        .collect();
    for (key, change) in changes.iter() {
        let (old, new) = (change.before.as_ref(), change.after.as_ref());
        if data_of(old) == data_of(new) {
            continue;
        }
        let name = key.owner.clone();
        match key.rtype {
            RecordType::CNAME if is_signing_name(&name) => {
                effects.push(Effect::MailSigning {
                    name,
                    before: shown_targets(old),
                    after: shown_targets(new),
                });
            }
            RecordType::CNAME if is_underscored(&name) => {
                effects.push(Effect::Verification {
                    name,
                    added: shown_targets(new),
                    removed: shown_targets(old),
                });
            }
            RecordType::A | RecordType::AAAA | RecordType::CNAME => {
                websites.insert(name);
            }
            RecordType::TXT => effects.extend(text_effects(name, old, new)),
            rtype => effects.push(record_effect(name, rtype, old, new)),
        }
    }
    effects.extend(
        websites
            .into_iter()
            .map(|name| website_effect(before, after, special, name)),
    );
    effects
}

fn record_effect(
    name: Name,
    rtype: RecordType,
    old: Option<&RecordSet>,
    new: Option<&RecordSet>,
) -> Effect {
    let (before, after) = (targets(old), targets(new));
    match rtype {
        RecordType::MX => Effect::Mail {
            name,
            before,
            after,
        },
        RecordType::NS => Effect::Delegation {
            name,
            before,
            after,
        },
        RecordType::SRV => Effect::ServerLocation {
            name,
            before,
            after,
        },
        RecordType::CAA => Effect::CertificateAuthorities {
            name,
            before: data_of(old).iter().map(ToString::to_string).collect(),
            after: data_of(new).iter().map(ToString::to_string).collect(),
        },
        _ => Effect::Other { name, rtype },
    }
}

/// What a change of the texts of a name means: SPF, DMARC and DKIM each by themselves.
fn text_effects(name: Name, old: Option<&RecordSet>, new: Option<&RecordSet>) -> Vec<Effect> {
    let all_texts = |set| data_of(set).iter().map(spf_text).collect();
    if is_signing_name(&name) {
        return vec![Effect::MailSigning {
            name,
            before: all_texts(old),
            after: all_texts(new),
        }];
    }
    if name
        .labels()
        .next()
        .is_some_and(|label| label.octets().eq_ignore_ascii_case(b"_dmarc"))
    {
        return vec![Effect::MailPolicy {
            name,
            before: all_texts(old),
            after: all_texts(new),
        }];
    }
    let mut effects = Vec::new();
    let words = |set| -> Vec<String> {
        let data: &[RecordData] = data_of(set);
        data.iter()
            .filter(|data| is_spf_data(data))
            .flat_map(|data| {
                let words: Vec<String> = spf_text(data)
                    .split(' ')
                    .skip(1)
                    .map(str::to_owned)
                    .collect();
                words
            })
            .collect()
    };
    let (added, removed) = difference(&words(old), &words(new));
    if !added.is_empty() || !removed.is_empty() {
        let name = name.clone();
        effects.push(Effect::MailSenders {
            name,
            added,
            removed,
        });
    }
    let texts = |set| -> Vec<String> {
        let data: &[RecordData] = data_of(set);
        data.iter()
            .filter(|data| !is_spf_data(data))
            .map(spf_text)
            .collect()
    };
    let (added, removed) = difference(&texts(old), &texts(new));
    if !added.is_empty() || !removed.is_empty() {
        effects.push(Effect::Verification {
            name,
            added,
            removed,
        });
    }
    effects
}

fn difference(old: &[String], new: &[String]) -> (Vec<String>, Vec<String>) {
    let not_in = |of: &[String], other: &[String]| {
        of.iter()
            .filter(|text| !other.contains(text))
            .cloned()
            .collect()
    };
    (not_in(new, old), not_in(old, new))
}

fn website_effect(before: &Zone, after: &Zone, special: &[SpecialChange], name: Name) -> Effect {
    let pages = |is_after: bool| {
        special.iter().filter_map(move |change| match change {
            SpecialChange::Added(special) if is_after => Some(special),
            SpecialChange::Removed(special) if !is_after => Some(special),
            SpecialChange::Added(_) | SpecialChange::Removed(_) => None,
        })
    };
    let place = |action: &SpecialAction| match action {
        SpecialAction::ApexAlias { target, .. } => WebsitePlace::Name(target.clone()),
        SpecialAction::WebRedirect { target, .. } => WebsitePlace::Page(target.clone()),
    };
    let places = |zone: &Zone, is_after: bool| -> Vec<WebsitePlace> {
        let pages: Vec<WebsitePlace> = pages(is_after)
            .filter(|special| special.owner == name)
            .map(|special| place(&special.action))
            .collect();
        // A redirected name has addresses of this server, which say nothing to a reader.
        if pages.is_empty() {
            addresses(zone, &name)
        } else {
            pages
        }
    };
    let (before, after) = (places(before, false), places(after, true));
    Effect::Website {
        name,
        before,
        after,
    }
}

fn addresses(zone: &Zone, name: &Name) -> Vec<WebsitePlace> {
    let node = zone.node(name);
    [RecordType::A, RecordType::AAAA, RecordType::CNAME]
        .into_iter()
        .filter_map(|rtype| node?.set(rtype))
        .flat_map(PackedSet::data)
        .map(|data| match data.target() {
            Some(target) => WebsitePlace::Name(target),
            None => WebsitePlace::Address(data.to_string()),
        })
        .collect()
}

/// Whether a name holds a key of DKIM (RFC 6376 section 3.6.2.1).
fn is_signing_name(name: &Name) -> bool {
    name.labels()
        .any(|label| label.octets().eq_ignore_ascii_case(b"_domainkey"))
}

/// Whether a name is one of those that prove something and are not visited (RFC 8552).
fn is_underscored(name: &Name) -> bool {
    name.labels().next().is_some_and(Label::is_underscored)
}

fn shown_targets(set: Option<&RecordSet>) -> Vec<String> {
    targets(set).iter().map(Name::to_unicode).collect()
}

fn data_of(set: Option<&RecordSet>) -> &[RecordData] {
    set.map_or(&[], RecordSet::data)
}

fn targets(set: Option<&RecordSet>) -> Vec<Name> {
    data_of(set).iter().filter_map(RecordData::target).collect()
}
