//! NameDrop: addresses are set at names that an owner gave.

use easement_client::{
    Client, NameDrop, NameRecord, NamesAccess, NamesRefreshError, RecordPlace, RecordsError,
    UrlPrefix,
};
use easement_core::Timestamp;
use easement_zone::RecordType;
use namedrop::Scope;
use serde::{Deserialize, Serialize};

use super::domain_connect::host_of;
use super::fault::{of_request, of_status};
use super::grant_file::{GrantFile, of_token, unsaved, write};
use super::order::{in_order, refused};
use super::{Reply, Said};
use crate::decide::{FamilyWish, HostWish};
use crate::fault::Fault;
use crate::state::{HostState, Sent, TargetState};

/// What an owner gave. Holds secrets.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct NamesGrant {
    /// The tokens, what they open, and where they came from.
    pub access: NamesAccess,
    /// When.
    pub given_at: Timestamp,
}

/// What an owner gave, and its file.
pub type NamesFile = GrantFile<NamesGrant>;

impl NamesGrant {
    /// The zone and the host there of a name whose addresses may be set; none when the owner did not give it.
    pub fn place_of(&self, host: &apertodns::Hostname) -> Option<RecordPlace> {
        let name = host.as_name();
        let opens = self
            .access
            .permissions
            .iter()
            .filter(|given| given.covers(Scope::Hosts, given.domain(), name));
        // A zone of its own below another is the one that answers for the name.
        let given = opens.max_by_key(|given| given.domain().labels().count())?;
        let host = host_of(name, given.domain())?;
        Some(RecordPlace {
            domain: Some(given.domain().clone()),
            host: Some(if host.is_apex() {
                String::new()
            } else {
                host.to_string()
            }),
        })
    }
}

impl NamesFile {
    /// Says that two grants are the same, though their tokens were made anew since.
    pub(crate) fn identity(&self) -> String {
        format!("{} {}", self.grant.access.api, self.grant.given_at)
    }

    /// Tokens that have not ended.
    async fn refreshed(&mut self, names: &NameDrop, client: &Client) -> Result<(), Fault> {
        self.save()
            .map_err(|error| Fault::server(error.to_string()))?;
        if !self.grant.access.is_due(client.clock().now()) {
            return Ok(());
        }
        self.refresh(names).await
    }

    /// New tokens are on disk before they are used: the old ones count no more. Those that cannot be written are kept
    /// here, and written before anything else.
    async fn refresh(&mut self, names: &NameDrop) -> Result<(), Fault> {
        let given_at = self.grant.given_at;
        let store = |access: &NamesAccess| {
            let access = access.clone();
            write(&self.path, &NamesGrant { access, given_at }).map_err(Into::into)
        };
        match names.refresh(self.grant.access.clone(), store).await {
            Ok(access) => {
                self.grant.access = access;
                Ok(())
            }
            Err(NamesRefreshError::Store { access, source }) => {
                self.grant.access = *access;
                self.is_unsaved = true;
                Err(unsaved(source.as_ref()))
            }
            Err(NamesRefreshError::Token(error)) => Err(of_token(&error)),
        }
    }
}

pub(super) async fn send(
    server: &UrlPrefix,
    file: &mut NamesFile,
    ttl: Option<u32>,
    (wishes, known): (&[HostWish], &TargetState),
    client: &Client,
) -> Vec<Reply> {
    let names = match NameDrop::new(client.clone(), server.as_str()) {
        Ok(names) => names,
        Err(error) => return refused(wishes, &Fault::last(error.to_string())),
    };
    in_order(wishes.chunks(1), async |batch: &[HostWish]| {
        let mut replies = Vec::new();
        for wish in batch {
            let records = Records::of(wish, &known.host(&wish.host), ttl);
            let said = send_one(&names, file, (wish, &records), client).await;
            let wish = wish.clone();
            replies.push(Reply { wish, said });
        }
        replies
    })
    .await
}

async fn send_one(
    names: &NameDrop,
    file: &mut NamesFile,
    (wish, records): (&HostWish, &Records),
    client: &Client,
) -> Result<Said, Fault> {
    file.refreshed(names, client).await?;
    let said = say(names, file, wish, records).await?;
    // A token may end before its time: a new one tells whether the permission has.
    if let Err(RecordsError::Unauthorized { .. }) = said
        && file.grant.access.refresh_token.is_some()
    {
        file.refresh(names).await?;
        let again = say(names, file, wish, records).await?;
        return again.map(|()| Said::Changed).map_err(of_call);
    }
    said.map(|()| Said::Changed).map_err(of_call)
}

