//! What the protocols of dynamic DNS have in common: a token, wishes for hosts and texts, and one way to
//! carry them out.

mod addresses;
mod attempt;
mod host_notes;
mod lapse;
mod texts;

use apertodns::address::DocumentationRanges;
use easement_core::{TokenChain, TokenKind};
use easement_zone::Ttl;

pub(crate) use self::addresses::{HostChange, HostRules, HostWish, addresses_of, host_wish};
pub(crate) use self::attempt::{AboutHost, Counted, Presented, carry_out};
pub(crate) use self::host_notes::HostNotes;
pub(crate) use self::texts::{TextChange, text_wish, texts_at};

/// The TTL of an address that a device sets and says nothing about: short, since it changes.
pub(crate) const NEW_TTL: Ttl = Ttl::FIVE_MINUTES;
/// The same of a text: it is looked for as soon as it is there.
pub(crate) const NEW_TEXT_TTL: Ttl = Ttl::MINUTE;

/// What a token lets be chosen for a host.
pub(crate) fn host_rules(chain: &TokenChain) -> HostRules {
    HostRules {
        documentation: documentation_ranges(chain),
        ttls: chain.ttl_range(),
    }
}

/// Whether a token may set addresses that are for documentation alone.
pub(crate) fn documentation_ranges(chain: &TokenChain) -> DocumentationRanges {
    match chain.token().kind {
        TokenKind::Live => DocumentationRanges::Refuse,
        TokenKind::Test => DocumentationRanges::Accept,
    }
}
