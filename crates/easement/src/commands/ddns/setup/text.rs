//! The text of the configuration. What a person wrote stays as it is: a target is added below.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::bail;
use easement_agent::config::{Config, ConfigError, Target};

use super::{ProtocolName, Refusal, SetupArguments, ask, wrong};

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
    if arguments.protocol == ProtocolName::Namedrop && arguments.token_file.is_some() {
        return Err(wrong(
            "NameDrop needs no --token-file: its server asks in a browser",
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
/// secret. What the file says is not changed, so that an argument that says otherwise is refused.
pub(super) fn with_target(
    before: Option<&str>,
    arguments: &SetupArguments,
    wanted: &Wanted,
    path: &Path,
) -> anyhow::Result<String> {
    let target = target(arguments, wanted);
    let sections = sections(arguments);
    let Some(before) = before else {
        let text = [head(arguments)]
            .into_iter()
            .chain(sections.into_iter().map(|(_, text)| text));
        let text: Vec<String> = text.chain([target]).collect();
        return Ok(text.join("\n"));
    };
    let config = Config::parse(before, path)?;
    let alone = alone(arguments, &sections, &target, path).map_err(Refusal::invalid)?;
    let missing = missing_sections(before, &sections);
    check_the_rest(&config, &alone, arguments, &missing, path)?;
    let mut text = before.to_owned();
    for (_, section) in sections.iter().filter(|(name, _)| missing.contains(name)) {
        text = format!("{}\n\n{section}", text.trim_end());
    }
    match config.target(&wanted.name) {
        Some(known) => check_same(known, &alone, path)?,
        None => text = format!("{}\n\n{target}", text.trim_end()),
    }
    Ok(text)
}

/// What the arguments say without the file. With the name of a server that says an address, where only the file has one.
fn alone(
    arguments: &SetupArguments,
    sections: &[(&str, String)],
    target: &str,
    path: &Path,
) -> Result<Config, ConfigError> {
    let mut text = head(arguments);
    for name in ["ipv4", "ipv6"] {
        match sections.iter().find(|(section, _)| *section == name) {
            Some((_, section)) => text.push_str(section),
            None => {
                let _ = writeln!(text, "[{name}]\nfrom = \"off\"");
            }
        }
    }
    Config::parse(&format!("{text}\n{target}"), path)
}

/// Those that the file does not have.
fn missing_sections(before: &str, sections: &[(&'static str, String)]) -> Vec<&'static str> {
    let names = sections.iter().map(|(name, _)| *name);
    names
        .filter(|name| !Config::has_key(before, name))
        .collect()
}

/// What is said besides the target is what the file says too.
fn check_the_rest(
    config: &Config,
    alone: &Config,
    arguments: &SetupArguments,
    missing: &[&str],
    path: &Path,
) -> anyhow::Result<()> {
    let says = |name: &str| !missing.contains(&name);
    let has_source = |name: &str| {
        let is_of_ipv4 = !arguments.checkers.is_empty() || arguments.router.is_some();
        let of_ipv4 = name == "ipv4" && is_of_ipv4;
        of_ipv4 || arguments.interface.is_some()
    };
    let is_other = |given: bool, is_same: bool| given && !is_same;
    for (key, is_other) in [
        (
            "resolver",
            is_other(
                arguments.resolver.is_some(),
                alone.resolver == config.resolver,
            ),
        ),
        (
            "ca_file",
            is_other(arguments.ca_file.is_some(), alone.ca_file == config.ca_file),
        ),
        (
            "[ipv4]",
            is_other(
                has_source("ipv4") && says("ipv4"),
                alone.ipv4 == config.ipv4,
            ),
        ),
        (
            "[ipv6]",
            is_other(
                has_source("ipv6") && says("ipv6"),
                alone.ipv6 == config.ipv6,
            ),
        ),
    ] {
        if is_other {
            bail!(Refusal::invalid(anyhow::anyhow!(
                "{} does not say that: change {key} there, and run this again without it",
                path.display()
            )));
        }
    }
    Ok(())
}

/// A target of this name that is there already is for the same.
fn check_same(known: &Target, alone: &Config, path: &Path) -> anyhow::Result<()> {
    for other in &alone.targets {
        let has_hosts = other.hosts.iter().all(|host| known.hosts.contains(host));
        if other.place() != known.place() || !has_hosts {
            return Err(Refusal::taken(format!(
                "{} has a target `{}` that is for something else: give another --name, or change it there",
                path.display(),
                known.name
            )));
        }
        if other.allows_http && !known.allows_http {
            bail!(Refusal::invalid(anyhow::anyhow!(
                "{} does not say allow_http = true for the target `{}`: write it there",
                path.display(),
                known.name
            )));
        }
    }
    Ok(())
}

/// What stands above everything else.
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
    text
}

/// Where addresses come from, as far as it is said: sections by their names.
fn sections(arguments: &SetupArguments) -> Vec<(&'static str, String)> {
    let mut sections = Vec::new();
    if let Some(interface) = &arguments.interface {
        let interface = quoted(interface);
        for name in ["ipv4", "ipv6"] {
            sections.push((name, format!("[{name}]\ninterface = {interface}\n")));
        }
    }
    if !arguments.checkers.is_empty() {
        let urls: Vec<String> = arguments.checkers.iter().map(|url| quoted(url)).collect();
        let urls = urls.join(", ");
        sections.push(("ipv4", format!("[ipv4]\ncheckers = [{urls}]\n")));
    }
    if let Some(router) = &arguments.router {
        let source = match router {
            Some(address) => format!("router = {}", quoted(address)),
            None => "from = \"router\"".to_owned(),
        };
        sections.push(("ipv4", format!("[ipv4]\n{source}\n")));
    }
    sections
}

fn target(arguments: &SetupArguments, wanted: &Wanted) -> String {
    let protocol = match arguments.protocol {
        ProtocolName::Apertodns => "apertodns",
        ProtocolName::Dyndns2 => "dyndns2",
        ProtocolName::DomainConnect => "domain-connect",
        ProtocolName::Namedrop => "namedrop",
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

    /// The configuration after `setup` with these arguments, for a file that is there.
    fn added(before: &str, more: &[&str]) -> anyhow::Result<String> {
        use clap::Parser as _;
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            setup: SetupArguments,
        }
        let usual = [
            "setup",
            "--server",
            "https://a.example",
            "--host",
            "home.example.com",
        ];
        let arguments = Line::try_parse_from([&usual[..], more].concat())?.setup;
        let wanted = wanted(&arguments)?;
        with_target(Some(before), &arguments, &wanted, Path::new("ddns.toml"))
    }

    const HOME: &str = "[[target]]\nname = \"home\"\nprotocol = \"apertodns\"\n\
                        server = \"https://a.example\"\nhosts = [\"home.example.com\"]\n";
    const CHECKER: &[&str] = &["--checker", "https://ip.example/"];

    #[test]
    fn a_section_that_is_not_there_is_added_and_nothing_is_changed() {
        assert_eq!(added(HOME, &[]).unwrap(), HOME);
        let with_checker = added(HOME, CHECKER).unwrap();
        assert_eq!(
            with_checker,
            format!("{HOME}\n[ipv4]\ncheckers = [\"https://ip.example/\"]\n")
        );
        assert_eq!(added(&with_checker, CHECKER).unwrap(), with_checker);
        for (arguments, source) in [
            (&["--router"][..], "from = \"router\""),
            (&["--router", "192.168.1.1"], "router = \"192.168.1.1\""),
        ] {
            let text = added(HOME, arguments).unwrap();
            assert_eq!(text, format!("{HOME}\n[ipv4]\n{source}\n"));
            assert_eq!(added(&text, arguments).unwrap(), text);
            added(&with_checker, arguments).unwrap_err();
        }
        added(HOME, &[CHECKER, &["--router"]].concat()).unwrap_err();
        let other = added("# mine\ncheck_seconds = 600\n", &["--interface", "eth0"]).unwrap();
        assert!(
            other.starts_with("# mine\ncheck_seconds = 600\n"),
            "{other}"
        );
        let config = Config::parse(&other, Path::new("ddns.toml")).unwrap();
        assert_eq!(config.ipv4, config.ipv6);
        assert!(config.target("home").is_some());
    }

    #[test]
    fn what_the_file_says_otherwise_is_refused_with_its_key() {
        for (before, more, key) in [
            ("", &["--resolver", "192.0.2.53"][..], "resolver"),
            ("", &["--ca-file", "own.pem"], "ca_file"),
            (HOME, &["--allow-http"], "allow_http"),
            ("[ipv4]\nfrom = \"off\"\n", CHECKER, "[ipv4]"),
            (HOME, &["--host", "b.example.com"], "something else"),
        ] {
            let error = added(before, more).unwrap_err().to_string();
            assert!(error.contains(key), "{key}: {error}");
        }
    }
}
