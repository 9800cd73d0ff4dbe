//! Filling a zone from a zone file, and making any change of a zone that is there.

use domain_connect::{AppliedService, Edit, plan_edit};
use easement_core::{
    ChangeSource, EmailAddress, Permit, PlanBase, ServiceChange, Version, ZoneAction, ZonePlan,
};
use easement_zone::zonefile::{self, Warning, ZoneFile};
use easement_zone::{ChangeSet, Name, ZoneSnapshot};

use super::examine::not_served;
use super::execute::{AdminContext, ORIGIN};
use super::progress::{Progress, Reporter};
use super::zone_compare::{compare, named};
use super::zones::{SHOWN, add, line, no_such_zone, snapshot};
use super::{
    AdminFailure, AdminReply, ExistingZone, FailureKind, ImportOptions, SignedFile, ZoneImported,
    accounts,
};
use crate::aside::aside;

/// Reads a zone file; every error names its line and column.
async fn read_file(
    apex: Name,
    text: String,
    reporter: &Reporter,
) -> Result<ZoneFile, AdminFailure> {
    let reporter = reporter.clone();
    aside(move || {
        let options = zonefile::ReadOptions {
            origin: Some(apex),
            occluded: zonefile::Occluded::LeaveOut,
            ..zonefile::ReadOptions::default()
        };
        let on_count = |count| reporter.report(Progress::words(format!("{count} records read")));
        zonefile::read_counting(&text, &options, &on_count).map_err(|errors| {
            let message = format!("the zone file was not imported:\n{errors}");
            AdminFailure::new(FailureKind::Invalid, message)
        })
    })
    .await?
}

pub(super) async fn import(
    context: &AdminContext,
    (apex, text): (Name, String),
    (owner, existing, options): (Option<&EmailAddress>, ExistingZone, ImportOptions),
    reporter: &Reporter,
) -> Result<AdminReply, AdminFailure> {
    let file = read_file(apex, text, reporter).await?;
    let Some(hosted) = context.hosted.get(file.zone.apex()) else {
        return import_new(context, file, (owner, options.signed), reporter).await;
    };
    let current = hosted.snapshot();
    let (merged, compared_with) =
        compare(context, &current, (file.zone, options.compare), reporter).await?;
    let wanted = (merged.changes, ChangeSource::ZoneImported);
    let outcome = change(context, &current, wanted, existing, reporter).await?;
    Ok(AdminReply::ZoneImported(ZoneImported {
        compared_with: Some(compared_with),
        kept: merged.kept.iter().take(SHOWN).map(named).collect(),
        warnings: words_of(&file.warnings, &*snapshot(context, current.zone().apex())?),
        ..outcome
    }))
}

/// The warnings for people, with those about records that the zone has now and does not serve.
fn words_of(warnings: &[Warning], hosted: &ZoneSnapshot) -> Vec<String> {
    let not_served = not_served(hosted).into_iter().map(|set| {
        format!(
            "the {} records of {} are stored and not served: the server says there where Domain Connect is spoken",
            set.rtype(),
            set.owner().to_text()
        )
    });
    let said = warnings.iter().map(ToString::to_string);
    said.chain(not_served).collect()
}

/// Makes a change of a zone that is there, or says what it would do.
pub(super) async fn change(
    context: &AdminContext,
    current: &ZoneSnapshot,
    (changes, source): (ChangeSet, ChangeSource),
    existing: ExistingZone,
    reporter: &Reporter,
) -> Result<ZoneImported, AdminFailure> {
    let applied = existing == ExistingZone::Replace && !changes.is_empty();
    let (shown, count) = (shown(&changes), changes.len());
    reporter.say(format!("planning {count} changes")).await;
    let touched = touched_services(context, current, &changes).await?;
    if applied {
        let replacing = replace(context, current, (changes, touched.changes), source);
        storing(context, count, reporter, replacing).await?;
    }
    Ok(ZoneImported {
        zone: line(&*snapshot(context, current.zone().apex())?),
        changes: shown,
        count,
        ended: touched.ended,
        applied,
        compared_with: None,
        kept: Vec::new(),
        warnings: Vec::new(),
    })
}

/// Says how far a commit has come while it is made.
async fn storing<T>(
    context: &AdminContext,
    count: usize,
    reporter: &Reporter,
    commit: impl Future<Output = T>,
) -> T {
    let stats = context.store.stats();
    let all = u64::try_from(count).unwrap_or(u64::MAX);
    let before = stats.changes_written();
    // Others may commit meanwhile, which is counted too.
    let words = || Progress {
        what: "record sets stored".to_owned(),
        done: all.min(stats.changes_written() - before),
        all,
        detail: String::new(),
    };
    reporter.report_during(words, commit).await
}

