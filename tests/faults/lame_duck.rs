//! A server in lame duck mode closes its connections one after the other, and its peers reconnect elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::transport::TransportEvent;
use natsgen_runtime::{CallOptions, Connection, Retry};
use natsgen_testing::NatsCluster;
use varpulis_sdk::worker::WorkerClient;
use varpulis_sdk::worker_node::WorkerHealth;

use super::fake_coordinator::FakeCoordinator;
use super::membership::{node, wait_for};
use super::{TEST_TIMEOUT, Worker, connect, inject, w1, within_timeout};

const CONFIG: &str = "lame_duck_duration: 30s, lame_duck_grace_period: 100ms";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lame_duck_peers_move_and_execute_nothing_twice() {
    let servers = NatsCluster::start_with(2, CONFIG).expect("servers");
    let (leaving, staying) = (servers.server(0), servers.server(1));
    // All peers are connected to the leaving server and know the second server.
    let connections = [
        connect(leaving).await,
        connect(leaving).await,
        connect(leaving).await,
    ];
    let coordinator = FakeCoordinator::start(&connections[0]).await;
    let worker = Worker::default();
    let starting = node(&worker).renewal(Duration::MAX);
    let running = starting.start(&connections[1]).await.expect("a worker");
    within_timeout("registration", running.registered()).await;

    let retry = Retry::new(u32::MAX)
        .pauses(Duration::from_millis(5), Duration::from_millis(50))
        .attempt_timeout(Duration::from_millis(500))
        .deduplicated();
    let options = CallOptions::new().timeout(TEST_TIMEOUT).retry(retry);
    let client = WorkerClient::new(&connections[2]).options(options);
    let (numbers, is_over) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let callers = (0..10).map(|_| {
        let (client, numbers, is_over) =
            (client.clone(), Arc::clone(&numbers), Arc::clone(&is_over));
        tokio::spawn(async move {
            while !is_over.load(Ordering::SeqCst) {
                let number = numbers.fetch_add(1, Ordering::SeqCst);
                let answered = client.inject(&w1(), &inject("p", "Event", number)).await;
                answered.expect("an answer after retries");
            }
        })
    });
    let callers: Vec<_> = callers.collect();
    worker.until_begun(100).await;

    let mut events = connections.each_ref().map(Connection::events);
    leaving.retire().expect("a signal");
    for events in &mut events {
        let moved = async {
            while events.recv().await.expect("the connection stays open")
                != TransportEvent::Connected
            {}
        };
        within_timeout("another server", moved).await;
    }
    let begun = worker.begun();
    worker.until_begun(begun + 100).await;
    is_over.store(true, Ordering::SeqCst);
    for caller in within_timeout("end of all calls", join_all(callers)).await {
        caller.expect("no panic");
    }
    let mut executed = worker.injected("p");
    executed.sort_unstable();
    assert!(executed.into_iter().eq(0..numbers.load(Ordering::SeqCst)));
    wait_for(&running, "readiness", WorkerHealth::is_ready).await;
    assert!(coordinator.member().registrations >= 2);
    within_timeout("shutdown", running.shutdown()).await;
    assert!(connect(staying).await.is_connected());
}
