//! Taking templates in: many at once, each on its own.

use std::collections::{BTreeMap, BTreeSet};

use domain_connect::vetting::{Facts, Names, Verdict, confusables};
use domain_connect::{ProviderId, ServiceId, Template};
use easement_core::{Actor, AuditEvent, TemplateEntry, TemplateStatus};
use easement_store::{
    Decided, NewDecision, NewTemplate, StoreError, TemplateChoice, TemplateImport,
};
use serde::{Deserialize, Serialize};

use super::{FolderContents, Registry, line};
use crate::admin::{TemplateFile, TemplateLine};

/// So many templates may vanish from a folder without anybody saying that it is meant.
const FEW: usize = 5;

/// What came of taking templates in.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct TemplateSummary {
    /// Templates that were not there before.
    pub new: Vec<TemplateLine>,
    /// New texts of templates that were there.
    pub changed: Vec<TemplateLine>,
    /// How many are as they were.
    pub unchanged: usize,
    /// Templates that were offered until now, and whose files are gone.
    pub withdrawn: Vec<TemplateLine>,
    /// Files that are no templates, and why.
    pub refused: Vec<RefusedFile>,
    /// Whether this only says what would be done.
    pub dry_run: bool,
}

/// A file that was not taken in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RefusedFile {
    /// The file.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// What one file that is no template means for the others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Strictness {
    /// They are taken in all the same.
    EachOnItsOwn,
    /// None is taken in.
    AllOrNone,
}

/// Whether many templates may be withdrawn at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Withdrawals {
    /// No more than a half, and a few.
    Few,
    /// All of them.
    Many,
}

