//! A plan on the terminal.

use std::fmt::Write as _;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use domain_connect::{AppliedService, ConflictingItem, Plan, Row, RowChange, RowReason, RowText};

use super::ApplyArguments;
use crate::arguments::Common;
use crate::console::{print, print_json, say, table};

/// Shows the plan: on the standard output, unless the zone file goes there.
pub(super) fn show(plan: &Plan, arguments: &ApplyArguments, common: &Common) -> anyhow::Result<()> {
    if common.json {
        return print_json(plan);
    }
    let text = in_words(plan);
    let to_output = arguments
        .output
        .as_deref()
        .is_none_or(|path| path == Path::new("-"));
    if arguments.check || arguments.in_place || !to_output {
        print(text);
    } else {
        say(text);
    }
    Ok(())
}

/// The plan as JSON, with the zone file that it makes, where both go to the standard output.
pub(super) fn with_zone_file(plan: &Plan, zone_file: &str) -> anyhow::Result<serde_json::Value> {
    let mut value = serde_json::to_value(plan)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("zone_file".to_owned(), zone_file.into());
    }
    Ok(value)
}

/// The plan in words: what changes, what is in the way, and what it means.
fn in_words(plan: &Plan) -> String {
    let mut text = format!("{}\n", plan.service().title());
    if plan.changes_nothing() {
        text.push_str("Nothing changes.\n");
    }
    for row in &plan.rows {
        text.push_str(&row_text(row));
    }
    for conflict in &plan.conflicts {
        let what = match &conflict.existing {
            ConflictingItem::Record(record) => format!(
                "{} {} {}",
                record.owner.to_text(),
                record.data.rtype(),
                record.data
            ),
            ConflictingItem::Special(special) => special.owner.to_text(),
        };
        let _ = writeln!(
            text,
            "In the way of record {}: {what}: {}",
            conflict.template_record, conflict.rule
        );
        for owner in &conflict.owners {
            let _ = writeln!(text, "  it belongs to {owner}");
        }
    }
    for ended in &plan.ended {
        let _ = writeln!(text, "This service ends: {} ({})", ended.title, ended.key);
    }
    for ended in &plan.ended_groups {
        let (group, count) = (&ended.group, ended.records.len());
        let records = if count == 1 { "record" } else { "records" };
        let _ = writeln!(
            text,
            "This group of the service ends: {group} ({count} {records})"
        );
    }
    for warning in &plan.warnings {
        let _ = writeln!(text, "Take care: {warning}");
    }
    for effect in &plan.effects {
        let _ = writeln!(text, "{effect}");
    }
    text.trim_end().to_owned()
}

fn row_text(row: &Row) -> String {
    let (mark, color) = match row.change {
        RowChange::Removed => ('-', AnsiColor::Red),
        RowChange::Added => ('+', AnsiColor::Green),
        RowChange::Changed | RowChange::TtlChanged => ('~', AnsiColor::Yellow),
        RowChange::Shared => ('=', AnsiColor::Cyan),
        RowChange::Kept => (' ', AnsiColor::White),
    };
    let line = |mark: char, text: &RowText, color: AnsiColor, why: &str| {
        let style = Style::new().fg_color(Some(color.into()));
        let ttl = text.ttl.map_or_else(String::new, |ttl| format!(" {ttl}"));
        format!(
            "{style}{mark} {}{ttl} {} {}{style:#}{why}\n",
            row.owner.to_text(),
            row.rtype,
            text.data
        )
    };
    let why = why(&row.reason);
    match (&row.before, &row.after) {
        (Some(before), Some(after)) if before != after => {
            line('-', before, AnsiColor::Red, "") + &line('+', after, AnsiColor::Green, &why)
        }
        (Some(text), _) | (None, Some(text)) => line(mark, text, color, &why),
        (None, None) => String::new(),
    }
}

fn why(reason: &RowReason) -> String {
    match reason {
        RowReason::Template {
            record,
            group: None,
        } => format!("   ; record {record}"),
        RowReason::Template {
            record,
            group: Some(group),
        } => format!("   ; record {record}, group {group}"),
        RowReason::Conflict { rule } => format!("   ; in the way: {rule}"),
        RowReason::ServiceEnds { service } => format!("   ; {service} ends"),
        RowReason::GroupEnds { group } => format!("   ; the group {group} ends"),
        RowReason::Replaced => "   ; written by the earlier application".to_owned(),
        RowReason::Removed => "   ; the service is removed".to_owned(),
        RowReason::SpfMerge => "   ; merged".to_owned(),
        RowReason::Edited => "   ; changed by hand".to_owned(),
        RowReason::SameSet => "   ; one TTL for all records of a name and type".to_owned(),
    }
}

/// The services that are applied.
pub(super) fn list(services: &[AppliedService], common: &Common) -> anyhow::Result<()> {
    if common.json {
        return print_json(&services);
    }
    let rows: Vec<[String; 4]> = services
        .iter()
        .map(|service| {
            let key = &service.key;
            let instance = key.instance.as_ref();
            [
                format!("{}/{}", key.provider_id, key.service_id),
                key.host.to_string(),
                instance.map_or_else(|| "-".to_owned(), ToString::to_string),
                service.title(),
            ]
        })
        .collect();
    print(table(["TEMPLATE", "HOST", "INSTANCE", "TITLE"], &rows));
    Ok(())
}
