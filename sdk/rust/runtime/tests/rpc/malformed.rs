//! Messages that async-nats cannot read. It drops the connection of each subscriber.

use std::time::Duration;

use natsgen_runtime::transport::TransportEvent;
use natsgen_runtime::{Connection, Failure, NoAnswer};
use natsgen_testing::NatsServer;
use tokio::time::timeout;

use crate::fixture::{TEST_TIMEOUT, Workshop, reply, request, shop};
use crate::protocol::{Noise, NoiseFilter, ShopClient, ShopServer, Tool};
use crate::raw::RawClient;

const NOISE: &[u8] = b"test.workshop.noise.s1.7";
const OK: &[u8] = b"NATS/1.0\r\n\r\n";

/// A name, and the subject, reply subject and header of a message.
type Malformed = (&'static str, &'static [u8], &'static [u8], &'static [u8]);

/// Messages that the server forwards and the client cannot read.
const MALFORMED: &[Malformed] = &[
    ("no version", NOISE, b"", b"garbage\r\n\r\n"),
    ("no colon", NOISE, b"", b"NATS/1.0\r\nno colon\r\n\r\n"),
    ("invalid name", NOISE, b"", b"NATS/1.0\r\na b: c\r\n\r\n"),
    ("status below 100", NOISE, b"", b"NATS/1.0 99\r\n\r\n"),
    ("status of letters", NOISE, b"", b"NATS/1.0 abc\r\n\r\n"),
    (
        "header of other bytes",
        NOISE,
        b"",
        b"NATS/1.0\r\na: \xff\r\n\r\n",
    ),
    (
        "subject of other bytes",
        b"test.workshop.noise.s1.\xff",
        b"",
        OK,
    ),
    ("reply subject of other bytes", NOISE, b"_INBOX.\xff", OK),
];

async fn next(events: &mut tokio::sync::mpsc::UnboundedReceiver<TransportEvent>) -> TransportEvent {
    timeout(TEST_TIMEOUT, events.recv())
        .await
        .expect("an event in time")
        .expect("an event")
}

/// Documents a defect of async-nats 0.51, see `docs/upstream/async-nats-malformed-messages.md`.
#[tokio::test(flavor = "multi_thread")]
async fn malformed_message_ends_calls_and_the_client_reconnects() {
    let server = NatsServer::start().unwrap();
    let (peer, connection) = (nats(&server).await, nats(&server).await);
    let workshop = Workshop::default();
    let recorder = std::sync::Arc::clone(&workshop.recorder);
    let _service = ShopServer::new(workshop)
        .start(&peer, &shop())
        .await
        .unwrap();
    let client = ShopClient::new(&connection);
    let _noises = connection
        .subscribe::<Noise>(&NoiseFilter::default())
        .await
        .unwrap();
    let mut raw = RawClient::connect(&server);
    for (name, subject, reply_subject, header) in MALFORMED {
        let mut events = connection.events();
        let running = client.clone();
        let running =
            tokio::spawn(async move { running.work(&shop(), &request("x", Tool::Never)).await });
        recorder.wait_for("x").await;
        raw.publish(subject, reply_subject, header, b"");
        raw.flush();
        assert_eq!(
            next(&mut events).await,
            TransportEvent::Disconnected,
            "{name}"
        );
        assert_eq!(next(&mut events).await, TransportEvent::Connected, "{name}");
        let failure = timeout(TEST_TIMEOUT, running)
            .await
            .unwrap()
            .unwrap()
            .unwrap_err()
            .failure;
        assert_eq!(failure, Failure::NoAnswer(NoAnswer::Disconnected), "{name}");
        recorder.clear();
        assert!(connection.flush().await);
        assert_eq!(
            client.work(&shop(), &request("y", Tool::Reply)).await,
            Ok(reply("y")),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_messages_do_not_reach_other_connections() {
    let server = NatsServer::start().unwrap();
    let (peer, connection) = (nats(&server).await, nats(&server).await);
    let _service = ShopServer::new(Workshop::default())
        .start(&peer, &shop())
        .await
        .unwrap();
    let client = ShopClient::new(&connection);
    let public = connection.isolated().await;
    let mut noises = public
        .subscribe::<Noise>(&NoiseFilter::default())
        .await
        .unwrap();
    let (mut events, mut public_events) = (connection.events(), public.events());
    let calls = tokio::spawn({
        let client = client.clone();
        async move {
            let request = request("x", Tool::Reply);
            for _ in 0..200 {
                assert_eq!(client.work(&shop(), &request).await, Ok(reply("x")));
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    });
    let mut raw = RawClient::connect(&server);
    for (name, subject, reply_subject, header) in MALFORMED {
        raw.publish(subject, reply_subject, header, b"");
        assert_eq!(
            next(&mut public_events).await,
            TransportEvent::Disconnected,
            "{name}"
        );
        assert_eq!(
            next(&mut public_events).await,
            TransportEvent::Connected,
            "{name}"
        );
        assert!(public.flush().await);
    }
    timeout(TEST_TIMEOUT, calls)
        .await
        .expect("an end in time")
        .unwrap();
    assert!(
        events.try_recv().is_err(),
        "the connection of the calls is not affected"
    );
    raw.publish(NOISE, b"", OK, br#"{"decibel": 60}"#);
    assert!(
        timeout(TEST_TIMEOUT, noises.next())
            .await
            .unwrap()
            .is_some()
    );
    connection.close().await;
    let end = async { while noises.next().await.is_some() {} };
    timeout(TEST_TIMEOUT, end)
        .await
        .expect("the isolated connection closes too");
}

async fn nats(server: &NatsServer) -> Connection {
    Connection::nats(&server.url()).await.unwrap()
}
