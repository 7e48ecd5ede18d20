//! A worker under load: what is sent twice, what is stuck, and what it does when it drains.

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

use super::membership::{node, until};
use super::registry::Registry;
use super::{
    Worker, connect, connect_raw, deploy, deploys, inbox, inject, load, next, publish, soon,
    trivial, w1,
};

/// What a node needs and does, over a server of its own.
struct Site {
    _server: NatsServer,
    registry: Registry,
    worker: Worker,
    running: RunningWorkerNode,
    client: WorkerClient,
}

impl Site {
    async fn new(configured: impl FnOnce(WorkerNode<Worker>) -> WorkerNode<Worker>) -> Self {
        let server = NatsServer::start().expect("a server");
        let registry = Registry::start(&connect(&server).await).await;
        let worker = Worker::default();
        let starting = configured(node(&worker));
        let running = starting.start(&connect(&server).await).await;
        let running = running.expect("a worker");
        soon("registration", running.registered()).await;
        let client = WorkerClient::new(&connect(&server).await);
        Self {
            registry,
            worker,
            running,
            client,
            _server: server,
        }
    }

    /// Waits for so many more heartbeats.
    async fn beats(&self, beats: u64) {
        let before = self.registry.member().heartbeats;
        self.registry
            .until("heartbeats", |known| known.heartbeats >= before + beats)
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_deploys_under_one_id_are_one_pipeline() {
    const TIMES: usize = 100;
    let server = NatsServer::start().expect("a server");
    let registry = Registry::start(&connect(&server).await).await;
    let worker = Worker::default();
    let running = node(&worker).start(&connect(&server).await).await;
    let running = running.expect("a worker");

    let options = CallOptions::new().request_id("one deploy");
    let client = WorkerClient::new(&connect(&server).await).with_options(options);
    let calls = deploys(&client, TIMES, "sleep 100");
    let replies: Vec<_> = super::ends(calls).await.into_iter().flatten().collect();
    assert_eq!(replies.len(), TIMES);
    assert!(replies.iter().all(|reply| *reply == replies[0]));
    assert_eq!(worker.begun(), 1);

    // The same over the wire, delayed: each after the one before was answered.
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
    let told = registry.until("heartbeat", |known| {
        known
            .last
            .as_ref()
            .is_some_and(|last| last.pipelines_running == 1)
    });
    assert_eq!(told.await.last.expect("one").pipeline_metrics.len(), 1);
    assert_eq!(running.health().commands.repeated, 2 * TIMES as u64 - 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stuck_slow_and_panicking_handlers_stop_neither_heartbeats_nor_other_pipelines() {
    let site = Site::new(|node| node.handler_threads(2)).await;
    let (worker, client) = (&site.worker, &site.client);
    let mut commands = 0;
    let mut begin = async |calls: usize, program: &str| {
        commands += calls as u64;
        let calls = deploys(client, calls, program);
        worker.until_begun(commands).await;
        calls
    };
    // For ever, if nobody lets them go on.
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
    for end in super::ends(broken)
        .await
        .into_iter()
        .chain(super::ends(later).await)
    {
        let failure = end.expect_err("a panic").failure;
        assert_eq!(
            failure,
            Failure::Refused(Refused::Standard(StandardFault::Internal))
        );
    }
    site.beats(2).await;
    assert!(stuck.iter().all(|call| !call.is_finished()));
    worker.go_on();
    for calls in [stuck, slow, blocking] {
        for end in super::ends(calls).await {
            end.expect("an answer");
        }
    }
    assert_eq!(site.running.health().commands.panicked, 100);
}

/// Even in a runtime with one thread, and with more blocking handlers than there are threads for them.
#[tokio::test]
async fn heartbeats_go_on_while_handlers_block_all_their_threads() {
    let site = Site::new(|node| node.handler_threads(2)).await;
    let blocking = deploys(&site.client, 2, "block 4000");
    site.worker.until_begun(2).await;
    site.beats(2).await;
    // Whose caller gives up before there is a thread again is not executed.
    let options = CallOptions::new().timeout(Duration::from_millis(50));
    let hasty = site.client.clone().with_options(options);
    let given_up = hasty.deploy(&w1(), &deploy("")).await;
    let failure = given_up.expect_err("nobody is there for it").failure;
    assert_eq!(failure, Failure::NoAnswer(NoAnswer::TimedOut));
    assert!(
        blocking.iter().all(|call| !call.is_finished()),
        "they block"
    );
    for end in super::ends(blocking).await {
        end.expect("an answer");
    }
    let expired = until(&site.running, "end of it", |health| {
        health.commands.expired > 0
    });
    assert_eq!(expired.await.commands.expired, 1);
    assert_eq!(site.worker.begun(), 2);
}

#[tokio::test]
async fn heartbeats_go_on_while_vitals_are_stuck_or_panic() {
    let asked = Arc::new(AtomicU64::new(0));
    let asking = Arc::clone(&asked);
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let site = Site::new(|node| {
        node.health_source(move || {
            assert!(
                asking.fetch_add(1, Ordering::SeqCst) > 0,
                "at first it panics"
            );
            // Ends with the test.
            let _ = released.lock().expect("no panic").recv();
            unreachable!("nobody hears this");
        })
    })
    .await;
    site.beats(3).await;
    assert_eq!(
        asked.load(Ordering::SeqCst),
        2,
        "it is asked once at a time"
    );
    soon("shutdown", site.running.shutdown()).await;
    drop(release);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_drains_under_load_loses_nothing_and_says_so() {
    for is_told in [false, true] {
        let site = Site::new(|node| node).await;
        let callers = load(&site.client, 100, |error| {
            error.fault() == Some(&DeployFault::WorkerDraining)
        });
        site.worker.until_begun(1_000).await;
        if is_told {
            let told = site.client.drain(&w1(), &trivial()).await;
            told.expect("it drains");
        } else {
            assert_eq!(soon("drain", site.running.drain()).await, 0);
            assert_eq!(site.running.health().phase, WorkerPhase::Drained);
        }
        let executed = soon("ends of all callers", join_all(callers)).await;
        let executed: u64 = executed
            .into_iter()
            .map(|count| count.expect("no panic"))
            .sum();
        let commands = u64::from(is_told);
        assert_eq!(
            site.worker.begun() - commands,
            executed,
            "all were answered"
        );
        until(&site.running, "end", |health| {
            health.phase == WorkerPhase::Drained
        })
        .await;
        // The protocol's only word for it: there is no room.
        let told = site.registry.until("word of it", |known| {
            let capacity = known.capacity.as_ref();
            capacity.is_some_and(|told| told.max_pipelines == told.pipelines_running)
        });
        told.await;
        let refused = site.client.deploy(&w1(), &deploy("")).await;
        let refused = refused.expect_err("it drains");
        assert_eq!(refused.fault(), Some(&DeployFault::WorkerDraining));
        site.beats(1).await;
        let stats = soon("shutdown", site.running.shutdown()).await;
        assert_eq!((stats.running, stats.waiting, stats.unsent), (0, 0, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_shuts_down_under_load_answers_what_came() {
    let site = Site::new(|node| node).await;
    let calls = deploys(&site.client, 500, "sleep 50");
    site.worker.until_begun(500).await;
    let stats = soon("shutdown", site.running.shutdown()).await;
    assert_eq!((stats.answered, stats.unsent), (500, 0));
    for end in super::ends(calls).await {
        end.expect("an answer");
    }
}

#[tokio::test]
async fn what_is_stuck_keeps_nobody_from_draining_and_stopping() {
    for program in ["wait", "block 2000"] {
        let site = Site::new(|node| node.drain_limit(Duration::from_millis(50))).await;
        let stuck = deploys(&site.client, 1, program);
        site.worker.until_begun(1).await;
        assert_eq!(soon("drain", site.running.drain()).await, 1);
        let health = site.running.health();
        assert_eq!((health.phase, health.work), (WorkerPhase::Draining, 1));
        soon("shutdown", site.running.shutdown()).await;
        stuck.iter().for_each(JoinHandle::abort);
    }
}

#[tokio::test]
async fn a_node_that_is_dropped_answers_what_it_accepted() {
    let broker = MemoryBroker::new();
    let worker = Worker::default();
    let running = node(&worker)
        .start(&Connection::over(broker.connect()))
        .await;
    let running = running.expect("a worker");
    let client = WorkerClient::new(&Connection::over(broker.connect()));
    let calls = deploys(&client, 10, "wait");
    worker.until_begun(10).await;
    drop(running);
    worker.go_on();
    for end in super::ends(calls).await {
        end.expect("an answer");
    }
}
