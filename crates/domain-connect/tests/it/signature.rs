//! Signatures and keys, with the vector that Domain Connect 2.3 prints.

use domain_connect::{
    KeyError, KeyLabel, PublicKey, RawQuery, SignError, SignatureError, SignatureParameters,
    SigningKey, WeakKeys, canonical_query, key_name, verify,
};
use easement_zone::Name;

/// The key and signature of Domain Connect 2.3, section "Digitally Sign Requests".
const VECTOR_KEY: [&str; 3] = [
    "p=1,a=RS256,d=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA18SgvpmeasN4BHkkv0SBjAzIc4grYLjiAXRtNiBUiGUDMeTzQrKTsWvy9NuxU1dIHCZy9o1CrKNg5EzLIZLNyMfI6qiXnM+HMd4byp97zs/3D39Q8iR5poubQcRaGozWx8yQpG0OcVdmEVcTfy",
    "p=2,a=RS256,d=R/XSEWC5u16EBNvRnNAOAvZYUdWqVyQvXsjnxQot8KcK0QP8iHpoL/1dbdRy2opRPQ2FdZpovUgknybq/6FkeDtW7uCQ6Mvu4QxcUa3+WP9nYHKtgWip/eFxpeb+qLvcLHf1h0JXtxLVdyy6OLk3f2JRYUX2ZZVDvG3biTpeJz6iRzjGg6MfGxXZHjI8",
    "p=3,a=RS256,d=weDjXrJwIDAQAB",
];
const VECTOR_DATA: &str = "a=1&b=2&ip=10.10.10.10&domain=example.net";
const VECTOR_SIGNATURE: &str = "V2te9zWMU7G3plxBTsmYSJTvn2vzMvNwAjWQ%2BwTe91DxuJhdVf4cVc4vZBYfEYV7u5d7PzTO7se7OrkhyiB7TpoJJW1yB5qHR7HKM5SZldUsdtg5%2B1SzEtIX0Uq8b2mCmQF%2FuJGXpqCyFrEajvpTM7fFKPk1kuctmtkjV7%2BATcvNPLWY7KyE4%2Bqc8jpfN61cP5l8iA4krAa3%2BfTro5cmWR8YUJ5yrnRs6KT4b5D71HFvOUk0sGEUddUUlsyRQKRHUFN6HjEya50YDHfZJlYHkHlK0xX6Yqeii9QZ2I35U9eJbSvZGQko5beqviWFXdsVDbvd3DYcbSHgJq9%2FXoMTTw%3D%3D";

fn vector_key() -> PublicKey {
    PublicKey::from_records(VECTOR_KEY, WeakKeys::Refuse).unwrap()
}

fn check(query: &str) -> Result<(), SignatureError> {
    let query = RawQuery::new(query);
    let parameters = SignatureParameters::from_query(query)?.ok_or(SignatureError::Unsigned)?;
    verify(query, &parameters, &vector_key())
}

#[test]
fn the_vector_of_the_specification_verifies_wherever_its_signature_stands() {
    let signature = VECTOR_SIGNATURE;
    for query in [
        format!("{VECTOR_DATA}&sig={signature}&key=_dcpubkeyv1"),
        format!("sig={signature}&key=_dcpubkeyv1&{VECTOR_DATA}"),
        format!("a=1&sig={signature}&b=2&key=_dcpubkeyv1&ip=10.10.10.10&domain=example.net"),
    ] {
        assert_eq!(check(&query), Ok(()), "{query}");
    }
}

#[test]
fn harmless_spellings_of_a_signature_are_forgiven() {
    let signature = VECTOR_SIGNATURE;
    for spelled in [
        signature.replace("%2B", "+"),
        signature.replace("%2B", "-").replace("%2F", "_"),
        signature.replace("%3D", ""),
        signature.replace("%2F", "/").replace("%3D", "="),
    ] {
        let query = format!("{VECTOR_DATA}&sig={spelled}&key=k");
        assert_eq!(check(&query), Ok(()), "{spelled}");
    }
}

#[test]
fn whatever_is_changed_after_signing_is_noticed() {
    for data in [
        "a=1&b=2&ip=10.10.10.11&domain=example.net",
        "a=1&b=2&ip=10.10.10.10&domain=example.net&x=1",
        "b=2&a=1&ip=10.10.10.10&domain=example.net",
        "a=1&b=2&ip=10.10.10.10&domain=example.net&",
        "a=1&b=2&ip=10.10.10.10&domain=Example.net",
        "a=%31&b=2&ip=10.10.10.10&domain=example.net",
        "_csrf=1&a=1&b=2&ip=10.10.10.10&domain=example.net",
        "",
    ] {
        let query = format!("{data}&sig={VECTOR_SIGNATURE}&key=k");
        let error = check(&query).unwrap_err();
        assert!(
            matches!(error, SignatureError::Mismatch { .. }),
            "{data}: {error}"
        );
    }
}

