//! `/txt`.

use apertodns::v1::{
    ApiError, ErrorCode, MAX_TXT_VALUES, RequestRules, TxtDeleteRequest, TxtName, TxtSetRequest,
    TxtValue, with_value, without_value,
};

fn set(hostname: &str, value: &str) -> Result<TxtSetRequest, ErrorCode> {
    let body = serde_json::json!({"hostname": hostname, "value": value});
    let request = TxtSetRequest::parse(body.to_string().as_bytes(), &RequestRules::default());
    request.map_err(|error| ApiError::from(error).code)
}

#[test]
fn only_names_with_an_allowed_first_label_may_be_written() {
    for (name, is_allowed) in [
        ("_acme-challenge.example.com", true),
        ("_acme-challenge._sub.example.com", true),
        ("_ACME-CHALLENGE.example.com.", true),
        ("_acme-challenge", false),
        ("example.com", false),
        ("_dmarc.example.com", false),
        ("_acme-challenges.example.com", false),
        ("x_acme-challenge.example.com", false),
        ("www._acme-challenge.example.com", false),
        ("_acme-challenge._.example.com", false),
        ("_acme-challenge.__a.example.com", false),
        ("_acme-challenge.*.example.com", false),
        ("*._acme-challenge.example.com", false),
        (r"_acme-challenge.ex\097mple.com", false),
        ("_acme-challenge.b\u{fc}cher.example", false),
    ] {
        let found = set(name, "x").map(|_| ());
        let expected = if is_allowed {
            Ok(())
        } else {
            Err(ErrorCode::TxtInvalidName)
        };
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_server_may_allow_other_first_labels() {
    let rules = RequestRules {
        txt_prefixes: vec!["_dmarc".to_owned(), "_atproto".to_owned()],
        ..RequestRules::default()
    };
    assert!(TxtName::parse("_dmarc.example.com", &rules).is_ok());
    assert!(TxtName::parse("_atproto.example.com", &rules).is_ok());
    let error = TxtName::parse("_acme-challenge.example.com", &rules).unwrap_err();
    assert!(error.to_string().ends_with("_dmarc, _atproto"), "{error}");
}

#[test]
fn values_fit_one_string_of_dns() {
    let name = "_acme-challenge.example.com";
    assert!(set(name, &"x".repeat(255)).is_ok());
    assert_eq!(set(name, &"x".repeat(256)), Err(ErrorCode::TxtValueTooLong));
    assert_eq!(
        set(name, &"\u{fc}".repeat(128)),
        Err(ErrorCode::TxtValueTooLong)
    );
    assert_eq!(set(name, ""), Err(ErrorCode::ValidationError));
    assert_eq!(set(name, "a\nb"), Err(ErrorCode::ValidationError));
    assert_eq!(set(name, "a\u{7f}b"), Err(ErrorCode::ValidationError));
    assert!(set(name, "v=spf1 \"quoted\" \\ ;").is_ok());
}

#[test]
fn deleting_all_needs_the_field_left_out() {
    let name = "_acme-challenge.example.com";
    for (value, expected) in [
        ("", Ok(None)),
        (r#", "value": "x""#, Ok(Some("x"))),
        (r#", "value": null"#, Err(ErrorCode::ValidationError)),
        (r#", "value": """#, Err(ErrorCode::ValidationError)),
        (r#", "value": ["x"]"#, Err(ErrorCode::ValidationError)),
    ] {
        let body = format!(r#"{{"hostname": "{name}"{value}}}"#);
        let request = TxtDeleteRequest::parse(body.as_bytes(), &RequestRules::default());
        let found = request.map_err(|error| error.code());
        let found = found.map(|request| request.value.map(|value| value.as_str().to_owned()));
        assert_eq!(
            found,
            expected.map(|value| value.map(str::to_owned)),
            "{value}"
        );
    }
}

#[test]
fn values_gather_up_to_the_limit() {
    let mut values = Vec::new();
    for number in 1..=MAX_TXT_VALUES {
        let value = TxtValue::parse(&number.to_string()).unwrap();
        values = with_value(&values, &value, MAX_TXT_VALUES).unwrap();
        assert_eq!(values.len(), number);
    }
    let known = TxtValue::parse("1").unwrap();
    assert_eq!(
        with_value(&values, &known, MAX_TXT_VALUES),
        Ok(values.clone())
    );
    let new = TxtValue::parse("new").unwrap();
    let error = with_value(&values, &new, MAX_TXT_VALUES).unwrap_err();
    assert_eq!(ApiError::from(error).code, ErrorCode::TxtLimitExceeded);
    assert_eq!(without_value(&values, Some(&new)), values);
    assert_eq!(
        without_value(&values, Some(&known)).len(),
        MAX_TXT_VALUES - 1
    );
}
