//! The documents about hosts and text records. Where the texts of the specification name one thing
//! differently, a document has both names, so that every client finds the one that it knows.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Serialize, Serializer};

use super::{ApiError, TxtName, TxtValue};
use crate::{Hostname, Timestamp};

/// The answer to an update.
///
/// ```
/// use apertodns::v1::UpdateReport;
/// use apertodns::Timestamp;
///
/// let report = UpdateReport {
///     hostname: "home.example.com".parse()?,
///     ipv4: Some("203.0.113.50".parse()?),
///     ipv6: None,
///     previous_ipv4: Some("203.0.113.49".parse()?),
///     previous_ipv6: None,
///     ttl: 300,
///     changed: true,
///     propagation_estimate_seconds: None,
///     txt: None,
///     updated_at: Timestamp::from_unix_millis(1_768_478_400_000),
/// };
/// assert_eq!(
///     serde_json::to_value(&report)?,
///     serde_json::json!({
///         "hostname": "home.example.com",
///         "ipv4": "203.0.113.50", "previous_ipv4": "203.0.113.49", "ipv4_previous": "203.0.113.49",
///         "ipv6": null, "previous_ipv6": null, "ipv6_previous": null,
///         "ttl": 300, "changed": true, "updated_at": "2026-01-15T12:00:00.000Z",
///     })
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UpdateReport {
    /// The host.
    pub hostname: Hostname,
    /// Its address now.
    pub ipv4: Option<Ipv4Addr>,
    /// Its address now.
    pub ipv6: Option<Ipv6Addr>,
    /// Its address before; also under the deprecated name `ipv4_previous`.
    pub previous_ipv4: Option<Ipv4Addr>,
    /// Its address before; also under the deprecated name `ipv6_previous`.
    pub previous_ipv6: Option<Ipv6Addr>,
    /// The TTL of its addresses, in seconds.
    pub ttl: u32,
    /// Whether an address is another than before.
    pub changed: bool,
    /// How long others may see the addresses from before, in seconds.
    pub propagation_estimate_seconds: Option<u32>,
    /// What happened to the text record, when the update had one.
    pub txt: Option<TxtReport>,
    /// When the host was changed for the last time.
    pub updated_at: Timestamp,
}

impl Serialize for UpdateReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Document<'a> {
            hostname: &'a Hostname,
            ipv4: Option<Ipv4Addr>,
            previous_ipv4: Option<Ipv4Addr>,
            ipv4_previous: Option<Ipv4Addr>,
            ipv6: Option<Ipv6Addr>,
            previous_ipv6: Option<Ipv6Addr>,
            ipv6_previous: Option<Ipv6Addr>,
            ttl: u32,
            changed: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            propagation_estimate_seconds: Option<u32>,
            #[serde(skip_serializing_if = "Option::is_none")]
            txt: Option<&'a TxtReport>,
            updated_at: Timestamp,
        }
        let document = Document {
            hostname: &self.hostname,
            ipv4: self.ipv4,
            previous_ipv4: self.previous_ipv4,
            ipv4_previous: self.previous_ipv4,
            ipv6: self.ipv6,
            previous_ipv6: self.previous_ipv6,
            ipv6_previous: self.previous_ipv6,
            ttl: self.ttl,
            changed: self.changed,
            propagation_estimate_seconds: self.propagation_estimate_seconds,
            txt: self.txt.as_ref(),
            updated_at: self.updated_at,
        };
        document.serialize(serializer)
    }
}

/// What happened to the text record of an update.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TxtReport {
    /// Where it stands.
    pub hostname: TxtName,
    /// How many values are there now.
    pub record_count: usize,
    /// Whether they are others than before.
    pub changed: bool,
}

//------------ BulkReport ------------------------------------------------------------------------

/// The answer to a bulk update, with the numbers in `summary` (draft-03) and beside it (the OpenAPI
/// document).
///
/// ```
/// use apertodns::v1::{ApiError, BulkReport, BulkResult, ErrorCode};
///
/// let report = BulkReport::new(vec![
///     BulkResult::Updated {
///         hostname: "home.example.com".parse()?,
///         ipv4: Some("203.0.113.50".parse()?),
///         ipv6: None,
///         changed: true,
///     },
///     BulkResult::Failed {
///         hostname: "other.example.com".to_owned(),
///         error: ApiError::new(ErrorCode::HostnameNotOwned),
///     },
/// ]);
/// assert_eq!(report.http_status(), 207);
/// let document = serde_json::to_value(&report)?;
/// assert_eq!(document["summary"], serde_json::json!({"total": 2, "successful": 1, "failed": 1}));
/// assert_eq!((&document["total"], &document["failed"]), (&2.into(), &1.into()));
/// assert_eq!(document["results"][1]["error"]["code"], "hostname_not_owned");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BulkReport {
    summary: BulkSummary,
    #[serde(flatten)]
    beside: BulkSummary,
    results: Vec<BulkResult>,
}

