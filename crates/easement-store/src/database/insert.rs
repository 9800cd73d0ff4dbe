//! Many rows in few statements.
//!
//! Each statement is a way to the database and back, and each number of rows another text of one, which both
//! databases have to prepare. So there are few lengths: what is too short for one is filled up with copies of
//! its last row but for the first value, which is nothing there, and the statement leaves those out.

use std::iter::repeat_n;

/// How many rows a statement has. 64 rows of 12 values stay far below what both databases take.
const LENGTHS: [usize; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

/// Writes rows in few statements: `insert_rows!(tx, "INSERT ...", rows, "ON CONFLICT ...", |row| [..])`
/// where the brackets hold one value a column, and the first is never nothing.
macro_rules! insert_rows {
    ($tx:expr, $insert:expr, $rows:expr, $rest:expr, |$row:ident| [$first:expr, $($value:expr),* $(,)?]) => {
        match $tx {
            $crate::database::On::Sqlite(tx) => $crate::database::insert_rows!(
                @on sqlx::Sqlite, tx, $insert, $rows, $rest, |$row| [$first, $($value),*]
            ),
            $crate::database::On::Postgres(tx) => $crate::database::insert_rows!(
                @on sqlx::Postgres, tx, $insert, $rows, $rest, |$row| [$first, $($value),*]
            ),
        }
    };
    (
        @on $database:ty, $tx:ident, $insert:expr, $rows:expr, $rest:expr,
        |$row:ident| [$first:expr, $($value:expr),*]
    ) => {
        async {
            for rows in $crate::database::padded($rows) {
                sqlx::QueryBuilder::<$database>::new($insert)
                    .push("SELECT * FROM (")
                    .push_values(rows, |mut values, (counts, $row)| {
                        values.push_bind(bool::then_some(counts, $first));
                        $(values.push_bind($value);)*
                    })
                    // The condition is needed besides: without one, SQLite takes what follows for a join.
                    .push(") AS new_rows WHERE column1 IS NOT NULL")
                    .push($rest)
                    .build()
                    .execute(&mut **$tx)
                    .await?;
            }
            Ok::<(), sqlx::Error>(())
        }
        .await
    };
}
pub(crate) use insert_rows;

/// Cuts rows into pieces, each filled up to one of few lengths. Says of each row whether it counts.
pub(crate) fn padded<T>(rows: &[T]) -> impl Iterator<Item = impl Iterator<Item = (bool, &T)>> {
    rows.chunks(MAX_ROWS).map(|piece| {
        let count = piece.len();
        let length = LENGTHS.into_iter().find(|length| *length >= count);
        let missing = length.unwrap_or(count).saturating_sub(count);
        let filling = piece.last().into_iter();
        let filling = filling.flat_map(move |last| repeat_n((false, last), missing));
        piece.iter().map(|row| (true, row)).chain(filling)
    })
}

/// The most rows in one statement.
const MAX_ROWS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_into_few_lengths_and_filled_up() {
        for count in 0..200 {
            let rows: Vec<usize> = (0..count).collect();
            let mut back = Vec::new();
            for piece in padded(&rows) {
                let piece: Vec<(bool, &usize)> = piece.collect();
                let real = piece.iter().filter(|(counts, _)| *counts);
                let real: Vec<usize> = real.map(|(_, row)| **row).collect();
                assert!(LENGTHS.contains(&piece.len()), "{count}");
                assert!(piece.len() - real.len() <= real.len() / 2, "{count}");
                back.extend(real);
            }
            assert_eq!(back, rows);
        }
    }
}
