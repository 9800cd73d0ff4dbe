//! Whose certificates are believed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// TLS towards others: the public authorities, and those of a file.
///
/// The list of the public ones is part of the program, so that it is the same on every machine, and there in a
/// container without any.
pub(super) fn tls_config(extra_roots: Option<&Path>) -> Result<Arc<ClientConfig>, RootsError> {
    let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    if let Some(path) = extra_roots {
        let refuse = |reason: String| RootsError {
            path: path.to_owned(),
            reason,
        };
        let certificates =
            CertificateDer::pem_file_iter(path).map_err(|e| refuse(e.to_string()))?;
        let mut count = 0;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| refuse(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| refuse(error.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(refuse("there is no certificate in it".to_owned()));
        }
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| RootsError {
        path: PathBuf::new(),
        reason: error.to_string(),
    })?;
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::new(config))
}

/// The file of authorities cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the certificates in {} cannot be used: {reason}", path.display())]
pub struct RootsError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}
