//! `easement template`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use domain_connect::{ProviderId, ServiceId};
use easement_core::TemplateStatus;
use easement_server::admin::{AdminRequest, TemplateFile, TemplateLine};

use crate::console::{say, table};

#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
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
pub(crate) fn request(command: TemplateCommand) -> anyhow::Result<AdminRequest> {
    let set = |provider, service, status| AdminRequest::SetTemplateStatus {
        provider,
        service,
        status,
    };
    Ok(match command {
        TemplateCommand::Import { paths } => {
            let mut files = Vec::new();
            for path in &paths {
                read_templates(path, &mut files)?;
            }
            AdminRequest::ImportTemplates { files }
        }
        TemplateCommand::List => AdminRequest::ListTemplates,
        TemplateCommand::Approve { provider, service } => {
            set(provider, service, TemplateStatus::Approved)
        }
        TemplateCommand::Reject { provider, service } => {
            set(provider, service, TemplateStatus::Rejected)
        }
        TemplateCommand::Show { provider, service } => {
            AdminRequest::ShowTemplate { provider, service }
        }
    })
}

/// A file, or every `.json` file directly in a folder.
fn read_templates(path: &Path, files: &mut Vec<TemplateFile>) -> anyhow::Result<()> {
    let mut paths = vec![path.to_owned()];
    if path.is_dir() {
        let entries = std::fs::read_dir(path)
            .with_context(|| format!("cannot list the folder {}", path.display()))?;
        paths = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
        paths.sort();
    }
    for path in paths {
        let json = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read the template {}", path.display()))?;
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
