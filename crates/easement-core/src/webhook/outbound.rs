//! Which addresses this server connects to because somebody else named them.

use std::net::{IpAddr, Ipv4Addr};

use apertodns::address::{DocumentationRanges, NotPublic, check_public};

use crate::Network;

/// Whether this server may connect to an address that somebody else chose: one that is public, or in a network
/// that the operator named. An address of IPv6 that leads to one of IPv4 is judged by that: those that are
/// mapped (RFC 4291), translated (RFC 6052), and those of 6to4 and Teredo.
///
/// ```
/// use easement_core::check_outbound;
///
/// let check = |text: &str| check_outbound(text.parse().unwrap(), &[]);
/// assert!(check("9.9.9.9").is_ok());
/// assert!(check("::ffff:9.9.9.9").is_ok());
/// assert!(check("169.254.169.254").is_err());
/// assert!(check("::ffff:169.254.169.254").is_err());
/// let lab = ["10.0.0.0/8".parse()?];
/// assert!(check_outbound("10.1.2.3".parse()?, &lab).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_outbound(address: IpAddr, allowed: &[Network]) -> Result<(), OutboundRefused> {
    let judged = leads_to(address);
    let is_allowed = |network: &Network| network.contains(address) || network.contains(judged);
    if allowed.iter().any(is_allowed) {
        return Ok(());
    }
    check_public(judged, DocumentationRanges::Refuse)
        .map_err(|reason| OutboundRefused { address, reason })
}

/// The address that packets to an address go to in the end, as far as its text tells.
fn leads_to(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => match address.segments() {
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)).into()
            }
            _ => address.into(),
        },
    }
}

/// Why this server does not connect to an address.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this server sends to public addresses alone: {}{reason}", leads_to_text(*.address, .reason))]
pub struct OutboundRefused {
    /// The address.
    pub address: IpAddr,
    /// Why it is not public.
    pub reason: NotPublic,
}

fn leads_to_text(address: IpAddr, reason: &NotPublic) -> String {
    if address == reason.address {
        String::new()
    } else {
        format!("{address} leads to {}, and ", reason.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_pass_in_whatever_form_they_come() {
        for (text, is_public) in [
            ("9.9.9.9", true),
            ("2620:fe::fe", true),
            ("64:ff9b::909:909", true),
            ("2002:909:909::1", true),
            // This machine, this link, this site.
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("0.0.0.0", false),
            ("169.254.169.254", false),
            ("10.0.0.1", false),
            ("172.31.255.255", false),
            ("192.168.0.1", false),
            ("100.64.0.1", false),
            ("192.0.0.192", false),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fd00:ec2::254", false),
            ("fec0::1", false),
            // To nobody, to many, of examples.
            ("255.255.255.255", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("ff02::1", false),
            ("192.0.2.1", false),
            ("2001:db8::1", false),
            // The same within addresses of IPv6.
            ("::ffff:127.0.0.1", false),
            ("::ffff:a9fe:a9fe", false),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b::a9fe:a9fe", false),
            ("64:ff9b:1::a9fe:a9fe", false),
            ("2002:7f00:1::", false),
            ("2002:a9fe:a9fe::1", false),
            ("2001:0:7f00:1::", false),
            ("2001:0:909:909:0:0:5601:5601", false),
        ] {
            let outcome = check_outbound(text.parse().unwrap(), &[]);
            assert_eq!(outcome.is_ok(), is_public, "{text}: {outcome:?}");
        }
    }

    #[test]
    fn a_refusal_names_the_address_and_why() {
        for (text, words) in [
            (
                "169.254.169.254",
                "this server sends to public addresses alone: 169.254.169.254 is not a public address: \
                 169.254.0.0/16 is for one link (RFC 3927)",
            ),
            (
                "::ffff:10.0.0.1",
                "this server sends to public addresses alone: ::ffff:10.0.0.1 leads to 10.0.0.1, and \
                 10.0.0.1 is not a public address: 10.0.0.0/8 is for private use (RFC 1918)",
            ),
        ] {
            let refused = check_outbound(text.parse().unwrap(), &[]).unwrap_err();
            assert_eq!(refused.to_string(), words);
        }
    }

    #[test]
    fn networks_that_the_operator_named_pass_and_no_others() {
        let allowed = ["10.1.0.0/16", "fd00:1::/32"].map(|text| text.parse().unwrap());
        for (text, passes) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("64:ff9b::a01:203", true),
            ("fd00:1::7", true),
            ("10.2.0.1", false),
            ("fd00:2::7", false),
            ("127.0.0.1", false),
        ] {
            let outcome = check_outbound(text.parse().unwrap(), &allowed);
            assert_eq!(outcome.is_ok(), passes, "{text}");
        }
    }
}
