//! TLS of servers and clients.

use std::path::Path;
use std::sync::Arc;

use rustls_native_certs::load_native_certs;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

use super::error::HttpError;
use super::options::TlsFiles;

pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, HttpError> {
    let certificates = certificates(&files.certificates)?;
    let key = PrivateKeyDer::from_pem_file(&files.key);
    let key = key.map_err(|error| unreadable(&files.key, error))?;
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError::new(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|error| HttpError::new(format!("certificate and key: {error}")))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Trusts the certificates of the system and those in the PEM files.
pub(super) fn client(roots: &[impl AsRef<Path>]) -> Result<ClientConfig, HttpError> {
    let mut store = RootCertStore::empty();
    // A system without certificates trusts only the files.
    store.add_parsable_certificates(load_native_certs().certs);
    for path in roots {
        for certificate in certificates(path.as_ref())? {
            let added = store.add(certificate);
            added.map_err(|error| unreadable(path.as_ref(), error))?;
        }
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError::new(error.to_string()))?;
    Ok(config.with_root_certificates(store).with_no_client_auth())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, HttpError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    read.map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> HttpError {
    HttpError::new(format!("{} cannot be read: {error}", path.display()))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
