//! Names that stand for an address for a while, so that an app without any name gets a certificate
//! (specification 0.4.0, section "GET /temp-subdomain"; 0.2.0, section "GET /ip-domain").

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use easement_zone::{ChangeSet, Name, NameError, RecordData, RecordSet, RecordType, Ttl, Zone};

/// How long answers with such a name are kept: it may be gone soon.
pub const TEMP_NAME_TTL: Ttl = Ttl::MINUTE;

/// The names below one name that stand for addresses.
///
/// ```
/// use namedrop::{TempNames, address_of_temp_name};
///
/// let names = TempNames::below(&"ip.example".parse()?)?;
/// let name = names.of("192.0.2.5".parse()?)?;
/// assert_eq!(name.name().to_text(), "192-0-2-5.ip.example");
/// assert_eq!(address_of_temp_name(name.name()), Some("192.0.2.5".parse()?));
///
/// let name = names.of("2001:db8::1".parse()?)?;
/// assert_eq!(name.name().to_text(), "2001-db8-0-0-0-0-0-1.ip.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TempNames {
    base: Name,
}

impl TempNames {
    /// Those below this name, when certificate authorities would give certificates for them and each fits.
    pub fn below(base: &Name) -> Result<Self, TempBaseError> {
        let refuse = |fault| TempBaseError {
            base: base.clone(),
            fault,
        };
        if base.is_root() {
            return Err(refuse(TempBaseFault::Root));
        }
        let is_host = |octets: &[u8]| {
            let is_inner = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
            octets.iter().all(is_inner) && !octets.starts_with(b"-") && !octets.ends_with(b"-")
        };
        if !base.labels().all(|label| is_host(label.octets())) {
            return Err(refuse(TempBaseFault::NoHostName));
        }
        let names = Self { base: base.clone() };
        let longest = IpAddr::from(Ipv6Addr::from_bits(u128::MAX));
        match names.of(longest) {
            Ok(_) => Ok(names),
            Err(_) => Err(refuse(TempBaseFault::TooLong)),
        }
    }

    /// The name that all of them are below.
    pub fn base(&self) -> &Name {
        &self.base
    }

    /// The name of an address. An IPv4 address that came over an IPv6 socket counts as the IPv4 address.
    pub fn of(&self, address: IpAddr) -> Result<TempName, NameError> {
        let address = address.to_canonical();
        Ok(TempName {
            name: self.base.child(&label_of(address))?,
            address,
        })
    }
}

/// The name of one address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TempName {
    name: Name,
    address: IpAddr,
}

impl TempName {
    /// The name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The address.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The type of its only record.
    pub fn rtype(&self) -> RecordType {
        match self.address {
            IpAddr::V4(_) => RecordType::A,
            IpAddr::V6(_) => RecordType::AAAA,
        }
    }

    /// Its records: one.
    pub fn record_set(&self) -> RecordSet {
        let data = match self.address {
            IpAddr::V4(address) => RecordData::a(address),
            IpAddr::V6(address) => RecordData::aaaa(address),
        };
        RecordSet::single(self.name.clone(), TEMP_NAME_TTL, data)
    }

    /// What to do so that a zone has the name for a while. `held` says whether the record that is there now was
    /// made for that; nothing else that is there is ever touched.
    pub fn plan(&self, zone: &Zone, held: Held) -> Result<TempPlan, NameTaken> {
        let taken = || NameTaken {
            name: self.name.clone(),
        };
        if zone.delegation_over(&self.name).is_some() {
            return Err(taken());
        }
        match held {
            Held::ForThis if zone.get(&self.name, self.rtype()).is_some() => Ok(TempPlan::Renew),
            Held::ForThis | Held::No if zone.has_name(&self.name) => Err(taken()),
            Held::ForThis | Held::No => {
                let mut changes = ChangeSet::new();
                changes.record(None, Some(self.record_set()));
                Ok(TempPlan::Make(changes))
            }
        }
    }
}

