//! The first connection, to a server that is not up yet.

use std::error::Error as _;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use natsgen_runtime::{ConnectErrorKind, NatsOptions};
use natsgen_testing::NatsServer;
use tokio::time::{sleep, timeout};

/// Above the duration of any step on a slow machine.
const TEST_TIMEOUT: Duration = Duration::from_mins(1);

#[tokio::test]
async fn connect_waits_for_a_server_that_starts_later() {
    let mut server = NatsServer::start().unwrap();
    server.kill();
    let options = NatsOptions::new(&server.url());
    let at_once = options.clone().connect().await.unwrap_err();
    assert_eq!(at_once.kind(), ConnectErrorKind::Unreachable);
    let connecting = tokio::spawn(options.wait(TEST_TIMEOUT).connect());
    sleep(Duration::from_millis(400)).await;
    assert!(!connecting.is_finished(), "there is no server yet");
    server.restart().unwrap();
    let connection = timeout(TEST_TIMEOUT, connecting).await.unwrap();
    let connection = connection.unwrap().unwrap();
    assert!(connection.is_connected() && connection.flush().await);
    // From here on, the connection behaves like any other connection.
    server.restart().unwrap();
    while !connection.flush().await {
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn connect_wait_ends_with_the_error_of_the_last_attempt() {
    let mut server = NatsServer::start().unwrap();
    server.kill();
    let options = NatsOptions::new(&server.url()).wait(Duration::from_millis(500));
    let started = Instant::now();
    let error = options.connect().await.unwrap_err();
    assert_eq!(error.kind(), ConnectErrorKind::Unreachable);
    assert!(
        started.elapsed() < TEST_TIMEOUT / 2,
        "{:?}",
        started.elapsed()
    );
    let text = error.to_string();
    let (_, attempts) = text.split_once("no connection within 500ms, ").unwrap();
    let (attempts, why) = attempts.split_once(" attempts: ").unwrap();
    assert!(attempts.parse::<u32>().unwrap() > 1, "{text}");
    assert!(why.ends_with("no NATS server answers there"), "{text}");
    assert!(error.source().is_some(), "{error:?}");
}

#[tokio::test]
async fn connect_attempt_ends_with_the_wait() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let options = NatsOptions::new(&format!("nats://{}", silent.local_addr().unwrap()))
        .connect_timeout(2 * TEST_TIMEOUT)
        .wait(Duration::from_millis(200));
    let error = timeout(TEST_TIMEOUT, options.connect()).await.unwrap();
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ConnectErrorKind::TimedOut);
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
}

#[tokio::test]
async fn connect_permanent_errors_fail_at_once() {
    let server = NatsServer::start_with("authorization { token: \"s3cret\" }").unwrap();
    let check = async |options: NatsOptions, expected: ConnectErrorKind| {
        let connecting = options.wait(Duration::MAX).connect();
        let error = timeout(TEST_TIMEOUT, connecting)
            .await
            .unwrap()
            .unwrap_err();
        assert_eq!(error.kind(), expected);
    };
    check(NatsOptions::new(&server.url()), ConnectErrorKind::Denied).await;
    check(
        NatsOptions::new("http://localhost"),
        ConnectErrorKind::BadOptions,
    )
    .await;
    let untrusted = NatsOptions::new(&server.url()).root_certificates("no such file");
    check(untrusted, ConnectErrorKind::Tls).await;
}
