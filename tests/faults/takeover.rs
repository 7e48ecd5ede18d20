//! Newer instances of a worker take over while commands come all the time.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Failure, NotDelivered, Refused, Retry, StandardFault};
use natsgen_testing::NatsServer;
use tokio::task::JoinHandle;
use varpulis_sdk::worker::WorkerClient;

use super::membership::seed;
use super::registry::Registry;
use super::replacement::start;
use super::{PATIENCE, Worker, connect, inject, soon, w1};

/// Calls all the time, under numbers that no other call has, until told to stop. Yields the numbers that certainly were not
/// executed; all others were answered.
fn load(
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

/// How often each number was executed, and by which of the workers.
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
async fn newer_instances_take_over_under_load_and_nothing_is_executed_twice() {
    let server = NatsServer::start().expect("a server");
    let _registry = Registry::start(&connect(&server).await).await;
    take_over(&server).await;
}

/// Has one instance after the other take over while commands come all the time.
pub(super) async fn take_over(server: &NatsServer) {
    const ROUNDS: usize = 20;
    let mut chance = seed();
    let (worker, mut running) = start(&connect(server).await).await;
    let mut workers = vec![worker];

    let retry = Retry::new(u32::MAX)
        .pauses(Duration::from_millis(1), Duration::from_millis(10))
        .remembered();
    let options = CallOptions::new().timeout(PATIENCE).retry(retry);
    let hasty = WorkerClient::new(&connect(server).await);
    let clients = [hasty.clone().with_options(options), hasty];
    let (numbers, is_over) = (Arc::default(), Arc::default());
    let callers = load(&clients, &numbers, &is_over);
    let mut stats = Vec::new();
    for _ in 0..ROUNDS {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        tokio::time::sleep(Duration::from_millis((chance >> 33) % 60)).await;
        let (worker, successor) = start(&connect(server).await).await;
        soon("word of it", running.replaced()).await;
        worker.until_begun(1).await;
        stats.push(soon("shutdown", running.shutdown()).await);
        workers.push(worker);
        running = successor;
    }
    is_over.store(true, Ordering::SeqCst);
    let refused = soon("end of all calls", join_all(callers)).await;
    let refused: Vec<_> = refused
        .into_iter()
        .flat_map(|refused| refused.expect("answers, or certainly none"))
        .collect();
    stats.push(soon("shutdown", running.shutdown()).await);

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
