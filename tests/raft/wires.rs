//! Connections between nodes, of which single ones can be cut.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use natsgen_runtime::transport::{
    BoxFuture, Message, PublishError, SubscribeError, Subscriber, Transport, TransportEvent,
};
use natsgen_runtime::{MemoryBroker, MemoryTransport};
use tokio::sync::mpsc;

/// What connects nodes. A clone is another handle to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wires {
    broker: MemoryBroker,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Who listens to subjects that begin like this.
    listeners: HashMap<String, u64>,
    /// From whom to whom nothing gets through.
    cut: BTreeSet<(u64, u64)>,
    /// Tells which message is lost, once.
    lost: Option<fn(&Message) -> bool>,
}

/// The connection of one node.
#[derive(Debug)]
pub(crate) struct Wire {
    wires: Wires,
    node: u64,
    cable: MemoryTransport,
}

impl Wires {
    /// A connection for `node`, and its cable.
    pub(crate) fn connect(&self, node: u64) -> (Wire, MemoryTransport) {
        let cable = self.broker.connect();
        let wire = Wire {
            wires: self.clone(),
            node,
            cable: cable.clone(),
        };
        (wire, cable)
    }

    /// Loses all messages on these ways, each from a node to another; nobody is told.
    pub(crate) fn cut(&self, ways: impl IntoIterator<Item = (u64, u64)>) {
        self.state().cut.extend(ways);
    }

    /// Loses the next message of which `is_it` is true; nobody is told.
    pub(crate) fn lose(&self, is_it: fn(&Message) -> bool) {
        self.state().lost = Some(is_it);
    }

    /// Whether the last [`Wires::lose`] has lost its message.
    pub(crate) fn has_lost(&self) -> bool {
        self.state().lost.is_none()
    }

    /// Lets messages through everywhere.
    pub(crate) fn mend(&self) {
        self.state().cut.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wire {
    fn is_lost(&self, message: &Message) -> bool {
        let mut state = self.wires.state();
        if state.lost.take_if(|is_it| is_it(message)).is_some() {
            return true;
        }
        let listener = state.listeners.get(stem(&message.subject));
        listener.is_some_and(|listener| state.cut.contains(&(self.node, *listener)))
    }
}

/// A subject or a pattern without its last token. Nodes listen to nothing but inboxes and operations of their own, by
/// patterns whose last token is a wildcard.
fn stem(subject: &str) -> &str {
    subject.rsplit_once('.').map_or(subject, |(stem, _)| stem)
}

impl Transport for Wire {
    fn publish(&self, message: Message) -> BoxFuture<'_, Result<(), PublishError>> {
        if self.is_lost(&message) {
            return Box::pin(std::future::ready(Ok(())));
        }
        self.cable.publish(message)
    }

    fn subscribe<'a>(
        &'a self,
        pattern: &'a str,
        queue: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn Subscriber>, SubscribeError>> {
        let stem = stem(pattern).to_owned();
        self.wires.state().listeners.insert(stem, self.node);
        self.cable.subscribe(pattern, queue)
    }

    fn max_payload(&self) -> usize {
        self.cable.max_payload()
    }

    fn inbox_prefix(&self) -> &str {
        self.cable.inbox_prefix()
    }

    fn is_connected(&self) -> bool {
        self.cable.is_connected()
    }

    fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.cable.events()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.cable.close()
    }
}
