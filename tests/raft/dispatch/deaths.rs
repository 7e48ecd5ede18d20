//! Workers and coordinators that end halfway.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use varpulis_sdk::coordinator_node::{CoordinatorNode, DispatchError, Placement};
use varpulis_sdk::types::{DeploymentState, EventFields, EventType};

use super::scene::{Scene, pipeline, program, start, worker};
use super::script::Act;
use crate::cluster::{Network, PATIENCE, over_both_networks};

over_both_networks! {
    a_worker_that_dies_in_the_middle_leaves_a_doubt_that_is_told
    a_worker_that_panics_leaves_a_doubt_that_is_told
    what_a_dead_coordinator_began_can_be_ended
    a_caller_that_goes_away_leaves_nothing_half_done
    what_ran_on_an_instance_ended_with_it
    what_is_undeployed_while_it_is_deployed_ends
    what_was_certainly_not_deployed_is_told_without_a_registry
}

/// Workers have half a second, and nobody deploys anything again.
fn brief(node: CoordinatorNode) -> CoordinatorNode {
    node.command_limit(Duration::from_millis(500))
        .redeploy(false)
}

fn event() -> EventType {
    EventType::try_from("Reading").unwrap()
}

async fn a_worker_that_dies_in_the_middle_leaves_a_doubt_that_is_told(network: Network) {
    let scene = Scene::with(network, 2, brief).await;
    let gate = Arc::new(Semaphore::new(0));
    let dying = scene.worker("a", 8, [Act::Wait(Arc::clone(&gate))]).await;
    scene.ready(&["a"]).await;
    let request = program("p");
    let deploying = scene.coordinator(1).deploy(&request);
    let death = async {
        dying.script.begun(1).await;
        dying.connection.close().await;
    };
    let (came, ()) = tokio::join!(deploying, death);
    let error = came.unwrap_err();
    assert!(
        matches!(error, DispatchError::OutcomeUnknown { .. }),
        "{error}"
    );
    assert_eq!(
        error.to_string(),
        "it is unknown whether worker a executed the command"
    );
    let is_uncertain = |registry: &varpulis_sdk::replica::Registry| {
        let deployment = registry.deployment(&pipeline("p"));
        deployment.is_some_and(|known| known.state == DeploymentState::Uncertain)
    };
    scene.known("the doubt", is_uncertain).await;
    let other = scene.coordinator(2);
    let error = other.deploy(&request).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "pipeline p is deployed already: uncertain on worker a"
    );
    let error = other
        .inject(&pipeline("p"), event(), EventFields::default())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "pipeline p does not run: uncertain on worker a"
    );
    let last = other.undeploy(&pipeline("p")).await.unwrap();
    assert_eq!(last.state, DeploymentState::Uncertain);
    gate.add_permits(1);
    scene.stop().await;
}

async fn a_worker_that_panics_leaves_a_doubt_that_is_told(network: Network) {
    let scene = Scene::new(network, 1).await;
    let _panics = scene.worker("a", 8, [Act::Panic]).await;
    scene.ready(&["a"]).await;
    let error = scene
        .coordinator(1)
        .deploy(&program("p"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, DispatchError::OutcomeUnknown { .. }),
        "{error}"
    );
    scene.coordinator(1).undeploy(&pipeline("p")).await.unwrap();
    scene.coordinator(1).deploy(&program("p")).await.unwrap();
    scene.stop().await;
}

async fn what_a_dead_coordinator_began_can_be_ended(network: Network) {
    let mut scene = Scene::new(network, 3).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = scene.worker("a", 8, [Act::Wait(Arc::clone(&gate))]).await;
    scene.ready(&["a"]).await;
    scene.kill_deploying(1, &slow.script).await;
    let is_begun = |registry: &varpulis_sdk::replica::Registry| {
        let deployment = registry.deployment(&pipeline("p"));
        deployment.is_some_and(|known| known.state == DeploymentState::Deploying)
    };
    scene.known("that somebody deploys", is_begun).await;
    let error = scene
        .coordinator(2)
        .deploy(&program("p"))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "pipeline p is deployed already: deploying on worker a"
    );
    let last = scene.coordinator(3).undeploy(&pipeline("p")).await.unwrap();
    assert_eq!(last.state, DeploymentState::Deploying);
    gate.add_permits(1);
    scene.coordinator(2).deploy(&program("p")).await.unwrap();
    scene.stop().await;
}

