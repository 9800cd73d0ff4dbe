//! Signatures that were made in one of the usual wrong ways, and what the sender is told.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain_connect::{
    Check, Explanation, KeyDiagnosis, PublicKey, SignatureQuestion, StepOutcome, WeakKeys,
};

/// What is sent, without its signature.
const SENT: &str = "domain=example.com&host=shop&redirect_uri=https%3A%2F%2Fp.example%2Fdone&NAME=a%20b&ip=192.0.2.1&state=x";

struct Signer {
    pair: KeyPair,
    records: Vec<String>,
}

impl Signer {
    fn new() -> Self {
        use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n",
            STANDARD.encode(der.as_ref())
        );
        let records = PublicKey::from_pem(&pem, WeakKeys::Refuse)
            .unwrap()
            .records();
        Self { pair, records }
    }

    fn sign(&self, text: &str, how: &'static dyn RsaEncoding) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair
            .sign(how, &random, text.as_bytes(), &mut signature)
            .unwrap();
        signature
    }

    fn explain(&self, signature: &[u8]) -> Explanation {
        self.explain_sent(SENT, signature)
    }

    fn explain_sent(&self, sent: &str, signature: &[u8]) -> Explanation {
        let sig = STANDARD
            .encode(signature)
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        let link = format!("https://dns.example/v2/x/apply?{sent}&sig={sig}&key=_dck1");
        let domain = "p.example".parse().unwrap();
        SignatureQuestion::new(&link, &domain).explain(&self.records, &[], WeakKeys::Refuse)
    }
}

#[test]
fn each_usual_mistake_is_named() {
    let signer = Signer::new();
    let sorted = "NAME=a%20b&domain=example.com&host=shop&ip=192.0.2.1&redirect_uri=https%3A%2F%2Fp.example%2Fdone&state=x";
    let decoded = "domain=example.com&host=shop&redirect_uri=https://p.example/done&NAME=a b&ip=192.0.2.1&state=x";
    let decoded_sorted = "NAME=a b&domain=example.com&host=shop&ip=192.0.2.1&redirect_uri=https://p.example/done&state=x";
    for (signed, told) in [
        (sorted.to_owned(), "in sorted order and sent in another"),
        (decoded.to_owned(), "before they were percent-encoded"),
        (
            decoded_sorted.to_owned(),
            "in sorted order and before they were",
        ),
        (SENT.replace("%20", "+"), "A space was signed as +"),
        (
            SENT.replace("%3A", "%3a").replace("%2F", "%2f"),
            "with other letters",
        ),
        (
            format!("{SENT}&key=_dck1"),
            "The parameter key was signed too",
        ),
        (format!("?{SENT}"), "The question mark was signed too"),
        (
            format!("https://dns.example/v2/x/apply?{SENT}"),
            "The whole address was signed",
        ),
        (format!("/v2/x/apply?{SENT}"), "The path was signed too"),
        (format!("{SENT}\n"), "ended in \"\\\\n\""),
        (
            "NAME=a b&domain=example.com&host=shop&ip=192.0.2.1".to_owned(),
            "Only domain, host and variables were signed",
        ),
        (
            SENT.replace("&state=x", ""),
            "state was added to the query after",
        ),
    ] {
        let explanation = signer.explain(&signer.sign(&signed, &RSA_PKCS1_SHA256));
        assert!(!explanation.is_valid(), "{signed}");
        let mistake = explanation
            .mistake
            .unwrap_or_else(|| panic!("{signed}: nothing was found"));
        assert!(mistake.to_string().contains(told), "{signed}: {mistake}");
    }
}

#[test]
fn the_nearest_mistake_is_named() {
    let signer = Signer::new();
    for (signed, sent, told) in [
        ("v=a%20b&domain=d", "v=a+b&domain=d", "A space was signed"),
        ("v=a+b&domain=d", "v=a%20b&domain=d", "A space was signed"),
        ("v=a%2Fb&domain=d", "v=a%2fb&domain=d", "with other letters"),
        // Nothing was sorted, and nothing added.
        ("domain=d&flag=", "domain=d&flag", "encoded in another way"),
        (
            "v=a%2Fb&flag=&d=x",
            "v=a/b&flag&d=x",
            "encoded in another way",
        ),
    ] {
        let signature = signer.sign(signed, &RSA_PKCS1_SHA256);
        let mistake = signer.explain_sent(sent, &signature).mistake;
        let mistake = mistake.unwrap_or_else(|| panic!("{signed}: nothing was found"));
        assert!(mistake.to_string().contains(told), "{signed}: {mistake}");
    }
}

#[test]
fn other_algorithms_and_encodings_are_named() {
    let signer = Signer::new();
    let right = signer.sign(SENT, &RSA_PKCS1_SHA256);
    let hex = right.iter().map(|octet| format!("{octet:02x}"));
    let hex = hex.collect::<Vec<_>>().concat();
    for (signature, told) in [
        (
            signer.sign(SENT, &RSA_PKCS1_SHA512),
            "It was made with SHA-512",
        ),
        (
            signer.sign(SENT, &RSA_PSS_SHA256),
            "It was made with RSA-PSS with SHA-256",
        ),
        (STANDARD.encode(&right).into_bytes(), "encoded twice"),
        (hex.into_bytes(), "encoded twice"),
    ] {
        let explanation = signer.explain(&signature);
        assert!(!explanation.is_valid());
        assert!(
            explanation.mistake.unwrap().to_string().contains(told),
            "{told}"
        );
    }
}

