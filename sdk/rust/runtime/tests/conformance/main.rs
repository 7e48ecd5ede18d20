//! The same scenarios over each transport: the in-process transport and NATS behave alike.

mod transports;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use natsgen_runtime::transport::{
    Headers, Message, NO_RESPONDERS, PublishError, SubscribeError, Subscriber, TransportEvent,
};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::unconstrained;
use tokio::time::timeout;

use self::transports::{Network, SharedTransport};

/// Far above the duration of any scenario. It turns a hang into a failure.
const TEST_TIMEOUT: Duration = Duration::from_secs(30);

macro_rules! over_every_transport {
    ($($scenario:ident)*) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $scenario() {
                super::$scenario(super::Network::memory()).await;
            })*
        }

        mod nats {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $scenario() {
                super::$scenario(super::Network::nats()).await;
            })*
        }
    };
}

over_every_transport! {
    message_arrives_unchanged
    wildcards_receive_matching_subjects
    queue_group_gets_each_message_once
    request_without_subscriber_gets_no_responders
    size_limit_counts_headers
    unsubscribe_loses_no_message
    messages_keep_their_order
    messages_before_a_flush_are_ready_after_it
    slow_subscriber_keeps_its_byte_budget
    close_delivers_accepted_messages
    drop_delivers_accepted_messages
    closed_connection_reports_closed
    lost_connection_is_reported_and_restored
    disconnected_publishes_are_delivered_in_order
    invalid_subjects_are_refused
    slow_subscriber_losses_are_reported
}

fn message(subject: &str, payload: impl Into<Bytes>) -> Message {
    Message {
        subject: subject.to_owned(),
        payload: payload.into(),
        ..Message::default()
    }
}

async fn publish(transport: &SharedTransport, subject: &str, payload: impl Into<Bytes>) {
    transport.publish(message(subject, payload)).await.unwrap();
}

/// Subscribes, and returns when the server has processed the subscription.
async fn subscribe(
    transport: &SharedTransport,
    pattern: &str,
    queue: Option<&str>,
) -> Box<dyn Subscriber> {
    let subscriber = transport.subscribe(pattern, queue).await.unwrap();
    flush(transport).await;
    subscriber
}

async fn flush(transport: &SharedTransport) {
    let inbox = format!("{}.round.trip", transport.inbox_prefix());
    let mut echo = transport.subscribe(&inbox, None).await.unwrap();
    publish(transport, &inbox, "").await;
    next(&mut echo).await;
}

async fn next(subscriber: &mut Box<dyn Subscriber>) -> Message {
    timeout(TEST_TIMEOUT, subscriber.next())
        .await
        .expect("a message in time")
        .expect("a subscription that goes on")
}

async fn wait_for(events: &mut UnboundedReceiver<TransportEvent>, expected: &TransportEvent) {
    while timeout(TEST_TIMEOUT, events.recv())
        .await
        .expect("an event in time")
        .as_ref()
        != Some(expected)
    {}
}

/// Collects the number in the payload of each remaining message, until the subscription ends.
async fn numbers(mut subscriber: Box<dyn Subscriber>) -> Vec<u64> {
    let mut numbers = Vec::new();
    while let Some(message) = timeout(TEST_TIMEOUT, subscriber.next())
        .await
        .expect("an end in time")
    {
        numbers.push(number(&message));
    }
    numbers
}

fn number(message: &Message) -> u64 {
    std::str::from_utf8(&message.payload)
        .unwrap()
        .parse()
        .unwrap()
}

async fn message_arrives_unchanged(network: Network) {
    let (sender, reader) = (network.connect().await, network.connect().await);
    let mut first = subscribe(&reader, "a.b", None).await;
    let mut second = subscribe(&reader, "a.b", None).await;
    let mut own = subscribe(&sender, "a.b", None).await;
    let mut headers = Headers::new();
    headers.insert("Request-Id", "7");
    headers.append("Traced", "once");
    headers.append("Traced", "ünïcode: two");
    let sent = Message {
        reply: Some("_INBOX.x.1".to_owned()),
        headers,
        ..message("a.b", Bytes::from_static(b"\0\xff payload\r\n"))
    };
    sender.publish(sent.clone()).await.unwrap();
    for subscriber in [&mut first, &mut second, &mut own] {
        let mut got = next(subscriber).await;
        let headers = std::mem::take(&mut got.headers);
        assert_eq!(
            got,
            Message {
                headers: Headers::new(),
                ..sent.clone()
            }
        );
        let written: BTreeSet<_> = headers.iter().collect();
        assert_eq!(written, sent.headers.iter().collect());
        assert_eq!(headers.get("traced"), Some("once"));
    }
}