async fn import_new(
    context: &AdminContext,
    file: ZoneFile,
    (owner, signed): (Option<&EmailAddress>, SignedFile),
    reporter: &Reporter,
) -> Result<AdminReply, AdminFailure> {
    let ZoneFile { zone, warnings } = file;
    let apex = zone.apex().clone();
    let Some(owner) = owner else {
        let message = format!("the zone {} is new, so it needs an owner", apex.to_text());
        let hint = "name the account: --owner EMAIL";
        return Err(AdminFailure::new(FailureKind::Invalid, message).with_hint(hint));
    };
    let signing = warnings.iter().find(|warning| warning.is_about_signing());
    if let (Some(signing), SignedFile::Refuse) = (signing, signed) {
        return Err(refuse_signed(signing));
    }
    let owner = accounts::find(context, owner).await?.account;
    let mut changes = ChangeSet::new();
    for set in zone.sets().take(SHOWN) {
        changes.record(None, Some(set));
    }
    let count = zone.set_count();
    let adding = add(
        context,
        zone.clone(),
        Some(owner),
        ChangeSource::ZoneImported,
    );
    storing(context, count, reporter, adding).await?;
    let snapshot = snapshot(context, &apex)?;
    Ok(AdminReply::ZoneImported(ZoneImported {
        zone: line(&snapshot),
        changes,
        count,
        ended: Vec::new(),
        applied: true,
        compared_with: None,
        kept: Vec::new(),
        warnings: words_of(&warnings, &snapshot),
    }))
}

/// Who moves a signed zone here while the parent zone has its `DS` records makes it unreachable for
/// everybody who validates (RFC 4035 section 5), so this needs a word.
fn refuse_signed(signing: &Warning) -> AdminFailure {
    let message = format!("the zone file was not imported:\n{signing}");
    let hint = "once the parent zone has no DS records for it and their TTL is over, run the command again \
        with --unsigned";
    AdminFailure::new(FailureKind::Invalid, message).with_hint(hint)
}

fn shown(changes: &ChangeSet) -> ChangeSet {
    let mut shown = ChangeSet::new();
    for (_, change) in changes.iter().take(SHOWN) {
        shown.record(change.before.clone(), change.after.clone());
    }
    shown
}

/// What an edit does to the services of a zone.
#[derive(Default)]
struct TouchedServices {
    /// What changes about them.
    changes: Vec<ServiceChange>,
    /// The names of those that end, for people.
    ended: Vec<String>,
}

/// Which services end because a record is gone that they cannot do without, and which need less from now
/// on. The zone file has the last word: what it keeps of a service that ends stays, as the owner's own.
async fn touched_services(
    context: &AdminContext,
    current: &ZoneSnapshot,
    changes: &ChangeSet,
) -> Result<TouchedServices, AdminFailure> {
    let apex = current.zone().apex();
    let Some(entry) = context.store.zone_by_apex(apex).await? else {
        return Ok(TouchedServices::default());
    };
    let entries = context.store.services_of(entry.id).await?;
    if entries.is_empty() || changes.is_empty() {
        return Ok(TouchedServices::default());
    }
    let services: Vec<AppliedService> = entries.iter().map(|one| one.service.clone()).collect();
    let plan = plan_edit(&Edit {
        zone: current.zone(),
        services: &services,
        special: &[],
        changes,
    });
    let plan = plan.map_err(|error| AdminFailure::new(FailureKind::Invalid, error.to_string()))?;
    let id_at = |index: usize| entries.get(index).map(|one| one.id);
    let ended = plan.ended.iter();
    let removed = ended.filter_map(|one| id_at(one.index).map(ServiceChange::Remove));
    let updated = plan.updated.iter().filter_map(|one| {
        let service = Box::new(one.service.clone());
        id_at(one.index).map(|id| ServiceChange::Update(id, service))
    });
    Ok(TouchedServices {
        changes: removed.chain(updated).collect(),
        ended: plan.ended.iter().map(|one| one.title.clone()).collect(),
    })
}

async fn replace(
    context: &AdminContext,
    current: &ZoneSnapshot,
    (changes, services): (ChangeSet, Vec<ServiceChange>),
    source: ChangeSource,
) -> Result<(), AdminFailure> {
    let apex = current.zone().apex();
    let entry = context.store.zone_by_apex(apex).await?;
    let entry = entry.ok_or_else(|| no_such_zone(apex))?;
    let permit = Permit::for_console(ZoneAction::Change, entry.id, &entry.apex);
    let plan = ZonePlan {
        base: PlanBase::Version(Version(current.version())),
        changes,
        services,
        source,
    };
    context.store.commit(permit, plan, ORIGIN).await?;
    Ok(())
}
