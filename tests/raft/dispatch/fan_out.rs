//! Parallel commands to many workers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use natsgen_runtime::{CallOptions, Failure, NoAnswer};
use varpulis_sdk::worker::DrainRequest;

use super::fixture::{Fixture, worker};
use super::scripted_worker::ScriptedWorker;
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    fan_out_with_stuck_worker_delays_no_other_worker
}

async fn fan_out_with_stuck_worker_delays_no_other_worker(network: Network) {
    let fixture = Fixture::new(network, 1).await;
    let names: Vec<_> = (0..20).map(|number| format!("w{number}")).collect();
    let mut workers = Vec::new();
    for name in &names {
        let service = ScriptedWorker::new([]);
        let service = if name == "w3" {
            service.block_drains()
        } else {
            service
        };
        workers.push(fixture.worker_with(name, 1, service).await);
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    fixture.wait_for_ready(&names).await;
    let ids: Vec<_> = names.iter().map(|name| worker(name)).collect();
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    // The call to the stuck worker begins to time out when all other calls are done.
    let others = tokio::sync::Semaphore::new(0);
    let (now, most, others) = (&now, &most, &others);
    let drained = fixture
        .coordinator(1)
        .each(ids.clone(), 4, |client, id| async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let drained = if id == worker("w3") {
                others.acquire_many(19).await.unwrap().forget();
                let brief = CallOptions::new().timeout(Duration::from_millis(200));
                client
                    .options(brief)
                    .drain(&id, &DrainRequest::default())
                    .await
            } else {
                let drained = client.drain(&id, &DrainRequest::default()).await;
                others.add_permits(1);
                drained
            };
            now.fetch_sub(1, Ordering::SeqCst);
            drained
        });
    let drained = drained.await;
    let order: Vec<_> = drained.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(order, ids);
    for (id, result) in drained {
        match result {
            Ok(_) => assert_ne!(id, worker("w3")),
            Err(error) => {
                assert_eq!(id, worker("w3"));
                assert_eq!(error.failure, Failure::NoAnswer(NoAnswer::TimedOut));
            }
        }
    }
    assert!(most.load(Ordering::SeqCst) <= 4, "{most:?}");
    assert!(
        fixture
            .coordinator(1)
            .each([], 4, async |_, id| id)
            .await
            .is_empty()
    );
    fixture.stop().await;
}
