//! What the parent of a zone says: its name servers are found through the resolver, and asked directly,
//! because a resolver gives the zone's own word for it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use easement_zone::{Name, RecordType};
use tokio::sync::OnceCell;

use super::super::rules::delegation::{Delegation, Referral};
use super::dns::Asker;
use easement_outbound::dns::{Answer, Code, Transport};

/// How many name servers of a parent are looked up.
const MAX_SERVERS: usize = 4;

/// Finds and asks parents; what was found is kept, since many zones have the same one.
pub(in crate::doctor) struct Parents {
    asker: Asker,
    /// 53, except in tests.
    port: u16,
    kept: Mutex<HashMap<Name, Servers>>,
}

/// The name servers of a zone; none when it is no zone.
type Servers = Arc<OnceCell<Result<Vec<SocketAddr>, String>>>;

impl Parents {
    pub(in crate::doctor) fn new(asker: Asker, port: u16) -> Self {
        Self {
            asker,
            port,
            kept: Mutex::default(),
        }
    }

    pub(in crate::doctor) async fn look(&self, apex: &Name) -> Delegation {
        let servers = match self.servers_above(apex).await {
            Ok(servers) => servers,
            Err(why) => return Delegation::Unknown(why),
        };
        let mut why = "the parent has no name server with an address".to_owned();
        for server in servers {
            let question = (apex, RecordType::NS);
            match self
                .asker
                .ask_server(server, question, Transport::Udp)
                .await
            {
                Ok(answer) => match said(&answer, apex) {
                    Said::Referral(mut referral) => {
                        referral.has_ds = self.has_ds(server, apex).await;
                        return Delegation::AtParent(referral);
                    }
                    Said::NoSuchZone => return Delegation::Missing,
                    Said::Nothing(code) => why = format!("the parent's {server} answered {code}"),
                },
                Err(error) => why = format!("the parent's {server}: {error}"),
            }
        }
        self.ask_resolver(apex, why).await
    }

    /// The name servers of the zone above.
    async fn servers_above(&self, apex: &Name) -> Result<Vec<SocketAddr>, String> {
        let mut above = apex.parent();
        while let Some(name) = above {
            let servers = self.servers_of(&name).await?;
            if !servers.is_empty() {
                return Ok(servers);
            }
            above = name.parent();
        }
        Ok(Vec::new())
    }

    async fn servers_of(&self, name: &Name) -> Result<Vec<SocketAddr>, String> {
        let kept = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(kept.entry(name.clone()).or_default())
        };
        kept.get_or_init(|| self.find_servers(name)).await.clone()
    }

    async fn find_servers(&self, name: &Name) -> Result<Vec<SocketAddr>, String> {
        let answer = self.asker.resolve(name, RecordType::NS).await?;
        if let Code::Other(code) = &answer.code {
            return Err(format!("resolver {}: {code}", self.asker.resolver));
        }
        let targets = answer.data_at(name, RecordType::NS);
        let targets = targets.iter().filter_map(|data| data.target());
        let mut servers = Vec::new();
        for target in targets.take(MAX_SERVERS) {
            let addresses = self.asker.addresses(&target).await;
            servers.extend(
                addresses
                    .first()
                    .map(|one| SocketAddr::new(*one, self.port)),
            );
        }
        Ok(servers)
    }

    async fn has_ds(&self, server: SocketAddr, apex: &Name) -> Option<bool> {
        let question = (apex, RecordType::DS);
        let answer = self
            .asker
            .ask_server(server, question, Transport::Udp)
            .await;
        let answer = answer.ok()?;
        match answer.code {
            Code::NoError => Some(!answer.data_at(apex, RecordType::DS).is_empty()),
            Code::NxDomain => Some(false),
            Code::Other(_) => None,
        }
    }

    /// Where name servers cannot be asked, as behind some packet filters, the resolver knows something.
    async fn ask_resolver(&self, apex: &Name, why: String) -> Delegation {
        let Ok(answer) = self.asker.resolve(apex, RecordType::NS).await else {
            return Delegation::Unknown(why);
        };
        let servers = names(&answer.data_at(apex, RecordType::NS));
        if servers.is_empty() {
            Delegation::Unknown(why)
        } else {
            Delegation::FromResolver { servers }
        }
    }
}

/// What a name server of the parent said.
enum Said {
    Referral(Referral),
    NoSuchZone,
    Nothing(String),
}

fn said(answer: &Answer, apex: &Name) -> Said {
    match &answer.code {
        Code::NoError => {}
        Code::NxDomain => return Said::NoSuchZone,
        Code::Other(code) => return Said::Nothing(code.clone()),
    }
    // A server that has both zones answers from the lower one.
    let mut data = answer.authority_at(apex, RecordType::NS);
    data.extend(answer.data_at(apex, RecordType::NS));
    let servers = names(&data);
    if servers.is_empty() {
        return Said::NoSuchZone;
    }
    let mut glue: BTreeMap<Name, BTreeSet<IpAddr>> = BTreeMap::new();
    for record in &answer.additional {
        let four = record.data.ipv4().map(IpAddr::from);
        if let Some(address) = four.or_else(|| record.data.ipv6().map(IpAddr::from)) {
            glue.entry(record.owner.clone())
                .or_default()
                .insert(address);
        }
    }
    Said::Referral(Referral {
        servers,
        glue,
        has_ds: None,
    })
}

fn names(data: &[&easement_zone::RecordData]) -> BTreeSet<Name> {
    data.iter().filter_map(|data| data.target()).collect()
}
