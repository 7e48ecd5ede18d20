//! Newer instances of a worker take over under constant load.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Failure, NotDelivered, Refused, Retry, StandardFault};
use natsgen_testing::NatsServer;
use tokio::task::JoinHandle;
use varpulis_sdk::worker::WorkerClient;

use super::fake_coordinator::FakeCoordinator;
use super::membership::seed;
use super::replacement::start;
use super::{TEST_TIMEOUT, Worker, connect, inject, w1, within_timeout};

/// Starts callers that call until `is_over` is set, each time with a new number. Each caller returns the numbers that
/// were certainly not executed; all other calls were answered.
fn spawn_load(
    clients: &[WorkerClient; 2],
    numbers: &Arc<AtomicU64>,
    is_over: &Arc<AtomicBool>,
) -> Vec<JoinHandle<Vec<u64>>> {
    let caller = |index: usize| {
        let client = clients[index % 2].clone();
        let (numbers, is_over) = (Arc::clone(numbers), Arc::clone(is_over));
        tokio::spawn(async move {
            let mut refused = Vec::new();
            while !is_over.load(Ordering::SeqCst) {
                let number = numbers.fetch_add(1, Ordering::SeqCst);
                let ended = client.inject(&w1(), &inject("p", "Event", number)).await;
                let Err(error) = ended else { continue };
                let is_certain = matches!(
                    error.failure,
                    Failure::NotDelivered(NotDelivered::NoResponders)
                        | Failure::Refused(Refused::Standard(StandardFault::Draining))
                );
                assert!(is_certain, "{error:?}");
                refused.push(number);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            refused
        })
    };
    (0..50).map(caller).collect()
}

/// The workers that executed each number.
fn executions(workers: &[Worker]) -> HashMap<u64, Vec<usize>> {
    let mut executions: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, worker) in workers.iter().enumerate() {
        for number in worker.injected("p") {
            executions.entry(number).or_default().push(index);
        }
    }
    executions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn takeover_under_load_executes_nothing_twice() {
    let server = NatsServer::start().expect("a server");
    let _coordinator = FakeCoordinator::start(&connect(&server).await).await;
    take_over(&server).await;
}

/// Starts instance after instance under constant load.
pub(super) async fn take_over(server: &NatsServer) {
    const ROUNDS: usize = 20;
    let mut random = seed();
    let (worker, mut running) = start(&connect(server).await).await;
    let mut workers = vec![worker];

    let retry = Retry::new(u32::MAX)
        .pauses(Duration::from_millis(1), Duration::from_millis(10))
        .deduplicated();
    let options = CallOptions::new().timeout(TEST_TIMEOUT).retry(retry);
    let plain = WorkerClient::new(&connect(server).await);
    let clients = [plain.clone().options(options), plain];
    let (numbers, is_over) = (Arc::default(), Arc::default());
    let callers = spawn_load(&clients, &numbers, &is_over);
    let mut stats = Vec::new();
    for _ in 0..ROUNDS {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        tokio::time::sleep(Duration::from_millis((random >> 33) % 60)).await;
        let (worker, successor) = start(&connect(server).await).await;
        within_timeout("replacement notice", running.replaced()).await;
        worker.until_begun(1).await;
        stats.push(within_timeout("shutdown", running.shutdown()).await);
        workers.push(worker);
        running = successor;
    }
    is_over.store(true, Ordering::SeqCst);
    let refused = within_timeout("end of all calls", join_all(callers)).await;
    let refused: Vec<_> = refused
        .into_iter()
        .flat_map(|refused| refused.expect("a reply, or certainly no execution"))
        .collect();
    stats.push(within_timeout("shutdown", running.shutdown()).await);

    let executions = executions(&workers);
    let twice: Vec<_> = executions.iter().filter(|(_, by)| by.len() > 1).collect();
    let called = numbers.load(Ordering::SeqCst);
    println!(
        "{called} calls, {} refused, {} executed twice, such as {:?}",
        refused.len(),
        twice.len(),
        twice.first()
    );
    assert!(twice.is_empty());
    assert!(
        refused
            .iter()
            .all(|number| !executions.contains_key(number))
    );
    assert_eq!((executions.len() + refused.len()) as u64, called);
    assert_eq!(stats.iter().map(|stats| stats.unsent).sum::<u64>(), 0);
}
