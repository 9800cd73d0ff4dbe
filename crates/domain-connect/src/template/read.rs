//! From JSON text to a template: everything that can be wrong with one is found here.

use std::str::FromStr;

use easement_zone::{Name, NameError, RecordType};
use url::Url;

use super::model::Flags;
use super::pattern::digits;
use super::raw::{RECORD_FIELDS, RawRecord, RawTemplate, Repeating, Scalar, TEMPLATE_PROPERTIES};
use super::{
    Essential, NoteKind, Number, Pattern, RecordBody, RecordFault, RedirectStatus, Template,
    TemplateError, TemplateFault, TemplateNote, TemplateRecord, TxtConflict, Variable,
};
use crate::{Checksum, IdError};

/// The version of the template format that is understood (draft-05 section 6.1.1).
pub(super) const SPEC_VERSION: u64 = 1;
/// The most octets of a template's text.
pub(crate) const MAX_TEMPLATE_OCTETS: usize = 256 * 1024;
/// The most records of a template; a provider may set such a limit (draft-05 section 4.2).
pub(crate) const MAX_RECORDS: usize = 200;

impl Template {
    /// Reads a template.
    ///
    /// What real templates get wrong without harm is accepted with a [`TemplateNote`]; the rest is
    /// refused.
    ///
    /// ```
    /// use domain_connect::Template;
    ///
    /// let (template, notes) = Template::from_json(r#"{
    ///     "providerId": "exampleservice.example", "providerName": "Example Service",
    ///     "serviceId": "web", "serviceName": "Websites",
    ///     "records": [{"type": "A", "host": "@", "pointsTo": "%ip%", "ttl": "600"}]
    /// }"#)?;
    /// assert_eq!(template.variables().len(), 1);
    /// assert!(notes.is_empty());
    /// # Ok::<(), domain_connect::TemplateError>(())
    /// ```
    pub fn from_json(json: &str) -> Result<(Self, Vec<TemplateNote>), TemplateError> {
        read(json).map_err(|fault| TemplateError::locate(fault, json))
    }
}

fn read(json: &str) -> Result<(Template, Vec<TemplateNote>), TemplateFault> {
    if json.len() > MAX_TEMPLATE_OCTETS {
        return Err(TemplateFault::TooLong { octets: json.len() });
    }
    let mut notes = Vec::new();
    let raw = read_raw(json, &mut notes)?;
    check_spec_version(raw.template_spec_version.as_ref())?;
    check_critical(json, &raw)?;
    if raw.records.len() > MAX_RECORDS {
        return Err(TemplateFault::TooManyRecords {
            records: raw.records.len(),
        });
    }
    let mut records = Vec::with_capacity(raw.records.len());
    for (index, record) in raw.records.iter().enumerate() {
        let record = Reader {
            record,
            index,
            notes: &mut notes,
        }
        .read()
        .map_err(|fault| TemplateFault::Record {
            number: index + 1,
            rtype: record.rtype.clone(),
            fault,
        })?;
        note_reserved(&record, index, &mut notes);
        records.push(record);
    }
    let template = assemble(raw, records, json)?;
    Ok((template, notes))
}

/// Reads the shape. Only a text that has it but for a repeated property is read a second time, since
/// then the places of errors are lost.
fn read_raw(json: &str, notes: &mut Vec<TemplateNote>) -> Result<RawTemplate, TemplateFault> {
    let error = match serde_json::from_str(json) {
        Ok(raw) => return Ok(raw),
        Err(error) => error,
    };
    if !error.is_data() {
        return Err(error.into());
    }
    let Repeating(value) = serde_json::from_str(json)?;
    let raw = serde_json::from_value(value).map_err(|_| error)?;
    notes.push(TemplateNote {
        record: None,
        kind: NoteKind::Repeated,
    });
    Ok(raw)
}

