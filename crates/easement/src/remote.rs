//! Asking the running server, or, when none runs, doing the work here; and showing the reply.

use std::process::ExitCode;

use easement_core::TemplateStatus;
use easement_server::admin::{AdminReply, AdminRequest, Reloaded};
use easement_server::{CertificateReload, CookieSecretReload};

use crate::arguments::Common;
use crate::commands::{account, client, store, template, token, zone};
use crate::console::{self, print, print_file, print_json, print_text, say};

/// Has a request carried out and shows what came of it. Of a list of templates, those with a status may
/// be meant.
pub(crate) async fn run(
    request: &AdminRequest,
    listed: Option<TemplateStatus>,
    common: &Common,
) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let reply = easement_server::admin::ask(request, &config, console::show_progress).await;
    console::clear_progress();
    let mut reply = reply?;
    if let (AdminReply::Templates(lines), Some(status)) = (&mut reply, listed) {
        lines.retain(|line| line.status == status);
    }
    if common.json {
        let value = serde_json::to_value(&reply)?;
        print_json(&value.get("data"))?;
    } else {
        show(&reply)?;
    }
    Ok(exit_code(&reply))
}

/// What came of it, for programs. It does not depend on how it is shown.
fn exit_code(reply: &AdminReply) -> ExitCode {
    if let AdminReply::TemplatesImported(summary) = reply {
        return template::exit_code(summary);
    }
    if let AdminReply::StoreVerified(verified) = reply {
        return store::exit_code(verified);
    }
    if let AdminReply::TokenAnswer(answer) = reply {
        return token::answer_code(answer);
    }
    if let AdminReply::TemplateControl(control) = reply {
        return template::control_code(control);
    }
    if let AdminReply::ZoneImported(outcome) | AdminReply::ZoneRestored { outcome, .. } = reply {
        return zone::exit_code(outcome);
    }
    if let AdminReply::AccountDeleted(end) = reply {
        return account::exit_code(end);
    }
    ExitCode::SUCCESS
}

fn show(reply: &AdminReply) -> anyhow::Result<()> {
    match reply {
        AdminReply::AccountCreated(account) => account::show_new(account),
        AdminReply::PasswordLink(link) => account::show_password_link(link),
        AdminReply::StandingSet(line) => account::show_standing(line),
        AdminReply::AccountExport(document) => print_json(&document)?,
        AdminReply::AccountDeleted(end) => account::show_end(end),
        AdminReply::StoreVerified(verified) => store::show_verified(verified),
        AdminReply::Reloaded(reloaded) => show_reloaded(*reloaded),
        AdminReply::Accounts(accounts) => print(account::list(accounts)),
        AdminReply::ZoneCreated(zone) => say(format_args!(
            "The zone {} was made, with serial {}.",
            zone.apex.to_text(),
            zone.serial
        )),
        AdminReply::RoleSet(line) => zone::show_role(line),
        AdminReply::ZoneImported(imported) => zone::show_import(imported)?,
        AdminReply::ZoneRestored { version, outcome } => zone::show_restore(*version, outcome)?,
        AdminReply::ZoneFile(text) => print_text(text)?,
        // `easement doctor` asks for this, and shows it its own way.
        AdminReply::Examined(_) => {}
        AdminReply::Zones(zones) => print(zone::list(zones)),
        AdminReply::Zone(zone) => zone::show_detail(zone),
        AdminReply::ZonePurposeSet(line) => zone::show_purpose(line),
        AdminReply::TokenMade(made) => token::show_made(made),
        AdminReply::Tokens(tokens) => print(token::list(tokens)),
        AdminReply::Token(detail) => print(token::detail(detail)),
        AdminReply::TokenRevoked(revoked) => token::show_revoked(revoked),
        AdminReply::TokenAnswer(answer) => token::show_answer(answer),
        AdminReply::ClientMade(made) => client::show_made(made),
        AdminReply::Clients(clients) => print(client::list(clients)),
        AdminReply::Client(line) => print(client::detail(line)),
        AdminReply::ClientChanged(changed) => client::show_changed(changed),
        AdminReply::TemplatesImported(summary) => template::show_summary(summary),
        AdminReply::Templates(lines) => print(template::list(lines)),
        AdminReply::Template { line: _, json } => print_file(&format!("{}\n", json.trim_end()))?,
        AdminReply::TemplateSet { line, uses } => template::show_decision(line, *uses),
        AdminReply::TemplateReview(review) => template::show_review(review),
        AdminReply::TemplateControl(control) => template::show_control(control),
    }
    Ok(())
}

fn show_reloaded(reloaded: Reloaded) {
    say(match reloaded.certificate {
        CertificateReload::NotUsed => "The server speaks plain HTTP: it has no certificate.",
        CertificateReload::Unchanged => "The files hold the certificate that is in use.",
        CertificateReload::Taken => "New connections get the new certificate.",
    });
    match reloaded.cookie_secret {
        CookieSecretReload::NotUsed => {}
        CookieSecretReload::Unchanged => say("The file holds the secret of DNS cookies in use."),
        CookieSecretReload::Taken => say("New DNS cookies are made from the new secret."),
    }
}
