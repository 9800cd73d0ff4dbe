//! `POST /bulk-update` (draft-03 section "Bulk Update Endpoint"; ApertoDNS 1.4.0 section 6.4 for the
//! defaults).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::json::Json;
use super::reader::{Member, Noted, Reader};
use super::request::members;
use super::{FieldError, FieldFault, RequestError, RequestRules, UpdateRequest};

/// The body of `POST /bulk-update`.
///
/// What is wrong with one item is kept with it: the others can be carried out, and the answer is 207. What
/// is wrong with the list or the defaults makes the whole request fail.
///
/// ```
/// use apertodns::v1::{BulkUpdateRequest, RequestRules, UpdateTtl};
///
/// let body = br#"{
///     "updates": [{"hostname": "home.example.com", "ipv4": "9.9.9.9"}, {"hostname": "?"}],
///     "defaults": {"ttl": 600}
/// }"#;
/// let request = BulkUpdateRequest::parse(body, &RequestRules::default())?;
/// let [good, bad] = request.items.as_slice() else { unreachable!() };
/// assert_eq!(good.as_ref().unwrap().ttl, UpdateTtl::from_secs(600));
/// let bad = bad.as_ref().unwrap_err();
/// assert_eq!((bad.hostname.as_str(), bad.fields[0].field.as_str()), ("?", "updates[1].hostname"));
/// # Ok::<(), apertodns::v1::RequestError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BulkUpdateRequest {
    /// One or more, at most [`MAX_UPDATES`](Self::MAX_UPDATES), in the order of the request.
    pub items: Vec<Result<UpdateRequest, BadItem>>,
}

/// An item that cannot be carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct BadItem {
    /// The hostname as it was written, cut after 80 characters; empty when there was none.
    pub hostname: String,
    /// What is wrong; at least one.
    pub fields: Vec<FieldError>,
}

impl BadItem {
    /// The reason, as for a request of its own.
    ///
    /// ```
    /// use apertodns::v1::{ApiError, BulkUpdateRequest, ErrorCode, RequestRules};
    ///
    /// let body = br#"{"updates": [{"hostname": "?"}]}"#;
    /// let mut request = BulkUpdateRequest::parse(body, &RequestRules::default())?;
    /// let error = ApiError::from(request.items.remove(0).unwrap_err().into_error());
    /// assert_eq!(error.code, ErrorCode::InvalidHostname);
    /// # Ok::<(), apertodns::v1::RequestError>(())
    /// ```
    pub fn into_error(self) -> RequestError {
        RequestError::Fields(self.fields)
    }
}

/// What the items have that do not say it themselves; those that are about a text alone have none of it.
const DEFAULTED: [&str; 3] = ["ipv4", "ipv6", "ttl"];

impl BulkUpdateRequest {
    /// The most updates of one request.
    pub const MAX_UPDATES: usize = 100;

    /// Reads a body.
    pub fn parse(body: &[u8], rules: &RequestRules) -> Result<Self, RequestError> {
        let members = members(body)?;
        let mut reader = Reader::new(&members, String::new());
        let updates = updates(&mut reader);
        let defaults = defaults(&mut reader, rules);
        let read = reader.finish(|| Ok((updates?, defaults?)));
        let (updates, defaults) = read.map_err(RequestError::Fields)?;
        if updates.len() > Self::MAX_UPDATES {
            return Err(RequestError::TooManyUpdates {
                count: updates.len(),
            });
        }
        let read = |(index, json)| item(index, json, &defaults, rules);
        Ok(Self {
            items: updates.iter().enumerate().map(read).collect(),
        })
    }
}

fn updates<'a>(reader: &mut Reader<'a>) -> Result<&'a [Json], Noted> {
    let fault = match reader.member("updates") {
        Member::There(Json::List(list)) if !list.is_empty() => return Ok(list),
        Member::There(Json::List(_)) => FieldFault::NoItems,
        Member::There(_) => FieldFault::Type { wanted: "a list" },
        Member::Absent => FieldFault::Required,
        Member::Repeated => return Err(Noted),
    };
    Err(reader.fault("updates", fault, None))
}

/// The members of `defaults`, once it is known that nothing is wrong with them.
fn defaults<'a>(
    reader: &mut Reader<'a>,
    rules: &RequestRules,
) -> Result<Vec<&'a (String, Json)>, Noted> {
    let members = match reader.member("defaults") {
        Member::Absent => return Ok(Vec::new()),
        Member::Repeated => return Err(Noted),
        Member::There(Json::Object(members)) => members,
        Member::There(json) => {
            let wanted = "an object";
            return Err(reader.fault("defaults", FieldFault::Type { wanted }, Some(json)));
        }
    };
    let mut inside = Reader::new(members, reader.inside("defaults"));
    let ipv4 = inside.wish::<Ipv4Addr>("ipv4", rules);
    let ipv6 = inside.wish::<Ipv6Addr>("ipv6", rules);
    let ttl = inside.ttl();
    let checked = inside.finish(|| {
        ipv4?;
        ipv6?;
        ttl?;
        Ok(())
    });
    checked.map_err(|faults| reader.faults(faults))?;
    let is_used = |(name, _): &&(String, Json)| DEFAULTED.contains(&name.as_str());
    Ok(members.iter().filter(is_used).collect())
}

fn item(
    index: usize,
    json: &Json,
    defaults: &[&(String, Json)],
    rules: &RequestRules,
) -> Result<UpdateRequest, BadItem> {
    let Json::Object(own) = json else {
        return Err(BadItem {
            hostname: String::new(),
            fields: vec![FieldError {
                field: format!("updates[{index}]"),
                fault: FieldFault::Type {
                    wanted: "an object",
                },
                provided: None,
            }],
        });
    };
    let has_own = |name: &str| own.iter().any(|(other, _)| other == name);
    // A default address is for hosts whose addresses are meant: the text of a certificate is to move no host.
    let is_about_text_alone = has_own("txt") && !has_own("ipv4") && !has_own("ipv6");
    let missing = defaults
        .iter()
        .filter(|(name, _)| !is_about_text_alone && !has_own(name));
    let members: Vec<(String, Json)> = own.iter().chain(missing.copied()).cloned().collect();
    UpdateRequest::read(&members, format!("updates[{index}]."), rules).map_err(|fields| BadItem {
        hostname: written_hostname(own),
        fields,
    })
}

fn written_hostname(members: &[(String, Json)]) -> String {
    let found = members.iter().find_map(|(name, json)| match json {
        Json::Text(text) if name == "hostname" => Some(text),
        Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::Text(_)
        | Json::List(_)
        | Json::Object(_) => None,
    });
    found.map_or_else(String::new, |text| crate::address::excerpt(text))
}
