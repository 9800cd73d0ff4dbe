//! Clients that get certificates by a text in DNS.

use easement_zone::Name;

use super::{Account, ClientSettings, SettingsBody, SettingsError};
use crate::v1::paths;

/// The name at which a certificate authority looks: `_acme-challenge` and the name of the certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChallengeName(String);

/// The label before the name of the certificate (RFC 8555 section 8.4).
const LABEL: &str = "_acme-challenge";

impl ChallengeName {
    /// Takes a name that begins with `_acme-challenge`, of letters, digits and hyphens.
    pub fn new(name: &Name) -> Result<Self, SettingsError> {
        let text = name.to_lowercase().to_text();
        let host = text
            .strip_prefix(LABEL)
            .and_then(|rest| rest.strip_prefix('.'));
        let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-.".contains(&octet);
        match host {
            Some(host) if !host.is_empty() && host.bytes().all(is_plain) => {
                Ok(Self(host.to_owned()))
            }
            Some(_) | None => Err(SettingsError::Name),
        }
    }

    /// The name that the certificate is for.
    pub fn host(&self) -> &str {
        &self.0
    }
}

/// Settings for every client that gets certificates; nothing when there is no name.
pub fn text_clients(account: &Account<'_>, names: &[ChallengeName]) -> Vec<ClientSettings> {
    let Some(first) = names.first() else {
        return Vec::new();
    };
    let domains: Vec<String> = names
        .iter()
        .map(|name| format!("-d {}", name.host()))
        .collect();
    let domains = domains.join(" ");
    vec![
        certbot(account, &domains),
        acme_sh(account, &domains),
        lego(account, &domains),
        curl(account, first),
    ]
}

/// Settings for clients that speak the protocol of acme-dns, with an invitation in their base URL.
pub fn invitation_clients(account: &Account<'_>) -> Vec<ClientSettings> {
    let base = account.server.url(&format!("/acme-dns/{}", account.secret));
    let note = "The first run names a CNAME record: add it, and run it again.";
    vec![
        ClientSettings {
            client: "lego with acme-dns",
            place: "A command; the folder must be there, and only its user may read it",
            body: SettingsBody::File {
                text: format!(
                    "export ACME_DNS_API_BASE='{base}'\n\
                     export ACME_DNS_STORAGE_PATH='/etc/lego/acme-dns.json'\n"
                ),
                commands: vec![
                    "lego --email you@example.org --dns acme-dns -d www.example.org run".to_owned(),
                ],
            },
            notes: vec![note.to_owned()],
        },
        ClientSettings {
            client: "certbot-dns-acmedns",
            place: "/etc/letsencrypt/acmedns.ini, readable for root alone (chmod 600)",
            body: SettingsBody::File {
                text: format!(
                    "dns_acmedns_api_url = {base}\n\
                     dns_acmedns_registration_file = /etc/letsencrypt/acmedns-registration.json\n"
                ),
                commands: vec![
                    "certbot certonly --authenticator dns-acmedns --dns-acmedns-credentials \
                     /etc/letsencrypt/acmedns.ini -d www.example.org"
                        .to_owned(),
                ],
            },
            notes: vec![
                "The account is made beforehand, with POST BASE-URL/register, and stands in the registration \
                 file under the name of the certificate."
                    .to_owned(),
            ],
        },
    ]
}

/// What the three programs have in common: the text is set and taken away again. The token is handed on through
/// a pipe, so that no list of processes shows it.
fn shell_function(account: &Account<'_>) -> String {
    let (url, secret) = (account.server.url(paths::TXT), account.secret);
    format!(
        "easement_txt() {{ # METHOD NAME VALUE\n    \
             printf 'header = \"Authorization: Bearer %s\"\\n' '{secret}' |\n        \
             curl --silent --show-error --fail --config - --request \"$1\" \\\n            \
             --header 'Content-Type: application/json' \\\n            \
             --data \"{{\\\"hostname\\\":\\\"${{2%.}}\\\",\\\"value\\\":\\\"$3\\\"}}\" '{url}'\n}}\n"
    )
}

const SCRIPT: &str = "/etc/easement-dns01.sh, which only its user can read and run (chmod 700)";

/// One script for programs that call others.
fn hook(account: &Account<'_>) -> String {
    format!(
        "#!/bin/sh\nset -eu\n{}case \"$1\" in\nset) easement_txt POST \"{LABEL}.$CERTBOT_DOMAIN\" \
         \"$CERTBOT_VALIDATION\" ;;\ndelete) easement_txt DELETE \"{LABEL}.$CERTBOT_DOMAIN\" \
         \"$CERTBOT_VALIDATION\" ;;\npresent) easement_txt POST \"$2\" \"$3\" ;;\n\
         cleanup) easement_txt DELETE \"$2\" \"$3\" ;;\nesac\n",
        shell_function(account)
    )
}

fn certbot(account: &Account<'_>, domains: &str) -> ClientSettings {
    ClientSettings {
        client: "certbot",
        place: SCRIPT,
        body: SettingsBody::File {
            text: hook(account),
            commands: vec![format!(
                "certbot certonly --manual --preferred-challenges dns --manual-auth-hook \
                 '/etc/easement-dns01.sh set' --manual-cleanup-hook '/etc/easement-dns01.sh delete' {domains}"
            )],
        },
        notes: vec!["certbot keeps the command, and renews by itself.".to_owned()],
    }
}

fn lego(account: &Account<'_>, domains: &str) -> ClientSettings {
    ClientSettings {
        client: "lego",
        place: SCRIPT,
        body: SettingsBody::File {
            text: hook(account),
            commands: vec![format!(
                "EXEC_PATH=/etc/easement-dns01.sh lego --email you@example.org --dns exec {domains} run"
            )],
        },
        notes: vec!["The same script serves certbot.".to_owned()],
    }
}

fn acme_sh(account: &Account<'_>, domains: &str) -> ClientSettings {
    ClientSettings {
        client: "acme.sh",
        place: "~/.acme.sh/dnsapi/dns_easement.sh, which only you can read (chmod 600)",
        body: SettingsBody::File {
            text: format!(
                "{}dns_easement_add() {{ easement_txt POST \"$1\" \"$2\"; }}\n\
                 dns_easement_rm() {{ easement_txt DELETE \"$1\" \"$2\"; }}\n",
                shell_function(account)
            ),
            commands: vec![format!("acme.sh --issue --dns dns_easement {domains}")],
        },
        notes: Vec::new(),
    }
}

fn curl(account: &Account<'_>, name: &ChallengeName) -> ClientSettings {
    ClientSettings {
        client: "curl",
        place: "A file such as easement.curl, which only you can read (chmod 600)",
        body: SettingsBody::File {
            text: format!(
                "url = \"{}\"\nheader = \"Authorization: Bearer {}\"\n\
                 header = \"Content-Type: application/json\"\nsilent\nshow-error\n",
                account.server.url(paths::TXT),
                account.secret,
            ),
            commands: ["POST", "DELETE"]
                .map(|method| {
                    format!(
                        "curl --config easement.curl --request {method} --data \
                         '{{\"hostname\":\"{LABEL}.{}\",\"value\":\"TEXT\"}}'",
                        name.host()
                    )
                })
                .to_vec(),
        },
        notes: Vec::new(),
    }
}
