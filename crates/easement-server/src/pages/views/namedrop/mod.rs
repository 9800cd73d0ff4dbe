//! An app that nobody registered asks a person for a name: one file a step.

mod app;
mod host;
mod question;
mod zones;

pub use self::app::AskingApp;
pub use self::host::{HostChoice, NameDropHostPage};
pub use self::question::{NameDropPart, NameDropQuestionPage, NameDropState, OpenRow, ScopeChoice};
pub use self::zones::{NameDropZonesPage, ZoneChoice};
