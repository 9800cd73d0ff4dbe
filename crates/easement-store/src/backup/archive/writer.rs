//! Writing a backup.

use std::fmt::Write as _;
use std::io::{self, Write};

use aws_lc_rs::digest::{Context, SHA256};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::format::Trailer;
use super::{BackupSummary, Header, TableHead, Value};

/// A backup that is being written. It is whole once [`Self::finish`] returned.
pub(crate) struct ArchiveWriter<W: Write> {
    out: GzEncoder<W>,
    digest: Context,
    line: Vec<u8>,
    summary: BackupSummary,
}

impl<W: Write> ArchiveWriter<W> {
    pub(crate) fn begin(out: W, header: &Header) -> io::Result<Self> {
        let mut writer = Self {
            // The processor is shared with the server: the fastest level makes it twice as large only.
            out: GzEncoder::new(out, Compression::fast()),
            digest: Context::new(&SHA256),
            line: Vec::new(),
            summary: BackupSummary::new(header),
        };
        writer.write(header)?;
        Ok(writer)
    }

    pub(crate) fn begin_table(&mut self, head: &TableHead) -> io::Result<()> {
        self.summary.begin_table(&head.table);
        self.write(head)
    }

    pub(crate) fn write_row(&mut self, row: &[Value]) -> io::Result<()> {
        self.summary.count_row();
        self.write(&row)
    }

    /// Writes the end, and gives what it was written to back.
    pub(crate) fn finish(mut self) -> io::Result<(W, BackupSummary)> {
        let trailer = Trailer {
            rows: self.summary.rows(),
            sha256: hex(self.digest.clone().finish().as_ref()),
        };
        self.write(&trailer)?;
        let mut out = self.out.finish()?;
        out.flush()?;
        Ok((out, self.summary))
    }

    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.line.push(b'\n');
        self.digest.update(&self.line);
        self.out.write_all(&self.line)
    }
}

/// Octets in hexadecimal digits.
pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        // Writing to text does not fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}
