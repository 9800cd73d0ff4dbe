//! Permits: the right to do one thing in one zone, as a value that later code asks for.

mod names_limit;
#[cfg(test)]
mod properties;

use std::sync::Arc;

use easement_zone::{ChangeSet, Name, RecordType, Zone};
use serde::{Deserialize, Serialize};

use self::names_limit::NamesLimit;
use crate::{
    AccountId, AdmittedGrant, ApiTokenId, ChangeSource, GrantId, GrantRefused, GrantTarget,
    Operation, ServiceChange, TokenChain, TokenKind, TokenRefused, ZoneAction, ZoneId, ZonePlan,
    ZoneRole,
};

/// Who acts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Actor {
    /// A person who is signed in.
    Account(AccountId),
    /// A device or program, with a secret that an account made for it.
    ApiToken(ApiTokenId),
    /// A program of a service provider, with access that an account granted to it.
    Grant(GrantId),
    /// Whoever can run commands as the server's user on its machine.
    Console,
    /// The rules that an operator wrote into the configuration.
    Rules,
    /// This server by itself, since it was time.
    Server,
}

/// The right to do something in one zone.
///
/// It can only be had by asking ([`Permit::for_account`], [`Permit::for_console`]), so code that is
/// given one cannot have forgotten the check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Permit {
    actor: Actor,
    zone: ZoneId,
    apex: Name,
    action: ZoneAction,
    limit: Limit,
}

/// What limits a permit within its zone.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Limit {
    /// Nothing.
    None,
    /// The limits of a token, in this epoch alone.
    Token(Arc<TokenChain>, AccessEpoch),
    /// One template at one host, in this epoch alone.
    Grant(GrantTarget, AccessEpoch),
    /// What an app's call for records may change, in this epoch alone.
    Names(Arc<NamesLimit>, AccessEpoch),
}

/// How often it changed who may do what: tokens, roles, accounts. What was decided in one epoch is asked
/// again in the next.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct AccessEpoch(pub u64);

/// Whether a zone may be used with test tokens.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ZonePurpose {
    /// It is in use: test tokens are refused.
    Live,
    /// It is for trying out: test tokens may change it.
    Testing,
}

impl Permit {
    /// The permit of an account that has this role in the zone, or none.
    pub fn for_account(
        account: AccountId,
        role: Option<ZoneRole>,
        action: ZoneAction,
        zone: ZoneId,
        apex: &Name,
    ) -> Result<Self, Refused> {
        match role {
            None => Err(Refused::NoRole { apex: apex.clone() }),
            Some(role) if !role.allows(action) => Err(Refused::RoleTooLow {
                apex: apex.clone(),
                role,
            }),
            Some(_) => Ok(Self {
                actor: Actor::Account(account),
                zone,
                apex: apex.clone(),
                action,
                limit: Limit::None,
            }),
        }
    }

    /// The permit of whoever runs commands on the server's machine, who could open the database just
    /// as well.
    pub fn for_console(action: ZoneAction, zone: ZoneId, apex: &Name) -> Self {
        Self {
            actor: Actor::Console,
            zone,
            apex: apex.clone(),
            action,
            limit: Limit::None,
        }
    }

    /// The permit of this server itself, to make what stays for a while and to take it away.
    pub fn for_server(zone: ZoneId, apex: &Name) -> Self {
        Self {
            actor: Actor::Server,
            ..Self::for_console(ZoneAction::Change, zone, apex)
        }
    }

    /// The permit of a token that was admitted ([`TokenChain::admit`]). It reaches no further than the role
    /// that the token's account has in the zone, and counts in this epoch alone.
    pub fn for_token(
        token: Arc<TokenChain>,
        role: Option<ZoneRole>,
        action: ZoneAction,
        (zone, apex, purpose): (ZoneId, &Name, ZonePurpose),
        epoch: AccessEpoch,
    ) -> Result<Self, TokenRefused> {
        let as_account = Self::for_account(token.token().account, role, action, zone, apex)?;
        if (token.token().kind, purpose) == (TokenKind::Test, ZonePurpose::Live) {
            return Err(TokenRefused::ZoneNotForTesting { apex: apex.clone() });
        }
        Ok(Self {
            actor: Actor::ApiToken(token.token().id),
            limit: Limit::Token(token, epoch),
            ..as_account
        })
    }

    /// The permit of a grant for one of its templates at one of its hosts. It reaches no further than the role
    /// that the account which said yes has in the zone now, and counts in this epoch alone.
    pub fn for_grant(
        grant: &AdmittedGrant,
        target: GrantTarget,
        role: Option<ZoneRole>,
        (zone, apex): (ZoneId, &Name),
        epoch: AccessEpoch,
    ) -> Result<Self, GrantRefused> {
        if grant.grant().zone != zone {
            return Err(GrantRefused::Zone { apex: apex.clone() });
        }
        grant.allow(&target)?;
        let account = grant.grant().account;
        let as_account = Self::for_account(account, role, ZoneAction::Change, zone, apex)?;
        Ok(Self {
            actor: Actor::Grant(grant.grant().id),
            limit: Limit::Grant(target, epoch),
            ..as_account
        })
    }

