//! `POST /update` (draft-03 section "Update Endpoint").

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::json::Json;
use super::reader::{Member, Noted, Reader};
use super::request::{canonical, members};
use super::{ErrorCode, FieldError, FieldFault, RequestError, RequestRules, TxtWish, UpdateTtl};
use crate::Hostname;
use crate::address::{
    Address, AddressChange, AddressChanges, DocumentationRanges, Family, NotPublic, check_public,
};

/// What a request wants for the addresses of one family (draft-03 section "Record Deletion via Null
/// Values").
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wish<A> {
    /// The field is not there: nothing changes.
    Omitted,
    /// `null`: the record goes.
    Delete,
    /// `"auto"`: the address that the request came from.
    Auto,
    /// This address.
    Address(A),
}

/// The body of `POST /update`, and each item of `POST /bulk-update`.
///
/// ```
/// use apertodns::address::AddressChange;
/// use apertodns::v1::{RequestRules, UpdateRequest, UpdateTtl, Wish};
///
/// let body = br#"{"hostname": "home.example.com", "ipv4": "auto", "ipv6": null, "ttl": 120}"#;
/// let rules = RequestRules::default();
/// let request = UpdateRequest::parse(body, &rules)?;
/// assert_eq!(request.hostname.to_string(), "home.example.com");
/// assert_eq!((request.ipv4, request.ipv6), (Wish::Auto, Wish::Delete));
/// assert_eq!(request.ttl, UpdateTtl::from_secs(120));
///
/// let changes = request.changes(Some("9.9.9.9".parse()?), rules.documentation)?;
/// assert_eq!(changes.ipv4, AddressChange::Set(vec!["9.9.9.9".parse()?]));
/// assert_eq!(changes.ipv6, AddressChange::Delete);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UpdateRequest {
    /// The host.
    pub hostname: Hostname,
    /// Its record of type `A`.
    pub ipv4: Wish<Ipv4Addr>,
    /// Its record of type `AAAA`.
    pub ipv6: Wish<Ipv6Addr>,
    /// The TTL of both, when it is given.
    pub ttl: Option<UpdateTtl>,
    /// A text record at or below the host. No version of the specification has it, but the official
    /// client and the hook for acme.sh send it.
    pub txt: Option<TxtWish>,
}

impl UpdateRequest {
    /// Reads a body. All fields that are wrong are named at once; fields with other names are ignored.
    pub fn parse(body: &[u8], rules: &RequestRules) -> Result<Self, RequestError> {
        let members = members(body)?;
        Self::read(&members, String::new(), rules).map_err(RequestError::Fields)
    }

    pub(super) fn read(
        members: &[(String, Json)],
        path: String,
        rules: &RequestRules,
    ) -> Result<Self, Vec<FieldError>> {
        let mut reader = Reader::new(members, path);
        let hostname = reader.hostname();
        let ipv4 = reader.wish("ipv4", rules);
        let ipv6 = reader.wish("ipv6", rules);
        let ttl = reader.ttl();
        let txt = txt(&mut reader, hostname.as_ref().ok(), rules);
        reader.finish(|| {
            Ok(Self {
                hostname: hostname?,
                ipv4: ipv4?,
                ipv6: ipv6?,
                ttl: ttl?,
                txt: txt?,
            })
        })
    }

