//! What becomes of a code or a refresh token that a client shows.

use std::time::Duration;

use super::{
    CodeChallenge, CodeVerifier, Grant, GrantEnd, OAuthTokenKind, PkceError, RedirectTarget,
    RefreshRule, TokenClient, TokenRequest, TokenRequestRefused, TokenWish,
};
use crate::{Timestamp, ZoneRole};

/// How long a code counts (RFC 6749 section 4.1.2).
pub const CODE_LIFETIME: Duration = Duration::from_mins(10);

/// How long a refresh token that was replaced counts once more, for a client that never had the answer.
pub const RETRY_TIME: Duration = Duration::from_mins(1);

/// A code or token as it is stored, with its grant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredOAuthToken {
    /// What it is of.
    pub grant: Grant,
    /// Its kind, and what belongs to that.
    pub form: TokenForm,
    /// Since when.
    pub issued_at: Timestamp,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// That it was used up.
    pub spent: Option<Spent>,
}

/// That a code or refresh token was used up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Spent {
    /// When.
    pub at: Timestamp,
    /// What became of the refresh token that was given for it.
    pub successor: Successor,
}

impl Spent {
    /// Whether showing it again may be the honest retry of a request whose answer was lost. Nobody has used what
    /// that answer held, and the one who asks is not told apart from whoever has it: so what it held ends, and
    /// shows itself when it is used after all.
    fn may_be_retried(self, now: Timestamp) -> bool {
        self.successor == Successor::Unused && now.since(self.at) < RETRY_TIME
    }
}

/// What became of the refresh token that was given for one that was used up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Successor {
    /// It was never used.
    Unused,
    /// It was used, or it was given a second time already, or it is not there any more.
    Settled,
}

/// The kind of a stored code or token, and what belongs to that.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TokenForm {
    /// An authorization code.
    Code(CodeBinding),
    /// An access token.
    Access,
    /// A refresh token.
    Refresh,
}

impl TokenForm {
    /// The kind alone.
    pub fn kind(&self) -> OAuthTokenKind {
        match self {
            Self::Code(_) => OAuthTokenKind::Code,
            Self::Access => OAuthTokenKind::Access,
            Self::Refresh => OAuthTokenKind::Refresh,
        }
    }
}

/// What a code was asked for with: whoever shows it must know that.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CodeBinding {
    /// Where it was sent.
    pub redirect: RedirectTarget,
    /// The challenge, when there was one.
    pub challenge: Option<CodeChallenge>,
}

impl CodeBinding {
    /// Of the code that an app asks for, which always has a challenge.
    pub fn of_app(query: &namedrop::AuthorizeQuery) -> Result<Self, PkceError> {
        Ok(Self {
            redirect: RedirectTarget::of_app(&query.app),
            challenge: Some(query.challenge.as_str().parse()?),
        })
    }

    fn check(
        &self,
        client: &TokenClient,
        redirect: Option<&str>,
        verifier: Option<&CodeVerifier>,
    ) -> Result<(), TokenRequestRefused> {
        let is_target = |asked| match client {
            TokenClient::Registered(_) => self.redirect.is(asked),
            TokenClient::App { .. } => self.redirect.is_of_app(asked),
        };
        if !redirect.is_some_and(is_target) {
            return Err(TokenRequestRefused::Redirect);
        }
        match (&self.challenge, verifier) {
            (None, None) => match client {
                TokenClient::Registered(_) => Ok(()),
                // An app has nothing else to prove itself with.
                TokenClient::App { .. } => Err(TokenRequestRefused::Challenge),
            },
            (Some(challenge), Some(verifier)) if challenge.is_of(verifier) => Ok(()),
            // A verifier without a challenge: somebody took the challenge away on its way here (RFC 9700
            // section 4.8.2).
            (Some(_) | None, Some(_) | None) => Err(TokenRequestRefused::Challenge),
        }
    }
}

/// What is to be done about a request for a token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TokenDecision {
    /// Give tokens.
    Issue(Issue),
    /// Give none.
    Refuse(TokenRequestRefused),
    /// Give none, and end the grant: what was shown was shown before.
    RefuseAndEnd(TokenRequestRefused, GrantEnd),
}

