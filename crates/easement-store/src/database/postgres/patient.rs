//! A pool whose statements are given up when no answer comes.

use std::pin::Pin;

use futures_util::{Stream, StreamExt as _, stream};
use sqlx::postgres::{PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Either, Execute, Executor, PgPool, Postgres, SqlStr};

use crate::database::silence::{ANYTHING, unless_silent};

/// For single statements. The connection of one that was given up does not come back to the pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patient<'p>(pub(in crate::database) &'p PgPool);

type Answer<'e, T> = Pin<Box<dyn Future<Output = sqlx::Result<T>> + Send + 'e>>;
type Answers<'e, T> = Pin<Box<dyn Stream<Item = sqlx::Result<T>> + Send + 'e>>;

impl<'p> Executor<'p> for Patient<'p> {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> Answers<'e, Either<PgQueryResult, PgRow>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let answers = self.0.fetch_many(query);
        Box::pin(stream::unfold(Some(answers), async |answers| {
            let mut answers = answers?;
            match unless_silent(ANYTHING, answers.next()).await {
                Ok(answer) => Some((answer?, Some(answers))),
                Err(silent) => Some((Err(silent), None)),
            }
        }))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> Answer<'e, Option<PgRow>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let answer = self.0.fetch_optional(query);
        Box::pin(async move { unless_silent(ANYTHING, answer).await? })
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> Answer<'e, PgStatement>
    where
        'p: 'e,
    {
        let answer = self.0.prepare_with(sql, parameters);
        Box::pin(async move { unless_silent(ANYTHING, answer).await? })
    }
}
