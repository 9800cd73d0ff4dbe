//! What apps ask that have no name and no certificate yet (NameDrop).

use ::openapi::{Content, Need, Operation, Reply, Schema, Tag};

use super::domain_connect::open;
use super::tag;

pub(super) const TAG: Tag = tag(
    "NameDrop: names for addresses",
    "What an app asks for before it has a name and a certificate. Answers are one line of text without an end, errors \
     too. How long a name stays, and how many there may be, is in docs/protocols/namedrop.md.",
);

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/namedrop/my-ip", "show_my_ip")
            .saying(TAG.name, "From which address the request comes", "")
            .reply(open(Reply::new(
                200,
                "The address.",
                Content::plain("The address.", "203.0.113.50"),
            ))),
        make(Operation::get("/namedrop/temp-subdomain", "make_temp_name")),
        make(Operation::get("/namedrop/ip-domain", "make_ip_domain")),
        make(Operation::post(
            "/namedrop/ip-domain",
            "make_ip_domain_by_post",
        )),
    ]
}

fn make(operation: Operation) -> Operation {
    operation
        .saying(
            TAG.name,
            "Get a name for the address that the request comes from",
            "The name has one record, A or AAAA, and goes after a while. Asking again lets it stay longer.",
        )
        .reply(open(Reply::new(
            200,
            "The name.",
            Content::plain("The name.", "203-0-113-50.ip.example.net"),
        )))
        .replies([
            refusal(403, "The address is not public.", NOT_PUBLIC),
            refusal(404, "This server makes no such names.", OFF),
            refusal(409, "Something else is at the name.", TAKEN),
            wait(refusal(429, "Too many requests, or too many names of one network.", TOO_OFTEN)),
            refusal(500, "The server failed.", "the name could not be stored"),
            wait(refusal(503, "There is no room, or the store is not available.", NO_ROOM)),
        ])
}

const NOT_PUBLIC: &str = "192.168.1.7 is not a public address: 192.168.0.0/16 is for private use (RFC 1918), so nobody \
     could reach you at a name for it";
const OFF: &str =
    "this server makes no names for addresses: whoever runs it can set namedrop.temp_zone";
const TAKEN: &str = "203-0-113-50.ip.example.net is in use for something else: it stays as it is";
const TOO_OFTEN: &str = "203.0.113.50 asks too often: wait 30 seconds";
const NO_ROOM: &str =
    "this server has 1000 names for addresses now, as many as it makes: try again later";

fn refusal(status: u16, when: &'static str, example: &'static str) -> Reply {
    open(Reply::new(
        status,
        when,
        Content::plain("What to do.", example),
    ))
}

fn wait(reply: Reply) -> Reply {
    let about = "How many seconds to wait.";
    reply.header("Retry-After", Need::Required, Schema::count().about(about))
}
