//! `easement key`: the keys that service providers sign with.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, ensure};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand, ValueEnum};
use domain_connect::{KeyDiagnosis, PublicKey, SigningKey, WeakKeys};
use easement_server::admin::{AdminFailure, FailureKind};
use easement_zone::Name;
use serde_json::json;

use crate::arguments::Common;
use crate::console::{NotValid, print, print_json, say};
use crate::named_file::cannot_read;
use crate::published::Published;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key pair: a file with the private key, and the records to publish.
    Generate(GenerateArguments),
    /// Print the TXT records to publish for a key.
    Records(RecordsArguments),
    /// Look at what is published, and name everything that is wrong with it.
    Check(CheckArguments),
}

#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  easement key generate --out p.example.pem --name _dck1.p.example

Exit codes: 0 made, 1 the file cannot be written, 5 it is there already.")]
pub(crate) struct GenerateArguments {
    /// The file for the private key; it must not exist yet.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The size of the key.
    #[arg(long, value_enum, default_value = "2048")]
    bits: Bits,
    /// Where the key will be published: a label of your choice, and the template's syncPubKeyDomain.
    #[arg(long, value_name = "LABEL.DOMAIN")]
    name: Option<Name>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Bits {
    #[value(name = "2048")]
    Two,
    #[value(name = "3072")]
    Three,
    #[value(name = "4096")]
    Four,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  easement key records p.example.pem
  easement key records p.example.pem --name _dck1.p.example --format zone

Exit codes: 0 printed, 1 the file cannot be read, 3 it is no RSA key, 4 there is no such file.")]
pub(crate) struct RecordsArguments {
    /// A private or a public key in PEM.
    file: PathBuf,
    /// Where the key will be published; needed for zone.
    #[arg(long, value_name = "LABEL.DOMAIN", required_if_eq("format", "zone"))]
    name: Option<Name>,
    /// How to print them: the texts alone, or as lines of a zone file.
    #[arg(long, value_enum, default_value = "text")]
    format: RecordsFormat,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum RecordsFormat {
    Text,
    Zone,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  easement key check _dck1.p.example
  easement key check _dck1.p.example --expect p.example.pem
  easement key check _dck1.p.example --records answer.txt

Exit codes: 0 the key can be used, 1 DNS gave no answer, 3 something is wrong with it, 4 a file is not there.")]
pub(crate) struct CheckArguments {
    /// Where the key is published.
    #[arg(value_name = "LABEL.DOMAIN")]
    name: Name,
    /// The resolver to ask; without it the one of the system.
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "records")]
    resolver: Option<SocketAddr>,
    /// A file with the texts of the records, one a line, in the place of DNS.
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    /// The key that should be published: a private or a public key in PEM.
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Accepts keys of 1024 bits and more.
    #[arg(long)]
    allow_weak: bool,
}

pub(crate) async fn run(command: KeyCommand, common: &Common) -> anyhow::Result<ExitCode> {
    match command {
        KeyCommand::Generate(arguments) => generate(&arguments, common),
        KeyCommand::Records(arguments) => records(&arguments, common),
        KeyCommand::Check(arguments) => check(&arguments, common).await,
    }
}

fn generate(arguments: &GenerateArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let size = match arguments.bits {
        Bits::Two => KeySize::Rsa2048,
        Bits::Three => KeySize::Rsa3072,
        Bits::Four => KeySize::Rsa4096,
    };
    let pair = KeyPair::generate(size).context("the key could not be made")?;
    let der: Pkcs8V1Der<'_> = pair.as_der().context("the key could not be written")?;
    write_private(&arguments.out, &pem("PRIVATE KEY", der.as_ref()))?;
    let key = SigningKey::from_pkcs8_der(der.as_ref())?.public_key()?;
    if common.json {
        print_json(&as_json(&key, arguments.name.as_ref()))?;
        return Ok(ExitCode::SUCCESS);
    }
    say(format_args!(
        "The private key is in {}. Whoever has it can sign for you: keep it where only your service reads it.\n\
         Publish these TXT records{}:\n",
        arguments.out.display(),
        arguments.name.as_ref().map_or_else(
            || " at a label of your choice, such as _dck1, below the syncPubKeyDomain of your templates".to_owned(),
            |name| format!(" at {}", name.to_text())
        )
    ));
    show(&key, arguments.name.as_ref());
    say("\nThen `easement key check` says whether they arrived.");
    Ok(ExitCode::SUCCESS)
}

/// Only its owner may read it, and nothing that is there is overwritten.
fn write_private(path: &Path, pem: &str) -> anyhow::Result<()> {
    let context = || format!("cannot make the file {}", path.display());
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| {
            if error.kind() == ErrorKind::AlreadyExists {
                return exists(path);
            }
            anyhow::Error::new(error).context(context())
        })?;
    file.write_all(pem.as_bytes()).with_context(context)?;
    file.sync_all().with_context(context)
}

fn exists(path: &Path) -> anyhow::Error {
    let message = format!("the file {} is there already", path.display());
    AdminFailure::new(FailureKind::Conflict, message)
        .with_hint("choose another name: a private key is never replaced")
        .into()
}

fn pem(kind: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines = base64.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    format!(
        "-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n",
        lines.join("\n")
    )
}

fn records(arguments: &RecordsArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let key = read_key(&arguments.file)?;
    match (&arguments.name, arguments.format) {
        _ if common.json => print_json(&as_json(&key, arguments.name.as_ref()))?,
        (name @ Some(_), RecordsFormat::Zone) => show(&key, name.as_ref()),
        (_, RecordsFormat::Text | RecordsFormat::Zone) => show(&key, None),
    }
    Ok(ExitCode::SUCCESS)
}

/// The public key of a PEM file with either half.
pub(crate) fn read_key(path: &Path) -> anyhow::Result<PublicKey> {
    let context = || format!("cannot read the key {}", path.display());
    let pem = std::fs::read_to_string(path).map_err(cannot_read("the key", path))?;
    if pem.contains("PRIVATE KEY-----") {
        let key = SigningKey::from_pem(&pem).with_context(context);
        return Ok(key.map_err(NotValid::mark)?.public_key()?);
    }
    let key = PublicKey::from_pem(&pem, WeakKeys::Accept).with_context(context);
    key.map_err(NotValid::mark)
}

fn show(key: &PublicKey, name: Option<&Name>) {
    for text in key.records() {
        match name {
            Some(name) => print(format_args!("{}. 3600 IN TXT \"{text}\"", name.to_text())),
            None => print(text),
        }
    }
}

fn as_json(key: &PublicKey, name: Option<&Name>) -> serde_json::Value {
    json!({
        "name": name.map(Name::to_text),
        "bits": key.bits(),
        "sha256": key.fingerprint(),
        "records": key.records(),
    })
}

async fn check(arguments: &CheckArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let name = &arguments.name;
    let published = match &arguments.records {
        Some(file) => Published::from_file(file)?,
        None => Published::ask(name, doubled(name).as_ref(), arguments.resolver).await?,
    };
    let weak = if arguments.allow_weak {
        WeakKeys::Accept
    } else {
        WeakKeys::Refuse
    };
    let diagnosis = KeyDiagnosis::of(&published.texts, weak);
    let mut faults: Vec<String> = diagnosis
        .faults
        .iter()
        .map(|fault| match fault.record {
            Some(number) => format!("record {number}: {}", fault.message),
            None => fault.message.clone(),
        })
        .collect();
    if let Some(doubled) = doubled(name).filter(|_| !published.doubled.is_empty()) {
        faults.push(format!(
            "there is a TXT record at {}: the form of the DNS provider adds the domain by itself",
            doubled.to_text()
        ));
    }
    if let (Some(file), Some(key)) = (&arguments.expect, &diagnosis.key)
        && read_key(file)? != *key
    {
        faults.push(format!(
            "another key is published than that of {}: a signature with it will not fit",
            file.display()
        ));
    }
    report(name, &diagnosis, &faults, common)?;
    Ok(ExitCode::from(if faults.is_empty() { 0 } else { 3 }))
}

/// The name with everything behind its label twice.
fn doubled(name: &Name) -> Option<Name> {
    let domain = name.parent()?;
    let labels = name.labels().chain(domain.labels());
    Name::from_labels(labels.map(easement_zone::Label::octets)).ok()
}

fn report(
    name: &Name,
    diagnosis: &KeyDiagnosis,
    faults: &[String],
    common: &Common,
) -> anyhow::Result<()> {
    let key = diagnosis.key.as_ref();
    if common.json {
        return print_json(&json!({
            "name": name.to_text(),
            "usable": faults.is_empty(),
            "bits": key.map(PublicKey::bits),
            "sha256": key.map(PublicKey::fingerprint),
            "faults": faults,
        }));
    }
    if let Some(key) = key {
        print(format_args!(
            "{}: an RSA key of {} bits, SHA-256 {}",
            name.to_text(),
            key.bits(),
            key.fingerprint()
        ));
    }
    for fault in faults {
        say(format_args!("error: {fault}"));
    }
    if !faults.is_empty() && key.is_none() {
        say("hint: `easement key records` prints what to publish");
    }
    Ok(())
}

/// The file with the signing key, for commands that sign.
pub(crate) fn read_signing_key(path: &Path) -> anyhow::Result<SigningKey> {
    let context = || format!("cannot read the private key {}", path.display());
    let pem = std::fs::read_to_string(path).map_err(cannot_read("the private key", path))?;
    ensure!(
        pem.contains("PRIVATE KEY-----"),
        NotValid::mark(anyhow!("{} holds no private key", path.display()))
    );
    let key = SigningKey::from_pem(&pem).with_context(context);
    key.map_err(NotValid::mark)
}
