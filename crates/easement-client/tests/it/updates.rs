//! Updates of addresses, as servers see them.

use apertodns::Secret;
use apertodns::v1::ErrorCode;
use easement_client::{
    AddressUpdate, AddressWish, ApertoDnsError, ApertoDnsService, Client, DynDns2Error,
    DynDns2Service, DynDns2Update, PlainHttp, UrlPrefix,
};

use crate::fake_http::{FakeHttp, Reply};

fn client() -> Client {
    Client::builder()
        .resolver("127.0.0.1:1".parse().unwrap())
        .plain_http(PlainHttp::ToLoopback)
        .build()
        .unwrap()
}

#[tokio::test]
async fn apertodns_is_told_what_changes_and_nothing_else() {
    let http = FakeHttp::start(|asked| {
        if asked.head.contains("Bearer good") || asked.head.contains("authorization: Bearer good") {
            let data = r#"{"success":true,"data":{"ipv4":"192.0.2.1","ipv6":null,"changed":true,"ttl":60}}"#;
            Reply::Json(200, data.to_owned())
        } else {
            let error = r#"{"success":false,"error":{"code":"invalid_token","message":"m"}}"#;
            Reply::Json(401, error.to_owned())
        }
    })
    .await;
    let service = |token: &str| ApertoDnsService {
        server: UrlPrefix::read(&http.url(), PlainHttp::ToLoopback).unwrap(),
        token: Secret::new(token),
    };
    let update = AddressUpdate {
        hostname: "home.example.test".parse().unwrap(),
        ipv4: AddressWish::Set("192.0.2.1".parse().unwrap()),
        ipv6: AddressWish::Keep,
        ttl: None,
    };
    let host = client()
        .update_apertodns(&service("good"), &update)
        .await
        .unwrap();
    assert!(host.changed);
    let asked = &http.asked()[0];
    assert_eq!(asked.line, "POST /.well-known/apertodns/v1/update");
    assert_eq!(asked.body, update.to_json());
    let refused = client().update_apertodns(&service("bad"), &update).await;
    let is_token = matches!(
        refused,
        Err(ApertoDnsError::Refused {
            code: Some(ErrorCode::InvalidToken),
            ..
        })
    );
    assert!(is_token, "{refused:?}");
    let broken = client().update_apertodns(&service("a\nb"), &update).await;
    assert!(matches!(broken, Err(ApertoDnsError::Token)));
    assert_eq!(http.asked().len(), 2);
}

#[tokio::test]
async fn dyndns2_names_hosts_and_addresses_and_shows_who_asks() {
    let http = FakeHttp::start(|_| {
        Reply::Raw(
            b"HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\ngood 192.0.2.1\nnohost\n\n".to_vec(),
        )
    })
    .await;
    let service = DynDns2Service {
        server: UrlPrefix::read(&http.url(), PlainHttp::ToLoopback).unwrap(),
        username: "user".to_owned(),
        password: Secret::new("pass:word"),
    };
    let update = DynDns2Update {
        hostnames: vec![
            "a.example.test".parse().unwrap(),
            "b.example.test".parse().unwrap(),
        ],
        ipv4: Some("192.0.2.1".parse().unwrap()),
        ipv6: None,
    };
    let reply = client().update_dyndns2(&service, &update).await.unwrap();
    assert_eq!(reply.to_string(), "good 192.0.2.1\nnohost");
    let asked = &http.asked()[0];
    assert_eq!(
        asked.line,
        "GET /nic/update?hostname=a.example.test,b.example.test&myip=192.0.2.1"
    );
    assert!(
        asked.head.contains("Basic dXNlcjpwYXNzOndvcmQ="),
        "{}",
        asked.head
    );
    let nothing = DynDns2Update {
        ipv4: None,
        ..update
    };
    let refused = client().update_dyndns2(&service, &nothing).await;
    assert!(matches!(refused, Err(DynDns2Error::Nothing)));
}
