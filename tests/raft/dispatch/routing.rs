//! Commands reach the worker that runs a pipeline.

use natsgen_runtime::{Limited, Value};
use varpulis_sample::SampleWorker;
use varpulis_sdk::batch::BatchFallback;
use varpulis_sdk::coordinator_node::{DispatchError, Placement};
use varpulis_sdk::types::{EventFields, EventType, InputEvent};
use varpulis_sdk::worker::{DeployFault, InjectBatchFault, InjectBatchReply, InjectFault};

use super::fixture::{Fixture, key, pipeline, program, worker};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    inject_reaches_the_pipeline_on_any_worker
    worker_fault_reaches_the_caller
    batch_with_wrong_counts_is_a_typed_error
    batch_fallback_injects_each_event
}

fn reading(t: u64) -> EventFields {
    let fields = [("t".to_owned(), Value::from(t))];
    EventFields(Limited::new(fields.into_iter().collect()).unwrap())
}

fn event() -> EventType {
    EventType::try_from("Reading").unwrap()
}

async fn inject_reaches_the_pipeline_on_any_worker(network: Network) {
    let fixture = Fixture::new(network, 3).await;
    let mut workers = Vec::new();
    for name in ["a", "b", "c"] {
        let (connection, _) = fixture.network.connect().await;
        let sample = SampleWorker::new(&connection, worker(name), 4, Vec::new());
        workers.push(sample.start(&connection, key()).await.unwrap());
    }
    fixture.wait_for_ready(&["a", "b", "c"]).await;
    let name = pipeline("p");
    for (number, placement) in ["a", "b", "c"].into_iter().enumerate() {
        let at = |turn: usize| fixture.coordinator((number + turn) as u64 % 3 + 1);
        let placement = Placement::Affinity(worker(placement));
        let deployed = at(0)
            .deploy_placed(&program("p"), &placement)
            .await
            .unwrap();
        // Any coordinator works: some still know an earlier place, or no place.
        for turn in 0..3 {
            let reply = at(turn).inject(&name, event(), reading(150)).await.unwrap();
            assert_eq!(reply.output_events.len(), 1);
            let events = [90, 200, 300].map(|t| {
                let mut input = InputEvent::new(event());
                input.fields = reading(t);
                input
            });
            let events = Limited::new(events.to_vec()).unwrap();
            let reply = at(turn).inject_batch(&name, events).await.unwrap();
            assert_eq!((reply.events_sent, reply.output_events.len()), (3, 2));
        }
        assert_eq!(workers[number].worker().counts().borrow().processed, 12);
        let last = at(2).undeploy(&name).await.unwrap();
        assert_eq!(last.pipeline_id, deployed.pipeline_id);
        let error = at(1).undeploy(&name).await.unwrap_err();
        assert!(matches!(error, DispatchError::NoSuchPipeline(_)), "{error}");
    }
    let error = fixture
        .coordinator(1)
        .inject(&name, event(), reading(1))
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "no pipeline p is deployed");
    for worker in workers {
        worker.shutdown().await;
    }
    fixture.stop().await;
}

async fn worker_fault_reaches_the_caller(network: Network) {
    let fixture = Fixture::new(network, 1).await;
    let (connection, _) = fixture.network.connect().await;
    let sample = SampleWorker::new(&connection, worker("a"), 4, Vec::new());
    let sample = sample.start(&connection, key()).await.unwrap();
    let scripted = fixture.worker("b", 4, []).await;
    fixture.wait_for_ready(&["a", "b"]).await;
    let coordinator = fixture.coordinator(1);
    let mut wrong = program("wrong");
    wrong.source = "stream ?".to_owned().try_into().unwrap();
    let error = coordinator
        .deploy_placed(&wrong, &Placement::Affinity(worker("a")))
        .await;
    let error = error.unwrap_err();
    assert!(
        matches!(error.fault(), Some(DeployFault::PipelineParse(_))),
        "{error}"
    );

    let there = Placement::Affinity(worker("b"));
    coordinator
        .deploy_placed(&program("p"), &there)
        .await
        .unwrap();
    let refused = coordinator
        .inject_batch(&pipeline("p"), Limited::default())
        .await;
    let error = refused.unwrap_err();
    assert_eq!(
        error.fault(),
        Some(&InjectBatchFault::RateLimited),
        "{error}"
    );
    scripted.service.lose_pipelines();
    let error = coordinator
        .inject(&pipeline("p"), event(), reading(1))
        .await;
    let error = error.unwrap_err();
    assert!(
        matches!(error.fault(), Some(InjectFault::PipelineNotFound(_))),
        "{error}"
    );
    assert_eq!(error.to_string(), "worker b did not execute the command");
    // The pipeline is absent, which is the requested state.
    coordinator.undeploy(&pipeline("p")).await.unwrap();
    sample.shutdown().await;
    fixture.stop().await;
}

/// A batch of three events to a worker that processes no batches.
async fn ignored_batch(
    network: Network,
    fallback: BatchFallback,
) -> Result<InjectBatchReply, DispatchError<InjectBatchFault>> {
    let fixture = Fixture::with(network, 1, |node| node.batch_fallback(fallback)).await;
    let running = fixture.worker("a", 4, []).await;
    running.service.ignore_batches();
    fixture.wait_for_ready(&["a"]).await;
    let coordinator = fixture.coordinator(1);
    coordinator.deploy(&program("p")).await.unwrap();
    let events = Limited::new(vec![InputEvent::new(event()); 3]).unwrap();
    let injected = coordinator.inject_batch(&pipeline("p"), events).await;
    fixture.stop().await;
    injected
}

async fn batch_with_wrong_counts_is_a_typed_error(network: Network) {
    let error = ignored_batch(network, BatchFallback::Fail)
        .await
        .unwrap_err();
    let DispatchError::WrongCounts(counts) = &error else {
        panic!("{error:?}");
    };
    assert_eq!((counts.events, counts.sent, counts.failed), (3, 0, 0));
}

async fn batch_fallback_injects_each_event(network: Network) {
    let reply = ignored_batch(network, BatchFallback::SingleInjects)
        .await
        .unwrap();
    assert_eq!((reply.events_sent, reply.events_failed), (3, 0));
}
