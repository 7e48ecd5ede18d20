//! Workers and coordinators that fail during a deployment.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use varpulis_sdk::coordinator_node::{CoordinatorNode, DispatchError, Placement};
use varpulis_sdk::types::{DeploymentState, EventFields, EventType};

use super::fixture::{Fixture, pipeline, program, start, worker};
use super::scripted_worker::Behavior;
use crate::cluster::{Network, TEST_TIMEOUT, over_both_networks};

over_both_networks! {
    deploy_on_dying_worker_reports_unknown_outcome
    deploy_on_panicking_worker_reports_unknown_outcome
    deploy_of_dead_coordinator_can_be_undeployed
    deploy_with_cancelled_caller_completes
    undeploy_after_instance_end_succeeds
    undeploy_during_deploy_stops_the_pipeline
    deploy_refusal_without_quorum_reports_not_executed
}

/// Commands time out after 500 ms, and the reconciler is off.
fn with_short_limit(node: CoordinatorNode) -> CoordinatorNode {
    node.command_limit(Duration::from_millis(500))
        .redeploy(false)
}

fn event() -> EventType {
    EventType::try_from("Reading").unwrap()
}

async fn deploy_on_dying_worker_reports_unknown_outcome(network: Network) {
    let fixture = Fixture::with(network, 2, with_short_limit).await;
    let gate = Arc::new(Semaphore::new(0));
    let dying = fixture
        .worker("a", 8, [Behavior::Wait(Arc::clone(&gate))])
        .await;
    fixture.wait_for_ready(&["a"]).await;
    let request = program("p");
    let deploying = fixture.coordinator(1).deploy(&request);
    let death = async {
        dying.service.wait_for_deploys(1).await;
        dying.connection.close().await;
    };
    let (result, ()) = tokio::join!(deploying, death);
    let error = result.unwrap_err();
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
    fixture
        .wait_for("an uncertain deployment", is_uncertain)
        .await;
    let other = fixture.coordinator(2);
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
    fixture.stop().await;
}

async fn deploy_on_panicking_worker_reports_unknown_outcome(network: Network) {
    let fixture = Fixture::new(network, 1).await;
    let _panics = fixture.worker("a", 8, [Behavior::Panic]).await;
    fixture.wait_for_ready(&["a"]).await;
    let error = fixture
        .coordinator(1)
        .deploy(&program("p"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, DispatchError::OutcomeUnknown { .. }),
        "{error}"
    );
    fixture
        .coordinator(1)
        .undeploy(&pipeline("p"))
        .await
        .unwrap();
    fixture.coordinator(1).deploy(&program("p")).await.unwrap();
    fixture.stop().await;
}

async fn deploy_of_dead_coordinator_can_be_undeployed(network: Network) {
    let mut fixture = Fixture::new(network, 3).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = fixture
        .worker("a", 8, [Behavior::Wait(Arc::clone(&gate))])
        .await;
    fixture.wait_for_ready(&["a"]).await;
    fixture.kill_during_deploy(1, &slow.service).await;
    let is_begun = |registry: &varpulis_sdk::replica::Registry| {
        let deployment = registry.deployment(&pipeline("p"));
        deployment.is_some_and(|known| known.state == DeploymentState::Deploying)
    };
    fixture.wait_for("a running deployment", is_begun).await;
    let error = fixture
        .coordinator(2)
        .deploy(&program("p"))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "pipeline p is deployed already: deploying on worker a"
    );
    let last = fixture
        .coordinator(3)
        .undeploy(&pipeline("p"))
        .await
        .unwrap();
    assert_eq!(last.state, DeploymentState::Deploying);
    gate.add_permits(1);
    fixture.coordinator(2).deploy(&program("p")).await.unwrap();
    fixture.stop().await;
}

async fn deploy_with_cancelled_caller_completes(network: Network) {
    let fixture = Fixture::new(network, 1).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = fixture
        .worker("a", 8, [Behavior::Wait(Arc::clone(&gate))])
        .await;
    fixture.wait_for_ready(&["a"]).await;
    tokio::select! {
        result = async { fixture.coordinator(1).deploy(&program("p")).await } => panic!("{result:?}"),
        () = slow.service.wait_for_deploys(1) => {}
    }
    gate.add_permits(1);
    let runs = |registry: &varpulis_sdk::replica::Registry| {
        let deployment = registry.deployment(&pipeline("p"));
        deployment.is_some_and(|known| known.state == DeploymentState::Running)
    };
    fixture.wait_for("a running pipeline", runs).await;
    assert_eq!(slow.service.running(), [pipeline("p")]);
    fixture.stop().await;
}

