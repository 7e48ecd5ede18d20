//! Tests of the samples through clients, over the in-process transport.

use std::time::Duration;

use natsgen_runtime::{Connection, Map, MemoryBroker};
use tokio::time::timeout;

use super::*;
use varpulis_sdk::coordinator::{CoordinatorClient, RegisterFault};
use varpulis_sdk::types::{ApiKey, EventFields, InputEvent, WorkerId, WorkerStatus};
use varpulis_sdk::worker::{CheckpointRequest, DeployRequest, InjectBatchRequest, WorkerClient};

const LIMIT: Duration = Duration::from_secs(10);
const SOURCE: &str = "stream A = X .where(n > 1)";

fn named<T: TryFrom<&'static str, Error: std::fmt::Debug>>(name: &'static str) -> T {
    T::try_from(name).expect(name)
}

fn deployment(source: &str) -> DeployRequest {
    DeployRequest::new(named("p"), source.try_into().expect("short"))
}

fn event(n: impl Into<natsgen_runtime::Value>) -> InputEvent {
    let fields = Map::from_iter([("n", n)]);
    let mut event = InputEvent::new(named("X"));
    event.fields = EventFields(fields.try_into().expect("one"));
    event
}

/// A running worker and a client for it.
async fn worker(max_pipelines: u32) -> (RunningWorker, WorkerClient) {
    let broker = MemoryBroker::new();
    let connection = Connection::over(broker.connect());
    let worker = SampleWorker::new(&connection, named("w"), max_pipelines, Vec::new());
    let running = worker.start(&connection, named("key"));
    let running = running.await.expect("it starts");
    (
        running,
        WorkerClient::new(&Connection::over(broker.connect())),
    )
}

#[tokio::test]
async fn worker_invalid_sources_are_refused() {
    let (running, client) = worker(1).await;
    let check = async |source: &str, expected: &str| {
        let refused = client
            .deploy(running.worker().id(), &deployment(source))
            .await;
        let refused = refused.expect_err(source);
        assert_eq!(refused.fault().expect("a fault").to_string(), expected);
    };
    check(
        "stream = (((",
        "parse error: Line 1, column 8: Expected identifier",
    )
    .await;
    check(
        "stream A = X.from(NoSuchConnector)",
        "engine error: the sample engine has no `.from()`, only `.where()`, `.set()` and `.emit()`",
    )
    .await;
}

#[tokio::test]
async fn worker_batch_reports_each_failed_event() {
    let (running, client) = worker(1).await;
    let id = running.worker().id();
    let pipeline_id = client
        .deploy(id, &deployment(SOURCE))
        .await
        .expect("a program")
        .id;
    let events = vec![event(2), event("text"), event(0), event(3)];
    let events = events.try_into().expect("few");
    let request = InjectBatchRequest::new(pipeline_id.clone(), events);
    let reply = client.inject_batch(id, &request).await.expect("it runs");
    assert_eq!(
        (
            reply.events_sent,
            reply.events_failed,
            reply.output_events.len()
        ),
        (3, 1, 2)
    );
    assert_eq!(
        reply.errors,
        ["stream A: cannot compare a text with a number"]
    );
    assert_eq!(
        *running.worker().counts().borrow(),
        EventCounts {
            processed: 3,
            failed: 1
        }
    );
    let state = client
        .checkpoint(id, &CheckpointRequest::new(pipeline_id))
        .await
        .expect("it runs")
        .0;
    assert_eq!(
        (state.events_processed, state.output_events_emitted),
        (3, 2)
    );
}

#[tokio::test]
async fn worker_outputs_reach_the_routed_worker_in_order() {
    let broker = MemoryBroker::new();
    let (here, there) = (
        Connection::over(broker.connect()),
        Connection::over(broker.connect()),
    );
    let route = Route {
        event_type: named("A"),
        group: named("g"),
        to: named("b"),
    };
    let from = SampleWorker::new(&here, named("a"), 1, vec![route])
        .start(&here, named("key"))
        .await;
    let to = SampleWorker::new(&there, named("b"), 1, Vec::new())
        .start(&there, named("key"))
        .await;
    let (from, to) = (from.expect("it starts"), to.expect("it starts"));
    let client = WorkerClient::new(&here);
    let (a, b) = (from.worker().id(), to.worker().id());
    // Each event passes the filter only if the events arrive in order.
    let source = "var last = 0 stream B = A .where(n > last) .set(last: n)";
    let second = client
        .deploy(b, &deployment(source))
        .await
        .expect("a program")
        .id;
    let first = client
        .deploy(a, &deployment(SOURCE))
        .await
        .expect("a program")
        .id;
    let events: Vec<_> = (1..=100).map(event).collect();
    let events = events.try_into().expect("few");
    client
        .inject_batch(a, &InjectBatchRequest::new(first, events))
        .await
        .expect("it runs");
    let mut counts = to.worker().counts();
    let counts = timeout(LIMIT, counts.wait_for(|counts| counts.processed == 99)).await;
    assert_eq!(counts.expect("in time").expect("it runs").failed, 0);
    let state = client
        .checkpoint(b, &CheckpointRequest::new(second))
        .await
        .expect("it runs")
        .0;
    assert_eq!(
        (state.events_processed, state.output_events_emitted),
        (99, 99)
    );
}

#[tokio::test]
async fn coordinator_keeps_state_of_registered_workers() {
    let broker = MemoryBroker::new();
    let connection = Connection::over(broker.connect());
    let key: ApiKey = named("key");
    let running = SampleCoordinator::new(key.clone())
        .start(&connection)
        .await
        .expect("it starts");
    let mut registry = running.coordinator().registry();
    let id: WorkerId = named("w");
    let unregistered = SampleWorker::new(&connection, id.clone(), 7, Vec::new());
    CoordinatorClient::new(&connection)
        .heartbeat(&id, &unregistered.heartbeat())
        .await
        .expect("it is connected");
    let counted = timeout(
        LIMIT,
        registry.wait_for(|registry| registry.unknown_heartbeats == 1),
    )
    .await;
    assert!(
        counted
            .expect("in time")
            .expect("it runs")
            .workers
            .is_empty(),
        "it has not registered"
    );

    let unregistered = unregistered.start(&connection, named("wrong")).await;
    let unregistered = unregistered.expect("it starts");
    let refused = async {
        loop {
            match unregistered.health().failure {
                Some(failure) => return failure,
                None => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
    };
    let refused = timeout(LIMIT, refused).await.expect("in time");
    assert_eq!(refused.fault(), Some(&RegisterFault::InvalidApiKey));
    unregistered.shutdown().await;

    let worker = SampleWorker::new(&connection, id.clone(), 7, Vec::new())
        .start(&connection, key)
        .await
        .expect("it starts");
    let registered = timeout(LIMIT, worker.registered()).await.expect("in time");
    assert_eq!(registered, Some(Duration::from_secs(5)));
    worker.heartbeat().await.expect("it is connected");
    let known = timeout(
        LIMIT,
        registry.wait_for(|registry| registry.workers[&id].heartbeats == 2),
    );
    let known = known.await.expect("in time").expect("it runs").workers[&id].clone();
    assert_eq!(
        (known.capacity.max_pipelines, known.status()),
        (7, WorkerStatus::Ready)
    );
    running.shutdown().await;
}
