//! Execution of requests by a server.

use std::time::{Duration, Instant};

use natsgen_runtime::transport::{Headers, Message, Transport};
use natsgen_runtime::{
    CallOptions, Connection, Failure, Millis, Refused, ServeOptions, StandardFault,
};

use crate::fixture::{Fixture, TEST_TIMEOUT, next, on_bench, reply, request, shop};
use crate::protocol::{CUSTOMER, SHOP, ShopClient, Tool};

pub(crate) fn standard<T, F: std::fmt::Debug>(
    called: Result<T, natsgen_runtime::CallError<F>>,
) -> Option<StandardFault> {
    match called.map_err(|error| error.failure) {
        Err(Failure::Refused(Refused::Standard(fault))) => Some(fault),
        _ => None,
    }
}

#[tokio::test]
async fn server_runs_requests_of_a_key_in_order() {
    let fixture = Fixture::new().await;
    let first = fixture.spawn(on_bench("a0", "a", Tool::Never));
    fixture.recorder.wait_for("a0").await;
    let mut behind = Vec::new();
    for number in 1..50 {
        behind.push(fixture.spawn(on_bench(&format!("a{number}"), "a", Tool::Reply)));
        tokio::task::yield_now().await;
    }
    for number in 0..50 {
        let name = format!("b{number}");
        let other = if number % 2 == 0 {
            request(&name, Tool::Reply)
        } else {
            on_bench(&name, "b", Tool::Reply)
        };
        assert_eq!(fixture.client.work(&shop(), &other).await, Ok(reply(&name)));
    }
    let begun = fixture.recorder.begun();
    assert_eq!(
        begun.iter().filter(|name| name.starts_with('a')).count(),
        1,
        "{begun:?}"
    );
    assert_eq!(fixture.server.stats().waiting, 49);
    fixture.recorder.release.notify_one();
    assert_eq!(first.await.unwrap(), Ok(reply("a0")));
    for call in behind {
        assert!(call.await.unwrap().is_ok());
    }
    let begun = fixture.recorder.begun();
    let order: Vec<_> = begun
        .into_iter()
        .filter(|name| name.starts_with('a'))
        .collect();
    let expected: Vec<_> = (0..50).map(|number| format!("a{number}")).collect();
    assert_eq!(order, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn server_continues_while_a_handler_blocks_its_thread() {
    let fixture = Fixture::new().await;
    let mut blocking = request("block", Tool::Block);
    blocking.effort = Duration::from_secs(3).try_into().unwrap();
    let started = Instant::now();
    // Sent together with other requests, so that the server receives them as a batch.
    let mut calls = vec![fixture.spawn(blocking)];
    calls.extend((0..64).map(|number| fixture.spawn(request(&format!("q{number}"), Tool::Reply))));
    for call in calls.drain(1..) {
        assert!(call.await.unwrap().is_ok());
    }
    fixture
        .client
        .work(&shop(), &request("later", Tool::Reply))
        .await
        .unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(calls.pop().unwrap().await.unwrap(), Ok(reply("block")));
}

#[tokio::test]
async fn server_does_not_execute_expired_requests() {
    let fixture = Fixture::new().await;
    let busy = fixture.spawn(on_bench("busy", "a", Tool::Never));
    fixture.recorder.wait_for("busy").await;
    let options = CallOptions::new().timeout(Duration::from_millis(20));
    let hasty = fixture.client.clone().options(options);
    let error = hasty
        .work(&shop(), &on_bench("hasty", "a", Tool::Reply))
        .await
        .unwrap_err();
    assert!(matches!(error.failure, Failure::NoAnswer(_)), "{error:?}");
    fixture.recorder.release.notify_one();
    assert_eq!(busy.await.unwrap(), Ok(reply("busy")));
    fixture
        .client
        .work(&shop(), &on_bench("next", "a", Tool::Reply))
        .await
        .unwrap();
    assert_eq!(fixture.recorder.begun(), ["busy", "next"]);
    assert_eq!(fixture.server.stats().expired, 1);
}

#[tokio::test]
async fn server_refuses_requests_at_once_if_its_queue_is_full() {
    let fixture = Fixture::with_options(ServeOptions::new().concurrency(1).queue(1)).await;
    let running = fixture.spawn(request("running", Tool::Never));
    fixture.recorder.wait_for("running").await;
    let waiting = fixture.spawn(request("waiting", Tool::Reply));
    while fixture.server.stats().waiting == 0 {
        tokio::task::yield_now().await;
    }
    let error = fixture
        .client
        .work(&shop(), &request("beyond", Tool::Reply))
        .await
        .unwrap_err();
    assert!(error.is_retryable(), "it was not executed");
    assert_eq!(
        standard::<(), _>(Err(error)),
        Some(StandardFault::Overloaded)
    );
    fixture.recorder.release.notify_one();
    assert_eq!(running.await.unwrap(), Ok(reply("running")));
    assert_eq!(waiting.await.unwrap(), Ok(reply("waiting")));
    assert_eq!(fixture.recorder.begun(), ["running", "waiting"]);
}

#[tokio::test]
async fn server_answers_panics_and_invalid_replies_and_continues() {
    let fixture = Fixture::new().await;
    for tool in [Tool::Panic, Tool::Break] {
        let called = fixture
            .client
            .work(&shop(), &on_bench("x", "a", tool))
            .await;
        assert_eq!(standard(called), Some(StandardFault::Internal), "{tool:?}");
    }
    let product = fixture
        .client
        .work(&shop(), &on_bench("x", "a", Tool::Reply))
        .await;
    assert_eq!(product, Ok(reply("x")));
    assert_eq!(fixture.server.stats().panicked, 1);
}

#[tokio::test]
async fn server_answers_only_inbox_subjects() {
    let fixture = Fixture::new().await;
    let peer = fixture.broker.connect();
    let mut hijacked = peer
        .subscribe("test.workshop.shop.s2.work", None)
        .await
        .unwrap();
    for reply in [None, Some("test.workshop.shop.s2.work"), Some("")] {
        let message = Message {
            subject: "test.workshop.shop.s1.work".to_owned(),
            reply: reply.map(str::to_owned),
            payload: r#"{"name":"evil","tool":"reply"}"#.into(),
            ..Message::default()
        };
        // The transport may refuse an empty reply subject.
        let _ = peer.publish(message).await;
    }
    fixture
        .client
        .work(&shop(), &request("good", Tool::Reply))
        .await
        .unwrap();
    assert_eq!(fixture.recorder.begun(), ["good"]);
    assert!(fixture.server.stats().ignored >= 2);
    let nothing = tokio::time::timeout(Duration::from_millis(50), next(&mut *hijacked)).await;
    assert!(nothing.is_err());
}

#[tokio::test]
async fn server_answers_only_inboxes_of_callers() {
    let fixture = Fixture::new().await;
    let peer = fixture.broker.connect();
    let mut replies = peer.subscribe("_INBOX_shop.s2.x", None).await.unwrap();
    let mut accepted = peer.subscribe("_INBOX_customer.c1.x", None).await.unwrap();
    let mut unlabelled = peer.subscribe("_INBOX_other.x", None).await.unwrap();
    for command in ["work", "none"] {
        for reply in ["_INBOX_shop.s2.x", "_INBOX_customer.c1.x", "_INBOX_other.x"] {
            let message = Message {
                subject: format!("test.workshop.shop.s1.{command}"),
                reply: Some(reply.to_owned()),
                payload: r#"{"name":"a","tool":"reply"}"#.into(),
                ..Message::default()
            };
            peer.publish(message).await.unwrap();
        }
    }
    for _ in 0..2 {
        next(&mut *accepted).await;
        next(&mut *unlabelled).await;
    }
    assert_eq!(fixture.server.stats().ignored, 2);
    let nothing = tokio::time::timeout(Duration::from_millis(50), next(&mut *replies)).await;
    assert!(nothing.is_err());
}

/// Handles with different identities share a connection, and each uses its own inbox.
#[tokio::test]
async fn identity_selects_the_inbox_of_calls() {
    let fixture = Fixture::new().await;
    let connection = Connection::over(fixture.broker.connect());
    let peer = fixture.broker.connect();
    let pattern = "test.workshop.shop.*.work";
    let mut requests = peer.subscribe(pattern, None).await.unwrap();
    for role in [CUSTOMER, SHOP] {
        let handle = connection.identity(role, &shop());
        let client = ShopClient::new(&handle)
            .options(CallOptions::new().timeout(Duration::from_millis(200)));
        let called = client.work(&shop(), &request("n", Tool::Reply)).await;
        assert_eq!(called.is_ok(), role == CUSTOMER);
        let reply = next(&mut *requests).await.reply.unwrap();
        let prefix = format!("_INBOX_{}.{}.", role.name(), shop());
        assert!(reply.starts_with(&prefix), "{reply}");
    }
    assert_eq!(connection.pending_requests(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn shutdown_answers_all_accepted_requests() {
    let fixture = Fixture::with_options(ServeOptions::new().concurrency(8)).await;
    let calls: Vec<_> = (0..2_000)
        .map(|number| {
            let mut request = on_bench(
                &format!("n{number}"),
                &format!("b{}", number % 100),
                Tool::Sleep,
            );
            request.effort = Millis::new(u64::from(number % 3 == 0)).unwrap();
            fixture.spawn(request)
        })
        .collect();
    fixture.recorder.wait_for("n5").await;
    let recorder = fixture.recorder;
    let stats = fixture.server.shutdown().await;
    let mut answered = 0;
    for call in calls {
        match call.await.unwrap().map_err(|error| error.failure) {
            Ok(_) => answered += 1,
            Err(Failure::NotDelivered(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(answered, recorder.begun().len());
    assert_eq!(stats.answered, u64::try_from(answered).unwrap());
    assert_eq!((stats.running, stats.waiting), (0, 0));
    let called = fixture
        .client
        .work(&shop(), &request("x", Tool::Reply))
        .await
        .unwrap_err();
    assert!(
        matches!(called.failure, Failure::NotDelivered(_)),
        "{called:?}"
    );
}

#[tokio::test]
async fn shutdown_ends_after_its_timeout() {
    let options = ServeOptions::new()
        .concurrency(2)
        .drain(Duration::from_millis(50));
    let fixture = Fixture::with_options(options).await;
    let stuck = fixture.spawn(on_bench("stuck", "a", Tool::Never));
    fixture.recorder.wait_for("stuck").await;
    let waiting = fixture.spawn(on_bench("waiting", "a", Tool::Reply));
    while fixture.server.stats().waiting == 0 {
        tokio::task::yield_now().await;
    }
    let stats = tokio::time::timeout(TEST_TIMEOUT / 4, fixture.server.shutdown())
        .await
        .unwrap();
    assert_eq!((stats.running, stats.refused), (1, 1));
    assert_eq!(
        standard(waiting.await.unwrap()),
        Some(StandardFault::Draining)
    );
    fixture.recorder.release.notify_one();
    assert_eq!(stuck.await.unwrap(), Ok(reply("stuck")));
    assert_eq!(fixture.recorder.begun(), ["stuck"]);
}

#[tokio::test]
async fn dropped_server_answers_accepted_requests() {
    let fixture = Fixture::new().await;
    let running = fixture.spawn(request("running", Tool::Never));
    fixture.recorder.wait_for("running").await;
    drop(fixture.server);
    let gone = async {
        while fixture
            .client
            .work(&shop(), &request("x", Tool::Reply))
            .await
            .is_ok()
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(TEST_TIMEOUT / 4, gone).await.unwrap();
    fixture.recorder.release.notify_one();
    assert_eq!(running.await.unwrap(), Ok(reply("running")));
}

#[tokio::test]
async fn request_without_deadline_gets_the_operation_timeout() {
    let check = |headers: &[(&'static str, &str)], low: u64, high: u64| {
        let mut all = Headers::new();
        for (name, value) in headers {
            all.append(*name, *value);
        }
        let context = natsgen_runtime::Context::new("a.b", all, Duration::from_secs(20));
        let millis = u64::try_from(context.remaining().as_millis()).unwrap();
        assert!((low..=high).contains(&millis), "{headers:?} {millis}");
    };
    check(&[], 15_000, 20_000);
    check(&[("Request-Timeout", "100000")], 90_000, 100_000);
    check(&[("Request-Timeout", "soon")], 15_000, 20_000);
    check(&[("Request-Timeout", "0")], 0, 0);
    check(
        &[("Request-Timeout", "18446744073709551615")],
        15_000,
        u64::MAX,
    );
}

#[tokio::test]
async fn connection_prefix_replaces_the_schema_prefix() {
    let fixture = Fixture::new().await;
    let prefix = natsgen_runtime::Prefix::parse("other.place").unwrap();
    let connection = Connection::over(fixture.broker.connect()).prefix(prefix);
    let client = ShopClient::new(&connection);
    assert!(
        client
            .work(&shop(), &request("x", Tool::Reply))
            .await
            .is_err()
    );
    let server = crate::protocol::ShopServer::new(crate::fixture::Workshop::default())
        .start(&connection, &shop())
        .await
        .unwrap();
    assert_eq!(
        client.work(&shop(), &request("x", Tool::Reply)).await,
        Ok(reply("x"))
    );
    assert_eq!(server.stats().answered, 1);
    assert!(fixture.recorder.begun().is_empty());
}
