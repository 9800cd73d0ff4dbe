//! The addresses of OAuth, as programs find them.

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::Value;

use crate::world::World;

#[tokio::test]
async fn programs_find_where_everything_is() {
    let world = World::start().await;
    let answer = world
        .anonymous()
        .get("/.well-known/oauth-authorization-server")
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let found: Value = serde_json::from_str(&answer.body).unwrap();
    let origin = world.demo.app().public_url().origin();
    assert_eq!(found["issuer"], origin.as_str());
    let token = found["token_endpoint"].as_str().unwrap();
    assert_eq!(token, format!("{origin}/v2/oauth/access_token"));
    for place in [
        "token_endpoint",
        "revocation_endpoint",
        "introspection_endpoint",
    ] {
        let path = found[place]
            .as_str()
            .unwrap()
            .strip_prefix(&origin)
            .unwrap();
        // Nobody gets an answer that the document does not say, or learns which clients there are.
        for client in ["domainconnect.org", "nobody.example"] {
            let fields = [
                ("client_id", client),
                ("client_secret", "a wrong guess"),
                ("token", "x"),
                ("grant_type", "refresh_token"),
                ("refresh_token", "x"),
            ];
            let refused = world.anonymous().post(path, &fields).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST);
            assert!(refused.body.contains("invalid_client"), "{}", refused.body);
        }
        let look = world
            .anonymous()
            .send(Method::GET, path, Body::empty())
            .await;
        assert_eq!(look.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}
