//! Credentials that change while a client is connected.

use std::fs;
use std::time::Duration;

use natsgen_runtime::transport::TransportEvent;
use natsgen_runtime::{ConnectErrorKind, NatsOptions};
use natsgen_testing::{JwtOperator, NatsServer};
use tokio::time::{sleep, timeout};

use crate::authority::Authority;

const TEST_TIMEOUT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_file_is_read_again_at_a_reconnection() {
    let files = Authority::new();
    let path = files.path("user.creds");
    let [first, second] = [JwtOperator::new(), JwtOperator::new()];
    let mut server = NatsServer::start_with(&first.config()).unwrap();
    fs::write(&path, first.credentials(None, "ada", 0)).unwrap();
    let options = NatsOptions::new(&server.url()).credentials_file(&path);
    let connection = options.connect().await.unwrap();
    assert!(connection.flush().await);
    // The server trusts another operator, which does not know the first credentials.
    fs::write(&path, second.credentials(None, "ada", 0)).unwrap();
    server.reconfigure(&second.config()).unwrap();
    server.restart().unwrap();
    let restored = async {
        while !connection.flush().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(TEST_TIMEOUT, restored).await.unwrap();
    // While the file cannot be read, the client tries again.
    fs::remove_file(&path).unwrap();
    server.restart().unwrap();
    sleep(Duration::from_millis(500)).await;
    assert!(!connection.is_connected());
    fs::write(&path, second.credentials(None, "ada", 0)).unwrap();
    let restored = async {
        while !connection.flush().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(TEST_TIMEOUT, restored).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoked_user_is_reported_and_calls_fail() {
    let config = |user: &str| {
        format!(r#"authorization {{ users: [{{ user: "{user}", password: "secret" }}] }}"#)
    };
    let server = NatsServer::start_with(&config("ada")).unwrap();
    let options = NatsOptions::new(&server.url()).user("ada", "secret");
    let connection = options.connect().await.unwrap();
    let mut events = connection.events();
    server.reload(&config("bob")).unwrap();
    let lost = async { while events.recv().await != Some(TransportEvent::Disconnected) {} };
    timeout(Duration::from_secs(1), lost).await.unwrap();
    assert!(!connection.flush().await && !connection.is_connected());
    server.reload(&config("ada")).unwrap();
    let restored = async {
        while !connection.flush().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(TEST_TIMEOUT, restored).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoked_token_is_reported_and_a_new_token_connects() {
    let mut operator = JwtOperator::new();
    let authority = Authority::new();
    let path = authority.path("user.creds");
    fs::write(&path, operator.credentials(None, "ada", 0)).unwrap();
    let server = NatsServer::start_with(&operator.config()).unwrap();
    let options = NatsOptions::new(&server.url()).credentials_file(&path);
    let connection = options.clone().connect().await.unwrap();
    let mut events = connection.events();
    operator.revoke_users();
    server.reload(&operator.config()).unwrap();
    let lost = async { while events.recv().await != Some(TransportEvent::Disconnected) {} };
    timeout(Duration::from_secs(1), lost).await.unwrap();
    assert!(!connection.flush().await && !connection.is_connected());
    let error = options.connect().await.unwrap_err();
    assert_eq!(error.kind(), ConnectErrorKind::Denied, "{error}");
    // A token counts as revoked if it was issued in the second of the revocation.
    sleep(Duration::from_millis(1_100)).await;
    fs::write(&path, operator.credentials(None, "ada", 0)).unwrap();
    let restored = async {
        while !connection.flush().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(TEST_TIMEOUT, restored).await.unwrap();
}
