//! `easement template lint`

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use domain_connect::lint::{
    Code, Finding, LintOptions, LintSet, Profile, Severity, lint, lint_key,
};
use domain_connect::{KeyLabel, key_name};
use easement_outbound::SystemRandom;
use easement_outbound::dns::{Resolver, Resolvers};
use indicatif::{ProgressBar, ProgressStyle};

use super::lint_report::{Findings, Linted, show};
use super::{files, sarif};
use crate::arguments::Common;
use crate::console::{WrongUsage, print_json, print_text, say};

/// So many files take long enough to show how far it is.
const MANY_FILES: usize = 200;
/// How long the look-up of a key may take.
const LOOKUP: Duration = Duration::from_secs(5);

#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct LintArguments {
    /// Files, folders with .json files, or - for the standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to print what is found; --json is the same as json.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// What makes the command fail: a severity (info, warning, error) and everything above it, or a code.
    #[arg(long, value_name = "SEVERITY|CODE", default_value = "error")]
    deny: Vec<Denied>,
    /// A code that is not reported.
    #[arg(long, value_name = "CODE")]
    allow: Vec<Code>,
    /// Mends the files where that does not change what a template does. With -, the text goes to the
    /// standard output, mended or as it was, and the findings to the error output.
    #[arg(long)]
    fix: bool,
    /// Adds the rules of one DNS provider.
    #[arg(long, value_enum)]
    profile: Option<ProfileName>,
    /// The highest TTL, in seconds.
    #[arg(long, value_name = "SECONDS")]
    ttl_max: Option<u64>,
    /// Looks up the key with this label below syncPubKeyDomain, such as _dck1.
    #[arg(long, value_name = "LABEL")]
    check_key: Option<KeyLabel>,
    /// The resolver to ask; without it the one of the system.
    #[arg(long, value_name = "ADDRESS:PORT", requires = "check_key")]
    resolver: Option<SocketAddr>,
}

const HELP: &str = "\
Examples:
  easement template lint p.example.mail.json
  easement template lint Templates/ --deny warning --allow DCTL1007
  easement template lint --format sarif Templates/ > lint.sarif
  easement template lint --fix p.example.mail.json
  easement template lint --fix - < old.json > new.json
  easement template explain DCTL1011

Exit codes: 0 nothing that is denied was found, 2 the command line is not valid, 3 something was,
4 there is no such file.";

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProfileName {
    Cloudflare,
}

/// What makes the command fail.
#[derive(Clone, Copy, Debug)]
enum Denied {
    From(Severity),
    Code(Code),
}

impl FromStr for Denied {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(severity) = text.parse() {
            return Ok(Self::From(severity));
        }
        let code = text.parse().map(Self::Code);
        code.map_err(|_| {
            format!("`{text}` is neither info, warning or error, nor a code such as DCTL1034")
        })
    }
}

impl Denied {
    fn covers(self, finding: &Finding) -> bool {
        match self {
            Self::From(severity) => finding.severity >= severity,
            Self::Code(code) => finding.code == code,
        }
    }
}

/// Checks the templates, mends and prints.
pub(crate) async fn run(arguments: &LintArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let findings_to = findings_to(arguments, common)?;
    let mut linted = Vec::new();
    let mut set = LintSet::default();
    let paths = list(&arguments.paths)?;
    let progress = progress(paths.len());
    for path in &paths {
        linted.push(lint_file(path, arguments, &mut set)?);
        progress.inc(1);
    }
    progress.finish_and_clear();
    if let Some(label) = &arguments.check_key {
        check_keys(&mut linted, label, arguments.resolver).await?;
    }
    let findings = linted.iter().flat_map(|one| &one.findings);
    let denied = findings
        .filter(|finding| arguments.deny.iter().any(|denied| denied.covers(finding)))
        .count();
    match (arguments.format, common.json) {
        (Format::Json, _) | (Format::Text, true) => print_json(&linted)?,
        (Format::Sarif, _) => print_json(&sarif::log(&linted))?,
        (Format::Text, false) => show(&linted, pages(common)?.as_deref(), findings_to),
    }
    Ok(if denied == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}

/// A mended text takes the standard output, and nothing else may stand between its lines.
fn findings_to(arguments: &LintArguments, common: &Common) -> anyhow::Result<Findings> {
    let mends_input = arguments.fix && arguments.paths.iter().any(|path| path == Path::new("-"));
    match (mends_input, arguments.format, common.json) {
        (false, _, _) => Ok(Findings::ToOutput),
        (true, Format::Text, false) => Ok(Findings::ToErrors),
        (true, Format::Json | Format::Sarif, _) | (true, Format::Text, true) => Err(WrongUsage(
            "--fix - writes the template to the standard output, where JSON and SARIF go too: \
             leave out the one or the other",
        )
        .into()),
    }
}

fn list(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(files::list(path)?);
    }
    Ok(all)
}

