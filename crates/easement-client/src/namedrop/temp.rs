//! What an app asks that has neither a name nor a certificate yet.

use std::net::IpAddr;
use std::time::Duration;

use easement_outbound::http::Answer;
use easement_zone::Name;

use super::NameDrop;
use crate::RequestError;
use crate::apply::one_line;
use crate::request::{get, retry_after};

impl NameDrop {
    /// The address that the server sees.
    pub async fn my_ip(&self) -> Result<IpAddr, TempNameError> {
        let text = self.ask_for_text("/my-ip").await?;
        text.parse().map_err(|_| TempNameError::Unclear)
    }

    /// A name with the address that the server sees, for some minutes; asking again keeps it.
    pub async fn temp_subdomain(&self) -> Result<Name, TempNameError> {
        let text = self.ask_for_text("/temp-subdomain").await?;
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let name = text.parse().ok().filter(|_| text.chars().all(is_host));
        name.ok_or(TempNameError::Unclear)
    }

    async fn ask_for_text(&self, path: &str) -> Result<String, TempNameError> {
        let answer = self.client.ask(&self.api.join(path), get()).await?;
        read(&answer)
    }
}

fn read(answer: &Answer) -> Result<String, TempNameError> {
    let text = String::from_utf8_lossy(&answer.body);
    if answer.status.is_success() {
        return Ok(text.trim().to_owned());
    }
    Err(TempNameError::Refused {
        status: answer.status.as_u16(),
        message: one_line(text.trim()),
        wait: retry_after(&answer.headers),
    })
}

/// Why there is no address or no name.
#[derive(Debug, thiserror::Error)]
pub enum TempNameError {
    /// The server does not answer.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The server says no.
    #[error("the server refuses (status {status}): {message}")]
    Refused {
        /// The status.
        status: u16,
        /// What the server says, safe to show on one line.
        message: String,
        /// After how long to try again, when it says so.
        wait: Option<Duration>,
    },
    /// The answer is neither an address nor a name.
    #[error("the server answers what is no address and no name: is the URL right?")]
    Unclear,
}
