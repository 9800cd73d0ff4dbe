//! Routers that say their address over NAT-PMP and `UPnP`, or something else. Each is a machine of loopback of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};

use easement_agent::config::Config;
use easement_agent::decide::Finding;
use easement_agent::find::find;
use easement_outbound::SystemRandom;
use easement_outbound::http::HttpClient;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// What a router does.
#[derive(Clone)]
struct Router {
    /// What it answers over NAT-PMP; it does not speak it otherwise.
    natpmp: Option<Vec<u8>>,
    /// Where it says that its description is; at itself otherwise.
    location: Option<String>,
    description: Page,
    /// What it answers when it is asked for its address.
    said: Page,
}

#[derive(Clone)]
enum Page {
    Text(String),
    /// It says that a text begins, and is silent then.
    Silent,
    /// It goes on for ever.
    Endless,
}

impl Router {
    /// One that speaks `UPnP` alone.
    fn of_upnp(address: &str) -> Self {
        Self {
            natpmp: None,
            location: None,
            description: Page::Text(description("/control")),
            said: Page::Text(response(address)),
        }
    }

    /// One that says this over NAT-PMP too.
    fn with_natpmp(self, octets: &[u8]) -> Self {
        let natpmp = Some(octets.to_vec());
        Self { natpmp, ..self }
    }

    /// What the agent finds with this router at an address, and which requests the router had.
    async fn look(self, address: [u8; 4]) -> (Finding<Ipv4Addr>, Vec<String>) {
        let requests = self.start(address.into()).await;
        let text = format!(
            "[ipv4]\nrouter = \"{}\"\n[ipv6]\nfrom = \"off\"\n",
            Ipv4Addr::from(address)
        );
        let config = Config::parse(&text, Path::new("ddns.toml")).unwrap();
        let nobody = SocketAddr::from(([127, 0, 0, 1], 9));
        let http = HttpClient::new(nobody, Arc::new(SystemRandom), &[], None).unwrap();
        let found = find(&config, &http).await.ipv4;
        let requests = requests.lock().unwrap().clone();
        (found, requests)
    }

    async fn start(self, address: Ipv4Addr) -> Arc<Mutex<Vec<String>>> {
        if let Some(natpmp) = self.natpmp.clone() {
            let socket = UdpSocket::bind((address, 5351)).await.unwrap();
            tokio::spawn(answer_each(socket, natpmp));
        }
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let own = listener.local_addr().unwrap();
        let location = self.location.clone();
        let location = location.unwrap_or_else(|| format!("http://{own}/root.xml"));
        let there =
            format!("HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nLOCATION: {location}\r\n\r\n");
        let socket = UdpSocket::bind((address, 1900)).await.unwrap();
        tokio::spawn(answer_each(socket, there.into_bytes()));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(self.clone().serve(stream, Arc::clone(&noted)));
            }
        });
        requests
    }

    async fn serve(self, mut stream: TcpStream, noted: Arc<Mutex<Vec<String>>>) {
        let mut octets = vec![0; 4096];
        let count = stream.read(&mut octets).await.unwrap_or_default();
        octets.truncate(count);
        let request = String::from_utf8_lossy(&octets).into_owned();
        let page = match request.split(' ').nth(1) {
            Some("/root.xml") => self.description,
            Some("/actions.xml") => Page::Text(ACTIONS.to_owned()),
            _ => self.said,
        };
        noted.lock().unwrap().push(request);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n";
        match page {
            Page::Text(text) => {
                let length = text.len();
                let text = format!("{head}Content-Length: {length}\r\n\r\n{text}");
                let _ = stream.write_all(text.as_bytes()).await;
            }
            Page::Silent => {
                let _ = stream.write_all(format!("{head}\r\n<").as_bytes()).await;
                std::future::pending::<()>().await;
            }
            Page::Endless => {
                let _ = stream
                    .write_all(format!("{head}\r\n<root>").as_bytes())
                    .await;
                while stream.write_all(&[b' '; 8192]).await.is_ok() {}
            }
        }
    }
}

