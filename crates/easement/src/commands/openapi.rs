//! `easement openapi`.

use clap::Args;

use crate::console;

#[derive(Args, Debug)]
#[command(after_help = "\
Every server has the same document at /openapi.json, and shows it to people at /docs/api.

Example:
  easement openapi > openapi.json")]
pub(crate) struct OpenapiArguments {}

pub(crate) fn run() -> anyhow::Result<()> {
    console::print_text(easement_server::openapi::text())
}