    /// The permit of a grant for calls that name records. It reaches no further than the role that the account which
    /// said yes has in the zone now, and counts in this epoch alone.
    pub fn for_app(
        grant: &AdmittedGrant,
        role: Option<ZoneRole>,
        (zone, apex): (ZoneId, &Name),
        epoch: AccessEpoch,
    ) -> Result<Self, GrantRefused> {
        if grant.grant().zone != zone {
            return Err(GrantRefused::Zone { apex: apex.clone() });
        }
        let (app, permissions) = grant.names()?;
        let limit = NamesLimit {
            app: app.clone(),
            permissions: permissions.clone(),
        };
        let account = grant.grant().account;
        let as_account = Self::for_account(account, role, ZoneAction::Change, zone, apex)?;
        Ok(Self {
            actor: Actor::Grant(grant.grant().id),
            limit: Limit::Names(Arc::new(limit), epoch),
            ..as_account
        })
    }

    /// Whether a plan is for what the permit is limited to: that of a grant connects or removes its one service
    /// at its one host, though others may go or lose records where they conflict; that of an app's grant changes the
    /// records that it opens.
    pub fn allow_plan(&self, plan: &ZonePlan) -> Result<(), GrantRefused> {
        let target = match &self.limit {
            Limit::None | Limit::Token(..) => return Ok(()),
            Limit::Names(limit, _) => return limit.allow(plan, &self.apex),
            Limit::Grant(target, _) => target,
        };
        let is_source = match &plan.source {
            ChangeSource::ServiceConnected {
                provider,
                service,
                host,
                ..
            }
            | ChangeSource::ServiceRemoved {
                provider,
                service,
                host,
                ..
            } => (provider, service, host) == (&target.provider, &target.service, &target.host),
            ChangeSource::ZoneCreated
            | ChangeSource::ZoneImported
            | ChangeSource::ZoneRestored { .. }
            | ChangeSource::DynamicUpdate { .. }
            | ChangeSource::RecordCall { .. }
            | ChangeSource::TextsLapsed
            | ChangeSource::TempNameMade { .. }
            | ChangeSource::TempNamesLapsed => false,
        };
        let is_added = |change: &ServiceChange| match change {
            ServiceChange::Add(added) => {
                let key = &added.key;
                (&key.provider_id, &key.service_id, &key.host)
                    == (&target.provider, &target.service, &target.host)
            }
            ServiceChange::Update(..) | ServiceChange::Remove(_) => true,
        };
        if is_source && plan.services.iter().all(is_added) {
            Ok(())
        } else {
            Err(GrantRefused::Change {
                target: target.clone(),
            })
        }
    }

    /// Whether somebody who may change something may speak of records of one of these types at a name: asked
    /// before a wish is looked at, so that an answer tells nothing of other names.
    pub fn allow_subject(&self, owner: &Name, types: &[RecordType]) -> Result<(), TokenRefused> {
        const CHANGES: [Operation; 3] = [Operation::Update, Operation::Create, Operation::Delete];
        let limits = self.token().into_iter().flat_map(TokenChain::limits);
        for limits in limits {
            let mut refusal = None;
            let mut is_allowed = |rtype: &RecordType| {
                CHANGES.iter().any(|operation| {
                    let outcome = limits.allow(*operation, owner, *rtype);
                    match outcome {
                        Ok(()) => true,
                        Err(refused) => {
                            refusal.get_or_insert(refused);
                            false
                        }
                    }
                })
            };
            if !types.iter().any(&mut is_allowed)
                && let Some(refused) = refusal
            {
                return Err(refused);
            }
        }
        Ok(())
    }

