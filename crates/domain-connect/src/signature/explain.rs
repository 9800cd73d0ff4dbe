//! The check of a signature step by step, for whoever has to find out why one does not fit.

use std::fmt;

use easement_zone::{Label, Name};
use serde::Serialize;
use url::Url;

use super::diagnose::KeyDiagnosis;
use super::mistake::{self, Mistake};
use super::{KeyLabel, SignatureError, SignatureParameters, WeakKeys, key_name, verify};
use crate::RawQuery;

/// The longest link that is looked at.
const MAX_URL_OCTETS: usize = 16 * 1024;

/// A link whose signature is to be explained, as far as that goes without its key.
///
/// DNS is asked by whoever uses this: for the `TXT` records at [`key_name`](Self::key_name), and, when
/// there are none, at [`doubled_name`](Self::doubled_name).
///
/// ```
/// use domain_connect::{SignatureQuestion, StepOutcome, WeakKeys};
///
/// let domain = "p.example".parse()?;
/// let question = SignatureQuestion::new(
///     "https://dns.example/v2/x/apply?domain=example.com&sig=AAAA&key=_dck1", &domain);
/// assert_eq!(question.key_name().unwrap().to_text(), "_dck1.p.example");
/// let explanation = question.explain(&[], &[], WeakKeys::Refuse);
/// assert!(!explanation.is_valid());
/// assert_eq!(explanation.signed_data.as_deref(), Some("domain=example.com"));
/// let last = explanation.steps.iter().rfind(|step| step.outcome == StepOutcome::Failed);
/// assert!(last.unwrap().detail.contains("no TXT record"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SignatureQuestion {
    url: Option<Url>,
    query: String,
    steps: Vec<Step>,
    parameters: Option<SignatureParameters>,
    name: Option<Name>,
    doubled: Option<Name>,
}

/// How the check of a signature went.
///
/// ```
/// use domain_connect::{Check, SignatureQuestion, Step, StepOutcome, WeakKeys};
///
/// let question = SignatureQuestion::new("domain=example.com&key=_dck1", &"p.example".parse()?);
/// let explanation = question.explain(&[], &[], WeakKeys::Refuse);
/// let is_failed = |step: &&Step| step.outcome == StepOutcome::Failed;
/// let failed = explanation.steps.iter().find(is_failed).unwrap();
/// assert_eq!(failed.check, Check::Parameters);
/// assert_eq!(failed.check.title(), "Are sig and key there, once each?");
/// assert!(failed.detail.contains("sig"));
/// # Ok::<(), easement_zone::NameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Explanation {
    /// The steps in order.
    pub steps: Vec<Step>,
    /// The exact text that must have been signed.
    pub signed_data: Option<String>,
    /// Where the key is looked up.
    pub key_name: Option<String>,
    /// What the sender probably did wrong.
    pub mistake: Option<Mistake>,
}

/// One step.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Step {
    /// What is checked.
    pub check: Check,
    /// How it went.
    pub outcome: StepOutcome,
    /// What was found, and, when it is wrong, what to do.
    pub detail: String,
}

/// What a step checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The link has a query.
    Link,
    /// `sig` and `key` are there once, and can be decoded.
    Parameters,
    /// The text that was signed.
    SignedData,
    /// Where the key is.
    KeyName,
    /// What is published there.
    KeyRecords,
    /// The signature itself.
    Signature,
}

/// How a step went.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// As it should.
    Passed,
    /// Not as it should.
    Failed,
    /// An earlier step failed.
    NotReached,
}

impl SignatureQuestion {
    /// Reads a link, or the query of one. `key_domain` is what the template names in
    /// `syncPubKeyDomain`.
    pub fn new(link: &str, key_domain: &Name) -> Self {
        let mut question = Self {
            url: Url::parse(link.trim()).ok(),
            query: String::new(),
            steps: Vec::new(),
            parameters: None,
            name: None,
            doubled: None,
        };
        match query_of(link) {
            Ok(query) => query.clone_into(&mut question.query),
            Err(detail) => {
                question.fail(Check::Link, detail.to_owned());
                return question;
            }
        }
        let pairs = RawQuery::new(&question.query).pairs().count();
        question.pass(Check::Link, format!("the query has {pairs} parameters"));
        question.read_parameters(key_domain);
        question
    }

