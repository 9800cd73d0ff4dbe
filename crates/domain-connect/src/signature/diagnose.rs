//! Everything that is wrong with published key records, not only the first thing.

use serde::Serialize;

use super::key::KeyRecord;
use super::{KeyError, PublicKey, WeakKeys};

/// What is published at the name of a key.
///
/// ```
/// use domain_connect::{KeyDiagnosis, WeakKeys};
///
/// let texts = ["v=spf1 -all".to_owned(), "p=2,a=RS256,d=AAAA".to_owned()];
/// let diagnosis = KeyDiagnosis::of(&texts, WeakKeys::Refuse);
/// assert!(diagnosis.key.is_none());
/// assert_eq!(diagnosis.faults.len(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct KeyDiagnosis {
    /// The key, when it can be used.
    pub key: Option<PublicKey>,
    /// What is wrong; nothing when the key can be used.
    pub faults: Vec<KeyFault>,
    records: usize,
}

/// One thing that is wrong with a published key.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct KeyFault {
    /// Which record in the order of the answer, counted from one; none when it is about all of them.
    pub record: Option<usize>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl KeyDiagnosis {
    /// Looks at the texts of the `TXT` records; the character strings of each must be joined already.
    pub fn of(texts: &[String], weak: WeakKeys) -> Self {
        let records = texts.len();
        let error = match PublicKey::from_records(texts.iter().map(String::as_str), weak) {
            Ok(key) => {
                return Self {
                    key: Some(key),
                    faults: Vec::new(),
                    records,
                };
            }
            Err(error) => error,
        };
        let mut faults: Vec<KeyFault> = (1..)
            .zip(texts)
            .filter_map(|(number, text)| {
                let error = text
                    .parse::<KeyRecord>()
                    .and_then(|record| record.check_kind());
                error.err().map(|error| KeyFault {
                    record: Some(number),
                    message: error.to_string(),
                })
            })
            .collect();
        // The rest may make a key, or say more about why it does not.
        let readable = texts
            .iter()
            .map(String::as_str)
            .filter(|text| text.parse::<KeyRecord>().is_ok());
        let about_all = match PublicKey::from_records(readable, weak) {
            Err(KeyError::NoRecords) if !faults.is_empty() => None,
            Err(other) => Some(other),
            Ok(_) => None,
        };
        let about_all = about_all.or_else(|| faults.is_empty().then_some(error));
        if let Some(error) = about_all {
            let message = error.to_string();
            if !faults.iter().any(|fault| fault.message == message) {
                faults.push(KeyFault {
                    record: None,
                    message,
                });
            }
        }
        Self {
            key: None,
            faults,
            records,
        }
    }

    /// Whether nothing is published at all.
    ///
    /// ```
    /// use domain_connect::{KeyDiagnosis, KeyFault, WeakKeys};
    ///
    /// let diagnosis = KeyDiagnosis::of(&[], WeakKeys::Refuse);
    /// assert!(diagnosis.is_empty());
    /// let fault: &KeyFault = &diagnosis.faults[0];
    /// assert!(fault.message.starts_with("there is no TXT record at the name of the key"));
    /// ```
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    pub(super) fn kind(&self) -> String {
        match self.records {
            1 => "one record makes an RSA key".to_owned(),
            records => format!("{records} records make an RSA key"),
        }
    }

    pub(super) fn faults_in_words(&self) -> String {
        let one = |fault: &KeyFault| match fault.record {
            Some(number) => format!("record {number}: {}", fault.message),
            None => fault.message.clone(),
        };
        self.faults.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}
