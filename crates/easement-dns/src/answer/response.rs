//! Writing an answer within its limit.

use easement_zone::{PackedSet, RecordType, Ttl};

use super::edns::MAX_UDP_OCTETS;
use super::identity::IdentityText;
use super::query::{Envelope, HEADER_OCTETS};
use super::reply::ReplyOptions;
use super::{Rcode, Transport};

/// The octets of an `OPT` record without options.
const OPT_OCTETS: usize = 11;
/// The octets of a compression pointer.
const POINTER_OCTETS: usize = 2;
/// The octets of a record between its owner and its data.
const FIXED_OCTETS: usize = 10;
/// The first offset that a compression pointer cannot hold (RFC 1035 section 4.1.4).
const POINTER_END: usize = 0x4000;

/// An answer that is being written.
///
/// Record sets are written whole or not at all. Room for the `OPT` record is kept from the start.
#[derive(Debug)]
pub(super) struct Response<'b, 'o> {
    out: &'b mut Vec<u8>,
    limit: usize,
    questions: u16,
    opt: Option<Opt<'o>>,
    is_authoritative: bool,
    is_truncated: bool,
    counts: [u16; 3],
}

/// The `OPT` record of an answer.
#[derive(Clone, Copy, Debug)]
struct Opt<'o> {
    wants_dnssec: bool,
    options: ReplyOptions<'o>,
}

/// A section of the message after the question.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Section {
    Answer,
    Authority,
    Additional,
}

/// There was no room for a record set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Full;

impl<'b, 'o> Response<'b, 'o> {
    // Construct

    /// Begins with the header and the question.
    pub(super) fn start(
        out: &'b mut Vec<u8>,
        envelope: &Envelope<'_>,
        transport: Transport,
        options: ReplyOptions<'o>,
    ) -> Self {
        let opt = envelope.edns.map(|edns| Opt {
            wants_dnssec: edns.wants_dnssec,
            options,
        });
        let reserved = opt.map_or(0, |opt| OPT_OCTETS + opt.options.octets());
        out.clear();
        out.extend_from_slice(envelope.header);
        out.extend_from_slice(envelope.question);
        Self {
            out,
            limit: envelope.limit(transport) - reserved,
            questions: u16::from(!envelope.question.is_empty()),
            opt,
            is_authoritative: false,
            is_truncated: false,
            counts: [0; 3],
        }
    }

    // Query

    /// The octets of a name in the message.
    pub(super) fn name(&self, name: NameAt) -> &[u8] {
        self.out.get(name.start..name.end).unwrap_or_default()
    }

    /// The ending of a name that has so many labels.
    pub(super) fn ending(&self, name: NameAt, labels: usize) -> NameAt {
        let octets = self.name(name);
        let mut starts = Vec::with_capacity(16);
        let mut at = 0;
        while let Some(length) = octets.get(at).filter(|length| **length > 0) {
            starts.push(at);
            at += 1 + usize::from(*length);
        }
        let skipped = starts.len().saturating_sub(labels);
        NameAt {
            start: name.start + starts.get(skipped).copied().unwrap_or(at),
            end: name.end,
        }
    }

    // Change

    pub(super) fn set_authoritative(&mut self) {
        self.is_authoritative = true;
    }

    /// Tells the client to ask again over TCP.
    pub(super) fn set_truncated(&mut self) {
        self.is_truncated = true;
    }

    /// Adds a record set, and gives back where it begins.
    pub(super) fn push_set(
        &mut self,
        section: Section,
        owner: NameAt,
        set: PackedSet<'_>,
    ) -> Result<PushedSet, Full> {
        let start = self.out.len();
        let pointer = owner.pointer();
        let records = usize::from(set.count());
        let owners = owner.octets_written() * records;
        let octets = set.packed().len() + owners - POINTER_OCTETS * records;
        if start + octets > self.limit {
            return Err(Full);
        }
        match pointer {
            Some([0xc0, 0x0c]) => self.out.extend_from_slice(set.packed()),
            Some(pointer) => {
                for record in set.records() {
                    self.out.extend_from_slice(&pointer);
                    self.out
                        .extend_from_slice(record.get(POINTER_OCTETS..).unwrap_or_default());
                }
            }
            None => {
                for record in set.records() {
                    self.out.extend_from_within(owner.start..owner.end);
                    self.out
                        .extend_from_slice(record.get(POINTER_OCTETS..).unwrap_or_default());
                }
            }
        }
        self.count(section, set.count());
        let owner_octets = owner.octets_written();
        Ok(PushedSet {
            start,
            owner_octets,
        })
    }

    /// Adds the one record of a set with another TTL.
    pub(super) fn push_with_ttl(
        &mut self,
        section: Section,
        owner: NameAt,
        set: PackedSet<'_>,
        ttl: Ttl,
    ) -> Result<(), Full> {
        let pushed = self.push_set(section, owner, set)?;
        let at = pushed.start + pushed.owner_octets + 4;
        if let Some(octets) = self.out.get_mut(at..at + 4) {
            octets.copy_from_slice(&ttl.as_secs().to_be_bytes());
        }
        Ok(())
    }