/// Which tokens are given, and how long they count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Issue {
    /// Until when the access token counts.
    pub access_until: Timestamp,
    /// The refresh token.
    pub refresh: RefreshIssue,
}

/// Which refresh token is given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RefreshIssue {
    /// Another one. What was shown is used up.
    Another {
        /// Until when it counts.
        until: Timestamp,
    },
    /// Another one, since the answer that held the first is said to be lost. That first one is used up with this, and
    /// the access token beside it ends.
    Again {
        /// Until when it counts.
        until: Timestamp,
    },
    /// The one that was shown, which stays.
    Same {
        /// Until when it counts from now on.
        until: Timestamp,
    },
}

impl TokenRequest {
    /// Decides about a request of a client that proved to be the one, as far as it can, what is stored of what
    /// it shows, and the role that the account of its grant has in the zone now.
    ///
    /// What was used up and is shown again ends the grant only when everything else about it is right: whoever saw
    /// a code in some log and knows neither the client's secret nor the verifier can take nothing from anybody
    /// with it.
    pub fn decide(
        wish: &TokenWish,
        client: &TokenClient,
        stored: Option<&StoredOAuthToken>,
        zone_role: Option<ZoneRole>,
        now: Timestamp,
    ) -> TokenDecision {
        let (kind, _) = wish.presented();
        let is_its =
            |one: &&StoredOAuthToken| one.form.kind() == kind && client.may_hold(&one.grant);
        let stored = stored.filter(is_its);
        let Some(stored) = stored else {
            return TokenDecision::Refuse(wish.invalid());
        };
        match (wish, &stored.form) {
            (
                TokenWish::Code {
                    redirect, verifier, ..
                },
                TokenForm::Code(binding),
            ) => match binding.check(client, redirect.as_deref(), verifier.as_ref()) {
                Ok(()) => issue(wish, client, (stored, zone_role), now),
                Err(refused) => TokenDecision::Refuse(refused),
            },
            (TokenWish::Refresh { .. }, TokenForm::Refresh) => {
                issue(wish, client, (stored, zone_role), now)
            }
            // Of another kind, which was looked at before.
            (
                TokenWish::Code { .. } | TokenWish::Refresh { .. },
                TokenForm::Code(_) | TokenForm::Access | TokenForm::Refresh,
            ) => TokenDecision::Refuse(wish.invalid()),
        }
    }
}

/// Everything that binds it is right: what is left is whether it counts at this moment.
fn issue(
    wish: &TokenWish,
    client: &TokenClient,
    (stored, zone_role): (&StoredOAuthToken, Option<ZoneRole>),
    now: Timestamp,
) -> TokenDecision {
    if stored.grant.check(now).is_err() {
        return TokenDecision::Refuse(wish.invalid());
    }
    if let Some(because) = GrantEnd::of_role(zone_role) {
        return TokenDecision::RefuseAndEnd(wish.invalid(), because);
    }
    let (lifetimes, rule) = client.terms();
    let is_retry = match (wish, rule, stored.spent) {
        (_, _, None) => false,
        (TokenWish::Refresh { .. }, RefreshRule::Rotate, Some(spent))
            if spent.may_be_retried(now) =>
        {
            true
        }
        (TokenWish::Code { .. }, _, Some(_)) => {
            return TokenDecision::RefuseAndEnd(wish.invalid(), GrantEnd::CodeReplayed);
        }
        (TokenWish::Refresh { .. }, _, Some(_)) => {
            return TokenDecision::RefuseAndEnd(wish.invalid(), GrantEnd::RefreshTokenReused);
        }
    };
    if now >= stored.expires_at {
        return TokenDecision::Refuse(wish.invalid());
    }
    let until = stored.grant.until(now.plus(lifetimes.refresh()));
    let refresh = match (wish, rule) {
        (TokenWish::Refresh { .. }, RefreshRule::Keep) => RefreshIssue::Same { until },
        (TokenWish::Refresh { .. }, RefreshRule::Rotate) if is_retry => {
            RefreshIssue::Again { until }
        }
        (TokenWish::Code { .. }, RefreshRule::Keep | RefreshRule::Rotate)
        | (TokenWish::Refresh { .. }, RefreshRule::Rotate) => RefreshIssue::Another { until },
    };
    TokenDecision::Issue(Issue {
        access_until: stored.grant.until(now.plus(lifetimes.access())),
        refresh,
    })
}