/// What is there is set before the rest is taken out, so that the host is not without an address in between.
async fn say(
    names: &NameDrop,
    file: &NamesFile,
    wish: &HostWish,
    Records { set, delete }: &Records,
) -> Result<Result<(), RecordsError>, Fault> {
    let place = file.grant.place_of(&wish.host).ok_or_else(|| {
        Fault::last(format!(
            "the permission is not for {}: run `easement ddns setup` for it",
            wish.host
        ))
        .of_host()
    })?;
    let access = &file.grant.access;
    let calls = async {
        if !set.is_empty() {
            names.set_records(access, &place, set).await?;
        }
        if !delete.is_empty() {
            names.delete_records(access, &place, delete).await?;
        }
        Ok(())
    };
    Ok(calls.await)
}

/// What a wish means in the words of the protocol.
#[derive(Debug, Default, Eq, PartialEq)]
struct Records {
    set: Vec<NameRecord>,
    delete: Vec<NameRecord>,
}

impl Records {
    fn of(wish: &HostWish, before: &HostState, ttl: Option<u32>) -> Self {
        let mut records = Self::default();
        records.add(RecordType::A, (wish.ipv4, before.ipv4), ttl);
        records.add(RecordType::AAAA, (wish.ipv6, before.ipv6), ttl);
        records
    }

    fn add<A: ToString>(
        &mut self,
        rtype: RecordType,
        (wish, before): (FamilyWish<A>, Option<Sent<A>>),
        ttl: Option<u32>,
    ) {
        match wish {
            FamilyWish::Keep => {}
            FamilyWish::Set(address) => self.set.push(NameRecord {
                ttl,
                ..NameRecord::new(rtype, address.to_string())
            }),
            // Others may have put addresses at the host: what was not sent from here is not taken out.
            FamilyWish::Remove => {
                let own = before.and_then(|sent| sent.address);
                let own = own.map(|address| NameRecord::new(rtype, address.to_string()));
                self.delete.extend(own);
            }
        }
    }
}

