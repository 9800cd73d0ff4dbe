//! DynDNS2: `GET /nic/update`. Hosts that want the same share a request.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use easement_outbound::http::{Answer, HttpClient, Outgoing};
use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap};
use url::Url;

use super::Said;
use super::request::{ask, authorization, excerpt, fault_of_status};
use crate::decide::{FamilyWish, HostWish};
use crate::fault::Fault;
use crate::files::SecretText;

/// Where it is, unless the server is written with a path.
const USUAL_PATH: &str = "/nic/update";

pub(super) async fn send(
    server: &Url,
    credentials: (&str, &SecretText),
    wishes: &[HostWish],
    http: &HttpClient,
) -> Vec<Result<Said, Fault>> {
    let mut said: Vec<Option<Result<Said, Fault>>> = vec![None; wishes.len()];
    for group in groups(wishes) {
        let members: Vec<&HostWish> = group
            .iter()
            .filter_map(|index| wishes.get(*index))
            .collect();
        let answers = send_group(server, credentials, &members, http).await;
        for (index, answer) in group.into_iter().zip(answers) {
            if let Some(slot) = said.get_mut(index) {
                *slot = Some(answer);
            }
        }
    }
    let unsaid = || Err(Fault::server("the server said nothing about this host"));
    said.into_iter()
        .map(|answer| answer.unwrap_or_else(unsaid))
        .collect()
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
    server: &Url,
    (user, password): (&str, &SecretText),
    wishes: &[&HostWish],
    http: &HttpClient,
) -> Vec<Result<Said, Fault>> {
    let for_all = |fault: Fault| vec![Err(fault); wishes.len()];
    let basic = BASE64_STANDARD.encode(format!("{user}:{}", password.reveal()));
    let mut headers = HeaderMap::new();
    match authorization(&format!("Basic {basic}")) {
        Ok(value) => headers.insert(AUTHORIZATION, value),
        Err(fault) => return for_all(fault),
    };
    let outgoing = Outgoing {
        headers,
        ..Outgoing::default()
    };
    match ask(&url(server, wishes), outgoing, http).await {
        Ok(answer) => read(&answer, wishes.len()),
        Err(fault) => for_all(fault),
    }
}

/// Both families in `myip`, as ddclient 4 sends them; an empty `myipv4` or `myipv6` takes a family out, where the
/// server knows these. A family that is not spoken of stays as it is.
fn url(server: &Url, wishes: &[&HostWish]) -> Url {
    let mut url = server.clone();
    if matches!(url.path(), "" | "/") {
        url.set_path(USUAL_PATH);
    }
    let hosts: Vec<String> = wishes.iter().map(|wish| wish.host.to_string()).collect();
    let mut query = format!("hostname={}", hosts.join(","));
    if let Some(wish) = wishes.first() {
        let ipv4 = address(wish.ipv4);
        let ipv6 = address(wish.ipv6);
        let addresses: Vec<String> = [ipv4, ipv6].into_iter().flatten().collect();
        if !addresses.is_empty() {
            query.push_str("&myip=");
            query.push_str(&addresses.join(","));
        }
        if wish.ipv4 == FamilyWish::Remove {
            query.push_str("&myipv4=");
        }
        if wish.ipv6 == FamilyWish::Remove {
            query.push_str("&myipv6=");
        }
    }
    url.set_query(Some(&query));
    url
}

fn address<A: ToString>(wish: FamilyWish<A>) -> Option<String> {
    match wish {
        FamilyWish::Set(address) => Some(address.to_string()),
        FamilyWish::Keep | FamilyWish::Remove => None,
    }
}

/// A line a host, in their order; one line may stand for all, when it says what no host is needed for.
fn read(answer: &Answer, hosts: usize) -> Vec<Result<Said, Fault>> {
    let text = String::from_utf8_lossy(&answer.body);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if answer.status == StatusCode::UNAUTHORIZED {
        return vec![Err(word_fault("badauth").unwrap_or_else(|| unknown(&text))); hosts];
    }
    if !answer.status.is_success() {
        let fault = fault_of_status(answer)
            .unwrap_or_else(|| Fault::server(format!("the server answered {}", answer.status)));
        return vec![Err(fault); hosts];
    }
    let read: Vec<_> = lines.iter().map(|line| read_line(line)).collect();
    match read.as_slice() {
        [Err(fault)] => vec![Err(fault.clone()); hosts],
        read if read.len() == hosts => read.to_vec(),
        // Some servers say `good` once for all hosts.
        [Ok(said)] => vec![Ok(*said); hosts],
        _ => vec![Err(unknown(&text)); hosts],
    }
}

fn read_line(line: &str) -> Result<Said, Fault> {
    let word = line.split_whitespace().next().unwrap_or_default();
    match word {
        "good" => Ok(Said::Changed),
        "nochg" => Ok(Said::Same),
        word => Err(word_fault(word).unwrap_or_else(|| unknown(line))),
    }
}

