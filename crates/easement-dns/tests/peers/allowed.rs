//! The differences that are allowed, each with its reason. A rule evens out one difference, and only
//! when it is the one that it tells of.

use std::fmt::Write as _;

use domain::base::iana::Rtype;
use easement_zone::RecordType;

use crate::answers::{Answer, Line};
use crate::queries::Query;
use crate::servers::Peer;

/// An allowed difference.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    peers: &'static [Peer],
    reason: &'static str,
    /// Brings our answer and the other to one form, if they differ in this way.
    pub(crate) even_out: fn(&Query, &mut Answer, &mut Answer),
}

impl Rule {
    pub(crate) fn is_about(&self, peer: Peer) -> bool {
        self.peers.contains(&peer)
    }
}

/// Every allowed difference, in the order in which they are tried.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "operations",
        peers: &Peer::BOTH,
        reason: "RFC 1035 section 4.1.1: NOTIMP is for operations that a server does not have. Ours has queries alone; the others take NOTIFY and UPDATE from whom they are told to.",
        even_out: |query, own, other| {
            if query.opcode > 0 && own.rcode == "NOTIMP" {
                *other = own.clone();
            }
        },
    },
    Rule {
        name: "other classes",
        peers: &Peer::BOTH,
        reason: "All zones are of class IN, and a question for another is REFUSED. The others answer for class ANY as for IN, and differ in whether that has authority (RFC 1035 section 6.2 says it has not); NSD does not send back the question of a class that it does not know.",
        even_out: |query, own, other| {
            if query.class != 1 && own.rcode == "REFUSED" {
                *other = own.clone();
            }
        },
    },
    Rule {
        name: "Z comes back",
        peers: &[Peer::Nsd],
        reason: "RFC 1035 section 4.1.1: the bit is zero in every message. NSD copies it into some errors.",
        even_out: |query, _, other| {
            if query.low_flags & 0x40 != 0 {
                other.flags.remove("z");
            }
        },
    },
    Rule {
        name: "repeated aliases",
        peers: &Peer::BOTH,
        reason: "RFC 2181 section 5: a record is in an answer once. The others repeat the alias that leads to itself.",
        even_out: |_, _, other| other.answer.dedup(),
    },
    Rule {
        name: "signatures of aliases",
        peers: &[Peer::Nsd],
        reason: "RFC 4035 section 2.5: RRSIG and NSEC stand beside an alias, so a question for them is about the alias itself, and Knot agrees. NSD follows it.",
        even_out: |query, own, other| {
            let is_beside = [RecordType::RRSIG, RecordType::NSEC].contains(&query.qtype);
            if is_beside && own.answer.is_empty() && !other.answer.is_empty() {
                *other = own.clone();
            }
        },
    },
    Rule {
        name: "CD comes back",
        peers: &Peer::BOTH,
        reason: "RFC 4035 section 3.1.6: the bit is copied from the query. The others clear it.",
        even_out: |query, own, other| {
            if query.low_flags & 0x10 != 0 && own.has("cd") {
                other.flags.insert("cd");
            }
        },
    },
    Rule {
        name: "extended errors",
        peers: &Peer::BOTH,
        reason: "RFC 8914 lets a server add a reason to an error. Ours adds none.",
        even_out: |_, _, other| drop_option(other, EXTENDED_ERROR),
    },
    Rule {
        name: "keepalive",
        peers: &Peer::BOTH,
        reason: "RFC 7828 section 3.3.2: a client that asks over TCP is told how long it may be quiet. The others do not take part.",
        even_out: |query, own, _| {
            if query.over_tcp {
                drop_option(own, KEEPALIVE);
            }
        },
    },
    Rule {
        name: "EDNS of errors",
        peers: &[Peer::Nsd],
        reason: "RFC 6891 section 6.1.1 wants an OPT record in every answer to a query with one, and RFC 3225 section 3 the DO bit as it was. NSD leaves out the one or the other in NOTIMP and BADVERS.",
        even_out: |_, own, other| {
            let is_error = own.rcode == "NOTIMP" || own.rcode == "BADVERS";
            if is_error && own.rcode == other.rcode {
                other.opt.clone_from(&own.opt);
            }
        },
    },
    Rule {
        name: "refused transfers",
        peers: &Peer::BOTH,
        reason: "RFC 5936 section 2.2.1 leaves the code to the server. Ours transfers nothing to anybody, which is REFUSED, whoever has the zone.",
        even_out: |query, own, other| {
            let is_transfer = [RecordType::AXFR, RecordType::IXFR].contains(&query.qtype);
            if is_transfer
                && own.rcode == "REFUSED"
                && ["NOTAUTH", "NOTIMP"].contains(&other.rcode.as_str())
            {
                other.rcode.clone_from(&own.rcode);
            }
        },
    },
    Rule {
        name: "types that no record has",
        peers: &Peer::BOTH,
        reason: "RFC 6895 section 3.1: OPT and the types from 128 to 254 exist in messages alone. A question for one is FORMERR, as RFC 9824 section 3.4 says of NXNAME; the others look for it in the zone.",
        even_out: |query, own, other| {
            if query.qtype.is_meta() && own.rcode == "FORMERR" {
                *other = own.clone();
            }
        },
    },
    Rule {
        name: "ANY",
        peers: &Peer::BOTH,
        reason: "RFC 8482 section 4.1: one record set is enough, and each server has a choice of its own.",
        even_out: |query, own, other| {
            let is_shared = |line: &&Line| other.answer.contains(line);
            let rest: Vec<&Line> = own.answer.iter().filter(|line| !is_shared(line)).collect();
            let is_one_set = rest
                .iter()
                .all(|line| (&line.owner, line.rtype) == (&rest[0].owner, rest[0].rtype));
            let is_answered = !own.answer.is_empty() && own.rcode == other.rcode;
            if query.qtype == RecordType::ANY && is_answered && is_one_set {
                even_out_ends(own, other);
            }
        },
    },
    Rule {
        name: "truncated content",
        peers: &Peer::BOTH,
        reason: "RFC 2181 section 9: a client throws away what is in a truncated answer. Some send what fits, some nothing.",
        even_out: |query, own, other| {
            if !query.over_tcp && own.has("tc") && other.has("tc") {
                let is_alias = |line: &Line| [Rtype::CNAME, Rtype::DNAME].contains(&line.rtype);
                // The code is that of the end of a chain, which may be in what was left out.
                if other.answer.iter().any(is_alias) || other.rcode == "YXDOMAIN" {
                    other.rcode.clone_from(&own.rcode);
                }
                own.clear_records();
                other.clear_records();
            }
        },
    },
    Rule {
        name: "truncated earlier",
        peers: &Peer::BOTH,
        reason: "Names in record data are sent without compression, so that sets are copied as they are (RFC 1035 section 4.1.4 leaves it open). The answer would not fit that way.",
        even_out: |query, own, other| {
            if own.has("tc") && !other.has("tc") && other.octets() > query.limit() {
                own.flags.remove("tc");
                own.clear_records();
                other.clear_records();
            }
        },
    },
    Rule {
        name: "NSEC3 of aliases",
        peers: &[Peer::Nsd],
        reason: "RFC 5155 section 3: NSEC3 has names of its own and never stands beside an alias, so the alias is followed as for any type, and Knot agrees. NSD says that there is nothing.",
        even_out: |query, own, other| {
            let is_alias = own.answer.iter().any(|line| line.rtype == Rtype::CNAME);
            if query.qtype.number() == 50 && is_alias && other.answer.is_empty() {
                *other = own.clone();
            }
        },
    },
    Rule {
        name: "redirections into themselves",
        peers: &Peer::BOTH,
        reason: "A name below such a redirection grows with each step. Each server gives up somewhere else: NSD after the first, the others at their limit for aliases.",
        even_out: |_, own, other| {
            let is_circle = |line: &Line| {
                let above = format!(".{}", line.owner);
                line.rtype == Rtype::DNAME && line.data.trim_end_matches('.').ends_with(&above)
            };
            if own.answer.iter().any(is_circle) && other.answer.iter().any(is_circle) {
                even_out_ends(own, other);
            }
        },
    },
    Rule {
        name: "names that are too long",
        peers: &[Peer::Knot],
        reason: "RFC 6672 section 3.2: the answer to a name that a redirection would make too long is YXDOMAIN and the redirection. Knot adds the SOA, or records of the name that the redirection leads to.",
        even_out: |_, own, other| {
            if own.rcode == "YXDOMAIN" && own.rcode == other.rcode {
                other.answer.retain(|line| own.answer.contains(line));
                other.authority.clear();
                other.additional.clear();
                other.flags.remove("tc");
            }
        },
    },
    Rule {
        name: "long chains",
        peers: &Peer::BOTH,
        reason: "RFC 1034 section 5.2.2 asks for a limit and names none. Ours follows 16 aliases, Knot 5 to 6, NSD many.",
        even_out: |_, own, other| {
            let aliases = |answer: &Answer| {
                answer
                    .answer
                    .iter()
                    .filter(|line| line.rtype == Rtype::CNAME)
                    .count()
            };
            let (mut counts, ours) = ([aliases(own), aliases(other)], aliases(own));
            counts.sort_unstable();
            if counts[0] >= 5 && (counts[0] < counts[1] || ours >= 16) {
                even_out_ends(own, other);
            }
        },
    },
    Rule {
        name: "aliases to another zone",
        peers: &Peer::BOTH,
        reason: "RFC 1034 section 4.3.2 step 3a goes back to step 2 with the new name, in whichever zone it is. The others stop at the edge of the zone.",
        even_out: |_, own, other| {
            let leaves = |line: &Line| {
                let is_alias = line.rtype == Rtype::CNAME;
                let target = zone_of(&line.data);
                is_alias && target.is_some() && target != zone_of(&line.owner)
            };
            let is_part = other.answer.iter().all(|line| own.answer.contains(line));
            if own.answer.iter().any(leaves) && is_part {
                even_out_ends(own, other);
            }
        },
    },
    Rule {
        name: "absence after an alias",
        peers: &[Peer::Knot],
        reason: "RFC 2308 section 2: where the chain ends at nothing, the SOA says how long that may be cached; an answer without room for it is truncated. Knot leaves the SOA out.",
        even_out: |_, own, other| {
            if own.has("tc") && !other.answer.is_empty() && other.authority.is_empty() {
                own.flags.remove("tc");
                other.flags.remove("tc");
                own.clear_records();
                other.clear_records();
            }
        },
    },
    Rule {
        name: "addresses left out",
        peers: &Peer::BOTH,
        reason: "Without compression, addresses that only spare a question may not fit, and are left out.",
        even_out: |query, own, other| {
            let is_less = own
                .additional
                .iter()
                .all(|line| other.additional.contains(line));
            if is_less && !query.over_tcp && other.octets() > query.limit() {
                other.additional.clone_from(&own.additional);
            }
        },
    },
    Rule {
        name: "addresses beside an answer",
        peers: &Peer::BOTH,
        reason: "RFC 1034 section 4.3.2 step 6: addresses of hosts that are in the answer spare another question, and nothing needs them. Ours come from every zone that is served; the others stay in one, Knot looks for those of more types, and NSD leaves out what makes a short answer long.",
        even_out: |_, own, other| {
            let data: Vec<String> = own.answer.iter().map(|line| line.data.clone()).collect();
            let is_target = |line: &Line| {
                let is_address = [Rtype::A, Rtype::AAAA].contains(&line.rtype);
                is_address
                    && data
                        .iter()
                        .any(|data| data.contains(line.owner.trim_start_matches('*')))
            };
            own.additional.retain(|line| !is_target(line));
            other.additional.retain(|line| !is_target(line));
        },
    },
    Rule {
        name: "addresses of servers elsewhere",
        peers: &Peer::BOTH,
        reason: "RFC 9471 section 3.2: of servers that are not below the delegation, addresses may be sent. Ours come from every zone that is served.",
        even_out: |_, own, other| {
            let Some(cut) = own.authority.first().map(|line| format!(".{}", line.owner)) else {
                return;
            };
            let is_elsewhere = |line: &Line| !format!(".{}", line.owner).ends_with(&cut);
            let is_more = other
                .additional
                .iter()
                .all(|line| own.additional.contains(line));
            if is_more && own.authority[0].rtype == Rtype::NS {
                own.additional.retain(|line| !is_elsewhere(line));
                other.additional.retain(|line| !is_elsewhere(line));
            }
        },
    },
];

