//! Clients that keep the addresses of hosts.

use crate::Hostname;

use super::{Account, ClientSettings, SettingsBody};
use crate::v1::paths;

/// Which addresses are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Families {
    /// IPv4 alone.
    Ipv4,
    /// IPv6 alone.
    Ipv6,
    /// Both.
    Both,
}

impl Families {
    fn has_ipv4(self) -> bool {
        self != Self::Ipv6
    }

    fn has_ipv6(self) -> bool {
        self != Self::Ipv4
    }
}

/// Settings for every client that keeps addresses; nothing when there is no host. Wildcards are left out: most
/// clients cannot name them.
pub fn address_clients(
    account: &Account<'_>,
    hosts: &[Hostname],
    families: Families,
) -> Vec<ClientSettings> {
    let hosts: Vec<String> = hosts
        .iter()
        .filter(|host| !host.is_wildcard())
        .map(ToString::to_string)
        .collect();
    let Some(first) = hosts.first() else {
        return Vec::new();
    };
    let wanted = Wanted {
        account,
        hosts: &hosts,
        first,
        families,
    };
    vec![
        wanted.fritz_box(),
        wanted.ddclient(),
        wanted.inadyn(),
        wanted.opnsense(),
        wanted.openwrt(),
        wanted.unifi(),
        wanted.synology(),
        wanted.curl(),
    ]
}

/// Settings for whoever only looks.
pub fn reading_clients(account: &Account<'_>) -> Vec<ClientSettings> {
    let url = account.server.url(paths::DOMAINS);
    vec![ClientSettings {
        client: "curl",
        place: "A file such as easement.curl, which only you can read",
        body: SettingsBody::File {
            text: format!(
                "url = \"{url}\"\nheader = \"Authorization: Bearer {}\"\nsilent\nshow-error\n",
                account.secret
            ),
            commands: vec!["curl --config easement.curl".to_owned()],
        },
        notes: vec!["The hosts that the token is for, and their addresses.".to_owned()],
    }]
}

struct Wanted<'a> {
    account: &'a Account<'a>,
    hosts: &'a [String],
    first: &'a str,
    families: Families,
}