async fn a_caller_that_goes_away_leaves_nothing_half_done(network: Network) {
    let scene = Scene::new(network, 1).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = scene.worker("a", 8, [Act::Wait(Arc::clone(&gate))]).await;
    scene.ready(&["a"]).await;
    tokio::select! {
        came = async { scene.coordinator(1).deploy(&program("p")).await } => panic!("{came:?}"),
        () = slow.script.begun(1) => {}
    }
    gate.add_permits(1);
    let runs = |registry: &varpulis_sdk::replica::Registry| {
        let deployment = registry.deployment(&pipeline("p"));
        deployment.is_some_and(|known| known.state == DeploymentState::Running)
    };
    scene.known("that it runs", runs).await;
    assert_eq!(slow.script.running(), [pipeline("p")]);
    scene.stop().await;
}

async fn what_ran_on_an_instance_ended_with_it(network: Network) {
    let scene = Scene::with(network, 1, brief).await;
    let first = scene.worker("a", 8, []).await;
    scene.ready(&["a"]).await;
    let coordinator = scene.coordinator(1);
    let home = Placement::Affinity(worker("a"));
    let deployed = coordinator
        .deploy_placed(&program("p"), &home)
        .await
        .unwrap();
    first.connection.close().await;
    let error = coordinator.undeploy(&pipeline("p")).await.unwrap_err();
    // A server may have noticed the end or not.
    let is_told = matches!(
        error,
        DispatchError::NotExecuted { .. } | DispatchError::OutcomeUnknown { .. }
    );
    assert!(is_told, "{error}");
    // Nothing was forgotten. Another instance takes its place.
    let (connection, _) = scene.network.connect().await;
    let second = start(&connection, "a", 8, super::script::Script::new([])).await;
    let is_other = |registry: &varpulis_sdk::replica::Registry| {
        let worker = registry.worker(&worker("a"));
        worker.is_some_and(|worker| worker.registration.instance != deployed.instance)
    };
    scene.known("the other instance", is_other).await;
    let last = coordinator.undeploy(&pipeline("p")).await.unwrap();
    assert_eq!(last.pipeline_id, deployed.pipeline_id);
    second.shutdown().await;
    scene.stop().await;
}

async fn what_is_undeployed_while_it_is_deployed_ends(network: Network) {
    let scene = Scene::new(network, 2).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = scene.worker("a", 8, [Act::Wait(Arc::clone(&gate))]).await;
    scene.ready(&["a"]).await;
    let request = program("p");
    let other = async {
        slow.script.begun(1).await;
        let last = scene.coordinator(2).undeploy(&pipeline("p")).await.unwrap();
        assert_eq!(last.state, DeploymentState::Deploying);
        slow.script.stumble();
        gate.add_permits(1);
    };
    let (came, ()) = tokio::join!(scene.coordinator(1).deploy(&request), other);
    let error = came.unwrap_err();
    assert_eq!(error.to_string(), "pipeline p was undeployed meanwhile");
    // It is stopped for as long as that takes, since nobody else knows of it.
    slow.script.runs(0).await;
    scene.stop().await;
}

async fn what_was_certainly_not_deployed_is_told_without_a_registry(network: Network) {
    let set_up = |node| {
        brief(node)
            .command_limit(PATIENCE)
            .patience(Duration::from_secs(1))
    };
    let mut scene = Scene::with(network, 3, set_up).await;
    let gate = Arc::new(Semaphore::new(0));
    let refusing = Act::WaitAndRefuse(Arc::clone(&gate));
    let full = scene.worker("a", 8, [refusing]).await;
    scene.ready(&["a"]).await;
    let (sender, came) = tokio::sync::oneshot::channel();
    scene.last_work(1, async |lonely| {
        let error = lonely.deploy(&program("p")).await.unwrap_err();
        let _ = sender.send(error.to_string());
    });
    full.script.begun(1).await;
    scene.kill(2);
    scene.kill(3);
    gate.add_permits(1);
    assert_eq!(came.await.unwrap(), "worker a did not execute the command");
    scene.stop().await;
}

/// The worker deploys once, whatever happens to its answer.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_asked_for_again() {
    let set_up = |node: CoordinatorNode| node.command_limit(Duration::from_secs(4));
    let scene = Scene::with(Network::memory(), 1, set_up).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = scene.worker("a", 8, [Act::Wait(Arc::clone(&gate))]).await;
    scene.ready(&["a"]).await;
    let request = program("p");
    let cable = slow.cable.as_ref().unwrap();
    let loss = async {
        slow.script.begun(1).await;
        cable.disconnect();
        gate.add_permits(1);
        slow.script.runs(1).await;
        cable.reconnect();
    };
    let (came, ()) = tokio::join!(scene.coordinator(1).deploy(&request), loss);
    assert_eq!(came.unwrap().state, DeploymentState::Running);
    assert_eq!(slow.script.deploys(), 1);
    assert_eq!(slow.script.running(), [pipeline("p")]);
    scene.stop().await;
}
