//! Pipelines that go on running, whatever happens to their workers.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;
use varpulis_sdk::coordinator_node::{CoordinatorNode, Placement};
use varpulis_sdk::replica::Registry;
use varpulis_sdk::types::{Deployment, DeploymentState, EventFields, EventType};

use super::scene::{Scene, pipeline, program, worker};
use super::script::Act;
use crate::cluster::{Network, PATIENCE, over_both_networks};

over_both_networks! {
    pipelines_of_a_dead_worker_run_elsewhere
    pipelines_begin_again_when_their_worker_comes_back
    what_ran_on_a_worker_that_was_taken_out_runs_elsewhere
    who_leads_next_goes_on_with_it
    what_nobody_deploys_any_more_is_in_doubt
}

/// Workers have a second.
fn brief(node: CoordinatorNode) -> CoordinatorNode {
    node.command_limit(Duration::from_secs(1))
}

fn known(registry: &Registry) -> Option<&Arc<Deployment>> {
    registry.deployment(&pipeline("p"))
}

/// Whether the pipeline is known to run on a worker.
fn moved_to(name: &str) -> impl Fn(&Registry) -> bool {
    let worker = worker(name);
    move |registry| {
        known(registry).is_some_and(|known| {
            known.worker_id == worker && known.state == DeploymentState::Running
        })
    }
}

/// Whether it is known to run there, and nowhere else.
fn runs_on(name: &str) -> impl Fn(&Registry) -> bool {
    let is_there = moved_to(name);
    move |registry| is_there(registry) && known(registry).is_some_and(|known| known.left.is_empty())
}

async fn assert_runs(scene: &Scene) {
    let name = pipeline("p");
    for coordinator in scene.coordinators.values() {
        let event = EventType::try_from("Reading").unwrap();
        let injected = coordinator.inject(&name, event, EventFields::default());
        injected.await.unwrap();
    }
}

async fn pipelines_of_a_dead_worker_run_elsewhere(network: Network) {
    let scene = Scene::with(network, 1, brief).await;
    let dying = scene.worker("a", 4, []).await;
    scene.ready(&["a"]).await;
    scene.coordinator(1).deploy(&program("p")).await.unwrap();
    // There is no room anywhere until the second comes.
    dying.connection.close().await;
    scene
        .known("the silence", |registry| {
            let dead = registry.worker(&worker("a"));
            dead.is_some_and(|dead| dead.status.as_str() == "unhealthy")
        })
        .await;
    let _heir = scene.worker("b", 4, []).await;
    scene.known("the new place", moved_to("b")).await;
    assert_runs(&scene).await;
    // Nobody knows yet whether it ended where it was.
    let left = scene
        .coordinator(1)
        .replica()
        .local(|registry| known(registry).unwrap().left.len());
    assert_eq!(left, 1);
    drop(dying);
    let again = scene.worker("a", 4, []).await;
    scene.known("that it runs nowhere else", runs_on("b")).await;
    assert_eq!(again.script.deploys(), 0);
    scene.stop().await;
}

async fn pipelines_begin_again_when_their_worker_comes_back(network: Network) {
    let scene = Scene::with(network, 3, brief).await;
    let first = scene.worker("a", 4, []).await;
    let _other = scene.worker("b", 4, []).await;
    scene.ready(&["a", "b"]).await;
    let home = Placement::Affinity(worker("a"));
    let before = scene
        .coordinator(2)
        .deploy_placed(&program("p"), &home)
        .await
        .unwrap();
    first.connection.close().await;
    let second = scene.worker("a", 4, []).await;
    second.script.begun(1).await;
    scene.known("that it runs again", runs_on("a")).await;
    let after = scene
        .coordinator(1)
        .replica()
        .local(|registry| known(registry).cloned());
    assert_ne!(after.unwrap().instance, before.instance);
    assert_runs(&scene).await;
    scene.coordinator(3).undeploy(&pipeline("p")).await.unwrap();
    assert!(second.script.running().is_empty());
    scene.stop().await;
}

async fn what_ran_on_a_worker_that_was_taken_out_runs_elsewhere(network: Network) {
    let scene = Scene::with(network, 1, brief).await;
    let out = scene.worker("a", 4, []).await;
    let other = scene.worker("b", 4, []).await;
    scene.ready(&["a", "b"]).await;
    let home = Placement::Affinity(worker("a"));
    let coordinator = scene.coordinator(1);
    let deployed = coordinator.deploy_placed(&program("p"), &home).await;
    deployed.unwrap();
    out.connection.close().await;
    scene.absent("a").await;
    coordinator.remove(&worker("a")).await.unwrap();
    scene.known("the new place", moved_to("b")).await;
    assert_runs(&scene).await;
    // Who took the worker out knows what became of it.
    coordinator.undeploy(&pipeline("p")).await.unwrap();
    assert!(other.script.running().is_empty());
    scene.stop().await;
}

