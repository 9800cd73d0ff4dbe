//! What known clients send, and what nobody may.

use namedrop::{
    AuthorizeError, AuthorizeQuery, BasicCredentials, Generation, Scope, Secret, TokenGrant,
    TokenRequest,
};

const CHALLENGE: &str =
    "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

fn authorize(rest: &str) -> Result<AuthorizeQuery, AuthorizeError> {
    let uri = "https%3A%2F%2Fapp.example%2Fdone";
    AuthorizeQuery::parse(&format!("client_id={uri}&redirect_uri={uri}&{rest}"))
}

#[test]
fn the_clients_links_are_read() {
    // JavaScript; values of its links are not encoded.
    let query = format!(
        "client_id=https://app.example/done&redirect_uri=https://app.example/done\
         &scope=namedrop-hosts+namedrop-acme&state=NTnZ5XkSVZqKpWJiqKDPzoQNTqYWvUna&response_type=code&{CHALLENGE}"
    );
    let asked = AuthorizeQuery::parse(&query).unwrap();
    assert!(asked.scopes.iter().eq([Scope::Hosts, Scope::Acme]));
    assert_eq!(asked.app.redirect().as_str(), "https://app.example/done");
    // Rust: the scope of 0.2.0.
    let asked = authorize(&format!(
        "response_type=code&state=s&scope=subdomain&{CHALLENGE}"
    ))
    .unwrap();
    assert_eq!(asked.scopes.generation(), Generation::Subdomain);
    // A client on the reader's machine.
    let query = format!(
        "client_id=http%3A%2F%2Flocalhost%3A7000&redirect_uri=http%3A%2F%2Flocalhost%3A7000%2Fcb&scope=namedrop-mail&{CHALLENGE}"
    );
    assert!(AuthorizeQuery::parse(&query).is_ok());
}

#[test]
fn the_app_is_told_what_is_wrong_and_nobody_else() {
    for (rest, code) in [
        (format!("state=s&{CHALLENGE}"), "invalid_scope"),
        (format!("state=s&scope=&{CHALLENGE}"), "invalid_scope"),
        (
            format!("state=s&scope=namedrop-weird-handle&{CHALLENGE}"),
            "invalid_scope",
        ),
        (
            format!("state=s&scope=NAMEDROP-HOSTS&{CHALLENGE}"),
            "invalid_scope",
        ),
        (
            format!("state=s&scope=namedrop-hosts&response_type=token&{CHALLENGE}"),
            "unsupported_response_type",
        ),
        // Go: no PKCE. Its code would be worth something to whoever sees it.
        ("state=s&scope=namedrop-hosts".to_owned(), "invalid_request"),
        (
            format!(
                "state=s&scope=namedrop-hosts&{}",
                CHALLENGE.replace("S256", "plain")
            ),
            "invalid_request",
        ),
        (
            "state=s&scope=namedrop-hosts&code_challenge=abc".to_owned(),
            "invalid_request",
        ),
        (
            format!("state=s&scope=namedrop-hosts&scope=namedrop-mail&{CHALLENGE}"),
            "invalid_request",
        ),
    ] {
        let Err(AuthorizeError::Told(told)) = authorize(&rest) else {
            panic!("{rest}");
        };
        assert_eq!(told.fault.code(), code, "{rest}");
        let answer = told.answer();
        assert!(
            answer
                .as_str()
                .starts_with("https://app.example/done?error="),
            "{answer}"
        );
        assert!(answer.as_str().ends_with("&state=s"), "{answer}");
    }
}

