//! What an answer costs without sockets.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use easement_dns::{Batch, Transport, answer};
use easement_zone::{HostedZones, ZoneSnapshot};

use crate::{client, names};

const QUERIES: u64 = 1 << 18;
const PASSES: u32 = 5;

/// Prints the nanoseconds of an answer, the least of several passes.
pub(crate) fn measure(count: u32) -> Result<(), Box<dyn Error>> {
    let zones = HostedZones::new();
    zones.publish(ZoneSnapshot::new(names::zone(count)?, 1));
    let queries: Vec<Vec<u8>> = (0..QUERIES)
        .map(|choice| client::query(count, choice))
        .collect::<Result<_, _>>()?;
    let mut out = Vec::new();
    let alone = least(|| {
        for query in &queries {
            black_box(answer(query, &zones, Transport::Udp, &mut out));
        }
    });
    let mut batch = Batch::new();
    let together = least(|| {
        for queries in queries.chunks(Batch::SIZE) {
            let messages: Vec<&[u8]> = queries.iter().map(Vec::as_slice).collect();
            black_box(batch.answer(&messages, &zones));
        }
    });
    let size = Batch::SIZE;
    println!("{count} names: {alone:.0} ns an answer alone, {together:.0} ns in batches of {size}");
    Ok(())
}

fn least(mut pass: impl FnMut()) -> f64 {
    let passes = (0..PASSES).map(|_| {
        let start = Instant::now();
        pass();
        start.elapsed().as_secs_f64() * 1e9
    });
    let queries = f64::from(u32::try_from(QUERIES).unwrap_or(u32::MAX));
    passes.fold(f64::INFINITY, f64::min) / queries
}
