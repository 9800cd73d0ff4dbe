//! The pages as a browser gets them, with a world that does what a test says.

mod flow;
mod forms;
mod hostile;
mod lasting;
mod sites;
mod tools;
mod world;
