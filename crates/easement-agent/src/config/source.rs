//! Where addresses come from.

use serde::Deserialize;
use url::Url;

use super::ConfigError;
use super::target::is_loopback;

const MAX_CHECKERS: usize = 8;

/// Where an address comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// Servers that say from where they are asked. None: those of the targets.
    Checkers(Vec<Url>),
    /// The interfaces of the machine: this one, or all.
    Interfaces(Option<String>),
    /// A program that prints it, with its arguments.
    Command(Vec<String>),
    /// From nowhere.
    Off,
}

/// As it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceText {
    from: Option<SourceKind>,
    checkers: Option<Vec<String>>,
    interface: Option<String>,
    command: Option<Vec<String>>,
    /// Of IPv6 alone.
    pub(super) prefix_length: Option<u8>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SourceKind {
    Checkers,
    Interface,
    Command,
    Off,
}

impl SourceText {
    pub(super) fn check(self, section: &str, unsaid: SourceKind) -> Result<Source, ConfigError> {
        let key = |key: &str| format!("{section}.{key}");
        let kind = self.from.unwrap_or(match &self {
            Self {
                interface: Some(_), ..
            } => SourceKind::Interface,
            Self {
                checkers: Some(_), ..
            } => SourceKind::Checkers,
            Self {
                command: Some(_), ..
            } => SourceKind::Command,
            Self { .. } => unsaid,
        });
        for (name, is_there, of) in [
            ("checkers", self.checkers.is_some(), SourceKind::Checkers),
            ("interface", self.interface.is_some(), SourceKind::Interface),
            ("command", self.command.is_some(), SourceKind::Command),
        ] {
            if is_there && kind != of {
                let problem = "it has no meaning with the `from` of this section: leave one out";
                return Err(ConfigError::value(key(name), problem));
            }
        }
        match kind {
            SourceKind::Off => Ok(Source::Off),
            SourceKind::Interface => Ok(Source::Interfaces(self.interface)),
            SourceKind::Command => match self.command {
                Some(words) if !words.is_empty() => Ok(Source::Command(words)),
                _ => {
                    let problem =
                        "write the program and its arguments: command = [\"/path/to/program\"]";
                    Err(ConfigError::value(key("command"), problem))
                }
            },
            SourceKind::Checkers => {
                let urls = self.checkers.unwrap_or_default();
                if urls.len() > MAX_CHECKERS {
                    let problem = format!("{} are too many: {MAX_CHECKERS} are enough", urls.len());
                    return Err(ConfigError::value(key("checkers"), problem));
                }
                let urls = urls.iter().map(|text| checker(&key("checkers"), text));
                Ok(Source::Checkers(urls.collect::<Result<_, _>>()?))
            }
        }
    }
}

fn checker(key: &str, text: &str) -> Result<Url, ConfigError> {
    let refuse = |problem: &str| ConfigError::value(key, format!("`{text}` {problem}"));
    let url: Url = text.parse().map_err(|_| refuse("is not a URL"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(refuse(
            "does not begin with https://: anybody on the way could lie",
        )),
    }
}
