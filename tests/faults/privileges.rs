//! A cluster whose users have exactly the permissions of their roles.

use std::time::Duration;

use natsgen_runtime::{CallOptions, Connection, Failure, NatsOptions, NotDelivered, Retry};
use natsgen_testing::NatsServer;
use varpulis_sdk::coordinator::{CoordinatorClient, Heartbeat};
use varpulis_sdk::coordinator_node::RunningCoordinatorNode;
use varpulis_sdk::types::{GroupId, WorkerStatus};
use varpulis_sdk::worker::{PipelineEvent, PipelineEventFilter, WorkerClient};

use super::coordinators::coordinators;
use super::membership::node;
use super::replacement::start;
use super::{Worker, deploy, inject, w1, within_timeout, worker_id};

/// A coordinator and its Raft node share a connection and a user.
fn users() -> String {
    let coordinator = |node: u64| {
        format!(
            r#"{{ user: "c{node}", password: "c", permissions: {{
                publish: ["varpulis.cluster.cmd.*.*", "varpulis.cluster.registration.*", "varpulis.cluster.raft.*.*"]
                subscribe: [
                    "varpulis.cluster.register", "varpulis.cluster.register coordinator",
                    "varpulis.cluster.heartbeat.*", "varpulis.cluster.raft.{node}.>", "_INBOX_c{node}.>"
                ]
                allow_responses: true
            }} }}"#
        )
    };
    let worker = |id: &str| {
        format!(
            r#"{{ user: "{id}", password: "w", permissions: {{
                publish: ["varpulis.cluster.register", "varpulis.cluster.heartbeat.{id}", "varpulis.cluster.pipeline.*.{id}.*"]
                subscribe: [
                    "varpulis.cluster.cmd.{id}.>", "varpulis.cluster.registration.{id}",
                    "varpulis.cluster.pipeline.*.*.{id}", "_INBOX_{id}.>"
                ]
                allow_responses: {{ max: 1, expires: "1m" }}
            }} }}"#
        )
    };
    let users = [
        coordinator(1),
        coordinator(2),
        coordinator(3),
        worker("w1"),
        worker("w2"),
    ];
    format!("authorization {{ users: [{}] }}", users.join("\n"))
}

async fn connect(server: &NatsServer, user: &str) -> Connection {
    let password = &user[..1];
    let options = NatsOptions::new(&server.url())
        .user(user, password)
        .inbox_prefix(format!("_INBOX_{user}"));
    options.connect().await.expect("a connection")
}

fn event() -> PipelineEvent {
    let json = r#"{"event_type":"E","timestamp":"2026-01-01T00:00:00Z"}"#;
    serde_json::from_str(json).expect("an event")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn role_permissions_suffice_and_deny_other_subjects() {
    let server = NatsServer::start_with(&users()).expect("a server");
    let coordinators = coordinators(async |node| connect(&server, &format!("c{node}")).await).await;
    let (second, third) = (&coordinators[1], &coordinators[2]);

    // A worker registers, sends heartbeats, executes commands, and is replaced.
    let connection = connect(&server, "w1").await;
    // Only a replacement notice ends this worker.
    let starting = node(&Worker::default()).renewal(Duration::MAX);
    let older = starting.start(&connection).await.expect("a worker");
    within_timeout("registration", older.registered()).await;
    assert!(older.health().is_notified);
    let (worker, newer) = start(&connect(&server, "w1").await).await;
    within_timeout("replacement notice", older.replaced()).await;
    let mut changes = second.changes();
    let ready = async {
        while second
            .worker(&w1())
            .is_none_or(|view| view.record.status != WorkerStatus::Ready)
        {
            changes.next().await.expect("the coordinator runs");
        }
    };
    within_timeout("readiness", ready).await;
    let retry = Retry::new(100).deduplicated();
    let options = CallOptions::new().retry(retry);
    let client = third.client().clone().options(options);
    client.deploy(&w1(), &deploy("")).await.expect("an answer");
    assert_eq!(worker.begun(), 1);

    let other = connect(&server, "w2").await;
    exchange_event(&connection, &other).await;
    assert_denied(&connection, second).await;

    for worker in [older, newer] {
        within_timeout("shutdown", worker.shutdown()).await;
    }
    for coordinator in coordinators {
        within_timeout("shutdown", coordinator.shutdown()).await;
    }
}

/// Sends an event from worker `w1` to worker `w2`.
async fn exchange_event(w1_connection: &Connection, w2_connection: &Connection) {
    let group: GroupId = "g".parse().expect("a group");
    let w2 = worker_id("w2");
    let filter = PipelineEventFilter {
        to_worker: Some(w2.clone()),
        ..PipelineEventFilter::default()
    };
    let events = w2_connection.subscribe::<PipelineEvent>(&filter).await;
    let mut events = events.expect("a subscription");
    let client = WorkerClient::new(w1_connection);
    let sent = client.pipeline_event(&group, &w1(), &w2, &event()).await;
    sent.expect("the event is sent");
    let taken = within_timeout("event", events.next())
        .await
        .expect("an event");
    assert_eq!(taken.expect("readable").params.from_worker, w1());
}

/// Asserts that worker `w1` cannot command worker `w2` or act as worker `w2`.
async fn assert_denied(connection: &Connection, coordinator: &RunningCoordinatorNode) {
    let w2 = worker_id("w2");
    let client = WorkerClient::new(connection);
    let denied = client.inject(&w2, &inject("p", "E", 1)).await;
    let failure = denied.expect_err("denied").failure;
    assert_eq!(failure, Failure::NotDelivered(NotDelivered::Denied));
    let before = coordinator.health().unknown_heartbeats;
    let heartbeat = Heartbeat::new(0, 0);
    // The server drops the heartbeat; the flush confirms that.
    let _ = CoordinatorClient::new(connection)
        .heartbeat(&w2, &heartbeat)
        .await;
    assert!(connection.flush().await);
    assert_eq!(coordinator.health().unknown_heartbeats, before);
    let events_of_w2 = PipelineEventFilter {
        to_worker: Some(w2),
        ..PipelineEventFilter::default()
    };
    let subscribed = connection.subscribe::<PipelineEvent>(&events_of_w2).await;
    assert!(subscribed.is_err());
}