#[cfg(test)]
mod tests {
    use super::super::client::tests::{at, client, confidential, secret};
    use super::super::grant::tests::{grant, grant_of_app};
    use super::super::{OAuthClient, RedirectUri};
    use super::*;
    use crate::{OAuthClientId, SecretHash};

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const DONE: &str = "https://app.example/done";
    const HOUR: u64 = 3600;
    const YEAR: u64 = 365 * 24 * HOUR;

    fn rotating() -> OAuthClient {
        client(confidential())
    }

    fn keeping() -> OAuthClient {
        let mut client = rotating();
        client.registration.refresh = RefreshRule::Keep;
        client
    }

    fn stored(form: TokenForm) -> StoredOAuthToken {
        StoredOAuthToken {
            grant: grant(),
            form,
            issued_at: at(0),
            expires_at: at(600),
            spent: None,
        }
    }

    fn spent(second: u64, successor: Successor) -> Spent {
        let at = at(second);
        Spent { at, successor }
    }

    fn settled(second: u64) -> Spent {
        spent(second, Successor::Settled)
    }

    fn code(challenge: Option<&str>) -> StoredOAuthToken {
        let uri: RedirectUri = DONE.parse().unwrap();
        stored(TokenForm::Code(CodeBinding {
            redirect: uri.accept(DONE).unwrap(),
            challenge: challenge.map(|text| text.parse().unwrap()),
        }))
    }

    fn show_code(redirect: Option<&str>, verifier: Option<&str>) -> TokenWish {
        TokenWish::Code {
            code: Some(SecretHash::of(b"code")),
            redirect: redirect.map(str::to_owned),
            verifier: verifier.map(|text| text.parse().unwrap()),
        }
    }

    fn refresh() -> TokenWish {
        TokenWish::Refresh {
            token: Some(SecretHash::of(b"refresh")),
        }
    }

    fn decide(
        wish: &TokenWish,
        client: OAuthClient,
        stored: Option<&StoredOAuthToken>,
        now: u64,
    ) -> TokenDecision {
        let client = client.authenticate(Some(&secret("new")), at(0)).unwrap();
        TokenRequest::decide(
            wish,
            &client.into(),
            stored,
            Some(ZoneRole::Editor),
            at(now),
        )
    }

    fn issued(access: u64, refresh: RefreshIssue) -> TokenDecision {
        TokenDecision::Issue(Issue {
            access_until: at(access),
            refresh,
        })
    }

    fn another(until: u64) -> RefreshIssue {
        RefreshIssue::Another { until: at(until) }
    }

    #[test]
    fn a_code_counts_once_for_a_while_for_whoever_asked_for_it() {
        use TokenRequestRefused::{Challenge, Code, Redirect};
        let fine = show_code(Some(DONE), None);
        let refuse = TokenDecision::Refuse;
        let spent = StoredOAuthToken {
            spent: Some(settled(1)),
            ..code(None)
        };
        let replayed = TokenDecision::RefuseAndEnd(Code, GrantEnd::CodeReplayed);
        let other = "https://app.example/other";
        let port = "https://app.example:443/done";
        for (wish, stored, now, expected) in [
            (
                fine.clone(),
                code(None),
                5,
                issued(5 + HOUR, another(5 + YEAR)),
            ),
            (
                show_code(Some(port), None),
                code(None),
                5,
                issued(5 + HOUR, another(5 + YEAR)),
            ),
            (
                fine.clone(),
                code(None),
                599,
                issued(599 + HOUR, another(599 + YEAR)),
            ),
            (fine.clone(), code(None), 600, refuse(Code)),
            (fine.clone(), spent.clone(), 5, replayed.clone()),
            (fine.clone(), spent.clone(), 5000, replayed),
            (show_code(Some(other), None), spent, 5, refuse(Redirect)),
            (
                show_code(Some(other), None),
                code(None),
                5,
                refuse(Redirect),
            ),
            (show_code(None, None), code(None), 5, refuse(Redirect)),
            (fine.clone(), code(Some(CHALLENGE)), 5, refuse(Challenge)),
            (
                show_code(Some(DONE), Some(VERIFIER)),
                code(None),
                5,
                refuse(Challenge),
            ),
            (
                show_code(Some(DONE), Some(&"v".repeat(43))),
                code(Some(CHALLENGE)),
                5,
                refuse(Challenge),
            ),
            (
                show_code(Some(DONE), Some(VERIFIER)),
                code(Some(CHALLENGE)),
                5,
                issued(5 + HOUR, another(5 + YEAR)),
            ),
        ] {
            assert_eq!(
                decide(&wish, rotating(), Some(&stored), now),
                expected,
                "{wish:?}"
            );
            // A client whose refresh tokens stay gets one with its code all the same.
            assert_eq!(
                decide(&wish, keeping(), Some(&stored), now),
                expected,
                "{wish:?}"
            );
        }
        assert_eq!(decide(&fine, rotating(), None, 5), refuse(Code));
    }

