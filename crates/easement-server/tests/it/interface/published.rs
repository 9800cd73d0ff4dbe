//! The part about `ApertoDNS` next to the `OpenAPI` document that its authors publish: paths, methods, statuses,
//! parameters and members. Each difference stands below with its reason, and none may stand there that is none any
//! more.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

/// What the published document has and ours has not.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "GET /.well-known/apertodns/v1/txt/{hostname} 404",
        "a name without texts has an empty list",
    ),
    (
        "GET /.well-known/apertodns/v1/health 200 data.uptime",
        "no text says in which unit it is",
    ),
    (
        "POST /.well-known/apertodns/v1/update 200 data.timestamp",
        "its name from before 1.3.2; the draft calls it updated_at",
    ),
    (
        "GET /.well-known/apertodns/v1/domains 200 data.domains",
        "the grouped form from before 1.3.2; the draft has a list of hosts",
    ),
];

/// What has another type.
const OTHER_TYPES: &[(&str, &str)] = &[
    (
        "GET /.well-known/apertodns/v1/domains 200 data",
        "a list of hosts, as in the draft",
    ),
    (
        "DELETE /.well-known/apertodns/v1/txt 200 data.deleted",
        "a boolean in the draft and the specification",
    ),
];

/// What one of ours must be that none of theirs must be, in requests.
const STRICTER: &[(&str, &str)] = &[];

/// What theirs must be and ours need not.
const LOOSER: &[(&str, &str)] = &[(
    "GET /nic/update hostname",
    "the user name may be the host (specification, section 6.3)",
)];

#[test]
fn the_published_document_says_the_same() {
    let Some(published) = published() else {
        return;
    };
    let ours: Value = serde_json::from_str(easement_server::openapi::text()).unwrap();
    let mut compared = Compared::default();
    for (path, methods) in published["paths"].as_object().unwrap() {
        for (method, theirs) in methods.as_object().unwrap() {
            let called = format!("{} {path}", method.to_uppercase());
            let Some(our) = ours["paths"].get(path).and_then(|one| one.get(method)) else {
                compared.left_out.insert(called);
                continue;
            };
            compared.operation(&called, (&published, theirs), (&ours, our));
        }
    }
    assert!(compared.members > 60, "{}", compared.members);
    assert_differences("left out", &compared.left_out, LEFT_OUT);
    assert_differences("of another type", &compared.other_types, OTHER_TYPES);
    assert_differences("stricter", &compared.stricter, STRICTER);
    assert_differences("looser", &compared.looser, LOOSER);
}

fn assert_differences(kind: &str, found: &BTreeSet<String>, allowed: &[(&str, &str)]) {
    let allowed: BTreeSet<String> = allowed.iter().map(|(what, _)| (*what).to_owned()).collect();
    assert_eq!(*found, allowed, "{kind}: found, and listed with a reason");
}

/// The document, where the folder with the specifications is beside this one.
fn published() -> Option<Value> {
    let beside = || {
        let root = std::env::var_os("CARGO_MANIFEST_DIR")?;
        Some(PathBuf::from(root).join("../../../shared/specs/apertodns-1.4.0.openapi.yaml"))
    };
    let named = std::env::var_os("APERTODNS_OPENAPI").map(PathBuf::from);
    let path = named.or_else(beside)?;
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!(
            "SKIPPED: the OpenAPI document of ApertoDNS 1.4.0 is not here: set APERTODNS_OPENAPI to its path"
        );
        return None;
    };
    Some(serde_yaml_ng::from_str(&text).unwrap())
}

#[derive(Default)]
struct Compared {
    members: usize,
    left_out: BTreeSet<String>,
    other_types: BTreeSet<String>,
    stricter: BTreeSet<String>,
    looser: BTreeSet<String>,
}

/// A document, and a part of it.
type Part<'a> = (&'a Value, &'a Value);

impl Compared {
    fn operation(&mut self, called: &str, theirs: Part<'_>, ours: Part<'_>) {
        self.parameters(called, theirs, ours);
        self.access(called, theirs.1, ours.1);
        if let Some(body) = theirs.1.get("requestBody") {
            let (their, our) = (
                body_of(theirs.0, body),
                body_of(ours.0, &ours.1["requestBody"]),
            );
            let called = format!("{called} body");
            self.required(
                &called,
                &resolved(theirs.0, &their),
                &resolved(ours.0, &our),
            );
            self.schema(&called, (theirs.0, &their), (ours.0, &our));
        }
        for (status, their) in theirs.1["responses"].as_object().unwrap() {
            let called = format!("{called} {status}");
            let Some(our) = ours.1["responses"].get(status) else {
                self.left_out.insert(called);
                continue;
            };
            let their = resolved(theirs.0, their);
            self.headers(&called, &their, our);
            let (their, our) = (body_of(theirs.0, &their), body_of(ours.0, our));
            self.schema(&called, (theirs.0, &their), (ours.0, &our));
        }
    }

