//! Pipelines keep running when their workers fail.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;
use varpulis_sdk::coordinator_node::{CoordinatorNode, Placement};
use varpulis_sdk::replica::Registry;
use varpulis_sdk::types::{Deployment, DeploymentState, EventFields, EventType};

use super::fixture::{Fixture, pipeline, program, worker};
use super::scripted_worker::Behavior;
use crate::cluster::{Network, TEST_TIMEOUT, over_both_networks};

over_both_networks! {
    pipeline_of_dead_worker_moves_to_another_worker
    pipeline_restarts_on_a_returned_worker
    pipeline_lost_by_its_worker_is_deployed_again
    pipeline_of_removed_worker_moves_to_another_worker
    pipeline_move_continues_under_the_next_leader
    pipeline_of_dead_coordinator_becomes_uncertain
}

/// Commands time out after 1 s.
fn with_short_limit(node: CoordinatorNode) -> CoordinatorNode {
    node.command_limit(Duration::from_secs(1))
}

fn deployment(registry: &Registry) -> Option<&Arc<Deployment>> {
    registry.deployment(&pipeline("p"))
}

/// Whether the registry shows the pipeline as running on worker `name`.
fn moved_to(name: &str) -> impl Fn(&Registry) -> bool {
    let worker = worker(name);
    move |registry| {
        deployment(registry).is_some_and(|deployment| {
            deployment.worker_id == worker && deployment.state == DeploymentState::Running
        })
    }
}

/// Whether the registry shows the pipeline as running on worker `name` and on no other worker.
fn runs_on(name: &str) -> impl Fn(&Registry) -> bool {
    let is_there = moved_to(name);
    move |registry| {
        is_there(registry)
            && deployment(registry).is_some_and(|deployment| deployment.left.is_empty())
    }
}

async fn assert_runs(fixture: &Fixture) {
    let name = pipeline("p");
    for coordinator in fixture.coordinators.values() {
        let event = EventType::try_from("Reading").unwrap();
        let injected = coordinator.inject(&name, event, EventFields::default());
        injected.await.unwrap();
    }
}

async fn pipeline_of_dead_worker_moves_to_another_worker(network: Network) {
    let fixture = Fixture::with(network, 1, with_short_limit).await;
    let dying = fixture.worker("a", 4, []).await;
    fixture.wait_for_ready(&["a"]).await;
    fixture.coordinator(1).deploy(&program("p")).await.unwrap();
    // No other worker exists until the second worker starts.
    dying.connection.close().await;
    fixture
        .wait_for("an unhealthy worker", |registry| {
            let dead = registry.worker(&worker("a"));
            dead.is_some_and(|dead| dead.status.as_str() == "unhealthy")
        })
        .await;
    let _second = fixture.worker("b", 4, []).await;
    fixture
        .wait_for("a deployment on the other worker", moved_to("b"))
        .await;
    assert_runs(&fixture).await;
    // It is unknown whether the pipeline ended on the first worker.
    let left = fixture
        .coordinator(1)
        .replica()
        .local(|registry| deployment(registry).unwrap().left.len());
    assert_eq!(left, 1);
    drop(dying);
    let again = fixture.worker("a", 4, []).await;
    fixture
        .wait_for("a deployment without a second worker", runs_on("b"))
        .await;
    assert_eq!(again.service.deploys(), 0);
    fixture.stop().await;
}

async fn pipeline_restarts_on_a_returned_worker(network: Network) {
    let fixture = Fixture::with(network, 3, with_short_limit).await;
    let first = fixture.worker("a", 4, []).await;
    let _other = fixture.worker("b", 4, []).await;
    fixture.wait_for_ready(&["a", "b"]).await;
    let placement = Placement::Affinity(worker("a"));
    let before = fixture
        .coordinator(2)
        .deploy_placed(&program("p"), &placement)
        .await
        .unwrap();
    first.connection.close().await;
    let second = fixture.worker("a", 4, []).await;
    second.service.wait_for_deploys(1).await;
    fixture.wait_for("a restarted pipeline", runs_on("a")).await;
    let after = fixture
        .coordinator(1)
        .replica()
        .local(|registry| deployment(registry).cloned());
    assert_ne!(after.unwrap().instance, before.instance);
    assert_runs(&fixture).await;
    fixture
        .coordinator(3)
        .undeploy(&pipeline("p"))
        .await
        .unwrap();
    assert!(second.service.running().is_empty());
    fixture.stop().await;
}

