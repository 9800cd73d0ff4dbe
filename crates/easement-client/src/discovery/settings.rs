//! The settings of a DNS provider for a zone, as others write them.

use domain_connect::DisplayName;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::{PlainHttp, UrlPrefix, UrlPrefixError};

/// The size of a window when the provider names none (Domain Connect 2.3, "DNS Provider Discovery").
const USUAL_SIZE: u32 = 750;
/// Sizes of windows that are believed.
const MAX_SIZE: u32 = 4096;
/// How many characters of a name, and how many name servers, are taken.
const MAX_NAME: usize = 255;
const MAX_NAME_SERVERS: usize = 32;

/// What a DNS provider offers for a zone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProviderSettings {
    /// The provider's identifier, usually its domain.
    pub provider_id: String,
    /// Its name, safe to show on one line.
    pub provider_name: String,
    /// Another name, for this zone.
    pub provider_display_name: Option<String>,
    /// Where links of the synchronous flow lead; none when there is no such flow.
    pub url_sync_ux: Option<UrlPrefix>,
    /// Where links of the asynchronous flow lead; none when there is no such flow.
    pub url_async_ux: Option<UrlPrefix>,
    /// Where programs ask.
    pub url_api: UrlPrefix,
    /// The width that a window should have.
    pub width: u32,
    /// The height that a window should have.
    pub height: u32,
    /// Where people change records by hand.
    pub url_control_panel: Option<Url>,
    /// The name servers that the zone should have.
    pub name_servers: Vec<String>,
}

impl ProviderSettings {
    /// Reads an answer. What the specification does not know is passed over, and what people only look at is left
    /// out when it is no good; an address that others will be sent to must be right.
    ///
    /// ```
    /// use easement_client::{PlainHttp, ProviderSettings};
    ///
    /// let settings = ProviderSettings::read(
    ///     br#"{
    ///         "providerId": "dns.example", "providerName": "DNS", "width": "800", "new": [1],
    ///         "urlAPI": "https://api.dns.example/", "urlSyncUX": "https://dns.example",
    ///         "urlControlPanel": "https://dns.example/zones/%domain%"
    ///     }"#,
    ///     "example.com",
    ///     PlainHttp::Refuse,
    /// )?;
    /// assert_eq!(settings.url_api.as_str(), "https://api.dns.example");
    /// assert_eq!((settings.width, settings.height), (800, 750));
    /// assert_eq!(settings.url_control_panel.unwrap().as_str(), "https://dns.example/zones/example.com");
    /// # Ok::<(), easement_client::SettingsError>(())
    /// ```
    pub fn read(body: &[u8], zone: &str, plain_http: PlainHttp) -> Result<Self, SettingsError> {
        let raw: Raw = serde_json::from_slice(body).map_err(|error| SettingsError::NotJson {
            message: error.to_string(),
        })?;
        let required = |text: Option<String>, member| {
            let text = text.filter(|text| !text.trim().is_empty());
            text.ok_or(SettingsError::Missing { member })
        };
        let url = |text: Option<String>, member| {
            let text = text.filter(|text| !text.trim().is_empty());
            text.map(|text| UrlPrefix::read(&text, plain_http))
                .transpose()
                .map_err(|source| SettingsError::Url { member, source })
        };
        let provider_id = name(&required(raw.provider_id, "providerId")?);
        let provider_id = provider_id.ok_or(SettingsError::Missing {
            member: "providerId",
        })?;
        let provider_name = raw.provider_name.as_deref().and_then(name);
        let url_api = url(Some(required(raw.url_api, "urlAPI")?), "urlAPI")?;
        Ok(Self {
            provider_name: provider_name.unwrap_or_else(|| provider_id.clone()),
            provider_id,
            provider_display_name: raw.provider_display_name.as_deref().and_then(name),
            url_sync_ux: url(raw.url_sync_ux, "urlSyncUX")?,
            url_async_ux: url(raw.url_async_ux, "urlAsyncUX")?,
            url_api: url_api.ok_or(SettingsError::Missing { member: "urlAPI" })?,
            width: size(raw.width),
            height: size(raw.height),
            url_control_panel: control_panel(raw.url_control_panel, zone, plain_http),
            name_servers: raw.name_servers.unwrap_or_default(),
        })
    }

    /// The name to show.
    pub fn shown_name(&self) -> &str {
        let display = self.provider_display_name.as_deref();
        display.unwrap_or(&self.provider_name)
    }
}

/// A member that stands there twice is an error: the two could say different things to different readers.
#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "providerId", default, deserialize_with = "text")]
    provider_id: Option<String>,
    #[serde(rename = "providerName", default, deserialize_with = "text")]
    provider_name: Option<String>,
    #[serde(rename = "providerDisplayName", default, deserialize_with = "text")]
    provider_display_name: Option<String>,
    #[serde(rename = "urlSyncUX", default, deserialize_with = "text")]
    url_sync_ux: Option<String>,
    #[serde(rename = "urlAsyncUX", default, deserialize_with = "text")]
    url_async_ux: Option<String>,
    #[serde(rename = "urlAPI", default, deserialize_with = "text")]
    url_api: Option<String>,
    #[serde(default, deserialize_with = "text")]
    width: Option<String>,
    #[serde(default, deserialize_with = "text")]
    height: Option<String>,
    #[serde(rename = "urlControlPanel", default, deserialize_with = "text")]
    url_control_panel: Option<String>,
    #[serde(rename = "nameServers", default, deserialize_with = "name_servers")]
    name_servers: Option<Vec<String>>,
}

