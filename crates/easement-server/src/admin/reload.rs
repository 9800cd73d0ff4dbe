//! Taking renewed files into use: the certificate, and the secret of DNS cookies.

use serde::{Deserialize, Serialize};

use super::{AdminFailure, AdminReply, FailureKind};
use crate::app::{CookieSecretFile, CookieSecretReload};
use crate::http::tls::{CertificateReload, Tls};

/// What a running server reads again.
#[derive(Debug)]
pub(crate) struct Reloadable {
    /// Nothing when it speaks plain HTTP.
    pub(crate) certificate: Option<Tls>,
    /// Nothing when it makes its secrets itself.
    pub(crate) cookies: Option<CookieSecretFile>,
}

/// What came of reading them again.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Reloaded {
    /// The certificate.
    pub certificate: CertificateReload,
    /// The secret of DNS cookies.
    pub cookie_secret: CookieSecretReload,
}

/// Reads each again, also when another cannot be used.
pub(super) async fn reload(reloadable: Option<&Reloadable>) -> Result<AdminReply, AdminFailure> {
    let Some(reloadable) = reloadable else {
        let failure = AdminFailure::new(FailureKind::NotFound, "no server runs here");
        return Err(failure.with_hint("a server reads its files when it starts"));
    };
    let certificate = match &reloadable.certificate {
        None => Ok(CertificateReload::NotUsed),
        Some(tls) => tls.reload().await.map_err(|error| {
            AdminFailure::new(FailureKind::Invalid, error.to_string())
                .with_hint("the certificate that was in use stays in use")
        }),
    };
    let cookie_secret = match &reloadable.cookies {
        None => Ok(CookieSecretReload::NotUsed),
        Some(file) => file.reload().map_err(|error| {
            AdminFailure::new(FailureKind::Invalid, error.to_string())
                .with_hint("the secret that was in use stays in use")
        }),
    };
    Ok(AdminReply::Reloaded(Reloaded {
        certificate: certificate?,
        cookie_secret: cookie_secret?,
    }))
}
