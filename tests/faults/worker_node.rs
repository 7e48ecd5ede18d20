//! A worker node under load: duplicate requests, stuck handlers, draining, and shutdown.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use natsgen_runtime::{
    CallOptions, Connection, Failure, MemoryBroker, NoAnswer, Refused, StandardFault,
};
use natsgen_testing::NatsServer;
use tokio::task::JoinHandle;
use varpulis_sdk::worker::{DeployFault, WorkerClient};
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerNode, WorkerPhase};

use super::fake_coordinator::FakeCoordinator;
use super::membership::{node, wait_for};
use super::{
    Worker, connect, connect_raw, deploy, inbox, inject, next, publish, spawn_deploys, spawn_load,
    trivial, w1, within_timeout,
};

/// A worker node, its coordinator and a client over a server of their own.
pub(super) struct Fixture {
    _server: NatsServer,
    pub(super) coordinator: FakeCoordinator,
    pub(super) worker: Worker,
    pub(super) running: RunningWorkerNode,
    pub(super) client: WorkerClient,
}

impl Fixture {
    pub(super) async fn new(
        configured: impl FnOnce(WorkerNode<Worker>) -> WorkerNode<Worker>,
    ) -> Self {
        let server = NatsServer::start().expect("a server");
        let coordinator = FakeCoordinator::start(&connect(&server).await).await;
        let worker = Worker::default();
        let starting = configured(node(&worker));
        let running = starting.start(&connect(&server).await).await;
        let running = running.expect("a worker");
        within_timeout("registration", running.registered()).await;
        let client = WorkerClient::new(&connect(&server).await);
        Self {
            coordinator,
            worker,
            running,
            client,
            _server: server,
        }
    }

