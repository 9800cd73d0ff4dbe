//! What is to be said to a server, and when. Pure: addresses, what was said before, and both clocks come in, a
//! [`Decision`] goes out.
//!
//! [`Absences`] says which addresses are gone; [`wishes`] says what every host should have; [`decide`] says which of that is to be sent now, or how long to wait;
//! [`pause`] says how long to leave a server alone after a fault.

mod absence;
mod due;
mod pause;
mod wish;

pub use self::absence::Absences;
pub use self::due::{Decision, Situation, decide};
pub use self::pause::pause;
pub use self::wish::{FamilyWish, Finding, Findings, HostWish, wishes};