fn of_call(error: RecordsError) -> Fault {
    let message = error.to_string();
    match error {
        RecordsError::OtherServer(_) => {
            Fault::last(format!("{message}; run `easement ddns setup` again"))
        }
        RecordsError::Request(error) => of_request(&error),
        RecordsError::Unauthorized { .. } => Fault::last(format!(
            "the permission has ended: {message}; run `easement ddns setup` again"
        )),
        RecordsError::Forbidden { .. } => Fault::last(message).of_host(),
        // The owner may take away what is in the way.
        RecordsError::Refused { .. } => Fault::busy(None, message).of_host(),
        RecordsError::Busy { wait, .. } => Fault::busy(wait, message),
        RecordsError::Unclear { status } => of_status(status, None, message),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use easement_client::{HiddenText, PlainHttp};
    use namedrop::{Permission, Permissions};

    use super::*;
    use crate::fault::{FaultKind, FaultScope};

    fn given(list: &[(&str, &str, &str)]) -> NamesGrant {
        let permissions = list.iter().map(|(scope, domain, host)| {
            let (scope, domain) = (scope.parse().unwrap(), domain.parse().unwrap());
            Permission::new(scope, &domain, host.parse().unwrap()).unwrap()
        });
        NamesGrant {
            access: NamesAccess {
                api: UrlPrefix::read("https://dns.example/nd", PlainHttp::Refuse).unwrap(),
                client_id: "http://127.0.0.1/".to_owned(),
                access_token: HiddenText::new("a"),
                expires_at: None,
                refresh_token: None,
                permissions: Permissions::new(permissions).unwrap(),
            },
            given_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_host_is_where_the_owner_gave_it_and_nowhere_else() {
        let grant = given(&[
            ("namedrop-hosts", "example.com", "home"),
            ("namedrop-acme", "example.com", "shop"),
            ("namedrop-hosts", "lab.example", ""),
            ("namedrop-hosts", "sub.lab.example", "a"),
        ]);
        for (host, place) in [
            ("home.example.com", Some(("example.com", "home"))),
            ("nas.HOME.example.com", Some(("example.com", "nas.home"))),
            ("lab.example", Some(("lab.example", ""))),
            ("a.sub.lab.example", Some(("sub.lab.example", "a"))),
            ("evilhome.example.com", None),
            ("example.com", None),
            ("shop.example.com", None),
            ("home.example.com.evil.example", None),
        ] {
            let found = grant.place_of(&host.parse().unwrap());
            let found = found.map(|place| (place.domain.unwrap().to_text(), place.host.unwrap()));
            let place = place.map(|(domain, host)| (domain.to_owned(), host.to_owned()));
            assert_eq!(found, place, "{host}");
        }
    }

    fn sent(ipv4: Option<&str>, ipv6: Option<&str>) -> HostState {
        let at = Timestamp::from_micros(0).into();
        HostState {
            ipv4: Some(Sent {
                address: ipv4.map(|text| text.parse().unwrap()),
                at,
            }),
            ipv6: Some(Sent {
                address: ipv6.map(|text| text.parse().unwrap()),
                at,
            }),
            stopped: None,
        }
    }

    #[test]
    fn a_family_is_set_taken_out_or_not_spoken_of() {
        let v4 = "9.9.9.9".parse().unwrap();
        let v6 = "2620:fe::fe".parse().unwrap();
        let (a, aaaa) = (RecordType::A, RecordType::AAAA);
        let sent = sent(Some("9.9.9.8"), Some("2620:fe::8"));
        for (ipv4, ipv6, set, delete) in [
            (
                FamilyWish::Set(v4),
                FamilyWish::Keep,
                vec![(a, "9.9.9.9")],
                vec![],
            ),
            (
                FamilyWish::Set(v4),
                FamilyWish::Set(v6),
                vec![(a, "9.9.9.9"), (aaaa, "2620:fe::fe")],
                vec![],
            ),
            (
                FamilyWish::Set(v4),
                FamilyWish::Remove,
                vec![(a, "9.9.9.9")],
                vec![(aaaa, "2620:fe::8")],
            ),
            (
                FamilyWish::Remove,
                FamilyWish::Keep,
                vec![],
                vec![(a, "9.9.9.8")],
            ),
            (FamilyWish::Keep, FamilyWish::Keep, vec![], vec![]),
        ] {
            let host = "home.example.com".parse().unwrap();
            let wish = HostWish { host, ipv4, ipv6 };
            let expected = Records {
                set: set
                    .into_iter()
                    .map(|(rtype, value)| NameRecord {
                        ttl: Some(120),
                        ..NameRecord::new(rtype, value)
                    })
                    .collect(),
                delete: delete
                    .into_iter()
                    .map(|(rtype, value)| NameRecord::new(rtype, value))
                    .collect(),
            };
            assert_eq!(Records::of(&wish, &sent, Some(120)), expected, "{wish:?}");
        }
    }

    #[test]
    fn what_was_never_sent_or_is_out_already_is_not_taken_out() {
        let wish = HostWish {
            host: "home.example.com".parse().unwrap(),
            ipv4: FamilyWish::Remove,
            ipv6: FamilyWish::Remove,
        };
        for before in [HostState::default(), sent(None, None)] {
            assert_eq!(Records::of(&wish, &before, None), Records::default());
        }
    }

    #[test]
    fn what_follows_depends_on_what_the_server_said() {
        let message = || String::new();
        let wait = Some(Duration::from_secs(90));
        let busy = FaultKind::Busy { retry_after: wait };
        let unsaid = FaultKind::Busy { retry_after: None };
        let (host, all) = (FaultScope::Host, FaultScope::All);
        for (error, kind, scope) in [
            (
                RecordsError::Unauthorized { message: message() },
                FaultKind::Final,
                all,
            ),
            (
                RecordsError::Forbidden { message: message() },
                FaultKind::Final,
                host,
            ),
            (RecordsError::Refused { errors: vec![] }, unsaid, host),
            (
                RecordsError::Busy {
                    message: message(),
                    wait,
                },
                busy,
                all,
            ),
            (RecordsError::Unclear { status: 307 }, FaultKind::Final, all),
            (
                RecordsError::Unclear { status: 502 },
                FaultKind::Server,
                all,
            ),
        ] {
            let words = format!("{error:?}");
            let fault = of_call(error);
            assert_eq!((fault.kind, fault.scope), (kind, scope), "{words}");
        }
    }
}