    /// Where the key must be published, when the link says so much.
    pub fn key_name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    /// Where it is when somebody typed the whole name into a form that adds the domain.
    ///
    /// ```
    /// use domain_connect::SignatureQuestion;
    ///
    /// let question = SignatureQuestion::new("domain=example.com&sig=AAAA&key=_dck1", &"p.example".parse()?);
    /// assert_eq!(question.doubled_name().unwrap().to_text(), "_dck1.p.example.p.example");
    /// # Ok::<(), easement_zone::NameError>(())
    /// ```
    pub fn doubled_name(&self) -> Option<&Name> {
        self.doubled.as_ref()
    }

    /// Checks the signature with what is published at the two names.
    pub fn explain(
        mut self,
        texts: &[String],
        doubled_texts: &[String],
        weak: WeakKeys,
    ) -> Explanation {
        let diagnosis = KeyDiagnosis::of(texts, weak);
        let mut mistake = None;
        if let (Some(parameters), Some(name)) = (self.parameters.clone(), self.name.clone()) {
            match &diagnosis.key {
                Some(key) => {
                    let detail = format!(
                        "{} of {} bits, SHA-256 of the key {}",
                        diagnosis.kind(),
                        key.bits(),
                        key.fingerprint()
                    );
                    self.pass(Check::KeyRecords, detail);
                    let checked = verify(RawQuery::new(&self.query), &parameters, key);
                    mistake = self.judge(&checked, &parameters, key);
                }
                None => self.fail(
                    Check::KeyRecords,
                    missing_key(&diagnosis, &name, self.doubled.as_ref(), doubled_texts),
                ),
            }
        }
        self.finish(mistake)
    }

    fn read_parameters(&mut self, key_domain: &Name) {
        let query = self.query.clone();
        let raw = RawQuery::new(&query);
        let parameters = SignatureParameters::from_query(raw);
        let parameters = match parameters.and_then(|found| found.ok_or(SignatureError::Unsigned)) {
            Ok(parameters) => parameters,
            Err(error) => {
                self.fail(Check::Parameters, error.to_string());
                return;
            }
        };
        let detail = format!(
            "key is {}, sig is a signature of {} octets{}",
            parameters.key,
            parameters.signature().len(),
            spelling(raw)
        );
        self.pass(Check::Parameters, detail);
        self.pass(Check::SignedData, raw.signed_data());
        self.name_key(&parameters.key, key_domain);
        self.parameters = Some(parameters);
    }

    fn name_key(&mut self, label: &KeyLabel, key_domain: &Name) {
        match key_name(label, key_domain) {
            Ok(name) => {
                let labels = name.labels().chain(key_domain.labels());
                self.doubled = Name::from_labels(labels.map(Label::octets)).ok();
                self.pass(Check::KeyName, format!("TXT records at {}", name.to_text()));
                self.name = Some(name);
            }
            Err(error) => self.fail(Check::KeyName, error.to_string()),
        }
    }

    fn judge(
        &mut self,
        checked: &Result<(), SignatureError>,
        parameters: &SignatureParameters,
        key: &super::PublicKey,
    ) -> Option<Mistake> {
        if checked.is_ok() {
            self.pass(Check::Signature, "it fits the text and the key".to_owned());
            return None;
        }
        let link = mistake::Link {
            url: self.url.as_ref(),
            query: RawQuery::new(&self.query),
        };
        let found = mistake::find(link, parameters.signature(), key);
        self.fail(
            Check::Signature,
            match &found {
                Some(mistake) => format!("it does not fit the text above. {mistake}"),
                None => "it does not fit the text above, nor any of the usual mistakes: another \
                         private key signed, or a value was changed afterwards. Compare the key's \
                         SHA-256 with that of the sender's key, and the text with what the sender \
                         signs, character by character"
                    .to_owned(),
            },
        );
        found
    }

