//! Recipes of `docs/certificates.md`, and running them.

use easement_core::ApiTokenText;

use super::authority::Authority;
use crate::devices::lab::{Ended, Lab, repository};

/// The shell commands below a heading, as far as the next one: each block of a recipe by itself.
pub(super) fn recipe(heading: &str) -> Vec<String> {
    let document = std::fs::read_to_string(repository("docs/certificates.md")).unwrap();
    let mut sections = document
        .split("\n#")
        .map(|section| section.split_once('\n'));
    let wanted = |(title, _): &(&str, &str)| title.trim_start_matches(['#', ' ']) == heading;
    let section = sections.find_map(|section| section.filter(wanted));
    let (_, text) = section.unwrap_or_else(|| panic!("no recipe '{heading}'"));
    let mut blocks = text.split("\n```").skip(1).step_by(2);
    let mut commands = Vec::new();
    for block in blocks.by_ref() {
        let (language, text) = block.split_once('\n').unwrap();
        assert_eq!(language, "sh", "{heading}");
        commands.push(text.to_owned());
    }
    assert!(!commands.is_empty(), "{heading}");
    commands
}

/// What clients are told beside a recipe: to believe in the authority of the test, and to ask it and its resolver.
/// certbot reads most of it from a file, the others are called with it.
const BESIDE: &str = "\
certbot() { case \"$*\" in *dns-multi*) set -- \"$@\" --dns-multi-nameservers \"$RESOLVER\" ;; esac
  command certbot \"$@\"; }
lego() { command lego --server \"$AUTHORITY\" --dns.disable-cp --dns.resolvers \"$RESOLVER\" \"$@\"; }
dehydrated() { command dehydrated --ca \"$AUTHORITY\" \"$@\"; }
";

impl Authority {
    /// Runs a block of a recipe as it is in the document, but for the addresses and secrets of the test.
    pub(super) fn run(&self, lab: &Lab, block: &str) -> Ended {
        let public_id = lab.token.parse::<ApiTokenText>().unwrap().id;
        let commands = block
            .replace("https://dns.example.net", &format!("http://{}", lab.web()))
            .replace("INVITATION", &lab.token)
            .replace("API_TOKEN", &lab.token)
            .replace("PUBLIC_ID", public_id.as_str());
        let home = lab.folder.path("certbot");
        let home = home.display();
        let certbot = format!(
            "server = {}\nconfig-dir = {home}\nwork-dir = {home}\nlogs-dir = {home}\nemail = owner@example.test\n\
             agree-tos = true\nnon-interactive = true\n",
            self.directory()
        );
        lab.folder.write(".config/letsencrypt/cli.ini", &certbot);
        let certificates = lab.folder.path("ca.pem");
        let certificates = certificates.to_str().unwrap();
        let path = search_path_with_hook();
        let variables = [
            ("PATH", path.as_str()),
            ("AUTHORITY", &self.directory()),
            ("RESOLVER", &self.resolver().to_string()),
            ("REQUESTS_CA_BUNDLE", certificates),
            ("LEGO_CA_CERTIFICATES", certificates),
            ("CURL_CA_BUNDLE", certificates),
        ];
        let script = format!("set -eu\n{BESIDE}{commands}");
        lab.folder.run_with(&variables, "bash", &["-c", &script])
    }
}

fn search_path_with_hook() -> String {
    let path = crate::tools::search_path().into_string().unwrap();
    format!("{}:{path}", repository("packaging/acme").display())
}

/// The names in a certificate, as OpenSSL reads them, and that the key is the one that is certified.
pub(super) fn names_in(lab: &Lab, certificate: &str, key: &str) -> Vec<String> {
    let openssl = |arguments: &[&str]| lab.folder.run("openssl", arguments).well().said;
    let text = openssl(&[
        "x509",
        "-in",
        certificate,
        "-noout",
        "-ext",
        "subjectAltName",
    ]);
    let certified = openssl(&["x509", "-in", certificate, "-noout", "-pubkey"]);
    assert_eq!(openssl(&["pkey", "-in", key, "-pubout"]), certified);
    let names = text.split("DNS:").skip(1);
    let mut names: Vec<_> = names
        .map(|name| name.trim().trim_end_matches(',').to_owned())
        .collect();
    names.sort();
    names
}