async fn undeploy_after_instance_end_succeeds(network: Network) {
    let fixture = Fixture::with(network, 1, with_short_limit).await;
    let first = fixture.worker("a", 8, []).await;
    fixture.wait_for_ready(&["a"]).await;
    let coordinator = fixture.coordinator(1);
    let placement = Placement::Affinity(worker("a"));
    let deployed = coordinator
        .deploy_placed(&program("p"), &placement)
        .await
        .unwrap();
    first.connection.close().await;
    let error = coordinator.undeploy(&pipeline("p")).await.unwrap_err();
    // The server may have noticed the end of the connection or not.
    let is_told = matches!(
        error,
        DispatchError::NotExecuted { .. } | DispatchError::OutcomeUnknown { .. }
    );
    assert!(is_told, "{error}");
    // The deployment is still recorded. Another instance takes over the worker id.
    let (connection, _) = fixture.network.connect().await;
    let second = start(
        &connection,
        "a",
        8,
        super::scripted_worker::ScriptedWorker::new([]),
    )
    .await;
    let is_other = |registry: &varpulis_sdk::replica::Registry| {
        let worker = registry.worker(&worker("a"));
        worker.is_some_and(|worker| worker.registration.instance != deployed.instance)
    };
    fixture.wait_for("another instance", is_other).await;
    let last = coordinator.undeploy(&pipeline("p")).await.unwrap();
    assert_eq!(last.pipeline_id, deployed.pipeline_id);
    second.shutdown().await;
    fixture.stop().await;
}

async fn undeploy_during_deploy_stops_the_pipeline(network: Network) {
    let fixture = Fixture::new(network, 2).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = fixture
        .worker("a", 8, [Behavior::Wait(Arc::clone(&gate))])
        .await;
    fixture.wait_for_ready(&["a"]).await;
    let request = program("p");
    let other = async {
        slow.service.wait_for_deploys(1).await;
        let last = fixture
            .coordinator(2)
            .undeploy(&pipeline("p"))
            .await
            .unwrap();
        assert_eq!(last.state, DeploymentState::Deploying);
        slow.service.panic_at_undeploy();
        gate.add_permits(1);
    };
    let (result, ()) = tokio::join!(fixture.coordinator(1).deploy(&request), other);
    let error = result.unwrap_err();
    assert_eq!(error.to_string(), "pipeline p was undeployed meanwhile");
    // The deploying coordinator stops the pipeline and retries until that succeeds, since only it knows the pipeline.
    slow.service.wait_for_running(0).await;
    fixture.stop().await;
}

async fn deploy_refusal_without_quorum_reports_not_executed(network: Network) {
    let set_up = |node| {
        with_short_limit(node)
            .command_limit(TEST_TIMEOUT)
            .registry_timeout(Duration::from_secs(1))
    };
    let mut fixture = Fixture::with(network, 3, set_up).await;
    let gate = Arc::new(Semaphore::new(0));
    let refusing = Behavior::WaitAndRefuse(Arc::clone(&gate));
    let full = fixture.worker("a", 8, [refusing]).await;
    fixture.wait_for_ready(&["a"]).await;
    let (sender, result) = tokio::sync::oneshot::channel();
    fixture.run_until_killed(1, async |coordinator| {
        let error = coordinator.deploy(&program("p")).await.unwrap_err();
        let _ = sender.send(error.to_string());
    });
    full.service.wait_for_deploys(1).await;
    fixture.kill(2);
    fixture.kill(3);
    gate.add_permits(1);
    assert_eq!(
        result.await.unwrap(),
        "worker a did not execute the command"
    );
    fixture.stop().await;
}

/// The worker deploys once although its reply is lost.
#[tokio::test(flavor = "multi_thread")]
async fn deploy_with_lost_reply_is_retried_and_runs_once() {
    let set_up = |node: CoordinatorNode| node.command_limit(Duration::from_secs(4));
    let fixture = Fixture::with(Network::memory(), 1, set_up).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = fixture
        .worker("a", 8, [Behavior::Wait(Arc::clone(&gate))])
        .await;
    fixture.wait_for_ready(&["a"]).await;
    let request = program("p");
    let transport = slow.transport.as_ref().unwrap();
    let loss = async {
        slow.service.wait_for_deploys(1).await;
        transport.disconnect();
        gate.add_permits(1);
        slow.service.wait_for_running(1).await;
        transport.reconnect();
    };
    let (result, ()) = tokio::join!(fixture.coordinator(1).deploy(&request), loss);
    assert_eq!(result.unwrap().state, DeploymentState::Running);
    assert_eq!(slow.service.deploys(), 1);
    assert_eq!(slow.service.running(), [pipeline("p")]);
    fixture.stop().await;
}
