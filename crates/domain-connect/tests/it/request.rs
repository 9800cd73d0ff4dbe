//! Reading apply URLs and templates, well made and hostile.

use domain_connect::{
    ApplyQuery, QueryError, RequestError, ReturnAddress, Template, TemplateError, TemplateFault,
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

/// A template with two variables, which allows what requests may add.
fn generous() -> Template {
    template(
        r#"{"providerId": "p.test", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "multiInstance": true, "sharedProviderName": true, "sharedServiceName": true,
            "records": [{"type": "TXT", "host": "@", "data": "%IP% %ip%", "ttl": 60}]}"#,
    )
    .unwrap()
}

fn parse(query: &str) -> Result<ApplyQuery, QueryError> {
    ApplyQuery::parse(query, &generous())
}

#[test]
fn a_request_is_read_in_full() {
    let query = parse(
        "domain=B%C3%BCcher.example&host=WWW&redirect_uri=https%3A%2F%2Fa.test%2F&state=x%26y\
         &groupId=a,b&groupId=c&providerName=Shop&instanceId=i1&IP=192.0.2.1&ip=x&Ip=y&vnd.a.b=1&&sig=A&key=k",
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
    assert_eq!(query.provider_name.as_ref().unwrap().as_str(), "Shop");
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
        assert!(parse(query).unwrap().host.is_apex(), "{query}");
    }
}

#[test]
fn what_is_said_about_a_signature_is_not_looked_at_here() {
    for more in ["sig=x&sig=y", "key=x&key=x", "sig=%zz", "sig&key"] {
        let query = parse(&format!("domain=a.test&{more}")).unwrap();
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
        "domain=%ff",
        "domain=a.test&host=%zz",
        "domain=a.test&crit=%ff",
        "domain=a.test&IP=%",
        "domain=a.test&IP=%c3%28",
        "domain=a.test&IP=1&IP=2",
        "domain=a.test&IP=1&%49P=2",
        "domain=a.test&IP=a%0Ab",
        "domain=a.test&state=a%0D%0Ab",
        "domain=a.test&groupId=../x",
        "domain=a.test&instanceId=a%2Fb",
        "domain=a.test&instanceId=a&instanceId=b",
        "domain=a.test&redirect_uri=/relative",
        "domain=a.test&providerName=a%E2%80%AEb",
        "domain=a.test&serviceName=%ff",
    ] {
        assert!(parse(query).is_err(), "{query}");
    }
}

#[test]
fn requests_have_limits() {
    let most = ApplyQuery::MAX_OCTETS;
    let fill = |length: usize| format!("domain=a.test&vnd.x={}", "a".repeat(length - 20));
    assert!(parse(&fill(most)).is_ok());
    assert_eq!(
        parse(&fill(most + 1)).unwrap_err(),
        QueryError::TooLong { octets: most + 1 }
    );
    let value = "a".repeat(ApplyQuery::MAX_VALUE_OCTETS + 1);
    assert!(parse(&format!("domain=a.test&IP={value}")).is_err());
}

/// Tag managers and login pages add such parameters to links.
#[test]
fn what_the_template_does_not_use_is_no_reason_to_refuse() {
    let plain = simple("").unwrap();
    let long = format!("x={}", "a".repeat(ApplyQuery::MAX_VALUE_OCTETS + 1));
    let many: Vec<String> = (0..400).map(|number| format!("v{number}=1")).collect();
    let many = many.join("&");
    for more in [
        "utm=a&utm=b",
        "note=a%0Ab",
        "note=%ff",
        "%ff=note",
        "note=100%",
        "instanceId=a%20b",
        "instanceId=a&instanceId=b",
        "providerName=a%E2%80%AEb",
        "serviceName=%ff",
        &long,
        &many,
    ] {
        let query = ApplyQuery::parse(&format!("domain=a.test&{more}"), &plain).unwrap();
        assert!(query.variables.is_empty(), "{more}");
        assert_eq!(
            (query.instance.as_ref(), query.provider_name.as_ref()),
            (None, None),
            "{more}"
        );
        assert_eq!(query.check(&plain), Ok(()), "{more}");
    }
}

#[test]
fn a_request_that_the_template_forbids_is_refused() {
    let query = parse("domain=a.test").unwrap();
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
    for (query, is_refused) in [
        ("domain=a.test&vnd.x.y=1&crit=vnd.x.y", true),
        ("domain=a.test&dc.x=1&crit=state,dc.x", true),
        ("domain=a.test&dryRun=1&crit=dryRun", true),
        ("domain=a.test&dryRun=%ff&crit=dryRun", true),
        ("domain=a.test&expires_in=60&crit=host, expires_in", true),
        ("domain=a.test&client_id=x&crit=client_id", true),
        ("domain=a.test&IP=1&ip=2&crit=IP,ip", false),
        ("domain=a.test&crit=vnd.x.y", false),
        ("domain=a.test&crit=dryRun", false),
        ("domain=a.test&vnd.x.y=1", false),
        ("domain=a.test&state=1&crit=state,domain", false),
        ("domain=a.test&providerName=A&crit=providerName", false),
        ("domain=a.test&sig=A&key=b&crit=sig,key", false),
    ] {
        let query = parse(query).unwrap();
        assert_eq!(query.check(&generous()).is_err(), is_refused, "{query:?}");
    }
}

#[test]
fn where_to_send_the_browser_is_read_apart_from_the_rest() {
    let read = |query: &str| {
        let address = ReturnAddress::read(query);
        (
            address.redirect_uri.map(|url| url.to_string()),
            address.state,
        )
    };
    let url = || Some("https://a.test/".to_owned());
    let state = |text: &str| Some(text.to_owned());
    for (query, expected) in [
        (
            "redirect_uri=https://a.test/&state=x&domain=..",
            (url(), state("x")),
        ),
        (
            "redirect%5Furi=https%3A%2F%2Fa.test&st%61te=+",
            (url(), state(" ")),
        ),
        ("x=%zz&redirect_uri=https://a.test/", (url(), None)),
        (
            "redirect_uri=https://a.test/&redirect_uri=https://a.test/",
            (url(), None),
        ),
        (
            "redirect_uri=https://a.test/&redirect_uri=https://b.test/&state=x",
            (None, state("x")),
        ),
        ("redirect_uri=/a", (None, None)),
        ("redirect_uri=%ff", (None, None)),
        ("redirect_uri=https://a.test/&state=a%0Ab", (url(), None)),
        ("", (None, None)),
    ] {
        assert_eq!(read(query), expected, "{query}");
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
