//! What is sent for a name, by where it stands (RFC 1034 section 4.3.2, steps 3 to 6).

use easement_zone::{Keyed as _, Node, PackedSet, RecordType, ZoneSnapshot, write_trie_key};

use super::Rcode;
use super::place::{Standing, Walk, Zones, zone_of};
use super::query::Query;
use super::response::{Full, NameAt, Response, Section};

/// How many aliases are followed from one name to the next.
const MAX_ALIASES: usize = 16;
/// The longest name in wire form (RFC 1035 section 2.3.4).
const MAX_NAME_OCTETS: usize = 255;

/// A query on its way to an answer.
#[derive(Debug)]
pub(super) struct Resolution<'q, 'b> {
    query: &'q Query<'q>,
    pub(super) zones: &'q Zones,
    pub(super) response: Response<'b, 'q>,
    /// The names that turned out to be aliases.
    aliases: Vec<NameAt>,
    /// The owners of the redirections that were sent.
    redirects: Vec<NameAt>,
    has_answer: bool,
}

/// What comes after an answer section got something.
enum Next {
    Finish(Rcode),
    /// The name was an alias of this one.
    Follow(NameAt),
}

impl<'q, 'b> Resolution<'q, 'b> {
    pub(super) fn new(query: &'q Query<'q>, zones: &'q Zones, response: Response<'b, 'q>) -> Self {
        Self {
            query,
            zones,
            response,
            aliases: Vec::new(),
            redirects: Vec::new(),
            has_answer: false,
        }
    }

    /// Answers when the name of the question has been looked up.
    pub(super) fn answer(mut self, snapshot: &ZoneSnapshot, standing: Standing<'_>) -> Rcode {
        let name = NameAt::question(self.query.name);
        let mut next = self.respond(name, snapshot, standing);
        loop {
            match next {
                Next::Finish(rcode) => return self.response.finish(rcode),
                Next::Follow(target) => next = self.follow(target),
            }
        }
    }

    /// Goes on with the name that an alias stands for. The last name decides the response code
    /// (RFC 6604 section 2.1); one that is not ours, or that was there before, ends the answer.
    fn follow(&mut self, name: NameAt) -> Next {
        if self.is_known(&self.aliases, name) || self.aliases.len() >= MAX_ALIASES {
            return Next::Finish(Rcode::NoError);
        }
        let mut key = Vec::with_capacity(MAX_NAME_OCTETS);
        write_trie_key(self.response.name(name), &mut key);
        let Some((length, hosted)) = zone_of(self.zones, &key, self.query.qtype) else {
            return Next::Finish(Rcode::NoError);
        };
        let snapshot = hosted.load();
        let key = key.get(length..).unwrap_or_default();
        let standing = Walk::new(&snapshot, key).finish(&snapshot, self.query.qtype);
        self.respond(name, &snapshot, standing)
    }

    fn respond(&mut self, name: NameAt, snapshot: &ZoneSnapshot, standing: Standing<'_>) -> Next {
        // The bit tells of the first name of the answer (RFC 1035 section 4.1.1).
        if self.has_answer || !matches!(standing, Standing::Delegated { .. }) {
            self.response.set_authoritative();
        }
        let sent = match standing {
            Standing::Exists(node) => self.send_node(name, snapshot, node),
            Standing::Discovery(set) => self.send_discovery(name, snapshot, set),
            Standing::Empty | Standing::Covered => {
                Ok(self.send_nothing(name, snapshot, Rcode::NoError))
            }
            Standing::Missing => Ok(self.send_nothing(name, snapshot, Rcode::NxDomain)),
            Standing::Delegated { length, node } => {
                self.send_referral(name, snapshot, (length, node))
            }
            Standing::Redirected { length, node } => {
                self.send_redirect(name, snapshot, (length, node))
            }
        };
        sent.unwrap_or_else(|Full| {
            self.response.set_truncated();
            Next::Finish(Rcode::NoError)
        })
    }

