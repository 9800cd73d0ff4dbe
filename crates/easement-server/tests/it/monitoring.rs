//! `/metrics` and `/readyz`, over real sockets.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use axum::body::Body;
use easement_core::{EmailAddress, Standing};
use easement_server::admin::AdminRequest;
use easement_server::config::Config;
use easement_server::{App, Stopped, Surroundings};
use http::Method;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

use crate::tools::is_installed;
use crate::world::Browser;

fn config(folder: &TempDir) -> Config {
    let mut config = Config::default();
    config.server.public_url = "http://127.0.0.1:0".parse().unwrap();
    config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.store.data_dir = folder.path().join("data");
    config.metrics.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config
}

async fn start(folder: &TempDir) -> App {
    let around = Surroundings::of_this_machine();
    App::start(config(folder), around).await.unwrap()
}

/// Status and body of what an address answers.
pub(crate) async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

async fn scrape(app: &App) -> Scrape {
    let (status, text) = get(app.metrics_addresses()[0], "/metrics").await;
    assert_eq!(status, 200);
    Scrape::read(&text)
}

/// Sends a question about the root, with this type.
async fn send_query(app: &App, rtype: u16) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(app.dns_addresses()[0]).await.unwrap();
    let [high, low] = rtype.to_be_bytes();
    let query = [0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, high, low, 0, 1];
    socket.send(&query).await.unwrap();
    socket
}

//------------ Scrape ----------------------------------------------------------------------------

/// A page of metrics, read strictly.
struct Scrape {
    text: String,
    kinds: BTreeMap<String, String>,
    values: BTreeMap<String, f64>,
}

impl Scrape {
    #[track_caller]
    fn read(text: &str) -> Self {
        let mut kinds = BTreeMap::new();
        let mut values = BTreeMap::new();
        let mut family = String::new();
        assert!(text.ends_with('\n'));
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').unwrap();
                assert!(!help.is_empty(), "{line}");
                name.clone_into(&mut family);
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert_eq!(name, family, "HELP comes before TYPE");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                let known = kinds.insert(name.to_owned(), kind.to_owned());
                assert!(known.is_none(), "{name} stands there twice");
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap();
                let name = series.split('{').next().unwrap();
                let suffix = name
                    .strip_prefix(&family)
                    .expect("values follow their TYPE");
                let is_part = ["_bucket", "_sum", "_count"].contains(&suffix);
                assert_eq!(kinds[&family] == "histogram", is_part, "{line}");
                assert!(is_part || suffix.is_empty(), "{line}");
                let again = values.insert(series.to_owned(), value.parse().unwrap());
                assert!(again.is_none(), "{series} stands there twice");
            }
        }
        Self {
            text: text.to_owned(),
            kinds,
            values,
        }
    }

    #[track_caller]
    fn value(&self, series: &str) -> f64 {
        let value = self.values.get(series);
        *value.unwrap_or_else(|| panic!("{series} is not in {}", self.text))
    }

    #[track_caller]
    fn assert_value(&self, series: &str, expected: f64) {
        let difference = (self.value(series) - expected).abs();
        assert!(
            difference < 1e-9,
            "{series} is not {expected} in {}",
            self.text
        );
    }

    /// The sum over all series of a name.
    fn sum(&self, name: &str) -> f64 {
        let own = self.values.iter().filter(|(series, _)| {
            series
                .split('{')
                .next()
                .is_some_and(|series| series == name)
        });
        own.map(|(_, value)| value).sum()
    }

    /// Prometheus' own opinion.
    fn check_with_promtool(&self) {
        if !is_installed("promtool") {
            return;
        }
        let mut promtool = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = promtool.stdin.take().unwrap();
        input.write_all(self.text.as_bytes()).unwrap();
        drop(input);
        let said = promtool.wait_with_output().unwrap();
        assert!(said.status.success(), "{said:?}");
        assert!(said.stderr.is_empty() && said.stdout.is_empty(), "{said:?}");
    }
}

//------------ Tests -----------------------------------------------------------------------------

