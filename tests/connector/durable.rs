//! Durable delivery over streams of a real nats-server.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use natsgen_runtime::transport::{Message, Transport as _};
use natsgen_runtime::{NatsOptions, Side, codec};
use natsgen_testing::NatsServer;
use serde_json::{Value, json};
use tokio::time::timeout;
use varpulis_sdk::connector::{
    ConnectorError, Delivery, DurableError, Event, ManagedNatsConnector, NatsConfig, NatsSink,
    NatsSource, SourceOptions,
};

use crate::support::LIMIT;

/// A configuration with `durable` in addition to the usual settings. `null` removes a setting.
fn config(server: &NatsServer, durable: &Value) -> NatsConfig {
    let mut members =
        json!({ "stream": "EVENTS", "consumer": "engine", "create": true, "ack_wait_ms": 1_000 });
    for (name, value) in durable.as_object().expect("an object") {
        members[name] = value.clone();
    }
    let all = members.as_object_mut().expect("an object");
    all.retain(|_, value| !value.is_null());
    let config =
        json!({ "nats": { "servers": server.url() }, "subject": "events.*", "durable": members });
    codec::decode(config.to_string().as_bytes(), Side::Request).expect("a valid configuration")
}

fn connector(server: &NatsServer, durable: &Value) -> ManagedNatsConnector {
    ManagedNatsConnector::new("test", config(server, durable)).expect("a valid configuration")
}

async fn source(connector: &ManagedNatsConnector) -> NatsSource {
    connector
        .source(SourceOptions::new())
        .await
        .expect("a source")
}

async fn next(source: &mut NatsSource) -> Option<Delivery> {
    timeout(LIMIT, source.next())
        .await
        .expect("an event or the end")
}

async fn take(source: &mut NatsSource) -> (u64, Delivery) {
    let delivery = next(source).await.expect("an event");
    let number = delivery.event.fields["number"].as_u64().expect("a number");
    (number, delivery)
}

/// Sends events with the numbers of `numbers`.
async fn send(connector: &ManagedNatsConnector, numbers: std::ops::Range<u64>) {
    let sink = connector.sink(Some("events.a")).await.expect("a sink");
    send_by(&sink, numbers).await;
}

async fn send_by(sink: &NatsSink, numbers: std::ops::Range<u64>) {
    for number in numbers {
        let event = Event::new("Counted").field("number", number);
        sink.send_once(&format!("id-{number}"), &event)
            .await
            .expect("a stored event");
    }
}

/// Publishes a payload that no sink would write.
async fn publish(server: &NatsServer, payload: &'static str) {
    let transport = NatsOptions::new(&server.url())
        .connect_transport()
        .await
        .unwrap();
    let message = Message {
        subject: "events.raw".to_owned(),
        payload: payload.into(),
        ..Message::default()
    };
    transport.publish(message).await.unwrap();
    transport.close().await;
}

#[tokio::test]
async fn durable_setup_errors_name_the_cause_and_both_values() {
    let server = NatsServer::start_with_streams("").unwrap();
    let error = |durable: Value| {
        let connector = connector(&server, &durable);
        async move {
            let source = connector.source(SourceOptions::new()).await;
            source.expect_err("an error").to_string()
        }
    };
    let missing = error(json!({ "create": false })).await;
    assert!(
        missing.contains("stream \"EVENTS\" does not exist"),
        "{missing}"
    );
    drop(source(&connector(&server, &json!({}))).await);
    for (durable, expected) in [
        (
            json!({ "consumer": "other", "create": false }),
            ["no consumer", "other"],
        ),
        (json!({ "consumer": null }), ["needs", "durable.consumer"]),
        (
            json!({ "ack_wait_ms": 2_000 }),
            ["2000000000", "1000000000"],
        ),
        (json!({ "max_in_flight": 7 }), ["\"7\"", "\"1024\""]),
        (
            json!({ "dead_letter_subject": "dead" }),
            ["no stream stores", "dead"],
        ),
    ] {
        let text = error(durable).await;
        assert!(
            expected.iter().all(|part| text.contains(part)),
            "{expected:?}: {text}"
        );
    }
}

