//! Replies to registrations that are not of a coordinator of this cluster, and refusals of the API key.

use std::time::Duration;

use natsgen_runtime::transport::{Message, Subscriber, Transport as _};
use natsgen_runtime::{Connection, MemoryBroker};
use varpulis_sdk::coordinator::RegisterFault;
use varpulis_sdk::worker_node::{RegistrationError, WorkerHealth, WorkerNode, WorkerPhase};

use super::fake_coordinator::FakeCoordinator;
use super::membership::{node, wait_for};
use super::{Worker, next, w1, within_timeout};

#[tokio::test]
async fn register_reply_for_another_worker_or_status_is_a_failure() {
    let broker = MemoryBroker::new();
    let peer = broker.connect();
    let subject = "varpulis.cluster.register";
    let mut requests = peer.subscribe(subject, None).await.expect("a subscription");
    let worker = Worker::default();
    let connection = Connection::over(broker.connect());
    let starting = node(&worker);
    let starting = tokio::spawn(async move { starting.start(&connection).await });
    let answer = async |requests: &mut dyn Subscriber, payload: &str| {
        let request = next(&mut *requests).await;
        let reply = Message {
            subject: request.reply.expect("a reply subject"),
            payload: payload.to_owned().into(),
            ..Message::default()
        };
        peer.publish(reply).await.expect("a publish");
    };
    answer(
        &mut *requests,
        r#"{"worker_id":"w2","status":"registered"}"#,
    )
    .await;
    let running = within_timeout("worker", starting)
        .await
        .expect("no panic")
        .expect("a worker");
    let failure = running.health().failure;
    assert_eq!(
        failure,
        Some(RegistrationError::OtherWorker("w2".to_owned()))
    );
    assert_eq!(running.health().phase, WorkerPhase::Joining);
    // The attempt is repeated.
    answer(&mut *requests, r#"{"worker_id":"w1","status":"pending"}"#).await;
    let unknown = Some(RegistrationError::UnknownStatus("pending".to_owned()));
    wait_for(&running, "failure", |health| health.failure == unknown).await;
    answer(
        &mut *requests,
        r#"{"worker_id":"w1","status":"registered"}"#,
    )
    .await;
    let health = wait_for(&running, "readiness", WorkerHealth::is_ready).await;
    assert_eq!((health.registrations, health.failure), (1, None));
    within_timeout("shutdown", running.shutdown()).await;
}

#[tokio::test]
async fn wrong_api_key_ends_the_registration_after_its_attempts() {
    let broker = MemoryBroker::new();
    let _coordinator = FakeCoordinator::start(&Connection::over(broker.connect())).await;
    let worker = Worker::default();
    let wrong = "wrong".try_into().expect("a key");
    let pause = Duration::from_millis(1);
    let starting = WorkerNode::new(w1(), wrong, worker)
        .pauses(pause, pause)
        .api_key_attempts(3);
    let running = starting.start(&Connection::over(broker.connect())).await;
    let running = running.expect("a worker");
    within_timeout("rejection", running.rejected()).await;
    let health = running.health();
    assert_eq!(
        (health.phase, health.registrations),
        (WorkerPhase::Rejected, 0)
    );
    let failure = health.failure.expect("a failure");
    assert_eq!(failure.fault(), Some(&RegisterFault::InvalidApiKey));
    within_timeout("shutdown", running.shutdown()).await;
}
