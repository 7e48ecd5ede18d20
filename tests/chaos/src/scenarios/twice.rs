//! Messages arrive twice, late, out of order, and in the end not at all: requests, answers and heartbeats.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, MemoryBroker, NatsOptions};
use natsgen_testing::NatsServer;
use tokio::task::JoinSet;
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker_node::WorkerNode;

use crate::Failure;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::journalist::{Journalist, Notes};
use crate::ledger::Promise;
use crate::node::API_KEY;
use crate::round::Round;
use crate::weather::{Rain, Weather};

/// Far more than the weather takes.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Nothing is lost, so each call has its word.
const DOUBLED: Rain = Rain {
    lost: 0.0,
    doubled: 0.5,
    late: 0.3,
    delay: Duration::from_millis(100),
};

/// Some are lost, so who wants an answer has to ask again.
const LOST: Rain = Rain {
    lost: 0.2,
    ..DOUBLED
};

/// What carries the messages of a round.
enum Network {
    Memory(MemoryBroker),
    Nats(NatsServer),
}

impl Network {
    async fn connect(&self, weather: &Weather, name: &str) -> Result<Connection, Failure> {
        Ok(Connection::over(match self {
            Self::Memory(broker) => weather.over(name, broker.connect()),
            Self::Nats(server) => {
                let options = NatsOptions::new(&server.url());
                weather.over(name, options.connect_transport().await?)
            }
        }))
    }
}

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let network = if round.chance.bool() {
        Network::Memory(MemoryBroker::new())
    } else {
        Network::Nats(NatsServer::start()?)
    };
    let weather = Weather::new(round.chance.fork());
    let desk = Desk::open(&network.connect(&weather, "coordinator").await?).await?;
    let id: WorkerId = "w1".parse()?;
    let service = Journalist(Notes::Ledger(Arc::clone(&round.ledger)));
    let worker = WorkerNode::new(id.clone(), API_KEY.try_into()?, service)
        .start(&network.connect(&weather, "w1").await?)
        .await?;
    worker.registered().await;
    let connection = network.connect(&weather, "caller").await?;
    let plain = Caller::plain(&connection, &id, TIMEOUT, Promise::Word, &round.ledger);
    let persistent = plain.clone().persistent(TIMEOUT);
    let calls = round.size(5_000, 500);
    for (rain, caller) in [(DOUBLED, plain), (LOST, persistent)] {
        weather.everywhere(rain);
        let mut tasks = JoinSet::new();
        for _ in 0..calls {
            let program = format!("sleep {}", round.chance.u64(..20));
            caller.call_all(&mut tasks, [program]);
        }
        tasks.join_all().await;
        desk.until_heartbeats(desk.heartbeats() + 2).await?;
    }
    let tally = weather.tally();
    round.count("messages_lost", tally.lost);
    round.count("messages_doubled", tally.doubled);
    round.count("messages_late", tally.late);
    weather.clear();
    let stats = worker.shutdown().await;
    round.count("requests_repeated", stats.repeated);
    Ok(())
}