    /// Whether these changes are within what the permit is limited to; `after` is the zone as they leave it.
    pub fn allow(&self, changes: &ChangeSet, after: &Zone) -> Result<(), TokenRefused> {
        let Some(token) = self.token() else {
            return Ok(());
        };
        let adds =
            |(_, change)| matches!(Operation::of(change), Operation::Create | Operation::Update);
        for limits in token.limits() {
            changes
                .iter()
                .try_for_each(|(key, change)| limits.allow_change(key, change))?;
            if changes.iter().any(adds) {
                limits.allow_count(after)?;
            }
        }
        Ok(())
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// In which zone.
    pub fn zone(&self) -> ZoneId {
        self.zone
    }

    /// The apex of that zone.
    pub fn apex(&self) -> &Name {
        &self.apex
    }

    /// What is allowed.
    pub fn action(&self) -> ZoneAction {
        self.action
    }

    /// The token that it comes from, when it does.
    pub fn token(&self) -> Option<&TokenChain> {
        match &self.limit {
            Limit::Token(token, _) => Some(token),
            Limit::None | Limit::Grant(..) | Limit::Names(..) => None,
        }
    }

    /// The only epoch in which it counts; nothing, when it was given to somebody who waits for the change.
    pub fn epoch(&self) -> Option<AccessEpoch> {
        match &self.limit {
            Limit::Token(_, epoch) | Limit::Grant(_, epoch) | Limit::Names(_, epoch) => {
                Some(*epoch)
            }
            Limit::None => None,
        }
    }
}

/// Why no permit was given.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The account has no role in the zone.
    #[error("this account has no role in the zone {}", apex.to_text())]
    NoRole {
        /// The apex.
        apex: Name,
    },
    /// The account's role does not reach.
    #[error("a {role} of the zone {} may not do this", apex.to_text())]
    RoleTooLow {
        /// The apex.
        apex: Name,
        /// The role.
        role: ZoneRole,
    },
}

#[cfg(test)]
mod tests {
    use domain_connect::AppliedService;
    use easement_zone::{RecordData, RecordSet};

    use super::*;
    use crate::oauth::{admitted_app_for_tests, admitted_for_tests, target_for_tests};
    use crate::{PlanBase, UpdateProtocol, Version};

    fn apex() -> Name {
        "example.com".parse().unwrap()
    }

    fn permit(zone: i64, host: &str, role: Option<ZoneRole>) -> Result<Permit, GrantRefused> {
        Permit::for_grant(
            &admitted_for_tests(),
            target_for_tests("host.example", "web", host),
            role,
            (ZoneId::new(zone), &apex()),
            AccessEpoch(7),
        )
    }

    #[test]
    fn a_grant_reaches_as_far_as_its_owner_said_and_still_may() {
        let granted = permit(1, "www", Some(ZoneRole::Editor)).unwrap();
        assert_eq!(granted.actor(), Actor::Grant(GrantId::new(1)));
        assert_eq!(granted.action(), ZoneAction::Change);
        assert_eq!(granted.epoch(), Some(AccessEpoch(7)));
        for (zone, host, role) in [
            (1, "www", None),
            (1, "www", Some(ZoneRole::Viewer)),
            (1, "shop", Some(ZoneRole::Owner)),
            (1, "a.www", Some(ZoneRole::Owner)),
            (2, "www", Some(ZoneRole::Owner)),
        ] {
            assert!(permit(zone, host, role).is_err(), "{zone} {host} {role:?}");
        }
    }

    fn permit_of_app(zone: i64, role: Option<ZoneRole>) -> Result<Permit, GrantRefused> {
        let zone = (ZoneId::new(zone), &apex());
        Permit::for_app(&admitted_app_for_tests(), role, zone, AccessEpoch(7))
    }

    fn set(owner: &str, ttl: u32, records: &[(RecordType, &str)]) -> Option<RecordSet> {
        let data = records
            .iter()
            .map(|(rtype, text)| RecordData::from_text(*rtype, text).unwrap());
        let ttl = easement_zone::Ttl::from_secs(ttl).unwrap();
        RecordSet::new(owner.parse().unwrap(), ttl, data).ok()
    }

    fn called(changes: ChangeSet) -> ZonePlan {
        ZonePlan {
            base: PlanBase::RecordSets,
            changes,
            services: Vec::new(),
            source: ChangeSource::RecordCall {
                app: "https://app.example/".to_owned().try_into().unwrap(),
            },
        }
    }

    #[test]
    fn an_app_reaches_as_far_as_its_owner_said_and_still_may() {
        let granted = permit_of_app(1, Some(ZoneRole::Editor)).unwrap();
        assert_eq!(granted.actor(), Actor::Grant(GrantId::new(1)));
        assert_eq!(granted.epoch(), Some(AccessEpoch(7)));
        for (zone, role) in [
            (1, None),
            (1, Some(ZoneRole::Viewer)),
            (2, Some(ZoneRole::Owner)),
        ] {
            assert!(permit_of_app(zone, role).is_err(), "{zone} {role:?}");
        }
        let of_client = Permit::for_app(
            &admitted_for_tests(),
            Some(ZoneRole::Owner),
            (ZoneId::new(1), &apex()),
            AccessEpoch(7),
        );
        assert_eq!(of_client, Err(GrantRefused::NotForNames));
    }