#[tokio::test]
async fn a_scrape_tells_what_happened_and_prometheus_reads_it() {
    let folder = TempDir::new().unwrap();
    let app = start(&folder).await;
    let browser = Browser::of(&app);
    browser.get("/sign-in").await;
    browser
        .try_sign_in("nobody@example.test", "a wrong guess")
        .await;
    let socket = send_query(&app, 1).await;
    socket.recv(&mut [0; 512]).await.unwrap();

    let scrape = scrape(&app).await;
    scrape.check_with_promtool();
    scrape.assert_value("easement_ready", 1.0);
    for (series, expected) in [
        (r#"easement_sign_ins_total{result="wrong"}"#, 1.0),
        (
            r#"easement_http_requests_total{route="/sign-in",method="GET",status="200"}"#,
            1.0,
        ),
        (
            r#"easement_http_request_duration_seconds_count{route="/sign-in"}"#,
            2.0,
        ),
        (
            r#"easement_dns_queries_total{transport="udp",type="A",rcode="REFUSED"}"#,
            1.0,
        ),
        (r#"easement_commits_total{result="failed"}"#, 0.0),
        ("easement_journal_unfolded_commits", 0.0),
        ("easement_behind_seconds", 0.0),
        ("easement_zones", 0.0),
        ("easement_http_requests_under_way", 0.0),
    ] {
        scrape.assert_value(series, expected);
    }
    for series in [
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_max_fds",
        "process_start_time_seconds",
    ] {
        assert!(scrape.value(series) > 0.0, "{series}");
    }
    assert_eq!(app.shutdown().await, Stopped::InTime);
}

#[tokio::test]
async fn commits_are_counted_as_they_end() {
    let folder = TempDir::new().unwrap();
    let mut config = config(&folder);
    config.dns.name_servers = vec!["ns1.example.net".parse().unwrap()];
    let around = Surroundings::of_this_machine();
    let app = App::start(config, around).await.unwrap();
    let owner: EmailAddress = "owner@example.test".parse().unwrap();
    let account = AdminRequest::CreateAccount {
        email: owner.clone(),
        standing: Standing::Member,
        password: None,
    };
    app.administer(account).await.unwrap();
    let zone = AdminRequest::CreateZone {
        apex: "example.test".parse().unwrap(),
        owner,
    };
    app.administer(zone.clone()).await.unwrap();
    app.administer(zone).await.unwrap_err();

    let scrape = scrape(&app).await;
    for (series, expected) in [
        (r#"easement_commits_total{result="committed"}"#, 1.0),
        (r#"easement_commits_total{result="failed"}"#, 0.0),
        (
            "easement_commit_duration_seconds_count",
            scrape.value("easement_commit_group_size_count"),
        ),
        (
            r#"easement_commit_group_size_bucket{le="1"}"#,
            scrape.value("easement_commit_group_size_sum"),
        ),
        ("easement_commits_waiting", 0.0),
        ("easement_commit_queue_length", 0.0),
        ("easement_zones", 1.0),
        ("easement_names", 1.0),
        ("easement_record_sets", 2.0),
    ] {
        scrape.assert_value(series, expected);
    }
    app.shutdown().await;
}

#[tokio::test]
async fn whatever_strangers_send_there_are_only_so_many_series() {
    let folder = TempDir::new().unwrap();
    let app = start(&folder).await;
    let mut browser = Browser::of(&app);
    let mut most = 0;
    for round in 0..3 {
        for number in 0..150 {
            let number = number + 150 * round;
            // Nobody is throttled out of what is counted.
            browser.peer = SocketAddr::from(([203, 0, 113, 7], 1000 + number));
            let method = Method::from_bytes(format!("M{number}").as_bytes()).unwrap();
            browser.send(method, "/sign-in", Body::empty()).await;
            for path in [
                format!("/{number}\"\\"),
                format!("/zones/{number}.test"),
                format!("/welcome/{number}"),
            ] {
                browser.get(&path.replace(['"', '\\'], "%22")).await;
            }
        }
        for rtype in 0..20 {
            // The answer is no matter: the limits may keep it back.
            send_query(&app, 1000 + 20 * round + rtype).await;
        }
        let scrape = scrape(&app).await;
        scrape.check_with_promtool();
        if round == 0 {
            most = scrape.values.len();
        }
        // A further response code or status may turn up; not one for each of hundreds.
        assert!(scrape.values.len() <= most + 20, "{}", scrape.text);
        for made_up in ["M1", "1.test", "TYPE10"] {
            assert!(!scrape.text.contains(made_up), "{made_up}: {}", scrape.text);
        }
        assert!(scrape.sum("easement_http_requests_total") >= 600.0);
    }
    app.shutdown().await;
}

#[tokio::test]
async fn what_the_dashboard_and_the_alerts_name_exists() {
    let folder = TempDir::new().unwrap();
    let app = start(&folder).await;
    Browser::of(&app).get("/sign-in").await;
    let scrape = scrape(&app).await;
    // Only there with a certificate: `certificates.rs` looks for it.
    let with_tls = "easement_tls_certificate_expiry_timestamp_seconds";
    let names: BTreeSet<&str> = scrape.kinds.keys().map(String::as_str).collect();
    for (file, text) in [
        (
            "dashboard.json",
            include_str!("../../../../packaging/monitoring/dashboard.json"),
        ),
        (
            "alerts.yml",
            include_str!("../../../../packaging/monitoring/alerts.yml"),
        ),
    ] {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let used = words.filter(|word| {
            ["easement_", "process_"]
                .iter()
                .any(|start| word.starts_with(start))
        });
        let mut count = 0;
        for word in used {
            let base = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|suffix| word.strip_suffix(suffix))
                .unwrap_or(word);
            assert!(
                names.contains(word) || names.contains(base) || word == with_tls,
                "{file} names {word}, which no scrape has"
            );
            count += 1;
        }
        assert!(count > 10, "{file} was read");
    }
    let dashboard = include_str!("../../../../packaging/monitoring/dashboard.json");
    serde_json::from_str::<serde_json::Value>(dashboard).unwrap();
    if is_installed("promtool") {
        let alerts = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../packaging/monitoring/alerts.yml"
        );
        let checked = Command::new("promtool")
            .args(["check", "rules", alerts])
            .output();
        let checked = checked.unwrap();
        assert!(checked.status.success(), "{checked:?}");
    }
    app.shutdown().await;
}

#[tokio::test]
async fn metrics_are_not_where_strangers_are() {
    let folder = TempDir::new().unwrap();
    let app = start(&folder).await;
    let (status, body) = get(app.web_addresses()[0], "/metrics").await;
    assert_eq!(status, 404, "{body}");
    assert!(!body.contains("easement_"), "{body}");
    app.shutdown().await;

    let mut config = config(&folder);
    config.metrics.listen.clear();
    let app = App::start(config, Surroundings::of_this_machine())
        .await
        .unwrap();
    assert_eq!(app.metrics_addresses(), []);
    app.shutdown().await;
}

#[tokio::test]
async fn a_server_is_ready_until_it_is_told_to_stop() {
    let folder = TempDir::new().unwrap();
    let mut config = config(&folder);
    // Long enough that the stop is seen; the test waits for what it says, not for a time.
    config.server.drain_seconds = 1;
    let app = App::start(config, Surroundings::of_this_machine())
        .await
        .unwrap();
    let (web, monitoring) = (app.web_addresses()[0], app.metrics_addresses()[0]);
    for address in [web, monitoring] {
        let (status, body) = get(address, "/readyz").await;
        assert_eq!(
            (status, body.as_str()),
            (200, r#"{"ready":true,"reasons":[]}"#)
        );
    }
    let stopping = tokio::spawn(app.shutdown());
    loop {
        let (status, body) = get(monitoring, "/readyz").await;
        if status == 503 {
            assert_eq!(body, r#"{"ready":false,"reasons":["stopping"]}"#);
            break;
        }
    }
    assert_eq!(stopping.await.unwrap(), Stopped::InTime);
}
