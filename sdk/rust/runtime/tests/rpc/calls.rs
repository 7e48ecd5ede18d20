//! The results of calls in each phase.

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use natsgen_runtime::transport::{Message, Transport};
use natsgen_runtime::{
    CallOptions, CallRecord, Connection, Failure, Map, MemoryBroker, NoAnswer, NotDelivered,
    Observer, Refused, Retry, StandardFault, Value,
};

use crate::fixture::{Fixture, TEST_TIMEOUT, next, reply, request, shop};
use crate::protocol::{FetchRequest, Mood, Part, Shelf, ShopClient, ShopId, Tool, WorkRequest};

#[tokio::test]
async fn call_returns_the_reply() {
    let fixture = Fixture::new().await;
    let product = fixture
        .client
        .work(&shop(), &request("chair", Tool::Reply))
        .await;
    assert_eq!(product, Ok(reply("chair")));
    let fetched = fixture
        .client
        .fetch(
            &shop(),
            Shelf::try_from(7).unwrap(),
            &FetchRequest::default(),
        )
        .await;
    assert_eq!(fetched.unwrap().count.get(), 7_000);
}

#[tokio::test]
async fn call_with_invalid_payload_is_not_sent() {
    let fixture = Fixture::new().await;
    let check = async |note: Value, pointer: &str, reason: &str| {
        let part = Part {
            shelf: Shelf::try_from(1).unwrap(),
            note,
        };
        let request = WorkRequest {
            parts: vec![part].try_into().unwrap(),
            ..request("x", Tool::Reply)
        };
        let error = fixture.client.work(&shop(), &request).await.unwrap_err();
        let Failure::NotEncoded(cause) = &error.failure else {
            panic!("{error:?}")
        };
        assert_eq!(
            (cause.pointer.as_str(), cause.reason.as_str()),
            (pointer, reason)
        );
        assert!(!error.is_retryable());
    };
    let nan = Value::from(f64::NAN);
    check(nan, "/parts/0/note", "expected a finite number").await;
    let twice = Map::from_iter([("a", 1), ("a", 2)]);
    check(twice.into(), "/parts/0/note", "expected one member `a`").await;
    assert_eq!(fixture.server.stats().received, 0);
}

#[tokio::test]
async fn call_without_responder_is_not_delivered() {
    let fixture = Fixture::new().await;
    let nobody = ShopId::try_from("nobody").unwrap();
    let error = fixture
        .client
        .work(&nobody, &request("x", Tool::Reply))
        .await
        .unwrap_err();
    assert_eq!(
        error.failure,
        Failure::NotDelivered(NotDelivered::NoResponders)
    );
    assert!(error.is_retryable());
    assert_eq!(
        error.to_string(),
        "work on test.workshop.shop.nobody.work: not delivered"
    );
    assert_eq!(error.source().unwrap().to_string(), "no responders");
}

#[tokio::test]
async fn call_with_oversized_request_is_a_typed_error() {
    let broker = MemoryBroker::new().max_payload(10_000);
    let client = ShopClient::new(&Connection::over(broker.connect()));
    let error = client
        .work(&shop(), &request(&"x".repeat(10_000), Tool::Reply))
        .await
        .unwrap_err();
    let Failure::NotDelivered(NotDelivered::TooLarge {
        size,
        limit: 10_000,
    }) = error.failure
    else {
        panic!("{error:?}")
    };
    assert!(size > 10_000 && !error.is_retryable());
}

#[tokio::test]
async fn call_with_oversized_reply_is_a_typed_error() {
    let fixture = Fixture::new().await;
    let error = fixture
        .client
        .work(&shop(), &request("x", Tool::Enlarge))
        .await
        .unwrap_err();
    let Failure::Refused(Refused::Standard(StandardFault::ReplyTooLarge { detail })) =
        error.failure
    else {
        panic!("{error:?}")
    };
    assert_eq!(detail, "2000028 bytes, the limit is 1048576");
    let product = fixture
        .client
        .work(&shop(), &request("x", Tool::Reply))
        .await;
    assert_eq!(product, Ok(reply("x")));
}

