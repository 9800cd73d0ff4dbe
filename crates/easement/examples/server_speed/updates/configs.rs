//! What the others are told: nothing that they would not do by default, but for what `Peer::durability` says.

use std::fmt::{Error, Write as _};
use std::net::SocketAddr;
use std::path::Path;

use super::message::{KEY_NAME, SECRET};
use crate::data::Data;

pub(super) fn bind(run: &Path, data: Data, dns: SocketAddr) -> Result<String, Error> {
    let (port, run) = (dns.port(), run.display());
    let mut text = format!(
        "options {{\n  directory \"{run}\";\n  listen-on port {port} {{ 127.0.0.1; }};\n  \
         listen-on-v6 {{ none; }};\n  pid-file none;\n  lock-file none;\n  session-keyfile none;\n  \
         recursion no;\n  notify no;\n  allow-transfer {{ none; }};\n}};\ncontrols {{ }};\n\
         key \"{KEY_NAME}\" {{ algorithm hmac-sha256; secret \"{SECRET}\"; }};\n"
    );
    for zone in 0..data.zones() {
        let apex = data.apex(zone);
        writeln!(
            text,
            "zone \"{apex}\" {{ type primary; file \"zones/{apex}.zone\"; \
             allow-update {{ key \"{KEY_NAME}\"; }}; }};"
        )?;
    }
    Ok(text)
}

pub(super) fn knot(run: &Path, zones: &Path, data: Data, dns: SocketAddr) -> Result<String, Error> {
    let (ip, port, run, zones) = (dns.ip(), dns.port(), run.display(), zones.display());
    let mut text = format!(
        "server:\n  listen: {ip}@{port}\n  rundir: \"{run}\"\n\
         key:\n  - id: {KEY_NAME}\n    algorithm: hmac-sha256\n    secret: {SECRET}\n\
         acl:\n  - id: update\n    key: {KEY_NAME}\n    action: update\n\
         log:\n  - target: stderr\n    any: info\n\
         database:\n  storage: \"{run}\"\n\
         template:\n  - id: default\n    storage: \"{zones}\"\n    file: \"%s.zone\"\n    \
         zonefile-sync: -1\n    acl: update\n\
         zone:\n"
    );
    for zone in 0..data.zones() {
        writeln!(text, "  - domain: {}", data.apex(zone))?;
    }
    Ok(text)
}

/// The key of PowerDNS' HTTP API.
pub(super) const API_KEY: &str = "only-for-measuring";

pub(super) fn powerdns(run: &Path, dns: SocketAddr, http: SocketAddr) -> String {
    let run = run.display();
    format!(
        "launch=gsqlite3\ngsqlite3-database={run}/pdns.sqlite\nlocal-address={}\nlocal-port={}\n\
         socket-dir={run}\ndaemon=no\nguardian=no\nwrite-pid=no\nsetuid=\nsetgid=\nsecurity-poll-suffix=\n\
         api=yes\napi-key={API_KEY}\nwebserver=yes\nwebserver-address={}\nwebserver-port={}\n\
         webserver-allow-from=127.0.0.0/8\ndefault-api-rectify=no\n",
        dns.ip(),
        dns.port(),
        http.ip(),
        http.port(),
    )
}