fn word_fault(word: &str) -> Option<Fault> {
    Some(match word {
        "badauth" => Fault::last("the server does not know this user name and password (badauth)"),
        "nohost" => Fault::last("there is no such host for this account (nohost)"),
        "!yours" => Fault::last("the host is somebody else's (!yours)"),
        "notfqdn" => Fault::last("the server does not take this as a full hostname (notfqdn)"),
        "numhost" => Fault::last("these are too many hosts for the server (numhost)"),
        "badagent" => Fault::last("the server does not want this program (badagent)"),
        "!donator" => Fault::last("the account does not include this (!donator)"),
        "abuse" => Fault::busy(None, "the server wants fewer requests (abuse)"),
        "dnserr" => Fault::server("DNS of the server does not take this (dnserr)"),
        "911" => Fault::server("something is broken at the server (911)"),
        _ => return None,
    })
}

fn unknown(text: &str) -> Fault {
    Fault::server(format!(
        "the server said `{}`, which means nothing in DynDNS2: is this the right server?",
        excerpt(text)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FaultKind;

    fn wish(host: &str, ipv4: &str, ipv6: &str) -> HostWish {
        HostWish {
            host: host.parse().unwrap(),
            ipv4: match ipv4 {
                "" => FamilyWish::Keep,
                "none" => FamilyWish::Remove,
                text => FamilyWish::Set(text.parse().unwrap()),
            },
            ipv6: match ipv6 {
                "" => FamilyWish::Keep,
                "none" => FamilyWish::Remove,
                text => FamilyWish::Set(text.parse().unwrap()),
            },
        }
    }

    #[test]
    fn hosts_that_want_the_same_share_a_request() {
        let wishes = [
            wish("a.example.com", "9.9.9.9", "2620:fe::fe"),
            wish("b.example.com", "", "2620:fe::7"),
            wish("c.example.com", "9.9.9.9", "2620:fe::fe"),
        ];
        assert_eq!(groups(&wishes), [vec![0, 2], vec![1]]);
    }

    #[test]
    fn a_family_that_stays_is_not_in_the_request() {
        let plain = "https://dns.example.net";
        for (server, ipv4, ipv6, expected) in [
            (
                plain,
                "9.9.9.9",
                "",
                "/nic/update?hostname=a.example.com&myip=9.9.9.9",
            ),
            (
                plain,
                "",
                "2620:fe::fe",
                "/nic/update?hostname=a.example.com&myip=2620:fe::fe",
            ),
            (
                "https://dns.example.net/v3/update",
                "9.9.9.9",
                "2620:fe::fe",
                "/v3/update?hostname=a.example.com&myip=9.9.9.9,2620:fe::fe",
            ),
            (
                plain,
                "",
                "none",
                "/nic/update?hostname=a.example.com&myipv6=",
            ),
            (
                plain,
                "9.9.9.9",
                "none",
                "/nic/update?hostname=a.example.com&myip=9.9.9.9&myipv6=",
            ),
        ] {
            let url = url(
                &server.parse().unwrap(),
                &[&wish("a.example.com", ipv4, ipv6)],
            );
            assert_eq!(url.as_str(), format!("{plain}{expected}"));
        }
    }

    fn kinds(status: u16, body: &'static str, hosts: usize) -> Vec<Result<Said, FaultKind>> {
        let answer = Answer {
            status: status.try_into().unwrap(),
            headers: HeaderMap::new(),
            body: body.into(),
        };
        let read = read(&answer, hosts).into_iter();
        read.map(|one| one.map_err(|fault| fault.kind)).collect()
    }

    #[test]
    fn answers_are_read_line_by_line() {
        let busy = FaultKind::Busy { retry_after: None };
        for (status, body, expected) in [
            (
                200,
                "good 9.9.9.9\r\nnochg 9.9.9.9\r\n",
                vec![Ok(Said::Changed), Ok(Said::Same)],
            ),
            (
                200,
                "good 9.9.9.9\nnohost",
                vec![Ok(Said::Changed), Err(FaultKind::Final)],
            ),
            (200, "good", vec![Ok(Said::Changed); 2]),
            (200, "badauth", vec![Err(FaultKind::Final); 2]),
            (401, "", vec![Err(FaultKind::Final); 2]),
            (200, "abuse\nabuse", vec![Err(busy); 2]),
            (200, "911", vec![Err(FaultKind::Server); 2]),
            (200, "", vec![Err(FaultKind::Server); 2]),
            (200, "good\ngood\ngood", vec![Err(FaultKind::Server); 2]),
            (200, "<html>log in</html>", vec![Err(FaultKind::Server); 2]),
            (429, "", vec![Err(busy); 2]),
            (301, "", vec![Err(FaultKind::Final); 2]),
            (502, "good 9.9.9.9", vec![Err(FaultKind::Server); 2]),
        ] {
            assert_eq!(kinds(status, body, 2), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_words_of_a_server_reach_no_terminal() {
        let answer = Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: "\u{1b}[2Jgood".into(),
        };
        let said = read(&answer, 1);
        assert!(matches!(said.as_slice(), [Err(fault)] if !fault.message.contains('\u{1b}')));
    }
}
