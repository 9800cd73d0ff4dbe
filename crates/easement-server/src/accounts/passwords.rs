//! Hashing of passwords with Argon2id (RFC 9106), off the async threads and with a limit.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use easement_core::{Password, PasswordHash, Random};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::AccountsSection;

/// How many octets of salt (RFC 9106 section 3.1 recommends 16).
const SALT_OCTETS: usize = 16;

/// Hashes and verifies passwords, a few at a time. Those who would wait too long are turned away.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    /// A place for everyone who hashes or waits.
    places: Arc<Semaphore>,
    /// A place for everyone who hashes.
    workers: Arc<Semaphore>,
    /// The hash of no password, so that an unknown account takes as long as a known one.
    decoy: PasswordHash,
}

impl Passwords {
    /// With the limits of the configuration.
    pub(crate) fn new(limits: &AccountsSection, random: &dyn Random) -> Result<Self, HashError> {
        let nobody = Password::given("").map_err(|_| HashError::Failed)?;
        Ok(Self {
            places: Arc::new(Semaphore::new(limits.hash_parallel + limits.hash_waiting)),
            workers: Arc::new(Semaphore::new(limits.hash_parallel)),
            decoy: hash_now(&nobody, &random.octets(SALT_OCTETS))?,
        })
    }

    /// The hash to store for a password.
    pub(crate) async fn hash(
        &self,
        password: Password,
        random: &dyn Random,
    ) -> Result<PasswordHash, HashError> {
        let salt = random.octets(SALT_OCTETS);
        self.work(move || hash_now(&password, &salt)).await?
    }

    /// Whether this is the password. Without a stored hash the answer is no, and takes as long.
    pub(crate) async fn verify(
        &self,
        password: Password,
        stored: Option<PasswordHash>,
    ) -> Result<bool, HashError> {
        let is_known = stored.is_some();
        let hash = stored.unwrap_or_else(|| self.decoy.clone());
        let matches = self.work(move || verify_now(&password, &hash)).await??;
        Ok(is_known && matches)
    }

    async fn work<T, F>(&self, work: F) -> Result<T, HashError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| HashError::Busy)?;
        let worker = Arc::clone(&self.workers)
            .acquire_owned()
            .await
            .map_err(|_| HashError::Failed)?;
        // The places travel with the work: a client that goes away does not free them early.
        let kept: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (place, worker);
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(kept);
            result
        })
        .await
        .map_err(|_| HashError::Failed)
    }
}

fn hash_now(password: &Password, salt: &[u8]) -> Result<PasswordHash, HashError> {
    Argon2::default()
        .hash_password_with_salt(password.reveal().as_bytes(), salt)
        .map(|hash| PasswordHash::from_phc(hash.to_string()))
        .map_err(|_| HashError::Failed)
}

fn verify_now(password: &Password, stored: &PasswordHash) -> Result<bool, HashError> {
    let stored = Phc::new(stored.as_phc()).map_err(|_| HashError::Failed)?;
    Ok(Argon2::default()
        .verify_password(password.reveal().as_bytes(), &stored)
        .is_ok())
}

/// Why a password was not hashed or verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HashError {
    /// Too many people sign in at this moment.
    #[error("too many people are signing in at this moment: try again in a few seconds")]
    Busy,
    /// The hash function or its thread failed, or what is stored is no hash.
    #[error("the password cannot be checked: the stored hash may be damaged")]
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use easement_outbound::SystemRandom;

    fn password(text: &str) -> Password {
        Password::given(text).unwrap()
    }

    fn limits(hash_parallel: usize, hash_waiting: usize) -> AccountsSection {
        AccountsSection {
            hash_parallel,
            hash_waiting,
            ..AccountsSection::default()
        }
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_is_right() {
        let passwords = Passwords::new(&limits(1, 9), &SystemRandom).unwrap();
        let stored = passwords
            .hash(password("three little words"), &SystemRandom)
            .await
            .unwrap();
        assert!(stored.as_phc().starts_with("$argon2id$"));
        for (given, stored, right) in [
            ("three little words", Some(stored.clone()), true),
            ("three little wordS", Some(stored), false),
            ("", None, false),
        ] {
            let answer = passwords.verify(password(given), stored).await;
            assert_eq!(answer, Ok(right), "{given}");
        }
    }

    #[tokio::test]
    async fn those_who_would_wait_too_long_are_turned_away() {
        let passwords = Passwords::new(&limits(1, 1), &SystemRandom).unwrap();
        let try_one = || passwords.verify(password("x"), None);
        let (one, two, three) = tokio::join!(try_one(), try_one(), try_one());
        assert_eq!(
            [one, two, three],
            [Ok(false), Ok(false), Err(HashError::Busy)]
        );
        assert_eq!(try_one().await, Ok(false), "the place is free again");
    }
}