impl BulkReport {
    /// The answer, with one result an update, in the order of the request.
    pub fn new(results: Vec<BulkResult>) -> Self {
        let failed = results.iter().filter(|result| result.is_failed()).count();
        let summary = BulkSummary {
            total: results.len(),
            successful: results.len() - failed,
            failed,
        };
        Self {
            summary,
            beside: summary,
            results,
        }
    }

    /// How many succeeded and failed.
    pub fn summary(&self) -> BulkSummary {
        self.summary
    }

    /// 200 when all updates succeeded, else 207 (ApertoDNS 1.4.0 section 6.4).
    pub fn http_status(&self) -> u16 {
        if self.summary.failed == 0 { 200 } else { 207 }
    }
}

/// How many updates succeeded and failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct BulkSummary {
    /// All of them.
    pub total: usize,
    /// Those that succeeded.
    pub successful: usize,
    /// Those that failed.
    pub failed: usize,
}

/// What became of one update of many. Its document says so twice: as `success` (the specification) and as
/// `status` (the official client).
#[derive(Clone, Debug, PartialEq)]
pub enum BulkResult {
    /// It was made.
    Updated {
        /// The host.
        hostname: Hostname,
        /// Its address now.
        ipv4: Option<Ipv4Addr>,
        /// Its address now.
        ipv6: Option<Ipv6Addr>,
        /// Whether an address is another than before.
        changed: bool,
    },
    /// It was not.
    Failed {
        /// The host, as it was written.
        hostname: String,
        /// Why.
        error: ApiError,
    },
}

impl BulkResult {
    fn is_failed(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }
}

impl Serialize for BulkResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Updated<'a> {
            hostname: &'a Hostname,
            success: bool,
            status: &'static str,
            ipv4: Option<Ipv4Addr>,
            ipv6: Option<Ipv6Addr>,
            changed: bool,
        }
        #[derive(Serialize)]
        struct Failed<'a> {
            hostname: &'a str,
            success: bool,
            status: &'static str,
            error: &'a ApiError,
        }
        match self {
            Self::Updated {
                hostname,
                ipv4,
                ipv6,
                changed,
            } => Updated {
                hostname,
                success: true,
                status: "success",
                ipv4: *ipv4,
                ipv6: *ipv6,
                changed: *changed,
            }
            .serialize(serializer),
            Self::Failed { hostname, error } => Failed {
                hostname,
                success: false,
                status: "error",
                error,
            }
            .serialize(serializer),
        }
    }
}

//------------ HostStatus ------------------------------------------------------------------------

/// One host: the answer to `GET /status/{hostname}`, and an item of `GET /domains`, whose answer is a
/// list of them (draft-03 section "Domains Endpoint").
///
/// ```
/// use apertodns::Timestamp;
/// use apertodns::v1::HostStatus;
///
/// let status = HostStatus {
///     hostname: "home.example.com".parse()?,
///     ipv4: Some("203.0.113.50".parse()?),
///     ipv6: None,
///     ttl: 300,
///     updated_at: Some(Timestamp::from_unix_millis(1_768_478_400_000)),
///     created_at: None,
///     is_active: None,
///     update_count_24h: None,
///     update_count_total: None,
/// };
/// assert_eq!(
///     serde_json::to_string(&status)?,
///     r#"{"hostname":"home.example.com","ipv4":"203.0.113.50","ipv6":null,"ttl":300,"updated_at":"2026-01-15T12:00:00.000Z"}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct HostStatus {
    /// The host.
    pub hostname: Hostname,
    /// Its address.
    pub ipv4: Option<Ipv4Addr>,
    /// Its address.
    pub ipv6: Option<Ipv6Addr>,
    /// The TTL of its addresses, in seconds.
    pub ttl: u32,
    /// When it was changed for the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// Whether updates are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// Updates of the last 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_count_24h: Option<u64>,
    /// All updates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_count_total: Option<u64>,
}

