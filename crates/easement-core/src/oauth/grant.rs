//! A grant: what an owner's yes to a client made.

use std::fmt;

use easement_zone::{Name, RecordType};
use serde::{Deserialize, Serialize};

use namedrop::Permissions;

use super::{GrantApp, GrantClient, GrantHolder, GrantRight, GrantTarget};
use crate::{AccountId, GrantId, Refused, Timestamp, ZoneAction, ZoneId, ZoneRole};

/// An account's standing permission for a client to change one zone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whose yes it was. It can do no more than its account.
    pub account: AccountId,
    /// Who may act.
    pub client: GrantClient,
    /// In which zone.
    pub zone: ZoneId,
    /// What.
    pub right: GrantRight,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when, as the owner chose; nothing for until it is taken back.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub used_at: Option<Timestamp>,
    /// When it ended before its time, and why.
    pub ended: Option<(Timestamp, GrantEnd)>,
}

/// Why a grant ended before its time.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantEnd {
    /// Its account, or an operator, took it back.
    RevokedByOwner,
    /// The client gave it back.
    RevokedByClient,
    /// Its code was shown twice (RFC 6749 section 4.1.2): one of the two had stolen it.
    CodeReplayed,
    /// A refresh token was shown after another took its place (RFC 9700 section 4.14.2).
    RefreshTokenReused,
    /// Its account may not change the zone any more.
    RoleLost,
}

impl GrantEnd {
    const ALL: [Self; 5] = [
        Self::RevokedByOwner,
        Self::RevokedByClient,
        Self::CodeReplayed,
        Self::RefreshTokenReused,
        Self::RoleLost,
    ];

    /// Whether a grant ends because its account has this role in the zone now, or none. A grant rests on the role that
    /// the yes was said with. It ends with that and does not come back with it: whoever gives a role again does not
    /// see, and did not mean, the programs of long ago.
    pub fn of_role(role: Option<ZoneRole>) -> Option<Self> {
        let may_change = role.is_some_and(|role| role.allows(ZoneAction::Change));
        (!may_change).then_some(Self::RoleLost)
    }

    /// The word for it in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RevokedByOwner => "revoked_by_owner",
            Self::RevokedByClient => "revoked_by_client",
            Self::CodeReplayed => "code_replayed",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::RoleLost => "role_lost",
        }
    }

    /// The reason with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.as_str() == word)
    }
}

impl fmt::Display for GrantEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::RevokedByOwner => "it was taken back",
            Self::RevokedByClient => "the client gave it back",
            Self::CodeReplayed => "its code was used twice, so somebody else may have seen it",
            Self::RefreshTokenReused => {
                "a refresh token was used after it was replaced, so somebody else may have it"
            }
            Self::RoleLost => "the account that gave it could not change the zone any more",
        })
    }
}

impl Grant {
    /// Whether it counts at this moment.
    pub fn check(&self, now: Timestamp) -> Result<(), GrantRefused> {
        if let Some((_, because)) = self.ended {
            return Err(GrantRefused::Ended { because });
        }
        match self.expires_at {
            Some(at) if now >= at => Err(GrantRefused::Expired { at }),
            Some(_) | None => Ok(()),
        }
    }

    /// The grant with its holder, when both count at this moment.
    pub fn admit(self, holder: GrantHolder, now: Timestamp) -> Result<AdmittedGrant, GrantRefused> {
        self.check(now)?;
        if !holder.holds(&self) {
            return Err(GrantRefused::OtherClient);
        }
        if holder.is_disabled() {
            return Err(GrantRefused::ClientDisabled);
        }
        Ok(AdmittedGrant {
            grant: self,
            holder,
        })
    }

    /// Whether it may end at a moment instead: earlier than it would, and not in the past.
    pub fn check_shorter(&self, end: Timestamp, now: Timestamp) -> Result<(), NotShorter> {
        if let Some((_, because)) = self.ended {
            return Err(NotShorter::Ended { because });
        }
        match self.expires_at {
            Some(at) if now >= at => Err(NotShorter::Expired { at }),
            Some(_) | None if end <= now => Err(NotShorter::Over { end }),
            Some(at) if end >= at => Err(NotShorter::NotEarlier { at }),
            Some(_) | None => Ok(()),
        }
    }

    /// The earlier of a moment and the grant's own end.
    pub fn until(&self, moment: Timestamp) -> Timestamp {
        self.expires_at.map_or(moment, |end| end.min(moment))
    }
}

/// A grant that counted, and its holder, when that was looked at: only [`Grant::admit`] makes one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AdmittedGrant {
    grant: Grant,
    holder: GrantHolder,
}

