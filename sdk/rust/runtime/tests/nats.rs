//! Features of NATS only: credentials, permissions, TLS and connect errors.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use natsgen_runtime::transport::{Message, PublishError, Transport, TransportEvent};
use natsgen_runtime::{ConnectErrorKind, NatsOptions, NatsTransport};
use natsgen_testing::{NatsServer, next_port};
use tokio::time::timeout;

const TEST_TIMEOUT: Duration = Duration::from_secs(30);

const USERS: &str = r#"authorization {
    users: [
        { user: "ada", password: "p@ss:w/rd%" }
        { user: "w1", password: "w1", permissions: {
            publish: ["register", "heartbeat.w1"]
            subscribe: ["cmd.w1.>", "_W1.>"]
            allow_responses: true
        } }
    ]
}"#;

fn message(subject: &str) -> Message {
    Message {
        subject: subject.to_owned(),
        ..Message::default()
    }
}

async fn connect(options: NatsOptions) -> Result<NatsTransport, ConnectErrorKind> {
    match options.connect_transport().await {
        Ok(transport) => Ok(transport),
        Err(error) => {
            let text = format!("{error} {error:?}");
            assert!(
                !text.contains("p@ss") && !text.contains("p%40ss") && !text.contains("s3cret"),
                "{text}"
            );
            Err(error.kind())
        }
    }
}

async fn outcome(options: NatsOptions) -> Result<(), ConnectErrorKind> {
    connect(options).await.map(drop)
}

#[tokio::test]
async fn credentials_in_url_or_options_reach_the_server() {
    let server = NatsServer::start_with(USERS).unwrap();
    let at = |credentials: &str| {
        NatsOptions::new(&format!("nats://{credentials}127.0.0.1:{}", server.port()))
    };
    assert_eq!(outcome(at("ada:p%40ss%3Aw%2Frd%25@")).await, Ok(()));
    assert_eq!(outcome(at("ada:p@ss:w/rd%@")).await, Ok(()));
    let capitals = format!("NATS://ada:p%40ss%3Aw%2Frd%25@127.0.0.1:{}", server.port());
    assert_eq!(outcome(NatsOptions::new(&capitals)).await, Ok(()));
    assert_eq!(outcome(at("").user("ada", "p@ss:w/rd%")).await, Ok(()));
    assert_eq!(
        outcome(at("w1:wrong@").user("ada", "p@ss:w/rd%")).await,
        Ok(())
    );
    assert_eq!(outcome(at("")).await, Err(ConnectErrorKind::Denied));
    assert_eq!(
        outcome(at("ada:s3cret@")).await,
        Err(ConnectErrorKind::Denied)
    );
    assert_eq!(outcome(at("s3cret@")).await, Err(ConnectErrorKind::Denied));
    let different = at("ada:p%40ss@").server("w1:w1@127.0.0.1");
    assert_eq!(outcome(different).await, Err(ConnectErrorKind::BadOptions));

    let server = NatsServer::start_with("authorization { token: \"s3cret\" }").unwrap();
    let at = |credentials: &str| {
        NatsOptions::new(&format!("nats://{credentials}127.0.0.1:{}", server.port()))
    };
    assert_eq!(outcome(at("s3cret@")).await, Ok(()));
    assert_eq!(outcome(at("").token("s3cret")).await, Ok(()));
    assert_eq!(
        outcome(at("").token("p@ss")).await,
        Err(ConnectErrorKind::Denied)
    );
}

#[tokio::test]
async fn connect_errors_have_distinct_kinds() {
    let mut server = NatsServer::start().unwrap();
    server.kill();
    assert_eq!(
        outcome(NatsOptions::new(&server.url())).await,
        Err(ConnectErrorKind::Unreachable)
    );
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("127.0.0.1:{}", mute.local_addr().unwrap().port());
    let hasty = NatsOptions::new(&url).connect_timeout(Duration::from_millis(100));
    assert_eq!(outcome(hasty).await, Err(ConnectErrorKind::TimedOut));
    assert_eq!(
        outcome(NatsOptions::new("nats://no-such-host.invalid")).await,
        Err(ConnectErrorKind::Unresolved)
    );
    for bad in [
        "",
        "http://localhost",
        "nats://",
        "nats://ada:s3cret@",
        "localhost,",
    ] {
        assert_eq!(
            outcome(NatsOptions::new(bad)).await,
            Err(ConnectErrorKind::BadOptions),
            "{bad}"
        );
    }
    let inbox = NatsOptions::new(&server.url()).inbox_prefix("_INBOX.");
    assert_eq!(outcome(inbox).await, Err(ConnectErrorKind::BadOptions));
}

