//! The addresses of the pages, for the router and for links.
//!
//! The constants are patterns of the router; the functions fill them in.

use easement_core::{
    AccountId, AppliedServiceId, GrantId, PublicTokenId, PublicWebhookId, Version,
};
use easement_zone::Name;

/// Leads on to the zones, or to signing in.
pub const HOME: &str = "/";
/// Signing in (GET, POST).
pub const SIGN_IN: &str = "/sign-in";
/// Signing out (POST).
pub const SIGN_OUT: &str = "/sign-out";
/// A one-time link: making the first operator, choosing a password (GET, POST).
pub const WELCOME: &str = "/welcome/{secret}";
/// The zones of the person (GET; query `after`).
pub const ZONES: &str = "/zones";
/// One zone (GET; query `q`, `type`, `page`).
pub const ZONE: &str = "/zones/{apex}";
/// One commit of a zone (GET).
pub const COMMIT: &str = "/zones/{apex}/history/{version}";
/// The hosts of a zone that devices update (GET; query `skip`).
pub const HOSTS: &str = "/zones/{apex}/hosts";
/// One of them (GET).
pub const HOST: &str = "/zones/{apex}/hosts/{host}";
/// Who has a role in a zone (GET, POST).
pub const PEOPLE: &str = "/zones/{apex}/people";
/// One of them (GET, POST).
pub const PERSON: &str = "/zones/{apex}/people/{account}";
/// Removing a connected service (GET, POST).
pub const REMOVE_SERVICE: &str = "/zones/{apex}/services/{service}/remove";
/// The person's account (GET).
pub const ACCOUNT: &str = "/account";
/// Choosing another password (POST).
pub const ACCOUNT_PASSWORD: &str = "/account/password";
/// Everything about the account, as JSON (GET).
pub const ACCOUNT_EXPORT: &str = "/account/export";
/// Deleting the account (GET, POST).
pub const ACCOUNT_DELETE: &str = "/account/delete";
/// The person's webhooks (GET, POST).
pub const WEBHOOKS: &str = "/webhooks";
/// One of them (GET with query `before`, POST).
pub const WEBHOOK: &str = "/webhooks/{webhook}";
/// One delivery of it (GET, POST).
pub const WEBHOOK_DELIVERY: &str = "/webhooks/{webhook}/deliveries/{delivery}";
/// The webhooks of a token's account, for programs (GET, POST).
pub const API_WEBHOOKS: &str = "/api/webhooks";
/// One of them (GET, PATCH, DELETE).
pub const API_WEBHOOK: &str = "/api/webhooks/{webhook}";
/// Another secret for it (POST).
pub const API_WEBHOOK_SECRET: &str = "/api/webhooks/{webhook}/secret";
/// A test of it (POST).
pub const API_WEBHOOK_TEST: &str = "/api/webhooks/{webhook}/test";
/// Its log (GET; query `before`).
pub const API_WEBHOOK_DELIVERIES: &str = "/api/webhooks/{webhook}/deliveries";
/// One delivery (GET).
pub const API_WEBHOOK_DELIVERY: &str = "/api/webhooks/{webhook}/deliveries/{delivery}";
/// The same once more (POST).
pub const API_WEBHOOK_REDELIVER: &str = "/api/webhooks/{webhook}/deliveries/{delivery}/redeliver";
/// The API tokens of the person (GET).
pub const TOKENS: &str = "/tokens";
/// Making one (GET with query `for`, `from`; POST).
pub const NEW_TOKEN: &str = "/tokens/new";
/// One of them (GET; query `wish`, `type`, `of`, `value`, `address`).
pub const TOKEN: &str = "/tokens/{id}";
/// Giving one another secret (POST).
pub const ROTATE_TOKEN: &str = "/tokens/{id}/rotate";
/// Ending one (GET, POST).
pub const REVOKE_TOKEN: &str = "/tokens/{id}/revoke";
/// Apps with access to zones of the person (GET).
pub const APPS: &str = "/apps";
/// One of them (GET).
pub const APP: &str = "/apps/{grant}";
/// Leaving it less (POST).
pub const NARROW_APP: &str = "/apps/{grant}/narrow";
/// Letting its access end earlier (POST).
pub const SHORTEN_APP: &str = "/apps/{grant}/shorten";
/// Taking its access back (GET, POST).
pub const REVOKE_APP: &str = "/apps/{grant}/revoke";
/// The interfaces for programs (GET).
pub const API_REFERENCE: &str = "/docs/api";
/// The templates of the server, for operators (GET).
pub const TEMPLATES: &str = "/templates";
/// Programs that may ask owners for access, for operators (GET, POST).
pub const CLIENTS: &str = "/clients";
/// One of them (GET, POST).
pub const CLIENT: &str = "/clients/{client}";
/// Deleting one (GET, POST).
pub const DELETE_CLIENT: &str = "/clients/{client}/delete";
/// The tools for templates (GET).
pub const TOOLS: &str = "/tools";
/// Checking a template (GET, POST).
pub const LINT: &str = "/tools/lint";
/// All checks (GET).
pub const LINT_CODES: &str = "/tools/lint/codes";
/// One check (GET).
pub const LINT_CODE: &str = "/tools/lint/{code}";
/// Explaining the signature of a link (GET; POST).
pub const SIGNATURE: &str = "/tools/signature";
/// Trying a template out on a sample zone (GET with query `s` or `template`; POST).
pub const PLAYGROUND: &str = "/tools/playground";

