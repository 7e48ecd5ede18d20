//! The serving state: the service controls whether the server begins requests.

use std::time::Duration;

use natsgen_runtime::{
    CallOptions, DedupOptions, Failure, NoAnswer, NotDelivered, Refused, ServeOptions,
    ServingState, StandardFault,
};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::fixture::{Fixture, TEST_TIMEOUT, reply, request, shop};
use crate::protocol::Tool;

/// Creates a server with a serving state and a concurrency of 1.
async fn fixture() -> (Fixture, watch::Sender<ServingState>) {
    let (serving, state) = watch::channel(ServingState::Serving);
    let options = ServeOptions::new()
        .concurrency(1)
        .deduplicate(DedupOptions::new())
        .state(state);
    (Fixture::with_options(options).await, serving)
}

async fn until_waiting(fixture: &Fixture, requests: usize) {
    let waiting = async {
        while fixture.server.stats().waiting < requests {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(TEST_TIMEOUT, waiting).await.unwrap();
}

#[tokio::test]
async fn paused_server_later_runs_unexpired_requests() {
    let (fixture, serving) = fixture().await;
    serving.send_replace(ServingState::Paused);
    let options = CallOptions::new().timeout(Duration::from_millis(20));
    let hasty = fixture.client.clone().options(options);
    let given_up = hasty.work(&shop(), &request("a", Tool::Reply)).await;
    // The server drops the request at the moment at which its caller gives up.
    let ends = [
        Failure::NoAnswer(NoAnswer::TimedOut),
        Failure::Refused(Refused::Standard(StandardFault::DeadlineExceeded)),
    ];
    assert!(ends.contains(&given_up.unwrap_err().failure));
    let expired = async {
        while fixture.server.stats().expired == 0 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(TEST_TIMEOUT, expired).await.unwrap();
    let held = fixture.spawn(request("b", Tool::Reply));
    until_waiting(&fixture, 1).await;
    assert!(fixture.recorder.begun().is_empty());
    serving.send_replace(ServingState::Serving);
    assert_eq!(held.await.unwrap(), Ok(reply("b")));
    assert_eq!(fixture.recorder.begun(), ["b"]);
    assert_eq!(fixture.server.stats().expired, 1);
    // Without a sender the last state stays valid.
    drop(serving);
    let answered = fixture
        .client
        .work(&shop(), &request("c", Tool::Reply))
        .await;
    assert_eq!(answered, Ok(reply("c")));
}

#[tokio::test]
async fn draining_server_answers_running_and_refuses_queued() {
    let (mut fixture, serving) = fixture().await;
    let running = fixture.spawn(request("a", Tool::Never));
    fixture.recorder.wait_for("a").await;
    let waiting = fixture.spawn(request("b", Tool::Reply));
    until_waiting(&fixture, 1).await;
    serving.send_replace(ServingState::Draining);
    let refused = waiting.await.unwrap().unwrap_err().failure;
    assert_eq!(
        refused,
        Failure::Refused(Refused::Standard(StandardFault::Draining))
    );
    let late = fixture
        .client
        .work(&shop(), &request("c", Tool::Reply))
        .await;
    let failure = late.unwrap_err().failure;
    assert_eq!(failure, Failure::NotDelivered(NotDelivered::NoResponders));
    fixture.recorder.release.notify_one();
    assert_eq!(running.await.unwrap(), Ok(reply("a")));
    timeout(TEST_TIMEOUT, fixture.server.closed())
        .await
        .unwrap();
    assert_eq!(fixture.recorder.begun(), ["a"]);
    let stats = fixture.server.stats();
    assert_eq!((stats.answered, stats.refused, stats.left), (1, 1, 0));
}

#[tokio::test]
async fn handed_over_server_leaves_queued_requests_to_another() {
    let (mut fixture, serving) = fixture().await;
    let running = fixture.spawn(request("a", Tool::Never));
    fixture.recorder.wait_for("a").await;
    let waiting = fixture.spawn(request("b", Tool::Reply));
    until_waiting(&fixture, 1).await;
    serving.send_replace(ServingState::HandedOver);
    fixture.recorder.release.notify_one();
    assert_eq!(running.await.unwrap(), Ok(reply("a")));
    timeout(TEST_TIMEOUT, fixture.server.closed())
        .await
        .unwrap();
    assert!(!waiting.is_finished(), "another server answers");
    let stats = fixture.server.stats();
    assert_eq!((stats.received, stats.left, stats.refused), (2, 1, 0));
    assert_eq!(fixture.recorder.begun(), ["a"]);
    waiting.abort();
}

#[tokio::test]
async fn server_started_in_draining_ends() {
    let (_serving, state) = watch::channel(ServingState::Draining);
    let options = ServeOptions::new().state(state);
    let mut fixture = Fixture::with_options(options).await;
    timeout(TEST_TIMEOUT, fixture.server.closed())
        .await
        .unwrap();
}

#[tokio::test]
async fn draining_during_shutdown_refuses_queued_requests_at_once() {
    let (serving, state) = watch::channel(ServingState::Serving);
    let options = ServeOptions::new()
        .concurrency(1)
        .drain(TEST_TIMEOUT * 2)
        .state(state);
    let fixture = Fixture::with_options(options).await;
    let running = fixture.spawn(request("a", Tool::Never));
    fixture.recorder.wait_for("a").await;
    let waiting = fixture.spawn(request("b", Tool::Reply));
    until_waiting(&fixture, 1).await;
    let Fixture {
        server,
        client,
        recorder,
        ..
    } = fixture;
    let shutdown = tokio::spawn(server.shutdown());
    let hasty = CallOptions::new().timeout(Duration::from_millis(20));
    let hasty = client.clone().options(hasty);
    let listens = async || {
        let called = hasty.work(&shop(), &request("c", Tool::Reply)).await;
        called.unwrap_err().failure != Failure::NotDelivered(NotDelivered::NoResponders)
    };
    while listens().await {}
    serving.send_replace(ServingState::Draining);
    let refused = timeout(TEST_TIMEOUT, waiting).await.unwrap().unwrap();
    assert_eq!(
        refused.unwrap_err().failure,
        Failure::Refused(Refused::Standard(StandardFault::Draining))
    );
    recorder.release.notify_one();
    assert_eq!(running.await.unwrap(), Ok(reply("a")));
    timeout(TEST_TIMEOUT, shutdown).await.unwrap().unwrap();
}