/// Why a folder is not taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    /// Too many templates are gone.
    #[error(
        "{gone} of the {known} templates that came from this folder are gone: nothing was changed"
    )]
    TooManyGone {
        /// How many.
        gone: usize,
        /// Of how many.
        known: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The ids of a template.
type Ids = (ProviderId, ServiceId);

impl Registry {
    /// Takes files in. What is new waits for a decision, or is decided by the rules.
    pub(crate) async fn import(
        &self,
        files: &[TemplateFile],
        strictness: Strictness,
    ) -> Result<TemplateSummary, StoreError> {
        let read = read(files);
        let mut summary = TemplateSummary {
            refused: read.refused,
            ..TemplateSummary::default()
        };
        if strictness == Strictness::AllOrNone && !summary.refused.is_empty() {
            return Ok(summary);
        }
        self.take_all_in(&read.templates, &mut summary).await?;
        Ok(summary)
    }

    /// Makes what came from a folder what is in it now: also withdraws what is gone.
    pub(crate) async fn sync(
        &self,
        folder: &str,
        contents: FolderContents,
        withdrawals: Withdrawals,
    ) -> Result<TemplateSummary, SyncError> {
        let Read {
            templates,
            mut refused,
            doubled,
        } = read(&contents.files);
        refused.extend(contents.unreadable);
        let present: BTreeSet<Ids> = templates.iter().map(ids).chain(doubled).collect();
        let known = self.store.synced_templates(folder).await?;
        let gone: Vec<Ids> = known
            .iter()
            .filter(|ids| !present.contains(*ids) && !is_refused(ids, &refused))
            .cloned()
            .collect();
        let is_much = gone.len() > FEW && gone.len() * 2 > known.len();
        if is_much && withdrawals == Withdrawals::Few {
            return Err(SyncError::TooManyGone {
                gone: gone.len(),
                known: known.len(),
            });
        }
        let mut summary = TemplateSummary {
            refused,
            ..TemplateSummary::default()
        };
        self.take_all_in(&templates, &mut summary).await?;
        for ids in &gone {
            self.withdraw_gone(ids, folder, &mut summary).await?;
        }
        let kept = known.into_iter().filter(|ids| !gone.contains(ids));
        let remembered = kept.chain(present).collect();
        self.store.set_synced_templates(folder, &remembered).await?;
        let event = AuditEvent::TemplatesSynced {
            folder: folder.to_owned(),
            new: summary.new.len() + summary.changed.len(),
            withdrawn: summary.withdrawn.len(),
            refused: summary.refused.len(),
        };
        self.store
            .append_audit(Some(Actor::Rules), None, &event)
            .await?;
        Ok(summary)
    }

    /// Says what taking files in would do.
    pub(crate) async fn preview(
        &self,
        files: &[TemplateFile],
    ) -> Result<TemplateSummary, StoreError> {
        let read = read(files);
        let mut summary = TemplateSummary {
            refused: read.refused,
            dry_run: true,
            ..TemplateSummary::default()
        };
        let mut texts: BTreeMap<Ids, BTreeSet<String>> = BTreeMap::new();
        for entry in self.store.templates().await? {
            let same = texts.entry((entry.provider, entry.service)).or_default();
            same.insert(entry.checksum);
        }
        for template in &read.templates {
            let found = TemplateLine::of(template, TemplateStatus::Pending, self.clock.now());
            match texts.get(&ids(template)) {
                Some(known) if known.contains(&found.checksum) => summary.unchanged += 1,
                Some(_) => summary.changed.push(found),
                None => summary.new.push(found),
            }
        }
        Ok(summary)
    }

    async fn take_all_in(
        &self,
        templates: &[Template],
        summary: &mut TemplateSummary,
    ) -> Result<(), StoreError> {
        let mut known = KnownNames::default();
        for template in templates {
            self.take_in(template, &mut known, summary).await?;
        }
        Ok(())
    }

    async fn take_in(
        &self,
        template: &Template,
        known: &mut KnownNames,
        summary: &mut TemplateSummary,
    ) -> Result<(), StoreError> {
        let imported = self.store.import_template(&to_import(template)).await?;
        let entry = match imported.import {
            TemplateImport::Unchanged => {
                summary.unchanged += 1;
                return Ok(());
            }
            TemplateImport::New | TemplateImport::NewText => {
                self.note_arrival(&imported.entry).await?;
                self.decide_by_rule(template, imported.entry, known).await?
            }
        };
        let list = if imported.import == TemplateImport::New {
            &mut summary.new
        } else {
            &mut summary.changed
        };
        list.push(line(&entry));
        Ok(())
    }

    /// Lets the rules decide about a text that waits.
    async fn decide_by_rule(
        &self,
        template: &Template,
        entry: TemplateEntry,
        known: &mut KnownNames,
    ) -> Result<TemplateEntry, StoreError> {
        if !self.policy.may_approve() {
            return Ok(entry);
        }
        let verdict = self.verdict(template, known.read(self).await?).await?;
        let Verdict::Approve { because } = verdict else {
            return Ok(entry);
        };
        let decision = NewDecision {
            expected: TemplateStatus::Pending,
            status: TemplateStatus::Approved,
            actor: Actor::Rules,
            address: None,
            reason: because.to_string(),
        };
        match self.store.decide_template(entry.id, &decision).await? {
            Decided::Done(entry) => {
                known.add(Names::of(template));
                Ok(entry)
            }
            Decided::Changed(entry) => Ok(entry),
            Decided::Missing => Ok(entry),
        }
    }

    /// What the rules say about a text; `known` are the names of everything that is offered.
    pub(super) async fn verdict(
        &self,
        template: &Template,
        known: &[Names],
    ) -> Result<Verdict, StoreError> {
        let (provider, service) = ids(template);
        let approved = self
            .store
            .find_template(&provider, &service, TemplateChoice::Approved)
            .await?;
        let approved = approved.and_then(|entry| Template::from_json(&entry.json).ok());
        let confusables = confusables(&Names::of(template), known);
        Ok(self.policy.decide(
            template,
            &Facts {
                approved: approved.as_ref().map(|(template, _notes)| template),
                lint_errors: super::review::lint_errors(template),
                confusables: &confusables,
                control: self.control_state(template).await?,
            },
        ))
    }

    async fn withdraw_gone(
        &self,
        (provider, service): &Ids,
        folder: &str,
        summary: &mut TemplateSummary,
    ) -> Result<(), StoreError> {
        let approved = TemplateChoice::Approved;
        let entry = self
            .store
            .find_template(provider, service, approved)
            .await?;
        let Some(entry) = entry else {
            return Ok(());
        };
        let decision = NewDecision {
            expected: TemplateStatus::Approved,
            status: TemplateStatus::Withdrawn,
            actor: Actor::Rules,
            address: None,
            reason: format!("its file is gone from {folder}"),
        };
        if let Decided::Done(entry) = self.store.decide_template(entry.id, &decision).await? {
            summary.withdrawn.push(line(&entry));
        }
        Ok(())
    }

    async fn note_arrival(&self, entry: &TemplateEntry) -> Result<(), StoreError> {
        let event = AuditEvent::TemplateSet {
            template: format!("{}/{}", entry.provider, entry.service),
            version: entry.version,
            status: entry.status,
        };
        self.store
            .append_audit(Some(Actor::Rules), None, &event)
            .await
    }
}

/// The names of everything that is offered, read once for all the templates that come in together.
#[derive(Default)]
struct KnownNames(Option<Vec<Names>>);

impl KnownNames {
    async fn read(&mut self, registry: &Registry) -> Result<&[Names], StoreError> {
        let names = match self.0.take() {
            Some(names) => names,
            None => registry.known_names().await?,
        };
        Ok(self.0.insert(names))
    }

    /// What was approved meanwhile counts for those that follow.
    fn add(&mut self, names: Names) {
        self.0.get_or_insert_default().push(names);
    }
}

//------------ Read ------------------------------------------------------------------------------

/// What is in files.
struct Read {
    templates: Vec<Template>,
    refused: Vec<RefusedFile>,
    /// The ids that several files have: they are there, and none of the files is used.
    doubled: Vec<Ids>,
}

/// Refuses files that are no templates, and all of several with the same ids, since nobody knows which is
/// meant.
fn read(files: &[TemplateFile]) -> Read {
    let mut refused = Vec::new();
    let mut found: BTreeMap<Ids, Vec<(&str, Template)>> = BTreeMap::new();
    for file in files {
        match Template::from_json(&file.json) {
            Ok((template, _notes)) => {
                let same = found.entry(ids(&template)).or_default();
                same.push((&file.name, template));
            }
            Err(error) => refused.push(RefusedFile {
                name: file.name.clone(),
                reason: error.to_string(),
            }),
        }
    }
    let (mut templates, mut doubled) = (Vec::new(), Vec::new());
    for ((provider, service), mut same) in found {
        if same.len() == 1 {
            templates.extend(same.pop().map(|(_, template)| template));
            continue;
        }
        refused.extend(same.iter().map(|(name, _)| RefusedFile {
            name: (*name).to_owned(),
            reason: format!("{} files are about {provider}/{service}", same.len()),
        }));
        doubled.push((provider, service));
    }
    refused.sort_by(|one, other| one.name.cmp(&other.name));
    Read {
        templates,
        refused,
        doubled,
    }
}

fn ids(template: &Template) -> Ids {
    (
        template.provider_id().clone(),
        template.service_id().clone(),
    )
}

/// Whether the file of a template is there and only cannot be used now.
fn is_refused((provider, service): &Ids, refused: &[RefusedFile]) -> bool {
    let name = format!("{provider}.{service}.json").to_lowercase();
    refused.iter().any(|file| file.name.to_lowercase() == name)
}

pub(super) fn to_import(template: &Template) -> NewTemplate {
    let version = template.version().unwrap_or_default();
    NewTemplate {
        provider: template.provider_id().clone(),
        service: template.service_id().clone(),
        version: u32::try_from(version).unwrap_or(u32::MAX),
        checksum: template.checksum().to_string(),
        json: template.json().to_owned(),
    }
}
