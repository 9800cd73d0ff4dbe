//! ApertoDNS v1, and beside it what holders of tokens can do with them.

mod bulk_update;
mod call;
mod domains;
mod failed;
mod health;
mod info;
pub(crate) mod mint_request;
mod status;
pub(crate) mod tokens;
mod txt;
mod update;
pub(crate) mod webhooks;

pub(crate) use self::bulk_update::bulk_update;
pub(crate) use self::call::{Call, method_not_allowed, nothing_here};
pub(crate) use self::domains::list_domains;
pub(crate) use self::health::show_health;
pub(crate) use self::info::show_info;
pub(crate) use self::status::show_status;
pub(crate) use self::tokens::{TOKEN, TOKENS, list_tokens, mint_token, revoke_token};
pub(crate) use self::txt::{delete_txt, list_txt, set_txt};
pub(crate) use self::update::update;
pub(crate) use self::webhooks::{
    change_webhook, create_webhook, delete_webhook, list_deliveries, list_webhooks, redeliver,
    renew_secret, show_delivery, show_webhook, test_webhook,
};
