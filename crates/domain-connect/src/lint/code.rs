//! Every check: its code, what it is called, why it matters, and how to mend what it finds.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::Severity::{self, Error, Info, Warning};

/// Makes the enum and its table from one list.
macro_rules! codes {
    ($($variant:ident $code:literal $severity:ident $title:literal $why:literal $mend:literal)*) => {
        /// A check of the linter.
        ///
        /// ```
        /// use domain_connect::lint::{Code, Severity};
        ///
        /// let code: Code = "DCTL1011".parse()?;
        /// assert_eq!(code.as_str(), "DCTL1011");
        /// assert_eq!(code.severity(), Severity::Error);
        /// assert_eq!(code.title(), "a CNAME shares its name with other records");
        /// for code in Code::ALL {
        ///     assert!(!code.why().is_empty() && !code.mend().is_empty());
        /// }
        /// # Ok::<(), domain_connect::lint::UnknownCode>(())
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Code {
            $(#[doc = concat!("`", $code, "`: ", $title, ".")] $variant,)*
        }

        impl Code {
            /// Every code there is, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as people write it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// How much a finding matters, unless a profile says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => $severity,)* }
            }

            /// What is found, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// Why it matters.
            pub fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)* }
            }

            /// How to mend it.
            pub fn mend(self) -> &'static str {
                match self { $(Self::$variant => $mend,)* }
            }
        }
    };
}

