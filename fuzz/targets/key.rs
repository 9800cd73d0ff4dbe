//! Published keys: whatever can be read says the same when it is published again, in any order, and
//! diagnosis and linter agree with the reader.
//!
//! Input: the texts of `TXT` records, one a line.

#![no_main]

use domain_connect::lint::lint_key;
use domain_connect::{KeyDiagnosis, KeyLabel, Place, PublicKey, WeakKeys};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(label) = text.parse::<KeyLabel>() {
        assert_eq!(label.to_string().parse().as_ref(), Ok(&label));
    }
    if let Ok(key) = PublicKey::from_pem(text, WeakKeys::Accept) {
        check_published(&key);
    }
    let texts: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let lines = || texts.iter().map(String::as_str);
    let read = PublicKey::from_records(lines(), WeakKeys::Refuse);
    let diagnosis = KeyDiagnosis::of(&texts, WeakKeys::Refuse);
    assert_eq!(diagnosis.key.as_ref(), read.as_ref().ok());
    assert_eq!(diagnosis.faults.is_empty(), read.is_ok());
    let finding = lint_key("_dck1.p.example", &texts, Place::find("{}", ""));
    assert_eq!(finding.is_none(), read.is_ok());
    let Ok(key) = read else {
        return;
    };
    assert!(key.bits() >= 2048);
    assert_eq!(
        PublicKey::from_records(lines().rev(), WeakKeys::Refuse).as_ref(),
        Ok(&key)
    );
    assert_eq!(
        PublicKey::from_records(lines(), WeakKeys::Accept).as_ref(),
        Ok(&key)
    );
    check_published(&key);
});

fn check_published(key: &PublicKey) {
    let records = key.records();
    assert!(
        records.iter().all(|record| record.len() <= 255),
        "each fits one string"
    );
    let again = PublicKey::from_records(records.iter().map(String::as_str), WeakKeys::Accept);
    assert_eq!(again.as_ref(), Ok(key));
    assert_eq!(again.map(|key| key.fingerprint()), Ok(key.fingerprint()));
}
