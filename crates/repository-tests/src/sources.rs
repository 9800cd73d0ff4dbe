//! A pure crate does not reach the outside world through the standard library either, nor through what
//! an allowed dependency has beside its pure parts.
//!
//! This reads the text of the sources, so it is a net with holes: a name behind a macro or an alias
//! slips through. It catches what is written without thinking.

use std::fmt;

/// Modules and types that touch files, sockets, clocks, randomness or the environment, by the crate
/// that has them.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "std::",
        &[
            "Instant",
            "SystemTime",
            "TcpListener",
            "TcpStream",
            "ToSocketAddrs",
            "UdpSocket",
            "env",
            "fs",
            "os",
            "process",
            "thread",
        ],
    ),
    ("aws_lc_rs::", &["SystemRandom"]),
    ("jiff::", &["now"]),
];

/// Something forbidden that one source file may use after all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SourceException {
    /// The file, from the root of the repository.
    pub path: &'static str,
    /// What it may use.
    pub name: &'static str,
    /// Why that does no harm.
    pub reason: &'static str,
}

impl SourceException {
    /// Whether it is about this use in this file.
    pub fn allows(&self, path: &str, outside: &OutsideUse) -> bool {
        self.path == path && self.name == outside.name
    }
}

/// All exceptions. One that is not needed any more fails the test.
pub const SOURCE_EXCEPTIONS: &[SourceException] = &[SourceException {
    path: "crates/domain-connect/src/signature/sign.rs",
    name: "SystemRandom",
    reason: "the library asks for a random source, which signatures of PKCS#1 v1.5 do not use",
}];

/// A use of the outside world in a pure crate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutsideUse {
    /// The line, from 1.
    pub line: usize,
    /// The name that is forbidden.
    pub name: &'static str,
}

impl fmt::Display for OutsideUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, name } = self;
        write!(
            f,
            "line {line} uses `{name}` in a pure crate: take a value as a parameter instead"
        )
    }
}

/// The forbidden uses in one source file, without those in comments and in tests.
pub fn check_source(text: &str) -> Vec<OutsideUse> {
    let code = without_comments_and_tests(text);
    let mut uses = Vec::new();
    for (prefix, forbidden) in FORBIDDEN {
        for (at, _) in code.match_indices(prefix) {
            let path = path_at_start(code.get(at + prefix.len()..).unwrap_or_default());
            let line = code.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
            let names = path.split(|c: char| !is_in_name(c));
            let found = names.filter_map(|name| forbidden.iter().find(|other| **other == name));
            uses.extend(found.map(|name| OutsideUse { line, name }));
        }
    }
    uses
}

/// The path that a text begins with, with its group in braces if it has one:
/// `{fs, io::{Read, Write}}`.
fn path_at_start(text: &str) -> &str {
    let mut depth = 0_usize;
    let end = text.find(|c: char| {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            _ => {}
        }
        let goes_on = is_in_name(c) || c == ':' || c == '}' || depth > 0;
        !goes_on
    });
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

fn is_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The same lines, with comments emptied and nothing from the module of unit tests on: by our style
/// it is the last thing in a file.
fn without_comments_and_tests(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let tests = lines
        .windows(2)
        .position(|pair| matches!(pair, ["#[cfg(test)]", module] if module.ends_with('{')))
        .unwrap_or(lines.len());
    lines
        .iter()
        .take(tests)
        .map(|line| line.split_once("//").map_or(*line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, &'static str)> {
        let uses = check_source(text);
        uses.iter().map(|found| (found.line, found.name)).collect()
    }

    #[test]
    fn imports_and_paths_are_found() {
        assert_eq!(found("use std::fs;\n"), [(1, "fs")]);
        assert_eq!(
            found("\n\nlet now = std::time::SystemTime::now();"),
            [(3, "SystemTime")]
        );
        assert_eq!(found("let now = jiff::Timestamp::now();"), [(1, "now")]);
        let random = "use aws_lc_rs::rand::SystemRandom;";
        assert_eq!(found(random), [(1, "SystemRandom")]);
        let group = "use std::{\n    fmt,\n    net::{IpAddr, UdpSocket},\n    time::Instant,\n};";
        assert_eq!(found(group), [(1, "UdpSocket"), (1, "Instant")]);
    }

    #[test]
    fn harmless_uses_are_not() {
        assert_eq!(
            found("use std::net::IpAddr;\nuse std::time::Duration;\nlet env = 1;"),
            []
        );
        assert_eq!(found("fn f(a: std::net::IpAddr, env: u8) { g(env) }"), []);
    }

    #[test]
    fn an_exception_holds_for_its_file_and_name_only() {
        let exception = SourceException {
            path: "a.rs",
            name: "fs",
            reason: "a test",
        };
        let outside = |name| OutsideUse { line: 1, name };
        assert!(exception.allows("a.rs", &outside("fs")));
        assert!(!exception.allows("b.rs", &outside("fs")));
        assert!(!exception.allows("a.rs", &outside("env")));
    }

    #[test]
    fn comments_and_tests_are_left_out() {
        assert_eq!(found("// use std::fs;\n/// `std::env`\nfn f() {}"), []);
        assert_eq!(
            found("fn f() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}"),
            []
        );
    }

    #[test]
    fn a_module_of_tests_in_another_file_hides_nothing() {
        assert_eq!(found("#[cfg(test)]\nmod tests;\nuse std::fs;"), [(3, "fs")]);
    }
}
