//! The demo's zones.

use domain_connect::SignError;
use easement_zone::zonefile::{self, ReadOptions, ZoneFileErrors};
use easement_zone::{
    ApplyError, Name, NameError, RecordData, RecordSet, RecordSetError, RecordType, Serial, Soa,
    Ttl, Violation, Zone, ZoneBuilder,
};

use super::Links;
use super::links::{KEY_LABEL, OFFERS};

/// The zone that the demo's account owns.
pub const OWNED_APEX: &str = "example.test";
/// A zone that somebody else owns.
pub const NEIGHBOUR_APEX: &str = "neighbour.test";

/// A zone of the demo, and who owns it.
#[derive(Debug)]
pub enum DemoZone {
    /// The demo's account does.
    Owned(Zone),
    /// Somebody else does.
    Neighbour(Zone),
    /// A service provider does: its signing key is published there.
    ServiceProvider(Zone),
}

/// All zones of the demo; the service providers' hold the public part of their key.
pub fn demo_zones(links: &Links) -> Result<Vec<DemoZone>, DemoZoneError> {
    let key_records = links.public_records()?;
    let mut zones = vec![
        DemoZone::Owned(read(include_str!("../../demo/zones/example.test.zone"))?),
        DemoZone::Neighbour(read(include_str!("../../demo/zones/neighbour.test.zone"))?),
    ];
    let mut providers: Vec<&str> = OFFERS.iter().map(|offer| offer.provider).collect();
    providers.dedup();
    for provider in providers {
        zones.push(DemoZone::ServiceProvider(provider_zone(
            provider,
            &key_records,
        )?));
    }
    Ok(zones)
}

fn read(text: &str) -> Result<Zone, DemoZoneError> {
    Ok(zonefile::read(text, &ReadOptions::default())?.zone)
}

/// A service provider's zone: its name server, and its key in fragments.
fn provider_zone(provider: &str, key_records: &[String]) -> Result<Zone, DemoZoneError> {
    let apex: Name = provider.parse()?;
    let server = apex.child("ns1")?;
    let soa = Soa::new(server.clone(), apex.child("hostmaster")?, Serial::new(1));
    let mut builder = ZoneBuilder::new(apex.clone());
    builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, soa.to_data()))?;
    let name_server = RecordData::name(RecordType::NS, &server);
    builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, name_server))?;
    let address = RecordData::a([203, 0, 113, 53].into());
    builder.insert(RecordSet::single(server, Ttl::HOUR, address))?;
    let key = key_records
        .iter()
        .map(|text| RecordData::txt(text.as_bytes()))
        .collect::<Result<Vec<_>, _>>()?;
    builder.insert(RecordSet::new(apex.child(KEY_LABEL)?, Ttl::HOUR, key)?)?;
    Ok(builder.finish()?)
}

/// Why a zone of the demo could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoZoneError {
    /// A name is not one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The data of a record is not valid.
    #[error(transparent)]
    Data(#[from] easement_zone::DataError),
    /// Records do not make a set.
    #[error(transparent)]
    Set(#[from] RecordSetError),
    /// A record cannot be in the zone.
    #[error(transparent)]
    Record(#[from] Violation),
    /// The zone breaks a rule.
    #[error(transparent)]
    Zone(#[from] ApplyError),
    /// A zone file cannot be read.
    #[error(transparent)]
    File(#[from] ZoneFileErrors),
    /// The key cannot be published.
    #[error(transparent)]
    Key(#[from] SignError),
}

#[cfg(test)]
mod tests {
    use super::super::load_or_make_key;
    use super::*;

    #[test]
    fn every_zone_of_the_demo_can_be_served() {
        let folder = tempfile::tempdir().unwrap();
        let key = load_or_make_key(&folder.path().join("key")).unwrap();
        let links = Links::new(key, "http://127.0.0.1:8080", "http://127.0.0.1:8081/");
        let zones = demo_zones(&links).unwrap();
        assert_eq!(zones.len(), 6);
        for zone in zones {
            let DemoZone::ServiceProvider(zone) = zone else {
                continue;
            };
            let key = zone.apex().child(KEY_LABEL).unwrap();
            assert!(zone.get(&key, RecordType::TXT).is_some(), "{}", zone.apex());
        }
    }

    #[test]
    fn every_template_of_the_demo_can_be_read() {
        for text in super::super::TEMPLATES {
            domain_connect::Template::from_json(text).unwrap();
        }
    }
}
