//! Finds out why a server is silent. A NATS server greets a client at once, unless its port expects a TLS handshake or a
//! WebSocket request first.

use std::sync::Arc;
use std::time::Duration;

use async_nats::rustls::pki_types::ServerName;
use async_nats::rustls::{ClientConfig, ClientConnection, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::address::Address;

/// The time after which a server counts as silent.
const SILENCE: Duration = Duration::from_millis(200);

/// The first bytes of TLS records: an alert and a handshake.
const TLS_RECORDS: [u8; 2] = [0x15, 0x16];

/// The end of a request that an HTTP server refuses.
const END_OF_LINE: &[u8] = b"\r\n\r\n";

/// The protocol that a silent port expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    TlsFirst,
    WebSocket,
}

/// Returns when one of the servers has been silent, and has answered in another protocol. Otherwise it never returns.
pub(super) async fn other_protocol(servers: &[Address]) -> Expected {
    sleep(SILENCE).await;
    for server in servers.iter().filter(|server| !server.is_websocket()) {
        if let Ok(Some(expected)) = probe(server).await {
            return expected;
        }
    }
    std::future::pending().await
}

/// Waits for a greeting, then starts a TLS handshake. Its first message ends as an invalid HTTP request.
async fn probe(server: &Address) -> std::io::Result<Option<Expected>> {
    let (host, port) = server.host_and_port();
    let mut stream = TcpStream::connect((host.as_str(), port)).await?;
    let mut first = [0];
    if timeout(SILENCE, stream.read(&mut first)).await.is_ok() {
        return Ok(None);
    }
    let Some(hello) = client_hello(&host) else {
        return Ok(None);
    };
    stream.write_all(&hello).await?;
    stream.write_all(END_OF_LINE).await?;
    stream.read_exact(&mut first).await?;
    Ok(match first[0] {
        b'H' => Some(Expected::WebSocket),
        byte if TLS_RECORDS.contains(&byte) => Some(Expected::TlsFirst),
        _ => None,
    })
}

/// The first message of a TLS handshake. The connection is not used further, so it trusts no authority.
fn client_hello(host: &str) -> Option<Vec<u8>> {
    let config = ClientConfig::builder()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let mut connection = ClientConnection::new(Arc::new(config), name).ok()?;
    let mut hello = Vec::new();
    connection.write_tls(&mut hello).ok()?;
    Some(hello)
}
