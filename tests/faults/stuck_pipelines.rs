//! Handlers that hang: they cost only their own pipeline, and the pipeline can be undeployed.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use natsgen_runtime::{
    CallError, CallOptions, Failure, NoAnswer, Refused, Saturation, ServeOptions, StandardFault,
};
use tokio::task::JoinHandle;
use varpulis_sdk::worker::{
    InjectFault, InjectReply, UndeployFault, UndeployRequest, WorkerClient,
};
use varpulis_sdk::worker_node::{WorkerHealth, WorkerNotReady, WorkerPhase};

use super::membership::wait_for;
use super::worker_node::Fixture;
use super::{exclusive, inject, outcomes, spawn_deploys, trivial, w1, within_timeout};

type Injected = Result<InjectReply, CallError<InjectFault>>;

/// Starts concurrent injections, each in a task of its own.
fn spawn_injects(
    client: &WorkerClient,
    pipeline: &str,
    event: &str,
    calls: u64,
) -> Vec<JoinHandle<Injected>> {
    let call = |number| {
        let (client, request) = (client.clone(), inject(pipeline, event, number));
        tokio::spawn(async move { client.inject(&w1(), &request).await })
    };
    (0..calls).map(call).collect()
}

fn refused(fault: StandardFault) -> Failure<InjectFault> {
    Failure::Refused(Refused::Standard(fault))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stuck_pipeline_costs_only_its_share_of_a_worker() {
    const FLOOD: u64 = 20_000;
    const SHARE: u64 = 16_384 / 8;
    let _exclusive = exclusive().await;
    let fixture = Fixture::new(|node| node.drain_limit(Duration::from_millis(100))).await;
    let (client, running) = (&fixture.client, &fixture.running);
    let mut stuck = spawn_injects(client, "stuck", "Wait", 1);
    fixture.worker.until_begun(1).await;
    // Long enough to send the flood on a busy machine.
    let options = CallOptions::new().timeout(Duration::from_secs(10));
    let hasty = client.clone().options(options);
    let flood = spawn_injects(&hasty, "stuck", "Event", FLOOD);
    let health = wait_for(running, "flood", |health| {
        health.commands.refused == FLOOD - SHARE
    });
    assert_eq!(health.await.commands.waiting as u64, SHARE);
    for number in 0..10 {
        let injected = client
            .inject(&w1(), &inject("other", "Event", number))
            .await;
        injected.expect("other pipelines run");
    }
    assert!(running.health().is_ready(), "{:?}", running.health());
    let mut counts = [0, 0];
    for outcome in within_timeout("outcomes", join_all(flood)).await {
        let failure = outcome.expect("no panic").expect_err("stuck").failure;
        let is_late = [
            refused(StandardFault::DeadlineExceeded),
            Failure::NoAnswer(NoAnswer::TimedOut),
        ]
        .contains(&failure);
        assert!(
            is_late || failure == refused(StandardFault::KeyOverloaded),
            "{failure:?}"
        );
        counts[usize::from(is_late)] += 1;
    }
    assert_eq!(counts, [FLOOD - SHARE, SHARE]);
    let health = wait_for(running, "empty queue", |health| {
        health.commands.waiting == 0 && health.commands.expired == SHARE
    });
    assert_eq!(health.await.commands.running, 1);
    client.drain(&w1(), &trivial()).await.expect("a drain");
    let started = Instant::now();
    within_timeout("shutdown", fixture.running.shutdown()).await;
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    stuck.remove(0).abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undeploy_overtakes_a_pipeline_that_hangs() {
    let options = ServeOptions::new().grace(Duration::from_millis(50));
    let fixture = Fixture::new(|node| node.serve_options(options)).await;
    let client = &fixture.client;
    let mut stuck = spawn_injects(client, "stuck", "Wait", 1);
    fixture.worker.until_begun(1).await;
    let other = spawn_injects(client, "other", "Wait", 1);
    fixture.worker.until_begun(2).await;
    let queued = spawn_injects(client, "stuck", "Event", 10);
    wait_for(&fixture.running, "queue", |health| {
        health.commands.waiting == 10
    })
    .await;
    let request = UndeployRequest::new("stuck".parse().expect("a pipeline id"));
    let undeployed = client.undeploy(&w1(), &request).await;
    let undeployed = undeployed.expect_err("the test worker has no pipelines");
    let fault = UndeployFault::PipelineNotFound("stuck".to_owned());
    assert_eq!(undeployed.fault(), Some(&fault), "the handler ran");
    let stuck = stuck.remove(0).await.expect("no panic");
    assert_eq!(
        stuck.expect_err("stuck").failure,
        refused(StandardFault::Aborted)
    );
    for outcome in within_timeout("outcomes", join_all(queued)).await {
        let failure = outcome.expect("no panic").expect_err("overtaken").failure;
        assert_eq!(failure, refused(StandardFault::Cancelled));
    }
    // The stopped command counts no longer as work, so that a drain does not wait for it.
    assert_eq!(fixture.running.health().work, 1);
    fixture.worker.release();
    for outcome in join_all(other).await {
        outcome.expect("no panic").expect("a reply");
    }
    assert!(fixture.worker.injected("stuck").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn saturated_worker_is_not_ready_and_reports_it() {
    let options = ServeOptions::new().concurrency(1).queue(4);
    let fixture = Fixture::new(|node| node.serve_options(options)).await;
    let stuck = spawn_deploys(&fixture.client, 5, "wait");
    let health = wait_for(&fixture.running, "saturation", |health| !health.is_ready()).await;
    assert_eq!(
        (health.phase, health.is_connected),
        (WorkerPhase::Ready, true)
    );
    let reason = health.not_ready();
    let reasons = [Saturation::Queue, Saturation::Handlers].map(WorkerNotReady::Saturated);
    assert!(
        reason.is_some_and(|reason| reasons.contains(&reason)),
        "{health:?}"
    );
    let reported = |is_saturated: bool| {
        fixture.coordinator.wait_for("heartbeat", move |known| {
            let last = known.last.as_ref();
            last.is_some_and(|last| last.saturated.is_some() == is_saturated)
        })
    };
    reported(true).await;
    fixture.worker.release();
    for outcome in outcomes(stuck).await {
        outcome.expect("a reply");
    }
    wait_for(&fixture.running, "readiness", WorkerHealth::is_ready).await;
    reported(false).await;
}
