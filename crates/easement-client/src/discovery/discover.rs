//! The way from a name to its DNS provider.

use std::collections::BTreeSet;

use easement_outbound::http::Answer;
use easement_zone::{Host, Name};
use http::StatusCode;
use url::Url;

use super::{Announcement, CandidateFailure, CandidateFault, DiscoveryError, ProviderSettings};
use crate::domain::possible_apexes;
use crate::request::get;
use crate::{Client, PlainHttp, RequestError};

const RECORD: &str = "_domainconnect";
/// How many records at one name are tried.
const MAX_CANDIDATES: usize = 4;

/// The DNS provider of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Discovery {
    /// The zone that the name is in.
    pub zone: Name,
    /// The name within the zone.
    pub host: Host,
    /// What the record says.
    pub announcement: Announcement,
    /// What the provider offers.
    pub settings: ProviderSettings,
}

impl Client {
    /// Finds the DNS provider of a name, which may be given in its own script, and may be deeper than the domain
    /// that was registered: the deepest zone that a provider says it has is taken.
    ///
    /// Every record is a candidate, in the order of the texts, so that a second try takes the same way. Records
    /// that name no provider, and providers that do not have the zone, are passed over and named in the error when
    /// no other is found. When anything else goes wrong at a name, no name above it is looked at: the deeper zone may
    /// be there all the same, and what is written above it would never be served.
    pub async fn discover(&self, domain: &str) -> Result<Discovery, DiscoveryError> {
        let name: Name = domain.trim().parse().map_err(|source| {
            let text = domain.chars().take(120).collect();
            DiscoveryError::NotAName { text, source }
        })?;
        self.discover_name(&name).await
    }

    /// The same for a name that was read already.
    pub async fn discover_name(&self, name: &Name) -> Result<Discovery, DiscoveryError> {
        let mut failures = Vec::new();
        let apexes = possible_apexes(name);
        for zone in &apexes {
            let values = self.announced(zone).await?;
            let found = self.first_of(values, (name, zone), &mut failures).await;
            if let Some(found) = found {
                return Ok(found);
            }
            if failures
                .iter()
                .any(|failure| !failure.fault.is_passed_over())
            {
                break;
            }
        }
        let Some(name_registered) = apexes.last() else {
            return Err(DiscoveryError::PublicSuffix { name: name.clone() });
        };
        if failures.is_empty() {
            let name = name_registered.clone();
            return Err(DiscoveryError::NoRecord { name });
        }
        let name = name.clone();
        Err(DiscoveryError::NoProvider { name, failures })
    }

    /// The texts at `_domainconnect` below a name, each once. Aliases are followed, and strings joined.
    async fn announced(&self, zone: &Name) -> Result<BTreeSet<String>, DiscoveryError> {
        let Ok(owner) = zone.child(RECORD) else {
            return Ok(BTreeSet::new());
        };
        let answer = self.texts.texts(&owner).await;
        let answer = answer.map_err(|source| DiscoveryError::Lookup {
            name: zone.clone(),
            source,
        })?;
        let texts = answer.texts.iter();
        Ok(texts
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .collect())
    }

    /// The first of several values that leads to a provider which has the zone.
    async fn first_of(
        &self,
        values: BTreeSet<String>,
        (name, zone): (&Name, &Name),
        failures: &mut Vec<CandidateFailure>,
    ) -> Option<Discovery> {
        let mut asked = 0;
        for value in values {
            let tried = match value.parse() {
                Err(error) => Err(CandidateFault::NotAnAnnouncement(error)),
                Ok(_) if asked == MAX_CANDIDATES => {
                    let max = MAX_CANDIDATES;
                    Err(CandidateFault::TooMany { max })
                }
                Ok(announcement) => {
                    asked += 1;
                    let settings = self.settings_at(&announcement, zone).await;
                    settings.map(|settings| (announcement, settings))
                }
            };
            match tried {
                Ok((announcement, settings)) => {
                    return Some(Discovery {
                        zone: zone.clone(),
                        host: name.relative_to(zone)?,
                        announcement,
                        settings,
                    });
                }
                Err(fault) => failures.push(CandidateFailure {
                    zone: zone.clone(),
                    value,
                    fault,
                }),
            }
        }
        None
    }

    async fn settings_at(
        &self,
        announcement: &Announcement,
        zone: &Name,
    ) -> Result<ProviderSettings, CandidateFault> {
        let url = announcement.settings_url(zone);
        let answer = self.ask_announced(announcement, url).await?;
        let plain_http = match self.plain_http {
            PlainHttp::Refuse => PlainHttp::Refuse,
            PlainHttp::ToLoopback | PlainHttp::Allow => PlainHttp::ToLoopback,
        };
        read(&answer, &zone.to_lowercase().to_text(), plain_http)
    }

    /// Asks over TLS; and in plain text a server on this machine that does not speak TLS, where that is allowed.
    async fn ask_announced(
        &self,
        announcement: &Announcement,
        url: Url,
    ) -> Result<Answer, RequestError> {
        let asked = self.ask(&url, get()).await;
        let is_plain_allowed = match self.plain_http {
            PlainHttp::Refuse => false,
            PlainHttp::ToLoopback | PlainHttp::Allow => announcement.is_loopback(),
        };
        match asked {
            Err(RequestError::Tls { .. }) if is_plain_allowed => {
                let text = url.as_str().replacen("https://", "http://", 1);
                match Url::parse(&text) {
                    Ok(plain) => self.ask(&plain, get()).await,
                    Err(_) => asked,
                }
            }
            other => other,
        }
    }
}

/// Reads what a provider answered about a zone.
fn read(
    answer: &Answer,
    zone: &str,
    plain_http: PlainHttp,
) -> Result<ProviderSettings, CandidateFault> {
    let status = answer.status;
    if status.is_success() {
        return Ok(ProviderSettings::read(&answer.body, zone, plain_http)?);
    }
    Err(match status {
        StatusCode::NOT_FOUND => CandidateFault::NotHosted,
        status if status.is_redirection() => CandidateFault::Redirected {
            status: status.as_u16(),
        },
        status => CandidateFault::Status {
            status: status.as_u16(),
        },
    })
}