#[test]
fn a_right_signature_passes_every_step() {
    let signer = Signer::new();
    let explanation = signer.explain(&signer.sign(SENT, &RSA_PKCS1_SHA256));
    assert!(explanation.is_valid(), "{explanation:#?}");
    assert_eq!(explanation.signed_data.as_deref(), Some(SENT));
    assert_eq!(explanation.key_name.as_deref(), Some("_dck1.p.example"));
    assert_eq!(explanation.mistake, None);
    assert_eq!(explanation.steps.len(), 6);
}

#[test]
fn the_key_of_somebody_else_is_no_mistake_of_spelling() {
    let (signer, other) = (Signer::new(), Signer::new());
    let explanation = signer.explain(&other.sign(SENT, &RSA_PKCS1_SHA256));
    assert_eq!(explanation.mistake, None);
    let last = explanation.steps.last().unwrap();
    assert!(last.detail.contains("another private key"), "{last:?}");
}

#[test]
fn the_first_step_that_fails_says_what_to_do() {
    let domain = "p.example".parse().unwrap();
    let long = format!("https://d.example/?a={}", "x".repeat(20_000));
    for (link, check, told) in [
        ("https://dns.example/v2/apply", Check::Link, "no query"),
        ("", Check::Link, "no query"),
        (long.as_str(), Check::Link, "longer than 16 KiB"),
        ("https://d.example/?a=1", Check::Parameters, "not signed"),
        (
            "https://d.example/?a=1&sig=AA",
            Check::Parameters,
            "`key` is missing",
        ),
        (
            "a=1&sig=AA&sig=AA&key=_k",
            Check::Parameters,
            "more than once",
        ),
        ("a=1&sig=%zz&key=_k", Check::Parameters, "percent sign"),
        ("a=1&sig=*&key=_k", Check::Parameters, "not base64"),
        ("a=1&sig=AA&key=a.b", Check::Parameters, "not one DNS label"),
        ("a=1&sig=AA&key=_k", Check::KeyRecords, "no TXT record"),
        (
            "a=\u{1b}[2J&sig=AA&key=_k",
            Check::KeyRecords,
            "no TXT record",
        ),
    ] {
        let explanation = SignatureQuestion::new(link, &domain).explain(&[], &[], WeakKeys::Refuse);
        let failed: Vec<_> = explanation
            .steps
            .iter()
            .filter(|step| step.outcome == StepOutcome::Failed)
            .collect();
        assert_eq!(failed.len(), 1, "{link}");
        assert_eq!(failed[0].check, check, "{link}");
        assert!(
            failed[0].detail.contains(told),
            "{link}: {}",
            failed[0].detail
        );
    }
}

#[test]
fn a_key_at_the_doubled_name_is_found() {
    let signer = Signer::new();
    let domain = "p.example".parse().unwrap();
    let question = SignatureQuestion::new("a=1&sig=AA&key=_k", &domain);
    assert_eq!(
        question.doubled_name().unwrap().to_text(),
        "_k.p.example.p.example"
    );
    let explanation = question.explain(&[], &signer.records, WeakKeys::Refuse);
    let step = &explanation.steps[4];
    assert!(
        step.detail.contains("adds the domain by itself"),
        "{step:?}"
    );
}

#[test]
fn every_fault_of_a_key_is_listed() {
    let signer = Signer::new();
    let [first, second, ..] = signer.records.as_slice() else {
        panic!("the key has fewer parts")
    };
    for (texts, faults) in [
        (
            vec![
                "v=spf1 -all".to_owned(),
                "-----BEGIN PUBLIC KEY-----".to_owned(),
            ],
            2,
        ),
        (vec![first.clone(), "v=spf1 -all".to_owned()], 2),
        (vec![second.clone()], 1),
        (vec![first.clone(), first.clone()], 1),
        (vec![first.replace("RS256", "ES256")], 1),
        (vec![], 1),
        (vec!["p=1,a=RS256,d=x".to_owned(); 17], 1),
    ] {
        let diagnosis = KeyDiagnosis::of(&texts, WeakKeys::Refuse);
        assert!(diagnosis.key.is_none(), "{texts:?}");
        assert_eq!(
            diagnosis.faults.len(),
            faults,
            "{texts:?} {:#?}",
            diagnosis.faults
        );
    }
    // One record too many, beside a whole key: only that one is named.
    let mut texts = signer.records.clone();
    texts.push("google-site-verification=x".to_owned());
    let diagnosis = KeyDiagnosis::of(&texts, WeakKeys::Refuse);
    assert_eq!(diagnosis.faults.len(), 1, "{:#?}", diagnosis.faults);
    assert_eq!(diagnosis.faults[0].record, Some(texts.len()));
}
