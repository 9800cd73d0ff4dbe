//! `easement template apply`: a template applied to a zone file, without a server.

mod arguments;
mod meant;
mod report;
mod request;
mod spf;
mod state;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, ensure};
use domain_connect::{Application, Plan, Policy, Removal, plan_application, plan_removal};
use easement_core::Clock as _;
use easement_outbound::SystemClock;
use easement_zone::zonefile::{self, ReadOptions, SerialEdit};
use easement_zone::{Serial, Zone};

pub(super) use self::arguments::ApplyArguments;
use self::arguments::SerialWish;
use self::meant::Meant;
use self::request::Request;
use self::state::State;
use crate::arguments::Common;
use crate::console::{NotValid, WOULD_CHANGE, print_json, print_text, say};
use crate::{replace_file, zone_text};

/// Something stands in the way.
const CONFLICT: u8 = 5;

/// A zone file that was read.
struct Source {
    text: String,
    zone: Zone,
    options: ReadOptions,
}

pub(super) async fn run(arguments: &ApplyArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let _lock = state::lock(arguments.state.as_deref().unwrap_or(&arguments.zone))?;
    let source = read_zone(arguments)?;
    let state = match &arguments.state {
        Some(path) => state::load(path, source.zone.apex(), &source.text)?,
        None => State::default(),
    };
    if arguments.list {
        report::list(&state.services, common)?;
        return Ok(ExitCode::SUCCESS);
    }
    let plan = plan(arguments, &source, &state, common).await?;
    if let Some(resolver) = arguments.resolver {
        spf::count(&plan, resolver).await?;
    }
    if arguments.check {
        report::show(&plan, arguments, common)?;
        return Ok(checked(&plan, arguments));
    }
    let needs_word = !plan.conflicts.is_empty() && !arguments.replace;
    if !common.json || needs_word {
        report::show(&plan, arguments, common)?;
    }
    if needs_word {
        say("hint: nothing was written. --replace lets what is in the way go.");
        return Ok(ExitCode::from(CONFLICT));
    }
    let serial = serial(arguments.serial)?;
    let edited = zonefile::edit(&source.text, &source.options, &plan.changes, serial)
        .map_err(NotValid::mark)?;
    let new_state = NewState {
        arguments,
        source: &source,
        before: &state,
        plan: &plan,
    };
    if let Some(path) = file_to_write(arguments) {
        write(path, &new_state, &edited)?;
        if common.json {
            print_json(&plan)?;
        }
    } else {
        // The state belongs to a zone file that somebody has: it goes on once that is out.
        if common.json {
            print_json(&report::with_zone_file(&plan, &edited)?)?;
        } else {
            print_text(&edited)?;
        }
        new_state.save(&edited)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn checked(plan: &Plan, arguments: &ApplyArguments) -> ExitCode {
    if !plan.conflicts.is_empty() && !arguments.replace {
        ExitCode::from(CONFLICT)
    } else if plan.changes_nothing() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(WOULD_CHANGE)
    }
}

fn read_zone(arguments: &ApplyArguments) -> anyhow::Result<Source> {
    let path = &arguments.zone;
    let text = zone_text::read(path)?;
    let options = ReadOptions {
        origin: arguments.domain.clone(),
        ..ReadOptions::default()
    };
    let file = zonefile::read(&text, &options)
        .with_context(|| format!("{} is not a zone file that can be used", path.display()))
        .map_err(NotValid::mark)?;
    for warning in &file.warnings {
        say(format_args!("warning: {}: {warning}", path.display()));
    }
    Ok(Source {
        zone: file.zone,
        text,
        options,
    })
}

//------------ Planning --------------------------------------------------------------------------

async fn plan(
    arguments: &ApplyArguments,
    source: &Source,
    state: &State,
    common: &Common,
) -> anyhow::Result<Plan> {
    let apex = source.zone.apex();
    if arguments.remove {
        let meant = Meant::read(arguments, apex, common).await?;
        return removal(&meant, source, state);
    }
    let request = Request::read(arguments, apex, common).await?;
    request.check(apex).map_err(NotValid::mark)?;
    let policy = policy(arguments)?;
    plan_application(&Application {
        zone: &source.zone,
        services: &state.services,
        special: &[],
        template: &request.template,
        host: &request.host,
        groups: &request.groups,
        instance: request.instance.as_ref(),
        variables: &request.variables,
        authenticity: domain_connect::Authenticity::Signed,
        policy: &policy,
    })
    .map_err(NotValid::mark)
}

fn removal(meant: &Meant, source: &Source, state: &State) -> anyhow::Result<Plan> {
    let found: Vec<usize> = (0..)
        .zip(&state.services)
        .filter(|(_, service)| meant.is(&service.key))
        .map(|(index, _)| index)
        .collect();
    match found.as_slice() {
        [index] => Ok(plan_removal(&Removal {
            zone: &source.zone,
            services: &state.services,
            special: &[],
            index: *index,
        })?),
        [] => Err(NotValid::mark(anyhow!(
            "{}/{} is not applied at {}: --list shows what is",
            meant.provider_id,
            meant.service_id,
            meant.host
        ))),
        several => Err(NotValid::mark(anyhow!(
            "{} instances are applied there: choose one with --instance",
            several.len()
        ))),
    }
}

fn policy(arguments: &ApplyArguments) -> anyhow::Result<Policy> {
    let ttl = |seconds: u32| easement_zone::Ttl::from_secs(seconds).map_err(NotValid::mark);
    let mut policy = Policy::default();
    if let Some(seconds) = arguments.ttl_min {
        policy.lowest_ttl = ttl(seconds)?;
    }
    if let Some(seconds) = arguments.ttl_max {
        policy.highest_ttl = ttl(seconds)?;
    }
    if arguments.refuse_ns {
        policy.delegation = domain_connect::Delegation::Refuse;
    }
    if arguments.allow_ds {
        policy.delegation_signer = domain_connect::DelegationSigner::BelowApex;
    }
    Ok(policy)
}

fn serial(wish: SerialWish) -> anyhow::Result<SerialEdit> {
    Ok(match wish {
        SerialWish::Keep => SerialEdit::Keep,
        SerialWish::Increment => SerialEdit::Increment,
        SerialWish::Date => {
            let today: String = SystemClock.now().to_string();
            let digits: String = today
                .chars()
                .take(10)
                .filter(char::is_ascii_digit)
                .collect();
            let number: u32 = digits.parse().context("the clock gives no date")?;
            SerialEdit::AtLeast(Serial::new(number.saturating_mul(100)))
        }
    })
}

//------------ Writing ---------------------------------------------------------------------------

/// The file that the new zone goes into; without one it goes to the standard output.
fn file_to_write(arguments: &ApplyArguments) -> Option<&Path> {
    if arguments.in_place {
        return Some(&arguments.zone);
    }
    let output = arguments.output.as_deref();
    output.filter(|path| *path != Path::new("-"))
}

/// The state that a plan leads to.
struct NewState<'a> {
    arguments: &'a ApplyArguments,
    source: &'a Source,
    before: &'a State,
    plan: &'a Plan,
}

impl NewState<'_> {
    /// Writes it where one is kept.
    fn save(&self, edited: &str) -> anyhow::Result<()> {
        let Some(path) = &self.arguments.state else {
            return Ok(());
        };
        let services = self.plan.services_after(&self.before.services);
        let after = self.before.after(services, self.source.zone.apex());
        state::save(path, &after, &self.source.text, edited)
    }
}

/// Writes the state first, with what was there before: should the zone file not follow, the next run sees
/// by its checksum which of the two belongs to it.
fn write(path: &Path, new_state: &NewState<'_>, edited: &str) -> anyhow::Result<()> {
    let zone = &new_state.arguments.zone;
    if path == zone {
        let now = std::fs::read_to_string(zone)?;
        ensure!(
            now == new_state.source.text,
            "{} was changed meanwhile: run it again",
            zone.display()
        );
    }
    new_state.save(edited)?;
    replace_file::replace(path, edited.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    say(format_args!("{} was written.", path.display()));
    Ok(())
}
