//! The older protocols of dynamic DNS.

use ::apertodns::v1::paths;
use ::openapi::{
    Access, Content, Described, Field, Need, Operation, Parameter, Reply, Schema, Tag,
};
use serde_json::{Value, json};

use super::{BASIC, tag};
use crate::dyndns2::check_address::{AddressDocument, ErrorDocument};
use crate::router;

pub(super) const TAG: Tag = tag(
    "Older protocols",
    "What routers speak: DynDNS2, DuckDNS, afraid.org, and addresses to ask for one's own. Answers are text.",
);

const PASSWORD: [Access; 2] = [&[BASIC], &[]];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        nic_update(Operation::get(paths::LEGACY_DYNDNS2, "nic_update")),
        nic_update(Operation::post(paths::LEGACY_DYNDNS2, "nic_update_by_form"))
            .optional_body(form()),
        duckdns(),
        afraid(router::AFRAID_SLASH, "afraid_update"),
        afraid(router::AFRAID, "afraid_update_without_slash"),
        check_address(router::CHECK_ADDRESS, "check_address").reply(not_known()),
        check_address(router::CHECK_ADDRESS_IPV4, "check_address_ipv4").reply(other_family()),
        check_address(router::CHECK_ADDRESS_IPV6, "check_address_ipv6").reply(other_family()),
    ]
}

//------------ DynDNS2 ---------------------------------------------------------------------------

fn nic_update(operation: Operation) -> Operation {
    let operation = NIC_PARAMETERS
        .iter()
        .fold(operation, |operation, (name, about, example)| {
            operation
                .parameter(Parameter::query(name, Schema::text().about(*about)).example(example))
        });
    operation
        .saying(
            TAG.name,
            "Set the addresses of hosts (DynDNS2)",
            "One line for each host, in the order of the request: `good` or `nochg` with the addresses, or a word that \
             says what went wrong. POST takes the parameters as a form, too. More parameters are in \
             docs/protocols/apertodns.md; unknown ones are ignored.",
        )
        .access(PASSWORD)
        .reply(Reply::new(
            200,
            "Whatever happened.",
            Content::plain("A line for each host.", "good 203.0.113.50\n"),
        ))
        .reply(
            Reply::new(401, "There was no token.", Content::plain("The word.", "badauth\n")).header(
                "WWW-Authenticate",
                Need::Required,
                Schema::text(),
            ),
        )
}

const NIC_PARAMETERS: [(&str, &str, &str); 6] = [
    (
        "hostname",
        "Full hostnames, joined by commas, at most 20. Without it, the user name is the host.",
        "home.example.com",
    ),
    (
        "myip",
        "Addresses of both families, joined by commas; `auto`, `preserve`, or a prefix. Without it, the address that \
         the request comes from.",
        "203.0.113.50",
    ),
    (
        "myipv4",
        "The same for IPv4 alone; empty to delete.",
        "203.0.113.50",
    ),
    (
        "myipv6",
        "The same for IPv6 alone; empty to delete.",
        "2001:db8::1",
    ),
    ("offline", "`YES`: the hosts have no addresses.", "NO"),
    (
        "password",
        "The token, for clients that send no header; it must be one that may stand in a URL.",
        "easement_live_...",
    ),
];

fn form() -> Content {
    let fields = NIC_PARAMETERS
        .iter()
        .map(|(name, about, _)| Field::optional(name, Schema::text().about(*about)));
    Content {
        media: "application/x-www-form-urlencoded",
        schema: Schema::object(fields).about("The same parameters."),
        example: json!({"hostname": "home.example.com", "myip": "203.0.113.50"}),
    }
}

//------------ One URL ---------------------------------------------------------------------------