    fn finish(mut self, mistake: Option<Mistake>) -> Explanation {
        let all = [
            Check::Link,
            Check::Parameters,
            Check::SignedData,
            Check::KeyName,
            Check::KeyRecords,
            Check::Signature,
        ];
        for check in all {
            if !self.steps.iter().any(|step| step.check == check) {
                self.steps.push(Step {
                    check,
                    outcome: StepOutcome::NotReached,
                    detail: String::new(),
                });
            }
        }
        let has_data = self.parameters.is_some();
        Explanation {
            steps: self.steps,
            signed_data: has_data.then(|| RawQuery::new(&self.query).signed_data()),
            key_name: self.name.as_ref().map(Name::to_text),
            mistake,
        }
    }

    fn pass(&mut self, check: Check, detail: String) {
        self.add(check, StepOutcome::Passed, detail);
    }

    fn fail(&mut self, check: Check, detail: String) {
        self.add(check, StepOutcome::Failed, detail);
    }

    fn add(&mut self, check: Check, outcome: StepOutcome, detail: String) {
        self.steps.push(Step {
            check,
            outcome,
            detail,
        });
    }
}

/// The query of a link; what has no `?` is taken for a query.
fn query_of(link: &str) -> Result<&str, &'static str> {
    let link = link.trim();
    if link.len() > MAX_URL_OCTETS {
        return Err("the link is longer than 16 KiB, which no DNS provider reads");
    }
    let bare = link.split('#').next().unwrap_or_default();
    let query = match bare.split_once('?') {
        Some((_, query)) => query,
        None if bare.contains("://") => "",
        None => bare,
    };
    if query.is_empty() {
        return Err("the link has no query: everything that is asked for stands after the ?");
    }
    Ok(query)
}

/// What was forgiven about the spelling of the signature.
fn spelling(query: RawQuery<'_>) -> &'static str {
    let raw = query.only("sig").ok().flatten().unwrap_or_default();
    let lower = raw.to_ascii_lowercase();
    if raw.contains(['-', '_']) {
        ", in base64url where base64 is asked for (forgiven)"
    } else if raw.contains('+') {
        ", whose + is not percent-encoded as %2B (forgiven)"
    } else if !raw.contains('=') && !lower.contains("%3d") {
        ", without padding (forgiven)"
    } else {
        ""
    }
}

fn missing_key(
    diagnosis: &KeyDiagnosis,
    name: &Name,
    doubled: Option<&Name>,
    doubled_texts: &[String],
) -> String {
    if let Some(doubled) = doubled.filter(|_| diagnosis.is_empty() && !doubled_texts.is_empty()) {
        return format!(
            "there is no TXT record at {}, but there is one at {}: the form of the DNS provider adds \
             the domain by itself, so enter only what stands before it",
            name.to_text(),
            doubled.to_text()
        );
    }
    diagnosis.faults_in_words()
}

impl Explanation {
    /// Whether the signature is valid.
    pub fn is_valid(&self) -> bool {
        let mut steps = self.steps.iter();
        steps.all(|step| step.outcome == StepOutcome::Passed)
    }
}

impl Check {
    /// The question that the step answers.
    pub fn title(self) -> &'static str {
        match self {
            Self::Link => "Is there a query?",
            Self::Parameters => "Are sig and key there, once each?",
            Self::SignedData => "Which text must have been signed?",
            Self::KeyName => "Where is the key?",
            Self::KeyRecords => "Is a key published there?",
            Self::Signature => "Does the signature fit?",
        }
    }
}

impl fmt::Display for StepOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "yes",
            Self::Failed => "NO",
            Self::NotReached => "not reached",
        })
    }
}
