//! Tests of the worker role, for any engine. The parent module has `start`, which starts a worker of the type
//! `Running`, and `STATEFUL`, a program for events of the type `X` whose outputs depend on the events before.

mod fixture;

use natsgen_runtime::{Failure, Fault, NotDelivered, Value};
use varpulis_sdk::types::{PipelineId, PipelineName, WorkerStatus};
use varpulis_sdk::worker::{
    CheckpointRequest, DeployFault, DrainRequest, InjectBatchFault, InjectBatchRequest,
    InjectFault, RestoreFault, RestoreRequest, UndeployRequest,
};

use self::fixture::{Cluster, Worker, batch, event, fields, named, program};

/// A program that emits an event for each event with `n > 1`.
const FILTER: &str = "stream A = X .where(n > 1) .emit(n: n, more: more)";

#[tokio::test(flavor = "multi_thread")]
async fn worker_outputs_have_all_fields_unchanged() {
    let worker = Worker::start(1).await;
    let id = worker.deploy(FILTER).await.unwrap();
    // No float holds the integer.
    let sent = r#"{"n":9007199254740993,"more":{"list":[1,null,"x",-2.5],"deep":{"flag":true}}}"#;
    let outputs = worker.inject(&id, sent).await.unwrap();
    let [output] = &outputs[..] else {
        panic!("{outputs:?}");
    };
    assert_eq!(output.event_type.as_str(), "A");
    assert_eq!(output.fields, Some(fields(sent)));
    let outputs = worker.inject(&id, r#"{"n":1,"more":null}"#).await.unwrap();
    assert!(outputs.is_empty(), "{outputs:?}");

    let request = UndeployRequest::new(id.clone());
    worker.client.undeploy(&worker.id, &request).await.unwrap();
    let error = worker.inject(&id, "{}").await.unwrap_err();
    assert_eq!(
        error.fault(),
        Some(&InjectFault::PipelineNotFound(id.to_string()))
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_batch_counts_each_event_and_its_outputs() {
    let worker = Worker::start(1).await;
    let id = worker.deploy(FILTER).await.unwrap();
    let request = InjectBatchRequest::new(id.clone(), batch(&[2, 0, 3]));
    let reply = worker.client.inject_batch(&worker.id, &request).await;
    let reply = reply.unwrap();
    assert_eq!((reply.events_sent, reply.events_failed), (3, 0));
    let values: Vec<_> = reply
        .output_events
        .iter()
        .map(|output| output.fields.as_ref().unwrap().0["n"].clone())
        .collect();
    assert_eq!(values, [Value::from(2), Value::from(3)]);
    let state = worker.checkpoint(&id).await;
    assert_eq!(
        (state.events_processed, state.output_events_emitted),
        (3, 2)
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_deploys_beyond_the_quota_are_refused() {
    let worker = Worker::start(1).await;
    let first = worker.deploy(FILTER).await.unwrap();
    let error = worker.deploy(FILTER).await.unwrap_err();
    let expected = DeployFault::QuotaExceeded("1 pipelines".to_owned());
    assert_eq!(error.fault(), Some(&expected));
    let request = UndeployRequest::new(first.clone());
    worker.client.undeploy(&worker.id, &request).await.unwrap();
    // A program that is refused takes no place.
    worker.deploy("stream = = 1").await.unwrap_err();
    let second = worker.deploy(FILTER).await.unwrap();
    assert_ne!(first, second);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_programs_that_cannot_run_are_refused() {
    let worker = Worker::start(1).await;
    for (source, code) in [
        ("stream = = 1", "pipeline_parse"),
        (r#"stream A = X.from(undeclared, topic: "t")"#, "engine"),
        (r#"stream A = X .to(undeclared, topic: "t")"#, "engine"),
    ] {
        let error = worker.deploy(source).await.unwrap_err();
        let fault = error.fault().unwrap();
        assert_eq!(fault.kind().code, code, "{source}: {fault}");
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_state_continues_in_another_pipeline() {
    let worker = Worker::start(3).await;
    let deploy = async || worker.deploy(super::STATEFUL).await.unwrap();
    let count = async |id: &PipelineId, n: u32| {
        let outputs = worker.inject(id, &format!(r#"{{"n":{n}}}"#)).await;
        outputs.unwrap().len()
    };
    let [first, second, fresh] = [deploy().await, deploy().await, deploy().await];
    for n in [7, 8] {
        count(&first, n).await;
    }
    let state = worker.checkpoint(&first).await;
    let request = RestoreRequest::new(second.clone(), state.clone());
    worker.client.restore(&worker.id, &request).await.unwrap();
    assert_eq!(worker.checkpoint(&second).await, state);
    let continued = count(&first, 3).await;
    assert_eq!(count(&second, 3).await, continued);
    assert_ne!(count(&fresh, 3).await, continued);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_checkpoints_of_another_program_are_refused() {
    let worker = Worker::start(2).await;
    let from = worker.deploy(super::STATEFUL).await.unwrap();
    worker.inject(&from, r#"{"n":7}"#).await.unwrap();
    let to = worker.deploy(FILTER).await.unwrap();
    let before = worker.checkpoint(&to).await;
    let request = RestoreRequest::new(to.clone(), worker.checkpoint(&from).await);
    let error = worker.client.restore(&worker.id, &request).await;
    let error = error.unwrap_err();
    let is_expected = matches!(error.fault(), Some(RestoreFault::Engine(_)));
    assert!(is_expected, "{error}");
    assert_eq!(worker.checkpoint(&to).await, before);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_draining_refuses_new_work_and_undeploys() {
    let worker = Worker::start(2).await;
    let (client, id) = (&worker.client, &worker.id);
    let pipeline = worker.deploy(FILTER).await.unwrap();
    for _ in 0..2 {
        client.drain(id, &DrainRequest::new()).await.unwrap();
    }
    let error = worker.deploy(FILTER).await.unwrap_err();
    assert_eq!(error.fault(), Some(&DeployFault::WorkerDraining));
    let error = worker.inject(&pipeline, "{}").await.unwrap_err();
    assert_eq!(error.fault(), Some(&InjectFault::WorkerDraining));
    let request = InjectBatchRequest::new(pipeline.clone(), batch(&[2]));
    let error = client.inject_batch(id, &request).await.unwrap_err();
    assert_eq!(error.fault(), Some(&InjectBatchFault::WorkerDraining));
    // Its state can be taken away.
    let request = CheckpointRequest::new(pipeline.clone());
    let state = client.checkpoint(id, &request).await.unwrap().0;
    let request = RestoreRequest::new(pipeline.clone(), state);
    let error = client.restore(id, &request).await.unwrap_err();
    assert_eq!(error.fault(), Some(&RestoreFault::WorkerDraining));
    let request = UndeployRequest::new(pipeline);
    client.undeploy(id, &request).await.unwrap();
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_after_shutdown_gets_no_commands() {
    let worker = Worker::start(1).await;
    let (client, id) = (worker.client.clone(), worker.id.clone());
    let _server = worker.stop().await;
    let error = client.drain(&id, &DrainRequest::new()).await.unwrap_err();
    let is_expected = matches!(
        error.failure,
        Failure::NotDelivered(NotDelivered::NoResponders)
    );
    assert!(is_expected, "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_serves_our_coordinator_and_hands_over_its_work() {
    let cluster = Cluster::start().await;
    let first = cluster.worker("a").await;
    let name: PipelineName = named("p");
    let deployed = cluster.coordinator.deploy(&program("p", FILTER)).await;
    assert_eq!(deployed.unwrap().worker_id.as_str(), "a");
    let sent = r#"{"n":9007199254740993,"more":null}"#;
    let inject = async || {
        let injected = cluster.coordinator.inject(&name, event(), fields(sent));
        injected.await.map(|reply| reply.output_events)
    };
    let outputs = inject().await.unwrap();
    assert_eq!(outputs[0].fields, Some(fields(sent)));
    let events = batch(&[2, 0, 3]);
    let reply = cluster.coordinator.inject_batch(&name, events).await;
    let reply = reply.unwrap();
    assert_eq!((reply.events_sent, reply.output_events.len()), (3, 2));
    cluster
        .wait_for("counters in a heartbeat", "a", |view| {
            let heartbeat = view.heartbeat.as_ref();
            heartbeat.is_some_and(|heartbeat| {
                let metrics = heartbeat.pipeline_metrics.first();
                heartbeat.pipelines_running == 1
                    && metrics.is_some_and(|p| (p.events_in, p.events_out) == (4, 3))
            })
        })
        .await;

    let second = cluster.worker("b").await;
    cluster.coordinator.drain(&named("a")).await.unwrap();
    let draining = |view: &fixture::View| view.record.status == WorkerStatus::Draining;
    cluster.wait_for("drain", "a", draining).await;
    cluster.coordinator.remove(&named("a")).await.unwrap();
    first.shutdown().await;
    cluster
        .wait_for("pipeline", "b", |view| {
            let heartbeat = view.heartbeat.as_ref();
            heartbeat.is_some_and(|heartbeat| heartbeat.pipelines_running == 1)
        })
        .await;
    let outputs = inject().await.unwrap();
    assert_eq!(outputs[0].fields, Some(fields(sent)));
    second.shutdown().await;
}
