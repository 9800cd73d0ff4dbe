//! The templates that a server keeps: `easement template import`, `review`, `approve` and so on.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain_connect::{ProviderId, ServiceId};
use easement_core::TemplateStatus;
use easement_server::admin::{AdminRequest, TemplateFile, TemplateWish, UnreadableFile};
use easement_server::read_folder;

use super::files;
use crate::console::NotValid;
use crate::named_file::cannot_read;

#[derive(Debug, Subcommand)]
pub(crate) enum RegistryCommand {
    /// Take in templates, from files or from all .json files of a folder. They wait for approval, unless
    /// the rules of the configuration decide.
    Import(ImportArguments),
    /// Make what came from a folder what is in it now: takes in what is new, withdraws what is gone.
    Sync {
        /// The folder, such as a copy of the public collection.
        folder: PathBuf,
        /// Withdraws also when most of the templates are gone.
        #[arg(long)]
        force: bool,
    },
    /// List all templates.
    List {
        /// Only those with this status: pending, approved, superseded, rejected or withdrawn.
        #[arg(long, value_parser = status)]
        status: Option<TemplateStatus>,
    },
    /// Show what waits for a decision; or, with ids, everything about one template.
    Review {
        /// The service provider's id.
        #[arg(requires = "service")]
        provider: Option<ProviderId>,
        /// The service's id.
        service: Option<ServiceId>,
        /// How the checksum of the text begins; without it the newest text is shown.
        #[arg(long, requires = "service")]
        checksum: Option<String>,
    },
    /// Let people apply a template.
    Approve {
        #[command(flatten)]
        text: Text,
        /// Why, for the record.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Do not let people apply a template that waits.
    Reject {
        #[command(flatten)]
        text: Text,
        /// Why; the service provider is told.
        #[arg(long)]
        reason: String,
    },
    /// Take a template that is offered back. Services that were applied stay as they are.
    Withdraw {
        #[command(flatten)]
        ids: Ids,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Look up whether the service provider controls the domain of its keys.
    CheckControl {
        #[command(flatten)]
        ids: Ids,
    },
    /// Print a template.
    Show {
        #[command(flatten)]
        ids: Ids,
    },
}

#[derive(Args, Debug)]
pub(crate) struct ImportArguments {
    /// Files and folders.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Takes all in, or none when one is no template.
    #[arg(long)]
    strict: bool,
    /// Only says what would be taken in.
    #[arg(long, conflicts_with = "strict")]
    dry_run: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Ids {
    /// The service provider's id.
    provider: ProviderId,
    /// The service's id.
    service: ServiceId,
}

/// One text of a template.
#[derive(Args, Debug)]
pub(crate) struct Text {
    #[command(flatten)]
    ids: Ids,
    /// How the checksum of the text begins; needed when several texts wait.
    #[arg(long)]
    checksum: Option<String>,
}

fn status(word: &str) -> Result<TemplateStatus, String> {
    TemplateStatus::from_word(word)
        .ok_or_else(|| "write pending, approved, superseded, rejected or withdrawn".to_owned())
}

/// What the server is asked.
pub(crate) fn request(command: RegistryCommand) -> anyhow::Result<AdminRequest> {
    let decide = |text: Text, status, reason| AdminRequest::DecideTemplate {
        provider: text.ids.provider,
        service: text.ids.service,
        checksum: text.checksum,
        status,
        reason,
    };
    Ok(match command {
        RegistryCommand::Import(arguments) => import(&arguments)?,
        RegistryCommand::Sync { folder, force } => sync(&folder, force)?,
        RegistryCommand::Review {
            provider: Some(provider),
            service: Some(service),
            checksum,
        } => AdminRequest::ReviewTemplate {
            provider,
            service,
            checksum,
        },
        RegistryCommand::List { .. } | RegistryCommand::Review { .. } => {
            AdminRequest::ListTemplates
        }
        RegistryCommand::Approve { text, reason } => decide(text, TemplateStatus::Approved, reason),
        RegistryCommand::Reject { text, reason } => decide(text, TemplateStatus::Rejected, reason),
        RegistryCommand::Withdraw { ids, reason } => {
            let checksum = None;
            decide(Text { ids, checksum }, TemplateStatus::Withdrawn, reason)
        }
        RegistryCommand::CheckControl { ids } => AdminRequest::CheckTemplateControl {
            provider: ids.provider,
            service: ids.service,
        },
        RegistryCommand::Show { ids } => AdminRequest::ShowTemplate {
            provider: ids.provider,
            service: ids.service,
        },
    })
}

impl RegistryCommand {
    /// The status that a list is about.
    pub(crate) fn listed(&self) -> Option<TemplateStatus> {
        match self {
            Self::List { status } => *status,
            Self::Review { provider: None, .. } => Some(TemplateStatus::Pending),
            Self::Import(_)
            | Self::Sync { .. }
            | Self::Review { .. }
            | Self::Approve { .. }
            | Self::Reject { .. }
            | Self::Withdraw { .. }
            | Self::CheckControl { .. }
            | Self::Show { .. } => None,
        }
    }
}

fn import(arguments: &ImportArguments) -> anyhow::Result<AdminRequest> {
    let mut all = Vec::new();
    for path in &arguments.paths {
        for path in files::list(path)? {
            let json = files::read(&path).map_err(NotValid::mark)?;
            let name = path.display().to_string();
            all.push(TemplateFile { name, json });
        }
    }
    Ok(AdminRequest::ImportTemplates {
        files: all,
        wish: match (arguments.dry_run, arguments.strict) {
            (true, _) => TemplateWish::DryRun,
            (false, true) => TemplateWish::AllOrNone,
            (false, false) => TemplateWish::Each,
        },
    })
}

fn sync(folder: &Path, force: bool) -> anyhow::Result<AdminRequest> {
    // The server remembers the folder by its name, which must not depend on where the command runs.
    let folder = std::fs::canonicalize(folder).map_err(cannot_read("the folder", folder))?;
    let Some(name) = folder.to_str() else {
        bail!(
            "the name of the folder {} is not text in UTF-8",
            folder.display()
        );
    };
    let contents = read_folder(&folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let unreadable = contents.unreadable.into_iter().map(|file| UnreadableFile {
        name: file.name,
        reason: file.reason,
    });
    Ok(AdminRequest::SyncTemplates {
        folder: name.to_owned(),
        files: contents.files,
        unreadable: unreadable.collect(),
        force,
    })
}
