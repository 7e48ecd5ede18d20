//! The choice of a worker for a pipeline.

use std::collections::BTreeMap;

use natsgen_runtime::True;
use varpulis_sdk::coordinator::Heartbeat;
use varpulis_sdk::coordinator_node::{DispatchError, Placement};
use varpulis_sdk::types::DeploymentState;
use varpulis_sdk::worker::DeployFault;
use varpulis_sdk::worker_node::WorkerNode;

use super::fixture::{Fixture, key, pipeline, program, worker};
use super::scripted_worker::{Behavior, ScriptedWorker};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    placement_chooses_among_workers_with_room
    placement_tries_the_next_worker_after_a_refusal
    placement_refused_by_all_leaves_no_record
    placement_avoids_saturated_workers
}

fn assert_no_room(error: &DispatchError<DeployFault>, count: usize) {
    let DispatchError::NoRoom { workers, ready } = error else {
        panic!("{error}");
    };
    assert_eq!((*workers, *ready), (count, count));
}

async fn placement_chooses_among_workers_with_room(network: Network) {
    let set_up = |node: varpulis_sdk::coordinator_node::CoordinatorNode| {
        node.placement(Placement::RoundRobin)
    };
    let fixture = Fixture::with(network, 1, set_up).await;
    let coordinator = fixture.coordinator(1);
    let none = coordinator.deploy(&program("p")).await.unwrap_err();
    assert_no_room(&none, 0);
    let _small = fixture.worker("a", 2, []).await;
    let _large = fixture.worker("b", 8, []).await;
    let _none = fixture.worker("c", 0, []).await;
    fixture.wait_for_ready(&["a", "b", "c"]).await;

    let mut places = Vec::new();
    for number in 0..6 {
        let deployed = coordinator.deploy(&program(&format!("r{number}"))).await;
        let deployed = deployed.unwrap();
        assert_eq!(deployed.state, DeploymentState::Running);
        places.push(deployed.worker_id.to_string());
    }
    assert_eq!(places, ["a", "b", "a", "b", "b", "b"]);

    coordinator.undeploy(&pipeline("r0")).await.unwrap();
    coordinator.undeploy(&pipeline("r2")).await.unwrap();
    // Loads: 0 of 2 before 4 of 8; then 1 of 2 and 4 of 8 are equal and chosen at random; then the other worker.
    let mut shares = BTreeMap::<String, u32>::new();
    for number in 0..2 {
        let request = program(&format!("l{number}"));
        let deployed = coordinator
            .deploy_placed(&request, &Placement::LeastLoaded)
            .await;
        *shares
            .entry(deployed.unwrap().worker_id.to_string())
            .or_default() += 1;
    }
    assert!(shares["a"] >= 1, "{shares:?}");
    let affinity = Placement::Affinity(worker("b"));
    for number in 0..3 {
        let request = program(&format!("f{number}"));
        let deployed = coordinator
            .deploy_placed(&request, &affinity)
            .await
            .unwrap();
        assert_eq!(deployed.worker_id, worker("b"));
    }
    // The affinity is ignored when its worker is full: 9 of 10 places are taken.
    coordinator
        .deploy_placed(&program("last"), &affinity)
        .await
        .unwrap();
    let none = coordinator.deploy(&program("more")).await.unwrap_err();
    assert_no_room(&none, 3);
    fixture.stop().await;
}

async fn placement_tries_the_next_worker_after_a_refusal(network: Network) {
    let fixture = Fixture::new(network, 1).await;
    let full = Behavior::Refuse(DeployFault::QuotaExceeded("streams".to_owned()));
    let one = fixture.worker("a", 8, [full]).await;
    let drained = fixture.worker("b", 8, []).await;
    let gone = fixture.worker("c", 8, []).await;
    let last = fixture.worker("d", 1_000, []).await;
    fixture.wait_for_ready(&["a", "b", "c", "d"]).await;
    drained.node.drain().await;
    let coordinator = fixture.coordinator(1);
    // The registry shows these workers as ready and least loaded, since they run nothing and the last worker runs a
    // pipeline.
    coordinator
        .deploy_placed(&program("first"), &Placement::Affinity(worker("d")))
        .await
        .unwrap();
    gone.connection.close().await;
    fixture.wait_for_absence("c").await;
    let deployed = coordinator.deploy(&program("p")).await.unwrap();
    let place = (deployed.worker_id.as_str(), deployed.state);
    let service = match place.0 {
        "a" => &one.service,
        _ => &last.service,
    };
    assert!(service.running().contains(&pipeline("p")), "{place:?}");
    let running: usize = [&one, &drained, &last]
        .iter()
        .map(|each| each.service.running().len())
        .sum();
    assert_eq!(running, 2);
    fixture.stop().await;
}

async fn placement_refused_by_all_leaves_no_record(network: Network) {
    let fixture = Fixture::new(network, 1).await;
    let parse = DeployFault::PipelineParse("1:1".to_owned());
    let quota = DeployFault::QuotaExceeded("streams".to_owned());
    let behaviors = [
        Behavior::Refuse(parse.clone()),
        Behavior::Refuse(quota.clone()),
    ];
    let one = fixture.worker("a", 8, behaviors).await;
    fixture.wait_for_ready(&["a"]).await;
    let coordinator = fixture.coordinator(1);
    for fault in [parse, quota] {
        let error = coordinator.deploy(&program("p")).await.unwrap_err();
        assert_eq!(error.fault(), Some(&fault), "{error}");
        let DispatchError::NotExecuted { worker_id, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(worker_id, &worker("a"));
        let known = coordinator
            .replica()
            .current(|registry| registry.deployments().count());
        assert_eq!(known.await.unwrap(), 0);
    }
    coordinator.deploy(&program("p")).await.unwrap();
    assert_eq!(one.service.running(), [pipeline("p")]);
    fixture.stop().await;
}

async fn placement_avoids_saturated_workers(network: Network) {
    let fixture = Fixture::new(network, 1).await;
    let (connection, _transport) = fixture.network.connect().await;
    let service = ScriptedWorker::new([]);
    let saturated = WorkerNode::new(worker("a"), key(), service.clone())
        .max_pipelines(1_000)
        .health_source(|| {
            let mut heartbeat = Heartbeat::new(0, 0);
            heartbeat.saturated = Some(True);
            heartbeat
        });
    let _saturated = saturated.start(&connection).await.unwrap();
    let _small = fixture.worker("b", 8, []).await;
    fixture.wait_for_ready(&["a", "b"]).await;
    let coordinator = fixture.coordinator(1);
    for number in 0..8 {
        let deployed = coordinator.deploy(&program(&format!("p{number}"))).await;
        assert_eq!(deployed.unwrap().worker_id, worker("b"));
    }
    // No other worker has room, and the heartbeat may be outdated.
    let deployed = coordinator.deploy(&program("last")).await.unwrap();
    assert_eq!(deployed.worker_id, worker("a"));
    fixture.stop().await;
}