/// The address of the page about a check.
pub fn lint_code(code: domain_connect::lint::Code) -> String {
    LINT_CODE.replace("{code}", code.as_str())
}

/// The address of the playground with this state, to be shared.
pub fn playground(state: &str) -> String {
    format!("{PLAYGROUND}?s={}", percent_encoded(state))
}

/// The address of the playground with the newest text of a template of this server.
pub fn playground_of(provider: &str, service: &str) -> String {
    let ids = percent_encoded(&format!("{provider}/{service}"));
    format!("{PLAYGROUND}?template={ids}")
}

/// One template, for operators (GET, POST; query `text`).
pub const TEMPLATE: &str = "/templates/{provider}/{service}";
/// Whether the service provider of a template controls its key domain (POST).
pub const TEMPLATE_CONTROL: &str = "/templates/{provider}/{service}/control";
/// Handing a template in (GET, POST).
pub const SUBMIT_TEMPLATE: &str = "/templates/submit";
/// What became of a template that was handed in (GET).
pub const SUBMISSION: &str = "/submissions/{secret}";
/// Whether whoever handed it in controls its key domain (POST).
pub const SUBMISSION_CONTROL: &str = "/submissions/{secret}/control";

/// The address of a template.
pub fn template(provider: &str, service: &str) -> String {
    TEMPLATE
        .replace("{service}", &percent_encoded(service))
        .replace("{provider}", &percent_encoded(provider))
}

/// The address of what was handed in.
pub fn submission(secret: &str) -> String {
    SUBMISSION.replace("{secret}", secret)
}

/// The address of a webhook.
pub fn webhook(id: &PublicWebhookId) -> String {
    WEBHOOK.replace("{webhook}", id.as_str())
}

/// The address at which a client is deleted.
pub fn delete_client(id: &str) -> String {
    DELETE_CLIENT.replace("{client}", id)
}

/// The address of a client, whose id has no letter that has to be encoded.
pub fn client(id: &str) -> String {
    CLIENT.replace("{client}", id)
}

/// The address of a delivery of a webhook.
pub fn webhook_delivery(id: &PublicWebhookId, delivery: &str) -> String {
    WEBHOOK_DELIVERY
        .replace("{webhook}", id.as_str())
        .replace("{delivery}", delivery)
}

/// The address of a one-time link.
pub fn welcome(secret: &str) -> String {
    WELCOME.replace("{secret}", secret)
}

/// The address of the page of zones after this one.
pub fn zones_after(apex: &Name) -> String {
    format!("{ZONES}?after={}", segment(apex))
}

/// The address of a zone.
pub fn zone(apex: &Name) -> String {
    ZONE.replace("{apex}", &segment(apex))
}

/// The address of a commit.
pub fn commit(apex: &Name, version: Version) -> String {
    COMMIT
        .replace("{version}", &version.to_string())
        .replace("{apex}", &segment(apex))
}

/// The address of the hosts of a zone that devices update.
pub fn hosts(apex: &Name) -> String {
    HOSTS.replace("{apex}", &segment(apex))
}

/// The address of one of them.
pub fn host(apex: &Name, host: &Name) -> String {
    HOST.replace("{host}", &segment(host))
        .replace("{apex}", &segment(apex))
}

/// The address of who has a role in a zone.
pub fn people(apex: &Name) -> String {
    PEOPLE.replace("{apex}", &segment(apex))
}

/// The address of one of them.
pub fn person(apex: &Name, account: AccountId) -> String {
    PERSON
        .replace("{account}", &account.to_string())
        .replace("{apex}", &segment(apex))
}

/// The address of the removal of a service.
pub fn remove_service(apex: &Name, service: AppliedServiceId) -> String {
    REMOVE_SERVICE
        .replace("{service}", &service.to_string())
        .replace("{apex}", &segment(apex))
}

/// The address of a token.
pub fn token(id: &PublicTokenId) -> String {
    TOKEN.replace("{id}", id.as_str())
}

/// The address of an app with access.
pub fn app(grant: GrantId) -> String {
    APP.replace("{grant}", &grant.to_string())
}

/// A name as one segment of a path.
fn segment(name: &Name) -> String {
    percent_encoded(&name.to_lowercase().to_text())
}

/// The text with everything but letters, digits and `-._~` percent-encoded (RFC 3986 section 2.3).
pub(crate) fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, octet| {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            encoded.push(char::from(octet));
        } else {
            encoded.push('%');
            for digit in [octet >> 4, octet & 15] {
                encoded.extend(char::from_digit(digit.into(), 16).map(|d| d.to_ascii_uppercase()));
            }
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_safe_segment() {
        let apex: Name = "a\\047b.Example.com".parse().unwrap();
        assert_eq!(zone(&apex), "/zones/a%2Fb.example.com");
        assert_eq!(
            commit(&"example.com".parse().unwrap(), Version(7)),
            "/zones/example.com/history/7"
        );
    }
}
