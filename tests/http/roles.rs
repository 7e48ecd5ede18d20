//! Workers and coordinators that command each other over HTTP.

use natsgen_runtime::{Connection, Failure, Limited, NotDelivered};
use natsgen_testing::NatsServer;
use serde_json::json;
use varpulis_sample::SampleWorker;
use varpulis_sdk::coordinator_node::{DispatchError, Placement, RunningCoordinatorNode};
use varpulis_sdk::types::{InputEvent, WorkerStatus};
use varpulis_sdk::worker::{CheckpointRequest, DeployFault, RestoreRequest};

use crate::cluster::{
    HttpWorker, KEY, config, coordinator, free_port, name, program, reading, until_runs_on,
    until_status, worker,
};
use crate::raw::send;

const LOCALHOST: &str = "127.0.0.1";

/// Uses each command of a worker.
async fn use_all_commands(coordinator: &RunningCoordinatorNode, id: &str) {
    let pipeline = name(id);
    let placement = Placement::Affinity(worker(id));
    let deployed = coordinator.deploy_placed(&program(id), &placement).await;
    let deployed = deployed.unwrap().pipeline_id.clone().unwrap();
    let (event, fields) = reading(30);
    let reply = coordinator.inject(&pipeline, event, fields).await.unwrap();
    assert_eq!(reply.output_events.len(), 1, "{id}");
    let events = [10, 30, 40].map(|celsius| {
        let (event, fields) = reading(celsius);
        let mut input = InputEvent::new(event);
        input.fields = fields;
        input
    });
    let events = Limited::new(events.to_vec()).unwrap();
    let reply = coordinator.inject_batch(&pipeline, events).await.unwrap();
    assert_eq!(
        (reply.events_sent, reply.output_events.len()),
        (3, 2),
        "{id}"
    );
    let (client, worker_id) = (coordinator.client(), worker(id));
    let request = CheckpointRequest::new(deployed.clone());
    let checkpoint = client.checkpoint(&worker_id, &request).await.unwrap().0;
    assert_eq!(checkpoint.events_processed, 4, "{id}");
    let request = RestoreRequest::new(deployed, checkpoint);
    client.restore(&worker_id, &request).await.unwrap();
    coordinator.undeploy(&pipeline).await.unwrap();
    coordinator.drain(&worker_id).await.unwrap();
    let error = client.deploy(&worker_id, &program(id)).await.unwrap_err();
    assert_eq!(error.fault(), Some(&DeployFault::WorkerDraining), "{id}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_over_http_and_worker_over_nats_serve_together() {
    let nats = NatsServer::start().unwrap();
    let connect = async || Connection::nats(&nats.url()).await.unwrap();
    let coordinator = coordinator(&connect().await, None, "127.0.0.1:0", LOCALHOST).await;
    let url = coordinator.http_url().unwrap();
    let over_http = HttpWorker::start(config("http", KEY, &url)).await;
    let own_key = HttpWorker::start(config("own", "own-key", &url)).await;
    let connection = connect().await;
    let over_nats = SampleWorker::new(&connection, worker("nats"), 4, Vec::new());
    let over_nats = over_nats
        .start(&connection, KEY.try_into().unwrap())
        .await
        .unwrap();
    for id in ["http", "own", "nats"] {
        until_status(&coordinator, id, WorkerStatus::Ready).await;
        use_all_commands(&coordinator, id).await;
    }
    over_http.stop().await;
    own_key.stop().await;
    over_nats.shutdown().await;
    coordinator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_that_dies_loses_its_pipelines_and_returns() {
    let coordinator = coordinator(&Connection::memory(), None, "127.0.0.1:0", LOCALHOST).await;
    let url = coordinator.http_url().unwrap();
    let first = HttpWorker::start(config("w0", KEY, &url)).await;
    let second = HttpWorker::start(config("w1", KEY, &url)).await;
    for id in ["w0", "w1"] {
        until_status(&coordinator, id, WorkerStatus::Ready).await;
    }
    let placement = Placement::Affinity(worker("w0"));
    let deployed = coordinator.deploy_placed(&program("p"), &placement).await;
    assert_eq!(deployed.unwrap().worker_id, worker("w0"));
    first.kill();
    until_status(&coordinator, "w0", WorkerStatus::Unhealthy).await;
    until_runs_on(&coordinator, "p", "w1").await;
    // It has another port now.
    let first = HttpWorker::start(config("w0", KEY, &url)).await;
    until_status(&coordinator, "w0", WorkerStatus::Ready).await;
    let deployed = coordinator.deploy_placed(&program("q"), &placement).await;
    assert_eq!(deployed.unwrap().worker_id, worker("w0"));
    for pipeline in ["p", "q"] {
        let (event, fields) = reading(30);
        let injected = coordinator.inject(&name(pipeline), event, fields).await;
        assert_eq!(injected.unwrap().output_events.len(), 1, "{pipeline}");
    }
    first.stop().await;
    second.stop().await;
    coordinator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_keeps_its_pipelines_over_a_coordinator_restart() {
    let folder = std::env::temp_dir().join(format!("varpulis-http-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let listen = format!("127.0.0.1:{}", free_port());
    let start = async || {
        let connection = Connection::memory();
        coordinator(&connection, Some(&folder), &listen, LOCALHOST).await
    };
    let before = start().await;
    let worker = HttpWorker::start(config("w0", KEY, &format!("http://{listen}"))).await;
    until_status(&before, "w0", WorkerStatus::Ready).await;
    before.deploy(&program("p")).await.unwrap();
    before.shutdown().await;
    let after = start().await;
    until_status(&after, "w0", WorkerStatus::Ready).await;
    let (event, fields) = reading(30);
    let reply = after.inject(&name("p"), event, fields).await.unwrap();
    assert_eq!(reply.output_events.len(), 1);
    worker.stop().await;
    after.shutdown().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_api_keys_are_refused_in_both_directions() {
    let coordinator = coordinator(&Connection::memory(), None, "127.0.0.1:0", LOCALHOST).await;
    let url = coordinator.http_url().unwrap();
    let running = HttpWorker::start(config("w0", KEY, &url)).await;
    until_status(&coordinator, "w0", WorkerStatus::Ready).await;
    let view = coordinator.worker(&worker("w0")).unwrap();
    let address = view.record.registration.address.to_string();
    for (url, line) in [
        (&url, "POST /api/v1/cluster/workers/register"),
        (&address, "POST /api/v1/drain"),
    ] {
        let address = url.strip_prefix("http://").unwrap().parse().unwrap();
        for head in [line.to_owned(), format!("{line}\nx-api-key: wrong\r\n")] {
            let (status, reply) = send(address, &head, "{}").await;
            let expected = (401, json!("invalid_api_key"));
            assert_eq!((status, reply["code"].clone()), expected, "{head}");
        }
    }
    // A key of another worker does not register this worker.
    for key in ["wrong", "own-key"] {
        let stranger = HttpWorker::start(config("w1", key, &url)).await;
        stranger.running.rejected().await;
        stranger.stop().await;
    }
    running.stop().await;
    coordinator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_on_a_host_that_is_not_listed_gets_no_request() {
    let coordinator = coordinator(&Connection::memory(), None, "127.0.0.1:0", "10.0.0.0/8").await;
    let url = coordinator.http_url().unwrap();
    let worker = HttpWorker::start(config("w0", KEY, &url)).await;
    until_status(&coordinator, "w0", WorkerStatus::Ready).await;
    let error = coordinator.deploy(&program("p")).await.unwrap_err();
    let DispatchError::NotExecuted { error, .. } = &error else {
        panic!("{error}");
    };
    let expected = Failure::NotDelivered(NotDelivered::NoResponders);
    assert_eq!(error.failure, expected);
    worker.stop().await;
    coordinator.shutdown().await;
}
