//! A new instance replaces an instance that is alive only with a proof that both are the same worker.

use std::time::Duration;

use natsgen_runtime::{CallError, Server, True};
use tokio::time::interval;
use varpulis_sdk::coordinator::{RegisterFault, RegisterReply};
use varpulis_sdk::worker::WorkerServer;

use super::fixture::{Coordinators, Peer, key, request, until_ready, within_timeout, worker};
use crate::cluster::{Network, over_both_networks};
use crate::dispatch::scripted_worker::ScriptedWorker;

over_both_networks! {
    live_instance_is_not_replaced_with_a_shared_key
    worker_without_instance_gets_one_per_start
    live_instance_is_replaced_with_the_key_of_the_worker
    draining_instance_is_replaced_with_a_shared_key
    replaced_instance_is_confirmed_by_the_current_registry
}

/// Serves the commands of worker `id`, as a live process does.
async fn serve(peer: &Peer, id: &str) -> Server {
    let server = WorkerServer::new(ScriptedWorker::new([]));
    server.start(&peer.connection, &worker(id)).await.unwrap()
}

#[track_caller]
fn assert_in_use(registered: Result<RegisterReply, CallError<RegisterFault>>) {
    let refused = registered.unwrap_err();
    assert_eq!(
        refused.fault(),
        Some(&RegisterFault::WorkerIdInUse),
        "{refused}"
    );
}

async fn live_instance_is_not_replaced_with_a_shared_key(network: Network) {
    let mut coordinators = Coordinators::started(network, 3).await;
    let (old, new) = (coordinators.peer().await, coordinators.peer().await);
    let server = serve(&old, "w0").await;
    old.register("w0", "a").await.unwrap();
    let mut beats = interval(Duration::from_millis(200));
    for round in 0..20 {
        beats.tick().await;
        old.send_heartbeat("w0").await;
        // A registration without an instance belongs to no instance.
        for instance in ["b", ""] {
            assert_in_use(new.register("w0", instance).await);
        }
        let renewed = old.register("w0", "a").await;
        renewed.unwrap_or_else(|error| panic!("round {round}: {error}"));
    }
    let known = coordinators.any().worker(&worker("w0")).unwrap().record;
    assert_eq!(known.registration.instance.unwrap().as_str(), "a");

    // The process has ended, and its last heartbeat is recent.
    server.shutdown().await;
    old.send_heartbeat("w0").await;
    new.register("w0", "b").await.unwrap();
    for coordinator in coordinators.running.values() {
        coordinator.replica().current(|_| ()).await.unwrap();
    }
    let replaced = old.register("w0", "a").await.unwrap_err();
    assert_eq!(replaced.fault(), Some(&RegisterFault::WorkerReplaced));

    // A process that is subscribed but silent, as behind a half-open connection.
    let _server = serve(&new, "w0").await;
    assert_in_use(old.register("w0", "c").await);
    let taken = async { while old.register("w0", "c").await.is_err() {} };
    within_timeout("the id", taken).await;
    coordinators.stop_all().await;
}

async fn worker_without_instance_gets_one_per_start(network: Network) {
    let mut coordinators = Coordinators::started(network, 1).await;
    let peer = coordinators.peer().await;
    let register = async || {
        peer.register("w0", "").await.unwrap();
        let record = coordinators.any().worker(&worker("w0")).unwrap().record;
        assert!(record.registration.assigned.is_some());
        record.registration.instance.unwrap()
    };
    let first = register().await;
    let server = serve(&peer, "w0").await;
    assert_eq!(register().await, first, "the process is subscribed");
    server.shutdown().await;
    assert_ne!(register().await, first, "another process");
    coordinators.stop_all().await;
}

async fn live_instance_is_replaced_with_the_key_of_the_worker(network: Network) {
    let mut coordinators = Coordinators::new(network, 1);
    coordinators.worker_keys = [(worker("w0"), key("own"))].into();
    coordinators.start_all().await;
    let peer = coordinators.peer().await;
    let _server = serve(&peer, "w0").await;
    let register = async |id: &str, instance: &str, secret: &str| {
        let mut request = request(id, instance);
        request.api_key = key(secret);
        peer.client.register(&request).await
    };
    for instance in ["a", "b", "c"] {
        register("w0", instance, "own").await.unwrap();
        until_ready(coordinators.any(), &peer, "w0").await;
    }
    for (id, secret) in [("w0", "secret"), ("w1", "own")] {
        let refused = register(id, "d", secret).await.unwrap_err();
        assert_eq!(refused.fault(), Some(&RegisterFault::InvalidApiKey), "{id}");
    }
    register("w1", "d", "secret").await.unwrap();
    coordinators.stop_all().await;
}

/// A worker drains before it stops, so its successor need not wait.
async fn draining_instance_is_replaced_with_a_shared_key(network: Network) {
    let mut coordinators = Coordinators::started(network, 1).await;
    let peer = coordinators.peer().await;
    let _server = serve(&peer, "w0").await;
    peer.register("w0", "a").await.unwrap();
    assert_in_use(peer.register("w0", "b").await);
    let mut draining = request("w0", "a");
    draining.draining = Some(True);
    peer.client.register(&draining).await.unwrap();
    peer.register("w0", "b").await.unwrap();
    coordinators.stop_all().await;
}

/// A coordinator's own replica may be stale. An instance that asks for a confirmation must not get a stale answer.
async fn replaced_instance_is_confirmed_by_the_current_registry(network: Network) {
    let mut coordinators = Coordinators::started(network, 3).await;
    let peer = coordinators.peer().await;
    peer.register("w0", "0").await.unwrap();
    for number in 1..30 {
        peer.register("w0", &number.to_string()).await.unwrap();
        let mut confirming = request("w0", &(number - 1).to_string());
        confirming.confirm = Some(True);
        let refused = peer.client.register(&confirming).await.unwrap_err();
        assert_eq!(
            refused.fault(),
            Some(&RegisterFault::WorkerReplaced),
            "{refused}"
        );
        let mut confirming = request("w0", &number.to_string());
        confirming.confirm = Some(True);
        peer.client.register(&confirming).await.unwrap();
    }
    coordinators.stop_all().await;
}
