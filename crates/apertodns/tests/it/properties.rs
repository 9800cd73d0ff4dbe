//! What holds for every input, tried on many.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use apertodns::address::{
    Address as _, AddressChange, AddressChanges, Addresses, DocumentationRanges, Network, Prefix,
    check_public,
};
use apertodns::dyndns2::{Reply, ReplyLine, UpdateCall};
use apertodns::v1::{
    ApiError, BulkUpdateRequest, ErrorDocument, Meta, RequestError, RequestRules, TxtDeleteRequest,
    TxtSetRequest, UpdateRequest, Wish,
};
use apertodns::{Hostname, acme_dns, afraid, duckdns};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::update::rules;

/// JSON with the names that requests have, so that more than the first check is reached.
fn bodies() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("home.example.com".to_owned()),
        Just("_acme-challenge".to_owned()),
        Just("auto".to_owned()),
        Just("set".to_owned()),
        Just("delete".to_owned()),
        Just("203.0.113.7".to_owned()),
        Just("2001:db8::7".to_owned()),
        ".{0,12}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_u32..100_000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let name = proptest::sample::select(vec![
        "hostname", "ipv4", "ipv6", "ttl", "txt", "name", "value", "action", "updates", "defaults",
        "other",
    ]);
    leaf.prop_recursive(3, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|members| {
                let members = members.into_iter();
                members
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            }),
        ]
    })
}

/// A refusal says at least one thing, and can be sent.
fn check_refusal(error: RequestError) -> Result<(), TestCaseError> {
    if let RequestError::Fields(fields) = &error {
        prop_assert!(!fields.is_empty());
        for field in fields {
            prop_assert!(!field.field.is_empty());
        }
    }
    let meta = Meta::new("r".parse().unwrap());
    let document = ErrorDocument::new(ApiError::from(error), meta);
    let document = serde_json::to_value(&document).unwrap();
    prop_assert_eq!(&document["success"], false);
    prop_assert!(!document["error"]["message"].as_str().unwrap().is_empty());
    Ok(())
}

fn check_body(body: &[u8]) -> Result<(), TestCaseError> {
    let rules = RequestRules::default();
    if let Err(error) = UpdateRequest::parse(body, &rules) {
        check_refusal(error)?;
    }
    if let Err(error) = TxtSetRequest::parse(body, &rules) {
        check_refusal(error)?;
    }
    if let Err(error) = TxtDeleteRequest::parse(body, &rules) {
        check_refusal(error)?;
    }
    match BulkUpdateRequest::parse(body, &rules) {
        Ok(request) => {
            for bad in request.items.into_iter().filter_map(Result::err) {
                check_refusal(bad.into_error())?;
            }
        }
        Err(error) => check_refusal(error)?,
    }
    let _ = acme_dns::RegisterRequest::parse(body);
    let _ = acme_dns::UpdateRequest::parse(body);
    Ok(())
}

/// The body that says the same as a request.
fn written(request: &UpdateRequest) -> Value {
    fn insert<A: ToString>(body: &mut Value, name: &str, wish: Wish<A>) {
        match wish {
            Wish::Omitted => {}
            Wish::Delete => body[name] = Value::Null,
            Wish::Auto => body[name] = "auto".into(),
            Wish::Address(address) => body[name] = address.to_string().into(),
        }
    }
    let mut body = json!({"hostname": request.hostname});
    insert(&mut body, "ipv4", request.ipv4);
    insert(&mut body, "ipv6", request.ipv6);
    if let Some(ttl) = request.ttl {
        body["ttl"] = ttl.as_secs().into();
    }
    body
}

fn parameters() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        Just("hostname"),
        Just("myip"),
        Just("myipv4"),
        Just("myipv6"),
        Just("ip"),
        Just("ipv6"),
        Just("ip6lanprefix"),
        Just("offline"),
        Just("myipv4:a.test"),
        Just("myipv6:b.test"),
        Just("domains"),
        Just("token"),
        Just("clear"),
        Just("txt"),
        Just("address"),
    ];
    let value = prop_oneof![
        Just("a.test".to_owned()),
        Just("a.test,b".to_owned()),
        Just("192.0.2.7".to_owned()),
        Just("2001:db8::7".to_owned()),
        Just("192.0.2.7,2001:db8::7".to_owned()),
        Just("2001:db8::/56".to_owned()),
        Just("preserve".to_owned()),
        Just("auto".to_owned()),
        Just("yes".to_owned()),
        Just(String::new()),
        ".{0,16}",
    ];
    prop::collection::vec((name.prop_map(str::to_owned), value), 0..8)
}

