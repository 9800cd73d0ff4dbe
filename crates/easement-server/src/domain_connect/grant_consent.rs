//! The question whether a client may have standing access: its places, planned for the zone as it is.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::digest;
use axum::response::Response;
use easement_core::{
    AgreedConflict, AgreedRecord, GrantClient, GrantRight, OAuthTokenKind, OAuthTokenText,
    Timestamp, ZoneAction,
};
use easement_store::{DomainConnect, NewGrant};
use url::Url;

use super::grant_link::{GrantLink, LinkRefused};
use super::grant_places::Place;
use crate::http::Member;
use crate::http::security_headers::FormTarget;
use crate::pages::grants::Until;
use crate::pages::views::{
    ErrorPage, GrantConsentPage, GrantState, HiddenField, Problem, Section, ShownName,
};
use crate::pages::zone_access::ZoneAccess;
use crate::pages::{PageError, show};
use crate::state::ServerState;

const SHOWN: &str = "shown";

/// A question that can be put to this person.
pub(super) struct GrantConsent {
    pub(super) link: Arc<GrantLink>,
    access: ZoneAccess,
    places: Vec<Place>,
    has_access: bool,
}

impl GrantConsent {
    /// Asks for a permit, and looks at every combination of template and host.
    pub(super) async fn prepare(
        state: &ServerState,
        member: &Member,
        link: &Arc<GrantLink>,
    ) -> Result<Self, LinkRefused> {
        let access = ask_for_access(state, member, link).await?;
        let services = state.store.services_of(access.entry.id).await?;
        let places = Place::all(state, link, (&access, &services)).await?;
        let (account, client) = (member.account.id, link.client.id);
        let has_access = state.store.has_live_grant(account, access.entry.id, client);
        Ok(Self {
            link: Arc::clone(link),
            has_access: has_access.await?,
            access,
            places,
        })
    }

    /// What the owner's yes would allow.
    pub(super) fn right(&self) -> GrantRight {
        let plans = self.places.iter().flat_map(|place| &place.foreseen.plans);
        let conflicts = plans.flat_map(|planned| &planned.plan.conflicts);
        let agreed = AgreedConflict::all_of(conflicts);
        let granted = self.places.iter().flat_map(|place| &place.granted);
        let records = AgreedRecord::all_of(granted);
        let fixed = self.link.fixed.clone();
        self.link.wish.right(fixed, records, agreed)
    }

    /// Stores the yes; gives where the browser goes with the code.
    pub(super) async fn grant(
        &self,
        state: &ServerState,
        member: &Member,
        expires_at: Option<Timestamp>,
    ) -> Result<String, LinkRefused> {
        let code = OAuthTokenText::generate(OAuthTokenKind::Code, state.random.as_ref())
            .map_err(|error| PageError::failure(error.to_string()))?;
        let new = NewGrant {
            account: member.account.id,
            client: GrantClient::Registered(self.link.client.id),
            zone: self.access.entry.id,
            right: self.right(),
            expires_at,
            code: code.hash(),
            binding: self.link.request.binding.clone(),
        };
        let grant = state
            .store
            .create_grant(new)
            .await
            .map_err(PageError::from)?;
        tracing::info!(
            zone.name = %self.access.entry.apex,
            client.id = %self.link.client.registration.client,
            grant.id = grant.id.number(),
            account.id = member.account.id.number(),
            "access was granted"
        );
        Ok(self.link.answered(&code.reveal()))
    }

    /// Whether a form answers the question that this one is.
    pub(super) fn is_the_shown(&self, form: &crate::http::Fields) -> bool {
        form.text(SHOWN) == self.digest()
    }

    /// What names everything that the owner is shown: which templates, and what would go.
    fn digest(&self) -> String {
        let mut text = String::new();
        for place in &self.places {
            let _ = writeln!(text, "{} {}", place.checksum, place.host);
        }
        let right = serde_json::to_string(&self.right()).unwrap_or_default();
        text.push_str(&right);
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        digest
            .as_ref()
            .iter()
            .fold(String::new(), |mut hex, octet| {
                let _ = write!(hex, "{octet:02x}");
                hex
            })
    }

    /// The page. Its form leads on to the client's place, which browsers have to be told.
    pub(super) fn show(
        &self,
        member: &Member,
        (action, state): (&str, GrantState),
        (until, problems): (&Until, Vec<Problem>),
    ) -> Result<Response, PageError> {
        let link = &self.link;
        let redirect = &link.request.binding.redirect;
        let page = GrantConsentPage {
            shell: member.shell(Section::Elsewhere),
            client: link.client.registration.name.to_string(),
            client_id: link.client.registration.client.to_string(),
            provider: link.provider_name(),
            called: link.called(),
            zone: ShownName::new(&self.access.entry.apex),
            places: self.places.iter().map(|place| place.view.clone()).collect(),
            state: match state {
                GrantState::First if self.has_access => GrantState::HasAccess,
                GrantState::First | GrantState::Changed | GrantState::HasAccess => state,
            },
            choices: until.choices(),
            date: until.date(),
            problems,
            return_to: redirect.host().to_owned(),
            action: action.to_owned(),
            hidden: vec![HiddenField {
                name: SHOWN.to_owned(),
                value: self.digest(),
            }],
        };
        let mut response = show(&page)?;
        if let Ok(url) = Url::parse(redirect.as_str()) {
            response.extensions_mut().insert(FormTarget(url));
        }
        Ok(response)
    }
}

async fn ask_for_access(
    state: &ServerState,
    member: &Member,
    link: &GrantLink,
) -> Result<ZoneAccess, LinkRefused> {
    let apex = &link.wish.query.domain;
    let asked = ZoneAccess::ask(state, member, apex, ZoneAction::Change).await;
    match asked {
        Ok(access) if access.entry.domain_connect == DomainConnect::On => Ok(access),
        Ok(_) | Err(PageError::NotYourZone { .. }) => {
            let shell = member.shell(Section::Elsewhere);
            let label = format!("Back to {}", link.provider_name());
            let page = ErrorPage::not_your_zone(shell, &ShownName::new(apex));
            let page = page.with_link(&label, &link.declined());
            Err(PageError::Custom(Box::new(page)).into())
        }
        Err(error) => Err(error.into()),
    }
}
