//! DynDNS2: `GET /nic/update`. Hosts that want the same share a request.

use ::apertodns::Secret;
use ::apertodns::dyndns2::ReplyLine;
use easement_client::{Client, DynDns2Error, DynDns2Service, DynDns2Update, UrlPrefix};

use super::Said;
use super::fault::{of_request, of_status};
use crate::decide::{FamilyWish, HostWish};
use crate::fault::Fault;
use crate::files::SecretText;

pub(super) async fn send(
    server: UrlPrefix,
    (user, password): (&str, &SecretText),
    wishes: &[HostWish],
    client: &Client,
) -> Vec<Result<Said, Fault>> {
    let service = DynDns2Service {
        server,
        username: user.to_owned(),
        password: Secret::new(password.reveal()),
    };
    let mut said: Vec<Option<Result<Said, Fault>>> = vec![None; wishes.len()];
    for group in groups(wishes) {
        let members: Vec<&HostWish> = group.iter().filter_map(|at| wishes.get(*at)).collect();
        let answers = send_group(&service, &members, client).await;
        for (index, answer) in group.into_iter().zip(answers) {
            if let Some(slot) = said.get_mut(index) {
                *slot = Some(answer);
            }
        }
    }
    let unsaid = || Err(Fault::server("the server said nothing about this host"));
    let said = said.into_iter();
    said.map(|answer| answer.unwrap_or_else(unsaid)).collect()
}

/// The hosts that want the same, by their places.
fn groups(wishes: &[HostWish]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(&HostWish, Vec<usize>)> = Vec::new();
    for (index, wish) in wishes.iter().enumerate() {
        let same = |(other, _): &&mut (&HostWish, Vec<usize>)| {
            other.ipv4 == wish.ipv4 && other.ipv6 == wish.ipv6
        };
        match groups.iter_mut().find(same) {
            Some((_, members)) => members.push(index),
            None => groups.push((wish, vec![index])),
        }
    }
    groups.into_iter().map(|(_, members)| members).collect()
}

async fn send_group(
    service: &DynDns2Service,
    wishes: &[&HostWish],
    client: &Client,
) -> Vec<Result<Said, Fault>> {
    let first = wishes.first();
    let update = DynDns2Update {
        hostnames: wishes.iter().map(|wish| wish.host.clone()).collect(),
        ipv4: first.and_then(|wish| address(wish.ipv4)),
        ipv6: first.and_then(|wish| address(wish.ipv6)),
    };
    match client.update_dyndns2(service, &update).await {
        Ok(reply) => reply.lines().iter().map(read_line).collect(),
        Err(error) => vec![Err(fault(error)); wishes.len()],
    }
}

/// The protocol has no word for taking an address out; the configuration refuses to want that.
fn address<A>(wish: FamilyWish<A>) -> Option<A> {
    match wish {
        FamilyWish::Set(address) => Some(address),
        FamilyWish::Keep | FamilyWish::Remove => None,
    }
}

fn fault(error: DynDns2Error) -> Fault {
    let message = error.to_string();
    match error {
        DynDns2Error::Request(error) => of_request(&error),
        DynDns2Error::Nothing | DynDns2Error::Username => Fault::last(message),
        DynDns2Error::NotDynDns2(_) => Fault::server(message),
        DynDns2Error::Status {
            status,
            retry_after,
        } => of_status(status, retry_after, message),
    }
}

fn read_line(line: &ReplyLine) -> Result<Said, Fault> {
    let last = |words: &str| Err(Fault::last(format!("{words} ({line})")));
    match line {
        ReplyLine::Good(_) => Ok(Said::Changed),
        ReplyLine::NoChange(_) => Ok(Said::Same),
        ReplyLine::BadAuth(_) => last("the server does not know this user name and password"),
        ReplyLine::NoHost => last("there is no such host for this account"),
        ReplyLine::NotYours => last("the host is somebody else's"),
        ReplyLine::NotFqdn => last("the server does not take this as a full hostname"),
        ReplyLine::NumHost => last("these are too many hosts for the server"),
        ReplyLine::BadAgent => last("the server does not want this program"),
        ReplyLine::NotOffered => last("the account does not include this"),
        ReplyLine::Abuse => Err(Fault::busy(
            None,
            format!("the server wants fewer requests ({line})"),
        )),
        ReplyLine::DnsError | ReplyLine::ServerError => Err(Fault::server(format!(
            "something is broken at the server ({line})"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FaultKind;
    use ::apertodns::dyndns2::Credentials;

    #[test]
    fn hosts_that_want_the_same_share_a_request() {
        let wish = |host: &str, ipv4: Option<[u8; 4]>| HostWish {
            host: host.parse().unwrap(),
            ipv4: ipv4.map_or(FamilyWish::Keep, |ipv4| FamilyWish::Set(ipv4.into())),
            ipv6: FamilyWish::Set("2620:fe::fe".parse().unwrap()),
        };
        let wishes = [
            wish("a.example.com", Some([9, 9, 9, 9])),
            wish("b.example.com", None),
            wish("c.example.com", Some([9, 9, 9, 9])),
        ];
        assert_eq!(groups(&wishes), [vec![0, 2], vec![1]]);
    }

    #[test]
    fn what_follows_depends_on_the_word_of_the_server() {
        let busy = FaultKind::Busy { retry_after: None };
        for (line, kind) in [
            (ReplyLine::BadAuth(Credentials::Wrong), FaultKind::Final),
            (ReplyLine::NoHost, FaultKind::Final),
            (ReplyLine::Abuse, busy),
            (ReplyLine::ServerError, FaultKind::Server),
        ] {
            assert_eq!(read_line(&line).unwrap_err().kind, kind, "{line}");
        }
        let good = ReplyLine::Good(::apertodns::address::Addresses::default());
        assert_eq!(read_line(&good), Ok(Said::Changed));
    }
}
