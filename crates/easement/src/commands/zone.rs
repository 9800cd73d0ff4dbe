//! `easement zone`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use easement_core::{EmailAddress, Version, ZonePurpose, ZoneRole};
use easement_server::admin::{
    AdminRequest, CompareWith, ComparedBecause, ComparedWith, ExistingZone, ImportOptions,
    RoleLine, SignedFile, ZoneDetail, ZoneImported, ZoneLine, ZonePurposeLine,
};
use easement_zone::{ChangeSet, Name, RecordSet};

use crate::console::{self, WOULD_CHANGE, table};
use crate::zone_text;

#[derive(Debug, Subcommand)]
pub(crate) enum ZoneCommand {
    /// Make a zone with nothing but its SOA and NS records.
    Create {
        /// The name of the zone.
        zone: Name,
        /// The account that owns it.
        #[arg(long, value_name = "EMAIL")]
        owner: EmailAddress,
    },
    /// Fill a zone from a zone file. For a zone that is there already, says what would change.
    Import {
        /// The name of the zone.
        zone: Name,
        /// The zone file.
        file: PathBuf,
        /// The account that owns the zone, when it is new.
        #[arg(long, value_name = "EMAIL")]
        owner: Option<EmailAddress>,
        /// Makes the changes in a zone that is there already.
        #[arg(long)]
        replace: bool,
        /// Makes a new zone from the file of a signed one, without its signatures. Its DS records have to be gone
        /// from the parent zone before.
        #[arg(long)]
        unsigned: bool,
        /// Takes the file for the whole zone. Otherwise it is compared with the version that has its serial, and
        /// what others changed since then stays.
        #[arg(long)]
        ignore_serial: bool,
    },
    /// Take a zone back to what it was in an earlier version, as one more commit. Says what would change.
    Restore {
        /// The name of the zone.
        zone: Name,
        /// The version, as the history of the zone counts them.
        #[arg(long, value_name = "NUMBER")]
        version: u64,
        /// Makes these changes.
        #[arg(long)]
        replace: bool,
    },
    /// Give an account a role in a zone, or take it away.
    Role {
        /// The name of the zone.
        zone: Name,
        /// The account.
        email: EmailAddress,
        /// owner, editor, viewer, or none to take its role away.
        #[arg(value_parser = parse_role)]
        role: GivenRole,
    },
    /// Say whether test tokens may change a zone. For a zone that nobody relies on.
    Testing {
        /// The name of the zone.
        zone: Name,
        /// on or off.
        state: Testing,
    },
    /// Print a zone as a zone file.
    Export {
        /// The name of the zone.
        zone: Name,
    },
    /// List all zones.
    List,
    /// Show one zone: its records, of a large zone the first ten thousand sets, and connected services.
    Show {
        /// The name of the zone.
        zone: Name,
    },
}

/// What the server is asked.
pub(crate) fn request(command: ZoneCommand) -> anyhow::Result<AdminRequest> {
    Ok(match command {
        ZoneCommand::Create { zone, owner } => AdminRequest::CreateZone { apex: zone, owner },
        ZoneCommand::Import {
            zone,
            file,
            owner,
            replace,
            unsigned,
            ignore_serial,
        } => AdminRequest::ImportZone {
            apex: zone,
            text: zone_text::read(&file)?,
            owner,
            existing: existing(replace),
            options: import_options(unsigned, ignore_serial),
        },
        ZoneCommand::Restore {
            zone,
            version,
            replace,
        } => AdminRequest::RestoreZone {
            apex: zone,
            version: Version(version),
            existing: existing(replace),
        },
        ZoneCommand::Role { zone, email, role } => AdminRequest::SetRole {
            apex: zone,
            email,
            role: role.0,
        },
        ZoneCommand::Testing { zone, state } => AdminRequest::SetZonePurpose {
            apex: zone,
            purpose: match state {
                Testing::On => ZonePurpose::Testing,
                Testing::Off => ZonePurpose::Live,
            },
        },
        ZoneCommand::Export { zone } => AdminRequest::ExportZone { apex: zone },
        ZoneCommand::List => AdminRequest::ListZones,
        ZoneCommand::Show { zone } => AdminRequest::ShowZone { apex: zone },
    })
}