async fn wildcards_receive_matching_subjects(network: Network) {
    let transport = network.connect().await;
    let subjects = ["t.a", "t.b", "t.a.b", "t.a.c", "t.a.b.c"];
    let expected = [
        ("t.a", vec![0]),
        ("t.*", vec![0, 1]),
        ("t.>", vec![0, 1, 2, 3, 4]),
        ("t.a.*", vec![2, 3]),
        ("t.*.b", vec![2]),
        ("t.a.>", vec![2, 3, 4]),
        ("*.*.b.>", vec![4]),
        ("t.a.b.c.>", vec![]),
    ];
    let mut subscribers = Vec::new();
    for (pattern, _) in &expected {
        subscribers.push(subscribe(&transport, pattern, None).await);
    }
    for (number, subject) in subjects.iter().enumerate() {
        publish(&transport, subject, number.to_string()).await;
    }
    for ((pattern, expected), mut subscriber) in expected.into_iter().zip(subscribers) {
        subscriber.unsubscribe().await;
        assert_eq!(numbers(subscriber).await, expected, "{pattern}");
    }
}

async fn queue_group_gets_each_message_once(network: Network) {
    let sender = network.connect().await;
    let readers = [
        network.connect().await,
        network.connect().await,
        network.connect().await,
    ];
    let mut members = Vec::new();
    for (queue, pattern) in [("one", "q.*"), ("two", "q.>"), ("one", "q.a")] {
        for reader in &readers {
            members.push((queue, subscribe(reader, pattern, Some(queue)).await));
        }
    }
    let plain = subscribe(&readers[0], "q.a", None).await;
    for number in 0..600 {
        publish(&sender, "q.a", number.to_string()).await;
    }
    flush(&sender).await;
    members.push(("none", plain));
    let mut got = Vec::new();
    for (queue, mut member) in members {
        member.unsubscribe().await;
        let numbers = numbers(member).await;
        assert!(!numbers.is_empty(), "a member of {queue} got nothing");
        got.extend(numbers.into_iter().map(|number| (queue, number)));
    }
    got.sort_unstable();
    let expected = ["none", "one", "two"]
        .into_iter()
        .flat_map(|queue| (0..600).map(move |number| (queue, number)));
    assert_eq!(got, expected.collect::<Vec<_>>());
}

async fn request_without_subscriber_gets_no_responders(network: Network) {
    let (asker, server) = (network.connect().await, network.connect().await);
    let mut inbox = subscribe(&asker, "_INBOX.x.*", None).await;
    let ask = |reply: &str| Message {
        reply: Some(reply.to_owned()),
        ..message("service", "?")
    };
    asker.publish(ask("_INBOX.x.1")).await.unwrap();
    let answer = next(&mut inbox).await;
    assert_eq!(
        (answer.subject.as_str(), answer.status),
        ("_INBOX.x.1", Some(NO_RESPONDERS))
    );
    assert!(answer.payload.is_empty());

    let mut service = subscribe(&server, "service", Some("q")).await;
    asker.publish(ask("_INBOX.x.2")).await.unwrap();
    let request = next(&mut service).await;
    publish(&server, &request.reply.unwrap(), "!").await;
    let answer = next(&mut inbox).await;
    assert_eq!(
        (answer.subject.as_str(), answer.status),
        ("_INBOX.x.2", None)
    );

    service.unsubscribe().await;
    asker.publish(ask("_INBOX.x.3")).await.unwrap();
    assert_eq!(next(&mut inbox).await.status, Some(NO_RESPONDERS));

    // A message without a reply subject gets no status 503.
    publish(&asker, "service", "?").await;
    publish(&asker, "_INBOX.x.4", "last").await;
    assert_eq!(next(&mut inbox).await.payload, "last");
}

async fn size_limit_counts_headers(network: Network) {
    let transport = network.connect().await;
    let limit = transport.max_payload();
    assert_eq!(limit, 1_048_576);
    let mut subscriber = subscribe(&transport, "big", None).await;
    let mut headers = Headers::new();
    headers.insert("A", "b");
    for headers in [Headers::new(), headers] {
        let room = limit - headers.wire_size();
        let fits = Message {
            headers: headers.clone(),
            ..message("big", vec![b'x'; room])
        };
        transport.publish(fits).await.unwrap();
        assert_eq!(next(&mut subscriber).await.payload.len(), room);
        let too_large = Message {
            headers,
            ..message("big", vec![b'x'; room + 1])
        };
        let expected = PublishError::TooLarge {
            size: limit + 1,
            limit,
        };
        assert_eq!(transport.publish(too_large).await, Err(expected));
    }
    publish(&transport, "big", "still connected").await;
    assert_eq!(next(&mut subscriber).await.payload, "still connected");
}

