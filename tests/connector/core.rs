//! Sources and sinks without durable delivery, on a real nats-server.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use natsgen_testing::NatsServer;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use varpulis_sdk::connector::{
    ConnectorError, Event, ManagedNatsConnector, NatsSink, NatsSource, RefusalReason, SourceOptions,
};

use crate::support::{LIMIT, config, connector, eventually, next, number, numbered};

/// Permissions of a user who may use the subjects `in.>` only.
const PERMISSIONS: &str = r#"
authorization {
  users = [
    { user: open, password: test }
    { user: tight, password: test, permissions: { publish: ["in.>", "_INBOX.>"], subscribe: ["in.>", "_INBOX.>"] } }
  ]
}
"#;

#[tokio::test]
async fn core_events_keep_their_fields_and_times() {
    let server = NatsServer::start().unwrap();
    let connector = connector(&server, "in.a");
    // A sink needs no source.
    let sink = connector.sink(None).await.unwrap();
    let mut source = connector.source(SourceOptions::new()).await.unwrap();
    let event = numbered(u64::MAX)
        .field("timestamp", "mine")
        .field("type", "other");
    sink.send(&event).await.unwrap();
    assert_eq!(next(&mut source).await, event);
    let health = connector.health();
    assert!(
        health.connected && health.last_error.is_none(),
        "{health:?}"
    );
    assert_eq!((health.received, health.decoded, health.sent), (1, 1, 1));
    assert!(health.since_last_message.unwrap() < LIMIT);
}

#[tokio::test]
async fn core_sink_sends_to_the_named_subject_only() {
    let server = NatsServer::start().unwrap();
    let connector = connector(&server, "out.>");
    let mut source = connector.source(SourceOptions::new()).await.unwrap();
    let mut other = connector
        .source(SourceOptions::new().subject("out.other"))
        .await
        .unwrap();
    let sink = connector.sink(Some("out.mine")).await.unwrap();
    sink.send_to("out.other", &numbered(1)).await.unwrap();
    sink.send(&numbered(2)).await.unwrap();
    assert_eq!(number(&next(&mut other).await), 1);
    assert_eq!(number(&next(&mut source).await), 1);
    assert_eq!(number(&next(&mut source).await), 2);
    for wrong in ["", "a b", "out..x", "out.*", "out.>", ".out", "out."] {
        let error = connector.sink(Some(wrong)).await.unwrap_err();
        assert!(
            matches!(error, ConnectorError::BadSubject { .. }),
            "{wrong}: {error}"
        );
        let error = sink.send_to(wrong, &numbered(3)).await.unwrap_err();
        assert!(
            matches!(error, ConnectorError::BadSubject { .. }),
            "{wrong}: {error}"
        );
    }
    // The pattern of the configuration is no subject for a sink.
    assert!(matches!(
        connector.sink(None).await,
        Err(ConnectorError::BadSubject { .. })
    ));
    for wrong in ["", "a b", "a..b", "a.>.b"] {
        let error = connector
            .source(SourceOptions::new().subject(wrong))
            .await
            .unwrap_err();
        assert!(
            matches!(error, ConnectorError::BadSubject { .. }),
            "{wrong}: {error}"
        );
    }
    let mut without = config(&server, "a");
    without.subject = None;
    let connector = ManagedNatsConnector::new("empty", without).unwrap();
    let error = connector.source(SourceOptions::new()).await.unwrap_err();
    assert!(matches!(error, ConnectorError::NoSubject { .. }), "{error}");
    let error = connector.sink(None).await.unwrap_err();
    assert!(matches!(error, ConnectorError::NoSubject { .. }), "{error}");
}

#[tokio::test]
async fn core_oversized_event_fails_and_the_next_is_sent() {
    let server = NatsServer::start().unwrap();
    let (sink, connector) = NatsSink::connect("sink", config(&server, "out.a"))
        .await
        .unwrap();
    let mut source = connector.source(SourceOptions::new()).await.unwrap();
    let large = Event::new("E").field("text", "x".repeat(1_100_000));
    let error = sink.send(&large).await.unwrap_err();
    assert!(
        matches!(
            error,
            ConnectorError::TooLarge {
                limit: 1_048_576,
                ..
            }
        ),
        "{error}"
    );
    sink.send(&numbered(1)).await.unwrap();
    assert_eq!(number(&next(&mut source).await), 1);
    let health = connector.health();
    assert_eq!((health.sent, health.failed), (1, 1));
    assert!(health.last_error.unwrap().contains("1048576 are allowed"));
}