#[test]
fn what_cannot_be_a_signature_says_why() {
    let long = "A".repeat(4096);
    for (query, expected) in [
        ("a=1".to_owned(), SignatureError::Unsigned),
        (
            "a=1&sig=AAAA".to_owned(),
            SignatureError::Missing { name: "key" },
        ),
        (
            "a=1&key=k".to_owned(),
            SignatureError::Missing { name: "sig" },
        ),
        (
            "sig=AAAA&sig=AAAA&key=k".to_owned(),
            SignatureError::Repeated { name: "sig" },
        ),
        (
            "sig=AAAA&key=k&key=k".to_owned(),
            SignatureError::Repeated { name: "key" },
        ),
        ("sig=%21&key=k".to_owned(), SignatureError::NotBase64),
        (
            "sig=&key=k".to_owned(),
            SignatureError::Missing { name: "sig" },
        ),
        (
            "sig=AAAA&key=".to_owned(),
            SignatureError::Missing { name: "key" },
        ),
        (
            "sig&key".to_owned(),
            SignatureError::Missing { name: "sig" },
        ),
        (format!("sig={long}&key=k"), SignatureError::TooLong),
    ] {
        assert_eq!(check(&query), Err(expected), "{query}");
    }
    assert!(matches!(
        check("sig=%zz&key=k"),
        Err(SignatureError::Encoding(_))
    ));
}

#[test]
fn the_key_label_is_one_label_below_the_domain_of_the_template() {
    let domain: Name = "_domainconnect.stage.example.net".parse().unwrap();
    let label: KeyLabel = "_dck1".parse().unwrap();
    assert_eq!(
        key_name(&label, &domain).unwrap(),
        "_dck1._domainconnect.stage.example.net".parse().unwrap()
    );
    for label in [
        "",
        "_",
        "a.b",
        "a.",
        "evil.example.",
        "a b",
        "ä",
        "a%2eb",
        "*",
        "\\046",
        &"x".repeat(64),
    ] {
        assert!(label.parse::<KeyLabel>().is_err(), "{label}");
    }
    for query in ["sig=AAAA&key=a.b", "sig=AAAA&key=a%2Eb"] {
        assert!(
            matches!(check(query), Err(SignatureError::Key(_))),
            "{query}"
        );
    }
}

#[test]
fn the_parts_of_a_key_come_in_any_order_with_spaces_and_without_defaults() {
    let [one, two, three] = VECTOR_KEY;
    let shuffled = [three, one, two];
    assert_eq!(
        PublicKey::from_records(shuffled, WeakKeys::Refuse).unwrap(),
        vector_key()
    );
    let spaced: Vec<String> = VECTOR_KEY
        .iter()
        .map(|record| record.replace("a=RS256,", " t=x509 , "))
        .collect();
    let spaced = spaced.iter().map(String::as_str);
    assert_eq!(
        PublicKey::from_records(spaced, WeakKeys::Refuse).unwrap(),
        vector_key()
    );
    assert_eq!(vector_key().bits(), 2048);
}

#[test]
fn each_fault_of_a_key_has_its_own_message() {
    let [one, two, three] = VECTOR_KEY;
    let key = |records: &[&str]| {
        PublicKey::from_records(records.iter().copied(), WeakKeys::Refuse).unwrap_err()
    };
    let many = vec!["p=1,d=AAAA"; 17];
    let long = format!("p=1,d={}", "A".repeat(9000));
    assert_eq!(key(&[]), KeyError::NoRecords);
    assert!(matches!(key(&many), KeyError::TooLarge { .. }));
    assert!(matches!(key(&[&long]), KeyError::TooLarge { .. }));
    assert!(matches!(
        key(&["v=spf1 -all"]),
        KeyError::NotAKeyRecord { .. }
    ));
    assert!(matches!(
        key(&["p=1,d=AAAA,x=1"]),
        KeyError::NotAKeyRecord { .. }
    ));
    for pasted in [
        "p=1,p=2,d=AAAA",
        "p=1,a=RS256,d=p=1,a=RS256,d=AAAA",
        "p=1,d=d=AAAA",
    ] {
        assert!(matches!(key(&[pasted]), KeyError::FieldTwice { .. }));
    }
    for spaced in ["p=1,d=MIIB IjAN", "p=1,d=MIIB\tIjAN", "p=1 2,d=AAAA"] {
        assert!(matches!(key(&[spaced]), KeyError::Spaces { .. }));
    }
    assert!(matches!(
        key(&["p=1,a=RS256"]),
        KeyError::NotAKeyRecord { .. }
    ));
    assert!(matches!(
        key(&["a=RS256,d=AAAA"]),
        KeyError::NoPosition { .. }
    ));
    assert!(matches!(key(&["p=x,d=AAAA"]), KeyError::NoPosition { .. }));
    assert_eq!(
        key(&[one, one, three]),
        KeyError::SamePosition { position: 1 }
    );
    assert!(matches!(
        key(&[one, two, "p=3,a=ES256,d=weDj"]),
        KeyError::Algorithm { .. }
    ));
    assert!(matches!(
        key(&[one, two, "p=3,t=pem,d=weDj"]),
        KeyError::Kind { .. }
    ));
    assert_eq!(key(&["-----BEGIN PUBLIC KEY-----"]), KeyError::Pem);
    assert_eq!(key(&["p=2,d=AAAA-----END PUBLIC KEY-----"]), KeyError::Pem);
    assert_eq!(
        key(&["-----BEGIN RSA PRIVATE KEY-----"]),
        KeyError::PrivateKey
    );
    assert_eq!(key(&["p=1,d=AAAA\\nAAAA"]), KeyError::LineEnds);
    assert_eq!(key(&["p=1,d=AAAA\nAAAA"]), KeyError::LineEnds);
    assert_eq!(key(&["p=1,d=!!!!"]), KeyError::NotBase64);
    assert_eq!(key(&["p=1,d=AAAAAAAA"]), KeyError::NotAnRsaKey);
    assert_eq!(key(&[one, two]), KeyError::NotBase64);
    assert_eq!(key(&[one, three]), KeyError::MissingPart { position: 2 });
    assert_eq!(key(&[two, three]), KeyError::MissingPart { position: 1 });
}

