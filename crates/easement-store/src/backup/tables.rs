//! Which tables a backup holds, and what they look like in a database.

use super::archive::{Column, Kind};
use crate::StoreError;
use crate::database::{On, Tx, on, row};
use crate::error::failed_to;

/// A table, and what a backup does with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) keeping: Keeping,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Keeping {
    /// Its rows are kept, in the order of these columns.
    Kept(&'static str),
    /// What lets somebody in, or keeps somebody out for a while, ends with the database: whoever finds an
    /// old backup must not be signed in with it.
    LeftOut,
}

use Keeping::{Kept, LeftOut};

/// Every table, those that others point at before those.
pub(super) const TABLES: [Table; 31] = [
    table("account", Kept("id")),
    table("session", LeftOut),
    table("one_time_link", LeftOut),
    table("sign_in_attempt", LeftOut),
    table("zone", Kept("id")),
    table("zone_role", Kept("zone_id, account_id")),
    table("zone_switch", Kept("id")),
    table("zone_commit", Kept("id")),
    table("zone_change", Kept("commit_id, position")),
    table("record_set", Kept("zone_id, owner, rtype")),
    table("fold_position", Kept("id")),
    table("service", Kept("id")),
    table("template", Kept("id")),
    table("template_decision", Kept("id")),
    table("template_source", Kept("folder, provider, service")),
    table("key_control", Kept("domain")),
    table("template_submission", Kept("id")),
    table("audit_entry", Kept("id")),
    table("api_token", Kept("id")),
    table("api_token_secret", Kept("public_id")),
    table("api_token_network", Kept("token_id, network")),
    table("access_epoch", Kept("id")),
    table("text_lease", Kept("zone_id, owner, data")),
    table("host_use", Kept("zone_id, owner")),
    table("webhook", Kept("id")),
    table("webhook_delivery", Kept("id")),
    table("webhook_attempt", Kept("delivery_id, number")),
    table("oauth_client", Kept("id")),
    table("oauth_grant", Kept("id")),
    table("oauth_token", Kept("token_hash")),
    table("name_lease", Kept("zone_id, owner")),
];

const fn table(name: &'static str, keeping: Keeping) -> Table {
    Table { name, keeping }
}

/// A table as a database has it.
#[derive(Clone, Debug)]
pub(super) struct StoredTable {
    pub(super) name: &'static str,
    pub(super) order: &'static str,
    pub(super) columns: Vec<StoredColumn>,
}

#[derive(Clone, Debug)]
pub(super) struct StoredColumn {
    pub(super) name: String,
    pub(super) form: Form,
}

/// How a database keeps a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    Plain(Kind),
    /// PostgreSQL has a type of its own for yes and no.
    Flag,
}

impl StoredColumn {
    /// The column as a backup has it.
    pub(super) fn in_archive(&self) -> Column {
        Column {
            name: self.name.clone(),
            kind: match self.form {
                Form::Plain(kind) => kind,
                Form::Flag => Kind::Number,
            },
        }
    }
}

/// The tables that a backup of this database holds; an earlier schema has fewer.
pub(super) async fn kept_tables(tx: &mut Tx) -> Result<Vec<StoredTable>, StoreError> {
    let mut found = Vec::new();
    for table in TABLES {
        let Kept(order) = table.keeping else {
            continue;
        };
        let columns = columns_of(tx, table.name).await?;
        if !columns.is_empty() {
            found.push(StoredTable {
                name: table.name,
                order,
                columns,
            });
        }
    }
    Ok(found)
}

/// The names of all tables and views, also those of other programs.
pub(super) async fn tables_of(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    const SQLITE: &str = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') \
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    const POSTGRES: &str = "SELECT class.relname::text FROM pg_catalog.pg_class AS class \
         JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace \
         WHERE namespace.nspname = current_schema() AND class.relkind IN ('r', 'p', 'v', 'm', 'f') \
         ORDER BY class.relname";
    let sql = match tx {
        On::Sqlite(_) => SQLITE,
        On::Postgres(_) => POSTGRES,
    };
    on!(tx, tx => sqlx::query_scalar(sql).fetch_all(&mut **tx).await)
        .map_err(failed_to("look at the tables"))
}

/// The columns of a table; none when there is no such table.
pub(super) async fn columns_of(
    tx: &mut Tx,
    table: &'static str,
) -> Result<Vec<StoredColumn>, StoreError> {
    let sql = match tx {
        On::Sqlite(_) => SQLITE_COLUMNS,
        On::Postgres(_) => POSTGRES_COLUMNS,
    };
    let rows: Vec<ColumnRow> = on!(tx, tx => sqlx::query_as(sql)
        .bind(table)
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("look at the tables"))?;
    rows.into_iter()
        .map(|row| {
            let form = form_of(&row.kind)
                .ok_or_else(|| failed_to("look at the tables")(unknown_form(table, &row)))?;
            Ok(StoredColumn {
                name: row.name,
                form,
            })
        })
        .collect()
}

const SQLITE_COLUMNS: &str = "SELECT name, type AS kind FROM pragma_table_info($1) ORDER BY cid";
const POSTGRES_COLUMNS: &str = "SELECT column_name::text AS name, data_type::text AS kind \
     FROM information_schema.columns \
     WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";

row! {
    struct ColumnRow { name: String, kind: String }
}

fn form_of(kind: &str) -> Option<Form> {
    match kind {
        "INTEGER" | "bigint" => Some(Form::Plain(Kind::Number)),
        "TEXT" | "text" => Some(Form::Plain(Kind::Text)),
        "BLOB" | "bytea" => Some(Form::Plain(Kind::Octets)),
        "boolean" => Some(Form::Flag),
        _ => None,
    }
}

fn unknown_form(table: &str, row: &ColumnRow) -> sqlx::Error {
    let (name, kind) = (&row.name, &row.kind);
    sqlx::Error::Protocol(format!(
        "the column {name} of the table {table} has the type {kind}, which no backup knows"
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use easement_zone::HostedZones;

    use super::*;
    use crate::{Serving, Store, StoreConfig};

    struct NoTime;

    impl easement_core::Clock for NoTime {
        fn now(&self) -> easement_core::Timestamp {
            easement_core::Timestamp::from_micros(0)
        }
    }

    #[tokio::test]
    async fn somebody_has_decided_about_every_table() {
        let folder = tempfile::tempdir().unwrap();
        let config = StoreConfig::Sqlite {
            path: folder.path().join("easement.sqlite"),
        };
        let serving = Serving {
            clock: Arc::new(NoTime),
            hosted: Arc::new(HostedZones::new()),
            discovery: None,
        };
        let store = Store::open(&config, serving).await.unwrap();
        let found: Vec<String> = on!(store.db().reading(), db => sqlx::query_scalar(
            "SELECT name FROM sqlite_schema WHERE type = 'table' \
             AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'"
        )
        .fetch_all(db)
        .await
        .unwrap());
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        let decided: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
        assert_eq!(found, decided, "add the table to TABLES, kept or left out");
        store.shutdown().await;
    }
}
