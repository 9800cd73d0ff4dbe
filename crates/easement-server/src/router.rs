//! Every URL of the server.

use ::apertodns::v1::paths as v1;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, delete, get, post};
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

use crate::config::BasePath;
use crate::devices::Around;
use crate::domain_connect::{
    async_grant, open_to_browsers, paths as dc_paths, settings, sync_apply, template_call,
    template_query,
};
use crate::dyndns2::{afraid, check_address, duckdns, nic_update};
use crate::http::request_id::{self, Sources};
use crate::http::security_headers::{self, Transport};
use crate::http::{foreign_form, visitor};
use crate::monitoring::{Readiness, show_readiness};
use crate::namedrop::{bootstrap, paths as nd_paths};
use crate::pages::views::{assets as asset_paths, paths};
use crate::pages::{
    account, account_data, api_reference, assets, clients, commit, fallback, grants, healthz, home,
    hosts, people, service_remove, sign_in, sign_out, submissions, template_review, templates,
    tokens, tools, webhooks, welcome, zone, zones,
};
use crate::state::{NameDropSettings, Shared, UnregisteredApps};
use crate::{acme_dns, apertodns, devices, namedrop, oauth, openapi};

/// The address at which monitoring asks how the server is.
const HEALTHZ: &str = "/healthz";
/// The address at which a load balancer asks whether to send anybody here.
const READYZ: &str = "/readyz";
/// Any other address of `ApertoDNS`, and of what is beside it: programs are to read there, too, that there is nothing.
const NOTHING: [&str; 6] = [
    "/.well-known/apertodns",
    "/.well-known/apertodns/{*rest}",
    "/.well-known/apertodns/v1",
    "/.well-known/apertodns/v1/",
    "/api/",
    "/api/{*rest}",
];
/// `DuckDNS` asks with GET, acme-dns with POST.
pub(crate) const UPDATE: &str = "/update";
/// `DuckDNS` for devices that cannot send parameters.
pub(crate) const DUCKDNS_PATH: &str = "/update/{*rest}";
/// The second version of afraid.org.
pub(crate) const AFRAID: &str = "/u/{token}";
pub(crate) const AFRAID_SLASH: &str = "/u/{token}/";
pub(crate) const ACME_DNS_REGISTER: &str = "/register";
/// acme-dns for clients with an invitation in their base URL.
pub(crate) const ACME_DNS_INVITED: &str = "/acme-dns/{invitation}/register";
pub(crate) const ACME_DNS_INVITED_UPDATE: &str = "/acme-dns/{invitation}/update";
/// From which address a request comes.
pub(crate) const CHECK_ADDRESS: &str = "/checkip";
pub(crate) const CHECK_ADDRESS_IPV4: &str = "/checkip/v4";
pub(crate) const CHECK_ADDRESS_IPV6: &str = "/checkip/v6";
/// The largest form: an apply link of 8000 octets, encoded once more, fits.
const MAX_FORM_OCTETS: usize = 64 * 1024;
/// The largest form with a template in it: every octet may be encoded as three.
const MAX_TEMPLATE_FORM_OCTETS: usize = 3 * 256 * 1024 + 4096;

/// The largest form of the tools: a template of 256 KiB, each octet of it encoded in three, and more.
const MAX_TOOL_FORM_OCTETS: usize = 1024 * 1024;

/// Puts handlers behind their URLs, and what every request meets around them.
pub(crate) fn router(state: Shared, readiness: Arc<Readiness>, request_limit: Duration) -> Router {
    let transport = if state.settings.public_url.is_https() {
        Transport::Https
    } else {
        Transport::PlainLoopback
    };
    let sources = Sources {
        random: state.random.clone(),
        metrics: state.metrics.clone(),
    };
    let common = ServiceBuilder::new()
        .layer(from_fn_with_state(sources, request_id::add))
        .layer(from_fn_with_state(transport, security_headers::add))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            request_limit,
        ))
        .layer(DefaultBodyLimit::max(MAX_FORM_OCTETS));
    let ready = Router::new()
        .route(READYZ, get(show_readiness))
        .with_state(readiness);
    // The outermost layer of these: an app in a browser reads also that the server took too long.
    let for_apps = namedrop_interface(&state.settings.namedrop)
        .with_state(state.clone())
        .layer(from_fn(namedrop::answer_ahead))
        .layer(common.clone())
        .layer(from_fn(namedrop::open_to_apps));
    pages(&state)
        .merge(public_answers(&state, request_limit))
        .with_state(state)
        .merge(ready)
        .layer(common)
        .merge(for_apps)
}