async fn answer_each(socket: UdpSocket, answer: Vec<u8>) {
    let mut asked = [0; 2048];
    while let Ok((_, peer)) = socket.recv_from(&mut asked).await {
        let _ = socket.send_to(&answer, peer).await;
    }
}

/// An answer of NAT-PMP: version, operation, result, seconds since the start, address.
fn natpmp(result: u8, address: [u8; 4]) -> Vec<u8> {
    let head = [0, 128, 0, result, 0, 0, 0, 9];
    [&head[..], &address].concat()
}

/// A description whose service is asked at this address.
fn description(control: &str) -> String {
    let service = "<service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>\
                   <serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId><SCPDURL>/actions.xml</SCPDURL>";
    let inner = format!(
        "{service}<controlURL>{control}</controlURL><eventSubURL>/event</eventSubURL></service>"
    );
    let device = |kind: &str, inner: &str| {
        format!(
            "<device><deviceType>urn:schemas-upnp-org:device:{kind}:1</deviceType>{inner}</device>"
        )
    };
    let connection = device(
        "WANConnectionDevice",
        &format!("<serviceList>{inner}</serviceList>"),
    );
    let wan = device(
        "WANDevice",
        &format!("<deviceList>{connection}</deviceList>"),
    );
    let router = device(
        "InternetGatewayDevice",
        &format!("<deviceList>{wan}</deviceList>"),
    );
    format!(
        "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\">{router}</root>"
    )
}

const ACTIONS: &str = "<?xml version=\"1.0\"?><scpd xmlns=\"urn:schemas-upnp-org:service-1-0\"><actionList>\
                       <action><name>GetExternalIPAddress</name><argumentList/></action></actionList></scpd>";

fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{body}\
         </s:Body></s:Envelope>"
    )
}

fn response(address: &str) -> String {
    envelope(&format!(
        "<u:GetExternalIPAddressResponse xmlns:u=\"urn:schemas-upnp-org:service:WANIPConnection:1\">\
         <NewExternalIPAddress>{address}</NewExternalIPAddress></u:GetExternalIPAddressResponse>"
    ))
}

const NINE: [u8; 4] = [9, 9, 9, 9];

fn nine() -> Finding<Ipv4Addr> {
    Finding::Found(vec![NINE.into()])
}

#[tokio::test]
async fn over_natpmp_the_router_is_asked_for_nothing_else() {
    let router = Router::of_upnp("9.9.9.10").with_natpmp(&natpmp(0, NINE));
    let (found, requests) = router.look([127, 71, 0, 1]).await;
    assert_eq!(found, nine());
    assert_eq!(requests, [""; 0]);
}

#[tokio::test]
async fn a_router_without_natpmp_is_asked_over_upnp() {
    let (found, requests) = Router::of_upnp("9.9.9.9").look([127, 71, 0, 2]).await;
    assert_eq!(found, nine());
    let asked = requests.last().unwrap();
    assert!(asked.starts_with("POST /control "), "{asked}");
    let action = "\"urn:schemas-upnp-org:service:WANIPConnection:1#GetExternalIPAddress\"";
    assert!(asked.contains(action), "{asked}");
    // Answers of NAT-PMP that say nothing: too short, for another question, refused, and without an address now.
    for (last, octets) in [
        (3, vec![0, 128, 0]),
        (4, [&[0, 129][..], &natpmp(0, NINE)[2..]].concat()),
        (5, natpmp(2, NINE)),
        (6, natpmp(3, NINE)),
    ] {
        let router = Router::of_upnp("9.9.9.9").with_natpmp(&octets);
        let (found, requests) = router.look([127, 71, 0, last]).await;
        assert_eq!(found, nine(), "{octets:?}");
        assert_ne!(requests, [""; 0]);
    }
}

/// Why nothing is known.
fn why(found: &Finding<Ipv4Addr>) -> String {
    let why = match found {
        Finding::Unknown { why } => why.clone(),
        Finding::Found(_) | Finding::Absent | Finding::Gone | Finding::Off => String::new(),
    };
    assert_ne!(why, "", "{found:?}");
    why
}