impl AdmittedGrant {
    /// The grant.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Its holder.
    pub fn holder(&self) -> &GrantHolder {
        &self.holder
    }

    /// The app that it is of, and what that may write, when it is for names that an app asked for.
    pub fn names(&self) -> Result<(&GrantApp, &Permissions), GrantRefused> {
        match (&self.grant.client, &self.grant.right) {
            (GrantClient::App(app), GrantRight::Names { permissions }) => Ok((app, permissions)),
            (GrantClient::App(_), GrantRight::Templates { .. })
            | (
                GrantClient::Registered(_),
                GrantRight::Templates { .. } | GrantRight::Names { .. },
            ) => Err(GrantRefused::NotForNames),
        }
    }

    /// Whether it is for this template at this host: the owner said so, and the client may still ask for it.
    pub fn allow(&self, target: &GrantTarget) -> Result<(), GrantRefused> {
        let may_ask = self.holder.client().is_some_and(|client| {
            let registration = &client.registration;
            registration.provider == target.provider
                && registration.templates.contains(&target.service)
        });
        if may_ask && self.grant.right.allows(target) {
            Ok(())
        } else {
            Err(GrantRefused::Target {
                target: target.clone(),
            })
        }
    }
}

/// Why a grant does not allow something. Says so to its client.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GrantRefused {
    /// It ended.
    #[error("this access ended: {because}")]
    Ended {
        /// Why.
        because: GrantEnd,
    },
    /// Its time is over.
    #[error("this access expired at {at}: ask the owner again")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// It is another client's.
    #[error("this access is not this client's")]
    OtherClient,
    /// The operator disabled the client.
    #[error("this client is disabled: ask whoever runs this server")]
    ClientDisabled,
    /// It is for another zone.
    #[error("this access is not for the zone {}", apex.to_text())]
    Zone {
        /// The zone that was asked for.
        apex: Name,
    },
    /// It is not for this template at this host.
    #[error("this access is not for {target}")]
    Target {
        /// What was asked for.
        target: GrantTarget,
    },
    /// It is for templates, and not for calls that name records.
    #[error("this access is for templates: it does not change records by their names")]
    NotForNames,
    /// It does not open a record that would change.
    #[error("this access does not open {rtype} at {}", owner.to_text())]
    Record {
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// The change is none that an app's call for records makes.
    #[error("this access is for calls that name records, and this change is something else")]
    NotACall,
    /// The change is not of the template and host that the permit names.
    #[error("this change is not one of {target}")]
    Change {
        /// What the permit is for.
        target: GrantTarget,
    },
    /// The account that said yes may not do this itself any more.
    #[error(transparent)]
    Account(#[from] Refused),
}

/// Why a grant does not end at another moment. Says so to its owner.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotShorter {
    /// It ended.
    #[error("this access ended already: {because}")]
    Ended {
        /// Why.
        because: GrantEnd,
    },
    /// Its time is over.
    #[error("this access expired at {at} already: nothing is left to take back")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// The moment is over.
    #[error("{end} is over: take the access back instead")]
    Over {
        /// The moment.
        end: Timestamp,
    },
    /// It ends then or earlier as it is.
    #[error("this access ends at {at} as it is: choose an earlier day")]
    NotEarlier {
        /// When it ends.
        at: Timestamp,
    },
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::app::tests::app;
    use super::super::client::tests::{at, client};
    use super::super::right::tests::{names, right, target};
    use super::super::{ClientAuthentication, OAuthClient};
    use super::*;
    use crate::OAuthClientId;

    pub(in super::super) fn grant() -> Grant {
        Grant {
            id: GrantId::new(1),
            account: AccountId::new(1),
            client: GrantClient::Registered(OAuthClientId::new(1)),
            zone: ZoneId::new(1),
            right: right(),
            created_at: at(0),
            expires_at: None,
            used_at: None,
            ended: None,
        }
    }

    /// What an app holds.
    pub(in super::super) fn grant_of_app() -> Grant {
        Grant {
            client: GrantClient::App(app("https://app.example/")),
            right: names(),
            ..grant()
        }
    }

    pub(crate) fn admitted_app_for_tests() -> AdmittedGrant {
        let holder = GrantHolder::App(app("https://app.example/"));
        grant_of_app().admit(holder, at(1)).unwrap()
    }

    pub(crate) fn admitted_for_tests() -> AdmittedGrant {
        let client = client(ClientAuthentication::Public);
        grant().admit(client.into(), at(1)).unwrap()
    }

    #[test]
    fn a_grant_counts_until_it_ends_or_its_client_does() {
        let ended = GrantEnd::RevokedByOwner;
        let live = client(ClientAuthentication::Public);
        let disabled = OAuthClient {
            disabled_at: Some(at(1)),
            ..live.clone()
        };
        let other = OAuthClient {
            id: OAuthClientId::new(2),
            ..live.clone()
        };
        let limited = Grant {
            expires_at: Some(at(10)),
            ..grant()
        };
        let revoked = Grant {
            ended: Some((at(1), ended)),
            ..limited.clone()
        };
        for (grant, client, now, refused) in [
            (grant(), &live, 1_000_000, None),
            (limited.clone(), &live, 9, None),
            (
                limited,
                &live,
                10,
                Some(GrantRefused::Expired { at: at(10) }),
            ),
            (
                revoked,
                &live,
                2,
                Some(GrantRefused::Ended { because: ended }),
            ),
            (grant(), &disabled, 2, Some(GrantRefused::ClientDisabled)),
            (grant(), &other, 2, Some(GrantRefused::OtherClient)),
        ] {
            let outcome = grant.admit(client.clone().into(), at(now));
            assert_eq!(outcome.err(), refused);
        }
    }

    #[test]
    fn an_end_comes_earlier_and_never_later() {
        let limited = Grant {
            expires_at: Some(at(10)),
            ..grant()
        };
        let ended = Grant {
            ended: Some((at(1), GrantEnd::RevokedByOwner)),
            ..grant()
        };
        let over = |end| Err(NotShorter::Over { end: at(end) });
        let not_earlier = Err(NotShorter::NotEarlier { at: at(10) });
        for (grant, end, now, expected) in [
            (grant(), 1_000_000, 5, Ok(())),
            (grant(), 6, 5, Ok(())),
            (grant(), 5, 5, over(5)),
            (limited.clone(), 9, 5, Ok(())),
            (limited.clone(), 4, 5, over(4)),
            (limited.clone(), 10, 5, not_earlier.clone()),
            (limited.clone(), 11, 5, not_earlier),
            (limited, 12, 11, Err(NotShorter::Expired { at: at(10) })),
            (
                ended,
                12,
                11,
                Err(NotShorter::Ended {
                    because: GrantEnd::RevokedByOwner,
                }),
            ),
        ] {
            assert_eq!(
                grant.check_shorter(at(end), at(now)),
                expected,
                "{end} {now}"
            );
        }
    }

    #[test]
    fn a_client_that_may_not_ask_any_more_may_not_act_either() {
        let mut narrowed = client(ClientAuthentication::Public);
        narrowed.registration.templates =
            super::super::ClientTemplates::Listed(vec!["mail".parse().unwrap()]);
        let admitted = grant().admit(narrowed.into(), at(1)).unwrap();
        assert!(
            admitted
                .allow(&target("host.example", "mail", "www"))
                .is_ok()
        );
        assert!(
            admitted
                .allow(&target("host.example", "web", "www"))
                .is_err()
        );
        assert!(
            admitted
                .allow(&target("host.example", "mail", "a.www"))
                .is_err()
        );
    }

    #[test]
    fn an_app_holds_its_own_grants_and_applies_no_template() {
        let admitted = admitted_app_for_tests();
        assert!(admitted.names().is_ok());
        assert!(
            admitted
                .allow(&target("host.example", "web", "www"))
                .is_err()
        );
        assert_eq!(admitted_for_tests().names(), Err(GrantRefused::NotForNames));
        let client = GrantHolder::from(client(ClientAuthentication::Public));
        let holder = |client_id| GrantHolder::App(app(client_id));
        for (grant, holder) in [
            (grant_of_app(), client),
            (grant_of_app(), holder("https://app.example.evil.example/")),
            (grant_of_app(), holder("https://app.example/other")),
            (grant(), holder("https://app.example/")),
        ] {
            let refused = grant.admit(holder, at(1));
            assert_eq!(refused, Err(GrantRefused::OtherClient));
        }
    }

    #[test]
    fn a_grant_rests_on_a_role_that_may_change_the_zone() {
        for (role, end) in [
            (None, Some(GrantEnd::RoleLost)),
            (Some(ZoneRole::Viewer), Some(GrantEnd::RoleLost)),
            (Some(ZoneRole::Editor), None),
            (Some(ZoneRole::Owner), None),
        ] {
            assert_eq!(GrantEnd::of_role(role), end, "{role:?}");
        }
    }

    #[test]
    fn words_survive() {
        for end in GrantEnd::ALL {
            assert_eq!(GrantEnd::from_word(end.as_str()), Some(end));
        }
    }
}
