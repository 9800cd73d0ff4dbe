//! `easement store`.

use std::process::ExitCode;

use clap::Subcommand;
use easement_server::admin::{AdminRequest, FindingLine, StoreVerified};

use crate::console::{print, say};

#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Check that what is stored makes sense: every zone against its whole history, and against what
    /// DNS answers.
    ///
    /// Reads and changes nothing, with a running server and without one. Prints what is wrong, with the
    /// zone, the version and what to do, and ends with exit code 1 when anything is.
    Verify,
}

/// What the server is asked.
pub(crate) fn request(command: &StoreCommand) -> AdminRequest {
    match command {
        StoreCommand::Verify => AdminRequest::VerifyStore,
    }
}

/// Prints what is wrong and says what was looked at.
pub(crate) fn show_verified(verified: &StoreVerified) {
    for finding in &verified.findings {
        print(line(finding));
    }
    if verified.more_findings > 0 {
        print(format_args!("and {} more", verified.more_findings));
    }
    say(format_args!(
        "Zones checked: {}, with {} commits, {} changes, {} record sets and {} services.",
        verified.zones, verified.commits, verified.changes, verified.record_sets, verified.services
    ));
    let mut remedies: Vec<&str> = Vec::new();
    for finding in &verified.findings {
        if !remedies.contains(&finding.remedy.as_str()) {
            remedies.push(&finding.remedy);
        }
    }
    for remedy in remedies {
        say(format_args!("hint: {remedy}"));
    }
    if verified.findings.is_empty() {
        say("Everything fits together.");
    }
}

/// Whether anything is wrong.
pub(crate) fn exit_code(verified: &StoreVerified) -> ExitCode {
    if verified.findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// `example.test, version 3: what is wrong [code]`.
fn line(finding: &FindingLine) -> String {
    let zone = finding.zone.as_deref().unwrap_or("the store");
    let version = finding
        .version
        .map(|version| format!(", version {version}"));
    let version = version.unwrap_or_default();
    format!("{zone}{version}: {} [{}]", finding.problem, finding.code)
}
