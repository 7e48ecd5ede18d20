//! Pipelines that hang.

use futures_util::future::join_all;
use varpulis_sdk::coordinator_node::DispatchError;
use varpulis_sdk::types::EventFields;

use super::fixture::{Fixture, pipeline, program};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    hanging_pipeline_is_undeployed_and_its_name_is_free
    thousand_deploys_side_by_side_run_once_each
}

async fn hanging_pipeline_is_undeployed_and_its_name_is_free(network: Network) {
    const CALLS: usize = 20;
    let fixture = Fixture::new(network, 1).await;
    let worker = fixture.worker("a", 8, []).await;
    fixture.wait_for_ready(&["a"]).await;
    let coordinator = fixture.coordinator(1);
    coordinator.deploy(&program("p")).await.unwrap();
    worker.service.hang_at_inject();
    let (name, event) = (
        pipeline("p"),
        "Reading".parse::<varpulis_sdk::types::EventType>(),
    );
    let event = event.unwrap();
    let inject = |_| coordinator.inject(&name, event.clone(), EventFields::default());
    let injecting = join_all((0..CALLS).map(inject));
    let undeploying = async {
        let counts = || {
            let commands = worker.node.health().commands;
            (commands.running, commands.waiting)
        };
        while counts() != (1, CALLS - 1) {
            tokio::task::yield_now().await;
        }
        coordinator.undeploy(&name).await.unwrap();
    };
    let (injected, ()) = tokio::join!(injecting, undeploying);
    let mut unknown = 0;
    for outcome in injected {
        match outcome.unwrap_err() {
            DispatchError::OutcomeUnknown { .. } => unknown += 1,
            DispatchError::NotExecuted { .. } | DispatchError::NoSuchPipeline(_) => {}
            error => panic!("{error}"),
        }
    }
    assert_eq!(unknown, 1, "only the running event has an unknown outcome");
    assert!(worker.service.running().is_empty());
    coordinator.deploy(&program("p")).await.unwrap();
    fixture.stop().await;
}

async fn thousand_deploys_side_by_side_run_once_each(network: Network) {
    const PIPELINES: usize = 1_000;
    let fixture = Fixture::new(network, 3).await;
    let workers = [
        fixture.worker("a", 600, []).await,
        fixture.worker("b", 600, []).await,
    ];
    fixture.wait_for_ready(&["a", "b"]).await;
    let requests: Vec<_> = (0..PIPELINES)
        .map(|number| program(&format!("p{number}")))
        .collect();
    let deploys = requests.iter().enumerate().map(|(number, request)| {
        let id = u64::try_from(number % 3).unwrap() + 1;
        fixture.coordinator(id).deploy(request)
    });
    for deployed in join_all(deploys).await {
        deployed.unwrap();
    }
    let mut running: Vec<_> = workers
        .iter()
        .flat_map(|worker| worker.service.running())
        .collect();
    running.sort();
    running.dedup();
    assert_eq!(running.len(), PIPELINES);
    let deploys: u64 = workers.iter().map(|worker| worker.service.deploys()).sum();
    assert_eq!(deploys, PIPELINES as u64);
    fixture.stop().await;
}
