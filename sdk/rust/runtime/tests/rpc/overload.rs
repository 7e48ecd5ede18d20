//! A server whose requests are stuck or too many: expired requests leave the queue, an ordering key gets a fraction of
//! it, and control requests have reserved places.

use std::convert::Infallible;
use std::time::Duration;

use natsgen_runtime::transport::{Headers, Message, Subscriber, Transport};
use natsgen_runtime::{
    CallError, CallOptions, DedupOptions, MemoryTransport, Saturation, ServeOptions, StandardFault,
    Stats,
};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::fixture::{Fixture, TEST_TIMEOUT, next, on_bench, reply, request, shop};
use crate::protocol::{ClearReply, ClearRequest, Tool, WorkRequest};
use crate::serving::standard;

/// Waits until the statistics of the server match.
async fn until(fixture: &Fixture, matches: impl Fn(&Stats) -> bool) -> Stats {
    let waiting = async {
        loop {
            let stats = fixture.server.stats();
            if matches(&stats) {
                return stats;
            }
            sleep(Duration::from_millis(1)).await;
        }
    };
    let found = timeout(TEST_TIMEOUT, waiting).await;
    found.unwrap_or_else(|_| panic!("{:?}", fixture.server.stats()))
}

/// Calls `clear` in a separate task.
fn spawn_clear(
    fixture: &Fixture,
    bench: &str,
) -> JoinHandle<Result<ClearReply, CallError<Infallible>>> {
    let client = fixture.client.clone();
    let request = ClearRequest {
        bench: bench.to_owned(),
    };
    tokio::spawn(async move { client.clear(&shop(), &request).await })
}

/// Publishes requests whose caller has this much time. Returns the transport and the inbox of their replies.
async fn publish(
    fixture: &Fixture,
    inbox: &str,
    timeout_ms: &str,
    requests: &[WorkRequest],
) -> (MemoryTransport, Box<dyn Subscriber>) {
    let transport = fixture.broker.connect();
    let replies = transport.subscribe(inbox, None).await.unwrap();
    for request in requests {
        let mut headers = Headers::new();
        headers.append("Request-Timeout", timeout_ms);
        let message = Message {
            subject: "test.workshop.shop.s1.work".to_owned(),
            reply: Some(inbox.to_owned()),
            headers,
            payload: natsgen_runtime::codec::encode(request).unwrap().into(),
            ..Message::default()
        };
        transport.publish(message).await.unwrap();
    }
    (transport, replies)
}

