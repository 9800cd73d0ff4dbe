//! What an answer costs without sockets.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use easement_dns::{Batch, Transport, answer};
use easement_zone::{
    ChangeSet, HostedZones, RecordData, RecordSet, RecordType, Ttl, Zone, ZoneSnapshot,
};

use crate::{client, names};

const QUERIES: u64 = 1 << 18;
const PASSES: u32 = 5;
const CHANGES: u32 = 20_000;

/// Prints the nanoseconds of an answer, the least of several passes.
pub(crate) fn measure(count: u32) -> Result<(), Box<dyn Error>> {
    let zones = HostedZones::new();
    let zone = names::zone(count)?;
    println!("{count} names: {:.1} us a change", changes(&zone)?);
    zones.publish(ZoneSnapshot::new(zone, 1));
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

/// The microseconds of changing one address, one change after the other.
fn changes(zone: &Zone) -> Result<f64, Box<dyn Error>> {
    let mut zone = zone.clone();
    let names = u64::try_from(zone.name_count())?;
    let start = Instant::now();
    for choice in 0..u64::from(CHANGES) {
        let number = u32::try_from(names::mix(choice) % names.max(1))?;
        let owner = zone.apex().child(&names::label(number))?;
        let before = zone.get(&owner, RecordType::A);
        let address = RecordData::a(std::net::Ipv4Addr::from(!number));
        let after = RecordSet::single(owner, Ttl::HOUR, address);
        let mut change = ChangeSet::new();
        change.record(before, Some(after));
        zone = zone.apply(&change)?;
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / f64::from(CHANGES))
}

/// Prints what many small zones take to be served, and what of memory.
pub(crate) fn measure_zones(count: u32) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let snapshots = (0..count)
        .map(|number| {
            let apex = format!("{}.test", names::label(number)).parse()?;
            Ok(ZoneSnapshot::new(names::zone_at(&apex, 10)?, 1))
        })
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let built = start.elapsed().as_millis();
    let start = Instant::now();
    let zones = HostedZones::new();
    zones.publish_all(snapshots);
    let published = start.elapsed().as_millis();
    let memory = std::fs::read_to_string("/proc/self/status")?;
    let memory = memory.lines().find(|line| line.starts_with("VmRSS"));
    println!(
        "{count} zones of 10 hosts: {built} ms to build, {published} ms to publish, {}",
        memory.unwrap_or_default()
    );
    black_box(zones);
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
