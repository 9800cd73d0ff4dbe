//! `easement discover`: who hosts domains, and what that DNS provider offers.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Args;
use easement_client::{
    Client, Discovery, DiscoveryError, SupportError, TemplateId, TemplateSupport,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::failure::{discovery_code, discovery_hint, support_code};
use super::reach::ReachArguments;
use crate::arguments::Common;
use crate::console::{NotValid, print, print_json, say, table};

/// How many domains are looked at at the same time.
const TOGETHER: usize = 16;
/// The longest list on the standard input.
const MAX_INPUT: u64 = 8 * 1024 * 1024;
/// A domain has no provider that can be used, or the provider does not take a template.
const NOT_THERE: u8 = 4;
/// DNS or the provider could not be asked.
const NOT_KNOWN: u8 = 1;
/// What was given is no domain.
const NOT_A_DOMAIN: u8 = 3;

#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct DiscoverArguments {
    /// The domains; - reads them from the standard input, one a line.
    #[arg(required = true, value_name = "DOMAIN")]
    domains: Vec<String>,
    /// Asks whether the provider takes this template; may be repeated.
    #[arg(long = "template", value_name = "PROVIDER/SERVICE")]
    templates: Vec<TemplateId>,
    #[command(flatten)]
    reach: ReachArguments,
}

const HELP: &str = "\
Asks DNS for the record _domainconnect of each domain, and the DNS provider that it names for what it offers.

Examples:
  easement discover example.com
  easement discover example.com shop.example.org --template exampleservice.example/website
  easement discover --json - < domains.txt

Exit codes: 0 every domain has a provider, which takes every template; 1 one could not be asked; 3 one is no
domain; 4 one has no provider with Domain Connect, or it does not take a template.";

/// What was found out about one domain.
struct Looked {
    domain: String,
    found: Result<Discovery, DiscoveryError>,
    templates: Vec<(TemplateId, Result<TemplateSupport, SupportError>)>,
}

pub(crate) async fn run(
    arguments: &DiscoverArguments,
    common: &Common,
) -> anyhow::Result<ExitCode> {
    let client = arguments.reach.client()?;
    let domains = domains(&arguments.domains)?;
    let looked = look_at_all(&client, domains, &arguments.templates).await?;
    if common.json {
        print_json(&looked.iter().map(as_json).collect::<Vec<_>>())?;
    } else {
        print(as_table(&looked));
        for one in &looked {
            if let Err(error) = &one.found {
                say(format_args!("{}: {error}", one.domain.escape_debug()));
                if let Some(hint) = discovery_hint(error) {
                    say(hint);
                }
            }
            for (_, support) in &one.templates {
                if let Err(error) = support {
                    say(format_args!("{}: {error}", one.domain.escape_debug()));
                }
            }
        }
    }
    Ok(ExitCode::from(
        looked
            .iter()
            .map(code)
            .max_by_key(|code| rank(*code))
            .unwrap_or(0),
    ))
}

/// What the user has to mend counts before what nobody can.
fn rank(code: u8) -> u8 {
    match code {
        NOT_A_DOMAIN => 3,
        NOT_KNOWN => 2,
        NOT_THERE => 1,
        _ => 0,
    }
}

fn domains(named: &[String]) -> anyhow::Result<Vec<String>> {
    if named != ["-"] {
        return Ok(named.to_vec());
    }
    let text = read_list(std::io::stdin()).map_err(NotValid::mark)?;
    let lines = text.lines().map(str::trim);
    let domains: Vec<String> = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    ensure!(
        !domains.is_empty(),
        NotValid::mark(anyhow::anyhow!("the standard input names no domain"))
    );
    Ok(domains)
}

/// A whole list, or none: a part of one would be taken for all of it.
fn read_list(input: impl std::io::Read) -> anyhow::Result<String> {
    let mut octets = Vec::new();
    let read = input.take(MAX_INPUT + 1).read_to_end(&mut octets);
    read.context("cannot read domains from the standard input")?;
    ensure!(
        u64::try_from(octets.len())? <= MAX_INPUT,
        "the standard input is longer than {} MiB: look at the domains in several parts",
        MAX_INPUT / 1024 / 1024
    );
    String::from_utf8(octets).context("the standard input is not text in UTF-8")
}

/// Looks at all domains, some at the same time, and gives them in their order.
async fn look_at_all(
    client: &Client,
    domains: Vec<String>,
    templates: &[TemplateId],
) -> anyhow::Result<Vec<Looked>> {
    let mut waiting = domains.into_iter().enumerate();
    let mut running = JoinSet::new();
    let mut looked = Vec::new();
    loop {
        while running.len() < TOGETHER
            && let Some((index, domain)) = waiting.next()
        {
            let (client, templates) = (client.clone(), templates.to_vec());
            running.spawn(async move { (index, look(&client, domain, &templates).await) });
        }
        match running.join_next().await {
            Some(joined) => looked.push(joined?),
            None => break,
        }
    }
    looked.sort_by_key(|(index, _)| *index);
    Ok(looked.into_iter().map(|(_, one)| one).collect())
}