fn duckdns() -> Operation {
    let text = |name, about: &str| Parameter::query(name, Schema::text().about(about));
    Operation::get(router::UPDATE, "duckdns_update")
        .saying(
            TAG.name,
            "Set the addresses of hosts (DuckDNS)",
            "The token must be one that may stand in a URL. For devices that cannot send parameters, \
             `/update/DOMAINS/TOKEN/ADDRESS` is the same.",
        )
        .parameter(
            text("domains", "Full hostnames, or labels below `dynamic_dns.base`, joined by commas.")
                .example("home.example.com"),
        )
        .parameter(text("token", "The token.").example("easement_live_..."))
        .parameter(text("ip", "An address. Without any, that which the request comes from."))
        .parameter(text("ipv6", "An IPv6 address."))
        .parameter(text("txt", "Sets this text at `_acme-challenge` below the host, and no address."))
        .parameter(text("clear", "`true`: the addresses go, or with `txt` the text."))
        .parameter(text("verbose", "`true`: the answer says more."))
        .reply(Reply::new(
            200,
            "Whatever happened.",
            Content::plain("`OK` or `KO`; with `verbose`, what is there now and `UPDATED` or `NOCHANGE`.", "OK"),
        ))
}

fn afraid(path: &'static str, id: &'static str) -> Operation {
    let token = Schema::text()
        .length(1, None)
        .about("A token for one name alone, which may stand in a URL.");
    let address =
        "The address. Without it, that which the request comes from. Also `myip` or `ip`.";
    Operation::get(path, id)
        .saying(
            TAG.name,
            "Set the addresses of the token's host (afraid.org)",
            "",
        )
        .parameter(Parameter::path("token", token).example("easement_live_..."))
        .parameter(
            Parameter::query("address", Schema::text().about(address)).example("203.0.113.50"),
        )
        .reply(Reply::new(
            200,
            "Whatever happened.",
            Content::plain(
                "`Updated`, `No IP change detected` or `ERROR:`, and more.",
                "Updated 1 host(s) home.example.com to 203.0.113.50 in 0.002 seconds\n",
            ),
        ))
}

//------------ Which address is mine -------------------------------------------------------------

fn check_address(path: &'static str, id: &'static str) -> Operation {
    let format =
        "`json` for JSON, as with a header `Accept` that names it; anything else for text.";
    Operation::get(path, id)
        .saying(TAG.name, "From which address the request comes", "")
        .parameter(Parameter::query("format", Schema::text().about(format)).example("json"))
        .reply(
            Reply::new(
                200,
                "The address.",
                Content::plain("The address, and the end of the line.", "203.0.113.50\n"),
            )
            .or(Content::json::<AddressDocument>()),
        )
}

const NOT_KNOWN: &str =
    "a proxy in front of this server does not say from which address this request came";

const OTHER_FAMILY: &str = "this request came over IPv6: ask over IPv4, for example with curl -4";

fn not_known() -> Reply {
    Reply::new(
        404,
        "A proxy in between does not say from where the request came.",
        Content::plain("What is missing.", NOT_KNOWN),
    )
    .or(Content::json::<ErrorDocument>())
}

fn other_family() -> Reply {
    Reply::new(
        404,
        "The request came over the other family.",
        Content::plain("What to do.", OTHER_FAMILY),
    )
    .or(Content::json::<ErrorDocument>())
}

impl Described for AddressDocument {
    const NAME: &'static str = "OwnAddress";

    fn schema() -> Schema {
        let families = [Schema::formatted("ipv4"), Schema::formatted("ipv6")];
        Schema::object([Field::required("ip", Schema::either(families))])
            .about("From which address a request came.")
    }

    fn example() -> Value {
        json!({"ip": "203.0.113.50"})
    }
}

impl Described for ErrorDocument {
    const NAME: &'static str = "OtherFamily";

    fn schema() -> Schema {
        Schema::object([Field::required(
            "error",
            Schema::text().about("What to do."),
        )])
    }

    fn example() -> Value {
        json!({"error": OTHER_FAMILY})
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    #[test]
    fn documents_are_as_their_schemas_say() {
        for ip in [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()] {
            let document = json!(AddressDocument { ip });
            assert!(AddressDocument::schema().check(&document).is_empty());
        }
        let error = "no".to_owned();
        assert!(
            ErrorDocument::schema()
                .check(&json!(ErrorDocument { error }))
                .is_empty()
        );
    }
}