    #[test]
    fn a_refresh_token_is_replaced_or_stays() {
        let refused = TokenRequestRefused::RefreshToken;
        let live = stored(TokenForm::Refresh);
        let spent = StoredOAuthToken {
            spent: Some(settled(1)),
            ..live.clone()
        };
        let same = RefreshIssue::Same {
            until: at(5 + YEAR),
        };
        let twice = TokenDecision::RefuseAndEnd(refused.clone(), GrantEnd::RefreshTokenReused);
        for (client, stored, now, expected) in [
            (rotating(), &live, 5, issued(5 + HOUR, another(5 + YEAR))),
            (keeping(), &live, 5, issued(5 + HOUR, same)),
            (
                rotating(),
                &live,
                600,
                TokenDecision::Refuse(refused.clone()),
            ),
            (rotating(), &spent, 5, twice.clone()),
            (rotating(), &spent, 5000, twice),
        ] {
            assert_eq!(decide(&refresh(), client, Some(stored), now), expected);
        }
    }

    #[test]
    fn a_refresh_token_whose_answer_was_lost_counts_once_more() {
        use Successor::{Settled, Unused};
        let refused = TokenRequestRefused::RefreshToken;
        let ends = TokenDecision::RefuseAndEnd(refused.clone(), GrantEnd::RefreshTokenReused);
        let again = |second| {
            let until = at(second + YEAR);
            issued(second + HOUR, RefreshIssue::Again { until })
        };
        for (client, used, successor, now, expected) in [
            (rotating(), 100, Unused, 100, again(100)),
            (rotating(), 100, Unused, 159, again(159)),
            // The clock of another node may be behind.
            (rotating(), 100, Unused, 99, again(99)),
            (rotating(), 100, Unused, 160, ends.clone()),
            (rotating(), 100, Settled, 101, ends.clone()),
            (keeping(), 100, Unused, 101, ends.clone()),
            (
                rotating(),
                580,
                Unused,
                600,
                TokenDecision::Refuse(refused.clone()),
            ),
        ] {
            let mut stored = stored(TokenForm::Refresh);
            stored.spent = Some(spent(used, successor));
            let word = format!("{successor:?}, used at {used}, shown again at {now}");
            assert_eq!(
                decide(&refresh(), client, Some(&stored), now),
                expected,
                "{word}"
            );
        }
        let mut code = code(None);
        code.spent = Some(spent(100, Unused));
        let replayed =
            TokenDecision::RefuseAndEnd(TokenRequestRefused::Code, GrantEnd::CodeReplayed);
        let shown = show_code(Some(DONE), None);
        assert_eq!(decide(&shown, rotating(), Some(&code), 101), replayed);
        let mut revoked = stored(TokenForm::Refresh);
        revoked.spent = Some(spent(100, Unused));
        revoked.grant.ended = Some((at(100), GrantEnd::RevokedByOwner));
        let refuse = TokenDecision::Refuse(refused);
        assert_eq!(decide(&refresh(), rotating(), Some(&revoked), 101), refuse);
    }

