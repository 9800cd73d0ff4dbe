//! The data of a record set as one column.
//!
//! Each record is two octets of length and its wire form. The octets come back exactly as they were,
//! so data of types that this version does not know survives.

use easement_zone::{Name, RecordData, RecordSet, RecordType, Ttl};

/// The column of these records.
pub(crate) fn pack(set: &RecordSet) -> Vec<u8> {
    let octets = set.data().iter().map(|data| 2 + data.as_wire().len()).sum();
    let mut packed = Vec::with_capacity(octets);
    for data in set.data() {
        // Record data has at most 65535 octets.
        let length = u16::try_from(data.as_wire().len()).unwrap_or(u16::MAX);
        packed.extend(length.to_be_bytes());
        packed.extend_from_slice(data.as_wire());
    }
    packed
}

/// The record set whose column this is.
pub(crate) fn unpack(
    owner: &Name,
    rtype: RecordType,
    ttl: i64,
    packed: &[u8],
) -> Result<RecordSet, UnpackError> {
    let ttl = unpack_ttl(ttl)?;
    let read = |wire: Result<&[u8], UnpackError>| {
        RecordData::from_wire(rtype, wire?).map_err(|error| UnpackError::Data(error.to_string()))
    };
    let data: Vec<RecordData> = split(packed).map(read).collect::<Result<_, _>>()?;
    RecordSet::new(owner.clone(), ttl, data).map_err(|error| UnpackError::Data(error.to_string()))
}

pub(crate) fn unpack_ttl(seconds: i64) -> Result<Ttl, UnpackError> {
    u32::try_from(seconds)
        .ok()
        .and_then(|seconds| Ttl::from_secs(seconds).ok())
        .ok_or(UnpackError::Ttl { seconds })
}

/// The wire form of each record of a column, until one is cut off.
pub(crate) fn split(mut packed: &[u8]) -> impl Iterator<Item = Result<&[u8], UnpackError>> {
    std::iter::from_fn(move || {
        if packed.is_empty() {
            return None;
        }
        let record = packed.split_first_chunk().and_then(|(length, rest)| {
            rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
        });
        let (wire, rest) = record.unwrap_or_default();
        packed = rest;
        Some(record.map(|_| wire).ok_or(UnpackError::Truncated))
    })
}

/// Why a column is not a record set.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum UnpackError {
    #[error("{seconds} is not a TTL")]
    Ttl { seconds: i64 },
    #[error("the data ends within a record")]
    Truncated,
    #[error("{0}")]
    Data(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Name {
        Name::from_wire(b"\x03\x00\xff.\x04Test\x00").unwrap()
    }

    #[test]
    fn any_octets_come_back() {
        let rtype = RecordType::from_number(65_280);
        let long = vec![7; 65_535];
        let data = [b"".as_slice(), b"\x00\x01\xff", &long]
            .map(|wire| RecordData::from_wire(rtype, wire).unwrap());
        let set = RecordSet::new(owner(), Ttl::HOUR, data).unwrap();
        let again = unpack(&owner(), rtype, 3600, &pack(&set)).unwrap();
        assert_eq!(again, set);
    }

    #[test]
    fn a_damaged_column_is_noticed() {
        let packed = pack(&RecordSet::single(
            owner(),
            Ttl::HOUR,
            RecordData::a([192, 0, 2, 1].into()),
        ));
        for cut in 0..packed.len() {
            assert!(
                unpack(&owner(), RecordType::A, 3600, &packed[..cut]).is_err(),
                "{cut}"
            );
        }
        assert!(unpack(&owner(), RecordType::A, -1, &packed).is_err());
        assert!(unpack(&owner(), RecordType::A, 1 << 31, &packed).is_err());
    }
}
