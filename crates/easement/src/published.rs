//! What is published at the name of a key, from DNS or from a file.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use easement_outbound::SystemRandom;
use easement_outbound::dns::{Resolver, Resolvers};
use easement_zone::{Name, RecordData, RecordType};

use crate::console::NotValid;
use crate::named_file::cannot_read;

/// How long DNS may take.
const LIMIT: Duration = Duration::from_secs(10);
/// More lines than any key has.
const MAX_OCTETS: usize = 64 * 1024;

/// The texts of `TXT` records.
#[derive(Debug, Default)]
pub(crate) struct Published {
    /// At the name itself.
    pub(crate) texts: Vec<String>,
    /// At the name with the domain twice; only asked for when nothing is at the name itself.
    pub(crate) doubled: Vec<String>,
}

impl Published {
    /// Asks DNS.
    pub(crate) async fn ask(
        name: &Name,
        doubled: Option<&Name>,
        resolver: Option<SocketAddr>,
    ) -> anyhow::Result<Self> {
        let servers = resolver.map_or_else(Resolvers::of_system, Resolvers::from);
        let server = servers.first();
        let resolver = Resolver::new(servers, LIMIT, Arc::new(SystemRandom));
        let mut published = Self {
            texts: texts(&resolver, name, server).await?,
            doubled: Vec::new(),
        };
        if let Some(doubled) = doubled.filter(|_| published.texts.is_empty()) {
            published.doubled = texts(&resolver, doubled, server).await?;
        }
        Ok(published)
    }

    /// Reads texts from a file, one a line: bare, or in quotation marks as `dig +short` prints them, where a
    /// long text is several strings.
    pub(crate) fn from_file(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).map_err(cannot_read("the records", path))?;
        anyhow::ensure!(text.len() <= MAX_OCTETS, "{} is too long", path.display());
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let texts = lines.map(text_of_line).collect::<anyhow::Result<_>>();
        Ok(Self {
            texts: texts
                .with_context(|| format!("{} cannot be used", path.display()))
                .map_err(NotValid::mark)?,
            doubled: Vec::new(),
        })
    }
}

/// The text of one record.
fn text_of_line(line: &str) -> anyhow::Result<String> {
    if !line.starts_with('"') {
        return Ok(line.to_owned());
    }
    let data = RecordData::from_text(RecordType::TXT, line)
        .with_context(|| format!("{line:?} is not the text of a TXT record"))?;
    let text = data.text().unwrap_or_default();
    Ok(String::from_utf8_lossy(&text).into_owned())
}

async fn texts(
    resolver: &Resolver,
    name: &Name,
    server: SocketAddr,
) -> anyhow::Result<Vec<String>> {
    let answer = resolver.texts(name).await.with_context(|| {
        format!(
            "the resolver {server} gave no answer about {}",
            name.to_text()
        )
    })?;
    let texts = answer.texts.iter();
    Ok(texts
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect())
}
