//! What an answer costs without sockets.

use std::hint::black_box;
use std::time::Instant;

use easement_dns::{Batch, Transport, answer};
use easement_zone::{
    ChangeSet, HostedZones, RecordData, RecordSet, RecordType, Ttl, Zone, ZoneSnapshot,
};

use crate::Failure;
use crate::data::{Data, Edns, label, mix};

const QUERIES: u64 = 1 << 18;
const PASSES: u32 = 5;
const CHANGES: u32 = 20_000;

/// Prints the nanoseconds of an answer, the least of several passes.
pub(crate) fn measure(count: u32) -> Result<(), Failure> {
    let zones = HostedZones::new();
    let data = Data::Names(count);
    let zone = data.zone(0)?;
    println!("{count} names: {:.1} us a change", changes(&zone)?);
    zones.publish(ZoneSnapshot::new(zone, 1));
    let queries: Vec<Vec<u8>> = (0..QUERIES)
        .map(|choice| data.query(choice, Edns::Without))
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
fn changes(zone: &Zone) -> Result<f64, Failure> {
    let mut zone = zone.clone();
    let names = u64::try_from(zone.name_count())?;
    let start = Instant::now();
    for choice in 0..u64::from(CHANGES) {
        let number = u32::try_from(mix(choice) % names.max(1))?;
        let owner = zone.apex().child(&label(number))?;
        let before = zone.get(&owner, RecordType::A);
        let address = RecordData::a(std::net::Ipv4Addr::from(!number));
        let after = RecordSet::single(owner, Ttl::HOUR, address);
        let mut change = ChangeSet::new();
        change.record(before, Some(after));
        zone = zone.apply(&change)?;
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / f64::from(CHANGES))
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
