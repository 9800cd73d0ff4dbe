//! The example service of the demo, as its visitors use it: in a real browser, over real DNS.

mod command;
mod everything_else;
mod lasting;
mod synchronous;
mod visit;
