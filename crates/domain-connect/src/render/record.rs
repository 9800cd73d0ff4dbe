//! One template record with its values.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use easement_zone::{Name, RecordData, RecordType, Ttl};
use url::Url;

use super::text::{substitute, txt_octets, value};
use super::{RenderFault, Scope, is_hostname_label};
use crate::policy::WebRedirects;
use crate::spf::{Term, parse_rules};
use crate::template::pattern_digits as digits;
use crate::{
    Essential, GroupId, Number, Part, Pattern, Policy, RecordBody, SpecialAction, TemplateRecord,
    TxtConflict, Variables,
};

/// A template record as it would be written.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    /// Its place in the template.
    pub(crate) index: usize,
    pub(crate) group: Option<GroupId>,
    pub(crate) essential: Essential,
    pub(crate) owner: Name,
    /// The TTL that was asked for, within the limits of the policy.
    pub(crate) ttl: Option<Ttl>,
    pub(crate) body: RenderedBody,
}

/// What a rendered record says.
#[derive(Clone, Debug)]
pub(crate) enum RenderedBody {
    /// A record; a `TXT` record with the texts that it takes the place of.
    Record {
        data: RecordData,
        txt_conflict: TxtConflict,
    },
    /// Terms of an SPF record.
    Spf { terms: Vec<Term> },
    /// Something that no record says.
    Special { action: SpecialAction },
}

impl Rendered {
    /// The record type that will stand there, when it is a record.
    pub(crate) fn rtype(&self) -> Option<RecordType> {
        self.body.rtype()
    }
}

impl RenderedBody {
    /// The record type that will stand there; SPF rules become a text.
    pub(crate) fn rtype(&self) -> Option<RecordType> {
        match self {
            Self::Record { data, .. } => Some(data.rtype()),
            Self::Spf { .. } => Some(RecordType::TXT),
            Self::Special { .. } => None,
        }
    }
}

/// Renders one template record. A redirect becomes several: the addresses and the redirect itself.
pub(crate) fn render(
    index: usize,
    record: &TemplateRecord,
    context: &Context<'_>,
) -> Result<Vec<Rendered>, RenderFault> {
    Renderer {
        index,
        record,
        context,
    }
    .render()
}

/// What rendering depends on besides the record.
pub(crate) struct Context<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) variables: &'a Variables,
    pub(crate) policy: &'a Policy,
}

/// The name of a record; `SRV` records have two labels more (RFC 2782).
pub(crate) fn owner_of(
    record: &TemplateRecord,
    scope: &Scope,
    variables: &Variables,
) -> Result<Name, RenderFault> {
    let text = |pattern| substitute(pattern, scope, variables);
    let host = text(&record.host)?;
    if let RecordBody::Srv {
        service, protocol, ..
    } = &record.body
    {
        let service = srv_label(&text(service)?)?;
        let protocol = srv_protocol(&text(protocol)?)?;
        return Ok(scope.prefixed_owner(&[&service, &protocol], &host)?);
    }
    Ok(scope.owner(&host)?)
}

struct Renderer<'a> {
    index: usize,
    record: &'a TemplateRecord,
    context: &'a Context<'a>,
}

