//! Clients that come to the server's own TLS, and believe in its certificate.

use easement_core::{EmailAddress, Standing, TokenKind};
use easement_server::admin::{
    AdminReply, AdminRequest, ExistingZone, ImportOptions, NewToken, TokenRequest,
};
use easement_server::config::Config;
use easement_server::{App, Surroundings};

use super::ddclient;
use super::flow::{Client, HOME, Target};
use crate::devices::lab::{Dns, Folder, make_certificate};
use crate::devices::world::Token;
use crate::log_lines::Lines;
use crate::tools::{is_client_installed, is_installed};

const ZONE: &str = include_str!("../../../../demo/zones/example.test.zone");

async fn start(folder: &Folder) -> App {
    // Fails when another test of the process has done it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    make_certificate(folder);
    let mut config = Config::default();
    config.server.public_url = "https://127.0.0.1:0".parse().unwrap();
    config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.server.tls_certificate = Some(folder.path("ca.pem"));
    config.server.tls_key = Some(folder.path("ca.key"));
    config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.store.data_dir = folder.path("data");
    App::start(config, Surroundings::of_this_machine())
        .await
        .unwrap()
}

/// An account, its zone, and a token for the addresses at [`HOME`].
async fn prepare(app: &App) -> String {
    let owner: EmailAddress = "owner@example.test".parse().unwrap();
    let new = NewToken {
        account: Some(owner.clone()),
        from: None,
        kind: TokenKind::Live,
        name: "Router at home".parse().unwrap(),
        limits: Token::for_names(&[HOME]).limits(),
        end: None,
    };
    let requests = [
        AdminRequest::CreateAccount {
            email: owner.clone(),
            standing: Standing::Member,
            password: None,
        },
        AdminRequest::ImportZone {
            apex: "example.test".parse().unwrap(),
            text: ZONE.to_owned(),
            owner: Some(owner),
            existing: ExistingZone::Compare,
            options: ImportOptions::default(),
        },
    ];
    for request in requests {
        app.administer(request).await.unwrap();
    }
    let request = AdminRequest::Token(TokenRequest::Create(Box::new(new)));
    let AdminReply::TokenMade(made) = app.administer(request).await.unwrap() else {
        panic!("a token");
    };
    made.token.reveal().to_owned()
}

/// It speaks HTTPS alone, and takes every answer at its word.
const DNSUPDATE: Client = Client {
    run: |target, address, token| {
        let family = if address.contains(':') {
            "ipv6"
        } else {
            "ipv4"
        };
        let host = &target.host;
        let configuration = format!(
            "address_provider:\n  {family}: \"type('Fixed', (), {{'{family}': lambda self: '{address}'}})()\"\n\
             dns_services:\n  - type: StandardService\n    args:\n      service_ipv4: {host}\n      \
             service_ipv6: {host}\n      username: device\n      password: {token}\n      hostname: {HOME}\n"
        );
        target.folder.write("dnsupdate.yml", &configuration);
        target.folder.write(".cache/dnsupdate.cache", "{}");
        let certificates = target.folder.path("ca.pem");
        let certificates = [("REQUESTS_CA_BUNDLE", certificates.to_str().unwrap())];
        let arguments = ["--force-update", "dnsupdate.yml"];
        target
            .folder
            .run_with(&certificates, "dnsupdate", &arguments)
    },
    addresses: &["9.9.9.31", "2620:fe::31"],
    says_set: "Update successful.",
    says_there: "Update successful.",
    says_refused: "Incorrect login credentials",
};

const DDCLIENT: Client = Client {
    run: |target, address, token| {
        let certificates = target.folder.path("ca.pem");
        let configuration = format!(
            "ssl=yes\nssl_ca_file={}\nuse=ip, ip={address}\nprotocol=dyndns2\nserver={}\nlogin=device\n\
             password='{token}'\n{HOME}\n",
            certificates.display(),
            target.host
        );
        ddclient::run(target.folder, &configuration)
    },
    addresses: &["9.9.9.32", "2620:fe::32"],
    says_set: "SUCCESS",
    says_there: "nochg",
    says_refused: "FAILED",
};

async fn try_out(client: &Client) {
    if !is_installed("openssl") {
        return;
    }
    let log = Lines::record();
    let folder = Folder::new();
    let app = start(&folder).await;
    let token = prepare(&app).await;
    client.try_out(&Target {
        host: app.web_addresses()[0].to_string(),
        dns: Dns(app.dns_addresses()[0]),
        folder: &folder,
        token: &token,
    });
    assert!(!log.text().contains(&token), "the token is in the log");
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dnsupdate_sets_addresses() {
    if is_client_installed("dnsupdate") {
        try_out(&DNSUPDATE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ddclient_sets_addresses_over_tls() {
    if is_installed("ddclient") {
        try_out(&DDCLIENT).await;
    }
}
