//! A name on its way into a zone, in room that is used again for the next one.

use super::Node;
use super::node::{SET_HEADER_OCTETS, set_header, write_name, write_record};
use crate::{RecordData, RecordType, Ttl};

/// One name whose records come one after the other. Millions of names are read when a server starts,
/// so nothing is allocated for each record.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeDraft {
    /// What the node will consist of; nothing before the first name.
    octets: Vec<u8>,
    /// The labels of the name as they were written first.
    labels: Vec<u8>,
    last: Option<LastSet>,
}

/// The set that the next record may still join.
#[derive(Clone, Copy, Debug)]
struct LastSet {
    /// Where its header begins.
    start: usize,
    /// Where the data of its last record begins.
    data: usize,
    rtype: RecordType,
    ttl: Ttl,
    count: u16,
}

impl NodeDraft {
    /// Adds a record to this name, and says whether it could: records must come by type, and in
    /// canonical order, and those of one type must have one TTL.
    pub(super) fn add(&mut self, labels: &[u8], rtype: RecordType, ttl: Ttl, data: &[u8]) -> bool {
        // Length octets are below the letters, so only letters are folded.
        if self.octets.is_empty() || !self.labels.eq_ignore_ascii_case(labels) {
            return false;
        }
        let set = match self.last {
            Some(last) if last.rtype > rtype => return false,
            Some(last) if last.rtype == rtype => {
                if last.ttl != ttl || !self.comes_after(last, data) {
                    return false;
                }
                last
            }
            Some(_) | None => {
                let start = self.octets.len();
                self.octets.extend_from_slice(&[0; SET_HEADER_OCTETS]);
                LastSet {
                    start,
                    data: start,
                    rtype,
                    ttl,
                    count: 0,
                }
            }
        };
        write_record(&mut self.octets, rtype, ttl, data);
        self.finish_set(LastSet {
            data: self.octets.len() - data.len(),
            count: set.count + 1,
            ..set
        });
        true
    }

    fn comes_after(&self, last: LastSet, data: &[u8]) -> bool {
        let read = |wire| RecordData::from_wire_unchecked(last.rtype, wire);
        let before = self.octets.get(last.data..).unwrap_or_default();
        last.count < u16::MAX && read(before) < read(data)
    }

    fn finish_set(&mut self, set: LastSet) {
        let packed = set.start + SET_HEADER_OCTETS;
        let octets = self.octets.len() - packed;
        if let Some(header) = self.octets.get_mut(set.start..packed) {
            header.copy_from_slice(&set_header(octets, set.count));
        }
        self.last = Some(set);
    }

    /// Gives back the name that is there, and begins with this one.
    pub(super) fn begin(&mut self, labels: &[u8]) -> Option<Node> {
        let node = self.take();
        self.labels.extend_from_slice(labels);
        write_name(&mut self.octets, labels);
        node
    }

    /// Gives back the name that is there.
    pub(super) fn take(&mut self) -> Option<Node> {
        let node = self.last.take().map(|_| Node::from_octets(&self.octets));
        self.octets.clear();
        self.labels.clear();
        node
    }
}