/// Whether what is at a name was made for a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Held {
    /// It was, and nobody changed it since.
    ForThis,
    /// It was not.
    No,
}

/// What to do about a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TempPlan {
    /// Make its record.
    Make(ChangeSet),
    /// The record is there: it is to stay longer.
    Renew,
}

//------------ Labels ----------------------------------------------------------------------------

/// The label of an address: its numbers with a dash between them, all four or all eight, without zeros in front.
/// So two addresses never share one, and none has an empty part.
fn label_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => joined(&address.octets().map(|number| number.to_string())),
        IpAddr::V6(address) => joined(&address.segments().map(|number| format!("{number:x}"))),
    }
}

fn joined(numbers: &[String]) -> String {
    numbers.join("-")
}

/// The address that the first label of a name stands for, when it is one of these names.
pub fn address_of_temp_name(name: &Name) -> Option<IpAddr> {
    let label = std::str::from_utf8(name.labels().next()?.octets()).ok()?;
    let label = label.to_ascii_lowercase();
    let address = match label.matches('-').count() {
        3 => label.replace('-', ".").parse::<Ipv4Addr>().ok()?.into(),
        7 => label.replace('-', ":").parse::<Ipv6Addr>().ok()?.into(),
        _ => return None,
    };
    // `0001` and `1` are the same number, and one name.
    (label_of(address) == label).then_some(address)
}

//------------ Errors ----------------------------------------------------------------------------

/// Something is at the name that was not made for a while.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{} is in use for something else: it stays as it is", name.to_text())]
pub struct NameTaken {
    /// The name.
    pub name: Name,
}

/// A name that no names of addresses can be below.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no names of addresses can be made below `{base}`: {fault}")]
pub struct TempBaseError {
    /// The name.
    pub base: Name,
    /// Why not.
    pub fault: TempBaseFault,
}

/// Why no names of addresses can be below a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TempBaseFault {
    /// It is the root.
    #[error("it is the root")]
    Root,
    /// It is not the name of a host.
    #[error(
        "certificates are given for letters, digits and dashes alone, without a dash at either end of a label"
    )]
    NoHostName,
    /// With a label for an address it would be too long.
    #[error("with an address in front it would be longer than a name can be")]
    TooLong,
}

#[cfg(test)]
mod tests {
    use easement_zone::zonefile::{self, ReadOptions};

    use super::*;

    fn names() -> TempNames {
        TempNames::below(&"ip.example.com".parse().unwrap()).unwrap()
    }

    #[test]
    fn each_address_has_one_name_and_back() {
        for (address, label) in [
            ("192.0.2.5", "192-0-2-5"),
            ("0.0.0.0", "0-0-0-0"),
            ("255.255.255.255", "255-255-255-255"),
            ("::ffff:192.0.2.5", "192-0-2-5"),
            ("::", "0-0-0-0-0-0-0-0"),
            ("::1", "0-0-0-0-0-0-0-1"),
            ("1::", "1-0-0-0-0-0-0-0"),
            ("2001:db8::a:0:0:1", "2001-db8-0-0-a-0-0-1"),
            ("64:ff9b::192.0.2.5", "64-ff9b-0-0-0-0-c000-205"),
            (
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "ffff-ffff-ffff-ffff-ffff-ffff-ffff-ffff",
            ),
        ] {
            let address: IpAddr = address.parse().unwrap();
            let name = names().of(address).unwrap();
            assert_eq!(name.name().to_text(), format!("{label}.ip.example.com"));
            let back = address_of_temp_name(name.name());
            assert_eq!(back, Some(address.to_canonical()), "{label}");
            assert!(
                !label.contains("--"),
                "a reserved label (RFC 5890): {label}"
            );
            assert_eq!(name.record_set().rtype(), name.rtype());
            assert_eq!(name.record_set().data().len(), 1);
        }
    }

