//! A reader of the documentation finds everything that is public in an example that runs.
//!
//! A function has an example of its own, or stands in one of its file. A type or a constant stands in any
//! example of the library, so it can be named from outside. Whether the examples are right is for the
//! documentation tests; this reads only the text of the sources.

use std::path::{Path, PathBuf};

/// A source file, taken apart.
struct Source {
    path: String,
    /// The code of its examples.
    examples: String,
    items: Vec<Item>,
}

/// Something public.
struct Item {
    line: usize,
    kind: String,
    name: String,
    has_example: bool,
}

impl Source {
    fn read(path: &str, text: &str) -> Self {
        let mut source = Self {
            path: path.to_owned(),
            examples: String::new(),
            items: Vec::new(),
        };
        let (mut in_example, mut has_example) = (false, false);
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim_start();
            if line == "#[cfg(test)]" {
                break;
            }
            let documentation = line.strip_prefix("///").or(line.strip_prefix("//!"));
            if let Some(text) = documentation {
                let is_fence = text.trim_start().starts_with("```");
                in_example ^= is_fence;
                has_example |= is_fence;
                if in_example {
                    source.examples.push_str(text);
                    source.examples.push('\n');
                }
                continue;
            }
            if line.starts_with("#[") {
                continue;
            }
            if let Some((kind, name)) = public_item(line) {
                source.items.push(Item {
                    line: number,
                    kind,
                    name,
                    has_example,
                });
            }
            has_example = false;
        }
        source
    }
}

/// The kind and the name of what a line makes public; names in macros are left to their examples.
fn public_item(line: &str) -> Option<(String, String)> {
    let rest = line.strip_prefix("pub ")?.replace("const fn", "fn");
    let (kind, rest) = rest.split_once(' ')?;
    if !["fn", "struct", "enum", "trait", "type", "const"].contains(&kind) {
        return None;
    }
    let name: String = rest.chars().take_while(|c| is_in_name(*c)).collect();
    (!name.is_empty()).then(|| (kind.to_owned(), name))
}

fn is_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c| !is_in_name(c)).any(|found| found == word)
}

/// What stands in no example.
fn without_example(sources: &[Source]) -> Vec<String> {
    let all: String = sources
        .iter()
        .map(|source| source.examples.as_str())
        .collect();
    let mut found = Vec::new();
    for source in sources {
        for item in &source.items {
            let near = if item.kind == "fn" {
                &source.examples
            } else {
                &all
            };
            if !item.has_example && !has_word(near, &item.name) {
                let Item {
                    line, kind, name, ..
                } = item;
                found.push(format!("{}:{line}: {kind} {name}", source.path));
            }
        }
    }
    found
}

fn collect(folder: &Path, sources: &mut Vec<Source>) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        let is_tests = path.file_name().is_some_and(|name| name == "tests.rs");
        if path.is_dir() {
            collect(&path, sources);
        } else if !is_tests {
            let text = std::fs::read_to_string(&path).unwrap();
            sources.push(Source::read(&path.display().to_string(), &text));
        }
    }
}

#[test]
fn everything_public_stands_in_an_example() {
    let mut sources = Vec::new();
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    collect(&Path::new(&manifest).join("src"), &mut sources);
    let items: usize = sources.iter().map(|source| source.items.len()).sum();
    assert!(items > 200, "only {items} public items were found");
    let found = without_example(&sources);
    assert!(
        found.is_empty(),
        "these are public and stand in no example of the documentation; give each one that runs, or let \
         it appear in that of its type:\n{}",
        found.join("\n")
    );
}

#[test]
fn what_has_no_example_is_found() {
    let one = Source::read(
        "one.rs",
        "/// A thing.\n///\n/// ```\n/// Thing::new();\n/// let a: Other;\n/// ```\n#[derive(Debug)]\npub struct Thing;\n\
         impl Thing {\n    /// Makes one.\n    pub const fn new() -> Self {}\n    /// Hides.\n    pub fn hide(&self) {}\n    \
         pub(crate) fn inner() {}\n}\n#[cfg(test)]\npub fn in_tests() {}\n",
    );
    let two = Source::read(
        "two.rs",
        "/// Other.\npub enum Other {}\n/// Far.\npub struct Far;\n/// New.\npub fn new() {}\n",
    );
    assert_eq!(
        without_example(&[one, two]),
        [
            "one.rs:13: fn hide",
            "two.rs:4: struct Far",
            "two.rs:6: fn new"
        ]
    );
}