/// For people: with a visitor, and errors that are pages.
fn pages(state: &Shared) -> Router<Shared> {
    Router::new()
        .route(paths::HOME, get(home::show_home))
        .route(
            paths::SIGN_IN,
            get(sign_in::show_sign_in).post(sign_in::sign_in),
        )
        .route(paths::SIGN_OUT, post(sign_out::sign_out))
        .route(
            paths::WELCOME,
            get(welcome::show_welcome).post(welcome::choose_password),
        )
        .route(paths::ZONES, get(zones::show_zones))
        .route(paths::ZONE, get(zone::show_zone))
        .route(paths::COMMIT, get(commit::show_commit))
        .route(paths::HOSTS, get(hosts::show_hosts))
        .route(paths::HOST, get(hosts::show_host))
        .route(
            paths::PEOPLE,
            get(people::show_people).post(people::give_role),
        )
        .route(
            paths::PERSON,
            get(people::show_person).post(people::change_role),
        )
        .route(
            paths::REMOVE_SERVICE,
            get(service_remove::show_removal).post(service_remove::remove_service),
        )
        .route(paths::ACCOUNT, get(account::show_account))
        .route(paths::ACCOUNT_PASSWORD, post(account::change_password))
        .route(paths::ACCOUNT_EXPORT, get(account_data::download))
        .route(
            paths::ACCOUNT_DELETE,
            get(account_data::show_deletion).post(account_data::delete_account),
        )
        .merge(client_pages())
        .merge(webhook_pages())
        .merge(grant_pages())
        .merge(token_pages())
        .route(paths::API_REFERENCE, get(api_reference::show_api_reference))
        .route(paths::TEMPLATES, get(templates::show_templates))
        .route(
            paths::TEMPLATE,
            get(template_review::show_review).post(template_review::decide_template),
        )
        .route(
            paths::TEMPLATE_CONTROL,
            post(template_review::check_control),
        )
        .route(
            paths::SUBMIT_TEMPLATE,
            get(submissions::show_submit)
                .post(submissions::submit_template)
                .layer(DefaultBodyLimit::max(MAX_TEMPLATE_FORM_OCTETS)),
        )
        .route(paths::SUBMISSION, get(submissions::show_submission))
        .route(
            paths::SUBMISSION_CONTROL,
            post(submissions::check_submission),
        )
        .route(
            dc_paths::APPLY,
            get(sync_apply::show_apply).post(sync_apply::apply_by_either),
        )
        .route(
            dc_paths::GRANT,
            get(async_grant::show_grant).post(async_grant::decide_grant),
        )
        .merge(app_page(&state.settings.namedrop))
        .merge(tools_pages(state))
        .method_not_allowed_fallback(fallback::show_method_not_allowed)
        .fallback(fallback::show_not_found)
        .layer(CsrfLayer::new())
        .layer(from_fn(foreign_form::explain))
        .layer(from_fn_with_state(state.clone(), visitor::add))
}

/// Where apps that nobody registered send owners.
fn app_page(settings: &NameDropSettings) -> Router<Shared> {
    let page = namedrop::authorize::show_authorize;
    let path = format!("{}{}", settings.base, nd_paths::AUTHORIZE);
    match settings.apps {
        UnregisteredApps::MayAsk => {
            Router::new().route(&path, get(page).post(namedrop::authorize::answer_authorize))
        }
        UnregisteredApps::MayNotAsk => Router::new(),
    }
}

/// Who may change zones of the person.
fn grant_pages() -> Router<Shared> {
    Router::new()
        .route(paths::APPS, get(grants::show_grants))
        .route(paths::APP, get(grants::show_grant))
        .route(paths::NARROW_APP, post(grants::narrow_grant))
        .route(paths::SHORTEN_APP, post(grants::shorten_grant))
        .route(
            paths::REVOKE_APP,
            get(grants::show_revocation).post(grants::revoke_grant),
        )
}