impl Renderer<'_> {
    fn render(&self) -> Result<Vec<Rendered>, RenderFault> {
        let owner = owner_of(self.record, self.context.scope, self.context.variables)?;
        if let Some(fault) = self.context.policy.refusal(&self.record.body) {
            return Err(fault);
        }
        let body = self.body(&self.record.body)?;
        self.check_place(&owner, &body)?;
        let mut rendered = self.addresses(&owner, &body)?;
        rendered.push(self.rendered(owner, self.ttl()?, body));
        Ok(rendered)
    }

    fn rendered(&self, owner: Name, ttl: Option<Ttl>, body: RenderedBody) -> Rendered {
        Rendered {
            index: self.index,
            group: self.record.group.clone(),
            essential: self.record.essential,
            owner,
            ttl,
            body,
        }
    }

    fn text(&self, pattern: &Pattern) -> Result<String, RenderFault> {
        Ok(substitute(
            pattern,
            self.context.scope,
            self.context.variables,
        )?)
    }

    fn body(&self, body: &RecordBody) -> Result<RenderedBody, RenderFault> {
        let data = match body {
            RecordBody::Address { rtype, points_to } => self.address(*rtype, points_to)?,
            RecordBody::Cname { points_to } => {
                RecordData::name(RecordType::CNAME, &self.target(points_to)?)
            }
            RecordBody::Ns { points_to } => self.name_server(points_to)?,
            RecordBody::Mx {
                points_to,
                priority,
            } => RecordData::mx(
                self.number("priority", priority)?,
                &self.target_or_root(points_to)?,
            ),
            RecordBody::Txt { data, conflict } => {
                let octets = txt_octets(&self.text(data)?)?;
                return Ok(RenderedBody::Record {
                    data: RecordData::txt(&octets)?,
                    txt_conflict: conflict.clone(),
                });
            }
            RecordBody::Srv {
                target,
                priority,
                weight,
                port,
                ..
            } => RecordData::srv(
                self.number("priority", priority)?,
                self.number("weight", weight)?,
                self.number("port", port)?,
                &self.target_or_root(target)?,
            ),
            RecordBody::Spf { rules } => return self.spf(rules),
            RecordBody::ApexAlias { points_to } => return self.apex_alias(points_to),
            RecordBody::Redirect { status, target } => {
                return Ok(RenderedBody::Special {
                    action: SpecialAction::WebRedirect {
                        status: *status,
                        target: web_address(self.text(target)?)?,
                    },
                });
            }
            RecordBody::Generic { rtype, data } => self.generic(*rtype, data)?,
        };
        Ok(record(data))
    }

    fn address(&self, rtype: RecordType, points_to: &Pattern) -> Result<RecordData, RenderFault> {
        let text = self.text(points_to)?;
        let text = text.trim();
        let four = || text.parse::<Ipv4Addr>().ok().map(RecordData::a);
        let six = || text.parse::<Ipv6Addr>().ok().map(RecordData::aaaa);
        let data = if rtype == RecordType::A {
            four()
        } else {
            six()
        };
        data.ok_or_else(|| RenderFault::Address {
            rtype,
            text: text.to_owned(),
        })
    }

    /// `@` would delegate a name to itself (draft-05 section 9.1.2).
    fn name_server(&self, points_to: &Pattern) -> Result<RecordData, RenderFault> {
        if points_to.is_at() {
            return Err(RenderFault::CircularDelegation);
        }
        let target = self.target(points_to)?;
        Ok(RecordData::name(RecordType::NS, &target))
    }

    fn spf(&self, rules: &Pattern) -> Result<RenderedBody, RenderFault> {
        self.check_spaces(rules)?;
        let terms = parse_rules(&self.text(rules)?)?;
        if terms.is_empty() {
            return Err(RenderFault::EmptySpf);
        }
        Ok(RenderedBody::Spf { terms })
    }

    /// Refuses values that would make several terms of one, which whoever approved the template did not see.
    /// A variable that is all of a term may bring several.
    fn check_spaces(&self, rules: &Pattern) -> Result<(), RenderFault> {
        let parts = rules.parts();
        for (place, part) in parts.iter().enumerate() {
            let Part::Variable(variable) = part else {
                continue;
            };
            let before = place.checked_sub(1).and_then(|place| parts.get(place));
            let is_whole = ends_term(before, |text| text.ends_with(' '))
                && ends_term(parts.get(place + 1), |text| text.starts_with(' '));
            let value = value(variable, self.context.scope, self.context.variables)?;
            if !is_whole && value.contains(' ') {
                return Err(RenderFault::SpfSpace {
                    variable: variable.clone(),
                    text: value.chars().take(300).collect(),
                });
            }
        }
        Ok(())
    }

    fn apex_alias(&self, points_to: &Pattern) -> Result<RenderedBody, RenderFault> {
        Ok(RenderedBody::Special {
            action: SpecialAction::ApexAlias {
                target: self.target(points_to)?,
                ttl: self.ttl()?.unwrap_or(self.context.policy.default_ttl),
            },
        })
    }

    fn generic(&self, rtype: RecordType, data: &Pattern) -> Result<RecordData, RenderFault> {
        let text = self.text(data)?;
        if text.trim().is_empty() {
            return Err(RenderFault::EmptyData { rtype });
        }
        Ok(RecordData::from_text(rtype, text.trim())?)
    }

    /// A name that something points to: always a whole name, with or without a final dot
    /// (draft-05 section 6.2, `pointsTo`).
    fn target(&self, points_to: &Pattern) -> Result<Name, RenderFault> {
        if points_to.is_at() {
            return Ok(self.context.scope.fqdn().clone());
        }
        let text = self.text(points_to)?;
        let text = text.trim();
        if text.is_empty() || text == "." {
            return Err(RenderFault::EmptyTarget);
        }
        let error = |source| RenderFault::Target {
            text: text.chars().take(300).collect(),
            source,
        };
        let name: Name = text.parse().map_err(error)?;
        if let Some(label) = name.labels().find(|label| !is_hostname_label(*label)) {
            return Err(RenderFault::TargetLabel {
                text: text.chars().take(300).collect(),
                label: label.to_string(),
            });
        }
        // No name on the internet ends in a number (RFC 3696 section 2): this is an address.
        let last = name.labels().last();
        if last.is_some_and(|label| label.octets().iter().all(u8::is_ascii_digit)) {
            return Err(RenderFault::TargetAddress {
                text: text.chars().take(300).collect(),
            });
        }
        Ok(name)
    }

    /// The same, where the root says that there is no such service (RFC 2782, RFC 7505).
    fn target_or_root(&self, points_to: &Pattern) -> Result<Name, RenderFault> {
        if self.text(points_to)?.trim() == "." {
            return Ok(Name::root());
        }
        self.target(points_to)
    }

    fn number(&self, field: &'static str, number: &Number) -> Result<u16, RenderFault> {
        let (value, text) = match number {
            Number::Fixed(value) => (Some(*value), value.to_string()),
            Number::Variable(variable) => {
                let text = value(variable, self.context.scope, self.context.variables)?;
                (digits(text), text.to_owned())
            }
        };
        value
            .and_then(|value| u16::try_from(value).ok())
            .ok_or(RenderFault::Number { field, text })
    }

    /// The TTL within the limits; one that is no number becomes the default, because a TTL must not
    /// be a reason to refuse (draft-05 section 6.2, `ttl`).
    fn ttl(&self) -> Result<Option<Ttl>, RenderFault> {
        let policy = self.context.policy;
        let seconds = match &self.record.ttl {
            None => return Ok(None),
            Some(Number::Fixed(seconds)) => Some(*seconds),
            Some(Number::Variable(variable)) => {
                digits(value(variable, self.context.scope, self.context.variables)?)
            }
        };
        let Some(seconds) = seconds else {
            return Ok(Some(policy.default_ttl));
        };
        let ttl = u32::try_from(seconds)
            .ok()
            .and_then(|seconds| Ttl::from_secs(seconds).ok())
            .unwrap_or(Ttl::MAX);
        Ok(Some(ttl.clamp_to(policy.lowest_ttl, policy.highest_ttl)))
    }

    /// What a redirected name points to.
    fn addresses(&self, owner: &Name, body: &RenderedBody) -> Result<Vec<Rendered>, RenderFault> {
        let RenderedBody::Special {
            action: SpecialAction::WebRedirect { .. },
        } = body
        else {
            return Ok(Vec::new());
        };
        match &self.context.policy.capabilities.redirects {
            WebRedirects::Unsupported => Err(RenderFault::RedirectUnsupported),
            WebRedirects::Supported { addresses, ttl } => {
                let unique: BTreeSet<_> = addresses.iter().collect();
                Ok(unique
                    .into_iter()
                    .map(|address| {
                        let data = match address {
                            std::net::IpAddr::V4(four) => RecordData::a(*four),
                            std::net::IpAddr::V6(six) => RecordData::aaaa(*six),
                        };
                        self.rendered(owner.clone(), Some(*ttl), record(data))
                    })
                    .collect())
            }
        }
    }

    /// What may not stand where.
    fn check_place(&self, owner: &Name, body: &RenderedBody) -> Result<(), RenderFault> {
        let at_apex = owner == self.context.scope.apex();
        match body {
            RenderedBody::Record { data, .. } if at_apex => match data.rtype() {
                RecordType::CNAME => Err(RenderFault::CnameAtApex),
                RecordType::NS => Err(RenderFault::NsAtApex),
                RecordType::DS => Err(RenderFault::DsAtApex),
                RecordType::DNAME => Err(RenderFault::DnameAtApex),
                _ => Ok(()),
            },
            RenderedBody::Record { data, .. }
                if data.rtype() == RecordType::CNAME && data.target().as_ref() == Some(owner) =>
            {
                Err(RenderFault::CircularAlias)
            }
            // There is no way to the address of such a name server: glue cannot stand beside the delegation.
            RenderedBody::Record { data, .. }
                if data.rtype() == RecordType::NS
                    && data
                        .target()
                        .is_some_and(|target| target == *owner || target.is_below(owner)) =>
            {
                Err(RenderFault::CircularDelegation)
            }
            RenderedBody::Special {
                action: SpecialAction::ApexAlias { .. },
            } if !at_apex => Err(RenderFault::AliasBelowApex),
            RenderedBody::Record { .. }
            | RenderedBody::Spf { .. }
            | RenderedBody::Special { .. } => Ok(()),
        }
    }
}

