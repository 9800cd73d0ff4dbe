//! Requests about templates.

use domain_connect::{ProviderId, ServiceId, Template};
use easement_core::{TemplateEntry, TemplateStatus, Timestamp};
use easement_store::StoreError;

use super::execute::{AdminContext, ORIGIN};
use super::request::{TemplateWish, UnreadableFile};
use super::{AdminFailure, AdminReply, FailureKind, TemplateFile, TemplateLine};
use crate::templates::{
    ControlError, ControlLine, DecideError, FolderContents, RefusedFile, Strictness, Withdrawals,
    line, unsupported_words,
};

/// Takes files in.
pub(super) async fn import(
    context: &AdminContext,
    files: &[TemplateFile],
    wish: TemplateWish,
) -> Result<AdminReply, AdminFailure> {
    let registry = &context.registry;
    let summary = match wish {
        TemplateWish::DryRun => registry.preview(files).await?,
        TemplateWish::Each => registry.import(files, Strictness::EachOnItsOwn).await?,
        TemplateWish::AllOrNone => registry.import(files, Strictness::AllOrNone).await?,
    };
    Ok(AdminReply::TemplatesImported(summary))
}

/// Makes what came from a folder what is in it now.
pub(super) async fn sync(
    context: &AdminContext,
    folder: &str,
    files: Vec<TemplateFile>,
    unreadable: Vec<UnreadableFile>,
    withdrawals: Withdrawals,
) -> Result<AdminReply, AdminFailure> {
    let contents = FolderContents {
        files,
        unreadable: unreadable
            .into_iter()
            .map(|file| RefusedFile {
                name: file.name,
                reason: file.reason,
            })
            .collect(),
    };
    let summary = context.registry.sync(folder, contents, withdrawals).await;
    let summary = summary.map_err(|error| {
        AdminFailure::new(FailureKind::Invalid, error.to_string())
            .with_hint("--force withdraws them all the same")
    })?;
    Ok(AdminReply::TemplatesImported(summary))
}

pub(super) async fn list(context: &AdminContext) -> Result<AdminReply, AdminFailure> {
    let entries = context.store.templates().await?;
    Ok(AdminReply::Templates(entries.iter().map(line).collect()))
}

pub(super) async fn show(
    context: &AdminContext,
    provider: &ProviderId,
    service: &ServiceId,
) -> Result<AdminReply, AdminFailure> {
    let entry = find(context, provider, service).await?;
    Ok(AdminReply::Template {
        line: line(&entry),
        json: entry.json,
    })
}

/// Everything about a template.
pub(super) async fn review(
    context: &AdminContext,
    (provider, service): (&ProviderId, &ServiceId),
    checksum: Option<&str>,
) -> Result<AdminReply, AdminFailure> {
    let entry = match checksum {
        Some(checksum) => find_text(context, (provider, service), checksum).await?,
        None => find(context, provider, service).await?,
    };
    let review = context.registry.review(&entry).await?;
    Ok(AdminReply::TemplateReview(Box::new(review)))
}

/// Decides about a template.
pub(super) async fn decide(
    context: &AdminContext,
    (provider, service, checksum): (&ProviderId, &ServiceId, Option<&str>),
    status: TemplateStatus,
    reason: &str,
) -> Result<AdminReply, AdminFailure> {
    let entry = match checksum {
        Some(checksum) => find_text(context, (provider, service), checksum).await?,
        None => meant(context, (provider, service), status).await?,
    };
    let origin = (ORIGIN.actor, ORIGIN.address);
    let decided = context.registry.decide(&entry, status, reason, origin);
    let entry = decided.await.map_err(|error| match error {
        DecideError::Store(error) => error.into(),
        DecideError::Changed { .. } | DecideError::Missing => {
            AdminFailure::new(FailureKind::Conflict, error.to_string())
        }
        DecideError::NotPossible { .. } | DecideError::NoReason | DecideError::LongReason => {
            AdminFailure::new(FailureKind::Invalid, error.to_string())
        }
    })?;
    Ok(AdminReply::TemplateSet {
        line: line(&entry),
        uses: context.store.count_template_uses(provider, service).await?,
    })
}