/// A text, or a number that is taken as one; anything else is nothing.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Loose {
        Text(String),
        Number(serde_json::Number),
        Other(IgnoredAny),
    }
    Ok(match Loose::deserialize(deserializer)? {
        Loose::Text(text) => Some(text),
        Loose::Number(number) => Some(number.to_string()),
        Loose::Other(_) => None,
    })
}

fn name_servers<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Loose {
        Texts(Vec<String>),
        Other(IgnoredAny),
    }
    Ok(match Loose::deserialize(deserializer)? {
        Loose::Texts(texts) => {
            let names = texts.iter().take(MAX_NAME_SERVERS);
            Some(names.filter_map(|text| name(text)).collect())
        }
        Loose::Other(_) => None,
    })
}

/// A name that is safe to show; none when nothing is left of it.
fn name(text: &str) -> Option<String> {
    let short: String = text.trim().chars().take(MAX_NAME).collect();
    short
        .parse::<DisplayName>()
        .ok()
        .map(|name| name.to_string())
}

fn size(text: Option<String>) -> u32 {
    let size = text.and_then(|text| text.trim().parse::<f64>().ok());
    match size {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is between one and the largest size"
        )]
        Some(size) if size >= 1.0 && size <= f64::from(MAX_SIZE) => size as u32,
        Some(_) | None => USUAL_SIZE,
    }
}

/// A link that people click: of https, or of http to this machine.
fn control_panel(text: Option<String>, zone: &str, plain_http: PlainHttp) -> Option<Url> {
    let text: String = text?.split_whitespace().collect();
    let url = Url::parse(&text.replace("%domain%", zone)).ok()?;
    let mut without = url.clone();
    without.set_query(None);
    without.set_fragment(None);
    UrlPrefix::read(without.as_str(), plain_http).ok()?;
    Some(url)
}

/// Settings that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// It is not a JSON object with these members.
    #[error("the settings are not JSON as Domain Connect has it: {message}")]
    NotJson {
        /// What is wrong.
        message: String,
    },
    /// A member is not there, or has no text.
    #[error("the settings do not say {member}, which every provider must")]
    Missing {
        /// Which.
        member: &'static str,
    },
    /// A URL is not one that anybody is sent to.
    #[error("{member} of the settings cannot be used: {source}")]
    Url {
        /// Which.
        member: &'static str,
        /// Why.
        source: UrlPrefixError,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<ProviderSettings, SettingsError> {
        ProviderSettings::read(json.as_bytes(), "example.com", PlainHttp::Refuse)
    }

    const LEAST: &str = r#""providerId":"p","providerName":"P","urlAPI":"https://p.example""#;

    #[test]
    fn little_is_enough_and_oddities_are_passed_over() {
        for more in [
            "",
            r#","width":"750","height":750.0"#,
            r#","width":null,"height":-1,"nameServers":null"#,
            r#","width":[[1]],"height":{"a":1},"nameServers":"ns1.p.example""#,
            r#","width":1e99,"urlSyncUX":null,"urlAsyncUX":"""#,
            r#","urlControlPanel":"javascript:alert(1)//%domain%""#,
            r#","urlControlPanel":"http://p.example/%domain%""#,
            r#","providerDisplayName":"a\u202eb""#,
            r#","more":{"deep":[{}]}"#,
        ] {
            let settings = read(&format!("{{{LEAST}{more}}}")).unwrap();
            assert_eq!((settings.width, settings.height), (750, 750), "{more}");
            assert_eq!(settings.url_sync_ux, None, "{more}");
            assert_eq!(settings.url_async_ux, None, "{more}");
            assert_eq!(settings.url_control_panel, None, "{more}");
            assert_eq!(settings.name_servers, Vec::<String>::new(), "{more}");
            assert_eq!(settings.shown_name(), "P", "{more}");
        }
        let nameless = r#"{"providerId":7,"urlAPI":"https://p.example"}"#;
        assert_eq!(read(nameless).unwrap().shown_name(), "7");
    }

    #[test]
    fn addresses_that_others_are_sent_to_must_be_right() {
        for url in [
            "http://p.example",
            "ftp://p.example",
            "javascript:alert(1)",
            "https://u@p.example",
            "https://p.example/?a=b",
            "https://p.example/#a",
            "p.example",
            "https:///",
        ] {
            for member in ["urlSyncUX", "urlAsyncUX"] {
                let json = format!(r#"{{{LEAST},"{member}":"{url}"}}"#);
                assert!(
                    matches!(read(&json), Err(SettingsError::Url { .. })),
                    "{json}"
                );
            }
            let json = format!(r#"{{"providerId":"p","urlAPI":"{url}"}}"#);
            assert!(
                matches!(read(&json), Err(SettingsError::Url { .. })),
                "{json}"
            );
        }
    }

    #[test]
    fn settings_that_say_two_things_are_refused() {
        let json = format!(r#"{{{LEAST},"urlAPI":"https://other.example"}}"#);
        assert!(matches!(read(&json), Err(SettingsError::NotJson { .. })));
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let deep = "[".repeat(100_000);
        let deep_member = format!(r#"{{{LEAST},"x":{}"#, "[".repeat(100_000));
        for json in [
            "",
            "{}",
            "null",
            "[]",
            "<html>",
            deep.as_str(),
            &deep_member,
        ] {
            assert!(read(json).is_err());
        }
    }
}
