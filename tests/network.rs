//! The transport of a test: in-process, or a nats-server of its own.

use natsgen_runtime::transport::Transport;
use natsgen_runtime::{Connection, MemoryBroker, NatsOptions, NatsTransport};
use natsgen_testing::NatsServer;

/// The transport of a test.
pub(crate) enum Network {
    Memory(MemoryBroker),
    Nats(NatsServer),
}

impl Network {
    pub(crate) fn memory() -> Self {
        Self::Memory(MemoryBroker::new())
    }

    pub(crate) fn nats() -> Self {
        Self::Nats(NatsServer::start().unwrap())
    }

    /// A connection.
    pub(crate) async fn connect(&self) -> Connection {
        match self {
            Self::Memory(broker) => Connection::over(broker.connect()),
            Self::Nats(server) => Connection::over(dial(server).await),
        }
    }

    /// A bare transport.
    pub(crate) async fn transport(&self) -> Box<dyn Transport> {
        match self {
            Self::Memory(broker) => Box::new(broker.connect()),
            Self::Nats(server) => Box::new(dial(server).await),
        }
    }
}

async fn dial(server: &NatsServer) -> NatsTransport {
    let options = NatsOptions::new(&server.url());
    options.connect_transport().await.unwrap()
}

/// Turns each scenario, a function of a [`Network`], into a test over the in-process transport and a test over a
/// nats-server.
macro_rules! over_both_transports {
    ($($scenario:ident)*) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $scenario() {
                super::$scenario($crate::network::Network::memory()).await;
            })*
        }

        mod nats {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $scenario() {
                super::$scenario($crate::network::Network::nats()).await;
            })*
        }
    };
}

pub(crate) use over_both_transports;
