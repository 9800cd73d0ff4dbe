//! Reading a backup. Nothing in it is trusted before its end was seen.

use std::io::{self, BufRead, BufReader, Read};

use aws_lc_rs::digest::{Context, SHA256};
use flate2::bufread::GzDecoder;
use serde::de::DeserializeOwned;

use super::format::Trailer;
use super::writer::hex;
use super::{BackupSummary, FORMAT, Header, TableHead, Value};

/// The longest line. The largest row that a database of ours can hold is far shorter; a file of another
/// kind may have no line end at all.
const MAX_LINE_OCTETS: u64 = 256 * 1024 * 1024;
/// The first octets of everything that gzip made.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A backup that is being read.
pub(crate) struct ArchiveReader<R: Read> {
    lines: BufReader<GzDecoder<BufReader<R>>>,
    digest: Context,
    header: Header,
    table: Option<TableHead>,
    summary: BackupSummary,
    number: u64,
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Item {
    /// A table begins.
    Table(TableHead),
    /// A row of the table that began last, with as many values as that has columns.
    Row(Vec<Value>),
    /// The backup is whole, and ends here.
    End,
}

impl<R: Read> ArchiveReader<R> {
    pub(crate) fn open(file: R) -> Result<Self, ArchiveError> {
        let mut file = BufReader::new(file);
        if !file.fill_buf()?.starts_with(&GZIP) {
            return Err(ArchiveError::Foreign);
        }
        let mut lines = BufReader::new(GzDecoder::new(file));
        let line = read_line(&mut lines)?.ok_or(ArchiveError::Foreign)?;
        let header = read_header(&line)?;
        let mut digest = Context::new(&SHA256);
        digest.update(&line);
        Ok(Self {
            lines,
            digest,
            summary: BackupSummary::new(&header),
            header,
            table: None,
            number: 1,
        })
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// What was read so far.
    pub(crate) fn summary(&self) -> &BackupSummary {
        &self.summary
    }

    /// Reads on. To be called until it says that this is the end.
    pub(crate) fn next(&mut self) -> Result<Item, ArchiveError> {
        let line = read_line(&mut self.lines)?.ok_or(ArchiveError::CutOff)?;
        self.number += 1;
        if line.first() == Some(&b'[') {
            let row = self.read_row(&line)?;
            self.digest.update(&line);
            self.summary.count_row();
            return Ok(Item::Row(row));
        }
        if line.starts_with(b"{\"rows\"") {
            return self.read_end(&line);
        }
        let head: TableHead = self.parse(&line)?;
        self.digest.update(&line);
        self.summary.begin_table(&head.table);
        self.table = Some(head.clone());
        Ok(Item::Table(head))
    }

    fn read_row(&self, line: &[u8]) -> Result<Vec<Value>, ArchiveError> {
        let nonsense = |reason: &str| ArchiveError::Nonsense {
            line: self.number,
            reason: reason.to_owned(),
        };
        let table = self.table.as_ref();
        let table = table.ok_or_else(|| nonsense("a row comes before any table"))?;
        let values: Vec<serde_json::Value> = self.parse(line)?;
        if values.len() != table.columns.len() {
            return Err(nonsense(
                "a row has more or fewer values than its table has columns",
            ));
        }
        let values = values.into_iter().zip(&table.columns);
        values
            .map(|(value, column)| {
                Value::from_json(value, column.kind).ok_or_else(|| {
                    let column = &column.name;
                    nonsense(&format!(
                        "the column {column} holds what does not belong there"
                    ))
                })
            })
            .collect()
    }

    fn read_end(&mut self, line: &[u8]) -> Result<Item, ArchiveError> {
        let trailer: Trailer = self.parse(line)?;
        let digest = hex(self.digest.clone().finish().as_ref());
        if trailer.sha256 != digest || trailer.rows != self.summary.rows() {
            return Err(ArchiveError::Changed);
        }
        // Also lets gzip check its own sum.
        if read_line(&mut self.lines)?.is_some() {
            return Err(ArchiveError::Changed);
        }
        let rest = self.lines.get_mut().get_mut().fill_buf()?;
        if rest.is_empty() {
            Ok(Item::End)
        } else {
            Err(ArchiveError::Changed)
        }
    }

    fn parse<T: DeserializeOwned>(&self, line: &[u8]) -> Result<T, ArchiveError> {
        serde_json::from_slice(line).map_err(|error| ArchiveError::Nonsense {
            line: self.number,
            reason: error.to_string(),
        })
    }
}

/// The next line with its end; nothing at the end of the file.
fn read_line(lines: &mut impl BufRead) -> Result<Option<Vec<u8>>, ArchiveError> {
    let mut line = Vec::new();
    lines.take(MAX_LINE_OCTETS).read_until(b'\n', &mut line)?;
    match line.last() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(line)),
        Some(_) => Err(ArchiveError::CutOff),
    }
}

/// Which version the format has is looked at first: another one may have other fields.
fn read_header(line: &[u8]) -> Result<Header, ArchiveError> {
    let value: serde_json::Value =
        serde_json::from_slice(line).map_err(|_| ArchiveError::Foreign)?;
    let format = value
        .get("easement_backup")
        .and_then(serde_json::Value::as_u64);
    match format {
        Some(FORMAT) => serde_json::from_value(value).map_err(|error| ArchiveError::Nonsense {
            line: 1,
            reason: error.to_string(),
        }),
        Some(format) => Err(ArchiveError::OtherFormat { format }),
        None => Err(ArchiveError::Foreign),
    }
}

//------------ ArchiveError ----------------------------------------------------------------------

/// Why a file is not used as a backup.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is something else.
    #[error("this is not a backup that `easement backup` made")]
    Foreign,
    /// It was made by a newer version of this program.
    #[error(
        "the backup has format {format}, and this version of Easement reads format {FORMAT}: use the \
         version that made it, or a newer one"
    )]
    OtherFormat {
        /// The version of its format.
        format: u64,
    },
    /// Its end is missing.
    #[error("the backup ends early: it was cut off, so use another copy of it")]
    CutOff,
    /// It is not what was written.
    #[error("the backup was changed or damaged since it was made: use another copy of it")]
    Changed,
    /// A line of it makes no sense.
    #[error("line {line} of the backup makes no sense: {reason}. Use another copy of it")]
    Nonsense {
        /// Which one.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The file cannot be read.
    #[error("the backup cannot be read: {0}")]
    Unreadable(#[source] io::Error),
}

impl From<io::Error> for ArchiveError {
    /// What gzip does not like was cut off or changed; everything else is the machine's.
    fn from(error: io::Error) -> Self {
        let kind = error.kind();
        if kind == io::ErrorKind::UnexpectedEof {
            Self::CutOff
        } else if matches!(
            kind,
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        ) {
            Self::Changed
        } else {
            Self::Unreadable(error)
        }
    }
}