/// The address of the pages about codes, when the configuration names a server that others can reach.
fn pages(common: &Common) -> anyhow::Result<Option<String>> {
    let url = common.load_config()?.server.public_url;
    Ok(url.is_https().then(|| format!("{url}/tools/lint/")))
}

fn progress(files: usize) -> ProgressBar {
    if files < MANY_FILES || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let length = u64::try_from(files).unwrap_or(u64::MAX);
    let style = ProgressStyle::with_template("{wide_bar} {pos} of {len} templates");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn lint_file(path: &Path, arguments: &LintArguments, set: &mut LintSet) -> anyhow::Result<Linted> {
    let shown = path.display().to_string();
    let mut text = match files::read(path) {
        Ok(text) => text,
        Err(error) => return Ok(Linted::unreadable(shown, &error)),
    };
    let options = LintOptions {
        file_name: file_name(path),
        highest_ttl: arguments.ttl_max,
        profile: arguments.profile.map(|profile| match profile {
            ProfileName::Cloudflare => Profile::Cloudflare,
        }),
        known: Vec::new(),
    };
    let mut report = lint(&text, &options);
    let mut fixed = false;
    if arguments.fix {
        if let Some(mended) = report.fixed(&text) {
            rewrite(path, &text, &mended)?;
            report = lint(&mended, &options);
            text = mended;
            fixed = true;
        } else if path == Path::new("-") {
            print_text(&text)?;
        }
    }
    let mut findings = report.findings.clone();
    findings.extend(set.add(&shown, &text, &report));
    findings.retain(|finding| !arguments.allow.contains(&finding.code));
    Ok(Linted {
        file: shown,
        findings,
        fixed,
        text,
        template: report.template,
    })
}

/// The name that tells the ids; the standard input has none.
fn file_name(path: &Path) -> Option<String> {
    if path == Path::new("-") {
        return None;
    }
    Some(path.file_name()?.to_string_lossy().into_owned())
}

/// Puts the mended text in the place of the file in one step; the standard input goes to the output.
fn rewrite(path: &Path, before: &str, mended: &str) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return print_text(mended);
    }
    let context = || format!("cannot write {}", path.display());
    anyhow::ensure!(
        files::read(path)? == before,
        "{} was changed meanwhile",
        path.display()
    );
    crate::replace_file::replace(path, mended.as_bytes()).with_context(context)
}

async fn check_keys(
    linted: &mut [Linted],
    label: &KeyLabel,
    resolver: Option<SocketAddr>,
) -> anyhow::Result<()> {
    let servers = resolver.map_or_else(Resolvers::of_system, Resolvers::from);
    let resolver = Resolver::new(servers, LOOKUP, Arc::new(SystemRandom));
    for one in linted.iter_mut() {
        let Some(domain) = one
            .template
            .as_ref()
            .and_then(|template| template.public_key_domain())
        else {
            continue;
        };
        let name = key_name(label, domain)?;
        match resolver.texts(&name).await {
            Ok(answer) => {
                let texts: Vec<String> = answer
                    .texts
                    .iter()
                    .map(|text| String::from_utf8_lossy(text).into_owned())
                    .collect();
                let place = one.place("/syncPubKeyDomain");
                one.findings
                    .extend(lint_key(&name.to_text(), &texts, place));
            }
            Err(error) => say(format_args!(
                "warning: {}: the key at {} was not checked: {error}",
                one.file,
                name.to_text()
            )),
        }
    }
    Ok(())
}
