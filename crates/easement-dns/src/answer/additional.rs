//! Addresses that spare the client another question (RFC 1034 section 4.3.2, step 6).

use easement_zone::{PackedSet, RecordType, write_trie_key};

use super::place::zone_of;
use super::resolve::Resolution;
use super::response::{Full, NameAt, PushedSet, Section};

/// For how many names addresses are looked up.
const MAX_TARGETS: usize = 32;

impl Resolution<'_, '_> {
    /// Adds addresses of the hosts that records point to, as far as there is room.
    pub(super) fn add_addresses(&mut self, pushed: PushedSet, set: PackedSet<'_>) {
        let skip = match set.rtype() {
            RecordType::NS => 0,
            RecordType::MX => 2,
            RecordType::SRV => 6,
            _ => return,
        };
        let targets: Vec<NameAt> = pushed.targets(set, skip).take(MAX_TARGETS).collect();
        for target in self.distinct(&targets) {
            if self.add_host(target).is_err() {
                return;
            }
        }
    }

    /// Adds the addresses of name servers. Without those of servers below the delegation itself
    /// nobody can follow it, so they must fit (RFC 9471 section 3.1).
    pub(super) fn add_glue(
        &mut self,
        pushed: PushedSet,
        servers: PackedSet<'_>,
        cut: NameAt,
    ) -> Result<(), Full> {
        let mut cut_key = Vec::new();
        write_trie_key(self.response.name(cut), &mut cut_key);
        let mut key = Vec::new();
        // The set has each server once, in whatever spelling.
        let (needed, others): (Vec<NameAt>, Vec<NameAt>) =
            pushed.targets(servers, 0).partition(|target| {
                key.clear();
                write_trie_key(self.response.name(*target), &mut key);
                key.starts_with(&cut_key)
            });
        for target in needed {
            self.add_host(target)?;
        }
        for target in others.into_iter().take(MAX_TARGETS) {
            if self.add_host(target).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn add_host(&mut self, host: NameAt) -> Result<(), Full> {
        let mut key = Vec::with_capacity(64);
        write_trie_key(self.response.name(host), &mut key);
        let Some((length, hosted)) = zone_of(self.zones, &key, RecordType::A) else {
            return Ok(());
        };
        let snapshot = hosted.load();
        let nodes = snapshot.zone().nodes();
        let Some(node) = key.get(length..).and_then(|key| nodes.get(key)) else {
            return Ok(());
        };
        for set in node.sets().filter(|set| set.rtype().is_address()) {
            self.response.push_set(Section::Additional, host, set)?;
        }
        Ok(())
    }

    /// Each name once. There are few of them.
    fn distinct(&self, names: &[NameAt]) -> Vec<NameAt> {
        let mut distinct: Vec<NameAt> = Vec::with_capacity(names.len());
        for name in names {
            let octets = self.response.name(*name);
            let is_known = distinct
                .iter()
                .any(|other| self.response.name(*other).eq_ignore_ascii_case(octets));
            if !is_known {
                distinct.push(*name);
            }
        }
        distinct
    }
}
