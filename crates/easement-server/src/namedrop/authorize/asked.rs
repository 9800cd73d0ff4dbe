//! The link of an app, checked before anything is shown.

use askama::Template;
use axum::response::Response;
use easement_core::RedirectTarget;
use namedrop::{AuthorizeError, AuthorizeQuery, Scope, ToldFault};

use crate::http::Visitor;
use crate::http::security_headers::FormTarget;
use crate::pages::views::{
    AskingApp, ErrorPage, Section, SignInPage, SignInState, Words, with_capital,
};
use crate::pages::{PageError, show};
use crate::state::ServerState;

/// A link that can be put to a person.
pub(super) struct Asked {
    pub(super) query: AuthorizeQuery,
    /// The address of the page, to which its forms are posted.
    pub(super) address: String,
}

impl Asked {
    /// Reads a link; GET and POST begin with this.
    ///
    /// No fault sends a browser anywhere by itself. Anybody can be an app, so such a link would make this server pass
    /// visitors on to any site there is (RFC 9700 section 4.11.2): the app is told when the person follows the link.
    pub(super) fn load(
        state: &ServerState,
        visitor: &Visitor,
        uri: &http::Uri,
    ) -> Result<Self, PageError> {
        let query = AuthorizeQuery::parse(uri.query().unwrap_or_default());
        let query = query.map_err(|error| PageError::Custom(Box::new(refusal(visitor, &error))))?;
        if query.app.origin().ascii() == state.settings.public_url.origin() {
            return Err(PageError::Custom(Box::new(own_origin(visitor))));
        }
        Ok(Self {
            query,
            address: uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
        })
    }

    /// Who asks, as pages show it.
    pub(super) fn app(&self) -> AskingApp {
        AskingApp::new(&self.query.app)
    }

    /// What for, in words.
    pub(super) fn wishes(&self) -> Vec<&'static str> {
        self.query.scopes.iter().map(Scope::words).collect()
    }

    /// Signing in happens at this very address, so that the person comes back to the same question.
    pub(super) fn sign_in(&self, visitor: &Visitor) -> Result<Response, PageError> {
        let errand = Words::new("to decide whether ")
            .name(self.query.app.origin().ascii())
            .plain(" gets a name of yours");
        show(&SignInPage {
            shell: visitor.shell(Section::Elsewhere),
            email: String::new(),
            next: Some(self.address.clone()),
            errand: Some(errand),
            state: SignInState::Fresh,
        })
    }

    /// A page whose form may lead to the app, which browsers have to be told.
    pub(super) fn show(&self, page: &impl Template) -> Result<Response, PageError> {
        let mut response = show(page)?;
        let target = FormTarget(self.query.app.redirect().clone());
        response.extensions_mut().insert(target);
        Ok(response)
    }

    /// Where the browser goes when the person says no (RFC 6749 section 4.1.2.1).
    pub(super) fn declined(&self) -> String {
        let description = "the owner did not agree";
        self.back_with(&[
            ("error", "access_denied"),
            ("error_description", description),
        ])
    }

    /// Where the browser goes with a code.
    pub(super) fn answered(&self, code: &str) -> String {
        self.back_with(&[("code", code)])
    }

    fn back_with(&self, parameters: &[(&str, &str)]) -> String {
        let state = self.query.state.as_deref().map(|state| ("state", state));
        let parameters: Vec<_> = parameters.iter().copied().chain(state).collect();
        RedirectTarget::of_app(&self.query.app).with(&parameters)
    }
}

/// The page about an app that has this server's own address, which people would take for this server.
fn own_origin(visitor: &Visitor) -> ErrorPage {
    ErrorPage::bad_request(
        visitor.shell(Section::Elsewhere),
        "This link does not work",
        "It names this server itself as the app that asks.",
        "Nothing was allowed, and you are sent nowhere. Whoever made this link may want to deceive you.",
    )
}

/// The page about a link that is put to nobody.
fn refusal(visitor: &Visitor, error: &AuthorizeError) -> ErrorPage {
    let shell = visitor.shell(Section::Elsewhere);
    let reason = with_capital(&format!("{error}."));
    match error {
        AuthorizeError::Told(told) => {
            let ToldFault { app, .. } = told.as_ref();
            let origin = app.origin().ascii();
            let next = "Nothing was allowed. Whoever made the app can mend that: it is told when you go back.";
            let title = "This app asks in a wrong way";
            ErrorPage::bad_request(shell, title, &reason, next)
                .with_link(&format!("Go back to {origin}"), told.answer().as_str())
        }
        AuthorizeError::Pairs(_) | AuthorizeError::App(_) => ErrorPage::bad_request(
            shell,
            "This link does not work",
            &reason,
            "Nothing was allowed, and you are sent nowhere: it is not sure who asks. If you made the app, mend its \
             link; else tell whoever did.",
        ),
    }
}