fn import_options(unsigned: bool, ignore_serial: bool) -> ImportOptions {
    ImportOptions {
        signed: if unsigned {
            SignedFile::Unsigned
        } else {
            SignedFile::Refuse
        },
        compare: if ignore_serial {
            CompareWith::Newest
        } else {
            CompareWith::SerialOfFile
        },
    }
}

fn existing(replace: bool) -> ExistingZone {
    if replace {
        ExistingZone::Replace
    } else {
        ExistingZone::Compare
    }
}

/// A role as it is typed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GivenRole(Option<ZoneRole>);

fn parse_role(text: &str) -> Result<GivenRole, String> {
    match text {
        "none" => Ok(GivenRole(None)),
        other => match other.parse() {
            Ok(role) => Ok(GivenRole(Some(role))),
            Err(error) => Err(format!("{error}, or none to take it away")),
        },
    }
}

/// Whether a zone is for testing.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Testing {
    /// Test tokens may change it.
    On,
    /// It is in use: test tokens are refused.
    Off,
}

/// Says what a zone is for.
pub(crate) fn show_purpose(line: &ZonePurposeLine) {
    let apex = line.apex.to_text();
    console::say(match line.purpose {
        ZonePurpose::Testing => format!("Test tokens may change the zone {apex} now."),
        ZonePurpose::Live => format!("Test tokens are refused in the zone {apex}."),
    });
}

/// Says whose role in a zone is what.
pub(crate) fn show_role(line: &RoleLine) {
    let (apex, email) = (line.apex.to_text(), &line.email);
    match line.role {
        Some(role) => console::say(format_args!("{email} is {role} of the zone {apex} now.")),
        None => console::say(format_args!(
            "{email} has no role in the zone {apex} any more."
        )),
    }
    match line.ended_access {
        0 => {}
        1 => console::say("One program lost the access that this account had given it."),
        count => console::say(format_args!(
            "{count} programs lost the access that this account had given them."
        )),
    }
}

/// How many record sets are named that stay.
const KEPT: usize = 20;

/// Every record that changed or would change, and what to do.
pub(crate) fn show_import(imported: &ZoneImported) -> anyhow::Result<()> {
    for warning in &imported.warnings {
        console::say(format_args!("warning: {warning}"));
    }
    let Some(compared) = imported.compared_with else {
        return show_changes(imported, "has what the file says");
    };
    console::say(compared_words(compared, &imported.zone.apex.to_text()));
    if compared.version == compared.newest {
        return show_changes(imported, "has what the file says");
    }
    for key in imported.kept.iter().take(KEPT) {
        console::say(format_args!("  stays as it was made since: {key}"));
    }
    if let more @ 1.. = imported.kept.len().saturating_sub(KEPT) {
        console::say(format_args!("  and {more} more"));
    }
    show_changes(imported, "has what the file changes")
}

/// What a file was compared with.
fn compared_words(compared: ComparedWith, apex: &str) -> String {
    let ComparedWith {
        version,
        serial,
        newest,
        because,
    } = compared;
    match because {
        ComparedBecause::SerialOfFile if version == newest => {
            format!(
                "The file was compared with version {version} of {apex}, the newest (serial {serial})."
            )
        }
        ComparedBecause::SerialOfFile => format!(
            "The file was compared with version {version} of {apex}, which has its serial {serial}. The zone is at \
             version {newest}: what changed since then stays. --ignore-serial takes the file for the whole zone."
        ),
        ComparedBecause::UnknownSerial { file } => format!(
            "No version of {apex} has the serial {file} of the file, so it was taken for the whole zone, and \
             compared with version {version}, the newest (serial {serial})."
        ),
        ComparedBecause::Asked => format!(
            "The file was taken for the whole zone, and compared with version {version} of {apex}, the newest \
             (serial {serial})."
        ),
    }
}

