//! Rows of any table, as values and back.

use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, QueryBuilder, Row, Type};

use super::archive::{Kind, Value};
use super::error::BackupError;
use super::tables::{Form, StoredColumn, StoredTable};
use crate::StoreError;
use crate::database::{On, Tx, on};
use crate::error::failed_to;

/// Reads every row of a table, one after the other.
pub(super) async fn read_rows(
    tx: &mut Tx,
    table: &StoredTable,
    mut take: impl FnMut(Vec<Value>) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let columns: Vec<&str> = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let (name, order, columns) = (table.name, table.order, columns.join(", "));
    let sql = format!("SELECT {columns} FROM {name} ORDER BY {order}");
    on!(tx, tx => {
        let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut **tx);
        while let Some(row) = rows.try_next().await.map_err(failed_to("read a table"))? {
            take(values_of(&row, &table.columns).map_err(failed_to("read a row"))?)?;
        }
    });
    Ok(())
}

fn values_of<R>(row: &R, columns: &[StoredColumn]) -> sqlx::Result<Vec<Value>>
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> bool: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    let columns = columns.iter().enumerate();
    columns
        .map(|(index, column)| {
            let value = match column.form {
                Form::Plain(Kind::Number) => {
                    row.try_get::<Option<i64>, _>(index)?.map(Value::Number)
                }
                Form::Plain(Kind::Text) => {
                    row.try_get::<Option<String>, _>(index)?.map(Value::Text)
                }
                Form::Plain(Kind::Octets) => {
                    row.try_get::<Option<Vec<u8>>, _>(index)?.map(Value::Octets)
                }
                Form::Flag => row
                    .try_get::<Option<bool>, _>(index)?
                    .map(|is_set| Value::Number(is_set.into())),
            };
            Ok(value.unwrap_or(Value::Nothing))
        })
        .collect()
}

//------------ Writing ---------------------------------------------------------------------------

/// Puts rows into a table: `insert` is the statement up to the values, `forms` those of its columns.
pub(super) async fn insert_rows(
    tx: &mut Tx,
    insert: &str,
    forms: &[Form],
    rows: Vec<Vec<Value>>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    macro_rules! insert_into {
        ($database:ty, $tx:ident) => {
            QueryBuilder::<$database>::new(insert)
                .push_values(rows, |mut values, row| {
                    for (value, form) in row.into_iter().zip(forms) {
                        match form {
                            Form::Plain(Kind::Number) => values.push_bind(value.into_number()),
                            Form::Plain(Kind::Text) => values.push_bind(value.into_text()),
                            Form::Plain(Kind::Octets) => values.push_bind(value.into_octets()),
                            Form::Flag => {
                                values.push_bind(value.into_number().map(|number| number != 0))
                            }
                        };
                    }
                })
                .build()
                .execute(&mut **$tx)
                .await
        };
    }
    match tx {
        On::Sqlite(tx) => insert_into!(sqlx::Sqlite, tx).map(|_| ()),
        On::Postgres(tx) => insert_into!(sqlx::Postgres, tx).map(|_| ()),
    }
    .map_err(failed_to("write rows"))
}

impl Value {
    fn into_number(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Nothing | Self::Text(_) | Self::Octets(_) => None,
        }
    }

    fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Nothing | Self::Number(_) | Self::Octets(_) => None,
        }
    }

    fn into_octets(self) -> Option<Vec<u8>> {
        match self {
            Self::Octets(octets) => Some(octets),
            Self::Nothing | Self::Number(_) | Self::Text(_) => None,
        }
    }
}
