//! Carrying requests out, whether they came through the control socket or no server runs.

use std::sync::Arc;

use easement_core::{Actor, Clock, Origin, Random};
use easement_store::Store;
use easement_zone::HostedZones;

use super::progress::Reporter;
use super::{
    AdminFailure, AdminReply, AdminRequest, FailureKind, accounts, examine, templates, verify,
    zone_restore, zone_roles, zones,
};
use crate::accounts::Passwords;
use crate::config::Config;
use crate::http::tls::{CertificateReload, Tls};
use crate::templates::{Registry, Withdrawals};

/// What requests work with.
pub(crate) struct AdminContext {
    pub(crate) store: Store,
    pub(crate) hosted: Arc<HostedZones>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) passwords: Passwords,
    pub(crate) config: Config,
    pub(crate) registry: Registry,
    pub(crate) certificate: Certificate,
}

/// What there is to reload.
pub(crate) enum Certificate {
    /// No server runs.
    NoServer,
    /// The server speaks plain HTTP.
    None,
    /// The server has one.
    InUse(Tls),
}

impl std::fmt::Debug for AdminContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdminContext")
    }
}

/// Who changes things here: whoever runs commands on the server's machine.
pub(super) const ORIGIN: Origin = Origin {
    actor: Actor::Console,
    address: None,
};

/// Carries a request out.
pub(crate) async fn execute(
    request: AdminRequest,
    context: &AdminContext,
    reporter: &Reporter,
) -> Result<AdminReply, AdminFailure> {
    match request {
        AdminRequest::Reload => reload(&context.certificate).await,
        AdminRequest::CreateAccount {
            email,
            standing,
            password,
        } => accounts::create(context, email, standing, password).await,
        AdminRequest::MakePasswordLink { email } => {
            accounts::make_password_link(context, email).await
        }
        AdminRequest::VerifyStore => verify::verify(context, reporter).await,
        AdminRequest::ListAccounts => accounts::list(context).await,
        AdminRequest::CreateZone { apex, owner } => zones::create(context, &apex, &owner).await,
        AdminRequest::ImportZone {
            apex,
            text,
            owner,
            existing,
        } => {
            let file = zones::read_file(&apex, &text)?;
            zones::import(context, file, owner.as_ref(), existing).await
        }
        AdminRequest::RestoreZone {
            apex,
            version,
            existing,
        } => zone_restore::restore(context, &apex, version, existing).await,
        AdminRequest::ExportZone { apex } => zones::export(context, &apex),
        AdminRequest::Examine { zones } => examine::examine(context, zones.as_deref()).await,
        AdminRequest::ListZones => Ok(zones::list(context)),
        AdminRequest::ShowZone { apex } => zones::show(context, &apex).await,
        AdminRequest::SetRole { apex, email, role } => {
            zone_roles::set(context, &apex, &email, role).await
        }
        AdminRequest::ImportTemplates { files, wish } => {
            templates::import(context, &files, wish).await
        }
        AdminRequest::SyncTemplates {
            folder,
            files,
            unreadable,
            force,
        } => {
            let withdrawals = if force {
                Withdrawals::Many
            } else {
                Withdrawals::Few
            };
            templates::sync(context, &folder, files, unreadable, withdrawals).await
        }
        AdminRequest::ReviewTemplate {
            provider,
            service,
            checksum,
        } => templates::review(context, (&provider, &service), checksum.as_deref()).await,
        AdminRequest::CheckTemplateControl { provider, service } => {
            templates::check_control(context, &provider, &service).await
        }
        AdminRequest::ListTemplates => templates::list(context).await,
        AdminRequest::ShowTemplate { provider, service } => {
            templates::show(context, &provider, &service).await
        }
        AdminRequest::DecideTemplate {
            provider,
            service,
            checksum,
            status,
            reason,
        } => {
            let text = (&provider, &service, checksum.as_deref());
            templates::decide(context, text, status, &reason).await
        }
    }
}

async fn reload(certificate: &Certificate) -> Result<AdminReply, AdminFailure> {
    let tls = match certificate {
        Certificate::NoServer => {
            let failure = AdminFailure::new(FailureKind::NotFound, "no server runs here");
            return Err(failure.with_hint("a server reads its certificate when it starts"));
        }
        Certificate::None => return Ok(AdminReply::Reloaded(CertificateReload::NotUsed)),
        Certificate::InUse(tls) => tls,
    };
    match tls.reload().await {
        Ok(outcome) => Ok(AdminReply::Reloaded(outcome)),
        Err(error) => Err(AdminFailure::new(FailureKind::Invalid, error.to_string())
            .with_hint("the certificate that was in use stays in use")),
    }
}