#[tokio::test]
async fn call_without_reply_ends_at_its_deadline() {
    let fixture = Fixture::new().await;
    let options = CallOptions::new().timeout(Duration::from_millis(50));
    let client = fixture.client.clone().options(options);
    let started = Instant::now();
    let error = client
        .work(&shop(), &request("x", Tool::Never))
        .await
        .unwrap_err();
    assert_eq!(error.failure, Failure::NoAnswer(NoAnswer::TimedOut));
    assert!(!error.is_retryable(), "work is not idempotent");
    assert!(started.elapsed() >= Duration::from_millis(50));
    assert_eq!(fixture.connection.pending_requests(), 0);
}

#[tokio::test]
async fn call_ends_at_once_when_the_connection_is_lost() {
    let fixture = Fixture::new().await;
    let calls: Vec<_> = (0..1_000)
        .map(|number| fixture.spawn(request(&format!("n{number}"), Tool::Never)))
        .collect();
    fixture.recorder.wait_for("n999").await;
    fixture.client_side.disconnect();
    for call in calls {
        let error = tokio::time::timeout(TEST_TIMEOUT / 4, call)
            .await
            .unwrap()
            .unwrap()
            .unwrap_err();
        assert_eq!(error.failure, Failure::NoAnswer(NoAnswer::Disconnected));
    }
    let error = fixture
        .client
        .work(&shop(), &request("x", Tool::Reply))
        .await
        .unwrap_err();
    assert_eq!(
        error.failure,
        Failure::NotDelivered(NotDelivered::Disconnected)
    );
    assert!(error.is_retryable());
    fixture.client_side.reconnect();
    let product = fixture
        .client
        .work(&shop(), &request("y", Tool::Reply))
        .await;
    assert_eq!(product, Ok(reply("y")));
    // A request that was reported as not delivered is not executed later.
    assert!(!fixture.recorder.begun().contains(&"x".to_owned()));
}

#[tokio::test]
async fn call_ends_when_the_connection_is_closed() {
    let fixture = Fixture::new().await;
    let call = fixture.spawn(request("never", Tool::Never));
    fixture.recorder.wait_for("never").await;
    fixture.connection.close().await;
    let error = tokio::time::timeout(TEST_TIMEOUT / 4, call)
        .await
        .unwrap()
        .unwrap()
        .unwrap_err();
    assert_eq!(error.failure, Failure::NoAnswer(NoAnswer::Disconnected));
    let error = fixture
        .client
        .work(&shop(), &request("x", Tool::Reply))
        .await
        .unwrap_err();
    assert!(
        matches!(error.failure, Failure::NotDelivered(_)),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn call_timeouts_leave_no_pending_requests() {
    let broker = MemoryBroker::new();
    let silent = broker.connect();
    let mut unanswered = silent
        .subscribe("test.workshop.shop.s1.work", None)
        .await
        .unwrap();
    tokio::spawn(async move {
        loop {
            next(&mut *unanswered).await;
        }
    });
    let connection = Connection::over(broker.connect());
    let options = CallOptions::new().timeout(Duration::from_millis(1));
    let client = ShopClient::new(&connection).options(options);
    // More concurrent calls than the initial capacity of the table, in several rounds.
    let batches = (0..20).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            for _ in 0..3 {
                let request = request("x", Tool::Reply);
                let (shop, request) = (&shop(), &request);
                let calls = (0..1_000).map(|_| client.work(shop, request));
                for ended in join_all(calls).await {
                    let failure = ended.unwrap_err().failure;
                    assert_eq!(failure, Failure::NoAnswer(NoAnswer::TimedOut));
                }
            }
        })
    });
    for batch in join_all(batches).await {
        batch.unwrap();
    }
    assert_eq!(connection.pending_requests(), 0);
}