fn assemble(
    raw: RawTemplate,
    records: Vec<TemplateRecord>,
    json: &str,
) -> Result<Template, TemplateFault> {
    Ok(Template {
        provider_id: id("providerId", &raw.provider_id)?,
        provider_name: id("providerName", &raw.provider_name)?,
        service_id: id("serviceId", &raw.service_id)?,
        service_name: id("serviceName", &raw.service_name)?,
        version: raw.version.and_then(|Scalar(text)| digits(&text)),
        logo_url: raw.logo_url.as_deref().and_then(https_url),
        description: raw.description,
        variable_description: raw.variable_description,
        flags: Flags {
            sync_block: raw.sync_block,
            shared_provider_name: raw.shared_provider_name || raw.shared,
            shared_service_name: raw.shared_service_name,
            multi_instance: raw.multi_instance,
            warn_phishing: raw.warn_phishing,
            host_required: raw.host_required,
        },
        public_key_domain: raw
            .sync_pub_key_domain
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| domain("syncPubKeyDomain", text))
            .transpose()?,
        redirect_domains: redirect_domains(raw.sync_redirect_domain.as_deref())?,
        records,
        checksum: Checksum::of(json.as_bytes()),
        json: json.to_owned(),
    })
}

fn id<T: FromStr<Err = IdError>>(property: &'static str, text: &str) -> Result<T, TemplateFault> {
    text.parse()
        .map_err(|source| TemplateFault::Id { property, source })
}

/// Logos are pictures from elsewhere: anything but a plain `https` address is left out, not refused.
fn https_url(text: &str) -> Option<Url> {
    Url::parse(text)
        .ok()
        .filter(|url| url.scheme() == "https" && url.username().is_empty())
}

fn domain(property: &'static str, text: &str) -> Result<Name, TemplateFault> {
    let error = |source| TemplateFault::Domain {
        property,
        text: text.to_owned(),
        source,
    };
    let name: Name = text.parse().map_err(error)?;
    let is_plain = name.labels().all(|label| {
        let octets = label.octets();
        octets
            .iter()
            .all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(octet))
    });
    if name.is_root() || !is_plain {
        return Err(error(NameError::EmptyLabel));
    }
    Ok(name)
}

/// The comma-separated list of `syncRedirectDomain`.
fn redirect_domains(list: Option<&str>) -> Result<Vec<Name>, TemplateFault> {
    list.unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| domain("syncRedirectDomain", text))
        .collect()
}

fn check_spec_version(version: Option<&Scalar>) -> Result<(), TemplateFault> {
    match version {
        Some(Scalar(text)) if digits(text) != Some(SPEC_VERSION) => {
            Err(TemplateFault::SpecVersion {
                version: text.clone(),
            })
        }
        _ => Ok(()),
    }
}

/// Refuses a template that marks something as critical which is there and not understood. A listed
/// name that is not there is understood by definition (draft-05 sections 6.1.1 and 6.2.1).
fn check_critical(json: &str, raw: &RawTemplate) -> Result<(), TemplateFault> {
    if raw.crit.is_none() && raw.records.iter().all(|record| record.crit.is_none()) {
        return Ok(());
    }
    let value: serde_json::Value = serde_json::from_str(json)?;
    let check = |object: Option<&serde_json::Value>,
                 record: Option<usize>,
                 crit: &[String],
                 known: &[&str]| {
        let unknown = crit.iter().find(|name| {
            let is_there = object.is_some_and(|object| object.get(name.as_str()).is_some());
            is_there && !known.contains(&name.as_str())
        });
        unknown.map_or(Ok(()), |name| {
            Err(TemplateFault::Critical {
                name: name.clone(),
                record,
            })
        })
    };
    if let Some(crit) = &raw.crit {
        check(Some(&value), None, crit, &TEMPLATE_PROPERTIES)?;
    }
    let records = value.get("records");
    for (index, record) in raw.records.iter().enumerate() {
        if let Some(crit) = &record.crit {
            let object = records.and_then(|records| records.get(index));
            check(object, Some(index + 1), crit, &RECORD_FIELDS)?;
        }
    }
    Ok(())
}