#[tokio::test]
async fn durable_server_without_streams_is_a_typed_error() {
    let server = NatsServer::start().unwrap();
    let started = Instant::now();
    let error = connector(&server, &json!({}))
        .source(SourceOptions::new())
        .await
        .err();
    let is_typed = matches!(
        error,
        Some(ConnectorError::Durable(DurableError::Unavailable))
    );
    assert!(is_typed, "{error:?}");
    assert!(started.elapsed() < LIMIT / 4);
}

#[tokio::test]
async fn durable_rejected_events_arrive_again() {
    let server = NatsServer::start_with_streams("").unwrap();
    let connector = connector(&server, &json!({}));
    let mut source = source(&connector).await;
    send(&connector, 0..10).await;
    let mut committed = BTreeSet::new();
    let mut rejected = BTreeSet::new();
    while committed.len() < 10 {
        let (number, delivery) = take(&mut source).await;
        if number % 3 == 0 && rejected.insert(number) {
            drop(delivery);
        } else {
            delivery.commit();
            assert!(
                committed.insert(number),
                "{number} arrived after its commit"
            );
        }
    }
}

#[tokio::test]
async fn durable_single_reader_keeps_the_order_after_failures() {
    let mut server = NatsServer::start_with_streams("").unwrap();
    let connector = connector(
        &server,
        &json!({ "single_reader": true, "max_in_flight": 16 }),
    );
    let mut reader = source(&connector).await;
    send(&connector, 0..100).await;
    let mut rejected = BTreeSet::new();
    let mut expected = 0;
    let mut server_forgot = false;
    while expected < 100 {
        let (number, delivery) = take(&mut reader).await;
        // A killed server may lose the last confirmations. Then the events continue once from an earlier place.
        if server_forgot && number < expected {
            server_forgot = false;
            expected = number;
        }
        assert_eq!(number, expected);
        match number {
            20 | 60 if rejected.insert(number) => {
                drop(delivery);
                continue;
            }
            40 if rejected.insert(number) => {
                server.restart().unwrap();
                server_forgot = true;
            }
            // A reader that ends without a drain leaves messages in flight.
            80 if rejected.insert(number) => {
                drop((delivery, reader));
                reader = source(&connector).await;
                continue;
            }
            _ => {}
        }
        delivery.commit();
        expected += 1;
    }
}

#[tokio::test]
async fn durable_long_work_is_not_delivered_again() {
    let server = NatsServer::start_with_streams("").unwrap();
    let connector = connector(&server, &json!({}));
    let mut source = source(&connector).await;
    send(&connector, 0..1).await;
    let (_, delivery) = take(&mut source).await;
    // The server would deliver the event again after a second.
    let again = timeout(Duration::from_secs(3), source.next()).await;
    assert!(again.is_err(), "{again:?}");
    delivery.commit();
    let again = timeout(Duration::from_secs(2), source.next()).await;
    assert!(again.is_err(), "{again:?}");
}