async fn look(client: &Client, domain: String, templates: &[TemplateId]) -> Looked {
    let found = client.discover(&domain).await;
    let mut supported = Vec::new();
    if let Ok(discovery) = &found {
        for template in templates {
            let support = client.template_support(&discovery.settings, template).await;
            supported.push((template.clone(), support));
        }
    }
    Looked {
        domain,
        found,
        templates: supported,
    }
}

fn code(one: &Looked) -> u8 {
    let of_domain = match &one.found {
        Ok(_) => 0,
        Err(DiscoveryError::NotAName { .. }) => NOT_A_DOMAIN,
        Err(error) if error.is_transient() => NOT_KNOWN,
        Err(
            DiscoveryError::Lookup { .. }
            | DiscoveryError::PublicSuffix { .. }
            | DiscoveryError::NoRecord { .. }
            | DiscoveryError::NoProvider { .. },
        ) => NOT_THERE,
    };
    let of_templates = one.templates.iter().map(|(_, support)| match support {
        Ok(support) if support.is_supported() => 0,
        Ok(_) => NOT_THERE,
        Err(_) => NOT_KNOWN,
    });
    of_templates
        .chain([of_domain])
        .max_by_key(|code| rank(*code))
        .unwrap_or(0)
}

//------------ What is shown ---------------------------------------------------------------------

fn as_table(looked: &[Looked]) -> String {
    let rows: Vec<[String; 5]> = looked.iter().map(row).collect();
    table(["DOMAIN", "ZONE", "PROVIDER", "FLOWS", "TEMPLATES"], &rows)
}

fn row(one: &Looked) -> [String; 5] {
    let none = || "-".to_owned();
    match &one.found {
        Err(_) => [one.domain.clone(), none(), none(), none(), none()],
        Ok(found) => {
            let settings = &found.settings;
            let templates: Vec<String> = one.templates.iter().map(template_text).collect();
            [
                one.domain.clone(),
                found.zone.to_unicode(),
                format!("{} ({})", settings.shown_name(), settings.provider_id),
                flows(found).join(", "),
                Some(templates.join(", "))
                    .filter(|text| !text.is_empty())
                    .unwrap_or_else(none),
            ]
        }
    }
}

pub(super) fn flows(found: &Discovery) -> Vec<&'static str> {
    let flows = [
        found.settings.url_sync_ux.as_ref().map(|_| "sync"),
        found.settings.url_async_ux.as_ref().map(|_| "async"),
    ];
    flows.into_iter().flatten().collect()
}

fn template_text(
    (template, support): &(TemplateId, Result<TemplateSupport, SupportError>),
) -> String {
    let word = match support {
        Ok(TemplateSupport::Supported {
            version: Some(version),
            ..
        }) => format!("yes (version {version})"),
        Ok(TemplateSupport::Supported { version: None, .. }) => "yes".to_owned(),
        Ok(TemplateSupport::NotSupported) => "no".to_owned(),
        Err(_) => "not known".to_owned(),
    };
    format!("{template}: {word}")
}

fn as_json(one: &Looked) -> Value {
    let templates: Vec<Value> = one.templates.iter().map(template_json).collect();
    match &one.found {
        Ok(found) => json!({
            "domain": one.domain,
            "zone": found.zone.to_text(),
            "host": found.host.to_string(),
            "announcement": found.announcement.as_str(),
            "provider": {
                "id": found.settings.provider_id,
                "name": found.settings.shown_name(),
            },
            "flows": flows(found),
            "url_api": found.settings.url_api,
            "url_sync_ux": found.settings.url_sync_ux,
            "url_async_ux": found.settings.url_async_ux,
            "name_servers": found.settings.name_servers,
            "templates": templates,
            "code": null,
            "error": null,
        }),
        Err(error) => json!({
            "domain": one.domain,
            "code": discovery_code(error),
            "error": error.to_string(),
        }),
    }
}

fn template_json(
    (template, support): &(TemplateId, Result<TemplateSupport, SupportError>),
) -> Value {
    let (supported, version, error) = match support {
        Ok(TemplateSupport::Supported { version, .. }) => (Some(true), *version, None),
        Ok(TemplateSupport::NotSupported) => (Some(false), None, None),
        Err(error) => (None, None, Some(error)),
    };
    json!({
        "template": template.to_string(),
        "supported": supported,
        "version": version,
        "code": error.map(support_code),
        "error": error.map(ToString::to_string),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_whole_or_not_at_all() {
        let most = usize::try_from(MAX_INPUT).unwrap();
        let line = "example.com\n";
        let mut list = line.repeat(most / line.len() + 1);
        list.truncate(most);
        assert_eq!(read_list(list.as_bytes()).unwrap().len(), most);
        list.push('m');
        let refused = read_list(list.as_bytes()).unwrap_err();
        assert!(refused.to_string().contains("8 MiB"), "{refused}");
        // A character that is cut is named as what it is.
        let refused = read_list(&b"b\xc3"[..]).unwrap_err();
        assert!(refused.to_string().contains("UTF-8"), "{refused}");
    }
}
