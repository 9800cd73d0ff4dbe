//! What the pages show: one struct a page, whose fields are ready for display, and the pure functions
//! that turn zones, plans, services and commits into them.
//!
//! **What it is for.** A handler loads, decides, and fills one of these structs; [`askama`] writes it
//! as HTML and escapes every value. Nothing here reads a clock, a store or a request.
//!
//! **What it is not for.** Deciding: who may see a page, what a change is, where a person goes next.
//!
//! **Rules that every page keeps.** No script, no inline style, no address of another server but in
//! links a person follows: all pages work under `default-src 'none'; style-src 'self'; img-src 'self';
//! form-action 'self'; base-uri 'none'; frame-ancestors 'none'`. The answer to the form of the
//! consent page may redirect to the service provider, and browsers hold `form-action` against such a
//! redirect: that page needs the origin of the redirect target beside `'self'` there. Text of others
//! is made [`visible`] where it is shown, so that it cannot reorder or hide what stands around it.
//!
//! **To add a page**, add a file here with its struct and a `sample()`, a template of the same name
//! in `templates/`, and a line in `samples.rs`: the tests then render, check and compare it.

mod account;
mod api_reference;
pub mod assets;
mod choose_password;
mod clients;
mod commit;
mod consent;
mod declined;
mod delete_account;
mod demo;
mod done;
mod effects;
mod error;
mod filters;
mod grants;
mod history;
mod hosts;
mod namedrop;
pub mod paths;
mod people;
mod plan;
mod planned;
mod records;
mod remove_service;
mod services;
mod shell;
mod show;
mod sign_in;
mod submission;
mod submit_template;
mod template_review;
mod templates;
mod tokens;
mod tools;
mod webhooks;
mod words;
mod zone;
mod zones;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use self::account::AccountPage;
pub use self::api_reference::{ApiReference, ApiReferencePage};
pub use self::choose_password::{ChoosePasswordPage, PasswordReason};
pub use self::clients::{ClientForm, ClientPage, ClientRow, ClientsPage, DeleteClientPage};
pub use self::commit::{CommitNeighbours, CommitPage};
pub use self::consent::{ConsentPage, ConsentState, Signature};
pub use self::declined::DeclinedPage;
pub use self::delete_account::DeleteAccountPage;
pub use self::demo::{DemoAppPage, DemoLink, DemoOutcome, DemoPage};
pub use self::done::{DonePage, DoneWhat};
pub use self::effects::{Effect, EffectLine, Sign, describe_changes};
pub use self::error::ErrorPage;
pub use self::grants::{
    AgreedView, Choice, GrantConsentPage, GrantNames, GrantPage, GrantPlace, GrantRow, GrantState,
    GrantedRow, GrantsPage, InTheWay, OpenedRow, RevokeGrantPage, WiderTemplate,
};
pub use self::history::CommitRow;
pub use self::hosts::{HostPage, HostRow, HostsPage};
pub use self::namedrop::{
    AskingApp, HostChoice, NameDropHostPage, NameDropPart, NameDropQuestionPage, NameDropState,
    NameDropZonesPage, OpenRow, ScopeChoice, ZoneChoice,
};
pub use self::people::{PeoplePage, PersonPage, PersonRow, RoleChoice};
pub use self::plan::{EndingService, PlanView, RecordGroup, RecordRow, RowChange, group_records};
pub use self::planned::old_answers;
pub use self::records::{RecordList, RecordPlace, RecordQuery, list_records};
pub use self::remove_service::{RemovalState, RemoveServicePage};
pub use self::services::{ServiceRow, holders_of};
pub use self::shell::{HiddenField, Link, Person, Problem, Section, Shell};
pub use self::show::{ShownName, ShownTime, count, duration_words, record_value};
pub use self::sign_in::{SignInPage, SignInState};
pub use self::submission::SubmissionPage;
pub use self::submit_template::SubmitTemplatePage;
pub use self::template_review::{DecisionRow, DifferentLine, TemplateReviewPage};
pub use self::templates::{TemplateRow, TemplatesPage};
pub(crate) use self::tokens::OVERLAPS;
pub use self::tokens::{
    NetworkRow, NewTokenPage, ParentView, RevokeTokenPage, TesterView, TokenForm, TokenMadePage,
    TokenPage, TokenRow, TokenVerdict, TokensPage,
};
pub use self::tools::{
    FindingRow, GroupChoice, LintAnswer, LintCodePage, LintCodesPage, LintPage, PlaygroundAnswer,
    PlaygroundPage, SignatureAnswer, SignaturePage, StepRow, ToolsPage, VariableField,
};
pub use self::webhooks::{
    AttemptRow, BrokenRow, DeliveryPage, DeliveryRow, WebhookForm, WebhookPage, WebhookRow,
    WebhooksPage,
};
pub use self::words::{Word, Words, visible, with_capital};
pub use self::zone::{Notice, ZoneAccess, ZonePage, ZoneRecordRow};
pub use self::zones::{ZoneRow, ZonesPage};
