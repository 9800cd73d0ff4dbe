//! DynDNS2: `GET /nic/update`. Hosts that want the same share a request.

use ::apertodns::Secret;
use ::apertodns::address::{Address, Addresses};
use ::apertodns::dyndns2::ReplyLine;
use easement_client::{Client, DynDns2Error, DynDns2Service, DynDns2Update, UrlPrefix};

use super::fault::{of_request, of_status};
use super::order::{end, in_order, refused};
use super::{Reply, Said};
use crate::decide::{FamilyWish, HostWish};
use crate::fault::Fault;
use crate::files::SecretText;

pub(super) async fn send(
    server: UrlPrefix,
    (user, password): (&str, &SecretText),
    wishes: &[HostWish],
    client: &Client,
) -> Vec<Reply> {
    let service = DynDns2Service {
        server,
        username: user.to_owned(),
        password: Secret::new(password.reveal()),
    };
    let groups = groups(wishes);
    let batches = groups.iter().map(Vec::as_slice);
    in_order(batches, async |batch: &[HostWish]| {
        send_batch(&service, batch, client).await
    })
    .await
}

/// The hosts that want the same.
fn groups(wishes: &[HostWish]) -> Vec<Vec<HostWish>> {
    let mut groups: Vec<Vec<HostWish>> = Vec::new();
    for wish in wishes {
        let same = |other: &HostWish| other.ipv4 == wish.ipv4 && other.ipv6 == wish.ipv6;
        match groups
            .iter_mut()
            .find(|group| group.first().is_some_and(same))
        {
            Some(group) => group.push(wish.clone()),
            None => groups.push(vec![wish.clone()]),
        }
    }
    groups
}

/// Sends a batch, and then alone what the server said nothing about: some read one host or one address of a request.
async fn send_batch(service: &DynDns2Service, batch: &[HostWish], client: &Client) -> Vec<Reply> {
    let Heard { mut replies, open } = ask(service, batch, client).await;
    for part in open {
        let part = std::slice::from_ref(&part);
        let fault = end(&replies);
        let unsaid = Fault::server("the server does not say that it took this").of_host();
        if let Some(fault) = fault {
            replies.extend(refused(part, &fault));
        } else if part == batch {
            replies.extend(refused(part, &unsaid));
        } else {
            let again = ask(service, part, client).await;
            replies.extend(again.replies);
            replies.extend(refused(&again.open, &unsaid));
        }
    }
    replies
}

/// What an answer says, and the wishes, or parts of them, of which it says nothing.
#[derive(Debug, Default)]
struct Heard {
    replies: Vec<Reply>,
    open: Vec<HostWish>,
}

async fn ask(service: &DynDns2Service, batch: &[HostWish], client: &Client) -> Heard {
    let first = batch.first();
    let update = DynDns2Update {
        hostnames: batch.iter().map(|wish| wish.host.clone()).collect(),
        ipv4: first.and_then(|wish| address(wish.ipv4)),
        ipv6: first.and_then(|wish| address(wish.ipv6)),
    };
    let reply = match client.update_dyndns2(service, &update).await {
        Ok(reply) => reply,
        Err(error) => {
            return Heard {
                replies: refused(batch, &fault(error)),
                open: Vec::new(),
            };
        }
    };
    let mut heard = Heard::default();
    for (index, wish) in batch.iter().enumerate() {
        match reply.lines().get(index) {
            // Fewer may fit.
            Some(ReplyLine::NumHost) if batch.len() > 1 => heard.open.push(wish.clone()),
            Some(line) => heard.read(wish, line),
            None => heard.open.push(wish.clone()),
        }
    }
    heard
}

impl Heard {
    fn read(&mut self, wish: &HostWish, line: &ReplyLine) {
        let (said, addresses) = match read_line(line) {
            Ok(said) => said,
            Err(fault) => {
                self.replies
                    .extend(refused(std::slice::from_ref(wish), &fault));
                return;
            }
        };
        let (taken, open) = taken(wish, addresses);
        if let Some(wish) = taken {
            let said = Ok(said);
            self.replies.push(Reply { wish, said });
        }
        self.open.extend(open);
    }
}

