//! The templates that a server keeps: `easement template import`, `list`, `approve` and so on..

use std::path::{Path, PathBuf};

use clap::Subcommand;
use domain_connect::{ProviderId, ServiceId};
use easement_core::TemplateStatus;
use easement_server::admin::{AdminRequest, TemplateFile, TemplateLine};

use super::files;
use crate::console::{say, table};

#[derive(Debug, Subcommand)]
pub(crate) enum RegistryCommand {
    /// Take in templates, from files or from all .json files of a folder. They wait for approval.
    Import {
        /// Files and folders.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// List all templates.
    List,
    /// Let people apply a template.
    Approve {
        /// The service provider's id.
        provider: ProviderId,
        /// The service's id.
        service: ServiceId,
    },
    /// Do not let people apply a template.
    Reject {
        /// The service provider's id.
        provider: ProviderId,
        /// The service's id.
        service: ServiceId,
    },
    /// Print a template.
    Show {
        /// The service provider's id.
        provider: ProviderId,
        /// The service's id.
        service: ServiceId,
    },
}

/// What the server is asked.
pub(crate) fn request(command: RegistryCommand) -> anyhow::Result<AdminRequest> {
    let set = |provider, service, status| AdminRequest::SetTemplateStatus {
        provider,
        service,
        status,
    };
    Ok(match command {
        RegistryCommand::Import { paths } => {
            let mut files = Vec::new();
            for path in &paths {
                read_templates(path, &mut files)?;
            }
            AdminRequest::ImportTemplates { files }
        }
        RegistryCommand::List => AdminRequest::ListTemplates,
        RegistryCommand::Approve { provider, service } => {
            set(provider, service, TemplateStatus::Approved)
        }
        RegistryCommand::Reject { provider, service } => {
            set(provider, service, TemplateStatus::Rejected)
        }
        RegistryCommand::Show { provider, service } => {
            AdminRequest::ShowTemplate { provider, service }
        }
    })
}

/// The templates of a file or a folder.
fn read_templates(path: &Path, files: &mut Vec<TemplateFile>) -> anyhow::Result<()> {
    for path in files::list(path)? {
        let json = files::read(&path)?;
        let name = path.display().to_string();
        files.push(TemplateFile { name, json });
    }
    Ok(())
}

/// A table of templates.
pub(crate) fn list(lines: &[TemplateLine]) -> String {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            [
                line.provider.clone(),
                line.service.clone(),
                line.version.to_string(),
                line.status.to_string(),
                line.signed_by
                    .clone()
                    .unwrap_or_else(|| "unsigned".to_owned()),
                line.title.clone(),
            ]
        })
        .collect();
    table(
        [
            "PROVIDER",
            "SERVICE",
            "VERSION",
            "STATUS",
            "SIGNED BY",
            "TITLE",
        ],
        &rows,
    )
}

/// What to do with templates that nobody has looked at yet.
pub(crate) fn hint_at_pending(lines: &[TemplateLine]) {
    let is_pending = |line: &TemplateLine| line.status == TemplateStatus::Pending;
    if lines.iter().any(is_pending) {
        say("hint: look at a pending one with `easement template show`, then approve it");
    }
}