codes! {
    NotReadable "DCTL0001" Error "the file cannot be read"
        "Nothing can be said about a template that cannot be read."
        "Check the name and the permissions of the file; it must be text in UTF-8."
    NotJson "DCTL0003" Error "the text is not JSON, or not an object"
        "DNS providers read templates as JSON (RFC 8259), and refuse what is not. Comments and trailing commas are not JSON. A property that is there twice may be read differently by two readers."
        "Mend the text at the place that is shown. Keep each property once."
    MissingField "DCTL0008" Error "a field that is needed is missing"
        "Each record type needs its fields (draft-05 section 6.2), and a template needs its ids and names (section 6.1); a DNS provider cannot guess them."
        "Add the field."
    UnusedField "DCTL0009" Info "a field that this record type does not use"
        "DNS providers ignore it, so it says something to readers that is not true."
        "Take the field out, or correct the type of the record."
    HighTtl "DCTL1000" Warning "the TTL is higher than the limit"
        "A DNS provider may lower it, and a wrong record stays in caches for that long."
        "Lower the TTL."
    BadId "DCTL1002" Error "providerId or serviceId has characters that are not allowed"
        "Ids are parts of URLs: letters, digits, dots, hyphens and underscores, 63 at most (draft-05 section 3, dc-id)."
        "Choose an id of those characters. For providerId, take your domain name."
    FileName "DCTL1003" Error "the file is not named after the ids"
        "The public collection and DNS providers find a template by the name providerid.serviceid.json, in lower case."
        "Rename the file."
    SameIds "DCTL1004" Error "two templates have the same providerId and serviceId"
        "The ids are what a link names: only one of the two can be meant."
        "Give one of them another serviceId, or remove it."
    BadField "DCTL1005" Error "a field has a value that it cannot have"
        "The value is of another kind than the field, too long, or not one of those that the specification lists (draft-05 section 6)."
        "Write a value of the kind that the message names."
    NoVersion "DCTL1006" Info "there is no version"
        "DNS providers show and compare versions to see that a template has changed (draft-05 section 6.1)."
        "Add \"version\": 1, and count up with each change."
    OldShared "DCTL1007" Warning "`shared` has become sharedProviderName"
        "`shared` was its name before version 2.2 of the specification; newer DNS providers do not look for it."
        "Write sharedProviderName."
    VariableNotAllowed "DCTL1009" Error "a variable where none is replaced"
        "Variables are replaced in the fields of records, not in names, types, groups and prefixes (draft-05 section 9.1): the percent signs stay as they are."
        "Write the text itself. For names that differ between resellers, see sharedProviderName and sharedServiceName."
    BadLogo "DCTL1010" Warning "logoUrl is not the https address of a public host"
        "People's browsers refuse a picture without encryption, and DNS providers do not ask machines in their own network for it."
        "Publish the picture at an https address of a host with a name."
    CnameNotAlone "DCTL1011" Error "a CNAME shares its name with other records"
        "A CNAME must be the only record of its name (RFC 1034 section 3.6.2), so the template can never be applied."
        "Take the other records out, point the name with A and AAAA records, or put the alternatives into different groups."
    ApexAlias "DCTL1012" Error "a CNAME or NS at @ without hostRequired"
        "Applied to a domain itself, the record would stand beside the SOA and NS records of the zone, which is not allowed (RFC 1912 section 2.4)."
        "Set \"hostRequired\": true, or write A and AAAA records."
    EmptyProperty "DCTL1013" Error "a name or value that must not be empty is"
        "An empty text is no name and no domain; readers differ in what they take it for."
        "Take the property out, or give it a value."
    SpfInTxt "DCTL1014" Info "an SPF record as plain text"
        "A name can have one SPF record (RFC 7208 section 3.2). A plain text takes the place of the owner's record or stands beside it, and either breaks somebody's mail; SPFM is merged (draft-05 section 9.4)."
        "Write an SPFM record with the terms alone: no v=spf1, no all."
    BadNumber "DCTL1015" Error "a number or a word that the field cannot have"
        "Priority, weight and port are numbers from 0 to 65535, a TTL from 0 to 2147483647, and the protocol of an SRV record one such as tcp, udp, sctp or tls."
        "Write such a value, or one variable that gives it."
    UnusualType "DCTL1016" Info "a record type that templates seldom use"
        "The data is written as it is (draft-05 section 6.2.2), and many DNS providers accept only some types."
        "Ask the DNS providers that matter to you whether they accept the type."
    BadSpf "DCTL1017" Error "spfRules are not terms of an SPF record"
        "The terms are merged into the owner's record one by one (RFC 7208 section 5): version, all and redirect= would speak for the whole of it."
        "Write mechanisms such as include:spf.example.net, separated by spaces."
    SpfTwice "DCTL1018" Error "an SPF modifier is there twice"
        "A modifier may be there once (RFC 7208 section 6); twice makes the whole record invalid."
        "Keep one."
    BadVariable "DCTL1019" Error "a variable has a character that is not allowed"
        "Names of variables are letters, digits, hyphens and underscores (draft-05 section 3)."
        "Rename the variable, here and where it is given a value."
    OpenVariable "DCTL1020" Error "a percent sign without a second one"
        "A percent sign begins or ends a variable (draft-05 section 9.1). Only in data and spfRules does one stand for itself: where no letter, digit, - or _ follows it, and in the macros of SPF (RFC 7208 section 7)."
        "Close the variable, or take the percent sign out."
    UnknownUnderscore "DCTL1021" Info "an underscored name that is neither registered nor widely known"
        "Names that begin with an underscore are registered (RFC 8552), so that no two protocols use one for different things."
        "Check the spelling; if the name is yours alone, this is only a note."
    BadDomain "DCTL1022" Error "syncPubKeyDomain or syncRedirectDomain is not a domain name"
        "Keys are looked up there, and people are sent there."
        "Write a domain name, without scheme, path or port."
    SameRecord "DCTL1023" Warning "a record is there twice"
        "The second adds nothing: DNS holds each record once."
        "Take one of them out."
    HostVariable "DCTL1024" Info "%host% in a host"
        "The host that the template is applied to is added to every host already, so the name has it twice."
        "Write the part before it alone."
    UnderscoreHost "DCTL1025" Info "an underscored host"
        "Names with an underscore prove control of domains and configure protocols; reviewers look at them twice, and some DNS providers refuse them."
        "Keep it when the protocol needs it."
    SpacesInDomains "DCTL1026" Warning "spaces in syncRedirectDomain"
        "Some DNS providers compare with the text as it stands, spaces included, and send nobody back."
        "Separate the domains with commas alone."
    BadHost "DCTL1027" Error "a host has characters or labels that names do not have"
        "No DNS provider can write a record at such a name."
        "Write labels of letters, digits, hyphens and underscores with dots between; * may stand as the first label alone."
    SignedAndWarned "DCTL1028" Error "warnPhishing together with syncPubKeyDomain"
        "Signed requests need no warning, and the public collection refuses both together; the draft has withdrawn warnPhishing."
        "Take warnPhishing out."
    Unsigned "DCTL1029" Warning "requests are not signed"
        "Anybody can make a link that applies the template with values of their own; people are warned of it, and many DNS providers refuse such templates."
        "Publish a key and name its domain in syncPubKeyDomain, or set \"syncBlock\": true when only the asynchronous flow uses the template."
    NoRecords "DCTL1030" Error "there are no records"
        "Applying the template would do nothing."
        "Add records."
    OneGroup "DCTL1031" Info "every record is in the same group"
        "A group is a part that can be applied alone; one that holds everything tells nothing."
        "Take groupId out."
    MixedGroups "DCTL1032" Info "records with and without a group"
        "Records without a group are applied with every group (draft-05 section 10.3), which is not what every author expects."
        "Give the others a group of their own, when they are not for all."
    InstancesOfAlias "DCTL1033" Warning "multiInstance with a CNAME at @"
        "A second instance at the same name would conflict with the first one's CNAME."
        "Take multiInstance out, or put the name of the CNAME into a variable."
    BadAddress "DCTL1034" Error "neither an address nor a variable"
        "A and AAAA records hold an address; @ and names are for CNAME records."
        "Write an address or a variable."
    Ipv6InA "DCTL1035" Error "an IPv6 address in an A record"
        "A records hold IPv4 addresses."
        "Write an AAAA record."
    Ipv4InAaaa "DCTL1036" Error "an IPv4 address in an AAAA record"
        "AAAA records hold IPv6 addresses."
        "Write an A record."
    HostNotNeeded "DCTL1037" Info "hostRequired without a record that needs it"
        "Nothing here keeps the template from being applied to a domain itself."
        "Take hostRequired out, unless there is another reason for it."
    Extension "DCTL1038" Info "a record type that few DNS providers have"
        "APEXCNAME and REDIR records are extensions that need an alias or a web server of the DNS provider's own."
        "Offer a template without them too."
    CommonSuffix "DCTL1039" Info "every host ends with the same variable"
        "That is what the parameter host of a request is for: it keeps two applications apart, which a variable does not."
        "Take the variable out of the hosts, and send its value as host."
    BareVariable "DCTL1040" Info "a value that is a variable and nothing else"
        "Whoever makes the request decides about all of it, so a reviewer cannot say what the template does."
        "Write the part that is always the same into the template: %site%.example.net and not %target%."
    UnknownField "DCTL2001" Warning "a name that looks like a known one"
        "Unknown properties and fields are ignored (draft-05 section 6.1.1), so a misspelled one does nothing."
        "Correct the spelling. Names of your own begin with vnd."
    MixedTtl "DCTL2002" Warning "records of one name and type have different TTLs"
        "They are one record set and have one TTL (RFC 2181 section 5.2); the lowest is taken (draft-05 section 10.2)."
        "Write the same TTL in all of them."
    LongText "DCTL2003" Info "a text of more than 255 octets"
        "It is written as several character strings, which readers join again (RFC 7208 section 3.3); some DNS providers refuse long texts, and above 2000 octets answers no longer fit into a packet."
        "Shorten the text where you can."
    SpfLookups "DCTL2004" Warning "many SPF look-ups"
        "Receivers stop after ten look-ups for all services of a domain together (RFC 7208 section 4.6.4), and treat the record as broken then."
        "List addresses with ip4: and ip6:, or name one include: that does."
    Large "DCTL2005" Warning "a large template"
        "Nobody can judge so many records, and DNS providers set limits."
        "Split the template by service."
    GroupConflict "DCTL2006" Error "a group cannot be applied"
        "A request may ask for any of the groups (draft-05 section 10.3), and this one, with the records without a group, does not make a zone."
        "Mend the records that the message names."
    SelfConflict "DCTL2007" Error "the template conflicts with itself"
        "A request without groupId asks for all records, and these cannot stand side by side, so it is refused everywhere."
        "Mend the records that the message names. Alternatives that are never applied together need a group each, and requests that name one."
    Overlap "DCTL2008" Warning "a name that could be taken for somebody else's"
        "People decide by the names that they see; DNS providers check this before they offer a template (draft-05, onboarding)."
        "Use the name that people know you by, and your own domain as providerId."
    NoRedirect "DCTL2009" Info "there is no syncRedirectDomain"
        "Only signed requests may then send people back to your site."
        "Name the domains of your site in syncRedirectDomain."
    ReservedVariable "DCTL2010" Error "a variable has the name of a parameter"
        "The parameter has a meaning of its own (draft-05 section 9.1.2), so no request can give the variable a value."
        "Rename the variable."
    KeyNotPublished "DCTL2011" Error "the published key cannot be used"
        "Requests are checked with the key below syncPubKeyDomain; without it every signed request is refused."
        "Publish the records that `easement key records` prints."
    KeyTooShort "DCTL2012" Error "the published key is too short"
        "RSA keys of fewer than 2048 bits can be broken, and DNS providers refuse them."
        "Make a key of 2048 bits with `easement key generate`, and publish it under another label."
    Critical "DCTL2013" Error "crit lists something that is not understood"
        "A DNS provider must refuse a template with something critical that it does not know (draft-05 section 6.1.1)."
        "Take it out of crit when the template works without it."
    TextNumber "DCTL2014" Info "a number written as text"
        "The specification writes numbers as numbers; readers of typed languages refuse the quotation marks."
        "Take the quotation marks away."
    Spelling "DCTL2015" Warning "a word that is not spelled as the specification spells it"
        "Other readers compare exactly and take the default, which means something else."
        "Spell it as the message says."
    WholeConflict "DCTL2016" Info "every other text of the name is taken away"
        "txtConflictMatchingMode All removes texts of other services too: SPF, DMARC, proofs of control."
        "Use Prefix, with a prefix that only your own texts have."
    CfSyncBlock "DCTL5000" Error "Cloudflare: syncBlock is not supported"
        "Cloudflare has the synchronous flow alone."
        "Take syncBlock out, or do not offer the template there."
    CfUnsigned "DCTL5001" Error "Cloudflare: syncPubKeyDomain is needed"
        "Cloudflare refuses templates whose requests are not signed."
        "Publish a key and name its domain in syncPubKeyDomain."
    CfServiceName "DCTL5002" Info "Cloudflare: sharedServiceName is ignored"
        "People see the template's own name there."
        "Nothing needs to be done."
    CfRedirect "DCTL5003" Info "Cloudflare: syncRedirectDomain is ignored"
        "The redirect_uri of a signed request is used there as it is."
        "Nothing needs to be done."
    CfInstances "DCTL5004" Info "Cloudflare: multiInstance is not supported"
        "A second application takes the place of the first."
        "Use one template a host there."
    CfPhishing "DCTL5005" Info "Cloudflare: warnPhishing is ignored"
        "Cloudflare shows no such warning."
        "Nothing needs to be done."
    CfHost "DCTL5006" Info "Cloudflare: hostRequired is ignored"
        "The template can be applied to a domain itself there."
        "Send a host with each request."
    CfFlattening "DCTL5007" Info "Cloudflare: a CNAME at @ is flattened"
        "Cloudflare answers with the addresses of the target."
        "Nothing needs to be done."
    CfConflict "DCTL5008" Info "Cloudflare: txtConflictMatchingMode is ignored"
        "Other texts of the name stay."
        "Ask your customers to remove old texts there."
    CfApexAlias "DCTL5009" Error "Cloudflare: APEXCNAME is not supported"
        "The template is refused."
        "Write a CNAME at @, which Cloudflare flattens."
    CfZeroTtl "DCTL5010" Info "Cloudflare: a TTL of 0 is replaced"
        "Cloudflare takes its own TTL then."
        "Write the TTL that you mean."
    CfEssential "DCTL5011" Info "Cloudflare: essential is ignored"
        "Records can be changed there without ending the service."
        "Nothing needs to be done."
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownCode {
                text: text.chars().take(80).collect(),
            })
    }
}

/// A text that is no code.
///
/// ```
/// use domain_connect::lint::{Code, UnknownCode};
///
/// let error: UnknownCode = "DCTL9999".parse::<Code>().unwrap_err();
/// assert!(error.to_string().contains("DCTL9999"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there is no check `{text}`: codes look like DCTL1034")]
pub struct UnknownCode {
    /// The text.
    pub text: String,
}
