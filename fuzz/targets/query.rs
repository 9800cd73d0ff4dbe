//! Apply URLs: what is signed never holds the signature, only what was signed is valid, values come
//! through, and a redirect never leads to another host.
//!
//! Input: the query of an apply URL.

#![no_main]

use domain_connect::{
    ApplyQuery, Authenticity, ErrorAnswer, LoopbackRedirects, PublicKey, RawQuery, Redirect,
    ReturnAddress, SignatureParameters, SignatureQuestion, Template, WeakKeys, canonical_query,
    verify,
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// The key and the text of the signature that Domain Connect 2.3 prints; the seeds have the signature.
const RECORDS: [&str; 3] = [
    "p=1,a=RS256,d=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA18SgvpmeasN4BHkkv0SBjAzIc4grYLjiAXRtNiBUiGUDMeTzQrKTsWvy9NuxU1dIHCZy9o1CrKNg5EzLIZLNyMfI6qiXnM+HMd4byp97zs/3D39Q8iR5poubQcRaGozWx8yQpG0OcVdmEVcTfy",
    "p=2,a=RS256,d=R/XSEWC5u16EBNvRnNAOAvZYUdWqVyQvXsjnxQot8KcK0QP8iHpoL/1dbdRy2opRPQ2FdZpovUgknybq/6FkeDtW7uCQ6Mvu4QxcUa3+WP9nYHKtgWip/eFxpeb+qLvcLHf1h0JXtxLVdyy6OLk3f2JRYUX2ZZVDvG3biTpeJz6iRzjGg6MfGxXZHjI8",
    "p=3,a=RS256,d=weDjXrJwIDAQAB",
];
const SIGNED: &str = "a=1&b=2&ip=10.10.10.10&domain=example.net";

static KEY: LazyLock<PublicKey> = LazyLock::new(|| {
    PublicKey::from_records(RECORDS, WeakKeys::Refuse).expect("the key of the specification")
});

static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let text = r#"{"providerId": "p.example", "providerName": "P", "serviceId": "s",
        "serviceName": "S", "syncRedirectDomain": "p.example, q.example", "records": [
        {"type": "TXT", "host": "@", "data": "%v%", "ttl": 60}]}"#;
    Template::from_json(text).expect("a good template").0
});

fuzz_target!(|text: &str| {
    check_signature(text);
    check_explanation(text);
    check_value(text);
    if let Ok(query) = ApplyQuery::parse(text, &TEMPLATE) {
        let pairs: Vec<String> = query
            .raw()
            .pairs()
            .map(|pair| pair.raw_name().to_owned())
            .collect();
        assert_eq!(pairs.len(), text.split('&').count());
        let _ = query.check(&TEMPLATE);
        let address = ReturnAddress::read(text);
        assert_eq!(
            (address.redirect_uri, address.state),
            (query.redirect_uri.clone(), query.state.clone())
        );
        check_redirect(&query);
    }
});

fn check_signature(text: &str) {
    let query = RawQuery::new(text);
    let data = query.signed_data();
    let is_signature = |name: &str| name == "sig" || name == "key";
    assert!(
        RawQuery::new(&data)
            .pairs()
            .all(|pair| !is_signature(pair.raw_name()))
    );
    assert_eq!(RawQuery::new(&data).signed_data(), data);
    if let Ok(Some(parameters)) = SignatureParameters::from_query(query)
        && verify(query, &parameters, &KEY).is_ok()
    {
        assert_eq!(data, SIGNED, "nobody signed that");
    }
}

fn check_explanation(text: &str) {
    let question = SignatureQuestion::new(text, &"p.example".parse().expect("a good name"));
    let explanation = question.explain(&RECORDS.map(str::to_owned), &[], WeakKeys::Refuse);
    assert_eq!(explanation.steps.len(), 6, "each check is told once");
    if explanation.is_valid() {
        assert_eq!(
            explanation.signed_data.as_deref(),
            Some(SIGNED),
            "nobody signed that"
        );
    }
}

/// Whatever a value is, it arrives as it was sent or is refused.
fn check_value(text: &str) {
    let query = canonical_query([("domain", "example.com"), ("v", text)]);
    let Ok(read) = ApplyQuery::parse(&query, &TEMPLATE) else {
        let is_long =
            query.len() > ApplyQuery::MAX_OCTETS || text.len() > ApplyQuery::MAX_VALUE_OCTETS;
        assert!(
            is_long || text.chars().any(char::is_control),
            "{text:?} is refused"
        );
        return;
    };
    assert_eq!(
        read.variables.get(&"v".parse().expect("a good name")),
        Some(text)
    );
    assert_eq!(read.raw().signed_data(), query);
}

fn check_redirect(query: &ApplyQuery) {
    let Some(target) = &query.redirect_uri else {
        return;
    };
    let checked =
        |authenticity| Redirect::check(target, &TEMPLATE, authenticity, LoopbackRedirects::Refuse);
    if let Ok(redirect) = checked(Authenticity::Unsigned) {
        let host = redirect.host().trim_end_matches('.');
        let listed = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
        assert!(
            listed("p.example") || listed("q.example"),
            "{host} is not listed"
        );
    }
    let Ok(redirect) = checked(Authenticity::Signed) else {
        assert!(
            checked(Authenticity::Unsigned).is_err(),
            "a signature takes nothing away"
        );
        return;
    };
    let state = query.state.as_deref();
    for url in [
        redirect.success(state),
        redirect.error(&ErrorAnswer::user_cancel(), state),
    ] {
        assert_eq!((url.scheme(), url.origin()), ("https", target.origin()));
        assert_eq!(url.path(), target.path());
        let last = url.query_pairs().filter(|(name, _)| name == "state").last();
        assert!(state.is_none() || last.map(|(_, value)| value.into_owned()).as_deref() == state);
    }
}