#[tokio::test]
async fn connect_succeeds_with_any_listed_server() {
    let (mut down, up) = (NatsServer::start().unwrap(), NatsServer::start().unwrap());
    down.kill();
    let both = format!("{},{}", down.url(), up.url());
    assert_eq!(outcome(NatsOptions::new(&both)).await, Ok(()));
    assert_eq!(
        outcome(NatsOptions::new(&down.url()).server(&up.url())).await,
        Ok(())
    );
}

#[test]
fn options_debug_output_shows_no_secret() {
    let options = NatsOptions::new("nats://ada:s3cret@one,nats://s3cret@two").user("ada", "s3cret");
    assert!(!format!("{options:?}").contains("s3cret"), "{options:?}");
    let options = options.token("s3cret");
    assert!(!format!("{options:?}").contains("s3cret"), "{options:?}");
}

async fn next_event(transport: &NatsTransport, act: impl Future<Output = ()>) -> TransportEvent {
    let mut events = transport.events();
    act.await;
    timeout(TEST_TIMEOUT, events.recv())
        .await
        .expect("an event in time")
        .expect("an event")
}

#[tokio::test]
async fn denials_are_reported_with_their_subject() {
    let server = NatsServer::start_with(USERS).unwrap();
    let options = NatsOptions::new(&server.url())
        .user("w1", "w1")
        .inbox_prefix("_W1");
    let transport = connect(options).await.unwrap();
    assert_eq!(transport.inbox_prefix(), "_W1");
    let publish = async { transport.publish(message("cmd.w2.drain")).await.unwrap() };
    let denied = next_event(&transport, publish).await;
    assert_eq!(
        denied,
        TransportEvent::PublishDenied("cmd.w2.drain".to_owned())
    );
    for queue in [None, Some("q")] {
        let subscribe = async { drop(transport.subscribe("cmd.*.>", queue).await.unwrap()) };
        let denied = next_event(&transport, subscribe).await;
        assert_eq!(
            denied,
            TransportEvent::SubscribeDenied("cmd.*.>".to_owned())
        );
    }
}

/// The user `w1` may not publish to its inbox, so each flush has to work without the inbox.
#[tokio::test]
async fn least_privileged_user_flushes_without_loss_or_delay() {
    let server = NatsServer::start_with(USERS).unwrap();
    let all = connect(NatsOptions::new(&server.url()).user("ada", "p@ss:w/rd%"))
        .await
        .unwrap();
    let mut heartbeats = all.subscribe("heartbeat.w1", None).await.unwrap();
    let mut acks = all.subscribe("ack", None).await.unwrap();
    all.publish(message("ack")).await.unwrap();
    timeout(TEST_TIMEOUT, acks.next())
        .await
        .expect("a flush in time");
    let worker = connect(
        NatsOptions::new(&server.url())
            .user("w1", "w1")
            .inbox_prefix("_W1"),
    )
    .await
    .unwrap();
    let started = Instant::now();
    let mut commands = worker.subscribe("cmd.w1.>", None).await.unwrap();
    commands.unsubscribe().await;
    assert_eq!(commands.next().await, None);
    for _ in 0..1_000 {
        worker.publish(message("heartbeat.w1")).await.unwrap();
    }
    worker.close().await;
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "a flush ran to its limit"
    );
    for _ in 0..1_000 {
        timeout(TEST_TIMEOUT, heartbeats.next())
            .await
            .expect("a beat in time")
            .expect("a beat");
    }
}

