//! Asking the running server, or, when none runs, doing the work here; and showing the reply.

use easement_server::admin::{AdminReply, AdminRequest};

use crate::arguments::Common;
use crate::commands::{account, template, zone};
use crate::console::{print, print_json, print_text, say};

/// Has a request carried out and shows what came of it.
pub(crate) async fn run(request: &AdminRequest, common: &Common) -> anyhow::Result<()> {
    let config = common.load_config()?;
    let reply = easement_server::admin::ask(request, &config).await?;
    if common.json {
        let reply = serde_json::to_value(&reply)?;
        return print_json(&reply.get("data"));
    }
    show(&reply);
    Ok(())
}

fn show(reply: &AdminReply) {
    match reply {
        AdminReply::AccountCreated(account) => account::show_new(account),
        AdminReply::Accounts(accounts) => print(account::list(accounts)),
        AdminReply::ZoneCreated(zone) => say(format_args!(
            "The zone {} was made, with serial {}.",
            zone.apex.to_text(),
            zone.serial
        )),
        AdminReply::RoleSet(line) => zone::show_role(line),
        AdminReply::ZoneImported(imported) => zone::show_import(imported),
        AdminReply::ZoneFile(text) => print_text(text),
        AdminReply::Zones(zones) => print(zone::list(zones)),
        AdminReply::Zone(zone) => print(zone::detail(zone)),
        AdminReply::TemplatesImported(lines) => {
            print(template::list(lines));
            template::hint_at_pending(lines);
        }
        AdminReply::Templates(lines) => print(template::list(lines)),
        AdminReply::Template { line: _, json } => print(json.trim_end()),
        AdminReply::TemplateSet(line) => say(format_args!(
            "{}/{} version {} is {} now.",
            line.provider, line.service, line.version, line.status
        )),
    }
}