mod made {
    //! Keys made for one test.

    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::KeyPair as _;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn what_was_signed_verifies_with_the_published_key() {
        let key = signing_key();
        let query = canonical_query([("host", "a b"), ("domain", "example.com"), ("IP", "+&=")]);
        assert_eq!(query, "IP=%2B%26%3D&domain=example.com&host=a%20b");
        let label: KeyLabel = "_dck1".parse().unwrap();
        let signed = key.sign(&query, &label).unwrap();
        let raw = RawQuery::new(&signed);
        let parameters = SignatureParameters::from_query(raw).unwrap().unwrap();
        assert_eq!(parameters.key, label);
        let records = key.public_records().unwrap();
        assert!(records.iter().all(|record| record.len() <= 255));
        let public = public(&records);
        assert_eq!(verify(raw, &parameters, &public), Ok(()));
        assert!(
            verify(raw, &parameters, &vector_key()).is_err(),
            "another key"
        );
        assert_eq!(key.sign(&signed, &label), Err(SignError::AlreadySigned));
    }

    #[test]
    fn a_published_private_key_is_recognised() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let record = format!("p=1,d={}", STANDARD.encode(der.as_ref()));
        let error = PublicKey::from_records([record.as_str()], WeakKeys::Refuse).unwrap_err();
        assert_eq!(error, KeyError::PrivateKey);
    }

    #[test]
    fn a_short_key_is_refused_unless_the_operator_accepts_it() {
        // RSA with 1024 bits, made once for this test with openssl; its private half is gone.
        const SHORT: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC4n1eDGvBJH/7RSUuhCarc4Y42+vNXA6cEUz1+dKIUVO1sDpab8i/rmxA7XvBFyUSrgcdih2cLvOPiHnWcWByxIg27/l/UGU9rneoyqvwgYQ739GFD8Dyt2pyM7/Bvu6SgfvlOGjEv9EOod/SdIPO89oe0xv1anOUk2li2VT+j3QIDAQAB";
        let record = format!("p=1,a=RS256,d={SHORT}");
        let key = |weak| PublicKey::from_records([record.as_str()], weak);
        let error = key(WeakKeys::Refuse).unwrap_err();
        assert_eq!(
            error,
            KeyError::TooShort {
                bits: 1024,
                least: 2048
            }
        );
        assert_eq!(key(WeakKeys::Accept).unwrap().bits(), 1024);
    }

    #[test]
    fn a_key_with_something_behind_it_is_refused() {
        use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let longer = [der.as_ref(), &[0x30, 0x00]].concat();
        let record = format!("p=1,d={}", STANDARD.encode(longer));
        let error = PublicKey::from_records([record.as_str()], WeakKeys::Refuse).unwrap_err();
        assert_eq!(error, KeyError::NotAnRsaKey);
    }

    #[test]
    fn a_key_in_another_format_is_recognised() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let bare = STANDARD.encode(pair.public_key().as_ref());
        let record = format!("p=1,d={bare}");
        let error = PublicKey::from_records([record.as_str()], WeakKeys::Refuse).unwrap_err();
        assert_eq!(error, KeyError::BareKey);
    }

    fn signing_key() -> SigningKey {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        SigningKey::from_pkcs8_der(der.as_ref()).unwrap()
    }

    fn public(records: &[String]) -> PublicKey {
        let records = records.iter().map(String::as_str);
        PublicKey::from_records(records, WeakKeys::Refuse).unwrap()
    }
}
