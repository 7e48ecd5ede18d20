//! Coordinators that execute conflicting commands concurrently.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use varpulis_sdk::coordinator_node::DispatchError;

use super::fixture::{Fixture, pipeline, program};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    concurrent_deploys_of_a_name_succeed_once
    concurrent_deploys_fill_no_worker_beyond_its_limit
    concurrent_deploys_and_undeploys_leave_no_record
}

async fn concurrent_deploys_of_a_name_succeed_once(network: Network) {
    let fixture = Fixture::new(network, 3).await;
    let workers = [
        fixture.worker("a", 100, []).await,
        fixture.worker("b", 100, []).await,
    ];
    fixture.wait_for_ready(&["a", "b"]).await;
    for round in 0..15 {
        let request = program(&format!("p{round}"));
        let all = fixture.coordinators.values().cycle().take(6);
        let result = join_all(all.map(|coordinator| coordinator.deploy(&request))).await;
        let won = result.iter().filter(|result| result.is_ok()).count();
        assert_eq!(won, 1, "round {round}: {result:?}");
        for error in result.into_iter().filter_map(Result::err) {
            assert!(matches!(error, DispatchError::NameTaken { .. }), "{error}");
        }
    }
    let mut running: Vec<_> = workers
        .iter()
        .flat_map(|each| each.service.running())
        .collect();
    running.sort();
    let names: BTreeSet<_> = (0..15)
        .map(|round| pipeline(&format!("p{round}")))
        .collect();
    assert_eq!(running, names.into_iter().collect::<Vec<_>>());
    fixture.stop().await;
}

async fn concurrent_deploys_fill_no_worker_beyond_its_limit(network: Network) {
    let fixture = Fixture::new(network, 3).await;
    let workers = [
        fixture.worker("a", 3, []).await,
        fixture.worker("b", 5, []).await,
        fixture.worker("c", 12, []).await,
    ];
    fixture.wait_for_ready(&["a", "b", "c"]).await;
    let all = fixture.coordinators.values().cycle().zip(0..40);
    let result = join_all(all.map(async |(coordinator, number)| {
        coordinator.deploy(&program(&format!("p{number}"))).await
    }));
    let result = result.await;
    let won = result.iter().filter(|result| result.is_ok()).count();
    assert_eq!(won, 20, "{result:?}");
    for error in result.into_iter().filter_map(Result::err) {
        assert!(matches!(error, DispatchError::NoRoom { .. }), "{error}");
    }
    let counts = workers.each_ref().map(|each| each.service.running().len());
    assert_eq!(counts, [3, 5, 12]);
    // No worker was asked to run more pipelines than it has room for.
    assert_eq!(
        workers.each_ref().map(|each| each.service.deploys()),
        [3, 5, 12]
    );
    fixture.stop().await;
}

async fn concurrent_deploys_and_undeploys_leave_no_record(network: Network) {
    let fixture = Fixture::new(network, 3).await;
    let worker = fixture.worker("a", 8, []).await;
    fixture.wait_for_ready(&["a"]).await;
    let (request, name) = (program("p"), pipeline("p"));
    let each = fixture.coordinators.values().map(async |coordinator| {
        for _ in 0..10 {
            let deployed = coordinator.deploy(&request).await;
            let ended = coordinator.undeploy(&name).await;
            // Another coordinator may have won; the outcome must not be uncertain.
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
    let left = fixture
        .coordinator(1)
        .replica()
        .current(|registry| registry.deployments().count());
    assert_eq!(left.await.unwrap(), 0);
    assert!(
        worker.service.running().is_empty(),
        "{:?}",
        worker.service.running()
    );
    fixture.stop().await;
}
