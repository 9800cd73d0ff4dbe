//! What everything stands on that is remembered of a target.

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::config::Target;
use crate::send::Access;

/// When it is another, a person has changed something: the server, the hosts, what is sent or the secret. It tells
/// nothing about the secret to whoever does not have it. None when there is no secret.
pub(crate) fn fingerprint(salt: &str, target: &Target, access: &Access) -> Option<String> {
    let secret = match access {
        Access::Secret(secret) => secret.reveal().to_owned(),
        Access::Grant(grant) => grant.identity(),
        Access::Names(names) => names.identity(),
        Access::Missing { .. } => return None,
    };
    let ttl = target.protocol.ttl();
    let ttl = ttl.map_or_else(String::new, |ttl| ttl.to_string());
    let hosts = target.hosts.iter().map(|host| host.name.to_string());
    let hosts: Vec<String> = hosts.collect();
    let mut context = Context::new(&SHA256);
    for part in [salt, &target.place(), &ttl, &hosts.join(","), &secret] {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    Some(BASE64_URL_SAFE_NO_PAD.encode(context.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::files::SecretText;
    use std::path::Path;

    fn of(target: &str, secret: &str) -> Option<String> {
        let text = format!("[[target]]\nname = \"home\"\nprotocol = \"apertodns\"\n{target}");
        let config = Config::parse(&text, Path::new("ddns.toml")).unwrap();
        let access = match SecretText::new(secret) {
            Some(secret) => Access::Secret(secret),
            None => Access::Missing {
                reason: String::new(),
            },
        };
        fingerprint("salt", &config.targets[0], &access)
    }

    #[test]
    fn it_is_another_when_anything_is_that_the_server_is_told() {
        let usual = "server = \"https://a.example\"\nhosts = [\"h.example.com\"]\n";
        let first = of(usual, "secret");
        assert_eq!(first, of(usual, "secret"));
        assert_eq!(of(usual, ""), None);
        for (target, secret) in [
            (usual.to_owned(), "other"),
            (format!("{usual}ttl = 300\n"), "secret"),
            (usual.replace("a.example\"", "b.example\""), "secret"),
            (usual.replace("h.example.com", "i.example.com"), "secret"),
        ] {
            assert_ne!(of(&target, secret), first, "{target}");
        }
        assert!(!first.unwrap().contains("secret"));
    }
}