/// A member of a queue group leaves during a stream of messages. The two members together receive each message.
async fn unsubscribe_loses_no_message(network: Network) {
    const COUNT: u64 = 20_000;
    let sender = network.connect().await;
    let (leaver, stayer) = (network.connect().await, network.connect().await);
    for round in 0..5 {
        let subject = format!("stream.{round}");
        let mut leaving = subscribe(&leaver, &subject, Some("q")).await;
        let mut staying = subscribe(&stayer, &subject, Some("q")).await;
        let stream = tokio::spawn({
            let (sender, subject) = (Arc::clone(&sender), subject.clone());
            async move {
                for number in 0..COUNT {
                    publish(&sender, &subject, number.to_string()).await;
                }
                flush(&sender).await;
            }
        });
        let mut got = vec![number(&next(&mut leaving).await)];
        leaving.unsubscribe().await;
        got.extend(numbers(leaving).await);
        stream.await.unwrap();
        staying.unsubscribe().await;
        got.extend(numbers(staying).await);
        got.sort_unstable();
        assert_eq!(got, (0..COUNT).collect::<Vec<_>>());
    }
}

async fn messages_keep_their_order(network: Network) {
    const COUNT: u64 = 20_000;
    let (sender, reader) = (network.connect().await, network.connect().await);
    let mut subscriber = subscribe(&reader, "order.>", None).await;
    for number in 0..COUNT {
        publish(
            &sender,
            &format!("order.{}", number % 3),
            number.to_string(),
        )
        .await;
    }
    for expected in 0..COUNT {
        assert_eq!(number(&next(&mut subscriber).await), expected);
    }
}

/// Many decisions depend on this order, for example whether a notice arrived before a subscription was confirmed.
async fn messages_before_a_flush_are_ready_after_it(network: Network) {
    let transport = network.connect().await;
    for round in 1..=50 {
        let mut first = subscribe(&transport, "a", None).await;
        let mut second = subscribe(&transport, "a", None).await;
        for number in 0..round {
            publish(&transport, "a", number.to_string()).await;
        }
        flush(&transport).await;
        for subscriber in [&mut first, &mut second] {
            for expected in 0..round {
                let message = unconstrained(subscriber.next()).now_or_never();
                let message = message.expect("a ready message").expect("a message");
                assert_eq!(number(&message), expected);
            }
        }
    }
}