    #[test]
    fn no_kind_passes_for_another_and_no_client_for_another() {
        let mut other = rotating();
        other.id = OAuthClientId::new(2);
        let fine = show_code(Some(DONE), None);
        for (wish, stored, client) in [
            (refresh(), stored(TokenForm::Access), rotating()),
            (refresh(), code(None), rotating()),
            (fine.clone(), stored(TokenForm::Access), rotating()),
            (fine.clone(), stored(TokenForm::Refresh), rotating()),
            (fine, code(None), other.clone()),
            (refresh(), stored(TokenForm::Refresh), other),
        ] {
            let spent = StoredOAuthToken {
                spent: Some(settled(1)),
                ..stored.clone()
            };
            for stored in [stored, spent] {
                let expected = TokenDecision::Refuse(wish.invalid());
                assert_eq!(decide(&wish, client.clone(), Some(&stored), 5), expected);
            }
        }
    }

    #[test]
    fn nothing_is_given_when_the_account_may_not_change_the_zone_any_more() {
        let fine = show_code(Some(DONE), None);
        let wrong = show_code(Some("https://app.example/other"), None);
        let ends =
            |wish: &TokenWish| TokenDecision::RefuseAndEnd(wish.invalid(), GrantEnd::RoleLost);
        let ended = |stored: StoredOAuthToken| {
            let mut stored = stored;
            stored.grant.ended = Some((at(1), GrantEnd::RoleLost));
            stored
        };
        for (wish, stored, role, expected) in [
            (fine.clone(), code(None), None, ends(&fine)),
            (
                fine.clone(),
                code(None),
                Some(ZoneRole::Viewer),
                ends(&fine),
            ),
            (
                refresh(),
                stored(TokenForm::Refresh),
                None,
                ends(&refresh()),
            ),
            // Whoever does not hold it ends nothing.
            (
                wrong,
                code(None),
                None,
                TokenDecision::Refuse(TokenRequestRefused::Redirect),
            ),
            // The role came back.
            (
                refresh(),
                ended(stored(TokenForm::Refresh)),
                Some(ZoneRole::Owner),
                TokenDecision::Refuse(refresh().invalid()),
            ),
        ] {
            let client = rotating()
                .authenticate(Some(&secret("new")), at(0))
                .unwrap();
            let decided = TokenRequest::decide(&wish, &client.into(), Some(&stored), role, at(5));
            assert_eq!(decided, expected, "{wish:?} {role:?}");
        }
    }

    fn of_app(stored: StoredOAuthToken) -> StoredOAuthToken {
        StoredOAuthToken {
            grant: grant_of_app(),
            ..stored
        }
    }

    fn decide_for_app(
        wish: &TokenWish,
        client_id: Option<&str>,
        stored: &StoredOAuthToken,
    ) -> TokenDecision {
        let client_id = client_id.map(str::to_owned);
        let client = TokenClient::App { client_id };
        TokenRequest::decide(wish, &client, Some(stored), Some(ZoneRole::Owner), at(5))
    }

    /// As an app sends it: its verifier may be shorter than that of a client.
    fn app_code(redirect: Option<&str>, verifier: &str) -> TokenWish {
        let verifier = namedrop::CodeVerifier::parse(namedrop::Secret::new(verifier)).unwrap();
        TokenWish::of_app(&namedrop::TokenGrant::Code {
            code: namedrop::Secret::new("easement_code_x"),
            redirect_uri: redirect.map(str::to_owned),
            verifier,
        })
    }