#[tokio::test]
async fn call_dropped_leaves_no_pending_request_and_counts_late_reply() {
    let fixture = Fixture::new().await;
    let (shop, late) = (shop(), request("late", Tool::Never));
    let mut call = Box::pin(fixture.client.work(&shop, &late));
    tokio::select! {
        _ = &mut call => panic!("nothing answers yet"),
        () = fixture.recorder.wait_for("late") => {}
    }
    assert_eq!(fixture.connection.pending_requests(), 1);
    drop(call);
    assert_eq!(fixture.connection.pending_requests(), 0);
    let other = fixture.spawn(request("other", Tool::Never));
    fixture.recorder.wait_for("other").await;
    fixture.recorder.release.notify_one();
    while fixture.connection.late_answers() == 0 {
        tokio::task::yield_now().await;
    }
    fixture.recorder.release.notify_one();
    assert_eq!(other.await.unwrap(), Ok(reply("other")));
}

#[tokio::test]
async fn call_retries_only_repeatable_requests_within_the_deadline() {
    let broker = MemoryBroker::new();
    let client = ShopClient::new(&Connection::over(broker.connect()));
    let pauses = Retry::new(1_000).pauses(Duration::from_millis(1), Duration::from_millis(4));
    let options = CallOptions::new()
        .timeout(Duration::from_millis(200))
        .retry(pauses);
    let client = client.options(options);
    let started = Instant::now();
    let error = client
        .work(&shop(), &request("x", Tool::Reply))
        .await
        .unwrap_err();
    assert!(started.elapsed() < TEST_TIMEOUT / 4, "{error:?}");

    let peer = broker.connect();
    let mut requests = peer
        .subscribe("test.workshop.shop.s1.work", None)
        .await
        .unwrap();
    let call = tokio::spawn({
        let client = client.options(CallOptions::new().retry(pauses));
        async move { client.work(&shop(), &request("x", Tool::Reply)).await }
    });
    let mut ids = Vec::new();
    for body in ["overloaded", "draining", "deadline exceeded"] {
        let asked = next(&mut *requests).await;
        ids.push(asked.headers.get("Request-Id").unwrap().to_owned());
        answer(&peer, &asked, &format!(r#"{{"error":"{body}"}}"#)).await;
    }
    let asked = next(&mut *requests).await;
    assert_eq!(ids, vec![asked.headers.get("request-id").unwrap(); 3]);
    assert!(
        asked
            .headers
            .get("Request-Timeout")
            .unwrap()
            .parse::<u64>()
            .unwrap()
            <= 20_000
    );
    answer(&peer, &asked, r#"{"error":"internal error"}"#).await;
    let error = call.await.unwrap().unwrap_err();
    let refused = Refused::Standard(StandardFault::Internal);
    assert_eq!(error.failure, Failure::Refused(refused));
}

#[tokio::test]
async fn retry_pause_beyond_the_deadline_ends_the_call() {
    let broker = MemoryBroker::new();
    let retry = Retry::new(3).pauses(Duration::MAX, Duration::MAX);
    let client = ShopClient::new(&Connection::over(broker.connect()))
        .options(CallOptions::new().retry(retry));
    let error = client
        .work(&shop(), &request("x", Tool::Reply))
        .await
        .unwrap_err();
    let not_delivered = Failure::NotDelivered(NotDelivered::NoResponders);
    assert_eq!(error.failure, not_delivered);
}

#[tokio::test]
async fn call_attempt_without_reply_is_retried_before_the_deadline() {
    let broker = MemoryBroker::new();
    let peer = broker.connect();
    let mut requests = peer
        .subscribe("test.workshop.shop.s1.work", None)
        .await
        .unwrap();
    let client = ShopClient::new(&Connection::over(broker.connect()));
    let retry = Retry::new(3).attempt_timeout(Duration::from_millis(20));
    let call = |retry| {
        let options = CallOptions::new().timeout(TEST_TIMEOUT).retry(retry);
        let client = client.clone().options(options);
        tokio::spawn(async move { client.work(&shop(), &request("x", Tool::Reply)).await })
    };
    let remembered = call(retry.deduplicated());
    let mut ids = Vec::new();
    for _ in 0..3 {
        let asked = next(&mut *requests).await;
        ids.push(asked.headers.get("Request-Id").unwrap().to_owned());
        if ids.len() == 3 {
            // No further attempt follows the last attempt.
            tokio::time::sleep(Duration::from_millis(100)).await;
            let body = r#"{"product":"x","mood":"good"}"#;
            answer(&peer, &asked, body).await;
        }
    }
    assert_eq!(ids, vec![ids[0].as_str(); 3]);
    assert_eq!(remembered.await.unwrap(), Ok(reply("x")));

    // A request without deduplication is not sent again, so the call waits until its deadline.
    let once = call(retry);
    let asked = next(&mut *requests).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    answer(&peer, &asked, r#"{"product":"x","mood":"good"}"#).await;
    assert_eq!(once.await.unwrap(), Ok(reply("x")));
}

async fn answer(peer: &impl Transport, asked: &Message, body: &str) {
    let message = Message {
        subject: asked.reply.clone().unwrap(),
        payload: body.to_owned().into(),
        ..Message::default()
    };
    peer.publish(message).await.unwrap();
}

#[tokio::test]
async fn call_reads_newer_replies_and_reports_invalid_replies() {
    let broker = MemoryBroker::new();
    let peer = broker.connect();
    let mut requests = peer
        .subscribe("test.workshop.shop.s1.work", None)
        .await
        .unwrap();
    let client = ShopClient::new(&Connection::over(broker.connect()));
    let check = async |body: &str| {
        let (shop, request) = (shop(), request("x", Tool::Reply));
        let call = client.work(&shop, &request);
        let serve = async {
            let asked = next(&mut *requests).await;
            answer(&peer, &asked, body).await;
        };
        futures_util::future::join(call, serve).await.0
    };
    let mut check = check;
    let newer = check(r#"{"product":"x","mood":"curious","age":3}"#)
        .await
        .unwrap();
    assert_eq!(newer.mood, Mood::Unknown("curious".to_owned()));
    let error = check(r#"{"product":7,"mood":"good"}"#)
        .await
        .map_err(|error| error.failure);
    let Err(Failure::Unreadable(cause)) = error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (cause.pointer.as_str(), cause.reason.as_str()),
        ("/product", "expected a string")
    );
}

#[derive(Default)]
struct Book(Mutex<Vec<String>>);

impl Observer for Book {
    fn call_ended(&self, record: &CallRecord<'_>) {
        let outcome = record
            .outcome
            .map_or_else(ToString::to_string, |()| "ok".to_owned());
        let line = format!(
            "{} {} {:?} {outcome}",
            record.operation, record.request_bytes, record.reply_bytes
        );
        self.0.lock().unwrap().push(line);
    }
}

#[tokio::test]
async fn call_observer_receives_every_call() {
    let fixture = Fixture::new().await;
    let book = Arc::new(Book::default());
    let connection = fixture
        .connection
        .clone()
        .observer(Arc::clone(&book) as Arc<dyn Observer>);
    let client = ShopClient::new(&connection);
    let product = client.work(&shop(), &request("a", Tool::Reply)).await;
    assert_eq!(product, Ok(reply("a")));
    client
        .work(&shop(), &request("b", Tool::Close))
        .await
        .map_or_else(drop, |reply| panic!("{reply:?}"));
    let lines = book.0.lock().unwrap().clone();
    assert_eq!(
        lines,
        [
            "work 52 Some(29) ok",
            "work 52 Some(46) work on test.workshop.shop.s1.work: refused",
        ]
    );
}
