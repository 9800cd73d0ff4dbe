//! `GET /v2/{domain}/settings` (draft-ietf-dconn-domainconnect-05 section 7.2).

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use domain_connect::Settings;
use easement_store::DomainConnect;
use easement_zone::{RecordType, Zone};

use super::api_error::Unanswered;
use crate::pages::views::paths;
use crate::state::{self, Shared};

/// The size of a window that the consent page looks well in.
const WINDOW: (u32, u32) = (800, 900);

pub(crate) async fn get_settings(
    State(state): State<Shared>,
    domain: Result<Path<String>, PathRejection>,
) -> Result<Json<Settings>, Unanswered> {
    let Path(domain) = domain.map_err(|_| Unanswered::NoSuchZone)?;
    let apex = domain.parse().map_err(|_| Unanswered::NoSuchZone)?;
    let zone = state.store.zone_by_apex(&apex).await?;
    zone.filter(|zone| zone.domain_connect == DomainConnect::On)
        .ok_or(Unanswered::NoSuchZone)?;
    let hosted = state.hosted.get(&apex).ok_or(Unanswered::NoSuchZone)?;
    Ok(Json(settings_of(hosted.load().zone(), &state.settings)))
}

fn settings_of(zone: &Zone, settings: &state::Settings) -> Settings {
    let origin = settings.public_url.origin();
    let (width, height) = WINDOW;
    let name_servers = zone
        .get(zone.apex(), RecordType::NS)
        .iter()
        .flat_map(easement_zone::RecordSet::data)
        .filter_map(easement_zone::RecordData::target)
        .map(|server| server.to_lowercase().to_text())
        .collect();
    Settings {
        provider_id: settings.provider_id.clone(),
        provider_name: settings.provider_name.clone(),
        provider_display_name: None,
        url_sync_ux: Some(origin.clone()),
        url_async_ux: Some(origin.clone()),
        url_control_panel: Some(format!(
            "{origin}{}",
            paths::ZONE.replace("{apex}", "%domain%")
        )),
        url_api: origin,
        width: Some(width),
        height: Some(height),
        name_servers,
    }
}