#[tokio::test]
async fn an_address_that_is_not_public_is_that_of_a_second_router() {
    let private = Router::of_upnp("192.168.0.2").look([127, 71, 1, 1]);
    let shared = Router::of_upnp("9.9.9.9").with_natpmp(&natpmp(0, [100, 64, 0, 7]));
    let ((private, _), (shared, _)) = tokio::join!(private, shared.look([127, 71, 1, 2]));
    for (found, address) in [(private, "192.168.0.2"), (shared, "100.64.0.7")] {
        let why = why(&found);
        assert!(why.contains(address), "{why}");
        assert!(why.contains("not reachable from there"), "{why}");
        assert!(why.contains("name checkers"), "{why}");
    }
}

#[tokio::test]
async fn a_hostile_answer_ends_in_time_and_goes_nowhere_else() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = format!("http://{}/root.xml", elsewhere.local_addr().unwrap());
    let usual = Router::of_upnp("9.9.9.9");
    let page = |text: &str| Page::Text(text.to_owned());
    let with = |description: Page| Router {
        description,
        ..usual.clone()
    };
    let saying = |said: Page| Router {
        said,
        ..usual.clone()
    };
    let at = |location: &str| Router {
        location: Some(location.to_owned()),
        ..usual.clone()
    };
    let fault = envelope(
        "<s:Fault><detail><UPnPError><errorCode>501</errorCode><errorDescription>\u{9b}31m forged\nline\
         </errorDescription></UPnPError></detail></s:Fault>",
    );
    let deep = "<a>".repeat(100_000);
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbbbbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">\
                <!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">\
                <!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\"><!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\">]><a>&g;</a>";
    let hostile = [
        ("elsewhere", at(&other)),
        ("a name", at("http://localhost/root.xml")),
        ("a file", at("file:///etc/passwd")),
        ("control elsewhere", with(page(&description(&other)))),
        ("endless", with(Page::Endless)),
        ("silent", with(Page::Silent)),
        ("deep", with(page(&deep))),
        ("bomb", with(page(bomb))),
        ("no description", with(page("hello"))),
        ("silent about the address", saying(Page::Silent)),
        ("endless about the address", saying(Page::Endless)),
        ("a fault", saying(page(&fault))),
        ("a page", saying(page("<html>9.9.9.9</html>"))),
        ("no address", saying(page(&response("<b>9.9.9.9</b>")))),
    ];
    let mut looks = tokio::task::JoinSet::new();
    for (number, (name, router)) in (0..).zip(hostile) {
        looks.spawn(async move { (name, router.look([127, 71, 2, number]).await) });
    }
    while let Some(look) = looks.join_next().await {
        let (name, (found, requests)) = look.unwrap();
        let why = why(&found);
        assert!(why.contains("does not say it"), "{name}: {why}");
        assert!(!why.contains(char::is_control), "{name}: {why:?}");
        assert!(why.len() < 400, "{name}: {why}");
        let is_asked = requests.iter().any(|asked| asked.starts_with("POST"));
        assert_eq!(
            is_asked,
            why.contains("address in time")
                || why.contains("error 501")
                || why.contains("no address"),
            "{name}: {why}: {requests:?}"
        );
    }
    let visit = tokio::time::timeout(std::time::Duration::ZERO, elsewhere.accept()).await;
    assert!(visit.is_err(), "the address elsewhere was gone to");
}

#[tokio::test]
async fn a_router_that_is_not_there_is_named() {
    let text = "[ipv4]\nrouter = \"127.71.3.1\"\n[ipv6]\nfrom = \"off\"\n";
    let config = Config::parse(text, Path::new("ddns.toml")).unwrap();
    let nobody = SocketAddr::from(([127, 0, 0, 1], 9));
    let http = HttpClient::new(nobody, Arc::new(SystemRandom), &[], None).unwrap();
    let why = why(&find(&config, &http).await.ipv4);
    assert!(why.contains("127.71.3.1"), "{why}");
    assert!(why.contains("it does not answer"), "{why}");
}