/// The programs that operators registered.
fn client_pages() -> Router<Shared> {
    Router::new()
        .route(
            paths::CLIENTS,
            get(clients::show_clients).post(clients::register_client),
        )
        .route(
            paths::CLIENT,
            get(clients::show_client).post(clients::act_on_client),
        )
        .route(
            paths::DELETE_CLIENT,
            get(clients::ask_to_delete_client).post(clients::delete_client),
        )
}

/// The webhooks of the person.
fn webhook_pages() -> Router<Shared> {
    Router::new()
        .route(
            paths::WEBHOOKS,
            get(webhooks::show_webhooks).post(webhooks::create_webhook),
        )
        .route(
            paths::WEBHOOK,
            get(webhooks::show_webhook).post(webhooks::act_on_webhook),
        )
        .route(
            paths::WEBHOOK_DELIVERY,
            get(webhooks::show_delivery).post(webhooks::redeliver),
        )
}

/// The person's API tokens.
fn token_pages() -> Router<Shared> {
    Router::new()
        .route(paths::TOKENS, get(tokens::show_tokens))
        .route(
            paths::NEW_TOKEN,
            get(tokens::show_form).post(tokens::make_token),
        )
        .route(paths::TOKEN, get(tokens::show_token))
        .route(paths::ROTATE_TOKEN, post(tokens::rotate_token))
        .route(
            paths::REVOKE_TOKEN,
            get(tokens::show_revocation).post(tokens::revoke_token),
        )
}

/// The tools: open to whom the configuration says, with room for a template in a form.
fn tools_pages(state: &Shared) -> Router<Shared> {
    Router::new()
        .route(paths::TOOLS, get(tools::show_tools))
        .route(
            paths::LINT,
            get(tools::show_linter).post(tools::lint_template),
        )
        .route(paths::LINT_CODES, get(tools::show_codes))
        .route(paths::LINT_CODE, get(tools::show_code))
        .route(
            paths::SIGNATURE,
            get(tools::show_debugger).post(tools::explain_signature),
        )
        .route(
            paths::PLAYGROUND,
            get(tools::show_playground).post(tools::play),
        )
        .layer(DefaultBodyLimit::max(MAX_TOOL_FORM_OCTETS))
        .layer(from_fn_with_state(state.clone(), tools::guard))
}

/// For devices and programs with an API token: no cookie is read.
fn for_devices() -> Router<Shared> {
    Router::new()
        .route(v1::INFO, get(apertodns::show_info))
        .route(v1::HEALTH, get(apertodns::show_health))
        .route(v1::UPDATE, post(apertodns::update))
        .route(v1::BULK_UPDATE, post(apertodns::bulk_update))
        .route(v1::STATUS, get(apertodns::show_status))
        .route(v1::DOMAINS, get(apertodns::list_domains))
        .route(
            v1::TXT,
            post(apertodns::set_txt).delete(apertodns::delete_txt),
        )
        .route(v1::TXT_OF_NAME, get(apertodns::list_txt))
        .route(
            apertodns::TOKENS,
            get(apertodns::list_tokens).post(apertodns::mint_token),
        )
        .route(apertodns::TOKEN, delete(apertodns::revoke_token))
        .merge(nothing_else())
        .method_not_allowed_fallback(apertodns::method_not_allowed)
        .route(
            v1::LEGACY_DYNDNS2,
            get(nic_update::update)
                .post(nic_update::update)
                .fallback(nic_update::refuse_agent),
        )
        .route(UPDATE, get(duckdns::update).post(acme_dns::update))
        .route(DUCKDNS_PATH, get(duckdns::update_by_path))
        .route(AFRAID, get(afraid::update))
        .route(AFRAID_SLASH, get(afraid::update))
        .route(ACME_DNS_REGISTER, post(acme_dns::register))
        .route(ACME_DNS_INVITED, post(acme_dns::register_invited))
        .route(ACME_DNS_INVITED_UPDATE, post(acme_dns::update))
        .route(CHECK_ADDRESS, get(check_address::show))
        .route(CHECK_ADDRESS_IPV4, get(check_address::show_ipv4))
        .route(CHECK_ADDRESS_IPV6, get(check_address::show_ipv6))
}