    fn send_node(
        &mut self,
        name: NameAt,
        snapshot: &ZoneSnapshot,
        node: &Node,
    ) -> Result<Next, Full> {
        let qtype = self.query.qtype;
        let wanted = if qtype == RecordType::ANY {
            // One set is enough (RFC 8482 section 4.1).
            node.sets().next()
        } else {
            node.set(qtype)
        };
        if let Some(set) = wanted {
            self.send_set(name, set)?;
            return Ok(Next::Finish(Rcode::NoError));
        }
        // Made by signing beside an alias, so not asked of what it stands for (RFC 4035
        // section 2.5).
        let is_beside_alias = [RecordType::RRSIG, RecordType::NSEC].contains(&qtype);
        match node.set(RecordType::CNAME) {
            Some(alias) if !is_beside_alias => {
                let pushed = self.response.push_set(Section::Answer, name, alias)?;
                self.has_answer = true;
                self.aliases.push(name);
                let target = pushed.targets(alias, 0).next().ok_or(Full)?;
                Ok(Next::Follow(target))
            }
            Some(_) | None => Ok(self.send_nothing(name, snapshot, Rcode::NoError)),
        }
    }

    fn send_set(&mut self, name: NameAt, set: PackedSet<'_>) -> Result<(), Full> {
        let pushed = self.response.push_set(Section::Answer, name, set)?;
        self.has_answer = true;
        self.add_addresses(pushed, set);
        Ok(())
    }

    /// The text of Domain Connect discovery stands above any record of the zone.
    fn send_discovery(
        &mut self,
        name: NameAt,
        snapshot: &ZoneSnapshot,
        set: PackedSet<'_>,
    ) -> Result<Next, Full> {
        if self.query.qtype != set.rtype() && self.query.qtype != RecordType::ANY {
            return Ok(self.send_nothing(name, snapshot, Rcode::NoError));
        }
        self.send_set(name, set)?;
        Ok(Next::Finish(Rcode::NoError))
    }

    /// The `SOA` of the zone says how long the absence may be cached (RFC 2308 section 3).
    fn send_nothing(&mut self, name: NameAt, snapshot: &ZoneSnapshot, rcode: Rcode) -> Next {
        let zone = snapshot.zone();
        let apex = name.ending(zone.apex().as_wire().len());
        let soa = zone
            .nodes()
            .get(&[])
            .and_then(|node| node.set(RecordType::SOA));
        if let Some(soa) = soa {
            let ttl = zone.negative_ttl();
            let pushed = self
                .response
                .push_with_ttl(Section::Authority, apex, soa, ttl);
            if pushed.is_err() {
                self.response.set_truncated();
            }
        }
        Next::Finish(rcode)
    }

    fn send_referral(
        &mut self,
        name: NameAt,
        snapshot: &ZoneSnapshot,
        (length, node): (usize, &Node),
    ) -> Result<Next, Full> {
        let owner = self.owner_of_key(name, snapshot, (length, node));
        if let Some(servers) = node.set(RecordType::NS) {
            let pushed = self.response.push_set(Section::Authority, owner, servers)?;
            self.add_glue(pushed, servers, owner)?;
        }
        Ok(Next::Finish(Rcode::NoError))
    }

    /// RFC 6672 section 3.2: the `DNAME` itself, and the alias that it makes of the name.
    fn send_redirect(
        &mut self,
        name: NameAt,
        snapshot: &ZoneSnapshot,
        (length, node): (usize, &Node),
    ) -> Result<Next, Full> {
        let owner = self.owner_of_key(name, snapshot, (length, node));
        let Some(redirect) = node.set(RecordType::DNAME) else {
            return Ok(Next::Finish(Rcode::NoError));
        };
        if !self.is_known(&self.redirects, owner) {
            self.response.push_set(Section::Answer, owner, redirect)?;
            self.redirects.push(owner);
        }
        self.has_answer = true;
        let target = redirect.wire_data().next().unwrap_or_default();
        let made = [self.response.name(name.before(owner)), target].concat();
        if made.len() > MAX_NAME_OCTETS {
            return Ok(Next::Finish(Rcode::YxDomain));
        }
        let target = self.response.push_alias(name, redirect.ttl(), &made)?;
        self.aliases.push(name);
        if self.query.qtype == RecordType::CNAME {
            return Ok(Next::Finish(Rcode::NoError));
        }
        Ok(Next::Follow(target))
    }

    fn is_known(&self, names: &[NameAt], name: NameAt) -> bool {
        let octets = self.response.name(name);
        names
            .iter()
            .any(|known| self.response.name(*known).eq_ignore_ascii_case(octets))
    }

    /// The ending of `name` that is the owner of a node at or above it.
    fn owner_of_key(
        &self,
        name: NameAt,
        snapshot: &ZoneSnapshot,
        (length, node): (usize, &Node),
    ) -> NameAt {
        let key = node.key().get(..length).unwrap_or_default();
        let labels = key.split(|octet| *octet == 0).count() - 1;
        let apex = snapshot.zone().apex().label_count();
        self.response.ending(name, labels + apex)
    }
}
