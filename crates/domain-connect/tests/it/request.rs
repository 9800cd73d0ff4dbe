//! Reading apply URLs and templates, well made and hostile.

use domain_connect::{
    ApplyQuery, QueryError, RequestError, Template, TemplateError, TemplateFault,
};

fn template(json: &str) -> Result<Template, TemplateError> {
    Template::from_json(json).map(|(template, _)| template)
}

fn simple(more: &str) -> Result<Template, TemplateError> {
    template(&format!(
        r#"{{"providerId": "p.test", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "records": [] {more}}}"#
    ))
}

fn with_record(record: &str) -> Result<Template, TemplateError> {
    template(&format!(
        r#"{{"providerId": "p.test", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "records": [{record}]}}"#
    ))
}

#[test]
fn a_request_is_read_in_full() {
    let query = ApplyQuery::parse(
        "domain=B%C3%BCcher.example&host=WWW&redirect_uri=https%3A%2F%2Fa.test%2F&state=x%26y\
         &groupId=a,b&groupId=c&providerName=Shop&instanceId=i1&IP=192.0.2.1&ip=x&vnd.a.b=1&&sig=A&key=k",
    )
    .unwrap();
    assert_eq!(query.domain.to_text(), "xn--bcher-kva.example");
    assert_eq!(query.host.to_string(), "www");
    assert_eq!(
        query.redirect_uri.as_ref().unwrap().as_str(),
        "https://a.test/"
    );
    assert_eq!(query.state.as_deref(), Some("x&y"));
    assert_eq!(query.groups.len(), 3);
    assert_eq!(query.instance.as_ref().unwrap().as_str(), "i1");
    assert_eq!(query.variables.len(), 2, "IP and ip are two variables");
}

#[test]
fn no_host_and_the_apex_are_the_same() {
    for query in [
        "domain=a.test",
        "domain=a.test&host=",
        "domain=a.test&host=@",
        "domain=a.test&host=%40",
    ] {
        assert!(ApplyQuery::parse(query).unwrap().host.is_apex(), "{query}");
    }
}

#[test]
fn what_is_said_about_a_signature_is_not_looked_at_here() {
    for more in ["sig=x&sig=y", "key=x&key=x", "sig=%zz", "sig&key"] {
        let query = ApplyQuery::parse(&format!("domain=a.test&{more}")).unwrap();
        assert!(query.variables.is_empty(), "{more}");
    }
}

#[test]
fn hostile_requests_are_refused() {
    for query in [
        "",
        "host=a",
        "domain=",
        "domain=.",
        "domain=a..b",
        "domain=a%20b.test",
        "domain=a.test%00",
        "domain=a%2fb.test",
        "domain=a.test&domain=b.test",
        "domain=a.test&host=a&host=b",
        "domain=a.test&host=a.",
        "domain=a.test&host=a..b",
        "domain=a.test&host=%2e%2e%2f",
        "domain=a.test&host=*",
        "domain=a.test&host=a%5C.b",
        "domain=a.test&x=%",
        "domain=a.test&x=%c3%28",
        "domain=a.test&x=1&x=2",
        "domain=a.test&x=a%0Ab",
        "domain=a.test&state=a%0D%0Ab",
        "domain=a.test&groupId=../x",
        "domain=a.test&instanceId=a%2Fb",
        "domain=a.test&redirect_uri=/relative",
        "domain=a.test&providerName=a%E2%80%AEb",
    ] {
        assert!(ApplyQuery::parse(query).is_err(), "{query}");
    }
}

