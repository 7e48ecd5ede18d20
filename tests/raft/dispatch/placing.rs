//! Which worker gets a pipeline.

use std::collections::BTreeMap;

use varpulis_sdk::coordinator_node::{DispatchError, Placement};
use varpulis_sdk::types::DeploymentState;
use varpulis_sdk::worker::DeployFault;

use super::scene::{Scene, pipeline, program, worker};
use super::script::Act;
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    each_placement_chooses_among_workers_with_room
    a_worker_that_does_not_take_it_is_followed_by_the_next
    what_no_worker_takes_is_forgotten
}

async fn each_placement_chooses_among_workers_with_room(network: Network) {
    let set_up = |node: varpulis_sdk::coordinator_node::CoordinatorNode| {
        node.placement(Placement::RoundRobin)
    };
    let scene = Scene::with(network, 1, set_up).await;
    let coordinator = scene.coordinator(1);
    let none = coordinator.deploy(&program("p")).await.unwrap_err();
    assert!(
        matches!(
            none,
            DispatchError::NoRoom {
                workers: 0,
                ready: 0
            }
        ),
        "{none}"
    );
    let _small = scene.worker("a", 2, []).await;
    let _large = scene.worker("b", 8, []).await;
    let _none = scene.worker("c", 0, []).await;
    scene.ready(&["a", "b", "c"]).await;

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
    // 0 of 2 before 4 of 8, then 1 of 2 beside 4 of 8 by chance, then the other one.
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
    // Whoever has room is left: 9 of 10 are taken.
    coordinator
        .deploy_placed(&program("last"), &affinity)
        .await
        .unwrap();
    let none = coordinator.deploy(&program("more")).await.unwrap_err();
    assert!(
        matches!(
            none,
            DispatchError::NoRoom {
                workers: 3,
                ready: 3
            }
        ),
        "{none}"
    );
    scene.stop().await;
}

async fn a_worker_that_does_not_take_it_is_followed_by_the_next(network: Network) {
    let scene = Scene::new(network, 1).await;
    let full = Act::Refuse(DeployFault::QuotaExceeded("streams".to_owned()));
    let one = scene.worker("a", 8, [full]).await;
    let drained = scene.worker("b", 8, []).await;
    let gone = scene.worker("c", 8, []).await;
    let last = scene.worker("d", 1_000, []).await;
    scene.ready(&["a", "b", "c", "d"]).await;
    drained.node.drain().await;
    let coordinator = scene.coordinator(1);
    // The registry takes these for ready, and least loaded where they have nothing and the last has something.
    coordinator
        .deploy_placed(&program("first"), &Placement::Affinity(worker("d")))
        .await
        .unwrap();
    gone.connection.close().await;
    scene.absent("c").await;
    let deployed = coordinator.deploy(&program("p")).await.unwrap();
    let place = (deployed.worker_id.as_str(), deployed.state);
    let script = match place.0 {
        "a" => &one.script,
        _ => &last.script,
    };
    assert!(script.running().contains(&pipeline("p")), "{place:?}");
    let running: usize = [&one, &drained, &last]
        .iter()
        .map(|each| each.script.running().len())
        .sum();
    assert_eq!(running, 2);
    scene.stop().await;
}

async fn what_no_worker_takes_is_forgotten(network: Network) {
    let scene = Scene::new(network, 1).await;
    let parse = DeployFault::PipelineParse("1:1".to_owned());
    let quota = DeployFault::QuotaExceeded("streams".to_owned());
    let acts = [Act::Refuse(parse.clone()), Act::Refuse(quota.clone())];
    let one = scene.worker("a", 8, acts).await;
    scene.ready(&["a"]).await;
    let coordinator = scene.coordinator(1);
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
    assert_eq!(one.script.running(), [pipeline("p")]);
    scene.stop().await;
}
