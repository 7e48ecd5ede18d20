//! An in-process network between nodes whose links can be cut individually.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use natsgen_runtime::transport::{
    BoxFuture, Message, PublishError, SubscribeError, Subscriber, Transport, TransportEvent,
};
use natsgen_runtime::{MemoryBroker, MemoryTransport};
use tokio::sync::mpsc;

/// The network between nodes. A clone is another handle to the same network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    broker: MemoryBroker,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// The node that subscribes to subjects with this stem.
    listeners: HashMap<String, u64>,
    /// The cut links, each from a node to another.
    cut: BTreeSet<(u64, u64)>,
    /// Selects a message that is lost, once.
    lost: Option<fn(&Message) -> bool>,
}

/// The connection of a node.
#[derive(Debug)]
pub(crate) struct Link {
    links: Links,
    node: u64,
    transport: MemoryTransport,
}

impl Links {
    /// A connection for `node`, and its transport.
    pub(crate) fn connect(&self, node: u64) -> (Link, MemoryTransport) {
        let transport = self.broker.connect();
        let link = Link {
            links: self.clone(),
            node,
            transport: transport.clone(),
        };
        (link, transport)
    }

    /// Cuts links, each from a node to another. Messages are lost silently.
    pub(crate) fn cut(&self, links: impl IntoIterator<Item = (u64, u64)>) {
        self.state().cut.extend(links);
    }

    /// Silently loses the next message for which `is_it` is true.
    pub(crate) fn lose(&self, is_it: fn(&Message) -> bool) {
        self.state().lost = Some(is_it);
    }

    /// Whether the message of the last [`Links::lose`] was lost.
    pub(crate) fn has_lost(&self) -> bool {
        self.state().lost.is_none()
    }

    /// Restores all links.
    pub(crate) fn restore(&self) {
        self.state().cut.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    fn is_lost(&self, message: &Message) -> bool {
        let mut state = self.links.state();
        if state.lost.take_if(|is_it| is_it(message)).is_some() {
            return true;
        }
        let listener = state.listeners.get(stem(&message.subject));
        listener.is_some_and(|listener| state.cut.contains(&(self.node, *listener)))
    }
}

/// A subject or a pattern without its last token. Nodes subscribe only to inboxes and to their own operations, by
/// patterns whose last token is a wildcard.
fn stem(subject: &str) -> &str {
    subject.rsplit_once('.').map_or(subject, |(stem, _)| stem)
}

impl Transport for Link {
    fn publish(&self, message: Message) -> BoxFuture<'_, Result<(), PublishError>> {
        if self.is_lost(&message) {
            return Box::pin(std::future::ready(Ok(())));
        }
        self.transport.publish(message)
    }

    fn subscribe<'a>(
        &'a self,
        pattern: &'a str,
        queue: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn Subscriber>, SubscribeError>> {
        let stem = stem(pattern).to_owned();
        self.links.state().listeners.insert(stem, self.node);
        self.transport.subscribe(pattern, queue)
    }

    fn max_payload(&self) -> usize {
        self.transport.max_payload()
    }

    fn inbox_prefix(&self) -> &str {
        self.transport.inbox_prefix()
    }

    fn is_connected(&self) -> bool {
        self.transport.is_connected()
    }

    fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.transport.events()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.transport.close()
    }
}
