//! Signatures of apply URLs and the keys that they are checked with
//! (draft-ietf-dconn-domainconnect-05 sections 6.4 and 8.3.4).
//!
//! This library looks nothing up: whoever uses it asks DNS for the `TXT` records at [`key_name`] and
//! gives their texts to [`PublicKey::from_records`].

mod diagnose;
mod explain;
mod key;
mod label;
mod mistake;
mod sign;
mod verify;

pub use self::diagnose::{KeyDiagnosis, KeyFault};
pub use self::explain::{Check, Explanation, SignatureQuestion, Step, StepOutcome};
pub use self::key::{KeyError, PublicKey, WeakKeys};
pub use self::label::{KeyLabel, key_name};
pub use self::mistake::Mistake;
pub use self::sign::{SignError, SigningKey, canonical_query};
pub use self::verify::{SignatureError, SignatureParameters, verify};
