//! What the system says about this process. What it does not say is left out.

use std::fs;

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::sys::time::TimeValLike as _;

use super::text::{Exposition, Kind};

/// Writes the metrics that every program has, under the names that dashboards know.
pub(super) fn write(page: &mut Exposition) {
    if let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) {
        let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        page.one(
            "process_cpu_seconds_total",
            Kind::Counter,
            "Processor time of user and system.",
            std::time::Duration::from_micros(u64::try_from(micros).unwrap_or_default())
                .as_secs_f64(),
        );
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for (name, key, help) in [
        (
            "process_resident_memory_bytes",
            "VmRSS:",
            "Memory that is in use.",
        ),
        (
            "process_virtual_memory_bytes",
            "VmSize:",
            "Memory that is addressed.",
        ),
    ] {
        if let Some(kibibytes) = number(&status, key) {
            page.one(name, Kind::Gauge, help, kibibytes.saturating_mul(1024));
        }
    }
    if let Some(threads) = number(&status, "Threads:") {
        page.one("process_threads", Kind::Gauge, "Threads.", threads);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        let open = files.count();
        page.one("process_open_fds", Kind::Gauge, "Open files.", open);
    }
    if let Ok((soft, _)) = getrlimit(Resource::RLIMIT_NOFILE) {
        page.one(
            "process_max_fds",
            Kind::Gauge,
            "The most files that may be open.",
            soft,
        );
    }
}

/// The number in the line that begins with `key`.
fn number(status: &str, key: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix(key))?;
    value.split_whitespace().next()?.parse().ok()
}