    /// What becomes of the addresses, when the request came from `source`; nothing, when that is not known.
    ///
    /// A request that names nothing to change (no address, TTL or text) means the address that it came
    /// from; one with a TTL alone changes the TTL alone.
    ///
    /// ```
    /// use apertodns::address::{AddressChange, AddressChanges, DocumentationRanges};
    /// use apertodns::v1::{ErrorCode, RequestRules, UpdateRequest};
    ///
    /// let changes = |body: &str, source: &str| {
    ///     let request = UpdateRequest::parse(body.as_bytes(), &RequestRules::default()).unwrap();
    ///     request.changes(source.parse().ok(), DocumentationRanges::Refuse)
    /// };
    /// let bare = changes(r#"{"hostname": "home.example.com"}"#, "2620:fe::fe").unwrap();
    /// assert_eq!(bare.ipv4, AddressChange::Keep);
    /// assert_eq!(bare.ipv6, AddressChange::Set(vec!["2620:fe::fe".parse()?]));
    /// let ttl = changes(r#"{"hostname": "home.example.com", "ttl": 60}"#, "9.9.9.9");
    /// assert_eq!(ttl, Ok(AddressChanges::KEEP));
    /// let failed = changes(r#"{"hostname": "home.example.com", "ipv6": "auto"}"#, "9.9.9.9");
    /// assert_eq!(failed.unwrap_err().code(), ErrorCode::Ipv6AutoFailed);
    /// let unknown = changes(r#"{"hostname": "home.example.com"}"#, "");
    /// assert_eq!(unknown.unwrap_err().code(), ErrorCode::Ipv4AutoFailed);
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    pub fn changes(
        &self,
        source: Option<IpAddr>,
        documentation: DocumentationRanges,
    ) -> Result<AddressChanges, AutoError> {
        let source = source.map(canonical);
        let (ipv4, ipv6) = if self.names_nothing() {
            match source.map(Family::of) {
                Some(Family::Ipv4) | None => (Wish::Auto, Wish::Omitted),
                Some(Family::Ipv6) => (Wish::Omitted, Wish::Auto),
            }
        } else {
            (self.ipv4, self.ipv6)
        };
        Ok(AddressChanges {
            ipv4: change(ipv4, source, documentation)?,
            ipv6: change(ipv6, source, documentation)?,
        })
    }

    fn names_nothing(&self) -> bool {
        matches!((self.ipv4, self.ipv6), (Wish::Omitted, Wish::Omitted))
            && self.ttl.is_none()
            && self.txt.is_none()
    }
}

fn txt(
    reader: &mut Reader<'_>,
    hostname: Option<&Hostname>,
    rules: &RequestRules,
) -> Result<Option<TxtWish>, Noted> {
    match reader.member("txt") {
        Member::Absent => Ok(None),
        Member::Repeated => Err(Noted),
        Member::There(Json::Object(members)) => {
            let inside = Reader::new(members, reader.inside("txt"));
            let wish = TxtWish::read(inside, hostname, rules);
            wish.map(Some).map_err(|faults| reader.faults(faults))
        }
        Member::There(json) => {
            let wanted = "an object with name, value and action";
            Err(reader.fault("txt", FieldFault::Type { wanted }, Some(json)))
        }
    }
}

fn change<A: Address>(
    wish: Wish<A>,
    source: Option<IpAddr>,
    documentation: DocumentationRanges,
) -> Result<AddressChange<A>, AutoError> {
    match wish {
        Wish::Omitted => Ok(AddressChange::Keep),
        Wish::Delete => Ok(AddressChange::Delete),
        Wish::Address(address) => Ok(AddressChange::Set(vec![address])),
        Wish::Auto => {
            let source = source.ok_or(AutoError::Unknown { wanted: A::FAMILY })?;
            let address = A::of(source).ok_or(AutoError::Family { wanted: A::FAMILY })?;
            check_public(source, documentation)?;
            Ok(AddressChange::Set(vec![address]))
        }
    }
}

//------------ AutoError -------------------------------------------------------------------------

/// Why the address that a request came from cannot be used.
///
/// ```
/// use apertodns::address::Family;
/// use apertodns::v1::AutoError;
///
/// assert_eq!(
///     AutoError::Family { wanted: Family::Ipv4 }.to_string(),
///     "the request came over IPv6, so the IPv4 address is not known: name it, or connect over IPv4"
/// );
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AutoError {
    /// It is of the other family.
    #[error("the request came over {}, so the {wanted} address is not known: name it, or connect over \
             {wanted}", other(*.wanted))]
    Family {
        /// The family that was asked for.
        wanted: Family,
    },
    /// It is not known: a proxy in between does not say it.
    #[error(
        "it is not known from which {wanted} address the request came, since a proxy in between does not \
             say it: name the address"
    )]
    Unknown {
        /// The family that was asked for.
        wanted: Family,
    },
    /// It is not public.
    #[error(transparent)]
    NotPublic(#[from] NotPublic),
}

impl AutoError {
    /// The code of the answer.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Family { wanted } | Self::Unknown { wanted } => match wanted {
                Family::Ipv4 => ErrorCode::Ipv4AutoFailed,
                Family::Ipv6 => ErrorCode::Ipv6AutoFailed,
            },
            Self::NotPublic(_) => ErrorCode::InvalidIp,
        }
    }
}

fn other(family: Family) -> Family {
    match family {
        Family::Ipv4 => Family::Ipv6,
        Family::Ipv6 => Family::Ipv4,
    }
}