    #[test]
    fn an_app_proves_itself_with_its_verifier_alone() {
        use TokenRequestRefused::{Challenge, Code, Redirect};
        const APP: Option<&str> = Some("https://app.example/");
        // The SHA-256 of 32 letters, as the client in JavaScript sends them.
        const SHORT: &str = "Zg6klgrnixQJ629GsawRMV8MjWvwRAr6";
        let short = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, SHORT.as_bytes());
        let short: String =
            base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, short.as_ref());
        let refuse = TokenDecision::Refuse;
        let given = || issued(5 + HOUR, another(5 + YEAR));
        let fine = app_code(Some(DONE), VERIFIER);
        for (wish, client_id, challenge, expected) in [
            (fine.clone(), APP, Some(CHALLENGE), given()),
            (fine.clone(), None, Some(CHALLENGE), given()),
            (
                fine.clone(),
                Some("https://APP.example"),
                Some(CHALLENGE),
                given(),
            ),
            (app_code(Some(DONE), SHORT), APP, Some(&*short), given()),
            (
                app_code(Some(DONE), SHORT),
                APP,
                Some(CHALLENGE),
                refuse(Challenge),
            ),
            (fine.clone(), APP, None, refuse(Challenge)),
            (show_code(Some(DONE), None), APP, None, refuse(Challenge)),
            (
                show_code(Some(DONE), None),
                APP,
                Some(CHALLENGE),
                refuse(Challenge),
            ),
            (
                app_code(None, VERIFIER),
                APP,
                Some(CHALLENGE),
                refuse(Redirect),
            ),
            (
                app_code(Some("https://app.example/"), VERIFIER),
                APP,
                Some(CHALLENGE),
                refuse(Redirect),
            ),
            (
                fine.clone(),
                Some("https://evil.example/"),
                Some(CHALLENGE),
                refuse(Code),
            ),
            (
                fine.clone(),
                Some("app.example"),
                Some(CHALLENGE),
                refuse(Code),
            ),
        ] {
            let stored = of_app(code(challenge));
            let decided = decide_for_app(&wish, client_id, &stored);
            assert_eq!(decided, expected, "{wish:?} {client_id:?} {challenge:?}");
        }
        let spent = StoredOAuthToken {
            spent: Some(settled(1)),
            ..of_app(code(Some(CHALLENGE)))
        };
        let replayed = TokenDecision::RefuseAndEnd(Code, GrantEnd::CodeReplayed);
        assert_eq!(decide_for_app(&fine, None, &spent), replayed);
        let stolen = app_code(Some(DONE), SHORT);
        assert_eq!(decide_for_app(&stolen, None, &spent), refuse(Challenge));
    }

    #[test]
    fn a_refresh_token_of_an_app_is_always_replaced() {
        let live = of_app(stored(TokenForm::Refresh));
        let app = Some("https://app.example/");
        assert_eq!(
            decide_for_app(&refresh(), app, &live),
            issued(5 + HOUR, another(5 + YEAR))
        );
        let spent = StoredOAuthToken {
            spent: Some(settled(1)),
            ..live
        };
        let refused = TokenRequestRefused::RefreshToken;
        let twice = TokenDecision::RefuseAndEnd(refused.clone(), GrantEnd::RefreshTokenReused);
        assert_eq!(decide_for_app(&refresh(), None, &spent), twice);
        // No kind passes for another, and no app for a client.
        for (client_id, stored) in [
            (None, of_app(stored(TokenForm::Access))),
            (None, of_app(code(Some(CHALLENGE)))),
            (Some("https://evil.example/"), spent),
            (None, stored(TokenForm::Refresh)),
            (Some("app.example"), stored(TokenForm::Refresh)),
        ] {
            let decided = decide_for_app(&refresh(), client_id, &stored);
            assert_eq!(decided, TokenDecision::Refuse(refused.clone()));
        }
        let of_app = of_app(stored(TokenForm::Refresh));
        let by_client = decide(&refresh(), rotating(), Some(&of_app), 5);
        assert_eq!(by_client, TokenDecision::Refuse(refused));
    }

    #[test]
    fn nothing_outlives_its_grant() {
        let ends = |end, form| {
            let mut stored = stored(form);
            stored.grant.expires_at = Some(at(end));
            stored
        };
        let limited = ends(100, TokenForm::Refresh);
        let expected = issued(100, another(100));
        assert_eq!(decide(&refresh(), rotating(), Some(&limited), 5), expected);
        let over = TokenDecision::Refuse(TokenRequestRefused::RefreshToken);
        assert_eq!(decide(&refresh(), rotating(), Some(&limited), 100), over);
        let mut ended = stored(TokenForm::Refresh);
        ended.grant.ended = Some((at(1), GrantEnd::RevokedByOwner));
        assert_eq!(decide(&refresh(), rotating(), Some(&ended), 5), over);
    }
}
