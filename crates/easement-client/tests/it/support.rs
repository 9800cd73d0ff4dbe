//! Whether a provider takes a template.

use easement_client::{PlainHttp, ProviderSettings, SupportError, TemplateId, TemplateSupport};

use crate::fake_dns::FakeDns;
use crate::fake_http::{FakeHttp, Reply};
use crate::lab;

#[tokio::test]
async fn yes_no_and_everything_else_are_told_apart() {
    let dns = FakeDns::start().await;
    let http = FakeHttp::start(|asked| match asked.line.as_str() {
        "GET /api/v2/domainTemplates/providers/p.example/services/web" => {
            Reply::Json(200, r#"{"version":2}"#.to_owned())
        }
        "GET /api/v2/domainTemplates/providers/p.example/services/empty" => {
            Reply::Json(204, String::new())
        }
        "GET /api/v2/domainTemplates/providers/p.example/services/broken" => {
            Reply::Json(503, String::new())
        }
        _ => Reply::Json(404, String::new()),
    })
    .await;
    let json = format!(r#"{{"providerId":"d","urlAPI":"{}/api"}}"#, http.url());
    let settings =
        ProviderSettings::read(json.as_bytes(), "example.test", PlainHttp::ToLoopback).unwrap();
    let client = lab(dns.address).build().unwrap();
    let ask = async |service: &str| {
        let template: TemplateId = format!("p.example/{service}").parse().unwrap();
        client.template_support(&settings, &template).await
    };
    let yes = |version| TemplateSupport::Supported {
        version,
        template: None,
    };
    assert_eq!(ask("web").await.unwrap(), yes(Some(2)));
    assert_eq!(ask("empty").await.unwrap(), yes(None));
    assert_eq!(ask("none").await.unwrap(), TemplateSupport::NotSupported);
    assert!(matches!(
        ask("broken").await,
        Err(SupportError::Status { status: 503, .. })
    ));
}
