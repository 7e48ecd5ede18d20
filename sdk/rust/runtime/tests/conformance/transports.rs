//! The transport of a test: in-process, or NATS with a server for this test.

use std::sync::{Arc, Mutex};

use natsgen_runtime::transport::Transport;
use natsgen_runtime::{MemoryBroker, MemoryTransport, NatsOptions};
use natsgen_testing::NatsServer;

/// The transport of a test.
pub(crate) enum Network {
    Memory(MemoryBroker, Mutex<Vec<MemoryTransport>>),
    Nats(Mutex<NatsServer>),
}

pub(crate) type SharedTransport = Arc<dyn Transport>;

impl Network {
    pub(crate) fn memory() -> Self {
        Self::Memory(MemoryBroker::new(), Mutex::default())
    }

    pub(crate) fn nats() -> Self {
        Self::Nats(Mutex::new(NatsServer::start().unwrap()))
    }

    pub(crate) async fn connect(&self) -> SharedTransport {
        match self {
            Self::Memory(broker, _) => Arc::new(broker.connect()),
            Self::Nats(server) => {
                let options = NatsOptions::new(&server.lock().unwrap().url());
                Arc::new(options.connect_transport().await.unwrap())
            }
        }
    }

    /// A connection that [`Network::interrupt`] interrupts.
    pub(crate) async fn connect_interruptible(&self) -> SharedTransport {
        if let Self::Memory(broker, interruptible) = self {
            let transport = broker.connect();
            interruptible.lock().unwrap().push(transport.clone());
            return Arc::new(transport);
        }
        self.connect().await
    }

    /// A connection whose subscriptions keep ten messages.
    pub(crate) async fn connect_with_small_buffer(&self) -> SharedTransport {
        match self {
            Self::Memory(broker, _) => Arc::new(broker.clone().capacity(10).connect()),
            Self::Nats(server) => {
                let options =
                    NatsOptions::new(&server.lock().unwrap().url()).subscription_capacity(10);
                Arc::new(options.connect_transport().await.unwrap())
            }
        }
    }

    /// A connection whose subscriptions keep messages of 1.1 MB.
    pub(crate) async fn connect_with_small_budget(&self) -> SharedTransport {
        const BYTES: usize = 1_100_000;
        match self {
            Self::Memory(broker, _) => Arc::new(broker.clone().capacity_bytes(BYTES).connect()),
            Self::Nats(server) => {
                let options = NatsOptions::new(&server.lock().unwrap().url());
                let options = options.subscription_bytes(BYTES);
                Arc::new(options.connect_transport().await.unwrap())
            }
        }
    }

    pub(crate) fn interrupt(&self) {
        match self {
            Self::Memory(_, interruptible) => interruptible
                .lock()
                .unwrap()
                .iter()
                .for_each(MemoryTransport::disconnect),
            Self::Nats(server) => server.lock().unwrap().kill(),
        }
    }

    pub(crate) fn restore(&self) {
        match self {
            Self::Memory(_, interruptible) => interruptible
                .lock()
                .unwrap()
                .iter()
                .for_each(MemoryTransport::reconnect),
            Self::Nats(server) => server.lock().unwrap().restart().unwrap(),
        }
    }
}