/// Whether a term ends at this neighbour of a variable.
fn ends_term(neighbour: Option<&Part>, has_space: impl Fn(&str) -> bool) -> bool {
    match neighbour {
        None => true,
        Some(Part::Text(text)) => has_space(text),
        Some(Part::Variable(_)) => false,
    }
}

fn record(data: RecordData) -> RenderedBody {
    RenderedBody::Record {
        data,
        txt_conflict: TxtConflict::None,
    }
}

/// A service label, with its underscore whether it was written or not (draft-05 section 6.2,
/// `service`).
fn srv_label(text: &str) -> Result<String, RenderFault> {
    let plain = text.trim();
    let plain = plain.strip_prefix('_').unwrap_or(plain);
    let is_label = !plain.is_empty()
        && plain
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
    if is_label {
        Ok(format!("_{plain}"))
    } else {
        Err(RenderFault::SrvService {
            text: text.to_owned(),
        })
    }
}

/// A protocol label. `_tls` is not a transport, but a large mail provider's template has it, and
/// clients look there.
fn srv_protocol(text: &str) -> Result<String, RenderFault> {
    let plain = text.trim().to_ascii_lowercase();
    let plain = plain.strip_prefix('_').unwrap_or(&plain);
    if ["tcp", "udp", "sctp", "dccp", "tls"].contains(&plain) {
        Ok(format!("_{plain}"))
    } else {
        Err(RenderFault::SrvProtocol {
            text: text.to_owned(),
        })
    }
}

/// A web address, spelled as it was given: one that can stand in a header as it is, and that leads to
/// the host it seems to lead to.
fn web_address(text: String) -> Result<String, RenderFault> {
    let is_plain = text
        .bytes()
        .all(|octet| octet.is_ascii_graphic() && octet != b'\\');
    match Url::parse(&text) {
        Ok(url)
            if is_plain
                && ["http", "https"].contains(&url.scheme())
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none() =>
        {
            Ok(text)
        }
        _ => Err(RenderFault::WebAddress { text }),
    }
}
