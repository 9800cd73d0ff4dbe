//! `easement template explain`

use std::process::ExitCode;

use clap::Args;
use domain_connect::lint::Code;
use serde_json::json;

use crate::arguments::Common;
use crate::console::{print, print_json, table};

#[derive(Args, Debug)]
pub(crate) struct ExplainArguments {
    /// The code, such as DCTL1034.
    #[arg(required_unless_present = "list")]
    code: Option<Code>,
    /// Lists all codes.
    #[arg(long, conflicts_with = "code")]
    list: bool,
}

pub(crate) fn run(arguments: &ExplainArguments, common: &Common) -> anyhow::Result<ExitCode> {
    match (arguments.code, common.json) {
        (Some(code), true) => print_json(&as_json(code))?,
        (Some(code), false) => print(in_words(code)),
        (None, true) => {
            print_json(&Code::ALL.iter().copied().map(as_json).collect::<Vec<_>>())?;
        }
        (None, false) => print(table(
            ["CODE", "SEVERITY", "WHAT IS FOUND"],
            &Code::ALL
                .iter()
                .map(|code| {
                    let severity = code.severity().to_string();
                    [code.to_string(), severity, code.title().to_owned()]
                })
                .collect::<Vec<_>>(),
        )),
    }
    Ok(ExitCode::SUCCESS)
}

fn in_words(code: Code) -> String {
    format!(
        "{code} ({}): {}\n\nWhy it matters: {}\n\nHow to mend it: {}",
        code.severity(),
        code.title(),
        code.why(),
        code.mend()
    )
}

fn as_json(code: Code) -> serde_json::Value {
    json!({
        "code": code.as_str(),
        "severity": code.severity(),
        "title": code.title(),
        "why": code.why(),
        "mend": code.mend(),
    })
}
