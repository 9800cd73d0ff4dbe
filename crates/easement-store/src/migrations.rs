//! Brings a database's tables up to date. `migrations/README.md` says how to add a migration.

use std::sync::Arc;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use crate::OpenError;
use crate::database::{Db, On};

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

const STEPS: [Step; 5] = steps! {
    1 "0001_accounts",
    2 "0002_zones",
    3 "0003_services",
    4 "0004_audit",
    5 "0005_template_review",
};

/// Runs the migrations that the database has not had yet.
pub(crate) async fn migrate(db: &Db) -> Result<(), OpenError> {
    let outcome = match db {
        On::Sqlite(pools) => migrator(|step| step.sqlite).run(&pools.write).await,
        On::Postgres(pools) => migrator(|step| step.postgres).run(&pools.common).await,
    };
    outcome.map_err(|error| {
        if let MigrateError::VersionMissing(found) = error {
            let known = STEPS.last().map_or(0, |step| step.number);
            return OpenError::NewerSchema { found, known };
        }
        if let MigrateError::VersionMismatch(number) = error {
            return OpenError::OtherSchema { number };
        }
        OpenError::Migration(Arc::new(error))
    })
}

fn migrator(text: impl Fn(&Step) -> &'static str) -> Migrator {
    let migrations = STEPS.iter().map(|step| {
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