/// Options of EDNS by their numbers.
const EXTENDED_ERROR: u16 = 15;
const KEEPALIVE: u16 = 11;

fn drop_option(answer: &mut Answer, code: u16) {
    if let Some(opt) = &mut answer.opt {
        opt.options.retain(|own| *own != code);
    }
}

/// Passes over everything that depends on how far a chain of aliases was followed.
fn even_out_ends(own: &mut Answer, other: &mut Answer) {
    for answer in [&mut *own, &mut *other] {
        answer.clear_records();
        answer.flags.remove("tc");
    }
    other.rcode.clone_from(&own.rcode);
}

/// The zone of a name, by the end of its text.
fn zone_of(name: &str) -> Option<&'static str> {
    const APEXES: [&str; 8] = [
        "child.example.test",
        "hidden.example.test",
        "example.test",
        "other.test",
        "large.test",
        "sizes.test",
        "tld",
        "2.0.192.in-addr.arpa",
    ];
    let name = format!(".{}", name.trim_end_matches('.'));
    APEXES
        .into_iter()
        .find(|apex| name.ends_with(&format!(".{apex}")))
}

/// The table for the documentation.
pub(crate) fn table() -> String {
    let mut text = "| difference | from | why |\n| --- | --- | --- |\n".to_owned();
    for rule in RULES {
        let peers: Vec<String> = rule.peers.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            rule.name,
            peers.join(", "),
            rule.reason
        );
    }
    text
}
