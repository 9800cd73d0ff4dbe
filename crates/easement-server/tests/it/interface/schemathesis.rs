//! schemathesis, which others wrote, sends what the document allows and what it does not, to a server over a socket.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use tempfile::TempDir;

use crate::devices::{Devices, Token, start};
use crate::tools;

/// What must hold for every answer. Left out: whether requests that the document does not allow are refused and
/// those that it allows are taken (devices are met half way, and what a schema cannot say is refused), whether a
/// wrong token gets 401 (so many of them get 429), and whether any other method gets 405 (at `/nic/update` it gets 200 and
/// a word, as ApertoDNS 1.4.0 section 6.3 has it).
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,allow_header_conformance";

/// Holds every schema against JSON Schema 2020-12, and every example against its schema, by another validator than
/// ours.
const VALIDATE: &str = r#"
import json, sys
import jsonschema_rs
document = json.load(open(sys.argv[1]))
schemas = document["components"]["schemas"]
checked = 0
def check(name, schema, examples):
    global checked
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": {"schemas": schemas}, **schema}
    jsonschema_rs.meta.validate(whole)
    validator = jsonschema_rs.validator_for(whole, validate_formats=True)
    for example in examples:
        validator.validate(example)
        checked += 1
for path, methods in document["paths"].items():
    for method, operation in methods.items():
        bodies = [operation.get("requestBody", {})] + list(operation["responses"].values())
        for body in bodies:
            for content in body.get("content", {}).values():
                check(path, content["schema"], [content["example"]])
for name, schema in schemas.items():
    check(name, schema, [])
print(checked, len(schemas))
"#;

/// A program that `scripts/install-test-tools` installs with schemathesis.
fn program(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CARGO_MANIFEST_DIR")?;
    let folder = Path::new(&root).join("../../target/test-tools/schemathesis");
    if folder.join("installed.txt").exists() {
        return Some(folder.join("bin").join(name));
    }
    tools::report_missing("schemathesis");
    None
}

fn assert_success(ended: &Output) {
    let said = String::from_utf8_lossy(&ended.stdout);
    let complaint = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}\n{complaint}");
}

#[test]
fn schemas_and_examples_are_good_for_another_validator() {
    let Some(python) = program("python3") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("openapi.json");
    std::fs::write(&path, easement_server::openapi::text()).unwrap();
    let ended = Command::new(python)
        .args(["-c", VALIDATE])
        .arg(path)
        .output()
        .unwrap();
    assert_success(&ended);
}

/// Asks everything in the document, and gives what it says.
fn run(program: &Path, folder: &Path, server: &str, more: &[&str]) -> Output {
    let url = format!("http://{server}");
    Command::new("timeout")
        .arg("120")
        .arg(program)
        .args(["run", &format!("{url}/openapi.json"), "--url", &url])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "8",
        ])
        .args(["--checks", CHECKS, "--seed", "1", "--workers", "1"])
        .args(["--suppress-health-check", "all", "--warnings", "off"])
        .args(["--generation-database", "none"])
        // At the address of a page, which answers GET, and browsers.
        .args(["--exclude-operation-id", "apply_template"])
        .args(more)
        .env("NO_COLOR", "1")
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Values for what stands in URLs, which nobody would guess.
fn good_values(token: &str) -> String {
    let of_path = [
        (
            "/.well-known/apertodns/v1/status/{hostname}",
            "path.hostname",
            "home.example.test",
        ),
        (
            "/.well-known/apertodns/v1/txt/{hostname}",
            "path.hostname",
            "_acme-challenge.home.example.test",
        ),
        ("/v2/{domain}/settings", "path.domain", "example.test"),
        ("/u/{token}", "path.token", token),
        ("/u/{token}/", "path.token", token),
        ("/acme-dns/{invitation}/register", "path.invitation", token),
    ];
    let of_path = of_path.map(|(path, name, value)| {
        format!("[[operations]]\ninclude-path = \"{path}\"\nparameters = {{ \"{name}\" = \"{value}\" }}\n")
    });
    of_path.concat()
        + "[[operations]]\n\
           include-path = \"/v2/domainTemplates/providers/{provider}/services/{service}\"\n\
           parameters = { \"path.provider\" = \"fernmail.test\", \"path.service\" = \"business\" }\n"
}

fn examine(world: &Devices, values: &str, more: &[&str]) {
    let Some(program) = program("schemathesis") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("schemathesis.toml"), values).unwrap();
    let server = world.inner.demo.app().web_addresses()[0].to_string();
    // Limits of a minute must not be all that is seen.
    let clock = world.inner.clock.clone();
    let ticking = tokio::spawn(async move {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        loop {
            tick.tick().await;
            clock.pass(Duration::from_secs(2));
        }
    });
    let ended = tokio::task::block_in_place(|| run(&program, folder.path(), &server, more));
    ticking.abort();
    assert_success(&ended);
}

/// For addresses and texts in a zone for tests, also in URLs.
fn token() -> Token {
    Token {
        types: &["A", "AAAA", "TXT"],
        in_url: true,
        test: true,
        ..Token::for_names(&["**.example.test"])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_answers_are_as_described() {
    let (world, device) = start(token()).await;
    world.mark_for_testing("example.test").await;
    let bearer = format!("Authorization: Bearer {}", device.token);
    examine(&world, &good_values(&device.token), &["-H", &bearer]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_answers_are_as_described() {
    let (world, _) = start(token()).await;
    examine(&world, "", &[]);
}