/// Looks up whether the service provider controls the domain of its keys.
pub(super) async fn check_control(
    context: &AdminContext,
    provider: &ProviderId,
    service: &ServiceId,
) -> Result<AdminReply, AdminFailure> {
    let entry = find(context, provider, service).await?;
    let (template, _notes) = Template::from_json(&entry.json)
        .map_err(|error| AdminFailure::new(FailureKind::Invalid, error.to_string()))?;
    let checked = context.registry.check_control(&template).await;
    let control = checked.map_err(|error| match error {
        ControlError::Store(error) => error.into(),
        ControlError::NoDomain | ControlError::Name(_) => {
            AdminFailure::new(FailureKind::Invalid, error.to_string())
        }
        ControlError::Lookup(_) => AdminFailure::new(FailureKind::Internal, error.to_string()),
    })?;
    let name = control.name();
    Ok(AdminReply::TemplateControl(ControlLine {
        name: name.map(|name| name.to_text()).unwrap_or_default(),
        text: control.text(),
        is_proven: control.is_proven(context.clock.now()),
        proven_at: control.proven_at,
    }))
}

/// The text that a decision means when it names none. What is offered is withdrawn, whatever waits beside
/// it. When several wait it is not said which: the newest may have come after somebody looked.
async fn meant(
    context: &AdminContext,
    (provider, service): (&ProviderId, &ServiceId),
    status: TemplateStatus,
) -> Result<TemplateEntry, AdminFailure> {
    let newest = find(context, provider, service).await?;
    if status == TemplateStatus::Withdrawn {
        let approved = easement_store::TemplateChoice::Approved;
        let offered = context.store.find_template(provider, service, approved);
        return Ok(offered.await?.unwrap_or(newest));
    }
    let mut waiting = texts(context, (provider, service)).await?;
    waiting.retain(|entry| entry.status == TemplateStatus::Pending);
    if waiting.len() < 2 {
        return Ok(newest);
    }
    let checksums: Vec<String> = waiting
        .iter()
        .map(|entry| entry.checksum.chars().take(12).collect())
        .collect();
    let message = format!(
        "{} texts of {provider}/{service} wait: {}",
        waiting.len(),
        checksums.join(", ")
    );
    Err(AdminFailure::new(FailureKind::Conflict, message)
        .with_hint("--checksum says which is meant, here and to `easement template review`"))
}

/// The one text whose checksum begins like this.
async fn find_text(
    context: &AdminContext,
    ids: (&ProviderId, &ServiceId),
    checksum: &str,
) -> Result<TemplateEntry, AdminFailure> {
    let mut found = texts(context, ids).await?;
    found.retain(|entry| entry.checksum.starts_with(checksum));
    let (provider, service) = ids;
    match (found.pop(), found.len()) {
        (Some(entry), 0) => Ok(entry),
        (Some(_), more) => Err(AdminFailure::new(
            FailureKind::Invalid,
            format!(
                "the checksums of {} texts of {provider}/{service} begin with {checksum:?}: write more of it",
                more + 1
            ),
        )),
        (None, _) => Err(AdminFailure::new(
            FailureKind::NotFound,
            format!("no text of {provider}/{service} has a checksum that begins with {checksum:?}"),
        )),
    }
}

/// Every text of a template.
async fn texts(
    context: &AdminContext,
    (provider, service): (&ProviderId, &ServiceId),
) -> Result<Vec<TemplateEntry>, AdminFailure> {
    let mut entries = context.store.templates().await?;
    entries.retain(|entry| entry.provider == *provider && entry.service == *service);
    Ok(entries)
}

async fn find(
    context: &AdminContext,
    provider: &ProviderId,
    service: &ServiceId,
) -> Result<TemplateEntry, AdminFailure> {
    let entry: Result<Option<TemplateEntry>, StoreError> =
        context.registry.newest(provider, service).await;
    entry?.ok_or_else(|| {
        let message = format!("there is no template {provider}/{service}");
        AdminFailure::new(FailureKind::NotFound, message)
            .with_hint("`easement template list` names those that were imported")
    })
}

impl TemplateLine {
    /// A template in short.
    pub(crate) fn of(template: &Template, status: TemplateStatus, imported_at: Timestamp) -> Self {
        let version = template.version().unwrap_or_default();
        Self {
            provider: template.provider_id().to_string(),
            service: template.service_id().to_string(),
            title: format!("{}: {}", template.provider_name(), template.service_name()),
            version: u32::try_from(version).unwrap_or(u32::MAX),
            checksum: template.checksum().to_string(),
            status,
            signed_by: template
                .public_key_domain()
                .map(easement_zone::Name::to_text),
            imported_at,
            unsupported: unsupported_words(template),
        }
    }

    /// The version, when the template says one: versions begin with 1.
    pub fn version_words(&self) -> String {
        match self.version {
            0 => "without a version".to_owned(),
            version => format!("version {version}"),
        }
    }
}
