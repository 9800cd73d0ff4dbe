//! Servers that are killed under load: whatever was acknowledged has to be there afterwards.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use easement_zone::Name;

use super::Options;
use super::caller::Event;
use super::load::Load;
use super::message;
use super::peers::Peer;
use super::target::Target;
use crate::data::{Data, mix};
use crate::{Failure, progress};

/// A server is killed at a random moment within this time.
const LONGEST_MILLISECONDS: u64 = 3_000;
/// How long the load goes on when nothing ends it.
const LOAD: Duration = Duration::from_secs(30);
/// How long an answer is waited for, and how often it is asked for.
const PATIENCE: Duration = Duration::from_secs(2);
const TRIES: u32 = 5;

/// What is known of a name.
#[derive(Debug)]
struct Known {
    owner: Name,
    acknowledged: Option<Ipv4Addr>,
    /// What was sent since.
    unknown: Vec<Ipv4Addr>,
}

/// Kills the server of each peer so many times, and says what became of what it had acknowledged. Fails when
/// anything is lost.
pub(super) fn run(data: Data, peers: &[Peer], options: &Options) -> Result<(), Failure> {
    let seed = RandomState::new().build_hasher().finish();
    let mut lost_by = Vec::new();
    for peer in peers {
        progress(&format!("{data}: killing {peer} {} times", options.kills));
        let mut target = Target::start(*peer, data, options)?;
        let (mut names, mut acknowledged, mut lost) = (HashMap::new(), 0, 0);
        for kill in 0..options.kills {
            let moment = mix(seed.wrapping_add(kill.into())) % LONGEST_MILLISECONDS;
            let load = Load {
                data,
                callers: options.callers.iter().copied().max().unwrap_or(1),
                seed: 1 + kill,
                looks: false,
                time: LOAD,
            };
            acknowledged += kill_under(&target, &load, Duration::from_millis(moment), &mut names)?;
            target.start_again()?;
            lost += check(&target, &mut names)?;
        }
        let (kills, checked) = (options.kills, names.len());
        println!(
            "{peer:<24}{data}: {kills} kills, {acknowledged} changes acknowledged at {checked} names, {lost} lost"
        );
        if lost > 0 {
            lost_by.push(peer.to_string());
        }
    }
    if lost_by.is_empty() {
        Ok(())
    } else {
        Err(format!("acknowledged changes were lost: {}", lost_by.join(", ")).into())
    }
}

/// Kills a server after a while of load; gives how many changes it acknowledged.
fn kill_under(
    target: &Target,
    load: &Load,
    after: Duration,
    names: &mut HashMap<u64, Known>,
) -> Result<u64, Failure> {
    let (done, ended) = channel::<()>();
    std::thread::scope(|scope| {
        let load = scope.spawn(move || {
            let mut acknowledged = 0;
            // That its connections break is what is meant to happen.
            let _ = load.run(target, |wish, event| match event {
                None => {
                    let known = names.entry(wish.index).or_insert_with(|| Known {
                        owner: wish.owner.clone(),
                        acknowledged: None,
                        unknown: Vec::new(),
                    });
                    known.unknown.push(wish.address);
                }
                Some(Event::Acknowledged { .. }) => {
                    acknowledged += 1;
                    if let Some(known) = names.get_mut(&wish.index) {
                        known.acknowledged = Some(wish.address);
                        known.unknown.clear();
                    }
                }
                Some(Event::Visible { .. } | Event::Failed(_)) => {}
            });
            drop(done);
            acknowledged
        });
        if let Err(RecvTimeoutError::Disconnected) = ended.recv_timeout(after) {
            return Err("the load ended before the server was killed".into());
        }
        target.kill()?;
        load.join().map_err(|_| "the load failed".into())
    })
}

/// Asks for every name that was changed so far; gives how many have lost what was acknowledged.
fn check(target: &Target, names: &mut HashMap<u64, Known>) -> Result<u32, Failure> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(target.dns())?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut lost = 0;
    for known in names.values_mut() {
        let found = ask(&socket, &known.owner)?;
        let is_fine = match known.acknowledged {
            Some(acknowledged) => {
                found.is_some_and(|found| found == acknowledged || known.unknown.contains(&found))
            }
            // What was there before the run, or what was sent.
            None => found.is_some(),
        };
        if !is_fine {
            lost += 1;
            let owner = &known.owner;
            progress(&format!(
                "{}: {owner} has {found:?}: {known:?}",
                target.peer
            ));
        }
        // What is there now stays there.
        known.acknowledged = found;
        known.unknown.clear();
    }
    Ok(lost)
}

fn ask(socket: &UdpSocket, owner: &Name) -> Result<Option<Ipv4Addr>, Failure> {
    let mut room = [0; 1232];
    for id in 1..=TRIES {
        let id = u16::try_from(id)?;
        let question = message::question(id, owner);
        socket.send(&question)?;
        while let Ok(octets) = socket.recv(&mut room) {
            let answer = room.get(..octets).unwrap_or_default();
            if message::code_of(answer, id).is_some() {
                return Ok(message::address_in(answer, &question));
            }
        }
    }
    Err(format!("there is no answer about {owner}").into())
}