fn note_reserved(record: &TemplateRecord, index: usize, notes: &mut Vec<TemplateNote>) {
    for variable in record.variables() {
        if let Variable::Named(name) = variable
            && name.is_reserved()
        {
            notes.push(TemplateNote {
                record: Some(index + 1),
                kind: NoteKind::ReservedVariable {
                    name: name.to_string(),
                },
            });
        }
    }
}

//------------ Reader ----------------------------------------------------------------------------

/// Reads one record.
struct Reader<'a> {
    record: &'a RawRecord,
    index: usize,
    notes: &'a mut Vec<TemplateNote>,
}

impl Reader<'_> {
    fn read(mut self) -> Result<TemplateRecord, RecordFault> {
        let kind = self.record.rtype.trim().to_ascii_uppercase();
        let body = self.body(&kind)?;
        let host = match (&body, &self.record.host, &self.record.name) {
            (RecordBody::Srv { .. }, host, name) => name.as_ref().or(host.as_ref()),
            (_, host, _) => host.as_ref(),
        };
        let host = match (host, &body) {
            (Some(host), _) => pattern("host", host.trim())?,
            (None, RecordBody::ApexAlias { .. }) => {
                self.note(NoteKind::NoHost);
                pattern("host", "@")?
            }
            (None, _) => return Err(RecordFault::Missing { field: "host" }),
        };
        let ttl = match &self.record.ttl {
            Some(Scalar(text)) => Some(number_pattern("ttl", text)?),
            None => None,
        };
        if ttl.is_none() && !matches!(body, RecordBody::Spf { .. } | RecordBody::Redirect { .. }) {
            self.note(NoteKind::NoTtl);
        }
        Ok(TemplateRecord {
            group: self
                .record
                .group_id
                .as_deref()
                .map(str::parse)
                .transpose()
                .map_err(RecordFault::Group)?,
            essential: self.essential()?,
            host,
            ttl,
            body,
        })
    }

    fn body(&mut self, kind: &str) -> Result<RecordBody, RecordFault> {
        let record = self.record;
        let points_to = || required("pointsTo", record.points_to.as_ref());
        let target = || required("target", record.target.as_ref());
        Ok(match kind {
            "A" | "AAAA" => RecordBody::Address {
                rtype: if kind == "A" {
                    RecordType::A
                } else {
                    RecordType::AAAA
                },
                points_to: points_to()?,
            },
            "CNAME" => RecordBody::Cname {
                points_to: points_to()?,
            },
            "NS" => RecordBody::Ns {
                points_to: points_to()?,
            },
            "MX" => RecordBody::Mx {
                points_to: points_to()?,
                priority: number("priority", record.priority.as_ref())?,
            },
            "TXT" => RecordBody::Txt {
                data: required("data", record.data.as_ref())?,
                conflict: self.txt_conflict()?,
            },
            "SRV" => RecordBody::Srv {
                service: required("service", record.service.as_ref())?,
                protocol: required("protocol", record.protocol.as_ref())?,
                target: target()?,
                priority: number("priority", record.priority.as_ref())?,
                weight: number("weight", record.weight.as_ref())?,
                port: number("port", record.port.as_ref())?,
            },
            "SPFM" => RecordBody::Spf {
                rules: required("spfRules", record.spf_rules.as_ref())?,
            },
            "APEXCNAME" => RecordBody::ApexAlias {
                points_to: points_to()?,
            },
            "REDIR301" => RecordBody::Redirect {
                status: RedirectStatus::Permanent,
                target: target()?,
            },
            "REDIR302" => RecordBody::Redirect {
                status: RedirectStatus::Temporary,
                target: target()?,
            },
            _ => generic(kind, record)?,
        })
    }

    fn essential(&mut self) -> Result<Essential, RecordFault> {
        let Some(text) = &self.record.essential else {
            return Ok(Essential::Always);
        };
        let essential = match text.to_ascii_lowercase().as_str() {
            "always" => Essential::Always,
            // Not in the draft; one author's word for what it calls `OnApply`.
            "onapply" | "no" => Essential::OnApply,
            _ => {
                return Err(RecordFault::Value {
                    field: "essential",
                    text: text.clone(),
                    expected: "Always or OnApply",
                });
            }
        };
        if text != "Always" && text != "OnApply" {
            self.note(NoteKind::Spelling {
                field: "essential",
                text: text.clone(),
            });
        }
        Ok(essential)
    }

    fn txt_conflict(&mut self) -> Result<TxtConflict, RecordFault> {
        let Some(text) = &self.record.txt_conflict_matching_mode else {
            return Ok(TxtConflict::None);
        };
        let mode = match text.to_ascii_lowercase().as_str() {
            "none" => TxtConflict::None,
            "all" => TxtConflict::All,
            "prefix" => match &self.record.txt_conflict_matching_prefix {
                Some(prefix) if !prefix.is_empty() => TxtConflict::Prefix(prefix.clone()),
                _ => {
                    return Err(RecordFault::Missing {
                        field: "txtConflictMatchingPrefix",
                    });
                }
            },
            _ => {
                return Err(RecordFault::Value {
                    field: "txtConflictMatchingMode",
                    text: text.clone(),
                    expected: "None, All or Prefix",
                });
            }
        };
        if !["None", "All", "Prefix"].contains(&text.as_str()) {
            self.note(NoteKind::Spelling {
                field: "txtConflictMatchingMode",
                text: text.clone(),
            });
        }
        Ok(mode)
    }

    fn note(&mut self, kind: NoteKind) {
        self.notes.push(TemplateNote {
            record: Some(self.index + 1),
            kind,
        });
    }
}

