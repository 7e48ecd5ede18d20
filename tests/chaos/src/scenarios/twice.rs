//! Requests, replies and heartbeats are duplicated, delayed and reordered, and in the end lost.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, MemoryBroker, NatsOptions};
use natsgen_testing::NatsServer;
use tokio::task::JoinSet;
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker_node::WorkerNode;

use crate::Failure;
use crate::caller::Caller;
use crate::connection::worker_key;
use crate::history::Guarantee;
use crate::network::{FaultyNetwork, MessageFaults};
use crate::recording_worker::{Recorder, RecordingWorker};
use crate::round::Round;
use crate::single_coordinator::SingleCoordinator;

/// Far longer than the faults delay a call.
const TIMEOUT: Duration = Duration::from_mins(1);

/// No message is lost, so each call must finish before its timeout.
const DUPLICATED: MessageFaults = MessageFaults {
    lost: 0.0,
    duplicated: 0.5,
    delayed: 0.3,
    delay: Duration::from_millis(100),
};

/// Some messages are lost, so callers must retry.
const LOST: MessageFaults = MessageFaults {
    lost: 0.2,
    ..DUPLICATED
};

/// The transport of a round.
enum Backend {
    Memory(MemoryBroker),
    Nats(NatsServer),
}

impl Backend {
    async fn connect(&self, network: &FaultyNetwork, name: &str) -> Result<Connection, Failure> {
        Ok(Connection::over(match self {
            Self::Memory(broker) => network.wrap(name, broker.connect()),
            Self::Nats(server) => {
                let options = NatsOptions::new(&server.url());
                network.wrap(name, options.connect_transport().await?)
            }
        }))
    }
}

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let backend = if round.rng.bool() {
        Backend::Memory(MemoryBroker::new())
    } else {
        Backend::Nats(NatsServer::start()?)
    };
    let network = FaultyNetwork::new(round.rng.fork());
    let coordinator =
        SingleCoordinator::start(&backend.connect(&network, "coordinator").await?).await?;
    let id: WorkerId = "w1".parse()?;
    let service = RecordingWorker(Recorder::History(Arc::clone(&round.history)));
    let worker = WorkerNode::new(id.clone(), worker_key(&id)?, service)
        .start(&backend.connect(&network, "w1").await?)
        .await?;
    worker.registered().await;
    let connection = backend.connect(&network, "caller").await?;
    let plain = Caller::plain(&connection, &id, TIMEOUT, Guarantee::InTime, &round.history);
    let retrying = plain.clone().retrying(TIMEOUT);
    let calls = round.size(5_000, 500);
    for (faults, caller) in [(DUPLICATED, plain), (LOST, retrying)] {
        network.set_default(faults);
        let mut tasks = JoinSet::new();
        for _ in 0..calls {
            let program = format!("sleep {}", round.rng.u64(..20));
            caller.call_all(&mut tasks, [program]);
        }
        tasks.join_all().await;
        coordinator
            .until_heartbeats(coordinator.heartbeats() + 2)
            .await?;
    }
    let counts = network.fault_counts();
    round.count("messages_lost", counts.lost);
    round.count("messages_duplicated", counts.duplicated);
    round.count("messages_delayed", counts.delayed);
    network.clear();
    let stats = worker.shutdown().await;
    round.count("requests_repeated", stats.repeated);
    Ok(())
}
