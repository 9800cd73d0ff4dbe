//! What a server answered, with every section.

use domain::base::iana::Rcode as WireRcode;
use domain::base::message::RecordSection;
use domain::base::rdata::ComposeRecordData as _;
use domain::base::{Message, ParsedName};
use domain::rdata::AllRecordData;
use easement_zone::{Name, Record, RecordData, RecordType};

use super::LookupError;
use super::message::to_name;

/// The most records of a section that are looked at.
const MAX_RECORDS: usize = 256;

/// An answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// How it went.
    pub code: Code,
    /// Whether the server has the zone itself.
    pub authoritative: bool,
    /// Whether the server finds answers elsewhere.
    pub recursion_available: bool,
    /// The answer section.
    pub answers: Vec<Record>,
    /// The authority section.
    pub authority: Vec<Record>,
    /// The additional section, without what speaks of the message itself.
    pub additional: Vec<Record>,
}

/// How it went, as the server says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Code {
    /// Well.
    NoError,
    /// There is no such name.
    NxDomain,
    /// Anything else, by its name.
    Other(String),
}

impl Answer {
    /// Reads a message. Records of classes other than IN are passed over.
    pub(super) fn read(octets: &[u8]) -> Result<Self, LookupError> {
        let malformed = |_| LookupError::Malformed;
        let message = Message::from_octets(octets).map_err(malformed)?;
        let header = message.header();
        let additional = message.additional().map_err(|_| LookupError::Malformed)?;
        Ok(Self {
            code: match header.rcode() {
                WireRcode::NOERROR => Code::NoError,
                WireRcode::NXDOMAIN => Code::NxDomain,
                other => Code::Other(other.to_string()),
            },
            authoritative: header.aa(),
            recursion_available: header.ra(),
            answers: records(message.answer().map_err(|_| LookupError::Malformed)?)?,
            authority: records(message.authority().map_err(|_| LookupError::Malformed)?)?,
            additional: records(additional)?,
        })
    }

    /// What the answer section says at a name.
    pub fn data_at(&self, name: &Name, rtype: RecordType) -> Vec<&RecordData> {
        data_at(&self.answers, name, rtype)
    }

    /// What the authority section says at a name.
    pub fn authority_at(&self, name: &Name, rtype: RecordType) -> Vec<&RecordData> {
        data_at(&self.authority, name, rtype)
    }
}

fn data_at<'a>(records: &'a [Record], name: &Name, rtype: RecordType) -> Vec<&'a RecordData> {
    records
        .iter()
        .filter(|record| record.owner == *name && record.data.rtype() == rtype)
        .map(|record| &record.data)
        .collect()
}

fn records(section: RecordSection<'_, &[u8]>) -> Result<Vec<Record>, LookupError> {
    let malformed = |_| LookupError::Malformed;
    let mut records = Vec::new();
    for parsed in section.into_records::<AllRecordData<&[u8], ParsedName<&[u8]>>>() {
        let parsed = parsed.map_err(malformed)?;
        let rtype = RecordType::from_number(parsed.rtype().to_int());
        if parsed.class() != domain::base::iana::Class::IN || rtype == RecordType::OPT {
            continue;
        }
        if records.len() == MAX_RECORDS {
            return Err(LookupError::TooLarge);
        }
        let mut wire: Vec<u8> = Vec::new();
        // Appending to a vector cannot fail.
        let _ = parsed.data().compose_rdata(&mut wire);
        let data = RecordData::from_wire(rtype, &wire).map_err(|_| LookupError::Malformed)?;
        let owner = to_name(parsed.owner()).ok_or(LookupError::Malformed)?;
        records.push(Record { owner, data });
    }
    Ok(records)
}