/// What of a wish the server took, by the addresses that it names, and what it did not. One that names none means all.
fn taken(wish: &HostWish, addresses: &Addresses) -> (Option<HostWish>, Option<HostWish>) {
    let names_none = addresses.is_empty();
    let has_ipv4 = names_none || is_named(wish.ipv4, &addresses.ipv4);
    let has_ipv6 = names_none || is_named(wish.ipv6, &addresses.ipv6);
    let part = |ipv4: bool, ipv6: bool| {
        let part = HostWish {
            host: wish.host.clone(),
            ipv4: if ipv4 { wish.ipv4 } else { FamilyWish::Keep },
            ipv6: if ipv6 { wish.ipv6 } else { FamilyWish::Keep },
        };
        Some(part).filter(|part| !(part.ipv4.is_keep() && part.ipv6.is_keep()))
    };
    (part(has_ipv4, has_ipv6), part(!has_ipv4, !has_ipv6))
}

fn is_named<A: Address>(wish: FamilyWish<A>, named: &[A]) -> bool {
    address(wish).is_some_and(|address| named.contains(&address))
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

fn read_line(line: &ReplyLine) -> Result<(Said, &Addresses), Fault> {
    let last = |words: &str| Fault::last(format!("{words} ({line})"));
    let fault = match line {
        ReplyLine::Good(addresses) => return Ok((Said::Changed, addresses)),
        ReplyLine::NoChange(addresses) => return Ok((Said::Same, addresses)),
        ReplyLine::BadAuth(_) => last("the server does not know this user name and password"),
        ReplyLine::NoHost => last("there is no such host for this account").of_host(),
        ReplyLine::NotYours => last("the host is somebody else's").of_host(),
        ReplyLine::NotFqdn => last("the server does not take this as a full hostname").of_host(),
        ReplyLine::NumHost => last("these are too many hosts for the server").of_host(),
        ReplyLine::BadAgent => last("the server does not want this program"),
        ReplyLine::NotOffered => last("the account does not include this"),
        ReplyLine::Abuse => Fault::busy(None, format!("the server wants fewer requests ({line})")),
        ReplyLine::DnsError | ReplyLine::ServerError => {
            Fault::server(format!("something is broken at the server ({line})"))
        }
    };
    Err(fault)
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
        let [a, b, c] = wishes.clone();
        assert_eq!(groups(&wishes), [vec![a, c], vec![b]]);
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
        let good = ReplyLine::Good(Addresses::default());
        assert_eq!(read_line(&good).unwrap().0, Said::Changed);
    }

    #[test]
    fn what_the_server_names_is_what_it_took() {
        let wish = HostWish {
            host: "h.example.com".parse().unwrap(),
            ipv4: FamilyWish::Set([9, 9, 9, 9].into()),
            ipv6: FamilyWish::Set("2620:fe::fe".parse().unwrap()),
        };
        let families =
            |wish: Option<HostWish>| wish.map(|wish| (!wish.ipv4.is_keep(), !wish.ipv6.is_keep()));
        for (line, took, open) in [
            ("good", Some((true, true)), None),
            ("good 9.9.9.9,2620:fe::fe", Some((true, true)), None),
            ("nochg 2620:fe::fe 9.9.9.9", Some((true, true)), None),
            ("good 9.9.9.9", Some((true, false)), Some((false, true))),
            ("good 2620:fe::fe", Some((false, true)), Some((true, false))),
            // So a server says that it took nothing.
            ("good 127.0.0.1", None, Some((true, true))),
        ] {
            let line: ReplyLine = line.parse().unwrap();
            let mut heard = Heard::default();
            heard.read(&wish, &line);
            let took_now = heard.replies.pop().map(|reply| reply.wish);
            assert_eq!(families(took_now), took, "{line}");
            assert_eq!(families(heard.open.pop()), open, "{line}");
        }
    }
}
