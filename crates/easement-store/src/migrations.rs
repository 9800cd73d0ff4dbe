//! Brings a database's tables up to date. `migrations/README.md` says how to add a migration.

use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use crate::database::{ANSWER, Db, On, Tx, on, row};
use crate::error::failed_to;
use crate::{OpenError, StoreError};

/// One step of the schema, in the words of both databases.
struct Step {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! steps {
    ($($number:literal $name:literal,)*) => {
        [$(Step {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }),*]
    };
}

const STEPS: [Step; 12] = steps! {
    1 "0001_accounts",
    2 "0002_zones",
    3 "0003_services",
    4 "0004_audit",
    5 "0005_template_review",
    6 "0006_zone_switch",
    7 "0007_api_tokens",
    8 "0008_hosts",
    9 "0009_webhooks",
    10 "0010_oauth",
    11 "0011_oauth_memory",
    12 "0012_name_leases",
};

/// The number of the newest migration.
pub(crate) const NEWEST: i64 = match STEPS.last() {
    Some(step) => step.number,
    None => 0,
};

/// The table in which sqlx notes which migrations a database has had.
pub(crate) const TABLE: &str = "_sqlx_migrations";

/// How long a server may say nothing while it makes one step: an index of a large table takes its time.
const STEP: Duration = Duration::from_hours(1);

/// Runs the migrations that the database has not had yet.
pub(crate) async fn migrate(db: &Db) -> Result<(), OpenError> {
    let limit = if has_had_all(db).await? { ANSWER } else { STEP };
    db.unless_silent_at_start(limit, run_all(db)).await
}

/// Whether there is nothing to do, so that nothing takes long. It only matters for a server: a file is never silent.
async fn has_had_all(db: &Db) -> Result<bool, OpenError> {
    if db.shared().is_none() {
        return Ok(false);
    }
    let number = async {
        let mut tx = db.begin_reading().await?;
        let number = number_of(&mut tx).await?;
        tx.commit().await?;
        Ok(number)
    };
    let number = db.unless_silent_at_start(ANSWER, number).await?;
    Ok(number >= Some(NEWEST))
}

async fn run_all(db: &Db) -> Result<(), OpenError> {
    match db {
        On::Sqlite(pools) => {
            let mut turn = pools.write.take().await.map_err(failed_to("write"))?;
            migrator(NEWEST, |step| step.sqlite).run(&mut *turn).await
        }
        On::Postgres(pools) => {
            migrator(NEWEST, |step| step.postgres)
                .run(&pools.common)
                .await
        }
    }
    .map_err(refused)
}

/// Runs the migrations up to this one, within a transaction.
pub(crate) async fn migrate_to(tx: &mut Tx, number: i64) -> Result<(), OpenError> {
    match tx {
        On::Sqlite(tx) => migrator(number, |step| step.sqlite).run(&mut **tx).await,
        On::Postgres(tx) => migrator(number, |step| step.postgres).run(&mut **tx).await,
    }
    .map_err(refused)
}

/// The number of the newest migration that a database has had, when they are those that this program has;
/// nothing when it has had none.
pub(crate) async fn schema_of(tx: &mut Tx) -> Result<Option<i64>, OpenError> {
    let Some(found) = number_of(tx).await? else {
        return Ok(None);
    };
    if found > NEWEST {
        let known = NEWEST;
        return Err(OpenError::NewerSchema { found, known });
    }
    match other_step(tx, found).await? {
        Some(number) => Err(OpenError::OtherSchema { number }),
        None => Ok(Some(found)),
    }
}

/// Whose the schema of a database is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// It has had no migration.
    Nobody,
    /// It has had those of this program, of this version or another one.
    Easement,
    Other,
}

pub(crate) async fn origin_of(tx: &mut Tx) -> Result<Origin, StoreError> {
    let Some(found) = number_of(tx).await? else {
        return Ok(Origin::Nobody);
    };
    let other = other_step(tx, found).await?;
    let is_ours = found > 0 && other.is_none();
    Ok(if is_ours {
        Origin::Easement
    } else {
        Origin::Other
    })
}

/// The first migration up to this one that a database has not had in the words of this program.
async fn other_step(tx: &mut Tx, last: i64) -> Result<Option<i64>, StoreError> {
    let expected = match tx {
        On::Sqlite(_) => migrator(last, |step| step.sqlite),
        On::Postgres(_) => migrator(last, |step| step.postgres),
    };
    let had: Vec<HadRow> = on!(tx, tx => sqlx::query_as(HAD).fetch_all(&mut **tx).await)
        .map_err(failed_to("look at the schema"))?;
    let other = expected.iter().find(|step| {
        !had.iter()
            .any(|row| row.version == step.version && row.checksum == *step.checksum)
    });
    Ok(other.map(|step| step.version))
}

/// The number of the newest migration that a database has had.
pub(crate) async fn number_of(tx: &mut Tx) -> Result<Option<i64>, StoreError> {
    let sql = match tx {
        On::Sqlite(_) => "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'",
        On::Postgres(_) => {
            "SELECT count(*) FROM pg_catalog.pg_tables \
             WHERE schemaname = current_schema() AND tablename = '_sqlx_migrations'"
        }
    };
    let tables: i64 = on!(&mut *tx, tx => sqlx::query_scalar(sql).fetch_one(&mut **tx).await)
        .map_err(failed_to("look for the schema"))?;
    if tables == 0 {
        return Ok(None);
    }
    on!(tx, tx => sqlx::query_scalar(NUMBER).fetch_one(&mut **tx).await)
        .map_err(failed_to("look at the schema"))
}

const NUMBER: &str = "SELECT max(version) FROM _sqlx_migrations";
const HAD: &str = "SELECT version, checksum FROM _sqlx_migrations";

row! {
    struct HadRow { version: i64, checksum: Vec<u8> }
}

fn refused(error: MigrateError) -> OpenError {
    if let MigrateError::VersionMissing(found) = error {
        let known = NEWEST;
        return OpenError::NewerSchema { found, known };
    }
    if let MigrateError::VersionMismatch(number) = error {
        return OpenError::OtherSchema { number };
    }
    // Before any step: the database is away.
    if let MigrateError::Execute(error) = error {
        return failed_to("bring the tables up to date")(error).into();
    }
    OpenError::Migration(Arc::new(error))
}

/// The migrations up to this one.
fn migrator(last: i64, text: impl Fn(&Step) -> &'static str) -> Migrator {
    let steps = STEPS.iter().filter(|step| step.number <= last);
    let migrations = steps.map(|step| {
        Migration::new(
            step.number,
            step.name.into(),
            MigrationType::Simple,
            text(step).into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_step_and_bears_its_number() {
        for folder in ["sqlite", "postgres"] {
            let folder = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<String> = std::fs::read_dir(&folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let named: Vec<String> = STEPS
                .iter()
                .map(|step| format!("{}.sql", step.name))
                .collect();
            assert_eq!(files, named, "{folder}");
        }
        for (index, step) in STEPS.iter().enumerate() {
            assert_eq!(step.number, i64::try_from(index).unwrap() + 1);
            assert!(
                step.name.starts_with(&format!("{:04}_", step.number)),
                "{}",
                step.name
            );
        }
    }
}