#[test]
fn no_browser_is_sent_to_an_app_that_is_not_known() {
    for query in [
        format!("scope=namedrop-hosts&{CHALLENGE}"),
        format!("client_id=foo&redirect_uri=javascript:alert(1)&scope=namedrop-hosts&{CHALLENGE}"),
        format!(
            "client_id=https://a.example&redirect_uri=//evil.example/&scope=namedrop-hosts&{CHALLENGE}"
        ),
        format!(
            "client_id=https://a.example&redirect_uri=https://a.example.evil.example&scope=x&{CHALLENGE}"
        ),
        format!(
            "client_id=https://a.example&client_id=https://b.example&redirect_uri=https://a.example&{CHALLENGE}"
        ),
        format!(
            "client_id=https://a.example&redirect_uri=https://a.example&redirect_uri=https://b.example&{CHALLENGE}"
        ),
        "a".repeat(AuthorizeQuery::MAX_OCTETS + 1),
    ] {
        let error = AuthorizeQuery::parse(&query).unwrap_err();
        assert!(!matches!(error, AuthorizeError::Told(_)), "{query}");
    }
    let long = "s".repeat(AuthorizeQuery::MAX_STATE_OCTETS + 1);
    let error = authorize(&format!("state={long}&scope=namedrop-hosts&{CHALLENGE}")).unwrap_err();
    assert!(matches!(error, AuthorizeError::Told(told) if told.state.is_none()));
}

#[test]
fn the_clients_exchanges_are_read() {
    let basic = |name: &str, password: &str| BasicCredentials {
        name: name.to_owned(),
        password: Secret::new(password),
    };
    let app = "https://app.example/done";
    let code = "grant_type=authorization_code&code=c&redirect_uri=https%3A%2F%2Fapp.example%2Fdone";
    let verifier = "code_verifier=Zg6klgrnixQJ629GsawRMV8MjWvwRAr6";
    let of_app = "client_id=https%3A%2F%2Fapp.example%2Fdone";
    for (form, basic, client) in [
        // JavaScript.
        (format!("{code}&{of_app}&{verifier}"), None, Some(app)),
        // Rust.
        (
            format!("{code}&{verifier}"),
            Some(basic(app, "")),
            Some(app),
        ),
        // Go and libdns.
        (format!("{code}&client_id=&{verifier}"), None, None),
        (
            "grant_type=refresh_token&refresh_token=r&scope=".to_owned(),
            None,
            None,
        ),
        (
            format!("grant_type=refresh_token&refresh_token=r&{of_app}&client_secret="),
            Some(basic("", "")),
            Some(app),
        ),
    ] {
        let request = TokenRequest::parse(&form, basic.as_ref()).unwrap();
        assert_eq!(request.client_id.as_deref(), client, "{form}");
        let is_refresh = matches!(request.grant, TokenGrant::Refresh { .. });
        assert_eq!(is_refresh, form.contains("refresh"), "{form}");
    }
    for (form, basic, error) in [
        (code.to_owned(), None, "invalid_request"),
        (format!("{code}&code_verifier="), None, "invalid_request"),
        (
            format!("{code}&code_verifier={}", "a".repeat(129)),
            None,
            "invalid_request",
        ),
        (format!("{code}&{verifier}&code=d"), None, "invalid_request"),
        (
            format!("{code}&{verifier}&client_secret=x"),
            None,
            "invalid_client",
        ),
        (
            format!("{code}&{verifier}"),
            Some(basic(app, "x")),
            "invalid_client",
        ),
        (
            format!("{code}&{verifier}&{of_app}"),
            Some(basic("https://b.example", "")),
            "invalid_request",
        ),
        (
            "grant_type=password&username=a&password=b".to_owned(),
            None,
            "unsupported_grant_type",
        ),
        (
            "grant_type=refresh_token".to_owned(),
            None,
            "invalid_request",
        ),
        (
            format!(
                "grant_type=refresh_token&refresh_token={}",
                "r".repeat(1025)
            ),
            None,
            "invalid_request",
        ),
        (String::new(), None, "invalid_request"),
    ] {
        let refused = TokenRequest::parse(&form, basic.as_ref()).unwrap_err();
        assert_eq!(refused.code(), error, "{form}: {refused}");
        assert!(!refused.to_string().contains("Zg6k"));
    }
}