//------------ Text records ----------------------------------------------------------------------

/// The answer to `POST /txt`. Its document has the count as `record_count` (draft-03) and as
/// `total_records` (the OpenAPI document).
///
/// ```
/// use apertodns::Timestamp;
/// use apertodns::v1::{RequestRules, TxtName, TxtSetReport, TxtValue};
///
/// let report = TxtSetReport {
///     hostname: TxtName::parse("_acme-challenge.home.example.com", &RequestRules::default())?,
///     value: TxtValue::parse("gfj9Xq")?,
///     ttl: 60,
///     record_count: 1,
///     timestamp: Timestamp::from_unix_millis(0),
/// };
/// let document = serde_json::to_value(&report)?;
/// assert_eq!((&document["record_count"], &document["total_records"]), (&1.into(), &1.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TxtSetReport {
    /// Where.
    pub hostname: TxtName,
    /// The value that was added.
    pub value: TxtValue,
    /// The TTL of all values there, in seconds.
    pub ttl: u32,
    /// How many values are there now.
    pub record_count: usize,
    /// When.
    pub timestamp: Timestamp,
}

impl Serialize for TxtSetReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Document<'a> {
            hostname: &'a TxtName,
            value: &'a TxtValue,
            ttl: u32,
            record_count: usize,
            total_records: usize,
            timestamp: Timestamp,
        }
        let document = Document {
            hostname: &self.hostname,
            value: &self.value,
            ttl: self.ttl,
            record_count: self.record_count,
            total_records: self.record_count,
            timestamp: self.timestamp,
        };
        document.serialize(serializer)
    }
}

/// The answer to `DELETE /txt`. Its document has what is left as `remaining_count` (draft-03) and as
/// `remaining` (the OpenAPI document), and `deleted` says whether anything went.
///
/// ```
/// use apertodns::Timestamp;
/// use apertodns::v1::{RequestRules, TxtDeleteReport, TxtName};
///
/// let report = TxtDeleteReport {
///     hostname: TxtName::parse("_acme-challenge.home.example.com", &RequestRules::default())?,
///     values_removed: 1,
///     remaining_count: 2,
///     timestamp: Timestamp::from_unix_millis(0),
/// };
/// assert_eq!(
///     serde_json::to_value(&report)?,
///     serde_json::json!({
///         "hostname": "_acme-challenge.home.example.com", "deleted": true, "values_removed": 1,
///         "remaining_count": 2, "remaining": 2, "timestamp": "1970-01-01T00:00:00.000Z",
///     })
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TxtDeleteReport {
    /// Where.
    pub hostname: TxtName,
    /// How many values went.
    pub values_removed: usize,
    /// How many values are there now.
    pub remaining_count: usize,
    /// When.
    pub timestamp: Timestamp,
}

impl Serialize for TxtDeleteReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Document<'a> {
            hostname: &'a TxtName,
            deleted: bool,
            values_removed: usize,
            remaining_count: usize,
            remaining: usize,
            timestamp: Timestamp,
        }
        let document = Document {
            hostname: &self.hostname,
            deleted: self.values_removed > 0,
            values_removed: self.values_removed,
            remaining_count: self.remaining_count,
            remaining: self.remaining_count,
            timestamp: self.timestamp,
        };
        document.serialize(serializer)
    }
}

/// The answer to `GET /txt/{hostname}`.
///
/// ```
/// use apertodns::v1::{RequestRules, TxtList, TxtName};
///
/// let name = TxtName::parse("_acme-challenge.home.example.com", &RequestRules::default())?;
/// let list = TxtList::new(name, vec!["gfj9Xq".to_owned()], 60);
/// assert_eq!(
///     serde_json::to_string(&list)?,
///     r#"{"hostname":"_acme-challenge.home.example.com","values":["gfj9Xq"],"ttl":60,"record_count":1}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TxtList {
    hostname: TxtName,
    values: Vec<String>,
    ttl: u32,
    record_count: usize,
}

impl TxtList {
    /// The values at a name, with their TTL in seconds. Others may have written them, so they are no
    /// [`TxtValue`]s.
    pub fn new(hostname: TxtName, values: Vec<String>, ttl: u32) -> Self {
        Self {
            hostname,
            record_count: values.len(),
            values,
            ttl,
        }
    }
}