    /// Waits for `wait_for_heartbeats` more heartbeats.
    async fn wait_for_heartbeats(&self, count: u64) {
        let before = self.coordinator.member().heartbeats;
        self.coordinator
            .wait_for("heartbeats", |known| known.heartbeats >= before + count)
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicate_deploys_under_one_id_run_one_pipeline() {
    const TIMES: usize = 100;
    let server = NatsServer::start().expect("a server");
    let coordinator = FakeCoordinator::start(&connect(&server).await).await;
    let worker = Worker::default();
    let running = node(&worker).start(&connect(&server).await).await;
    let running = running.expect("a worker");

    let options = CallOptions::new().request_id("one deploy");
    let client = WorkerClient::new(&connect(&server).await).options(options);
    let calls = spawn_deploys(&client, TIMES, "sleep 100");
    let replies: Vec<_> = super::outcomes(calls).await.into_iter().flatten().collect();
    assert_eq!(replies.len(), TIMES);
    assert!(replies.iter().all(|reply| *reply == replies[0]));
    assert_eq!(worker.begun(), 1);

    // The same over the wire with a delay: each request follows the previous reply.
    let raw = connect_raw(&server).await;
    let (mut inbox, reply) = inbox(&raw).await;
    let subject = "varpulis.cluster.cmd.w1.deploy";
    for _ in 0..TIMES {
        let headers = [("Request-Id", "another")];
        publish(
            &raw,
            subject,
            Some(&reply),
            &headers,
            r#"{"name":"n","source":""}"#,
        )
        .await;
        let answer = next(&mut *inbox).await;
        assert!(answer.payload.starts_with(br#"{"id":"p""#), "{answer:?}");
    }
    assert_eq!(worker.begun(), 2);
    let update = coordinator.wait_for("heartbeat", |known| {
        known
            .last
            .as_ref()
            .is_some_and(|last| last.pipelines_running == 1)
    });
    assert_eq!(update.await.last.expect("one").pipeline_metrics.len(), 1);
    assert_eq!(running.health().commands.repeated, 2 * TIMES as u64 - 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faulty_handlers_delay_no_heartbeat_or_other_pipeline() {
    let fixture = Fixture::new(|node| node.handler_threads(2)).await;
    let (worker, client) = (&fixture.worker, &fixture.client);
    let mut commands = 0;
    let mut begin = async |calls: usize, program: &str| {
        commands += calls as u64;
        let calls = spawn_deploys(client, calls, program);
        worker.until_begun(commands).await;
        calls
    };
    // These commands wait until they are released.
    let stuck = begin(50, "wait").await;
    let slow = begin(50, "sleep 3000").await;
    let broken = begin(50, "panic").await;
    let later = begin(50, "sleep and panic").await;
    let blocking = begin(1, "block 3000").await;
    let started = Instant::now();
    for number in 0..100 {
        let injected = client
            .inject(&w1(), &inject("other", "Event", number))
            .await;
        injected.expect("an answer");
    }
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    for outcome in super::outcomes(broken)
        .await
        .into_iter()
        .chain(super::outcomes(later).await)
    {
        let failure = outcome.expect_err("a panic").failure;
        assert_eq!(
            failure,
            Failure::Refused(Refused::Standard(StandardFault::Internal))
        );
    }
    fixture.wait_for_heartbeats(2).await;
    assert!(stuck.iter().all(|call| !call.is_finished()));
    worker.release();
    for calls in [stuck, slow, blocking] {
        for outcome in super::outcomes(calls).await {
            outcome.expect("an answer");
        }
    }
    assert_eq!(fixture.running.health().commands.panicked, 100);
}

/// The runtime has a single thread, and more handlers block than there are handler threads.
#[tokio::test]
async fn heartbeats_continue_while_handlers_block_all_threads() {
    let fixture = Fixture::new(|node| node.handler_threads(2)).await;
    let blocking = spawn_deploys(&fixture.client, 2, "block 4000");
    fixture.worker.until_begun(2).await;
    fixture.wait_for_heartbeats(2).await;
    // A request whose caller gives up before a thread is free is not executed.
    let options = CallOptions::new().timeout(Duration::from_millis(50));
    let brief = fixture.client.clone().options(options);
    let given_up = brief.deploy(&w1(), &deploy("")).await;
    let failure = given_up.expect_err("no thread is free").failure;
    assert_eq!(failure, Failure::NoAnswer(NoAnswer::TimedOut));
    assert!(
        blocking.iter().all(|call| !call.is_finished()),
        "the handlers block"
    );
    for outcome in super::outcomes(blocking).await {
        outcome.expect("an answer");
    }
    let expired = wait_for(&fixture.running, "expired request", |health| {
        health.commands.expired > 0
    });
    assert_eq!(expired.await.commands.expired, 1);
    assert_eq!(fixture.worker.begun(), 2);
}

#[tokio::test]
async fn heartbeats_continue_while_the_health_source_is_stuck() {
    let asked = Arc::new(AtomicU64::new(0));
    let asking = Arc::clone(&asked);
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let fixture = Fixture::new(|node| {
        node.health_source(move || {
            assert!(
                asking.fetch_add(1, Ordering::SeqCst) > 0,
                "the first call panics"
            );
            // Returns at the end of the test.
            let _ = released.lock().expect("no panic").recv();
            unreachable!("the result is never used");
        })
    })
    .await;
    fixture.wait_for_heartbeats(3).await;
    assert_eq!(asked.load(Ordering::SeqCst), 2, "a single call at a time");
    within_timeout("shutdown", fixture.running.shutdown()).await;
    drop(release);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drain_under_load_loses_no_command_and_is_reported() {
    for is_commanded in [false, true] {
        let fixture = Fixture::new(|node| node).await;
        let callers = spawn_load(&fixture.client, 100, |error| {
            error.fault() == Some(&DeployFault::WorkerDraining)
        });
        fixture.worker.until_begun(1_000).await;
        if is_commanded {
            let update = fixture.client.drain(&w1(), &trivial()).await;
            update.expect("the worker drains");
        } else {
            assert_eq!(within_timeout("drain", fixture.running.drain()).await, 0);
            assert_eq!(fixture.running.health().phase, WorkerPhase::Drained);
        }
        let executed = within_timeout("ends of all callers", join_all(callers)).await;
        let executed: u64 = executed
            .into_iter()
            .map(|count| count.expect("no panic"))
            .sum();
        let commands = u64::from(is_commanded);
        assert_eq!(
            fixture.worker.begun() - commands,
            executed,
            "all commands were answered"
        );
        wait_for(&fixture.running, "end", |health| {
            health.phase == WorkerPhase::Drained
        })
        .await;
        // The protocol reports the draining only as a lack of room.
        let update = fixture.coordinator.wait_for("capacity update", |known| {
            let capacity = known.capacity.as_ref();
            capacity.is_some_and(|capacity| capacity.max_pipelines == capacity.pipelines_running)
        });
        update.await;
        let refused = fixture.client.deploy(&w1(), &deploy("")).await;
        let refused = refused.expect_err("the worker drains");
        assert_eq!(refused.fault(), Some(&DeployFault::WorkerDraining));
        fixture.wait_for_heartbeats(1).await;
        let stats = within_timeout("shutdown", fixture.running.shutdown()).await;
        assert_eq!((stats.running, stats.waiting, stats.unsent), (0, 0, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_under_load_answers_accepted_commands() {
    let fixture = Fixture::new(|node| node).await;
    let calls = spawn_deploys(&fixture.client, 500, "sleep 50");
    fixture.worker.until_begun(500).await;
    let stats = within_timeout("shutdown", fixture.running.shutdown()).await;
    assert_eq!((stats.answered, stats.unsent), (500, 0));
    for outcome in super::outcomes(calls).await {
        outcome.expect("an answer");
    }
}

#[tokio::test]
async fn stuck_command_prevents_neither_drain_nor_shutdown() {
    for program in ["wait", "block 2000"] {
        let fixture = Fixture::new(|node| node.drain_limit(Duration::from_millis(50))).await;
        let stuck = spawn_deploys(&fixture.client, 1, program);
        fixture.worker.until_begun(1).await;
        assert_eq!(within_timeout("drain", fixture.running.drain()).await, 1);
        let health = fixture.running.health();
        assert_eq!((health.phase, health.work), (WorkerPhase::Draining, 1));
        within_timeout("shutdown", fixture.running.shutdown()).await;
        stuck.iter().for_each(JoinHandle::abort);
    }
}

#[tokio::test]
async fn dropped_node_answers_accepted_commands() {
    let broker = MemoryBroker::new();
    let worker = Worker::default();
    let running = node(&worker)
        .start(&Connection::over(broker.connect()))
        .await;
    let running = running.expect("a worker");
    let client = WorkerClient::new(&Connection::over(broker.connect()));
    let calls = spawn_deploys(&client, 10, "wait");
    worker.until_begun(10).await;
    drop(running);
    worker.release();
    for outcome in super::outcomes(calls).await {
        outcome.expect("an answer");
    }
}
