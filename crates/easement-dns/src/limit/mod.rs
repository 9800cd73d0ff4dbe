//! Response-rate limiting: how many answers over UDP a network gets in a second.
//!
//! **What it is for.** Whoever forges the address of a victim can have a name server flood it with
//! answers. So answers to one network are counted by what they say, and beyond a rate they are left
//! out or shortened. Honest resolvers have caches: they do not ask the same so often.
//!
//! **What it is not for.** TCP, and clients with a valid cookie: their addresses are not forged.
//!
//! `allowance` decides, as a pure function of a count and the time. `table` keeps the counts of all
//! networks in a fixed room, for all threads, without locks. `subject` says which answers are counted
//! together, `rates` what is allowed, and `limiter` brings them together.

mod allowance;
mod limiter;
mod rates;
mod subject;
mod table;

pub use self::limiter::RateLimiter;
pub(crate) use self::limiter::Verdict;
pub use self::rates::ResponseRates;
pub(crate) use self::subject::{Kind, Subject};

#[cfg(test)]
mod tests;
