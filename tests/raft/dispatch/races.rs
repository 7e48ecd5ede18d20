//! Coordinators that want the same at once.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use varpulis_sdk::coordinator_node::DispatchError;

use super::scene::{Scene, pipeline, program};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    of_those_that_deploy_a_name_at_once_one_wins
    no_worker_is_overfilled
    deploys_and_undeploys_of_one_name_leave_nothing_behind
}

async fn of_those_that_deploy_a_name_at_once_one_wins(network: Network) {
    let scene = Scene::new(network, 3).await;
    let workers = [
        scene.worker("a", 100, []).await,
        scene.worker("b", 100, []).await,
    ];
    scene.ready(&["a", "b"]).await;
    for round in 0..15 {
        let request = program(&format!("p{round}"));
        let all = scene.coordinators.values().cycle().take(6);
        let came = join_all(all.map(|coordinator| coordinator.deploy(&request))).await;
        let won = came.iter().filter(|came| came.is_ok()).count();
        assert_eq!(won, 1, "round {round}: {came:?}");
        for error in came.into_iter().filter_map(Result::err) {
            assert!(matches!(error, DispatchError::NameTaken { .. }), "{error}");
        }
    }
    let mut running: Vec<_> = workers
        .iter()
        .flat_map(|each| each.script.running())
        .collect();
    running.sort();
    let names: BTreeSet<_> = (0..15)
        .map(|round| pipeline(&format!("p{round}")))
        .collect();
    assert_eq!(running, names.into_iter().collect::<Vec<_>>());
    scene.stop().await;
}

async fn no_worker_is_overfilled(network: Network) {
    let scene = Scene::new(network, 3).await;
    let workers = [
        scene.worker("a", 3, []).await,
        scene.worker("b", 5, []).await,
        scene.worker("c", 12, []).await,
    ];
    scene.ready(&["a", "b", "c"]).await;
    let all = scene.coordinators.values().cycle().zip(0..40);
    let came = join_all(all.map(async |(coordinator, number)| {
        coordinator.deploy(&program(&format!("p{number}"))).await
    }));
    let came = came.await;
    let won = came.iter().filter(|came| came.is_ok()).count();
    assert_eq!(won, 20, "{came:?}");
    for error in came.into_iter().filter_map(Result::err) {
        assert!(matches!(error, DispatchError::NoRoom { .. }), "{error}");
    }
    let counts = workers.each_ref().map(|each| each.script.running().len());
    assert_eq!(counts, [3, 5, 12]);
    // Nobody was asked to take more than it has room for.
    assert_eq!(
        workers.each_ref().map(|each| each.script.deploys()),
        [3, 5, 12]
    );
    scene.stop().await;
}

async fn deploys_and_undeploys_of_one_name_leave_nothing_behind(network: Network) {
    let scene = Scene::new(network, 3).await;
    let worker = scene.worker("a", 8, []).await;
    scene.ready(&["a"]).await;
    let (request, name) = (program("p"), pipeline("p"));
    let each = scene.coordinators.values().map(async |coordinator| {
        for _ in 0..10 {
            let deployed = coordinator.deploy(&request).await;
            let ended = coordinator.undeploy(&name).await;
            // Somebody else's, perhaps; nothing may be in doubt.
            for error in [
                deployed.err().map(|error| error.to_string()),
                ended.err().map(|error| error.to_string()),
            ] {
                let is_fine = error.as_ref().is_none_or(|error| {
                    ["deployed", "changed"]
                        .iter()
                        .any(|word| error.contains(word))
                });
                assert!(is_fine, "{error:?}");
            }
        }
    });
    join_all(each).await;
    let left = scene
        .coordinator(1)
        .replica()
        .current(|registry| registry.deployments().count());
    assert_eq!(left.await.unwrap(), 0);
    assert!(
        worker.script.running().is_empty(),
        "{:?}",
        worker.script.running()
    );
    scene.stop().await;
}