/// What is nowhere else at the addresses of programs.
fn nothing_else() -> Router<Shared> {
    NOTHING.iter().fold(Router::new(), |router, path| {
        router.route(path, any(apertodns::nothing_here))
    })
}

/// For programs with a token that may manage webhooks.
fn webhook_interface() -> Router<Shared> {
    Router::new()
        .route(
            paths::API_WEBHOOKS,
            get(apertodns::list_webhooks).post(apertodns::create_webhook),
        )
        .route(
            paths::API_WEBHOOK,
            get(apertodns::show_webhook)
                .patch(apertodns::change_webhook)
                .delete(apertodns::delete_webhook),
        )
        .route(paths::API_WEBHOOK_SECRET, post(apertodns::renew_secret))
        .route(paths::API_WEBHOOK_TEST, post(apertodns::test_webhook))
        .route(
            paths::API_WEBHOOK_DELIVERIES,
            get(apertodns::list_deliveries),
        )
        .route(paths::API_WEBHOOK_DELIVERY, get(apertodns::show_delivery))
        .route(paths::API_WEBHOOK_REDELIVER, post(apertodns::redeliver))
        .method_not_allowed_fallback(apertodns::method_not_allowed)
}

/// For clients of OAuth, which owners let change zones.
fn oauth_interface() -> Router<Shared> {
    Router::new()
        .route(oauth::paths::ACCESS_TOKEN, post(oauth::give_token))
        .route(oauth::paths::TOKEN, post(oauth::give_token))
        .route(oauth::paths::REVOKE, post(oauth::revoke))
        .route(oauth::paths::INTROSPECT, post(oauth::introspect))
        .method_not_allowed_fallback(oauth::method_not_allowed)
}

/// For apps that nobody registered.
fn namedrop_interface(settings: &NameDropSettings) -> Router<Shared> {
    match settings.apps {
        UnregisteredApps::MayAsk => for_apps(&settings.base),
        UnregisteredApps::MayNotAsk => Router::new(),
    }
}

fn for_apps(base: &BasePath) -> Router<Shared> {
    let at = |path: &str| format!("{base}{path}");
    let tokens = Router::new()
        .route(&at(nd_paths::TOKEN), post(namedrop::give_token))
        .route(&at(nd_paths::REVOKE), post(namedrop::revoke))
        .route(&at(nd_paths::INTROSPECT), post(namedrop::introspect))
        .route(&at_metadata(base), get(namedrop::show_metadata))
        .method_not_allowed_fallback(oauth::method_not_allowed);
    Router::new()
        .route(&at(nd_paths::GET_RECORDS), post(namedrop::get_records))
        .route(
            &at(nd_paths::CREATE_RECORDS),
            post(namedrop::create_records),
        )
        .route(&at(nd_paths::SET_RECORDS), post(namedrop::set_records))
        .route(
            &at(nd_paths::DELETE_RECORDS),
            post(namedrop::delete_records),
        )
        .route(&at(nd_paths::RECORDS), post(namedrop::create_one_record))
        .route(&at(nd_paths::TOKEN_DATA), get(namedrop::show_token_data))
        .method_not_allowed_fallback(namedrop::method_not_allowed)
        .merge(tokens)
        .merge(for_apps_without_names(base))
        .route(&at(nd_paths::REST), any(namedrop::nothing_here))
}

/// For apps that have no name and no certificate yet.
fn for_apps_without_names(base: &BasePath) -> Router<Shared> {
    let at = |path: &str| format!("{base}{path}");
    Router::new()
        .route(&at(nd_paths::MY_IP), get(bootstrap::show_my_ip))
        .route(
            &at(nd_paths::TEMP_SUBDOMAIN),
            get(bootstrap::make_temp_name),
        )
        .route(
            &at(nd_paths::IP_DOMAIN),
            get(bootstrap::make_temp_name).post(bootstrap::make_temp_name),
        )
        .method_not_allowed_fallback(bootstrap::refuse_method)
}

/// What is known about a server of OAuth stands in front of its path (RFC 8414 section 3.1).
fn at_metadata(base: &BasePath) -> String {
    format!("{}{base}", oauth::paths::METADATA)
}

