//! Documents name only things that exist: files, folders and crates of the repository.
//!
//! A document is read as Markdown with one convention: what stands between backquotes is meant
//! literally. Examples of what does not exist are written with a capital placeholder, a star or an
//! ellipsis (`docs/decisions/NNNN-title.md`), and are left alone.

use std::collections::BTreeSet;
use std::fmt;

/// A document and what it may name.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its folder, from the root of the repository: empty or ending in a slash.
    pub folder: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Every file and folder of the repository, from its root; folders end in a slash.
    pub paths: &'a BTreeSet<String>,
    /// The names of our crates.
    pub crates: &'a [String],
}

/// A name in a document that nothing has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownName {
    /// The line, from 1.
    pub line: usize,
    /// What it names.
    pub kind: Kind,
    /// The name as written.
    pub name: String,
}

/// What a document can name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// One of our crates.
    Crate,
    /// A file or folder, between backquotes or as the target of a link.
    Path,
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, kind, name } = self;
        let kind = match kind {
            Kind::Crate => "crate",
            Kind::Path => "file or folder",
        };
        write!(f, "line {line} names {name}, but there is no such {kind}")
    }
}

/// The names in a document that nothing has.
pub fn check_document(document: &Document<'_>) -> Vec<UnknownName> {
    let mut unknown = Vec::new();
    for (index, text) in document.text.lines().enumerate() {
        let mut report = |kind, name: &str| {
            unknown.push(UnknownName {
                line: index + 1,
                kind,
                name: name.to_owned(),
            });
        };
        for name in crate_names(text).filter(|name| !document.has_crate(name)) {
            report(Kind::Crate, name);
        }
        for path in literal_paths(text).filter(|path| document.lacks_literal(path)) {
            report(Kind::Path, path);
        }
        for target in link_targets(text).filter(|target| document.lacks_target(target)) {
            report(Kind::Path, target);
        }
    }
    unknown
}

impl Document<'_> {
    fn has_crate(&self, name: &str) -> bool {
        self.crates.iter().any(|other| other == name)
    }

    /// A literal is a path when it begins with a file or folder of the root: `nic/update` is none.
    fn lacks_literal(&self, literal: &str) -> bool {
        let path = literal.trim_start_matches("./");
        let first = path.split_inclusive('/').next().unwrap_or_default();
        let is_ours = literal.starts_with("./") || (path != first && self.paths.contains(first));
        is_ours && !self.has_path(path)
    }

    fn lacks_target(&self, target: &str) -> bool {
        let file = target.split('#').next().unwrap_or_default();
        !file.is_empty() && !self.has_path(&resolve(self.folder, file))
    }

    fn has_path(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.paths.contains(path) || self.paths.contains(&format!("{path}/"))
    }
}

/// Follows `../` and `./` from a folder.
fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// What follows `-p` in a command, and literals that begin like our crates.
fn crate_names(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split([' ', '`', ',']);
    let packages = words
        .clone()
        .zip(words.skip(1))
        .filter(|(option, _)| *option == "-p")
        .map(|(_, name)| name);
    let literals = literals(line).filter(|name| name.starts_with("easement-"));
    let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    packages.chain(literals).filter(is_name)
}

/// The literals, and the first words of commands, that look like paths and are no placeholders.
fn literal_paths(line: &str) -> impl Iterator<Item = &str> {
    let is_placeholder = |path: &str| {
        path.contains(['*', '<', '{', '…']) || path.contains("...") || path.contains("NNNN")
    };
    literals(line)
        .filter_map(|literal| literal.split_whitespace().next())
        .filter(move |path| path.contains('/') && !is_placeholder(path))
}

/// What stands between backquotes.
fn literals(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The targets of links that stay in the repository.
fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(text: &str) -> Vec<String> {
        let paths = [
            "check",
            "docs/",
            "docs/glossary.md",
            "docs/decisions/",
            "crates/",
        ];
        let paths = paths.iter().map(|&path| path.to_owned()).collect();
        let document = Document {
            folder: "docs/",
            text,
            paths: &paths,
            crates: &["easement-zone".to_owned()],
        };
        let found = check_document(&document);
        found.into_iter().map(|unknown| unknown.name).collect()
    }

    #[test]
    fn what_exists_may_be_named() {
        let text = "Run `./check --fast`, see [words](glossary.md#words) and [all](../docs/).\n\
                    `docs/decisions/` of `easement-zone`: `cargo test -p easement-zone`.";
        assert_eq!(unknown(text), [""; 0]);
    }

    #[test]
    fn what_does_not_exist_is_found() {
        assert_eq!(unknown("`docs/gone.md`"), ["docs/gone.md"]);
        assert_eq!(unknown("Run `./gone --fast`."), ["./gone"]);
        assert_eq!(unknown("[words](gone.md#words)"), ["gone.md#words"]);
        assert_eq!(unknown("`easement-gone` is a crate"), ["easement-gone"]);
        assert_eq!(unknown("    cargo test -p gone"), ["gone"]);
    }

    #[test]
    fn the_line_is_named() {
        let paths = BTreeSet::from(["docs/".to_owned()]);
        let document = Document {
            folder: "",
            text: "one\ntwo `docs/gone.md`\n",
            paths: &paths,
            crates: &[],
        };
        assert_eq!(check_document(&document)[0].line, 2);
    }

    #[test]
    fn placeholders_and_other_peoples_paths_are_left_alone() {
        let text = "`docs/decisions/NNNN-title.md` `docs/*.md` `nic/update` `/v2/settings` \
                    [spec](https://example.org/spec) [above](#above)";
        assert_eq!(unknown(text), [""; 0]);
    }
}