async fn pipeline_lost_by_its_worker_is_deployed_again(network: Network) {
    let fixture = Fixture::with(network, 1, with_short_limit).await;
    let running = fixture.worker("a", 4, []).await;
    fixture.wait_for_ready(&["a"]).await;
    let before = fixture.coordinator(1).deploy(&program("p")).await.unwrap();
    running.service.lose_pipelines();
    let event = EventType::try_from("Reading").unwrap();
    let name = pipeline("p");
    let injected = fixture
        .coordinator(1)
        .inject(&name, event, EventFields::default());
    assert!(injected.await.is_err(), "the pipeline is lost");
    fixture
        .wait_for("another pipeline", |registry| {
            deployment(registry).is_some_and(|deployment| {
                let is_new = deployment.pipeline_id != before.pipeline_id;
                deployment.state == DeploymentState::Running && is_new
            })
        })
        .await;
    assert_runs(&fixture).await;
    assert_eq!(running.service.deploys(), 2);
    fixture.stop().await;
}

async fn pipeline_of_removed_worker_moves_to_another_worker(network: Network) {
    let fixture = Fixture::with(network, 1, with_short_limit).await;
    let out = fixture.worker("a", 4, []).await;
    let other = fixture.worker("b", 4, []).await;
    fixture.wait_for_ready(&["a", "b"]).await;
    let placement = Placement::Affinity(worker("a"));
    let coordinator = fixture.coordinator(1);
    let deployed = coordinator.deploy_placed(&program("p"), &placement).await;
    deployed.unwrap();
    out.connection.close().await;
    fixture.wait_for_absence("a").await;
    coordinator.remove(&worker("a")).await.unwrap();
    fixture
        .wait_for("a deployment on the other worker", moved_to("b"))
        .await;
    assert_runs(&fixture).await;
    // The coordinator that removed the worker knows where the pipeline runs now.
    coordinator.undeploy(&pipeline("p")).await.unwrap();
    assert!(other.service.running().is_empty());
    fixture.stop().await;
}

async fn pipeline_move_continues_under_the_next_leader(network: Network) {
    let mut fixture = Fixture::with(network, 3, with_short_limit).await;
    let dying = fixture.worker("a", 4, []).await;
    fixture.wait_for_ready(&["a"]).await;
    fixture.coordinator(1).deploy(&program("p")).await.unwrap();
    let _second = fixture.worker("b", 4, []).await;
    fixture.wait_for_ready(&["b"]).await;
    let leader = fixture.coordinator(2).health().raft.leader.unwrap();
    dying.connection.close().await;
    fixture.kill(leader.get());
    fixture
        .wait_for("a deployment on the other worker", moved_to("b"))
        .await;
    assert_runs(&fixture).await;
    fixture.stop().await;
}

async fn pipeline_of_dead_coordinator_becomes_uncertain(network: Network) {
    let second = Duration::from_secs(1);
    let set_up = |node| with_short_limit(node).registry_timeout(second);
    let mut fixture = Fixture::with(network, 3, set_up).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = fixture
        .worker("a", 4, [Behavior::Wait(Arc::clone(&gate))])
        .await;
    fixture.wait_for_ready(&["a"]).await;
    fixture.kill_during_deploy(1, &slow.service).await;
    fixture
        .wait_for("an uncertain deployment", |registry| {
            deployment(registry)
                .is_some_and(|deployment| deployment.state == DeploymentState::Uncertain)
        })
        .await;
    // The end of the instance resolves the uncertainty.
    slow.connection.close().await;
    let again = fixture.worker("a", 4, []).await;
    fixture.wait_for("a running pipeline", runs_on("a")).await;
    assert_eq!(again.service.running(), [pipeline("p")]);
    fixture.stop().await;
}