    /// Adds a `CNAME` record that no zone holds, and gives back where its target stands.
    pub(super) fn push_alias(
        &mut self,
        owner: NameAt,
        ttl: Ttl,
        target: &[u8],
    ) -> Result<NameAt, Full> {
        let pointer = owner.pointer();
        if self.out.len() + owner.octets_written() + FIXED_OCTETS + target.len() > self.limit {
            return Err(Full);
        }
        match pointer {
            Some(pointer) => self.out.extend_from_slice(&pointer),
            None => self.out.extend_from_within(owner.start..owner.end),
        }
        let length = u16::try_from(target.len()).map_err(|_| Full)?;
        self.out
            .extend_from_slice(&RecordType::CNAME.number().to_be_bytes());
        self.out.extend_from_slice(&[0, 1]);
        self.out.extend_from_slice(&ttl.as_secs().to_be_bytes());
        self.out.extend_from_slice(&length.to_be_bytes());
        let start = self.out.len();
        self.out.extend_from_slice(target);
        self.count(Section::Answer, 1);
        Ok(NameAt {
            start,
            end: self.out.len(),
        })
    }

    /// Adds a text of class `CH` at the name of the question, not to be cached.
    pub(super) fn push_chaos(&mut self, text: &IdentityText) -> Result<(), Full> {
        let text = text.as_str().as_bytes();
        let length = u8::try_from(text.len()).map_err(|_| Full)?;
        if self.out.len() + POINTER_OCTETS + FIXED_OCTETS + 1 + text.len() > self.limit {
            return Err(Full);
        }
        self.out.extend_from_slice(&[0xc0, 0x0c]);
        self.out
            .extend_from_slice(&RecordType::TXT.number().to_be_bytes());
        self.out
            .extend_from_slice(&[0, 3, 0, 0, 0, 0, 0, length + 1, length]);
        self.out.extend_from_slice(text);
        self.count(Section::Answer, 1);
        Ok(())
    }

    /// Completes the header and adds the `OPT` record.
    pub(super) fn finish(self, rcode: Rcode) -> Rcode {
        let number = rcode.number();
        let [answer, authority, mut additional] = self.counts;
        if let Some(Opt {
            wants_dnssec,
            options,
        }) = self.opt
        {
            additional += 1;
            let [_, extended] = (number >> 4).to_be_bytes();
            let dnssec_ok = if wants_dnssec { 0x80 } else { 0 };
            let [p1, p2] = MAX_UDP_OCTETS.to_be_bytes();
            // The options are short.
            let length = u16::try_from(options.octets()).unwrap_or_default();
            let [l1, l2] = length.to_be_bytes();
            self.out
                .extend_from_slice(&[0, 0, 41, p1, p2, extended, 0, dnssec_ok, 0, l1, l2]);
            options.write(self.out);
        }
        let [_, low] = number.to_be_bytes();
        let counts = [self.questions, answer, authority, additional];
        let Some(header) = self.out.first_chunk_mut::<HEADER_OCTETS>() else {
            return rcode;
        };
        let [_, _, upper, lower, sections @ ..] = header;
        // The operation and RD are sent back; CD too, as most servers do; RA and AD are never set.
        *upper = 0x80 | (*upper & 0x79);
        *upper |= if self.is_authoritative { 0x04 } else { 0 };
        *upper |= if self.is_truncated { 0x02 } else { 0 };
        *lower = (*lower & 0x10) | (low & 0x0f);
        for (section, count) in sections.chunks_exact_mut(2).zip(counts) {
            section.copy_from_slice(&count.to_be_bytes());
        }
        rcode
    }

    fn count(&mut self, section: Section, records: u16) {
        let [answer, authority, additional] = &mut self.counts;
        *match section {
            Section::Answer => answer,
            Section::Authority => authority,
            Section::Additional => additional,
        } += records;
    }
}

//------------ PushedSet -------------------------------------------------------------------------

/// Where a record set was put.
#[derive(Clone, Copy, Debug)]
pub(super) struct PushedSet {
    start: usize,
    owner_octets: usize,
}

impl PushedSet {
    /// The name that the data of each record ends with, after its first `skip` octets.
    pub(super) fn targets(
        self,
        set: PackedSet<'_>,
        skip: usize,
    ) -> impl Iterator<Item = NameAt> + '_ {
        let mut at = self.start;
        set.wire_data().map(move |data| {
            let start = at + self.owner_octets + FIXED_OCTETS;
            at = start + data.len();
            NameAt {
                start: (start + skip).min(at),
                end: at,
            }
        })
    }
}

//------------ NameAt ----------------------------------------------------------------------------

/// A name that stands in the message without compression: the question's, or one in record data.
///
/// Owners of records are always such names or their endings, so that a pointer replaces them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NameAt {
    start: usize,
    end: usize,
}

impl NameAt {
    /// The name in the question.
    pub(super) fn question(name: &[u8]) -> Self {
        Self {
            start: HEADER_OCTETS,
            end: HEADER_OCTETS + name.len(),
        }
    }

    /// The ending of this name that has so many octets.
    #[must_use]
    pub(super) fn ending(self, octets: usize) -> Self {
        Self {
            start: self.end.saturating_sub(octets).max(self.start),
            end: self.end,
        }
    }

    /// The labels before an ending of this name.
    #[must_use]
    pub(super) fn before(self, ending: Self) -> Self {
        Self {
            start: self.start,
            end: ending.start.clamp(self.start, self.end),
        }
    }

    /// How many octets it takes as the owner of a record.
    fn octets_written(self) -> usize {
        self.pointer()
            .map_or(self.end - self.start, |pointer| pointer.len())
    }

    fn pointer(self) -> Option<[u8; 2]> {
        let offset = u16::try_from(self.start).ok()?;
        (self.start < POINTER_END).then(|| (offset | 0xc000).to_be_bytes())
    }
}