#[test]
fn requests_have_limits() {
    let most = ApplyQuery::MAX_OCTETS;
    let fill = |length: usize| format!("domain=a.test&vnd.x={}", "a".repeat(length - 20));
    assert!(ApplyQuery::parse(&fill(most)).is_ok());
    assert_eq!(
        ApplyQuery::parse(&fill(most + 1)).unwrap_err(),
        QueryError::TooLong { octets: most + 1 }
    );
    let value = "a".repeat(ApplyQuery::MAX_VALUE_OCTETS + 1);
    assert!(ApplyQuery::parse(&format!("domain=a.test&x={value}")).is_err());
    let many: Vec<String> = (0..=ApplyQuery::MAX_VARIABLES)
        .map(|number| format!("v{number}=1"))
        .collect();
    let many = many.join("&");
    assert_eq!(
        ApplyQuery::parse(&format!("domain=a.test&{many}")).unwrap_err(),
        QueryError::TooManyVariables
    );
}

#[test]
fn a_request_that_the_template_forbids_is_refused() {
    let query = ApplyQuery::parse("domain=a.test").unwrap();
    assert_eq!(query.check(&simple("").unwrap()), Ok(()));
    let blocked = simple(r#", "syncBlock": true"#).unwrap();
    assert_eq!(
        query.check(&blocked),
        Err(RequestError::SynchronousFlowBlocked)
    );
    let hosted = simple(r#", "hostRequired": true"#).unwrap();
    assert_eq!(query.check(&hosted), Err(RequestError::HostRequired));
}

#[test]
fn a_critical_parameter_must_be_understood_when_it_is_there() {
    let template = simple("").unwrap();
    for (query, is_refused) in [
        ("domain=a.test&vnd.x.y=1&crit=vnd.x.y", true),
        ("domain=a.test&dc.x=1&crit=state,dc.x", true),
        ("domain=a.test&crit=vnd.x.y", false),
        ("domain=a.test&vnd.x.y=1", false),
        ("domain=a.test&state=1&crit=state,domain", false),
    ] {
        let query = ApplyQuery::parse(query).unwrap();
        assert_eq!(query.check(&template).is_err(), is_refused, "{query:?}");
    }
}

#[test]
fn unknown_properties_of_templates_are_ignored_unless_they_are_critical() {
    assert!(simple(r#", "vnd.x.y": 1, "novelty": {"a": [1]}"#).is_ok());
    assert!(
        simple(r#", "crit": ["novelty"]"#).is_ok(),
        "what is not there is understood"
    );
    assert!(simple(r#", "crit": ["syncBlock"], "syncBlock": true"#).is_ok());
    assert!(matches!(
        simple(r#", "novelty": 1, "crit": ["novelty"]"#),
        Err(TemplateError {
            fault: TemplateFault::Critical { .. },
            ..
        })
    ));
    let record = r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60, "vnd.x": 1"#;
    assert!(with_record(&format!("{record}}}")).is_ok());
    assert!(matches!(
        with_record(&format!(r#"{record}, "crit": ["vnd.x"]}}"#)),
        Err(TemplateError {
            fault: TemplateFault::Critical { .. },
            ..
        })
    ));
}

#[test]
fn a_later_version_of_the_format_is_refused() {
    assert!(simple(r#", "templateSpecVersion": 1"#).is_ok());
    for version in ["2", "0", "\"x\"", "1.5"] {
        let template = simple(&format!(r#", "templateSpecVersion": {version}"#));
        assert!(
            matches!(
                template,
                Err(TemplateError {
                    fault: TemplateFault::SpecVersion { .. },
                    ..
                })
            ),
            "{version}"
        );
    }
}

#[test]
fn templates_that_cannot_be_used_are_refused() {
    for record in [
        r#"{"type": "A", "host": "@", "ttl": 60}"#,
        r#"{"type": "A", "pointsTo": "192.0.2.1", "ttl": 60}"#,
        r#"{"type": "MX", "host": "@", "pointsTo": "a.test", "ttl": 60}"#,
        r#"{"type": "MX", "host": "@", "pointsTo": "a.test", "ttl": 60, "priority": 65536}"#,
        r#"{"type": "MX", "host": "@", "pointsTo": "a.test", "ttl": 60, "priority": "%a%%b%"}"#,
        r#"{"type": "TXT", "host": "@", "data": "%open", "ttl": 60}"#,
        r#"{"type": "TXT", "host": "@", "data": "x", "ttl": "%a%0"}"#,
        r#"{"type": "TXT", "host": "@", "data": "x", "ttl": 60, "essential": "Maybe"}"#,
        r#"{"type": "TXT", "host": "@", "data": "x", "ttl": 60, "groupId": "a b"}"#,
        r#"{"type": "TXT", "host": "@", "data": "x", "ttl": 60, "txtConflictMatchingMode": "Prefix"}"#,
        r#"{"type": "TXT", "host": "@", "data": "x", "ttl": 60, "txtConflictMatchingMode": "Some"}"#,
        r#"{"type": "SOA", "host": "@", "data": "x", "ttl": 60}"#,
        r#"{"type": "TYPE6", "host": "@", "data": "x", "ttl": 60}"#,
        r#"{"type": "TYPE1", "host": "@", "data": "x", "ttl": 60}"#,
        r#"{"type": "RRSIG", "host": "@", "data": "x", "ttl": 60}"#,
        r#"{"type": "NSEC3", "host": "@", "data": "x", "ttl": 60}"#,
        r#"{"type": "CDS", "host": "@", "data": "0 0 0 00", "ttl": 60}"#,
        r#"{"type": "TYPE60", "host": "@", "data": "0 3 0 AA==", "ttl": 60}"#,
        r#"{"type": "CSYNC", "host": "@", "data": "1 3 NS", "ttl": 60}"#,
        r#"{"type": "ZONEMD", "host": "@", "data": "1 1 1 00", "ttl": 60}"#,
        r#"{"type": "ANY", "host": "@", "data": "x", "ttl": 60}"#,
        r#"{"type": "AXFR", "host": "@", "data": "x", "ttl": 60}"#,
        r#"{"type": "TYPE65536", "host": "@", "data": "x", "ttl": 60}"#,
        r#"{"type": "NONSENSE", "host": "@", "data": "x", "ttl": 60}"#,
    ] {
        assert!(
            matches!(
                with_record(record),
                Err(TemplateError {
                    fault: TemplateFault::Record { .. },
                    ..
                })
            ),
            "{record}"
        );
    }
}

#[test]
fn identifiers_and_names_of_templates_are_checked() {
    let template = |provider: &str, service: &str, name: &str| {
        template(&format!(
            r#"{{"providerId": "{provider}", "providerName": "{name}", "serviceId": "{service}",
                "serviceName": "S", "records": []}}"#
        ))
    };
    assert!(template("a-b_c.D", "x", "Ä").is_ok());
    for (provider, service, name) in [
        ("..", "x", "N"),
        ("a/b", "x", "N"),
        ("a", "", "N"),
        ("a", "x y", "N"),
        ("a", "x%2f", "N"),
        ("a", "x", ""),
        ("a", "x", "A\u{202e}B"),
        ("a", "x", "A\\u0000B"),
    ] {
        let found = template(provider, service, name);
        assert!(
            matches!(
                found,
                Err(TemplateError {
                    fault: TemplateFault::Id { .. },
                    ..
                })
            ),
            "{provider} {service} {name}"
        );
    }
}

#[test]
fn broken_json_is_refused_with_its_place() {
    let error = template("{\n  \"providerId\": \"a\",\n}").unwrap_err();
    assert!(error.to_string().contains("line 3"), "{error}");
    let twice = r#", "version": 1, "version": 2"#;
    assert!(simple(twice).is_err(), "two values");
    assert!(
        simple(r#", "version": 1, "version": 1"#).is_ok(),
        "the same value twice"
    );
    let deep = "[".repeat(100_000);
    assert!(template(&deep).is_err());
}

#[test]
fn a_logo_that_is_no_picture_address_is_left_out() {
    for url in [
        "javascript:alert(1)",
        "http://a.test/x.png",
        "data:image/png,x",
        "https://u@a.test/",
        "x",
    ] {
        let template = simple(&format!(r#", "logoUrl": "{url}""#)).unwrap();
        assert_eq!(template.logo_url(), None, "{url}");
    }
}