    #[test]
    fn a_plan_of_an_app_changes_what_was_opened() {
        let granted = permit_of_app(1, Some(ZoneRole::Owner)).unwrap();
        let a = [(RecordType::A, "192.0.2.1")];
        let proof = (RecordType::TXT, "proof");
        let spf = (RecordType::TXT, "\"v=spf1 -all\"");
        let acme = "_acme-challenge.sub.example.com";
        for (owner, before, after, is_allowed) in [
            ("sub.example.com", &[][..], &a[..], true),
            ("a.SUB.example.com", &a, &[], true),
            (acme, &[], &[proof], true),
            ("evilsub.example.com", &[], &a, false),
            ("example.com", &a, &[], false),
            (
                "_acme-challenge.sub.example.com",
                &[],
                &[(RecordType::CNAME, "evil.example.")],
                false,
            ),
            ("sub.example.com", &[], &[proof], false),
            ("sub.example.com", &[spf], &[], false),
            (
                "sub.example.com",
                &[],
                &[(RecordType::NS, "ns.evil.example.")],
                false,
            ),
        ] {
            let changes = crate::change_of(set(owner, 300, before), set(owner, 300, after));
            let allowed = granted.allow_plan(&called(changes));
            assert_eq!(allowed.is_ok(), is_allowed, "{owner} {before:?} {after:?}");
        }
        // A TTL is of all records of a set.
        let other = [(RecordType::A, "192.0.2.1")];
        let owner = "www.example.com";
        let changes = crate::change_of(set(owner, 300, &other), set(owner, 60, &other));
        assert!(granted.allow_plan(&called(changes)).is_err());
    }

    #[test]
    fn an_app_makes_calls_of_its_own_and_nothing_else() {
        let granted = permit_of_app(1, Some(ZoneRole::Owner)).unwrap();
        let other = ChangeSource::RecordCall {
            app: "https://other.example/".to_owned().try_into().unwrap(),
        };
        for source in [other, connected("web", "sub"), ChangeSource::TextsLapsed] {
            let plan = ZonePlan {
                source,
                ..called(ChangeSet::new())
            };
            assert_eq!(granted.allow_plan(&plan), Err(GrantRefused::NotACall));
        }
        let plan = ZonePlan {
            services: vec![ServiceChange::Remove(crate::AppliedServiceId::new(3))],
            ..called(ChangeSet::new())
        };
        assert_eq!(granted.allow_plan(&plan), Err(GrantRefused::NotACall));
    }

    fn service(name: &str, host: &str) -> AppliedService {
        serde_json::from_value(serde_json::json!({
            "key": {
                "provider_id": "host.example", "service_id": name, "host": host, "instance": null,
            },
            "provider_name": "Example Host",
            "service_name": "Website",
            "template_version": 1,
            "template_checksum": "0".repeat(64),
            "groups": "all",
            "records": [],
            "spf": [],
            "special": [],
        }))
        .unwrap()
    }

    fn connected(service: &str, host: &str) -> ChangeSource {
        ChangeSource::ServiceConnected {
            provider: "host.example".parse().unwrap(),
            service: service.parse().unwrap(),
            title: String::new(),
            host: host.parse().unwrap(),
        }
    }

    fn removed(service: &str, host: &str) -> ChangeSource {
        ChangeSource::ServiceRemoved {
            provider: "host.example".parse().unwrap(),
            service: service.parse().unwrap(),
            title: String::new(),
            host: host.parse().unwrap(),
        }
    }

    #[test]
    fn a_plan_of_a_grant_is_for_its_one_service_at_its_one_host() {
        let granted = permit(1, "www", Some(ZoneRole::Owner)).unwrap();
        let add = |name, host| ServiceChange::Add(Box::new(service(name, host)));
        let update = ChangeSource::DynamicUpdate {
            token: "Router".parse().unwrap(),
            protocol: UpdateProtocol::Dyndns2,
        };
        let other = ServiceChange::Remove(crate::AppliedServiceId::new(3));
        for (source, services, is_allowed) in [
            (connected("web", "WWW"), vec![], true),
            (
                connected("web", "www"),
                vec![add("web", "www"), other],
                true,
            ),
            (removed("web", "www"), vec![], true),
            (
                connected("web", "www"),
                vec![add("web", "www"), add("mail", "www")],
                false,
            ),
            (connected("web", "www"), vec![add("web", "shop")], false),
            (connected("mail", "www"), vec![], false),
            (removed("web", "@"), vec![], false),
            (update, vec![], false),
            (
                ChangeSource::ZoneRestored {
                    version: Version(1),
                },
                vec![],
                false,
            ),
        ] {
            let plan = ZonePlan {
                base: PlanBase::Version(Version(1)),
                changes: ChangeSet::new(),
                services,
                source,
            };
            assert_eq!(granted.allow_plan(&plan).is_ok(), is_allowed, "{plan:?}");
            let console = Permit::for_console(ZoneAction::Change, ZoneId::new(1), &apex());
            assert_eq!(console.allow_plan(&plan), Ok(()));
        }
    }
}