impl Wanted<'_> {
    /// Where one host is updated; the address is named by what stands in its place for the client.
    fn update(&self, hostname: &str, ipv4: &str, ipv6: &str) -> String {
        let mut path = format!("{}?hostname={hostname}", paths::LEGACY_DYNDNS2);
        if self.families.has_ipv4() {
            path.push_str(ipv4);
        }
        if self.families.has_ipv6() {
            path.push_str(ipv6);
        }
        path
    }

    fn check_path(&self) -> &'static str {
        match self.families {
            Families::Ipv6 => "/checkip/v6",
            Families::Ipv4 | Families::Both => "/checkip/v4",
        }
    }

    /// What clients with one host only are told about the others.
    fn one_host(&self) -> Vec<String> {
        if self.hosts.len() == 1 {
            return Vec::new();
        }
        let others: Vec<&str> = self.hosts.iter().skip(1).map(String::as_str).collect();
        vec![format!(
            "One entry is for one host. The token is for others too: {}.",
            others.join(", ")
        )]
    }

    fn fritz_box(&self) -> ClientSettings {
        let path = self.update("<domain>", "&myip=<ipaddr>", "&myipv6=<ip6addr>");
        ClientSettings {
            client: "Fritz!Box",
            place: "Internet, Permit Access, DynDNS: use DynDNS, with the provider “User-defined”",
            body: SettingsBody::Fields(vec![
                ("Update URL", self.account.server.url(&path)),
                ("Domain name", self.first.to_owned()),
                ("User name", self.first.to_owned()),
                ("Password", self.account.secret.to_owned()),
            ]),
            notes: self.one_host(),
        }
    }

    fn ddclient(&self) -> ClientSettings {
        let server = self.account.server;
        let ssl = if server.is_https() { "yes" } else { "no" };
        let text = format!(
            "daemon=300\nssl={ssl}\nprotocol=dyndns2\nuse=web, web={check}\nserver={authority}\nlogin={first}\n\
             password='{secret}'\n{hosts}\n",
            check = server.url(self.check_path()),
            authority = server.authority,
            first = self.first,
            secret = self.account.secret,
            hosts = self.hosts.join(","),
        );
        let mut notes = Vec::new();
        if self.families == Families::Both {
            notes.push(
                "Before version 4, ddclient sends one address: this file keeps IPv4. From version 4 on, put \
                 usev4=webv4, webv4=… and usev6=webv6, webv6=… in the place of use=web, with /checkip/v4 and \
                 /checkip/v6."
                    .to_owned(),
            );
        }
        ClientSettings {
            client: "ddclient",
            place: "/etc/ddclient.conf, readable for root alone (chmod 600)",
            body: SettingsBody::File {
                text,
                commands: vec!["ddclient -daemon=0 -foreground -noquiet -verbose".to_owned()],
            },
            notes,
        }
    }

    fn inadyn(&self) -> ClientSettings {
        let mut text = String::from("period = 300\n");
        if self.families.has_ipv6() {
            text.push_str("allow-ipv6 = true\n");
        }
        if self.families.has_ipv4() {
            text.push_str(&self.inadyn_block("easement", "/checkip/v4"));
        }
        if self.families.has_ipv6() {
            text.push_str(&self.inadyn_block("easement-ipv6", "/checkip/v6"));
        }
        ClientSettings {
            client: "inadyn",
            place: "/etc/inadyn.conf, readable for its user alone (chmod 600)",
            body: SettingsBody::File {
                text,
                commands: vec![
                    "inadyn --check-config".to_owned(),
                    "inadyn --once --foreground --loglevel=debug".to_owned(),
                ],
            },
            notes: Vec::new(),
        }
    }

    fn inadyn_block(&self, name: &str, check_path: &str) -> String {
        let server = self.account.server;
        let quoted: Vec<String> = self
            .hosts
            .iter()
            .map(|host| format!("\"{host}\""))
            .collect();
        format!(
            "custom {name} {{\n    ssl = {ssl}\n    username = \"{first}\"\n    password = \"{secret}\"\n    \
             checkip-server = \"{with_port}\"\n    checkip-path = \"{check_path}\"\n    checkip-ssl = {ssl}\n    \
             ddns-server = \"{authority}\"\n    ddns-path = \"{path}?hostname=%h&myip=%i\"\n    \
             hostname = {{ {hosts} }}\n}}\n",
            ssl = server.is_https(),
            first = self.first,
            secret = self.account.secret,
            with_port = server.with_port(),
            authority = server.authority,
            path = paths::LEGACY_DYNDNS2,
            hosts = quoted.join(", "),
        )
    }

    fn opnsense(&self) -> ClientSettings {
        let family = if self.families.has_ipv4() {
            "IPv4"
        } else {
            "IPv6"
        };
        ClientSettings {
            client: "OPNsense",
            place: "Services, Dynamic DNS (plugin os-ddclient): a new account",
            body: SettingsBody::Fields(vec![
                ("Service", "Custom".to_owned()),
                ("Protocol", "DynDNS2".to_owned()),
                ("Server", self.account.server.authority.clone()),
                ("Username", self.first.to_owned()),
                ("Password", self.account.secret.to_owned()),
                ("Hostname(s)", self.hosts.join(",")),
                ("Check ip method", format!("Interface [{family}]")),
                (
                    "Force SSL",
                    if self.account.server.is_https() {
                        "yes"
                    } else {
                        "no"
                    }
                    .to_owned(),
                ),
            ]),
            notes: if self.families == Families::Both {
                vec![
                    "For IPv6, add a second account with the method “Interface [IPv6]”.".to_owned(),
                ]
            } else {
                Vec::new()
            },
        }
    }

    fn openwrt(&self) -> ClientSettings {
        let server = self.account.server;
        let scheme = if server.is_https() { "https" } else { "http" };
        let section = |name: &str, ipv6: u8, network: &str| {
            format!(
                "config service '{name}'\n\toption enabled '1'\n\toption use_ipv6 '{ipv6}'\n\t\
                 option use_https '{https}'\n\toption cacert '/etc/ssl/certs'\n\toption lookup_host '{first}'\n\t\
                 option domain '{first}'\n\toption username '{first}'\n\toption password '{secret}'\n\t\
                 option update_url '{scheme}://[USERNAME]:[PASSWORD]@{authority}{path}?hostname=[DOMAIN]&myip=[IP]'\n\t\
                 option ip_source 'network'\n\toption ip_network '{network}'\n\toption interface '{network}'\n",
                https = u8::from(server.is_https()),
                first = self.first,
                secret = self.account.secret,
                authority = server.authority,
                path = paths::LEGACY_DYNDNS2,
            )
        };
        let mut sections = Vec::new();
        if self.families.has_ipv4() {
            sections.push(section("easement", 0, "wan"));
        }
        if self.families.has_ipv6() {
            sections.push(section("easement_ipv6", 1, "wan6"));
        }
        ClientSettings {
            client: "OpenWrt",
            place: "/etc/config/ddns (packages ddns-scripts, curl and ca-bundle)",
            body: SettingsBody::File {
                text: sections.join("\n"),
                commands: vec!["/etc/init.d/ddns restart".to_owned()],
            },
            notes: self.one_host(),
        }
    }

    fn unifi(&self) -> ClientSettings {
        let path = paths::LEGACY_DYNDNS2;
        ClientSettings {
            client: "UniFi",
            place: "Settings, Internet, the WAN, Dynamic DNS: a new entry (inadyn is inside)",
            body: SettingsBody::Fields(vec![
                ("Service", "custom".to_owned()),
                ("Hostname", self.first.to_owned()),
                ("Username", self.first.to_owned()),
                ("Password", self.account.secret.to_owned()),
                (
                    "Server",
                    format!(
                        "{}{path}?hostname=%h&myip=%i",
                        self.account.server.authority
                    ),
                ),
            ]),
            notes: self.one_host(),
        }
    }

    fn synology(&self) -> ClientSettings {
        let (client, place) = (
            "Synology",
            "Control Panel, External Access, DDNS: Customize Provider, then Add",
        );
        if !self.account.may_stand_in_urls {
            let note = "Synology puts the secret into the URL, which proxies write down, and this token may not stand \
                        in one: make another one for it, with “may stand in a URL”.";
            return ClientSettings {
                client,
                place,
                body: SettingsBody::Fields(Vec::new()),
                notes: vec![note.to_owned()],
            };
        }
        let path = format!(
            "{}?hostname=__HOSTNAME__&myip=__MYIP__&password=__PASSWORD__",
            paths::LEGACY_DYNDNS2
        );
        let mut notes = vec!["The secret stands in the URL, which proxies write down.".to_owned()];
        notes.extend(self.one_host());
        ClientSettings {
            client,
            place,
            body: SettingsBody::Fields(vec![
                ("Query URL", self.account.server.url(&path)),
                ("Hostname", self.first.to_owned()),
                ("Username", self.first.to_owned()),
                ("Password", self.account.secret.to_owned()),
            ]),
            notes,
        }
    }

    fn curl(&self) -> ClientSettings {
        let path = self.update(&self.hosts.join(","), "", "");
        let mut commands = Vec::new();
        if self.families.has_ipv4() {
            commands.push("curl -4 --config easement.curl".to_owned());
        }
        if self.families.has_ipv6() {
            commands.push("curl -6 --config easement.curl".to_owned());
        }
        ClientSettings {
            client: "curl",
            place: "A file such as easement.curl, which only you can read (chmod 600)",
            body: SettingsBody::File {
                text: format!(
                    "url = \"{}\"\nuser = \"{}:{}\"\nsilent\nshow-error\n",
                    self.account.server.url(&path),
                    self.first,
                    self.account.secret,
                ),
                commands,
            },
            notes: vec![
                "Sets the address that the request comes from. Call it from cron or a timer every five minutes."
                    .to_owned(),
            ],
        }
    }
}
