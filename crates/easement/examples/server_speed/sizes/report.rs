//! What was measured, as a table: a column for each size.

use super::Sizes;

pub(super) fn table(all: &[Sizes]) -> String {
    let mut lines = vec![row("", all, |one| one.data.to_string())];
    lines.push(row("import, s", all, |one| {
        cell(one.import.map(|(time, _)| time.as_secs_f64()))
    }));
    lines.push(row("memory of it, at most, MiB", all, |one| {
        cell(one.import.map(|(_, mebibytes)| mebibytes))
    }));
    lines.push(row("ready, s", all, |one| {
        cell(Some(one.ready.as_secs_f64()))
    }));
    lines.push(row("processor until ready, s", all, |one| {
        cell(Some(one.cpu.as_secs_f64()))
    }));
    lines.push(row("memory, PSS, MiB", all, |one| {
        cell(Some(one.mebibytes))
    }));
    let names = all.first().into_iter().flat_map(|one| &one.steps);
    for (place, (name, _)) in names.enumerate() {
        lines.push(row(&format!("{name}, ms"), all, |one| {
            cell(one.steps.get(place).map(|(_, samples)| samples.median()))
        }));
    }
    lines.join("\n")
}

fn row(name: &str, all: &[Sizes], cell: impl Fn(&Sizes) -> String) -> String {
    let cells: Vec<String> = all.iter().map(|one| format!("{:>18}", cell(one))).collect();
    format!("{name:<34}{}", cells.concat())
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"))
}
