//! Makes what the servers load: zone files, and databases. It is kept for the next run, which starts servers
//! that change something on a copy.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::PasswordHasher as _;
use easement_core::{
    AccountId, Actor, ApiTokenText, ChangeSource, Operations, Origin, PasswordHash, Random as _,
    Standing, TokenKind, TokenLimits,
};
use easement_outbound::{SystemClock, SystemRandom};
use easement_store::{
    DomainConnect, NewApiToken, NewZone, Serving, Store, StoreConfig, StoredSecret,
};
use easement_zone::{HostedZones, RecordType};

use crate::data::Data;
use crate::{Failure, progress};

/// To be changed with the data, or with how it is stored: what was made before is left alone.
const FORMAT: &str = "2";
/// How many zones are made at once: they share a transaction.
const TOGETHER: u32 = 512;
/// The address of the account that owns all zones.
pub(crate) const OWNER: &str = "owner@example.test";
/// How many API tokens there are.
const TOKENS: u32 = 32;

/// The folder of this data, which is made when it is not there yet.
pub(crate) fn prepare(base: &Path, data: Data) -> Result<PathBuf, Failure> {
    let folder = base.join(format!("{}-{FORMAT}", data.code()));
    unless_done(&folder, || {
        progress(&format!("making {data} in {}", folder.display()));
        fs::create_dir_all(folder.join("zones"))?;
        fs::create_dir_all(folder.join("knot"))?;
        for zone in 0..data.zones() {
            let path = folder.join(format!("zones/{}.zone", data.apex(zone)));
            fs::write(path, data.zone_file(zone))?;
        }
        let path = folder.join("easement/easement.sqlite");
        let tokens = fill_store(&StoreConfig::Sqlite { path }, data)?;
        Ok(fs::write(folder.join("tokens"), tokens.join("\n"))?)
    })?;
    Ok(folder)
}

/// Makes a folder from the beginning, unless that was done to its end before.
pub(crate) fn unless_done(
    folder: &Path,
    make: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let done = folder.join("done");
    if done.exists() {
        return Ok(());
    }
    // What an earlier run left unfinished.
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    make()?;
    Ok(fs::write(done, "")?)
}

/// Commits every zone, and folds the journal as the server does seconds later. Gives the texts of API tokens
/// that may change the addresses of every name.
pub(crate) fn fill_store(config: &StoreConfig, data: Data) -> Result<Vec<String>, Failure> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let serving = Serving {
            clock: Arc::new(SystemClock),
            hosted: Arc::new(HostedZones::new()),
            discovery: None,
        };
        let store = Store::open(config, serving).await?;
        let email = OWNER.parse()?;
        let account = store.create_account(&email, None, Standing::Member).await?;
        create_zones(&store, data, account.id).await?;
        let tokens = create_tokens(&store, account.id).await?;
        store.fold().await?;
        store.shutdown().await;
        Ok(tokens)
    })
}

async fn create_zones(store: &Store, data: Data, owner: AccountId) -> Result<(), Failure> {
    let mut zone = 0;
    while zone < data.zones() {
        let end = data.zones().min(zone + TOGETHER);
        let mut tasks = Vec::new();
        for zone in zone..end {
            let zone = NewZone {
                owner: Some(owner),
                contents: data.zone(zone)?,
                domain_connect: DomainConnect::On,
                source: ChangeSource::ZoneImported,
            };
            let store = store.clone();
            tasks.push(tokio::spawn(async move {
                let origin = Origin {
                    actor: Actor::Console,
                    address: None,
                };
                store.create_zone(zone, origin).await
            }));
        }
        for task in tasks {
            task.await??;
        }
        zone = end;
    }
    Ok(())
}

async fn create_tokens(store: &Store, account: AccountId) -> Result<Vec<String>, Failure> {
    let mut texts = Vec::new();
    for number in 0..TOKENS {
        let text = ApiTokenText::generate(TokenKind::Live, &SystemRandom)?;
        let secret = text.secret.reveal();
        let hash = Argon2::default()
            .hash_password_with_salt(secret.as_bytes(), &SystemRandom.octets(16))?;
        let limits = TokenLimits::new(
            vec!["**.test".parse()?],
            vec![RecordType::A],
            Operations::all(),
        );
        let new = NewApiToken {
            account,
            parent: None,
            kind: text.kind,
            name: format!("Caller {number}").parse()?,
            limits,
            secret: StoredSecret {
                public_id: text.id.clone(),
                hash: PasswordHash::from_phc(hash.to_string()),
            },
            origin: Origin {
                actor: Actor::Console,
                address: None,
            },
        };
        store.create_api_token(new).await?;
        texts.push(text.reveal());
    }
    Ok(texts)
}
