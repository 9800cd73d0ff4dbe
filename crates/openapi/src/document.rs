//! A whole interface.

use std::collections::BTreeMap;

use crate::{Kind, Operation, Schema};

/// A whole interface: what an `OpenAPI` document says.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it is the interface of.
    pub title: &'static str,
    /// Of which version.
    pub version: &'static str,
    /// What everybody must know.
    pub about: &'static str,
    /// The ways to say who asks.
    pub schemes: Vec<Scheme>,
    /// The groups of operations, in the order to read them in.
    pub tags: Vec<Tag>,
    /// What can be asked.
    pub operations: Vec<Operation>,
    /// What the server asks others, when they want it; the path of each is its name.
    pub webhooks: Vec<Operation>,
}

/// A group of operations.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tag {
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub about: &'static str,
}

/// A way to say who asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Scheme {
    /// Its name, for [`Access`](crate::Access).
    pub name: &'static str,
    /// How it is done.
    pub kind: SchemeKind,
    /// More about it.
    pub about: &'static str,
}

/// How somebody says who asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SchemeKind {
    /// `Authorization: Bearer` (RFC 6750).
    Bearer,
    /// `Authorization: Basic` (RFC 7617).
    Basic,
    /// A header with this name.
    Header(&'static str),
    /// A parameter of the query with this name.
    Query(&'static str),
}

impl Document {
    /// The schemas that others refer to by name.
    pub fn named_schemas(&self) -> BTreeMap<&'static str, Schema> {
        let mut named = BTreeMap::new();
        for operation in self.operations.iter().chain(&self.webhooks) {
            let bodies = operation.body.iter().map(|body| &body.content);
            let replies = operation.replies.iter().flat_map(|reply| &reply.contents);
            for content in bodies.chain(replies) {
                collect(&content.schema, &mut named);
            }
        }
        named
    }

    /// The operation that a request is for; the path is without its query.
    pub fn find(&self, method: &str, path: &str) -> Option<&Operation> {
        self.operations
            .iter()
            .filter(|one| one.method.to_string() == method && is_at(one.path, path))
            // A path without parameters goes first.
            .min_by_key(|one| one.path.matches('{').count())
    }
}

fn collect(schema: &Schema, named: &mut BTreeMap<&'static str, Schema>) {
    if let Kind::Named { name, schema } = &schema.kind
        && !named.contains_key(name)
    {
        let schema = schema();
        named.insert(name, schema.clone());
        collect(&schema, named);
    }
    for inside in schema.inside() {
        collect(inside, named);
    }
}

/// Whether a path is one of those that a pattern with parameters in braces stands for.
fn is_at(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut segments) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return true,
            (Some(pattern), Some(segment))
                if pattern == segment || (pattern.starts_with('{') && !segment.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_paths() {
        for (pattern, path, expected) in [
            ("/txt", "/txt", true),
            ("/txt/{name}", "/txt/a.b", true),
            ("/txt/{name}", "/txt/", false),
            ("/txt/{name}", "/txt/a/b", false),
            ("/u/{token}/", "/u/t/", true),
            ("/u/{token}/", "/u/t", false),
        ] {
            assert_eq!(is_at(pattern, path), expected, "{pattern} {path}");
        }
    }
}
