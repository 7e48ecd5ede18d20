//! TLS with the certificates of a private authority.

use std::fs;
use std::time::Duration;

use natsgen_runtime::{ConnectErrorKind, NatsOptions};
use natsgen_testing::NatsServer;

use crate::authority::Authority;
use crate::outcome;

#[tokio::test]
async fn tls_private_authority_is_trusted_if_configured() {
    let (authority, other_authority) = (Authority::new(), Authority::new());
    let server = authority.server("", "");
    for url in [
        format!("tls://localhost:{}", server.port()),
        format!("tls://127.0.0.1:{}", server.port()),
        server.url(),
    ] {
        let trusted = NatsOptions::new(&url).root_certificates(authority.path("ca.pem"));
        assert_eq!(outcome(trusted).await, Ok(()), "{url}");
        let untrusted = NatsOptions::new(&url).root_certificates(other_authority.path("ca.pem"));
        assert_eq!(
            outcome(untrusted).await,
            Err(ConnectErrorKind::Tls),
            "{url}"
        );
    }
    let missing = NatsOptions::new(&server.url()).root_certificates(authority.path("none.pem"));
    let error = missing.connect_transport().await.unwrap_err();
    assert_eq!(error.kind(), ConnectErrorKind::Tls);
    assert!(
        error.to_string().ends_with("none.pem cannot be read"),
        "{error}"
    );
    let empty = authority.path("empty.pem");
    fs::write(&empty, "").unwrap();
    let error = NatsOptions::new(&server.url())
        .root_certificates(empty)
        .connect_transport()
        .await
        .unwrap_err();
    assert!(
        error.to_string().ends_with("empty.pem is no PEM file"),
        "{error}"
    );
}

#[tokio::test]
async fn tls_client_refuses_plain_server() {
    let server = NatsServer::start().unwrap();
    let insisting = NatsOptions::new(&format!("tls://127.0.0.1:{}", server.port()))
        .connect_timeout(Duration::from_secs(2));
    assert!(outcome(insisting).await.is_err());
}

#[tokio::test]
async fn tls_client_certificate_authenticates_the_user() {
    let authority = Authority::new();
    authority.sign("worker", &["w1.workers"]);
    authority.sign("nobody", &["nobody.workers"]);
    let server = authority.server(
        ", verify_and_map: true",
        r#"authorization { users: [{ user: "w1.workers" }] }"#,
    );
    let trusted = NatsOptions::new(&server.url()).root_certificates(authority.path("ca.pem"));
    let shows = |name: &str| {
        let [certificate, key] =
            ["pem", "key"].map(|kind| authority.path(&format!("{name}.{kind}")));
        trusted.clone().client_certificate(certificate, key)
    };
    assert_eq!(outcome(shows("worker")).await, Ok(()));
    assert_eq!(
        outcome(shows("nobody")).await,
        Err(ConnectErrorKind::Denied)
    );
    assert!(outcome(trusted).await.is_err());
}
