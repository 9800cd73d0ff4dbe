//! Requests about templates.

use domain_connect::{ProviderId, ServiceId, Template};
use easement_core::{AuditEvent, TemplateEntry, TemplateStatus};
use easement_store::{NewTemplate, TemplateChoice};

use super::execute::{AdminContext, ORIGIN};
use super::{AdminFailure, AdminReply, FailureKind, TemplateFile, TemplateLine};

/// Takes in all files, or none: each is read before the first is stored.
pub(super) async fn import(
    context: &AdminContext,
    files: &[TemplateFile],
) -> Result<AdminReply, AdminFailure> {
    let mut templates = Vec::with_capacity(files.len());
    let mut problems = Vec::new();
    for file in files {
        match Template::from_json(&file.json) {
            Ok((template, _notes)) => templates.push(template),
            Err(error) => problems.push(format!("{}: {error}", file.name)),
        }
    }
    if !problems.is_empty() {
        let message = format!("no template was imported:\n{}", problems.join("\n"));
        return Err(AdminFailure::new(FailureKind::Invalid, message));
    }
    let mut lines = Vec::with_capacity(templates.len());
    for template in &templates {
        let imported = context.store.import_template(&to_import(template)).await?;
        note(context, &imported.entry).await?;
        lines.push(line(&imported.entry));
    }
    Ok(AdminReply::TemplatesImported(lines))
}

fn to_import(template: &Template) -> NewTemplate {
    let version = template.version().unwrap_or_default();
    NewTemplate {
        provider: template.provider_id().clone(),
        service: template.service_id().clone(),
        version: u32::try_from(version).unwrap_or(u32::MAX),
        checksum: template.checksum().to_string(),
        json: template.json().to_owned(),
    }
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

pub(super) async fn set_status(
    context: &AdminContext,
    provider: &ProviderId,
    service: &ServiceId,
    status: TemplateStatus,
) -> Result<AdminReply, AdminFailure> {
    let entry = find(context, provider, service).await?;
    let changed = context.store.set_template_status(entry.id, status).await?;
    let entry = changed.ok_or_else(|| no_such_template(provider, service))?;
    note(context, &entry).await?;
    Ok(AdminReply::TemplateSet(line(&entry)))
}

async fn find(
    context: &AdminContext,
    provider: &ProviderId,
    service: &ServiceId,
) -> Result<TemplateEntry, AdminFailure> {
    let newest = TemplateChoice::Newest;
    let entry = context
        .store
        .find_template(provider, service, newest)
        .await?;
    entry.ok_or_else(|| no_such_template(provider, service))
}

fn no_such_template(provider: &ProviderId, service: &ServiceId) -> AdminFailure {
    let message = format!("there is no template {provider}/{service}");
    AdminFailure::new(FailureKind::NotFound, message)
        .with_hint("`easement template list` names those that were imported")
}

async fn note(context: &AdminContext, entry: &TemplateEntry) -> Result<(), AdminFailure> {
    let event = AuditEvent::TemplateSet {
        template: format!("{}/{}", entry.provider, entry.service),
        version: entry.version,
        status: entry.status,
    };
    Ok(context
        .store
        .append_audit(Some(ORIGIN.actor), None, &event)
        .await?)
}

fn line(entry: &TemplateEntry) -> TemplateLine {
    let template = Template::from_json(&entry.json)
        .ok()
        .map(|(template, _)| template);
    let title = template.as_ref().map_or_else(String::new, |template| {
        format!("{}: {}", template.provider_name(), template.service_name())
    });
    let signed_by = template.as_ref().and_then(Template::public_key_domain);
    TemplateLine {
        provider: entry.provider.to_string(),
        service: entry.service.to_string(),
        title,
        version: entry.version,
        checksum: entry.checksum.clone(),
        status: entry.status,
        signed_by: signed_by.map(easement_zone::Name::to_text),
        imported_at: entry.imported_at,
    }
}