#[tokio::test]
async fn durable_batch_is_confirmed_after_its_last_event() {
    let server = NatsServer::start_with_streams("").unwrap();
    let connector = connector(&server, &json!({}));
    let mut source = source(&connector).await;
    publish(&server, r#"[{"number": 0}, {"number": 1}]"#).await;
    let (first, rejected) = take(&mut source).await;
    let (second, committed) = take(&mut source).await;
    assert_eq!((first, second), (0, 1));
    drop(rejected);
    committed.commit();
    for expected in 0..2 {
        let (number, delivery) = take(&mut source).await;
        assert_eq!(number, expected);
        delivery.commit();
    }
    let again = timeout(Duration::from_secs(2), source.next()).await;
    assert!(again.is_err(), "{again:?}");
}

#[tokio::test]
async fn durable_unreadable_message_becomes_a_dead_letter() {
    let server = NatsServer::start_with_streams("").unwrap();
    let letters = json!({ "stream": "LETTERS", "consumer": "letters" });
    let mut letters = config(&server, &letters);
    letters.subject = Some("dead.*".try_into().unwrap());
    let letters = ManagedNatsConnector::new("letters", letters).unwrap();
    let mut dead = source(&letters).await;
    let connector = connector(&server, &json!({ "dead_letter_subject": "dead.events" }));
    let mut source = source(&connector).await;
    publish(&server, "no JSON\n").await;
    publish(&server, r#"{"number": 5}"#).await;
    let (number, delivery) = take(&mut source).await;
    assert_eq!(number, 5);
    delivery.commit();
    // The letter is unreadable, too, and its own reader has no dead-letter subject.
    assert!(timeout(Duration::from_secs(2), dead.next()).await.is_err());
    let refused = letters.refused_messages();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].subject, "dead.events");
    assert_eq!(refused[0].payload, b"no JSON\n");
    assert_eq!(connector.refused_messages().len(), 1);
}

#[tokio::test]
async fn durable_event_is_stored_once_per_id() {
    let server = NatsServer::start_with_streams("").unwrap();
    let connector = connector(&server, &json!({}));
    let mut source = source(&connector).await;
    for _ in 0..2 {
        send(&connector, 0..5).await;
    }
    for expected in 0..5 {
        let (number, delivery) = take(&mut source).await;
        assert_eq!(number, expected);
        delivery.commit();
    }
    let again = timeout(Duration::from_millis(300), source.next()).await;
    assert!(again.is_err(), "{again:?}");
}

#[tokio::test]
async fn durable_subject_outside_the_stream_fails_at_once() {
    let server = NatsServer::start_with_streams("").unwrap();
    let connector = connector(&server, &json!({}));
    let sink = connector.sink(Some("events.a")).await.unwrap();
    let started = Instant::now();
    let error = sink
        .send_to("elsewhere", &Event::new("E"))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("elsewhere") && error.contains("events.*"),
        "{error}"
    );
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn durable_send_during_a_restart_is_stored() {
    let mut server = NatsServer::start_with_streams("").unwrap();
    let connector = connector(&server, &json!({}));
    let mut source = source(&connector).await;
    let sink = connector.sink(Some("events.a")).await.expect("a sink");
    send_by(&sink, 0..1).await;
    server.kill();
    let sending = send_by(&sink, 1..20);
    let restart = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.restart().unwrap();
    };
    tokio::join!(sending, restart);
    let mut numbers = BTreeSet::new();
    while numbers.len() < 20 {
        let (number, delivery) = take(&mut source).await;
        delivery.commit();
        numbers.insert(number);
    }
}

#[tokio::test]
async fn durable_drain_confirms_the_committed_events() {
    let server = NatsServer::start_with_streams("").unwrap();
    let first = connector(&server, &json!({}));
    let mut reader = source(&first).await;
    send(&first, 0..50).await;
    let mut numbers = BTreeSet::new();
    for _ in 0..10 {
        let (number, delivery) = take(&mut reader).await;
        delivery.commit();
        numbers.insert(number);
    }
    reader.drain();
    while let Some(delivery) = next(&mut reader).await {
        numbers.insert(delivery.commit().fields["number"].as_u64().unwrap());
    }
    first.drain(LIMIT).await.unwrap();
    // The next process gets the other events only.
    let second = connector(&server, &json!({}));
    let mut reader = source(&second).await;
    send(&second, 50..51).await;
    let mut others = BTreeSet::new();
    while numbers.len() + others.len() < 51 {
        let (number, delivery) = take(&mut reader).await;
        delivery.commit();
        assert!(!numbers.contains(&number), "{number} arrived twice");
        others.insert(number);
    }
}
