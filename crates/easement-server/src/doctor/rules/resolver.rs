//! The resolver that is asked for the keys of service providers and the receivers of webhooks.

use std::net::SocketAddr;

use super::super::Check;
use easement_outbound::dns::{Answer, Code};

const CHECK: &str = "resolver";
const REMEDY: &str = "name one that answers in dns.resolver: without it no key of a service provider is found, \
                      no signed request is taken, and no webhook is delivered to a name";

/// What came of asking it.
#[derive(Clone, Debug)]
pub(in crate::doctor) struct ResolverSeen {
    pub(in crate::doctor) address: SocketAddr,
    /// Whether this server answers at that address itself.
    pub(in crate::doctor) is_ours: bool,
    pub(in crate::doctor) answer: Result<Answer, String>,
}

pub(in crate::doctor) fn judge(seen: &ResolverSeen) -> Check {
    let address = seen.address;
    if seen.is_ours {
        let found = format!("{address} is this server itself, which looks nothing up elsewhere");
        return Check::fail(CHECK, found, REMEDY);
    }
    let answer = match &seen.answer {
        Ok(answer) => answer,
        Err(error) => return Check::fail(CHECK, error.clone(), REMEDY),
    };
    match &answer.code {
        Code::Other(code) => Check::fail(CHECK, format!("{address} answered {code}"), REMEDY),
        Code::NoError | Code::NxDomain if answer.recursion_available => {
            Check::ok(CHECK, format!("{address} answers"))
        }
        Code::NoError | Code::NxDomain => Check::warn(
            CHECK,
            format!("{address} answers, and says that it looks nothing up elsewhere"),
            "it may be a name server and no resolver: name a resolver in dns.resolver",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_check;
    use super::*;
    use crate::doctor::Outcome::{Fail, Ok as Good, Warn};

    #[test]
    fn a_resolver_answers_and_looks_things_up() {
        let answer = |code, recursion_available| {
            Ok(Answer {
                code,
                authoritative: false,
                recursion_available,
                answers: Vec::new(),
                authority: Vec::new(),
                additional: Vec::new(),
            })
        };
        let refused = Code::Other("REFUSED".to_owned());
        for (is_ours, answer, outcome, words) in [
            (
                false,
                answer(Code::NoError, true),
                Good,
                "192.0.2.53:53 answers",
            ),
            (false, answer(Code::NxDomain, true), Good, "answers"),
            (false, answer(Code::NoError, false), Warn, "no resolver"),
            (false, answer(refused, true), Fail, "answered REFUSED"),
            (
                false,
                Err("did not answer".to_owned()),
                Fail,
                "dns.resolver",
            ),
            (
                true,
                answer(Code::NoError, false),
                Fail,
                "this server itself",
            ),
        ] {
            let seen = ResolverSeen {
                address: "192.0.2.53:53".parse().unwrap(),
                is_ours,
                answer,
            };
            assert_check(&judge(&seen), outcome, words);
        }
    }
}
