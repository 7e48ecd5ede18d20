//! A cluster whose users have exactly the permissions of their roles, as `natsgen acl` writes them.

use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Connection, Request as _, Retry};
use varpulis_sdk::coordinator::{CoordinatorClient, ListWorkersRequest, RegisterRequest};
use varpulis_sdk::types::{GroupId, WorkerStatus};
use varpulis_sdk::worker::{PipelineEvent, PipelineEventFilter, WorkerClient};
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerNode};

use super::coordinators::coordinators;
use super::membership::node;
use super::permissions::{Access, Guarded};
use super::replacement::start;
use super::{Worker, deploy, trivial, w1, within_timeout, worker_id};
use crate::canned_service::CannedService;
use crate::protocol::sample;

fn event() -> PipelineEvent {
    let json = r#"{"event_type":"E","timestamp":"2026-01-01T00:00:00Z"}"#;
    serde_json::from_str(json).expect("an event")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn role_permissions_suffice_for_a_replacement() {
    let guarded = Guarded::start(Access::Password);
    let connecting = async |node: u64| guarded.connect(&node.to_string()).await;
    let coordinators = coordinators(connecting).await;
    // A worker registers, sends heartbeats, executes commands, and is replaced.
    let connection = guarded.connect("w1").await;
    // Only a replacement notice ends this worker.
    let starting = node(&Worker::default()).renewal(Duration::MAX);
    let older = starting.start(&connection).await.expect("a worker");
    within_timeout("registration", older.registered()).await;
    assert!(older.health().is_notified);
    let (worker, newer) = start(&guarded.connect("w1").await).await;
    within_timeout("replacement notice", older.replaced()).await;
    let retry = Retry::new(100).deduplicated();
    let options = CallOptions::new().retry(retry);
    let client = coordinators[2].client().clone().options(options);
    client.deploy(&w1(), &deploy("")).await.expect("an answer");
    assert_eq!(worker.begun(), 1);
    for worker in [older, newer] {
        within_timeout("shutdown", worker.shutdown()).await;
    }
    for coordinator in coordinators {
        within_timeout("shutdown", coordinator.shutdown()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn role_permissions_suffice_for_all_operations() {
    for access in [Access::Password, Access::Jwt] {
        all_operations(access).await;
    }
}

/// Three coordinators, five workers and an operator use all operations of the protocol. The server denies nothing.
async fn all_operations(access: Access) {
    let guarded = Guarded::start(access);
    let connecting = async |node: u64| guarded.connect(&node.to_string()).await;
    let coordinators = coordinators(connecting).await;
    let ids = ["w0", "w1", "w2", "w3", "w4"];
    let workers = join_all(ids.map(|id| start_canned(&guarded, id))).await;
    for coordinator in &coordinators {
        let mut changes = coordinator.changes();
        let is_ready = |id: &&str| {
            let view = coordinator.worker(&worker_id(id));
            view.is_some_and(|view| view.record.status == WorkerStatus::Ready)
        };
        let ready = async {
            while !ids.iter().all(is_ready) {
                changes.next().await.expect("the coordinator runs");
            }
        };
        within_timeout("readiness", ready).await;
    }
    for (index, id) in ids.iter().enumerate() {
        let (client, id) = (coordinators[index % 3].client(), &worker_id(id));
        client.deploy(id, &deploy("")).await.expect("an answer");
        client.inject(id, &sample()).await.expect("an answer");
        client.inject_batch(id, &sample()).await.expect("an answer");
        client.checkpoint(id, &sample()).await.expect("an answer");
        client.restore(id, &sample()).await.expect("an answer");
        client.undeploy(id, &sample()).await.expect("an answer");
    }
    exchange_event(&workers[1].0, &workers[2].0).await;
    let drained = coordinators[0].client().drain(&w1(), &trivial()).await;
    drained.expect("an answer");
    let operator = guarded.connect("o1").await;
    let identity = operator.identity(ListWorkersRequest::INFO.from, &worker_id("o1"));
    let client = CoordinatorClient::new(&identity);
    client.list_workers(&sample()).await.expect("an answer");
    let found = client.get_worker(&w1(), &sample()).await;
    found.expect("an answer");
    let removed = client.remove_worker(&w1(), &sample()).await;
    removed.expect("an answer");
    assert_eq!(operator.denied(), [""; 0]);

    for (connection, worker) in workers {
        assert_eq!(connection.denied(), [""; 0]);
        assert_eq!(worker.health().denied, [""; 0]);
        within_timeout("shutdown", worker.shutdown()).await;
    }
    for coordinator in coordinators {
        assert_eq!(coordinator.health().denied, [""; 0]);
        within_timeout("shutdown", coordinator.shutdown()).await;
    }
}

/// Starts a worker and waits for its registration.
async fn start_canned(guarded: &Guarded, id: &str) -> (Connection, RunningWorkerNode) {
    let connection = guarded.connect(id).await;
    let key = "secret".try_into().expect("a key");
    let node = WorkerNode::new(worker_id(id), key, CannedService::default());
    let running = node.start(&connection).await.expect("a worker");
    within_timeout("registration", running.registered()).await;
    (connection, running)
}

/// Sends an event from worker `w1` to worker `w2`.
async fn exchange_event(from: &Connection, to: &Connection) {
    let group: GroupId = "g".parse().expect("a group");
    let w2 = worker_id("w2");
    let filter = PipelineEventFilter {
        to_worker: Some(w2.clone()),
        ..PipelineEventFilter::default()
    };
    let role = RegisterRequest::INFO.from;
    let (from, to) = (from.identity(role, &w1()), to.identity(role, &w2));
    let events = to.subscribe::<PipelineEvent>(&filter).await;
    let mut events = events.expect("a subscription");
    let client = WorkerClient::new(&from);
    let sent = client.pipeline_event(&group, &w1(), &w2, &event()).await;
    sent.expect("the event is sent");
    let taken = within_timeout("event", events.next())
        .await
        .expect("an event");
    assert_eq!(taken.expect("readable").params.from_worker, w1());
}
