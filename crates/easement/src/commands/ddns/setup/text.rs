//! The text of the configuration. What a person wrote stays as it is: a target is added below.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::bail;
use easement_agent::config::{Config, Target};

use super::{ProtocolName, SetupArguments, ask, wrong};
use crate::console::NotValid;

/// What is to be set up, with everything that was asked.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) name: String,
    server: Option<String>,
    user: Option<String>,
    hosts: Vec<String>,
}

/// What the arguments say, and the person.
pub(super) fn wanted(arguments: &SetupArguments) -> anyhow::Result<Wanted> {
    let is_consent = arguments.protocol == ProtocolName::DomainConnect;
    if is_consent && (arguments.server.is_some() || arguments.token_file.is_some()) {
        return Err(wrong(
            "Domain Connect needs no --server and no --token-file: DNS says where the provider is",
        ));
    }
    if !is_consent && (arguments.client_id.is_some() || arguments.redirect_uri.is_some()) {
        return Err(wrong(
            "--client-id and --redirect-uri are for --protocol domain-connect",
        ));
    }
    let is_dyndns2 = arguments.protocol == ProtocolName::Dyndns2;
    if arguments.user.is_some() && !is_dyndns2 {
        return Err(wrong("--user is for --protocol dyndns2"));
    }
    let server = match &arguments.server {
        None if !is_consent => Some(ask::line("Server (a URL)", "--server")?),
        server => server.clone(),
    };
    let user = match &arguments.user {
        None if is_dyndns2 => Some(ask::line("User name", "--user")?),
        user => user.clone(),
    };
    let hosts = if arguments.hosts.is_empty() {
        vec![ask::line("Host (such as home.example.com)", "--host")?]
    } else {
        arguments.hosts.clone()
    };
    let first = hosts.first().map(String::as_str).unwrap_or_default();
    let name = arguments.name.clone().unwrap_or_else(|| usual_name(first));
    Ok(Wanted {
        name,
        server,
        user,
        hosts,
    })
}

fn usual_name(host: &str) -> String {
    let label = host
        .trim_start_matches("*.")
        .split('.')
        .next()
        .unwrap_or_default();
    let label = label.to_ascii_lowercase();
    let letters = label.chars();
    let name: String = letters
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(32)
        .collect();
    let name = name.trim_start_matches('-');
    if name.is_empty() {
        "home".to_owned()
    } else {
        name.to_owned()
    }
}

/// The configuration with the target. One of its name that is the same already changes nothing: it is given another
/// secret.
pub(super) fn with_target(
    before: Option<&str>,
    arguments: &SetupArguments,
    wanted: &Wanted,
    path: &Path,
) -> anyhow::Result<String> {
    let target = target(arguments, wanted);
    let Some(before) = before else {
        return Ok(format!("{}\n{target}", head(arguments)));
    };
    let config = Config::parse(before, path)?;
    if !(arguments.interface.is_none() && arguments.checkers.is_empty()) {
        let new = Config::parse(&format!("{}\n{target}", head(arguments)), path)
            .map_err(NotValid::mark)?;
        if (&new.ipv4, &new.ipv6) != (&config.ipv4, &config.ipv6) {
            bail!(NotValid::mark(anyhow::anyhow!(
                "{} says already where addresses come from: change [ipv4] and [ipv6] there",
                path.display()
            )));
        }
    }
    let Some(known) = config.target(&wanted.name) else {
        return Ok(format!("{}\n\n{target}", before.trim_end()));
    };
    let alone =
        Config::parse(&format!("{}\n{target}", head(arguments)), path).map_err(NotValid::mark)?;
    let is_same = |other: &Target| {
        other.place() == known.place() && other.hosts.iter().all(|host| known.hosts.contains(host))
    };
    if alone.targets.iter().all(is_same) {
        return Ok(before.to_owned());
    }
    bail!(NotValid::mark(anyhow::anyhow!(
        "{} has a target `{}` that is for something else: give another --name, or change it there",
        path.display(),
        wanted.name
    )))
}

/// What stands above the targets.
fn head(arguments: &SetupArguments) -> String {
    let mut text = String::from(
        "# What `easement ddns run` does. docs/ddns-agent.md explains every setting.\n\ncheck_seconds = 300\n",
    );
    if let Some(resolver) = &arguments.resolver {
        let _ = writeln!(text, "resolver = {}", quoted(resolver));
    }
    if let Some(file) = &arguments.ca_file {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        let _ = writeln!(text, "ca_file = {}", quoted(&file.to_string_lossy()));
    }
    if let Some(interface) = &arguments.interface {
        let interface = quoted(interface);
        let _ = write!(
            text,
            "\n[ipv4]\ninterface = {interface}\n\n[ipv6]\ninterface = {interface}\n"
        );
    }
    if !arguments.checkers.is_empty() {
        let urls: Vec<String> = arguments.checkers.iter().map(|url| quoted(url)).collect();
        let urls = urls.join(", ");
        let _ = write!(text, "\n[ipv4]\ncheckers = [{urls}]\n");
    }
    text
}

fn target(arguments: &SetupArguments, wanted: &Wanted) -> String {
    let protocol = match arguments.protocol {
        ProtocolName::Apertodns => "apertodns",
        ProtocolName::Dyndns2 => "dyndns2",
        ProtocolName::DomainConnect => "domain-connect",
    };
    let hosts: Vec<String> = wanted.hosts.iter().map(|host| quoted(host)).collect();
    let mut text = format!(
        "[[target]]\nname = {}\nprotocol = \"{protocol}\"\n",
        quoted(&wanted.name)
    );
    if let Some(server) = &wanted.server {
        let _ = writeln!(text, "server = {}", quoted(server));
    }
    if let Some(user) = &wanted.user {
        let _ = writeln!(text, "user = {}", quoted(user));
    }
    let _ = writeln!(text, "hosts = [{}]", hosts.join(", "));
    if arguments.allow_http {
        text.push_str("allow_http = true\n");
    }
    text
}

/// A text as TOML has it: JSON has the same escapes, but for what is not shown.
fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    json.replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_called_by_its_first_label() {
        for (host, name) in [
            ("home.example.com", "home"),
            ("*.Lab.example.com", "lab"),
            ("bücher.example", "bcher"),
            ("", "home"),
        ] {
            assert_eq!(usual_name(host), name);
        }
    }

    #[test]
    fn what_is_quoted_ends_nowhere_else() {
        assert_eq!(quoted("a\"b\\c\nd"), r#""a\"b\\c\nd""#);
    }
}