/// For programs that want to know what there is.
fn for_programs() -> Router<Shared> {
    Router::new()
        .route(dc_paths::SETTINGS, get(settings::get_settings))
        .route(dc_paths::TEMPLATE, get(template_query::get_template))
        .route(oauth::paths::METADATA, get(oauth::show_metadata))
        .route(openapi::OPENAPI, get(openapi::show_openapi))
}

/// For programs and everybody: nothing depends on a cookie, and none is read.
fn public_answers(state: &Shared, request_limit: Duration) -> Router<Shared> {
    let around = Around::new(state.clone(), request_limit);
    with_tokens()
        .layer(from_fn_with_state(around, devices::answer))
        .merge(everybody())
        .merge(for_programs().layer(from_fn_with_state(state.clone(), open_to_browsers)))
}

/// For whoever has an API token.
fn with_tokens() -> Router<Shared> {
    for_devices().merge(webhook_interface())
}

/// The same, but for what only tells what there is.
fn everybody() -> Router<Shared> {
    Router::new()
        .route(dc_paths::REVERT, post(template_call::revert_with_token))
        .merge(oauth_interface())
        .route(HEALTHZ, get(healthz::show_health))
        .route(asset_paths::STYLE_PATH, get(assets::show_style))
        .route(asset_paths::MARK_PATH, get(assets::show_mark))
        .route(
            asset_paths::CLOSE_SCRIPT_PATH,
            get(assets::show_close_script),
        )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::TAKEN;

    /// What is not described, with the reason.
    const UNDESCRIBED: [(&str, &str); 6] = [
        (HEALTHZ, "for monitoring; docs/operations.md"),
        (asset_paths::STYLE_PATH, "a part of pages"),
        (asset_paths::MARK_PATH, "a part of pages"),
        (asset_paths::CLOSE_SCRIPT_PATH, "a part of pages"),
        (
            "/update/{*rest}",
            "a path of any length; it is described with /update",
        ),
        ("/namedrop/{*rest}", "nothing is there"),
    ];

    /// The methods and paths of a router, from what it says of itself when it is debugged: there is no other way.
    fn routes(router: &Router<Shared>) -> BTreeSet<String> {
        let text = format!("{router:?}");
        let (endpoints, paths) = text.split_once("node: Node").unwrap();
        let mut found = BTreeSet::new();
        for endpoint in endpoints.split("RouteId(").skip(1) {
            let (id, methods) = endpoint.split_once(')').unwrap();
            let place = format!("RouteId({id}): \"");
            let (_, path) = paths.split_once(&place).unwrap();
            let (path, _) = path.split_once('"').unwrap();
            let methods = ["get", "post", "delete", "put", "patch"]
                .into_iter()
                .filter(|method| methods.contains(&format!("{method}: BoxedHandler")));
            let all = methods.map(|method| format!("{} {path}", method.to_uppercase()));
            let is_described =
                !NOTHING.contains(&path) && UNDESCRIBED.iter().all(|(known, _)| *known != path);
            found.extend(all.filter(|_| is_described));
        }
        found
    }

    #[test]
    fn no_base_takes_the_path_of_something_else() {
        for route in routes(&with_tokens().merge(everybody()).merge(for_programs())) {
            let (_, path) = route.split_once(" /").unwrap();
            let first = path.split('/').next().unwrap();
            assert!(TAKEN.contains(&first), "add {first} to config/base_path.rs");
        }
    }

    #[test]
    fn every_interface_for_programs_is_described() {
        let all = with_tokens()
            .merge(everybody())
            .merge(for_programs())
            .merge(for_apps(&BasePath::default()));
        let mut found = routes(&all);
        // At the address of a page, which programs call in another way.
        found.insert(format!("POST {}", dc_paths::APPLY));
        assert!(
            found.contains("DELETE /.well-known/apertodns/v1/txt"),
            "{found:?}"
        );
        let document = openapi::document();
        let described: BTreeSet<String> = document
            .operations
            .iter()
            .map(|one| format!("{} {}", one.method, one.path))
            .collect();
        let missing: Vec<_> = found.difference(&described).collect();
        assert!(missing.is_empty(), "add these to src/openapi/: {missing:?}");
        let gone: Vec<_> = described.difference(&found).collect();
        assert!(gone.is_empty(), "the router does not have these: {gone:?}");
    }
}