/// What is to be set is public.
fn check_changes(changes: &AddressChanges) -> Result<(), TestCaseError> {
    let accept = DocumentationRanges::Accept;
    if let AddressChange::Set(addresses) = &changes.ipv4 {
        prop_assert!(!addresses.is_empty());
        for address in addresses {
            prop_assert!(check_public((*address).into(), accept).is_ok());
        }
    }
    if let AddressChange::Set(addresses) = &changes.ipv6 {
        prop_assert!(!addresses.is_empty());
        for address in addresses {
            prop_assert!(check_public((*address).into(), accept).is_ok());
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_body_is_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        check_body(&body)?;
    }

    #[test]
    fn every_document_is_read_or_refused(body in bodies()) {
        check_body(body.to_string().as_bytes())?;
    }

    #[test]
    fn a_request_that_is_written_again_is_the_same(body in bodies()) {
        if let Ok(mut request) = UpdateRequest::parse(body.to_string().as_bytes(), &rules()) {
            request.txt = None;
            let again = UpdateRequest::parse(written(&request).to_string().as_bytes(), &rules());
            prop_assert_eq!(again, Ok(request));
        }
    }

    #[test]
    fn every_call_is_answered(parameters in parameters(), user in ".{0,12}", source: IpAddr) {
        let pairs = || parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let accept = DocumentationRanges::Accept;
        match UpdateCall::parse(pairs(), Some(&user)) {
            Ok(call) => {
                prop_assert!((1..=UpdateCall::MAX_HOSTS).contains(&call.targets.len()));
                let mut lines = Vec::new();
                for target in &call.targets {
                    let wish = target.wish.clone();
                    match wish.and_then(|wish| wish.changes(Some(source), accept)) {
                        Ok(changes) => {
                            check_changes(&changes)?;
                            lines.push(ReplyLine::Good(changes.apply(&Addresses::default())));
                        }
                        Err(fault) => lines.push(fault.reply_line()),
                    }
                }
                let reply = Reply::new(lines).to_string();
                prop_assert_eq!(reply.split('\n').count(), call.targets.len());
            }
            Err(error) => prop_assert!(!error.reply().to_string().is_empty()),
        }
        if let Ok(call) = duckdns::UpdateCall::parse(pairs(), None)
            && let Ok(changes) = call.changes(Some(source), accept)
        {
            check_changes(&changes)?;
        }
        if let Ok(call) = afraid::UpdateCall::parse(&user, pairs())
            && let Ok(changes) = call.changes(Some(source), accept)
        {
            check_changes(&changes)?;
        }
    }

    #[test]
    fn hostnames_come_back_as_they_were_written(text in "[a-zA-Z0-9_.*-]{0,40}") {
        if let Ok(hostname) = Hostname::from_form(&text) {
            let shown = hostname.to_string();
            prop_assert_eq!(Hostname::from_form(&shown), Ok(hostname.clone()));
            prop_assert!(hostname.is_wildcard() || shown.parse() == Ok(hostname));
        }
    }

    #[test]
    fn addresses_come_back_as_they_were_written(ipv4: Ipv4Addr, ipv6: Ipv6Addr) {
        prop_assert_eq!(Ipv4Addr::parse(&ipv4.to_string()), Ok(ipv4));
        prop_assert_eq!(Ipv6Addr::parse(&ipv6.to_string()), Ok(ipv6));
    }

    #[test]
    fn a_rewritten_address_begins_with_the_prefix_and_ends_as_before(
        new: Ipv6Addr, before: Ipv6Addr, length in 0_u8..=128
    ) {
        let prefix = Prefix::of(new, length).unwrap();
        let after = prefix.rewrite(before);
        prop_assert!(prefix.contains(after));
        prop_assert_eq!(Prefix::of(before, length).unwrap().rewrite(after), before);
        let shown = prefix.to_string();
        prop_assert_eq!(shown.parse(), Ok(prefix));
        prop_assert_eq!(shown.parse(), Ok(Network::Ipv6(prefix)));
    }

    #[test]
    fn what_stands_for_a_private_address_is_no_more_public_than_it(ipv4: Ipv4Addr) {
        let refuse = DocumentationRanges::Refuse;
        let [a, b, c, d] = ipv4.octets();
        let six_to_four = Ipv6Addr::from([0x20, 2, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        let teredo = Ipv6Addr::from(
            [0x20, 1, 0, 0, 9, 9, 9, 9, 0, 0, 0, 0, !a, !b, !c, !d]
        );
        let is_public = check_public(ipv4.into(), refuse).is_ok();
        prop_assert_eq!(check_public(six_to_four.into(), refuse).is_ok(), is_public);
        prop_assert_eq!(check_public(teredo.into(), refuse).is_ok(), is_public);
        prop_assert!(check_public(ipv4.to_ipv6_mapped().into(), refuse).is_err());
    }
}
