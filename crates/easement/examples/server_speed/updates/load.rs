//! Many callers in one thread, which waits for whoever is answered next.

use std::io;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::caller::{Caller, Event, Wish};
use super::target::Target;
use crate::Failure;
use crate::data::{Data, label, mix};

/// How long nothing may happen before everybody looks at the time.
const LOOK_UP_MILLISECONDS: u8 = 100;
/// No more changes than that, however long it takes.
const MAX_WISHES: u64 = 20_000_000;

/// What callers do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) data: Data,
    pub(super) callers: u32,
    /// Other names and addresses for another number.
    pub(super) seed: u32,
    /// Whether each change is looked for over DNS.
    pub(super) looks: bool,
    pub(super) time: Duration,
}

impl Load {
    /// Has callers send changes, each the next one as soon as the last is done, until the time is over and the
    /// last ones are answered.
    pub(super) fn run(
        &self,
        target: &Target,
        mut note: impl FnMut(&Wish, Option<Event>),
    ) -> Result<(), Failure> {
        let callers = (0..self.callers).map(|number| target.caller(number));
        let mut callers = callers.collect::<Result<Vec<_>, _>>()?;
        let mut wishes = Wishes::new(self);
        let mut wanted = Vec::new();
        for (caller, number) in callers.iter_mut().zip(0..) {
            let wish = wishes.next(number)?;
            note(&wish, None);
            caller.send(&wish)?;
            wanted.push(wish);
        }
        let end = Instant::now() + self.time;
        while callers.iter().any(|caller| !caller.is_idle()) {
            let ready = wait(&callers)?;
            let is_over = Instant::now() >= end || wishes.made > MAX_WISHES;
            let all = callers.iter_mut().zip(&mut wanted).zip(0..);
            for ((caller, wish), number) in all.filter(|(_, number)| is_in(&ready, *number)) {
                if let Some(event) = caller.go_on(wish, self.looks)? {
                    note(wish, Some(event));
                }
                if caller.is_idle() && !is_over {
                    *wish = wishes.next(number)?;
                    note(wish, None);
                    caller.send(wish)?;
                }
            }
        }
        Ok(())
    }
}

/// The numbers of the callers for whom something came: all of them, when nothing came for a while. Those who
/// have nothing to do are left out.
fn wait(callers: &[Caller]) -> io::Result<Vec<u32>> {
    let busy = callers
        .iter()
        .zip(0..)
        .filter(|(caller, _)| !caller.is_idle());
    let (mut fds, numbers): (Vec<_>, Vec<u32>) = busy
        .map(|(caller, number)| (PollFd::new(caller.fd(), PollFlags::POLLIN), number))
        .unzip();
    if poll(&mut fds, PollTimeout::from(LOOK_UP_MILLISECONDS))? == 0 {
        return Ok(numbers);
    }
    let all = fds.iter().zip(numbers);
    let ready = all.filter(|(fd, _)| fd.any().unwrap_or(true));
    Ok(ready.map(|(_, number)| number).collect())
}

fn is_in(sorted: &[u32], number: u32) -> bool {
    sorted.binary_search(&number).is_ok()
}

//------------ Wishes ----------------------------------------------------------------------------

/// Makes wishes: random names, of which each belongs to one caller, and addresses that differ.
struct Wishes<'a> {
    load: &'a Load,
    made: u64,
}

impl<'a> Wishes<'a> {
    fn new(load: &'a Load) -> Self {
        Self { load, made: 0 }
    }

    fn next(&mut self, caller: u32) -> Result<Wish, Failure> {
        let Load {
            data,
            callers,
            seed,
            ..
        } = *self.load;
        self.made += 1;
        let random = mix((u64::from(seed) << 32) + self.made);
        let (caller, callers) = (u64::from(caller), u64::from(callers));
        let share = (data.names() / callers).max(1);
        let index = random % share * callers + caller;
        let hosts = u64::from(data.hosts());
        let apex = data
            .apex(u32::try_from(index / hosts)?)
            .parse::<easement_zone::Name>()?;
        let owner = apex.child(&label(u32::try_from(index % hosts)?))?;
        // Public addresses, since no other is taken.
        let [_, octets @ ..] = u32::try_from(mix(random) % (1 << 24))?.to_be_bytes();
        let [b, c, d] = octets;
        let address = Ipv4Addr::new(8, b, c, d);
        Ok(Wish {
            index,
            apex,
            owner,
            address,
        })
    }
}
