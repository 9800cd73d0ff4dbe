//! The last step: what the app would be able to do, and the answer.

use std::fmt::Write as _;

use aws_lc_rs::digest;
use axum::response::Response;
use easement_core::{
    CodeBinding, GrantApp, GrantClient, GrantRight, OAuthTokenKind, OAuthTokenText, Timestamp,
};
use easement_store::NewGrant;
use easement_zone::{Name, Record};
use namedrop::{
    AroundHost, HostReach, OpenRecords, Permission, Permissions, PermittedHost, Scope, around_host,
    open_records, permissions,
};

use super::asked::Asked;
use super::host::{Picked, is_whole};
use crate::http::{Fields, Member};
use crate::pages::PageError;
use crate::pages::grants::Until;
use crate::pages::views::{
    HiddenField, NameDropPart, NameDropQuestionPage, NameDropState, OpenRow, Problem, ScopeChoice,
    Section, ShownName,
};
use crate::pages::zone_access::ZoneAccess;
use crate::state::ServerState;

/// How many records of today are named.
const SHOWN_RECORDS: usize = 20;
const SHOWN: &str = "shown";

/// A question that can be put to this person.
pub(super) struct Question<'a> {
    member: &'a Member,
    asked: &'a Asked,
    access: ZoneAccess,
    host: PermittedHost,
    /// All that was asked for, there.
    offered: Permissions,
    /// What of the zone as it is that would open: all of it, though not all is named.
    open: OpenRecords,
    /// What else of it the person should know about: all of it, too.
    around: AroundHost,
    /// Whether this person gave it something already.
    has_access: bool,
}

impl<'a> Question<'a> {
    pub(super) async fn prepare(
        state: &ServerState,
        member: &'a Member,
        asked: &'a Asked,
        (access, host): (ZoneAccess, PermittedHost),
    ) -> Result<Self, PageError> {
        let offered = permissions(&asked.query.scopes, &access.entry.apex, &host);
        let offered = offered.map_err(|error| PageError::BadForm {
            reason: format!("{error}."),
        })?;
        let zone = access.snapshot.zone();
        let open = open_records(&offered, zone, usize::MAX);
        let around = around_host(&host, zone, usize::MAX);
        let now = state.clock.now();
        let given = state.store.grants_of_account(member.account.id).await?;
        let client_id = asked.query.app.client_id();
        let has_access = given.iter().any(|entry| {
            let is_of_app =
                matches!(&entry.grant.client, GrantClient::App(app) if app.is(client_id));
            is_of_app && entry.grant.check(now).is_ok()
        });
        Ok(Self {
            member,
            asked,
            access,
            host,
            offered,
            open,
            around,
            has_access,
        })
    }

    pub(super) fn apex(&self) -> &Name {
        &self.access.entry.apex
    }

    /// Whether a form answers the question that this one is.
    pub(super) fn is_the_shown(&self, form: &Fields) -> bool {
        form.text(SHOWN) == self.digest()
    }

    /// What names everything that the person is shown: who asks, for what, and which records of today that opens or
    /// bear on it, also those that are only counted.
    fn digest(&self) -> String {
        let app = &self.asked.query.app;
        let mut text = format!("{} {}\n", app.client_id(), app.redirect());
        for permission in self.offered.iter() {
            let _ = writeln!(text, "{permission}");
        }
        for (what, records, is_cut) in [
            ("open", &self.open.records, self.open.is_cut),
            ("leading", &self.around.leading, self.around.is_cut),
            ("wildcard", &self.around.wildcard, false),
        ] {
            let _ = writeln!(text, "{what} {is_cut}");
            for record in records {
                let (rtype, data) = (record.data.rtype(), &record.data);
                let _ = writeln!(text, "{} {rtype} {data}", record.owner);
            }
        }
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        let octets = digest.as_ref().iter();
        octets.fold(String::new(), |mut hex, octet| {
            let _ = write!(hex, "{octet:02x}");
            hex
        })
    }

    /// What was agreed to and until when; or what is wrong with the answer.
    pub(super) fn read(
        &self,
        answers: &Answers,
        now: Timestamp,
    ) -> Result<(Permissions, Option<Timestamp>), Vec<Problem>> {
        let is_ticked = |one: &&Permission| answers.has(one.scope());
        let ticked = self.offered.iter().filter(is_ticked).cloned();
        let ticked = Permissions::new(ticked).unwrap_or_default();
        let mut problems = Vec::new();
        if ticked.is_empty() {
            problems.push(Problem {
                field: "scope-1",
                message: "Leave one of these ticked, or cancel.".to_owned(),
            });
        }
        match answers.until.read(now) {
            Ok(until) if problems.is_empty() => Ok((ticked, until)),
            Ok(_) => Err(problems),
            Err(problem) => {
                problems.push(problem);
                Err(problems)
            }
        }
    }