#[tokio::test]
async fn close_without_server_delivers_after_reconnect() {
    let mut server = NatsServer::start().unwrap();
    let transport = Arc::new(connect(NatsOptions::new(&server.url())).await.unwrap());
    let mut events = transport.events();
    server.kill();
    assert_eq!(
        timeout(TEST_TIMEOUT, events.recv()).await.unwrap(),
        Some(TransportEvent::Disconnected)
    );
    transport.publish(message("late")).await.unwrap();
    let closing = tokio::spawn({
        let transport = Arc::clone(&transport);
        async move { transport.close().await }
    });
    server.restart().unwrap();
    // The subscriber can be too late for the message. The test only requires that `close` returns within the timeout.
    timeout(TEST_TIMEOUT, closing)
        .await
        .expect("an end in time")
        .unwrap();
    assert_eq!(
        timeout(TEST_TIMEOUT, events.recv()).await.unwrap(),
        Some(TransportEvent::Connected)
    );
    assert_eq!(
        timeout(TEST_TIMEOUT, events.recv()).await.unwrap(),
        Some(TransportEvent::Closed)
    );
}

#[tokio::test]
async fn silent_server_is_detected() {
    let server = NatsServer::start().unwrap();
    let options = NatsOptions::new(&server.url()).ping_interval(Duration::from_millis(50));
    let transport = connect(options).await.unwrap();
    let mut events = transport.events();
    server.pause().unwrap();
    assert_eq!(
        timeout(TEST_TIMEOUT, events.recv()).await.unwrap(),
        Some(TransportEvent::Disconnected)
    );
    server.resume().unwrap();
    assert_eq!(
        timeout(TEST_TIMEOUT, events.recv()).await.unwrap(),
        Some(TransportEvent::Connected)
    );
}

#[test]
fn connection_may_outlive_its_tokio_runtime() {
    let server = NatsServer::start().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let transport = runtime
        .block_on(connect(NatsOptions::new(&server.url())))
        .unwrap();
    drop(runtime);
    drop(transport);
}

#[tokio::test]
async fn connection_ends_with_its_foreign_runtime() {
    let server = NatsServer::start().unwrap();
    let url = server.url();
    let foreign = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let connecting = foreign.spawn(async move { connect(NatsOptions::new(&url)).await.unwrap() });
    let transport = connecting.await.unwrap();
    let mut subscriber = transport.subscribe("a", None).await.unwrap();
    let mut events = transport.events();
    assert!(transport.is_connected());
    foreign.shutdown_background();
    let event = timeout(TEST_TIMEOUT, events.recv())
        .await
        .expect("an event in time");
    assert_eq!(event, Some(TransportEvent::Closed));
    assert!(!transport.is_connected());
    let end = timeout(TEST_TIMEOUT, subscriber.next()).await;
    assert_eq!(end.expect("an end in time"), None);
    let published = timeout(TEST_TIMEOUT, transport.publish(message("a"))).await;
    assert_eq!(
        published.expect("a result in time"),
        Err(PublishError::Closed)
    );
    subscriber.unsubscribe().await;
    timeout(TEST_TIMEOUT, transport.close())
        .await
        .expect("an end in time");
}

#[tokio::test]
async fn dropped_subscriptions_end_at_the_server() {
    const COUNT: usize = 100_000;
    let monitor = next_port();
    let server = NatsServer::start_with(&format!("http: \"127.0.0.1:{monitor}\"")).unwrap();
    let transport = connect(NatsOptions::new(&server.url())).await.unwrap();
    let subscriptions = || {
        let mut stream = TcpStream::connect(("127.0.0.1", monitor)).unwrap();
        stream.write_all(b"GET /connz HTTP/1.0\r\n\r\n").unwrap();
        let mut told = String::new();
        stream.read_to_string(&mut told).unwrap();
        let (_, count) = told.split_once("\"subscriptions\": ").unwrap();
        let digits: String = count.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().unwrap()
    };
    for _ in 0..COUNT {
        drop(transport.subscribe("a.b", Some("q")).await.unwrap());
    }
    let started = Instant::now();
    while subscriptions() > 0 {
        assert!(
            started.elapsed() < TEST_TIMEOUT,
            "{} are left",
            subscriptions()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(transport.denied(), [""; 0]);
}
