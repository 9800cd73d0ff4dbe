//! The database of a test, for those who speak to a whole server.

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::DatabaseUrl;

/// Runs each test on SQLite, and on PostgreSQL when there is a server to test on.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Place::Sqlite).await;
            })*
        }

        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                if let Some(place) = super::Place::postgres(stringify!($name)) {
                    super::$name(place).await;
                }
            })*
        }
    };
}
pub(crate) use on_both;

/// Where a test's tables are.
pub(crate) enum Place {
    /// In the folder of the server.
    Sqlite,
    /// In a database of the test's own.
    Postgres {
        /// The server that it is on.
        server: String,
        /// What it is called.
        name: String,
    },
}

impl Place {
    /// Without a server the test is skipped, loudly, unless that is forbidden.
    pub(crate) fn postgres(test: &str) -> Option<Self> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let Ok(server) = std::env::var("EASEMENT_TEST_POSTGRES_URL") else {
            let must = std::env::var("EASEMENT_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
            assert!(
                !must,
                "EASEMENT_TEST_POSTGRES_URL is not set: start with scripts/with-postgres"
            );
            eprintln!("SKIPPED on PostgreSQL: {test} (EASEMENT_TEST_POSTGRES_URL is not set)");
            return None;
        };
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("easement_oauth_{}_{number}", std::process::id());
        assert!(
            ask(&server, &format!("CREATE DATABASE {name}")),
            "psql makes a database: install PostgreSQL's client"
        );
        Some(Self::Postgres { server, name })
    }

    /// What the configuration says of it.
    pub(crate) fn url(&self) -> Option<DatabaseUrl> {
        match self {
            Self::Sqlite => None,
            Self::Postgres { server, name } => {
                let mut url: url::Url = server.parse().unwrap();
                url.set_path(name);
                Some(serde_json::from_value(url.as_str().into()).unwrap())
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Postgres { server, name } = self {
            let _ = ask(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn ask(server: &str, sql: &str) -> bool {
    let mut psql = Command::new("psql");
    psql.args([
        "--quiet",
        "--no-psqlrc",
        "--set",
        "ON_ERROR_STOP=1",
        "--command",
        sql,
        server,
    ]);
    psql.status().is_ok_and(|status| status.success())
}
