//! A separate process, because the crypto provider is installed for the whole process.

use async_nats::rustls::crypto::CryptoProvider;
use natsgen_runtime::{ConnectErrorKind, NatsOptions};

/// TLS panics if the program has no crypto provider, or several, and none is installed. All crates of a program
/// together determine its crypto providers. So the runtime installs a provider before rustls looks for one.
#[tokio::test]
async fn crypto_provider_is_installed_by_the_first_connect() {
    assert!(CryptoProvider::get_default().is_none());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = nobody.local_addr().unwrap().to_string();
    drop(nobody);
    let error = NatsOptions::new(&url).connect().await.unwrap_err();
    assert_eq!(error.kind(), ConnectErrorKind::Unreachable);
    assert!(CryptoProvider::get_default().is_some());
}
