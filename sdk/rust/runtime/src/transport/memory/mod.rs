//! The in-process transport, with the semantics of a NATS server: for tests, demos and single-process use.

mod routes;

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::sync::{Notify, mpsc};

use self::routes::Routes;
use super::buffer::{self, Limits, buffer};
use super::events::Events;
use super::{
    BoxFuture, Message, NO_RESPONDERS, PublishError, SubscribeError, Subscriber, Transport,
    TransportEvent, check_subscription,
};

/// The default limit of a NATS server, in bytes.
const DEFAULT_MAX_PAYLOAD: usize = 1_048_576;

/// The limits of the messages that a subscription buffers.
const DEFAULT_LIMITS: Limits = Limits {
    messages: 65_536,
    bytes: 64 << 20,
};

/// The limits of the messages that a disconnected connection buffers; further publish calls wait.
const OFFLINE_LIMITS: Limits = Limits {
    messages: 2_048,
    bytes: 64 << 20,
};

/// Delivers messages between the connections that [`MemoryBroker::connect`] creates. A clone refers to the same broker.
#[derive(Clone)]
pub struct MemoryBroker(Arc<Mutex<State>>);

/// A connection to a [`MemoryBroker`]. A clone refers to the same connection, which closes when the last clone is
/// dropped.
#[derive(Clone, Debug)]
pub struct MemoryTransport(Arc<Handle>);

struct State {
    max_payload: usize,
    limits: Limits,
    routes: Routes<Route>,
    links: HashMap<u64, LinkState>,
    last_id: u64,
}

/// The broker's state of a subscription. The subscription ends when `sender` is dropped.
struct Route {
    id: u64,
    link: Arc<Link>,
    queue: Option<String>,
    sender: buffer::Sender<Message>,
}

/// The state of a connection that its subscriptions share.
#[derive(Debug)]
struct Link {
    id: u64,
    events: Events,
    changed: Notify,
}

/// The broker's state of a connection. The broker removes it when the connection closes.
#[derive(Default)]
struct LinkState {
    disconnected: bool,
    accepted: Vec<Message>,
    /// The size of the accepted messages in bytes.
    accepted_bytes: usize,
}

#[derive(Debug)]
struct Handle {
    broker: MemoryBroker,
    link: Arc<Link>,
}

struct MemorySubscriber {
    broker: MemoryBroker,
    id: u64,
    pattern: String,
    receiver: buffer::Receiver<Message>,
}