fn required(field: &'static str, value: Option<&String>) -> Result<Pattern, RecordFault> {
    pattern(field, value.ok_or(RecordFault::Missing { field })?)
}

fn pattern(field: &'static str, text: &str) -> Result<Pattern, RecordFault> {
    Pattern::parse_field(field, text).map_err(|source| RecordFault::Pattern { field, source })
}

fn number_pattern(field: &'static str, text: &str) -> Result<Number, RecordFault> {
    Number::parse(text).map_err(|source| RecordFault::Pattern { field, source })
}

fn number(field: &'static str, value: Option<&Scalar>) -> Result<Number, RecordFault> {
    let Scalar(text) = value.ok_or(RecordFault::Missing { field })?;
    let number = number_pattern(field, text)?;
    match number {
        Number::Fixed(value) if u16::try_from(value).is_err() => Err(RecordFault::Value {
            field,
            text: text.clone(),
            expected: "a number from 0 to 65535",
        }),
        Number::Fixed(_) | Number::Variable(_) => Ok(number),
    }
}

fn generic(kind: &str, record: &RawRecord) -> Result<RecordBody, RecordFault> {
    Ok(RecordBody::Generic {
        rtype: generic_type(kind)?,
        data: required("data", record.data.as_ref())?,
    })
}

/// A type without fields of its own, when templates may write it.
pub(crate) fn generic_type(kind: &str) -> Result<RecordType, RecordFault> {
    let rtype: RecordType = kind
        .parse()
        .map_err(|_| RecordFault::Type { text: kind.into() })?;
    let makes_the_zone = rtype == RecordType::SOA || rtype.is_meta() || rtype.is_made_by_signing();
    // These speak for the whole zone: to the zone above (RFC 7344, RFC 7477), or of its contents
    // (RFC 8976).
    let speaks_for_the_zone = [
        RecordType::CDS,
        RecordType::CDNSKEY,
        RecordType::CSYNC,
        RecordType::ZONEMD,
    ]
    .contains(&rtype);
    // A type with fields of its own must not be written as `TYPEnnn` to get round its rules.
    let has_fields = [
        RecordType::A,
        RecordType::AAAA,
        RecordType::CNAME,
        RecordType::NS,
        RecordType::MX,
        RecordType::TXT,
        RecordType::SRV,
    ]
    .contains(&rtype);
    if makes_the_zone || speaks_for_the_zone || has_fields {
        return Err(RecordFault::ForbiddenType { rtype });
    }
    Ok(rtype)
}
