//! The pages under `/tools`.

mod index;
mod lint;
mod playground;
mod signature;

pub use self::index::ToolsPage;
pub use self::lint::{FindingRow, LintAnswer, LintCodePage, LintCodesPage, LintPage};
pub use self::playground::{GroupChoice, PlaygroundAnswer, PlaygroundPage, VariableField};
pub use self::signature::{SignatureAnswer, SignaturePage, StepRow};