#[tokio::test]
async fn expired_requests_leave_the_queue_behind_a_stuck_one() {
    let fixture = Fixture::with_options(ServeOptions::new().deduplicate(DedupOptions::new())).await;
    let stuck = fixture.spawn(on_bench("stuck", "a", Tool::Never));
    fixture.recorder.wait_for("stuck").await;
    let many: Vec<_> = (0..100)
        .map(|number| on_bench(&format!("a{number}"), "a", Tool::Reply))
        .collect();
    let (_transport, mut replies) = publish(&fixture, "_INBOX.many", "50", &many).await;
    for _ in &many {
        let refused = next(&mut *replies).await;
        assert!(
            refused
                .payload
                .starts_with(br#"{"error":"deadline exceeded""#)
        );
    }
    let stats = until(&fixture, |stats| stats.expired == 100).await;
    assert_eq!((stats.running, stats.waiting), (1, 0));
    fixture.recorder.release.notify_one();
    assert_eq!(stuck.await.unwrap(), Ok(reply("stuck")));
    let later = on_bench("later", "a", Tool::Reply);
    assert_eq!(
        fixture.client.work(&shop(), &later).await,
        Ok(reply("later"))
    );
    assert_eq!(fixture.recorder.begun(), ["stuck", "later"]);
}

#[tokio::test]
async fn full_queue_drops_expired_requests_before_it_refuses() {
    let options = ServeOptions::new().concurrency(1).queue(8);
    let fixture = Fixture::with_options(options).await;
    let stuck = fixture.spawn(request("stuck", Tool::Never));
    fixture.recorder.wait_for("stuck").await;
    let hasty: Vec<_> = (0..8).map(|_| request("hasty", Tool::Reply)).collect();
    // The requests expire at once, and nothing waits for the timer.
    let _replies = publish(&fixture, "_INBOX.hasty", "0", &hasty).await;
    let waiting: Vec<_> = (0..8)
        .map(|_| fixture.spawn(request("patient", Tool::Reply)))
        .collect();
    until(&fixture, |stats| stats.waiting == 8).await;
    fixture.recorder.release.notify_one();
    assert_eq!(stuck.await.unwrap(), Ok(reply("stuck")));
    for call in waiting {
        assert_eq!(call.await.unwrap(), Ok(reply("patient")));
    }
    let stats = fixture.server.stats();
    assert_eq!((stats.expired, stats.refused), (8, 0));
}

#[tokio::test]
async fn stuck_key_takes_only_its_share_of_the_queue() {
    let options = ServeOptions::new().queue(64).bytes(80_000);
    let fixture = Fixture::with_options(options).await;
    let stuck = fixture.spawn(on_bench("stuck", "a", Tool::Never));
    fixture.recorder.wait_for("stuck").await;
    let calls: Vec<_> = (0..100)
        .map(|_| fixture.spawn(on_bench("a", "a", Tool::Reply)))
        .collect();
    let stats = until(&fixture, |stats| stats.refused == 92).await;
    assert_eq!((stats.waiting, stats.saturation), (8, None));
    // Other keys, and requests without a key, are not affected.
    for bench in ["b", "c"] {
        let other = on_bench(bench, bench, Tool::Reply);
        assert_eq!(fixture.client.work(&shop(), &other).await, Ok(reply(bench)));
    }
    fixture.recorder.release.notify_one();
    assert_eq!(stuck.await.unwrap(), Ok(reply("stuck")));
    let mut refused = 0;
    for call in calls {
        let called = call.await.unwrap();
        if let Err(error) = &called {
            assert!(error.is_retryable(), "it was not executed");
            refused += 1;
            assert_eq!(standard(called), Some(StandardFault::KeyOverloaded));
        }
    }
    assert_eq!(refused, 92);
}

#[tokio::test]
async fn stuck_key_takes_only_its_share_of_the_bytes() {
    let options = ServeOptions::new().queue(64).bytes(80_000);
    let fixture = Fixture::with_options(options).await;
    let large = |bench: &str| WorkRequest {
        name: "x".repeat(6_000).try_into().unwrap(),
        ..on_bench("x", bench, Tool::Reply)
    };
    let stuck = fixture.spawn(on_bench("stuck", "a", Tool::Never));
    fixture.recorder.wait_for("stuck").await;
    let first = fixture.spawn(large("a"));
    until(&fixture, |stats| stats.waiting == 1).await;
    let refused = fixture.client.work(&shop(), &large("a")).await;
    assert_eq!(standard(refused), Some(StandardFault::KeyOverloaded));
    assert!(fixture.client.work(&shop(), &large("b")).await.is_ok());
    fixture.recorder.release.notify_one();
    stuck.await.unwrap().unwrap();
    first.await.unwrap().unwrap();
}

#[tokio::test]
async fn queue_bytes_are_limited_and_reported() {
    let options = ServeOptions::new().bytes(100_000).reserve(0);
    let fixture = Fixture::with_options(options).await;
    let large = |size: usize, tool| WorkRequest {
        name: "x".repeat(size).try_into().unwrap(),
        ..request("x", tool)
    };
    // Without other requests, a request is accepted in any case.
    let beyond = fixture
        .client
        .work(&shop(), &large(150_000, Tool::Reply))
        .await;
    assert!(beyond.is_ok());
    let stuck = fixture.spawn(large(90_000, Tool::Never));
    fixture.recorder.wait_for(&"x".repeat(90_000)).await;
    let refused = fixture
        .client
        .work(&shop(), &large(20_000, Tool::Reply))
        .await;
    assert_eq!(standard(refused), Some(StandardFault::Overloaded));
    let second = fixture.spawn(request("second", Tool::Never));
    fixture.recorder.wait_for("second").await;
    let stats = fixture.server.stats();
    assert_eq!(stats.saturation, Some(Saturation::Bytes));
    fixture.recorder.release.notify_waiters();
    stuck.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    let stats = until(&fixture, |stats| stats.running == 0).await;
    assert_eq!(stats.saturation, None);
}

#[tokio::test]
async fn control_requests_pass_a_full_queue_up_to_the_reserve() {
    let options = ServeOptions::new().concurrency(1).queue(1).reserve(2);
    let fixture = Fixture::with_options(options).await;
    let stuck = fixture.spawn(request("stuck", Tool::Never));
    fixture.recorder.wait_for("stuck").await;
    let waiting = fixture.spawn(request("waiting", Tool::Reply));
    until(&fixture, |stats| stats.waiting == 1).await;
    for _ in 0..10 {
        let cleared = spawn_clear(&fixture, "a").await.unwrap();
        assert_eq!(cleared.unwrap().bench, "a");
    }
    let refused = fixture
        .client
        .work(&shop(), &request("c", Tool::Reply))
        .await;
    assert_eq!(standard(refused), Some(StandardFault::Overloaded));
    let stats = until(&fixture, |stats| {
        stats.saturation == Some(Saturation::Handlers)
    })
    .await;
    assert_eq!((stats.running, stats.waiting), (1, 1));
    fixture.recorder.release.notify_one();
    assert_eq!(stuck.await.unwrap(), Ok(reply("stuck")));
    assert_eq!(waiting.await.unwrap(), Ok(reply("waiting")));
    assert_eq!(fixture.server.stats().saturation, None);
}

#[tokio::test]
async fn control_request_overtakes_the_requests_of_its_key() {
    let options = ServeOptions::new().grace(Duration::from_millis(20));
    let fixture = Fixture::with_options(options).await;
    let stuck = fixture.spawn(on_bench("stuck", "a", Tool::Never));
    fixture.recorder.wait_for("stuck").await;
    let other = fixture.spawn(on_bench("other", "b", Tool::Never));
    fixture.recorder.wait_for("other").await;
    let queued: Vec<_> = (0..5)
        .map(|_| fixture.spawn(on_bench("queued", "a", Tool::Reply)))
        .collect();
    until(&fixture, |stats| stats.waiting == 5).await;
    let cleared = spawn_clear(&fixture, "a").await.unwrap();
    assert_eq!(cleared.unwrap().bench, "a");
    assert_eq!(standard(stuck.await.unwrap()), Some(StandardFault::Aborted));
    for call in queued {
        assert_eq!(
            standard(call.await.unwrap()),
            Some(StandardFault::Cancelled)
        );
    }
    // The key is free, and other keys are not affected.
    let later = on_bench("later", "a", Tool::Reply);
    assert_eq!(
        fixture.client.work(&shop(), &later).await,
        Ok(reply("later"))
    );
    let stats = until(&fixture, |stats| stats.running == 1).await;
    assert_eq!((stats.cancelled, stats.aborted, stats.waiting), (5, 1, 0));
    fixture.recorder.release.notify_waiters();
    assert_eq!(other.await.unwrap(), Ok(reply("other")));
    let begun = fixture.recorder.begun();
    assert_eq!(begun, ["stuck", "other", "clear", "later"]);
}

#[tokio::test]
async fn control_request_lets_a_running_request_end_in_its_grace() {
    let options = ServeOptions::new().grace(TEST_TIMEOUT * 2);
    let fixture = Fixture::with_options(options).await;
    let running = fixture.spawn(on_bench("running", "a", Tool::Never));
    fixture.recorder.wait_for("running").await;
    let clears = [spawn_clear(&fixture, "a"), spawn_clear(&fixture, "a")];
    until(&fixture, |stats| stats.waiting == 2).await;
    let behind = fixture.spawn(on_bench("behind", "a", Tool::Reply));
    until(&fixture, |stats| stats.waiting == 3).await;
    fixture.recorder.release.notify_one();
    assert_eq!(running.await.unwrap(), Ok(reply("running")));
    for clear in clears {
        clear.await.unwrap().unwrap();
    }
    assert_eq!(behind.await.unwrap(), Ok(reply("behind")));
    let begun = fixture.recorder.begun();
    assert_eq!(begun, ["running", "clear", "clear", "behind"]);
}

/// The handler cannot be stopped. Its caller gets a reply, and the control request runs beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn control_request_overtakes_a_handler_that_blocks() {
    let options = ServeOptions::new().grace(Duration::from_millis(20));
    let fixture = Fixture::with_options(options).await;
    let mut blocking = on_bench("blocking", "a", Tool::Block);
    blocking.effort = Duration::from_secs(2).try_into().unwrap();
    let blocking = fixture.spawn(blocking);
    fixture.recorder.wait_for("blocking").await;
    spawn_clear(&fixture, "a").await.unwrap().unwrap();
    assert_eq!(
        fixture.server.stats().running,
        1,
        "the handler still blocks"
    );
    let ended = blocking.await.unwrap();
    assert_eq!(standard(ended), Some(StandardFault::Aborted));
    let stats = until(&fixture, |stats| stats.running == 0).await;
    assert_eq!((stats.aborted, stats.answered), (1, 2), "{stats:?}");
}

#[tokio::test]
async fn shutdown_does_not_answer_callers_that_are_gone() {
    let options = ServeOptions::new()
        .concurrency(1)
        .drain(Duration::from_millis(1));
    let fixture = Fixture::with_options(options).await;
    let stuck = fixture.spawn(request("stuck", Tool::Never));
    fixture.recorder.wait_for("stuck").await;
    let options = CallOptions::new().timeout(Duration::from_secs(5));
    let patient = fixture.client.clone().options(options);
    let patient = tokio::spawn(async move {
        let request = request("patient", Tool::Reply);
        patient.work(&shop(), &request).await
    });
    until(&fixture, |stats| stats.waiting == 1).await;
    let shutdown = timeout(TEST_TIMEOUT, fixture.server.shutdown());
    let stats = shutdown.await.unwrap();
    assert_eq!((stats.running, stats.refused), (1, 1));
    assert_eq!(
        standard(patient.await.unwrap()),
        Some(StandardFault::Draining)
    );
    stuck.abort();
}
