//! Why a template record cannot be written.

use easement_zone::{DataError, NameError, RecordType};

use super::{OwnerFault, TextFault};
use crate::Variable;
use crate::spf::TermError;

/// Why a template record cannot be written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RenderFault {
    /// A variable or a text is not right.
    #[error(transparent)]
    Text(#[from] TextFault),
    /// The host is not right.
    #[error(transparent)]
    Owner(#[from] OwnerFault),
    /// The address is not one.
    #[error("`{text}` is not an address for {rtype} records")]
    Address {
        /// The type.
        rtype: RecordType,
        /// The text.
        text: String,
    },
    /// There is nothing to point to.
    #[error("the record points to nothing")]
    EmptyTarget,
    /// What it points to is not a name.
    #[error("`{text}` is not a name to point to: {source}")]
    Target {
        /// The text.
        text: String,
        /// What is wrong.
        source: NameError,
    },
    /// What it points to has a label that no host has.
    #[error(
        "`{text}` is not a name to point to: the label `{label}` has characters that names do not have"
    )]
    TargetLabel {
        /// The text.
        text: String,
        /// The label.
        label: String,
    },
    /// What it points to is an address.
    #[error("`{text}` is an address, and this record must point to a name")]
    TargetAddress {
        /// The text.
        text: String,
    },
    /// A number is not one.
    #[error("{field} is `{text}`, and must be a number from 0 to 65535")]
    Number {
        /// The field.
        field: &'static str,
        /// The text.
        text: String,
    },
    /// The service label is not one.
    #[error("`{text}` is not the label of a service, such as _sip")]
    SrvService {
        /// The text.
        text: String,
    },
    /// The protocol label is not one.
    #[error("`{text}` is not the label of a protocol, such as _tcp")]
    SrvProtocol {
        /// The text.
        text: String,
    },
    /// There are no SPF terms.
    #[error("the SPF rules are empty")]
    EmptySpf,
    /// An SPF term is not one.
    #[error("the SPF rules cannot be merged: {0}")]
    Spf(#[from] TermError),
    /// A value would add terms to the SPF rules.
    #[error("the value `{text}` of {variable} has a space, and is only a part of one SPF term")]
    SpfSpace {
        /// The variable.
        variable: Variable,
        /// Its value.
        text: String,
    },
    /// There is no data.
    #[error("the data of the {rtype} record is empty")]
    EmptyData {
        /// The type.
        rtype: RecordType,
    },
    /// The data does not suit the type.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A redirect does not lead to a web page.
    #[error("`{text}` is not a web address to redirect to")]
    WebAddress {
        /// The text.
        text: String,
    },
    /// A `CNAME` at the apex.
    #[error("a CNAME record cannot stand at the apex of a zone: choose a host below it")]
    CnameAtApex,
    /// A `DNAME` at the apex.
    #[error("a template may not redirect everything below the apex with a DNAME record")]
    DnameAtApex,
    /// `NS` at the apex.
    #[error(
        "a template may not change the name servers of the whole zone: choose a host below the apex"
    )]
    NsAtApex,
    /// `DS` at the apex.
    #[error("a DS record belongs in the zone above the apex")]
    DsAtApex,
    /// An alias of itself.
    #[error("a CNAME record cannot point to its own name, nor to one that leads back to it")]
    CircularAlias,
    /// A delegation to itself.
    #[error("a name cannot be delegated to itself, nor to a name below it")]
    CircularDelegation,
    /// Delegations are off.
    #[error("this server does not let templates delegate names to other servers")]
    DelegationRefused,
    /// `DS` records are off.
    #[error("this server does not let templates write DS records")]
    DelegationSignerRefused,
    /// Aliases at the apex are not supported.
    #[error("this server does not support APEXCNAME records")]
    ApexAliasUnsupported,
    /// An alias at another name than the apex.
    #[error("an APEXCNAME record can only stand at the apex of a zone")]
    AliasBelowApex,
    /// Web redirects are not supported.
    #[error("this server does not support REDIR301 and REDIR302 records")]
    RedirectUnsupported,
}