    /// Stores the yes; gives where the browser goes with the code.
    pub(super) async fn grant(
        &self,
        state: &ServerState,
        permissions: Permissions,
        expires_at: Option<Timestamp>,
    ) -> Result<String, PageError> {
        let failed = |error: String| PageError::failure(error);
        let code = OAuthTokenText::generate(OAuthTokenKind::Code, state.random.as_ref())
            .map_err(|error| failed(error.to_string()))?;
        let binding = CodeBinding::of_app(&self.asked.query);
        let new = NewGrant {
            account: self.member.account.id,
            client: GrantClient::App(GrantApp::of(&self.asked.query.app)),
            zone: self.access.entry.id,
            right: GrantRight::Names { permissions },
            expires_at,
            code: code.hash(),
            binding: binding.map_err(|error| failed(error.to_string()))?,
        };
        let grant = state.store.create_grant(new).await?;
        tracing::info!(
            zone.name = %self.apex(),
            app.origin = self.asked.query.app.origin().ascii(),
            grant.id = grant.id.number(),
            account.id = self.member.account.id.number(),
            "access to names was granted"
        );
        Ok(self.asked.answered(&code.reveal()))
    }

    pub(super) fn show(
        &self,
        state: NameDropState,
        answers: &Answers,
        problems: Vec<Problem>,
    ) -> Result<Response, PageError> {
        let name = self.offered.iter().next().map(Permission::name);
        self.asked.show(&NameDropQuestionPage {
            shell: self.member.shell(Section::Elsewhere),
            app: self.asked.app(),
            name: ShownName::within(name.unwrap_or(self.apex()), self.apex()),
            part: match self.host.reach() {
                _ if is_whole(&self.host) => NameDropPart::Whole,
                HostReach::AtAndBelow => NameDropPart::AtAndBelow,
                HostReach::Below if self.host.host().is_apex() => NameDropPart::BelowWhole,
                HostReach::Below => NameDropPart::Below,
            },
            generation: self.asked.query.scopes.generation(),
            scopes: self.choices(answers),
            open: self.rows(first(&self.open.records)),
            more_open: beyond(&self.open.records),
            is_open_cut: self.open.is_cut,
            leading: self.rows(first(&self.around.leading)),
            more_leading: beyond(&self.around.leading),
            is_leading_cut: self.around.is_cut,
            wildcard: self.rows(&self.around.wildcard),
            state,
            has_access: self.has_access,
            choices: answers.until.choices(),
            date: answers.until.date(),
            problems,
            action: self.asked.address.clone(),
            hidden: self.hidden(),
        })
    }

    fn choices(&self, answers: &Answers) -> Vec<ScopeChoice> {
        let choice = |one: &Permission| ScopeChoice::new(one, answers.has(one.scope()));
        self.offered.iter().map(choice).collect()
    }

    fn rows(&self, records: &[Record]) -> Vec<OpenRow> {
        let row = |record: &Record| OpenRow::new(record, self.apex());
        records.iter().map(row).collect()
    }

    fn hidden(&self) -> Vec<HiddenField> {
        let zone = self.apex().to_lowercase().to_text();
        let own = [("zone", zone), (SHOWN, self.digest())];
        let all = own.into_iter().chain(Picked::fields(&self.host));
        all.map(|(name, value)| HiddenField {
            name: name.to_owned(),
            value,
        })
        .collect()
    }
}

/// Those that are named.
fn first(records: &[Record]) -> &[Record] {
    records.get(..SHOWN_RECORDS).unwrap_or(records)
}

/// How many are only counted.
fn beyond(records: &[Record]) -> usize {
    records.len().saturating_sub(SHOWN_RECORDS)
}

/// What the person ticked and chose.
pub(super) struct Answers {
    scopes: Vec<Scope>,
    until: Until,
}

impl Answers {
    /// All that was asked for, until it is taken back.
    pub(super) fn all_of(asked: &Asked) -> Self {
        Self {
            scopes: asked.query.scopes.iter().collect(),
            until: Until::default(),
        }
    }

    pub(super) fn of(form: &Fields) -> Self {
        let scopes = form.all("scope").filter_map(|scope| scope.parse().ok());
        Self {
            scopes: scopes.collect(),
            until: Until::of(form),
        }
    }

    fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}