/// The messages are far fewer than the limit of messages.
async fn slow_subscriber_keeps_its_byte_budget(network: Network) {
    const SIZE: usize = 100_000;
    const SENT: u64 = 1_000;
    let sender = network.connect().await;
    let reader = network.connect_with_small_budget().await;
    let mut events = reader.events();
    let mut slow = subscribe(&reader, "a", None).await;
    for _ in 0..SENT {
        publish(&sender, "a", vec![0; SIZE]).await;
    }
    flush(&sender).await;
    flush(&reader).await;
    // Over NATS the limit is enforced every 25 ms.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut kept = 0;
    while let Some(Some(message)) = unconstrained(slow.next()).now_or_never() {
        assert_eq!(message.payload.len(), SIZE);
        kept += 1;
    }
    // 1 MB and the messages that are in transit at the end.
    assert!((10..=100).contains(&kept), "{kept}");
    let mut lost = 0;
    while lost < SENT - kept {
        match timeout(TEST_TIMEOUT, events.recv())
            .await
            .expect("an event in time")
        {
            Some(TransportEvent::Lost(count)) => lost += count,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(lost, SENT - kept);
}

async fn close_delivers_accepted_messages(network: Network) {
    const COUNT: u64 = 5_000;
    let (sender, reader) = (network.connect().await, network.connect().await);
    let mut subscriber = subscribe(&reader, "last.words", None).await;
    for number in 0..COUNT {
        publish(&sender, "last.words", number.to_string()).await;
    }
    sender.close().await;
    for expected in 0..COUNT {
        assert_eq!(number(&next(&mut subscriber).await), expected);
    }
}

async fn drop_delivers_accepted_messages(network: Network) {
    const COUNT: u64 = 5_000;
    let (sender, reader) = (network.connect().await, network.connect().await);
    let mut subscriber = subscribe(&reader, "last.words", None).await;
    for number in 0..COUNT {
        publish(&sender, "last.words", number.to_string()).await;
    }
    drop(sender);
    for expected in 0..COUNT {
        assert_eq!(number(&next(&mut subscriber).await), expected);
    }
}

async fn closed_connection_reports_closed(network: Network) {
    const COUNT: u64 = 2_000;
    let transport = network.connect().await;
    let mut events = transport.events();
    let subscriber = subscribe(&transport, "a", None).await;
    for number in 0..COUNT {
        publish(&transport, "a", number.to_string()).await;
    }
    transport.close().await;
    transport.close().await;
    assert_eq!(numbers(subscriber).await, (0..COUNT).collect::<Vec<_>>());
    wait_for(&mut events, &TransportEvent::Closed).await;
    assert!(!transport.is_connected());
    assert_eq!(
        transport.publish(message("a", "")).await,
        Err(PublishError::Closed)
    );
    assert_eq!(
        transport.subscribe("a", None).await.err(),
        Some(SubscribeError::Closed)
    );
}

async fn lost_connection_is_reported_and_restored(network: Network) {
    let transport = network.connect_interruptible().await;
    let mut subscriber = subscribe(&transport, "a.*", Some("q")).await;
    for round in 0..3 {
        let mut events = transport.events();
        assert!(transport.is_connected());
        network.interrupt();
        wait_for(&mut events, &TransportEvent::Disconnected).await;
        assert!(!transport.is_connected());
        let mut later = transport.subscribe("b", None).await.unwrap();
        publish(&transport, "a.b", format!("{round} accepted")).await;
        network.restore();
        wait_for(&mut events, &TransportEvent::Connected).await;
        publish(&transport, "a.c", format!("{round} delivered")).await;
        publish(&transport, "b", "also").await;
        assert_eq!(
            next(&mut subscriber).await.payload,
            format!("{round} accepted")
        );
        assert_eq!(
            next(&mut subscriber).await.payload,
            format!("{round} delivered")
        );
        assert_eq!(next(&mut later).await.payload, "also");
    }
}

/// Publishes more messages than a disconnected connection buffers. The other publish calls wait.
async fn disconnected_publishes_are_delivered_in_order(network: Network) {
    const COUNT: u64 = 5_000;
    let transport = network.connect_interruptible().await;
    let mut subscriber = subscribe(&transport, "a", None).await;
    let mut events = transport.events();
    network.interrupt();
    wait_for(&mut events, &TransportEvent::Disconnected).await;
    let publishing = tokio::spawn(async move {
        for number in 0..COUNT {
            publish(&transport, "a", number.to_string()).await;
        }
        transport
    });
    tokio::task::yield_now().await;
    assert!(!publishing.is_finished());
    network.restore();
    for expected in 0..COUNT {
        assert_eq!(number(&next(&mut subscriber).await), expected);
    }
    publishing.await.unwrap();
}

async fn invalid_subjects_are_refused(network: Network) {
    let transport = network.connect().await;
    let mut all = transport.subscribe(">", None).await.unwrap();
    let long = "a".repeat(1_025);
    let never = [
        "",
        ".",
        ".a",
        "a.",
        "a..b",
        "a b",
        "a\tb",
        "a\r\nPUB b 0\r\n",
        "a\0",
        "a\u{a0}b",
        "é",
        "a*",
        "a>b",
        long.as_str(),
    ];
    let patterns = ["*", ">", "a.*", "a.>"];
    for bad in never.into_iter().chain(patterns) {
        let refused = Err(PublishError::BadSubject(bad.to_owned()));
        assert_eq!(transport.publish(message(bad, "")).await, refused);
        let reply = Message {
            reply: Some(bad.to_owned()),
            ..message("a", "")
        };
        assert_eq!(transport.publish(reply).await, refused);
    }
    for bad in never {
        let refused = Some(SubscribeError::BadPattern(bad.to_owned()));
        assert_eq!(transport.subscribe(bad, None).await.err(), refused);
        assert_eq!(transport.subscribe("a", Some(bad)).await.err(), refused);
    }
    publish(&transport, "good", "").await;
    assert_eq!(next(&mut all).await.subject, "good");
}

async fn slow_subscriber_losses_are_reported(network: Network) {
    let (sender, reader) = (
        network.connect().await,
        network.connect_with_small_buffer().await,
    );
    let mut subscriber = subscribe(&reader, "flood", None).await;
    let mut events = reader.events();
    for number in 0..50 {
        publish(&sender, "flood", number.to_string()).await;
    }
    flush(&sender).await;
    flush(&reader).await;
    let mut lost = 0;
    while lost < 40 {
        match timeout(TEST_TIMEOUT, events.recv())
            .await
            .expect("a loss in time")
        {
            Some(TransportEvent::Lost(count)) => lost += count,
            other => panic!("{other:?} instead of a loss"),
        }
    }
    subscriber.unsubscribe().await;
    assert_eq!(numbers(subscriber).await, (0..10).collect::<Vec<_>>());
}
