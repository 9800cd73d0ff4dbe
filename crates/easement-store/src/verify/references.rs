//! What tables say about each other, and about the accounts that they name.

use easement_core::{GrantEnd, OAuthTokenKind, RefreshRule, TemplateStatus, ZoneRole};

use super::Problem;
use super::finding::Findings;
use crate::accounts::read_standing;
use crate::database::{Db, on, row};
use crate::error::failed_to;
use crate::oauth::is_known_client_kind;
use crate::webhooks::DeliveryState;
use crate::{Corrupt, StoreError};

macro_rules! actors {
    ($table:literal) => {
        concat!(
            "SELECT count(*) FROM ",
            $table,
            " WHERE actor_kind = 'account' AND NOT EXISTS \
             (SELECT 1 FROM account WHERE account.id = actor_id)"
        )
    };
}

/// Rows that name who did something, in tables that have no foreign key for it: not everybody who does
/// something is an account.
const ACTORS: [(&str, &str); 3] = [
    ("zone_commit", actors!("zone_commit")),
    ("audit_entry", actors!("audit_entry")),
    ("template_decision", actors!("template_decision")),
];

/// A column of words, each with the key of a row that has it.
struct Words {
    table: &'static str,
    column: &'static str,
    sql: &'static str,
    is_known: fn(&str) -> bool,
}

const WORDS: [Words; 10] = [
    Words {
        table: "account",
        column: "standing",
        sql: "SELECT min(CAST(id AS TEXT)) AS id, standing AS word FROM account GROUP BY standing",
        is_known: |word| read_standing(word).is_some(),
    },
    Words {
        table: "zone_role",
        column: "role",
        sql: "SELECT min('zone ' || zone_id || ', account ' || account_id) AS id, role AS word \
              FROM zone_role GROUP BY role",
        is_known: |word| word.parse::<ZoneRole>().is_ok(),
    },
    Words {
        table: "template",
        column: "status",
        sql: "SELECT min(CAST(id AS TEXT)) AS id, status AS word FROM template GROUP BY status",
        is_known: |word| TemplateStatus::from_word(word).is_some(),
    },
    Words {
        table: "template_decision",
        column: "status",
        sql: "SELECT min(CAST(id AS TEXT)) AS id, status AS word FROM template_decision \
              GROUP BY status",
        is_known: |word| TemplateStatus::from_word(word).is_some(),
    },
    Words {
        table: "webhook_delivery",
        column: "state",
        sql: "SELECT min(CAST(id AS TEXT)) AS id, state AS word FROM webhook_delivery GROUP BY state",
        is_known: |word| DeliveryState::from_word(word).is_some(),
    },
    Words {
        table: "oauth_client",
        column: "authentication",
        sql: "SELECT min(CAST(id AS TEXT)) AS id, authentication AS word FROM oauth_client \
              GROUP BY authentication",
        is_known: |word| ["confidential", "public", "published"].contains(&word),
    },
    Words {
        table: "oauth_client",
        column: "refresh_rule",
        sql: "SELECT min(CAST(id AS TEXT)) AS id, refresh_rule AS word FROM oauth_client \
              GROUP BY refresh_rule",
        is_known: |word| RefreshRule::from_word(word).is_some(),
    },
    Words {
        table: "oauth_grant",
        column: "client_kind",
        sql: "SELECT min(CAST(id AS TEXT)) AS id, client_kind AS word FROM oauth_grant \
              GROUP BY client_kind",
        is_known: is_known_client_kind,
    },
    Words {
        table: "oauth_grant",
        column: "ended_because",
        sql: "SELECT min(CAST(id AS TEXT)) AS id, ended_because AS word FROM oauth_grant \
              WHERE ended_because IS NOT NULL GROUP BY ended_because",
        is_known: |word| GrantEnd::from_word(word).is_some(),
    },
    Words {
        table: "oauth_token",
        column: "kind",
        sql: "SELECT 'of the grant ' || min(grant_id) AS id, kind AS word FROM oauth_token \
              GROUP BY kind",
        is_known: |word| OAuthTokenKind::from_word(word).is_some(),
    },
];

row! {
    struct WordRow {
        id: String,
        word: String,
    }
}

/// Whoever is said to have done something is there, and every word is one that is known.
pub(super) async fn check_references(db: &Db, findings: &mut Findings) -> Result<(), StoreError> {
    for (table, sql) in ACTORS {
        let count: Result<i64, _> =
            on!(db.reading(), db => sqlx::query_scalar(sql).fetch_one(db).await)
                .map_err(failed_to("look for who did something"));
        if let Some(count) = findings.note(count)?.filter(|count| *count > 0) {
            let (table, parent) = (table.to_owned(), "account".to_owned());
            findings.add(
                None,
                Problem::Orphans {
                    table,
                    parent,
                    count,
                },
            );
        }
    }
    for words in &WORDS {
        let rows: Result<Vec<WordRow>, _> =
            on!(db.reading(), db => sqlx::query_as(words.sql).fetch_all(db).await)
                .map_err(failed_to("look for words that are not known"));
        for row in findings.note(rows)?.unwrap_or_default() {
            if !(words.is_known)(&row.word) {
                findings.add(None, Problem::Row(words.corrupt(row)));
            }
        }
    }
    Ok(())
}

impl Words {
    fn corrupt(&self, row: WordRow) -> Corrupt {
        Corrupt {
            table: self.table,
            column: self.column,
            id: row.id,
            reason: format!("`{}` is not a known word", row.word),
        }
    }
}
