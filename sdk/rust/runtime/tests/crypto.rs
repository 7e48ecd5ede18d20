//! A process of its own: what is installed for all of it is installed once.

use async_nats::rustls::crypto::CryptoProvider;
use natsgen_runtime::{ConnectErrorKind, NatsOptions};

/// TLS panics where a program was built with none or several providers of cryptography and none is installed. Which those
/// are is decided by all crates of the program together, so the one to use is installed before it is looked for.
#[tokio::test]
async fn a_provider_of_cryptography_is_installed_before_anything_looks_for_one() {
    assert!(CryptoProvider::get_default().is_none());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = nobody.local_addr().unwrap().to_string();
    drop(nobody);
    let error = NatsOptions::new(&url).connect().await.unwrap_err();
    assert_eq!(error.kind(), ConnectErrorKind::Unreachable);
    assert!(CryptoProvider::get_default().is_some());
}