    fn parameters(&mut self, called: &str, theirs: Part<'_>, ours: Part<'_>) {
        for their in theirs
            .1
            .get("parameters")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let name = their["name"].as_str().unwrap();
            let called = format!("{called} {name}");
            let our = ours.1["parameters"].as_array().into_iter().flatten();
            let mut our = our.filter(|our| our["name"] == name && our["in"] == their["in"]);
            let Some(our) = our.next() else {
                self.left_out.insert(called);
                continue;
            };
            self.members += 1;
            match (their["required"] == true, our["required"] == true) {
                (true, false) => _ = self.looser.insert(called),
                (false, true) => _ = self.stricter.insert(called),
                _ => {}
            }
        }
    }

    /// Every way to say who asks is there, under the same name.
    fn access(&mut self, called: &str, theirs: &Value, ours: &Value) {
        let names = |json: &Value| -> BTreeSet<String> {
            let ways = json
                .get("security")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            ways.flat_map(|way| way.as_object().unwrap().keys().cloned())
                .collect()
        };
        for name in names(theirs).difference(&names(ours)) {
            self.left_out.insert(format!("{called} {name}"));
        }
    }

    fn headers(&mut self, called: &str, theirs: &Value, ours: &Value) {
        let headers = theirs.get("headers").and_then(Value::as_object);
        for name in headers.into_iter().flat_map(serde_json::Map::keys) {
            if ours["headers"].get(name).is_none() {
                self.left_out.insert(format!("{called} {name}"));
            }
        }
    }

    fn required(&mut self, called: &str, theirs: &Value, ours: &Value) {
        let names = |json: &Value| -> BTreeSet<String> {
            let names = json
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            names
                .map(|name| name.as_str().unwrap().to_owned())
                .collect()
        };
        let (theirs, ours) = (names(theirs), names(ours));
        self.looser.extend(
            theirs
                .difference(&ours)
                .map(|name| format!("{called} {name}")),
        );
        self.stricter.extend(
            ours.difference(&theirs)
                .map(|name| format!("{called} {name}")),
        );
    }

    /// Every member of theirs is one of ours.
    fn schema(&mut self, called: &str, theirs: Part<'_>, ours: Part<'_>) {
        let (their, our) = (resolved(theirs.0, theirs.1), resolved(ours.0, ours.1));
        self.members += 1;
        if kind(&their).is_disjoint(&kind(&our))
            && !kind(&their).is_empty()
            && !kind(&our).is_empty()
        {
            self.other_types.insert(called.to_owned());
        }
        let properties = their.get("properties").and_then(Value::as_object);
        for (name, their) in properties.into_iter().flatten() {
            let path = match called.rsplit_once(' ') {
                Some((_, last)) if last.parse::<u16>().is_err() && last != "body" => {
                    format!("{called}.{name}")
                }
                _ => format!("{called} {name}"),
            };
            match our.get("properties").and_then(|all| all.get(name)) {
                Some(our) => self.schema(&path, (theirs.0, their), (ours.0, our)),
                None => _ = self.left_out.insert(path),
            }
        }
        if let (Some(their), Some(our)) = (their.get("items"), our.get("items")) {
            self.schema(&format!("{called}[]"), (theirs.0, their), (ours.0, our));
        }
    }
}

/// What a reference leads to.
fn resolved(document: &Value, json: &Value) -> Value {
    match json.get("$ref").and_then(Value::as_str) {
        Some(path) => resolved(
            document,
            document.pointer(path.trim_start_matches('#')).unwrap(),
        ),
        None => json.clone(),
    }
}

/// The schema of the one body that there is.
fn body_of(document: &Value, json: &Value) -> Value {
    let json = resolved(document, json);
    let contents = json["content"].as_object().unwrap();
    let content = contents
        .get("application/json")
        .or_else(|| contents.values().next());
    content.unwrap()["schema"].clone()
}

/// The types that a value may have.
fn kind(schema: &Value) -> BTreeSet<String> {
    let kind = &schema["type"];
    let several = kind.as_array().into_iter().flatten();
    let names = kind
        .as_str()
        .into_iter()
        .chain(several.filter_map(Value::as_str));
    let mut kinds: BTreeSet<String> = names.map(str::to_owned).collect();
    if let Some(value) = schema.get("const") {
        let kind = if value.is_boolean() {
            "boolean"
        } else {
            "string"
        };
        kinds.insert(kind.to_owned());
    }
    for one in schema["anyOf"].as_array().into_iter().flatten() {
        kinds.extend(self::kind(one));
    }
    kinds
}