impl MemoryBroker {
    /// Creates a broker with these defaults: 1 MiB per message, and 65,536 buffered messages of at most 64 MiB per
    /// subscription.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            max_payload: DEFAULT_MAX_PAYLOAD,
            limits: DEFAULT_LIMITS,
            routes: Routes::default(),
            links: HashMap::new(),
            last_id: 0,
        })))
    }

    /// Sets the maximum size of a message in bytes, headers included.
    #[must_use]
    pub fn max_payload(self, bytes: usize) -> Self {
        self.state().max_payload = bytes;
        self
    }

    /// Sets the number of messages, at least 1, that each new subscription buffers. Further messages are dropped and
    /// reported as [`TransportEvent::Lost`].
    #[must_use]
    pub fn capacity(self, messages: usize) -> Self {
        self.state().limits.messages = messages.max(1);
        self
    }

    /// Sets the number of bytes that each new subscription buffers. Further messages are dropped and reported as
    /// [`TransportEvent::Lost`]. An empty buffer accepts a message of any size.
    #[must_use]
    pub fn capacity_bytes(self, bytes: usize) -> Self {
        self.state().limits.bytes = bytes;
        self
    }

    /// Creates a connection.
    #[must_use]
    pub fn connect(&self) -> MemoryTransport {
        let mut state = self.state();
        let id = state.next_id();
        state.links.insert(id, LinkState::default());
        let link = Arc::new(Link {
            id,
            events: Events::default(),
            changed: Notify::new(),
        });
        MemoryTransport(Arc::new(Handle {
            broker: self.clone(),
            link,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryTransport {
    /// Disconnects the connection, like a server failure. Its subscriptions receive nothing. Its published messages
    /// wait for [`MemoryTransport::reconnect`]; they are lost if the connection closes before that.
    pub fn disconnect(&self) {
        self.set_disconnected(true, &TransportEvent::Disconnected);
    }

    /// Reconnects the connection with its subscriptions, and delivers the messages that it published in the meantime.
    pub fn reconnect(&self) {
        self.set_disconnected(false, &TransportEvent::Connected);
    }

    fn set_disconnected(&self, disconnected: bool, event: &TransportEvent) {
        let link = &self.0.link;
        let mut state = self.0.broker.state();
        let Some(known) = state.links.get_mut(&link.id) else {
            return;
        };
        if known.disconnected == disconnected {
            return;
        }
        known.disconnected = disconnected;
        link.events.emit(event);
        if !disconnected {
            known.accepted_bytes = 0;
            for message in std::mem::take(&mut known.accepted) {
                state.deliver(link.id, &message);
            }
            link.changed.notify_waiters();
        }
    }
}

impl State {
    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Accepts a message from a connection, or returns the message if the buffer is full.
    fn accept(&mut self, link: u64, message: Message) -> Result<Option<Message>, PublishError> {
        let known = self.links.get_mut(&link).ok_or(PublishError::Closed)?;
        if !known.disconnected {
            self.deliver(link, &message);
            return Ok(None);
        }
        let sum = known.accepted_bytes.saturating_add(message.size());
        let is_full = known.accepted.len() >= OFFLINE_LIMITS.messages || sum > OFFLINE_LIMITS.bytes;
        if is_full && !known.accepted.is_empty() {
            return Ok(Some(message));
        }
        known.accepted_bytes = sum;
        known.accepted.push(message);
        Ok(None)
    }

    fn deliver(&mut self, from: u64, message: &Message) {
        let dice = self.roll();
        let mut groups: HashMap<&str, Vec<&Route>> = HashMap::new();
        let mut taken = false;
        self.routes.find(&message.subject, &mut |route| {
            if !self.is_connected(route.link.id) {
                return;
            }
            taken = true;
            match &route.queue {
                None => route.offer(message.clone()),
                Some(queue) => groups.entry(queue).or_default().push(route),
            }
        });
        for members in groups.values() {
            members[dice % members.len()].offer(message.clone());
        }
        if let (false, Some(reply)) = (taken, &message.reply) {
            self.tell_no_responders(from, reply);
        }
    }

    /// Sends the status only to the connection of the requester, like a NATS server.
    fn tell_no_responders(&self, from: u64, reply: &str) {
        let mut asker = None;
        self.routes.find(reply, &mut |route| {
            if route.link.id == from && asker.is_none() {
                asker = Some(route);
            }
        });
        if let Some(asker) = asker {
            asker.offer(Message {
                subject: reply.to_owned(),
                status: Some(NO_RESPONDERS),
                ..Message::default()
            });
        }
    }

    fn is_connected(&self, link: u64) -> bool {
        self.links.get(&link).is_some_and(|link| !link.disconnected)
    }

    /// A pseudorandom number that selects members of queue groups: splitmix64 over a counter.
    fn roll(&mut self) -> usize {
        let mut mixed = self.next_id().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from((mixed ^ (mixed >> 27)) >> 33).unwrap_or_default()
    }

    fn close(&mut self, link: &Link) {
        if self.links.remove(&link.id).is_some() {
            self.routes.remove_all(&|route| route.link.id == link.id);
            link.events.emit(&TransportEvent::Closed);
            link.changed.notify_waiters();
        }
    }
}

impl Route {
    fn offer(&self, message: Message) {
        let bytes = message.subject.len() + message.size();
        if !self.sender.offer(message, bytes) {
            self.link.events.emit(&TransportEvent::Lost(1));
        }
    }
}

impl Transport for MemoryTransport {
    fn publish(&self, message: Message) -> BoxFuture<'_, Result<(), PublishError>> {
        Box::pin(async move {
            message.check(self.max_payload())?;
            let mut waiting = message;
            loop {
                // Registers for the notification before it checks the state, so that it misses no change.
                let changed = self.0.link.changed.notified();
                let offered = self.0.broker.state().accept(self.0.link.id, waiting)?;
                match offered {
                    None => return Ok(()),
                    Some(message) => waiting = message,
                }
                changed.await;
            }
        })
    }

    fn subscribe<'a>(
        &'a self,
        pattern: &'a str,
        queue: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn Subscriber>, SubscribeError>> {
        Box::pin(async move {
            check_subscription(pattern, queue)?;
            let mut state = self.0.broker.state();
            if !state.links.contains_key(&self.0.link.id) {
                return Err(SubscribeError::Closed);
            }
            let id = state.next_id();
            let (sender, receiver) = buffer(state.limits);
            let route = Route {
                id,
                link: Arc::clone(&self.0.link),
                queue: queue.map(str::to_owned),
                sender,
            };
            state.routes.insert(pattern, route);
            let broker = self.0.broker.clone();
            let subscriber: Box<dyn Subscriber> = Box::new(MemorySubscriber {
                broker,
                id,
                pattern: pattern.to_owned(),
                receiver,
            });
            Ok(subscriber)
        })
    }

    fn max_payload(&self) -> usize {
        self.0.broker.state().max_payload
    }

    fn inbox_prefix(&self) -> &'static str {
        "_INBOX"
    }

    fn is_connected(&self) -> bool {
        self.0.broker.state().is_connected(self.0.link.id)
    }

    fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.0.link.events.listen()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.0.broker.state().close(&self.0.link) })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.broker.state().close(&self.link);
    }
}

impl Stream for MemorySubscriber {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        self.receiver.poll_next(cx)
    }
}

impl Subscriber for MemorySubscriber {
    fn unsubscribe(&mut self) -> BoxFuture<'_, ()> {
        self.leave();
        Box::pin(std::future::ready(()))
    }
}

impl MemorySubscriber {
    fn leave(&self) {
        self.broker
            .state()
            .routes
            .remove(&self.pattern, &|route| route.id == self.id);
    }
}

impl Drop for MemorySubscriber {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Default for MemoryBroker {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBroker")
            .field("max_payload", &self.state().max_payload)
            .finish_non_exhaustive()
    }
}