/// A request that reaches a newer instance than intended must not leave a second running pipeline.
#[tokio::test(flavor = "multi_thread")]
async fn pipeline_begun_by_a_newer_instance_runs_once() {
    let set_up = |node: CoordinatorNode| node.command_limit(Duration::from_secs(24));
    let fixture = Fixture::with(Network::memory(), 1, set_up).await;
    let gate = Arc::new(Semaphore::new(0));
    let dying = fixture
        .worker("a", 4, [Behavior::Wait(Arc::clone(&gate))])
        .await;
    fixture.wait_for_ready(&["a"]).await;
    let request = program("p");
    let death = async {
        dying.service.wait_for_deploys(1).await;
        dying.connection.close().await;
        fixture.worker("a", 4, []).await
    };
    let (deployed, other) = tokio::join!(fixture.coordinator(1).deploy(&request), death);
    let deployed = deployed.unwrap();
    assert_eq!(deployed.instance.as_ref(), Some(other.node.instance()));
    assert_eq!(other.service.running(), [pipeline("p")]);
    assert_runs(&fixture).await;
    fixture.stop().await;
}

/// A pipeline without room elsewhere stays on its worker and is not restarted there.
#[tokio::test(flavor = "multi_thread")]
async fn pipeline_without_room_elsewhere_is_not_restarted() {
    let set_up = |node: CoordinatorNode| node.command_limit(TEST_TIMEOUT);
    let fixture = Fixture::with(Network::memory(), 1, set_up).await;
    let away = fixture.worker("a", 4, []).await;
    fixture.wait_for_ready(&["a"]).await;
    let deployed = fixture.coordinator(1).deploy(&program("p")).await.unwrap();
    let gate = Arc::new(Semaphore::new(0));
    let refusing = Behavior::WaitAndRefuse(Arc::clone(&gate));
    let full = fixture.worker("b", 4, [refusing]).await;
    fixture.wait_for_ready(&["b"]).await;
    let transport = away.transport.as_ref().unwrap();
    transport.disconnect();
    full.service.wait_for_deploys(1).await;
    transport.reconnect();
    fixture.wait_for_ready(&["a"]).await;
    gate.add_permits(1);
    let is_back = |registry: &Registry| {
        let deployment = deployment(registry).unwrap();
        deployment.pipeline_id == deployed.pipeline_id && deployment.left.is_empty()
    };
    fixture
        .wait_for("a pipeline on its first worker", is_back)
        .await;
    assert_eq!(away.service.deploys(), 1);
    fixture.stop().await;
}

/// An isolated worker does not keep a pipeline that has moved.
#[tokio::test(flavor = "multi_thread")]
async fn pipeline_left_on_isolated_worker_ends_at_its_return() {
    let fixture = Fixture::with(Network::memory(), 1, with_short_limit).await;
    let away = fixture.worker("a", 4, []).await;
    fixture.wait_for_ready(&["a"]).await;
    fixture.coordinator(1).deploy(&program("p")).await.unwrap();
    let other = fixture.worker("b", 4, []).await;
    fixture.wait_for_ready(&["b"]).await;
    let transport = away.transport.as_ref().unwrap();
    transport.disconnect();
    other.service.wait_for_running(1).await;
    assert_eq!(away.service.running(), [pipeline("p")]);
    transport.reconnect();
    away.service.wait_for_running(0).await;
    fixture
        .wait_for("a deployment without a second worker", runs_on("b"))
        .await;
    assert_runs(&fixture).await;
    timeout(TEST_TIMEOUT, fixture.stop()).await.unwrap();
}