#[tokio::test]
async fn core_refused_messages_are_counted_and_kept() {
    let server = NatsServer::start().unwrap();
    let (mut source, connector) = NatsSource::connect("in", config(&server, "in.>"))
        .await
        .unwrap();
    let publisher = natsgen_runtime::Connection::nats(&server.url())
        .await
        .unwrap();
    let publish = async |payload: &'static str| {
        let message = natsgen_runtime::transport::Message {
            subject: "in.a".to_owned(),
            payload: payload.as_bytes().to_vec().into(),
            ..Default::default()
        };
        publisher.transport().publish(message).await.unwrap();
    };
    for _ in 0..20 {
        publish("temperature=5").await;
    }
    publish("[1]").await;
    publish(r#"[{"number":1},{"number":2}]"#).await;
    let first = next(&mut source).await;
    assert_eq!((first.event_type.as_str(), number(&first)), ("a", 1));
    assert_eq!(number(&next(&mut source).await), 2);
    let health = connector.health();
    assert_eq!((health.received, health.decoded), (22, 2));
    assert_eq!(health.refused[&RefusalReason::NotJson], 20);
    assert_eq!(health.refused[&RefusalReason::NotAnObject], 1);
    let samples = connector.refused_messages();
    assert_eq!(samples.len(), 16, "the sample is bounded");
    assert_eq!(samples[15].payload, b"[1]");
    assert_eq!(samples[15].subject, "in.a");
    assert!(
        !format!("{samples:?}").contains("temperature"),
        "Debug shows no payload"
    );
    let report = connector.report();
    let text = report.last_error.unwrap();
    assert!(text.contains("20 refused: not_json") && text.contains("1 refused: not_an_object"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn core_slow_source_counts_each_dropped_message() {
    const SENT: u64 = 100_000;
    let server = NatsServer::start().unwrap();
    let mut config = config(&server, "in.a");
    config.nats.subscription_capacity = 1_000_u32.try_into().unwrap();
    let (source, connector) = NatsSource::connect("in", config).await.unwrap();
    let (sender, mut events) = mpsc::channel::<Event>(100);
    let task = source.start(sender);
    let publisher = crate::support::connector(&server, "in.a");
    let sink = publisher.sink(None).await.unwrap();
    for index in 0..SENT {
        sink.send(&numbered(index)).await.unwrap();
    }
    sink.flush().await.unwrap();
    let mut taken = 0;
    let reader = tokio::spawn(async move {
        while events.recv().await.is_some() {
            taken += 1;
        }
        taken
    });
    task.drain().await;
    let taken = reader.await.unwrap();
    connector.drain(LIMIT).await.unwrap();
    let health = connector.health();
    assert!(health.dropped > 0, "{health:?}");
    assert_eq!((health.received, health.decoded), (taken, taken));
    assert_eq!(taken + health.dropped, SENT, "{health:?}");
}

#[tokio::test]
async fn core_stopped_member_of_a_group_takes_no_event_away() {
    let server = NatsServer::start().unwrap();
    let connector = connector(&server, "in.a");
    let member = || SourceOptions::new().queue_group("g");
    let (sender, mut events) = mpsc::channel::<Event>(10_000);
    let first = connector
        .source(member())
        .await
        .unwrap()
        .start(sender.clone());
    let second = connector.source(member()).await.unwrap().start(sender);
    let sink = connector.sink(None).await.unwrap();
    for index in 0..1_000 {
        sink.send(&numbered(index)).await.unwrap();
    }
    first.drain().await;
    for index in 1_000..2_000 {
        sink.send(&numbered(index)).await.unwrap();
    }
    sink.flush().await.unwrap();
    second.drain().await;
    let mut numbers = Vec::new();
    while let Some(event) = events.recv().await {
        numbers.push(number(&event));
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (0..2_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn core_drain_yields_delivered_events_and_ends() {
    let server = NatsServer::start().unwrap();
    let connector = connector(&server, "in.a");
    let mut source = connector.source(SourceOptions::new()).await.unwrap();
    let sink = connector.sink(None).await.unwrap();
    for index in 0..500 {
        sink.send(&numbered(index)).await.unwrap();
    }
    sink.flush().await.unwrap();
    let draining = tokio::spawn({
        let connector = connector.clone();
        async move { connector.drain(LIMIT).await }
    });
    let mut expected = 0;
    while let Some(delivery) = timeout(LIMIT, source.next()).await.unwrap() {
        assert_eq!(number(&delivery.commit()), expected);
        expected += 1;
    }
    assert_eq!(expected, 500);
    draining.await.unwrap().unwrap();
    assert!(!connector.health().connected);
    assert!(matches!(
        sink.send(&numbered(0)).await,
        Err(ConnectorError::Closed)
    ));
    let closed = connector.source(SourceOptions::new()).await;
    assert!(matches!(closed, Err(ConnectorError::Closed)));
}

#[tokio::test]
async fn core_drain_of_an_unread_source_ends_in_time() {
    let server = NatsServer::start().unwrap();
    let connector = connector(&server, "in.a");
    let _source = connector.source(SourceOptions::new()).await.unwrap();
    let error = connector
        .drain(Duration::from_millis(50))
        .await
        .unwrap_err();
    assert!(
        matches!(error, ConnectorError::NotDrained { sources: 1 }),
        "{error}"
    );
}

#[tokio::test]
async fn core_denied_subjects_are_typed_errors() {
    let server = NatsServer::start_with(PERMISSIONS).unwrap();
    let mut config = config(&server, "in.a");
    config.nats.servers = server
        .url()
        .replace("nats://", "nats://tight:test@")
        .try_into()
        .unwrap();
    let connector = ManagedNatsConnector::new("tight", config).unwrap();
    drop(connector.source(SourceOptions::new()).await.unwrap());
    let error = connector
        .source(SourceOptions::new().subject("secret.>"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, ConnectorError::Denied { subject } if subject == "secret.>"),
        "{error}"
    );
    let sink = connector.sink(Some("secret.a")).await.unwrap();
    sink.send(&numbered(1)).await.unwrap();
    let error = sink.flush().await.unwrap_err();
    assert!(
        matches!(&error, ConnectorError::Denied { subject } if subject == "secret.a"),
        "{error}"
    );
    sink.flush().await.unwrap();
    let health = connector.health();
    assert_eq!(health.failed, 1);
    assert!(health.last_error.unwrap().contains("secret."));
}

#[tokio::test]
async fn core_connect_errors_are_typed_and_reported() {
    let server = NatsServer::start_with(PERMISSIONS).unwrap();
    let connector = connector(&server, "in.a");
    let error = connector.connect().await.unwrap_err();
    assert!(matches!(error, ConnectorError::Connect(_)), "{error}");
    let health = connector.health();
    assert!(!health.connected);
    assert!(
        health
            .last_error
            .unwrap()
            .contains("refused the credentials")
    );
}

#[tokio::test]
async fn core_dropped_receiver_ends_the_subscription() {
    let server = NatsServer::start().unwrap();
    let connector = connector(&server, "in.a");
    let (sender, events) = mpsc::channel::<Event>(1);
    let task = connector
        .source(SourceOptions::new())
        .await
        .unwrap()
        .start(sender);
    drop(events);
    eventually("the task ends", || task.is_finished()).await;
    connector
        .sink(None)
        .await
        .unwrap()
        .send(&numbered(1))
        .await
        .unwrap();
    sleep(Duration::from_millis(50)).await;
    assert_eq!(connector.health().received, 0);
}

#[tokio::test]
async fn core_stream_and_futures_sink_pass_events() {
    let server = NatsServer::start().unwrap();
    let connector = connector(&server, "in.a");
    let source = connector.source(SourceOptions::new()).await.unwrap();
    let mut sink = connector.sink(None).await.unwrap().into_sink();
    let events = futures_util::stream::iter((0..100).map(|index| Ok(numbered(index))));
    sink.send_all(&mut { events }).await.unwrap();
    sink.close().await.unwrap();
    let taken = source.take(100).map(|delivery| number(&delivery.commit()));
    let numbers: Vec<_> = timeout(LIMIT, taken.collect()).await.unwrap();
    assert_eq!(numbers, (0..100).collect::<Vec<_>>());
}