async fn who_leads_next_goes_on_with_it(network: Network) {
    let mut scene = Scene::with(network, 3, brief).await;
    let dying = scene.worker("a", 4, []).await;
    scene.ready(&["a"]).await;
    scene.coordinator(1).deploy(&program("p")).await.unwrap();
    let _heir = scene.worker("b", 4, []).await;
    scene.ready(&["b"]).await;
    let leader = scene.coordinator(2).health().raft.leader.unwrap();
    dying.connection.close().await;
    scene.kill(leader.get());
    scene.known("the new place", moved_to("b")).await;
    assert_runs(&scene).await;
    scene.stop().await;
}

async fn what_nobody_deploys_any_more_is_in_doubt(network: Network) {
    let second = Duration::from_secs(1);
    let set_up = |node| brief(node).patience(second);
    let mut scene = Scene::with(network, 3, set_up).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = scene.worker("a", 4, [Act::Wait(Arc::clone(&gate))]).await;
    scene.ready(&["a"]).await;
    scene.kill_deploying(1, &slow.script).await;
    scene
        .known("the doubt", |registry| {
            known(registry).is_some_and(|known| known.state == DeploymentState::Uncertain)
        })
        .await;
    // With the instance the doubt ends, too.
    slow.connection.close().await;
    let again = scene.worker("a", 4, []).await;
    scene.known("that it runs", runs_on("a")).await;
    assert_eq!(again.script.running(), [pipeline("p")]);
    scene.stop().await;
}

/// What reaches another instance than it was meant for does not run on beside what is deployed instead.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_instance_begins_runs_once() {
    let set_up = |node: CoordinatorNode| node.command_limit(Duration::from_secs(24));
    let scene = Scene::with(Network::memory(), 1, set_up).await;
    let gate = Arc::new(Semaphore::new(0));
    let dying = scene.worker("a", 4, [Act::Wait(Arc::clone(&gate))]).await;
    scene.ready(&["a"]).await;
    let request = program("p");
    let death = async {
        dying.script.begun(1).await;
        dying.connection.close().await;
        scene.worker("a", 4, []).await
    };
    let (deployed, other) = tokio::join!(scene.coordinator(1).deploy(&request), death);
    let deployed = deployed.unwrap();
    assert_eq!(deployed.instance.as_ref(), Some(other.node.instance()));
    assert_eq!(other.script.running(), [pipeline("p")]);
    assert_runs(&scene).await;
    scene.stop().await;
}

/// A pipeline that finds no new place stays where it may run, and does not begin there again.
#[tokio::test(flavor = "multi_thread")]
async fn what_finds_no_new_place_does_not_begin_again_where_it_is() {
    let set_up = |node: CoordinatorNode| node.command_limit(PATIENCE);
    let scene = Scene::with(Network::memory(), 1, set_up).await;
    let away = scene.worker("a", 4, []).await;
    scene.ready(&["a"]).await;
    let deployed = scene.coordinator(1).deploy(&program("p")).await.unwrap();
    let gate = Arc::new(Semaphore::new(0));
    let refusing = Act::WaitAndRefuse(Arc::clone(&gate));
    let full = scene.worker("b", 4, [refusing]).await;
    scene.ready(&["b"]).await;
    let cable = away.cable.as_ref().unwrap();
    cable.disconnect();
    full.script.begun(1).await;
    cable.reconnect();
    scene.ready(&["a"]).await;
    gate.add_permits(1);
    let is_back = |registry: &Registry| {
        let known = known(registry).unwrap();
        known.pipeline_id == deployed.pipeline_id && known.left.is_empty()
    };
    scene.known("that it is where it was", is_back).await;
    assert_eq!(away.script.deploys(), 1);
    scene.stop().await;
}

/// A worker that was only cut off does not run on what has moved.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_behind_ends_when_its_worker_is_heard_again() {
    let scene = Scene::with(Network::memory(), 1, brief).await;
    let away = scene.worker("a", 4, []).await;
    scene.ready(&["a"]).await;
    scene.coordinator(1).deploy(&program("p")).await.unwrap();
    let other = scene.worker("b", 4, []).await;
    scene.ready(&["b"]).await;
    let cable = away.cable.as_ref().unwrap();
    cable.disconnect();
    other.script.runs(1).await;
    assert_eq!(away.script.running(), [pipeline("p")]);
    cable.reconnect();
    away.script.runs(0).await;
    scene.known("that it runs there only", runs_on("b")).await;
    assert_runs(&scene).await;
    timeout(PATIENCE, scene.stop()).await.unwrap();
}
