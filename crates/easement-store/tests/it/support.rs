//! Places to keep a store in, one for each database, and what tests put into stores.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use easement_core::{
    Account, AccountId, Actor, ChangeSize, ChangeSource, Clock, CommitEntry, EmailAddress, Origin,
    PasswordHash, Permit, PlanBase, SecretHash, Standing, Timestamp, Version, WebhookEvents,
    WebhookSecretText, ZoneAction, ZoneId, ZonePlan,
};
use easement_store::{
    Committed, DeliveryAttempt, DomainConnect, NewWebhook, NewZone, Serving, Store, StoreConfig,
};
use easement_zone::{
    ChangeSet, HostedZones, Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone,
    ZoneBuilder, ZoneSnapshot,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use tokio::runtime::Runtime;

/// Writes one test for each database: `on_both! { name }` runs the function of that name.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                crate::support::run(crate::support::Place::sqlite(), super::$name);
            })*
        }
        mod postgres {
            $(#[test]
            fn $name() {
                if let Some(url) = crate::support::postgres_url(stringify!($name)) {
                    crate::support::run(crate::support::Place::postgres(&url), super::$name);
                }
            })*
        }
    };
}
pub(crate) use on_both;

pub(crate) const DISCOVERY: &str = "connect.example.net/dc";

pub(crate) fn run<F: Future<Output = ()>>(place: Place, test: impl FnOnce(Place) -> F) {
    runtime().block_on(test(place));
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// The server to test on. Without one the test is skipped, loudly, unless that is forbidden.
pub(crate) fn postgres_url(test: &str) -> Option<String> {
    let url = std::env::var("EASEMENT_TEST_POSTGRES_URL").ok();
    if url.is_none() {
        let must = std::env::var("EASEMENT_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(
            !must,
            "EASEMENT_TEST_POSTGRES_URL is not set: start with scripts/with-postgres"
        );
        eprintln!("SKIPPED on PostgreSQL: {test} (EASEMENT_TEST_POSTGRES_URL is not set)");
    }
    url
}

//------------ Place -----------------------------------------------------------------------------

/// Where a test's store is, and the time there.
pub(crate) struct Place {
    pub(crate) config: StoreConfig,
    pub(crate) clock: Arc<TestClock>,
    _keep: Keep,
}

/// What goes away with the test.
enum Keep {
    Folder {
        _folder: tempfile::TempDir,
    },
    Database {
        _database: Database,
    },
    /// Another process sees to it.
    Nothing,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/easement.db");
        Self::new(
            StoreConfig::Sqlite { path },
            Keep::Folder { _folder: folder },
        )
    }

    pub(crate) fn postgres(server: &str) -> Self {
        let database = Database::create(server);
        let url = database.url.clone();
        Self::new(
            StoreConfig::Postgres { url },
            Keep::Database {
                _database: database,
            },
        )
    }

    /// The place that another process has made, by its [`Self::target`].
    pub(crate) fn of_another(target: &str) -> Self {
        let config = if target.starts_with("postgres") {
            StoreConfig::Postgres {
                url: target.to_owned(),
            }
        } else {
            StoreConfig::Sqlite {
                path: target.into(),
            }
        };
        Self::new(config, Keep::Nothing)
    }

    /// An empty place of the same kind.
    pub(crate) fn another(&self) -> Self {
        match &self.config {
            StoreConfig::Sqlite { .. } => Self::sqlite(),
            StoreConfig::Postgres { url } => Self::postgres(url),
        }
    }

    /// The path or URL.
    pub(crate) fn target(&self) -> String {
        match &self.config {
            StoreConfig::Sqlite { path } => path.to_str().unwrap().to_owned(),
            StoreConfig::Postgres { url } => url.clone(),
        }
    }

    fn new(config: StoreConfig, keep: Keep) -> Self {
        Self {
            config,
            clock: Arc::new(TestClock(AtomicI64::new(1_795_301_748_000_000))),
            _keep: keep,
        }
    }

    pub(crate) fn serving(&self) -> Serving {
        Serving {
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            hosted: Arc::new(HostedZones::new()),
            discovery: Some(DISCOVERY.to_owned()),
        }
    }

    /// Runs a statement behind the store's back.
    pub(crate) async fn run_sql(&self, sql: &'static str) {
        match &self.config {
            StoreConfig::Sqlite { path } => {
                let options = SqliteConnectOptions::new().filename(path);
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                connection.execute(sql).await.unwrap();
                connection.close().await.unwrap();
            }
            StoreConfig::Postgres { url } => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                connection.execute(sql).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// Puts the zones of another PostgreSQL database in place of those here, in one transaction.
    pub(crate) async fn replace_zones(&self, other: &Self) {
        const TABLES: [&str; 5] = [
            "zone",
            "zone_commit",
            "zone_change",
            "record_set",
            "fold_position",
        ];
        let mut from = PgConnection::connect(&other.target()).await.unwrap();
        let mut to = PgConnection::connect(&self.target()).await.unwrap();
        let mut tx = to.begin().await.unwrap();
        tx.execute("TRUNCATE zone, fold_position CASCADE")
            .await
            .unwrap();
        for table in TABLES {
            let read = format!("SELECT coalesce(json_agg(t), '[]')::text FROM {table} AS t");
            let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(read))
                .fetch_one(&mut from)
                .await
                .unwrap();
            let write = format!(
                "INSERT INTO {table} OVERRIDING SYSTEM VALUE \
                 SELECT * FROM json_populate_recordset(NULL::{table}, $1::json)"
            );
            let written = sqlx::query(sqlx::AssertSqlSafe(write)).bind(rows);
            written.execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// What time it is there.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Opens the store and serves its zones.
    pub(crate) async fn open(&self) -> Store {
        let store = Store::open(&self.config, self.serving()).await.unwrap();
        store.load_all().await.unwrap();
        store
    }
}

/// A database of its own on a server.
struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    fn create(server: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "store_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let (base, _) = server.rsplit_once('/').unwrap();
        on_server(server, format!("CREATE DATABASE {name}"));
        Self {
            server: server.to_owned(),
            url: format!("{base}/{name}"),
            name,
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A test that failed leaves its database to be looked at.
        if !std::thread::panicking() {
            let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
            on_server(&self.server, drop);
        }
    }
}

fn on_server(server: &str, sql: String) {
    let server = server.to_owned();
    // A thread of its own, because a test's runtime may be around this one.
    let done = std::thread::spawn(move || {
        runtime().block_on(async {
            let mut connection = PgConnection::connect(&server).await.unwrap();
            connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
        });
    });
    done.join().unwrap();
}

/// A clock that stands still until it is moved.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap();
        self.0.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

//------------ What a store holds ----------------------------------------------------------------

/// Everything that a restart must not change, as text: what is served, and history and services.
pub(crate) async fn picture(store: &Store, apexes: &[&str]) -> String {
    let mut picture = String::new();
    for apex in apexes {
        let entry = store.zone_by_apex(&name(apex)).await.unwrap().unwrap();
        let served = snapshot(store, apex);
        let history = store.commits_of(entry.id, None, 10_000).await.unwrap();
        let services = store.services_of(entry.id).await.unwrap();
        let (version, serial) = (served.version(), served.zone().serial());
        writeln!(picture, "{entry:?} {version} {serial} {services:?}").unwrap();
        for set in served.zone().sets() {
            writeln!(picture, "  {set:?}").unwrap();
        }
        for commit in history {
            let changes = changes_of(store, &commit).await;
            assert_eq!(commit.size, ChangeSize::of(&changes));
            writeln!(picture, "  {commit:?} {changes:?}").unwrap();
        }
    }
    picture
}

/// The zone that the history of a zone amounts to, after checking that no version is missing and that
/// serial numbers never go back.
pub(crate) async fn replay(store: &Store, zone: ZoneId) -> Zone {
    let mut commits = store.commits_of(zone, None, 10_000).await.unwrap();
    commits.reverse();
    let mut replayed: Option<Zone> = None;
    for (commit, version) in commits.iter().zip(1..) {
        assert_eq!(commit.version, Version(version), "no version is missing");
        let serial = Serial::new(commit.serial);
        let changes = changes_of(store, commit).await;
        let next = match replayed {
            None => first_version(&changes),
            Some(zone) if changes.is_empty() => zone,
            Some(zone) => {
                assert!(serial > zone.serial(), "serial numbers go up");
                zone.apply(&changes).unwrap()
            }
        };
        assert_eq!(next.serial(), serial);
        replayed = Some(next);
    }
    replayed.unwrap()
}

/// All changes of a commit.
pub(crate) async fn changes_of(store: &Store, commit: &CommitEntry) -> ChangeSet {
    let changes = store
        .changes_of(commit.zone, commit.version, u32::MAX)
        .await;
    changes.unwrap()
}

fn first_version(changes: &ChangeSet) -> Zone {
    let sets = changes
        .iter()
        .map(|(_, change)| change.after.clone().unwrap());
    let sets: Vec<RecordSet> = sets.collect();
    let soa = sets
        .iter()
        .find(|set| set.rtype() == RecordType::SOA)
        .unwrap();
    let mut builder = ZoneBuilder::new(soa.owner().clone());
    for set in sets {
        builder.insert(set).unwrap();
    }
    builder.finish().unwrap()
}

//------------ Values ----------------------------------------------------------------------------

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn email(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub(crate) fn secret(octet: u8) -> SecretHash {
    SecretHash::from_stored(vec![octet; 32])
}

pub(crate) fn password(text: &str) -> PasswordHash {
    PasswordHash::from_phc(text.to_owned())
}

pub(crate) async fn member(store: &Store, address: &str) -> Account {
    let email = email(address);
    let made = store.create_account(&email, None, Standing::Member).await;
    made.unwrap()
}

pub(crate) fn console() -> Origin {
    Origin {
        actor: Actor::Console,
        address: None,
    }
}

/// A zone with a start of authority and one name server.
pub(crate) fn contents(apex: &str) -> Zone {
    let apex = name(apex);
    let server = name("ns1.example.net");
    let mailbox = name("hostmaster.example.net");
    let soa = Soa::new(server.clone(), mailbox, Serial::new(1));
    let mut builder = ZoneBuilder::new(apex.clone());
    let sets = [soa.to_data(), RecordData::name(RecordType::NS, &server)];
    for data in sets {
        builder
            .insert(RecordSet::single(apex.clone(), Ttl::HOUR, data))
            .unwrap();
    }
    builder.finish().unwrap()
}

pub(crate) fn new_zone(contents: Zone) -> NewZone {
    NewZone {
        owner: None,
        contents,
        domain_connect: DomainConnect::On,
        source: ChangeSource::ZoneCreated,
    }
}

pub(crate) async fn make_zone(store: &Store, apex: &str) -> ZoneId {
    let zone = new_zone(contents(apex));
    store.create_zone(zone, console()).await.unwrap().zone
}

pub(crate) fn address(owner: &Name, last: u8) -> RecordSet {
    let data = RecordData::a([192, 0, 2, last].into());
    RecordSet::single(owner.clone(), Ttl::HOUR, data)
}

pub(crate) fn snapshot(store: &Store, apex: &str) -> Arc<ZoneSnapshot> {
    let hosted = store.serving().hosted.get(&name(apex));
    hosted.unwrap().snapshot()
}

/// A plan against the zone as it is served now.
pub(crate) fn plan(store: &Store, apex: &str, changes: ChangeSet) -> ZonePlan {
    ZonePlan {
        base: PlanBase::Version(Version(snapshot(store, apex).version())),
        changes,
        services: Vec::new(),
        source: ChangeSource::ZoneImported,
    }
}

pub(crate) fn permit(zone: ZoneId, apex: &str) -> Permit {
    Permit::for_console(ZoneAction::Change, zone, &name(apex))
}

/// The change that sets the addresses of a host below an apex to this one.
pub(crate) fn set_host(store: &Store, apex: &str, host: &str, last: u8) -> ChangeSet {
    let owner = name(apex).child(host).unwrap();
    let mut changes = ChangeSet::new();
    let before = snapshot(store, apex).zone().get(&owner, RecordType::A);
    changes.record(before, Some(address(&owner, last)));
    changes
}

/// Commits a new address of a host.
pub(crate) async fn commit_host(
    store: &Store,
    zone: ZoneId,
    apex: &str,
    (host, last): (&str, u8),
) -> Committed {
    let plan = plan(store, apex, set_host(store, apex, host, last));
    let committed = store.commit(permit(zone, apex), plan, console()).await;
    committed.unwrap()
}

/// What DNS would answer for the addresses of a host.
pub(crate) fn served(store: &Store, apex: &str, host: &str) -> Option<RecordSet> {
    let owner = name(apex).child(host).unwrap();
    snapshot(store, apex).zone().get(&owner, RecordType::A)
}

//------------ Webhooks --------------------------------------------------------------------------

/// A webhook that is told of everything.
pub(crate) fn new_webhook(account: AccountId, last: char) -> NewWebhook {
    NewWebhook {
        account,
        public_id: format!("wh_0123456789abcde{last}").parse().unwrap(),
        url: "https://hooks.example.net/easement".parse().unwrap(),
        events: WebhookEvents::ALL,
        secret: WebhookSecretText::from_stored(format!("whsec_{last}")),
        most: 3,
    }
}

/// A try that nobody answered.
pub(crate) fn failed_attempt(store: &Store) -> DeliveryAttempt {
    DeliveryAttempt {
        at: store.serving().clock.now(),
        took: Duration::from_secs(10),
        status: None,
        problem: Some("nobody answered".to_owned()),
    }
}
