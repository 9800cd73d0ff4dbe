//! Rows of a group that wait to be written, all together.

use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite};

use super::super::in_powers_of_two;
use super::{SqliteTx, carry_out};

/// The most rows in one text: each number of rows is a text of its own, and texts are remembered.
const MAX_ROWS: usize = 64;

/// Rows in the order in which they are written.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    tables: Vec<Rows>,
    count: usize,
}

/// Rows of one table.
#[derive(Debug)]
pub(crate) struct Rows {
    /// The statement up to `VALUES`.
    pub(super) insert: &'static str,
    pub(super) values: Vec<Vec<Value>>,
}

/// What a column of a row is given.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Octets(Vec<u8>),
}

impl Waiting {
    /// How many rows there are.
    pub(in crate::database) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Rows> {
        self.tables.iter()
    }

    pub(crate) fn push(&mut self, insert: &'static str, values: Vec<Value>) {
        self.count = self.count.saturating_add(1);
        match self.tables.last_mut() {
            Some(rows) if rows.insert == insert => rows.values.push(values),
            Some(_) | None => self.tables.push(Rows {
                insert,
                values: vec![values],
            }),
        }
    }

    fn take(&mut self) -> Vec<Rows> {
        self.count = 0;
        std::mem::take(&mut self.tables)
    }

    /// Sends the rows to a connection of sqlx, after one statement and before another.
    pub(in crate::database) async fn send(
        &mut self,
        tx: &mut SqliteTx,
        [before, after]: [Option<&'static str>; 2],
    ) -> sqlx::Result<()> {
        let mut script = Script::default();
        before.inspect(|statement| script.add(statement));
        for rows in self.take() {
            for piece in in_powers_of_two(&rows.values) {
                if script.rows.saturating_add(piece.len()) > MAX_ROWS {
                    script.send(tx).await?;
                }
                script.add_rows(rows.insert, piece);
            }
        }
        after.inspect(|statement| script.add(statement));
        script.send(tx).await
    }
}

//------------ Value -----------------------------------------------------------------------------

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&[u8]> for Value {
    fn from(octets: &[u8]) -> Self {
        Self::Octets(octets.to_owned())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Value {
    fn bind_to(&self, row: &mut Separated<'_, Sqlite, &'static str>) {
        match self {
            Self::Null => row.push_bind(None::<i64>),
            Self::Integer(number) => row.push_bind(*number),
            Self::Text(text) => row.push_bind(text.clone()),
            Self::Octets(octets) => row.push_bind(octets.clone()),
        };
    }
}

//------------ Script ----------------------------------------------------------------------------

/// Statements that are sent as one text.
#[derive(Default)]
struct Script {
    text: QueryBuilder<Sqlite>,
    rows: usize,
    statements: usize,
}

impl Script {
    fn add(&mut self, statement: &str) {
        self.text.push(statement).push(";");
        self.statements = self.statements.saturating_add(1);
    }

    fn add_rows(&mut self, insert: &str, values: &[Vec<Value>]) {
        self.text
            .push(insert)
            .push_values(values, |mut row, values| {
                for value in values {
                    value.bind_to(&mut row);
                }
            })
            .push(";");
        self.rows = self.rows.saturating_add(values.len());
        self.statements = self.statements.saturating_add(1);
    }

    async fn send(&mut self, tx: &mut SqliteTx) -> sqlx::Result<()> {
        if self.statements == 0 {
            return Ok(());
        }
        let sent = carry_out(tx, self.text.build(), self.statements).await;
        *self = Self::default();
        sent
    }
}
