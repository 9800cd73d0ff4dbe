//! Making one-time links.

use easement_core::{OneTimeLink, OneTimePurpose, Random, Secret, SecretError, Timestamp};
use easement_store::{Store, StoreError};

use crate::config::PublicUrl;
use crate::pages::views::paths;

/// Makes a link that works once, and gives its address. The address is a secret: it is shown to
/// whoever asked for it and nowhere else.
pub(crate) async fn make(
    store: &Store,
    random: &dyn Random,
    now: Timestamp,
    purpose: OneTimePurpose,
    public_url: &PublicUrl,
) -> Result<String, LinkMakingError> {
    let secret = Secret::generate(random)?;
    let link = OneTimeLink {
        secret: secret.hash(),
        purpose,
        expires_at: now.plus(purpose.lifetime()),
    };
    store.create_link(&link).await?;
    Ok(public_url.join(&paths::welcome(&secret.reveal())))
}

/// Why a link was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkMakingError {
    /// The random source gave too little.
    #[error("no secret could be made for the link")]
    NoSecret(#[from] SecretError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
