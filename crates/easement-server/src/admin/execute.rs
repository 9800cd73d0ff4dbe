//! Carrying requests out, whether they came through the control socket or no server runs.

use std::sync::Arc;

use easement_core::{Actor, Clock, Origin, Random};
use easement_store::Store;
use easement_zone::HostedZones;

use super::progress::Reporter;
use super::reload::{self, Reloadable};
use super::{
    AdminFailure, AdminReply, AdminRequest, account_data, accounts, clients, examine, templates,
    tokens, verify, zone_import, zone_purpose, zone_restore, zone_roles, zones,
};
use crate::accounts::Passwords;
use crate::config::Config;
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
    /// Nothing where no server runs.
    pub(crate) reloadable: Option<Reloadable>,
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
        AdminRequest::Reload => reload::reload(context.reloadable.as_ref()).await,
        AdminRequest::CreateAccount {
            email,
            standing,
            password,
        } => accounts::create(context, email, standing, password).await,
        AdminRequest::MakePasswordLink { email } => accounts::password_link(context, email).await,
        AdminRequest::SetStanding { email, standing } => {
            accounts::set_standing(context, &email, standing).await
        }
        AdminRequest::AccountData { email, wish } => account_data::run(context, email, wish).await,
        AdminRequest::VerifyStore => verify::verify(context, reporter).await,
        AdminRequest::ListAccounts => accounts::list(context).await,
        AdminRequest::CreateZone { apex, owner } => zones::create(context, &apex, &owner).await,
        AdminRequest::ImportZone {
            apex,
            text,
            owner,
            existing,
            options,
        } => {
            let wish = (owner.as_ref(), existing, options);
            zone_import::import(context, (apex, text), wish, reporter).await
        }
        AdminRequest::RestoreZone {
            apex,
            version,
            existing,
        } => zone_restore::restore(context, (&apex, version), existing, reporter).await,
        AdminRequest::ExportZone { apex } => zones::export(context, &apex).await,
        AdminRequest::Examine { zones } => examine::examine(context, zones.as_deref()).await,
        AdminRequest::ListZones => zones::list(context).await,
        AdminRequest::ShowZone { apex } => zones::show(context, &apex).await,
        AdminRequest::SetRole { apex, email, role } => {
            zone_roles::set(context, &apex, &email, role).await
        }
        AdminRequest::SetZonePurpose { apex, purpose } => {
            zone_purpose::set(context, &apex, purpose).await
        }
        AdminRequest::Token(request) => tokens::execute(context, request).await,
        AdminRequest::Client(request) => clients::execute(context, request).await,
        AdminRequest::ImportTemplates { files, wish } => {
            templates::import(context, &files, wish).await
        }
        AdminRequest::SyncTemplates {
            folder,
            files,
            unreadable,
            force,
        } => {
            let withdrawals = withdrawals_of(force);
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

/// How many templates a folder may withdraw.
fn withdrawals_of(force: bool) -> Withdrawals {
    if force {
        Withdrawals::Many
    } else {
        Withdrawals::Few
    }
}