    #[test]
    fn what_is_no_label_of_an_address_is_none() {
        for (name, address) in [
            ("192-0-2-5.ip.example.com", Some("192.0.2.5")),
            ("2001-DB8-0-0-0-0-0-1.ip.example.com", Some("2001:db8::1")),
            ("192-0-2.ip.example.com", None),
            ("192-0-2-256.ip.example.com", None),
            ("192-0-2-05.ip.example.com", None),
            ("192-0-2-5-6.ip.example.com", None),
            ("192-0-2-.ip.example.com", None),
            ("2001-db8--1.ip.example.com", None),
            ("2001-db8-0-0-0-0-0-0001.ip.example.com", None),
            ("2001-db8-0-0-0-0-0-1-0.ip.example.com", None),
            ("-0-2-5.ip.example.com", None),
            ("x192-0-2-5.ip.example.com", None),
            (".", None),
        ] {
            let found = address_of_temp_name(&name.parse().unwrap());
            assert_eq!(found, address.map(|text| text.parse().unwrap()), "{name}");
        }
    }

    #[test]
    fn names_are_made_below_names_of_hosts_alone() {
        let long = format!("{0}.{0}.{0}.example", "a".repeat(62));
        for (base, fault) in [
            ("ip.example", None),
            ("IP.example.", None),
            ("xn--bcher-kva.example", None),
            (".", Some(TempBaseFault::Root)),
            ("_ip.example", Some(TempBaseFault::NoHostName)),
            ("*.example", Some(TempBaseFault::NoHostName)),
            ("-ip.example", Some(TempBaseFault::NoHostName)),
            ("ip-.example", Some(TempBaseFault::NoHostName)),
            (
                &format!("{long}.abcdefghijklmnopqrst"),
                Some(TempBaseFault::TooLong),
            ),
            (&long, None),
        ] {
            let found = TempNames::below(&base.parse().unwrap());
            assert_eq!(found.err().map(|error| error.fault), fault, "{base}");
        }
    }

    #[test]
    fn only_what_was_made_for_a_while_is_touched() {
        let zone = zonefile::read(
            "$ORIGIN example.com.\n\
             @  SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m\n\
             \x20  NS   ns1.dns.example.\n\
             192-0-2-5.ip       A      192.0.2.5\n\
             192-0-2-6.ip       TXT    \"proof\"\n\
             192-0-2-7.ip       CNAME  elsewhere.example.\n\
             _x.192-0-2-8.ip    TXT    \"below\"\n\
             192-0-2-9.ip       NS     ns1.elsewhere.example.\n\
             *.ip               A      192.0.2.1\n\
             2001-db8-0-0-0-0-0-1.ip  AAAA  2001:db8::1\n\
             2001-db8-0-0-0-0-0-1.ip  TXT   \"beside\"\n",
            &ReadOptions::default(),
        )
        .unwrap()
        .zone;
        for (address, held, expected) in [
            ("192.0.2.5", Held::ForThis, Some("renew")),
            ("192.0.2.5", Held::No, None),
            ("192.0.2.6", Held::No, None),
            ("192.0.2.6", Held::ForThis, None),
            ("192.0.2.7", Held::No, None),
            ("192.0.2.8", Held::No, None),
            ("192.0.2.9", Held::No, None),
            ("192.0.2.10", Held::No, Some("make")),
            // It was taken away by hand, and that was not noticed yet.
            ("192.0.2.10", Held::ForThis, Some("make")),
            ("2001:db8::1", Held::ForThis, Some("renew")),
            ("2001:db8::2", Held::No, Some("make")),
        ] {
            let name = names().of(address.parse().unwrap()).unwrap();
            let plan = name.plan(&zone, held);
            let found = match &plan {
                Ok(TempPlan::Make(changes)) => {
                    assert_eq!(changes.len(), 1);
                    let after = zone.apply(changes).unwrap();
                    assert_eq!(after.at(name.name()), [name.record_set()]);
                    Some("make")
                }
                Ok(TempPlan::Renew) => Some("renew"),
                Err(taken) => {
                    assert_eq!(&taken.name, name.name());
                    None
                }
            };
            assert_eq!(found, expected, "{address} {held:?} {plan:?}");
        }
    }
}
