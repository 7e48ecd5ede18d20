//! Commands to many workers side by side.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use natsgen_runtime::{CallOptions, Failure, NoAnswer};
use varpulis_sdk::worker::DrainRequest;

use super::scene::{Scene, worker};
use super::script::Script;
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    a_stuck_worker_delays_no_other
}

async fn a_stuck_worker_delays_no_other(network: Network) {
    let scene = Scene::new(network, 1).await;
    let names: Vec<_> = (0..20).map(|number| format!("w{number}")).collect();
    let mut workers = Vec::new();
    for name in &names {
        let script = Script::new([]);
        let script = if name == "w3" { script.stick() } else { script };
        workers.push(scene.scripted(name, 1, script).await);
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    scene.ready(&names).await;
    let ids: Vec<_> = names.iter().map(|name| worker(name)).collect();
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    // The stuck one is given up when all others are done.
    let others = tokio::sync::Semaphore::new(0);
    let (now, most, others) = (&now, &most, &others);
    let drained = scene
        .coordinator(1)
        .each(ids.clone(), 4, |client, id| async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let drained = if id == worker("w3") {
                others.acquire_many(19).await.unwrap().forget();
                let brief = CallOptions::new().timeout(Duration::from_millis(200));
                client
                    .with_options(brief)
                    .drain(&id, &DrainRequest {})
                    .await
            } else {
                let drained = client.drain(&id, &DrainRequest {}).await;
                others.add_permits(1);
                drained
            };
            now.fetch_sub(1, Ordering::SeqCst);
            drained
        });
    let drained = drained.await;
    let order: Vec<_> = drained.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(order, ids);
    for (id, came) in drained {
        match came {
            Ok(_) => assert_ne!(id, worker("w3")),
            Err(error) => {
                assert_eq!(id, worker("w3"));
                assert_eq!(error.failure, Failure::NoAnswer(NoAnswer::TimedOut));
            }
        }
    }
    assert!(most.load(Ordering::SeqCst) <= 4, "{most:?}");
    assert!(
        scene
            .coordinator(1)
            .each([], 4, async |_, id| id)
            .await
            .is_empty()
    );
    scene.stop().await;
}