/// The same for a zone that is taken back.
pub(crate) fn show_restore(version: Version, restored: &ZoneImported) -> anyhow::Result<()> {
    show_changes(restored, &format!("has what it had in version {version}"))
}

/// What came of a change; `goal` says what the zone was to become.
fn show_changes(outcome: &ZoneImported, goal: &str) -> anyhow::Result<()> {
    let apex = outcome.zone.apex.to_text();
    console::print_text(&changes(&outcome.changes))?;
    let (shown, count) = (outcome.changes.len(), outcome.count);
    if shown < count {
        console::say(format_args!(
            "Shown are the first {shown} of {count} record sets."
        ));
    }
    for title in &outcome.ended {
        let ends = if outcome.applied {
            "ended"
        } else {
            "would end"
        };
        console::say(format_args!(
            "The service {title} {ends}: a record is gone that it cannot do without."
        ));
    }
    if outcome.applied {
        let serial = outcome.zone.serial;
        console::say(format_args!(
            "The zone {apex} {goal}, with serial {serial}. Record sets changed: {count}."
        ));
    } else if count == 0 {
        console::say(format_args!("The zone {apex} {goal} already."));
    } else {
        console::say(format_args!(
            "The zone {apex} is there already, and was left as it is. Record sets that would change: {count}."
        ));
        console::say("hint: run the command again with --replace to make these changes");
    }
    Ok(())
}

/// Whether something would change, and was not.
pub(crate) fn exit_code(outcome: &ZoneImported) -> ExitCode {
    ExitCode::from(if outcome.applied || outcome.count == 0 {
        0
    } else {
        WOULD_CHANGE
    })
}

/// Every record that goes or comes, with a sign in front.
fn changes(changes: &ChangeSet) -> String {
    let mut text = String::new();
    for (_, change) in changes.iter() {
        for (sign, side) in [("-", &change.before), ("+", &change.after)] {
            for line in side.iter().flat_map(record_lines) {
                text.extend([sign, " ", line.as_str(), "\n"]);
            }
        }
    }
    text
}

fn record_lines(set: &RecordSet) -> Vec<String> {
    let (owner, ttl, rtype) = (set.owner(), set.ttl(), set.rtype());
    set.data()
        .iter()
        .map(|data| format!("{owner} {ttl} {rtype} {data}"))
        .collect()
}

/// A table of zones.
pub(crate) fn list(zones: &[ZoneLine]) -> String {
    let rows: Vec<_> = zones
        .iter()
        .map(|zone| {
            [
                zone.apex.to_text(),
                zone.serial.to_string(),
                zone.version.to_string(),
                zone.record_sets.to_string(),
            ]
        })
        .collect();
    table(["ZONE", "SERIAL", "VERSION", "RECORD SETS"], &rows)
}

/// Shows a zone, and says when it has more records than that.
pub(crate) fn show_detail(zone: &ZoneDetail) {
    console::print(detail(zone));
    let (shown, all) = (zone.records.len(), zone.line.record_sets);
    if shown < all {
        let apex = zone.line.apex.to_text();
        console::say(format_args!(
            "Shown are the first {shown} of {all} record sets. `easement zone export {apex}` prints them all."
        ));
    }
}

fn detail(zone: &ZoneDetail) -> String {
    let rows: Vec<_> = zone
        .records
        .iter()
        .flat_map(|set| {
            set.data.iter().map(|data| {
                [
                    set.owner.to_string(),
                    set.ttl.to_string(),
                    set.rtype.to_string(),
                    data.to_string(),
                ]
            })
        })
        .collect();
    let mut text = list(std::slice::from_ref(&zone.line));
    text.extend([
        "\n\n",
        table(["NAME", "TTL", "TYPE", "DATA"], &rows).as_str(),
    ]);
    if !zone.services.is_empty() {
        text.extend([
            "\n\nCONNECTED SERVICES\n",
            zone.services.join("\n").as_str(),
        ]);
    }
    text
}
