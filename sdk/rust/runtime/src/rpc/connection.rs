//! A connection: a transport, an inbox, and the state that callers, subscribers and servers share.

use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OnceCell, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::operation::Role;
use crate::random::Names;
use crate::rpc::call::{self, LONGEST};
use crate::rpc::failure::Failure;
use crate::rpc::inbox::{Inbox, Logs, Outcome};
use crate::rpc::observe::Observer;
use crate::rpc::pending::Answer;
use crate::subject::{self, DEFAULT_INBOXES, Param, Prefix, ROLE_INBOX};
use crate::transport::memory::MemoryBroker;
use crate::transport::{
    Message, PublishError, SubscribeError, Subscriber, Transport, TransportEvent,
};

/// A connection. A clone refers to the same connection. When the last clone is dropped, the connection delivers the
/// accepted messages and closes, as long as the runtime lives. [`Connection::close`] waits for this.
#[derive(Clone)]
pub struct Connection {
    core: Arc<Core>,
    inbox: Arc<InboxSlot>,
    /// Whether the options of the connection set the inbox prefix.
    has_fixed_inboxes: bool,
    prefix: Option<Prefix>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

struct Core {
    transport: Arc<dyn Transport>,
    /// The inboxes of all handles. Each has another prefix.
    inboxes: Mutex<Vec<Arc<InboxSlot>>>,
    logs: Arc<Logs>,
    names: Names,
    /// A closed transport is not connected either, but calls report a different error.
    is_closed: AtomicBool,
    /// The task that closes an isolated connection together with its original.
    _companion: JoinSet<()>,
    isolated: Mutex<Vec<Weak<dyn Transport>>>,
}

/// An inbox, which the first call, subscription or server opens.
struct InboxSlot {
    prefix: String,
    inbox: OnceCell<Inbox>,
}

impl Connection {
    /// Creates a connection over any transport. The first call, subscription or server subscribes to the inbox. Calls
    /// that start before that may be sent in a different order. [`Connection::flush`] waits for the inbox.
    pub fn over(transport: impl Transport) -> Self {
        let core = Core::new(Arc::new(transport), JoinSet::new());
        Self {
            inbox: core.slot(core.transport.inbox_prefix()),
            core: Arc::new(core),
            has_fixed_inboxes: false,
            prefix: None,
            observer: None,
        }
    }

    /// Returns a handle of the same connection that uses the inboxes `_INBOX_<role>.<id>`, like the permissions that
    /// `natsgen acl` writes. A server answers a request only if its inbox belongs to a role that may call the operation.
    /// `id` is the instance of the role. Has no effect if the options of the connection set an inbox prefix.
    #[must_use]
    pub fn identity(&self, role: Role, id: &dyn Param) -> Self {
        if self.has_fixed_inboxes || self.core.transport.inbox_prefix() != DEFAULT_INBOXES {
            return self.clone();
        }
        let prefix = format!("{ROLE_INBOX}{}.{id}", role.name());
        self.core.transport.use_inboxes(&prefix);
        Self {
            inbox: self.core.slot(&prefix),
            ..self.clone()
        }
    }

    /// Returns a handle with the same options over another transport.
    #[cfg(feature = "http")]
    pub(crate) fn with_transport(&self, transport: Arc<dyn Transport>) -> Self {
        let core = Core::new(transport, JoinSet::new());
        Self {
            inbox: core.slot(&self.inbox.prefix),
            core: Arc::new(core),
            ..self.clone()
        }
    }

    /// Keeps the inbox prefix of the transport for all identities.
    #[cfg(feature = "nats")]
    pub(crate) fn fixed_inboxes(mut self) -> Self {
        self.has_fixed_inboxes = true;
        self
    }

    /// Opens another connection with the same options, for subscriptions to subjects that many peers may publish to.
    /// async-nats 0.51 drops the whole connection if a message has a malformed header, subject, reply subject or status.
    /// On an isolated connection, such a message affects no call and no subscription of this connection.
    ///
    /// The isolated connection closes together with this connection, or when its last clone is dropped. Returns a clone
    /// of this connection if the transport needs no isolation, or if the other connection fails.
    pub async fn isolated(&self) -> Self {
        let events = self.events();
        let Some(transport) = self.core.transport.another().await else {
            return self.clone();
        };
        self.core.add_isolated(&transport);
        let mut companion = JoinSet::new();
        companion.spawn(close_after(events, Arc::clone(&transport)));
        if self.is_closed() {
            transport.close().await;
        }
        transport.use_inboxes(&self.inbox.prefix);
        let core = Core::new(transport, companion);
        Self {
            inbox: core.slot(&self.inbox.prefix),
            core: Arc::new(core),
            ..self.clone()
        }
    }

    /// Creates a connection over the in-process transport, which reaches only its own clones. For several connections,
    /// use [`MemoryBroker::connect`] and [`Connection::over`].
    #[must_use]
    pub fn memory() -> Self {
        Self::over(MemoryBroker::new().connect())
    }

    /// Sets the prefix of subjects instead of the prefix in the schema. It applies to clients, servers and
    /// subscriptions that are created from this handle.
    #[must_use]
    pub fn prefix(mut self, prefix: Prefix) -> Self {
        self.prefix = Some(prefix);
        self
    }

    /// Sets the observer of the calls and events of this handle.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Waits until the server has received all earlier messages, and all earlier messages of the server have arrived.
    /// Returns false if the connection is lost, or if there is no confirmation within 5 s.
    pub async fn flush(&self) -> bool {
        match self.inbox().await {
            Ok(inbox) => inbox.flush().await,
            Err(_) => false,
        }
    }

    /// Returns true if the connection is established now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.core.transport.is_connected()
    }

    /// Returns the events of the connection from now on. The channel is unbounded, so no event is lost.
    #[must_use]
    pub fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.core.transport.events()
    }

    /// Returns the patterns of the current subscriptions that the server denies, sorted. Such a subscription receives
    /// nothing. The connection repeats it after a reconnection and every few seconds, until the server permits it. The
    /// subscription to the inbox of the calls is included, and the subscriptions of isolated connections.
    #[must_use]
    pub fn denied(&self) -> Vec<String> {
        let mut denied = self.core.transport.denied();
        let isolated = self.core.isolated();
        for transport in isolated.iter().filter_map(Weak::upgrade) {
            denied.extend(transport.denied());
        }
        denied.sort_unstable();
        denied.dedup();
        denied
    }

    /// Returns the maximum size of a message in bytes, headers included.
    #[must_use]
    pub fn max_payload(&self) -> usize {
        self.core.transport.max_payload()
    }

    /// Returns the number of calls that wait for a reply.
    #[must_use]
    pub fn pending_requests(&self) -> usize {
        let slots = self.core.slots();
        let inboxes = slots.iter().filter_map(|slot| slot.inbox.get());
        inboxes.map(Inbox::pending).sum()
    }

    /// Returns the number of replies that arrived after their calls had ended.
    #[must_use]
    pub fn late_answers(&self) -> u64 {
        let slots = self.core.slots();
        let inboxes = slots.iter().filter_map(|slot| slot.inbox.get());
        inboxes.map(Inbox::late).sum()
    }

    /// Delivers the accepted messages and closes the connection for all handles. Pending calls, subscriptions and
    /// servers end.
    pub async fn close(&self) {
        self.core.is_closed.store(true, Ordering::SeqCst);
        self.core.transport.close().await;
    }

    /// Returns the transport, for messages that no schema describes.
    #[must_use]
    pub fn transport(&self) -> &Arc<dyn Transport> {
        &self.core.transport
    }

    /// Sends a message that no schema describes, and waits up to `limit` for the reply. An inbox of the connection
    /// replaces the reply subject of the message.
    ///
    /// # Errors
    /// If the message was not delivered, or no reply arrives; see [`Failure`].
    pub async fn exchange(
        &self,
        message: Message,
        limit: Duration,
    ) -> Result<Message, Failure<Infallible>> {
        let now = Instant::now();
        let deadline = now.checked_add(limit).unwrap_or(now + LONGEST);
        call::answer(self.request(message, deadline).await)
    }

    /// Returns the prefix of this handle or, if it has no prefix, `prefix`.
    pub(crate) fn prefix_or(&self, prefix: &Prefix) -> Prefix {
        self.prefix.as_ref().unwrap_or(prefix).clone()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.core.is_closed.load(Ordering::SeqCst)
    }

    /// Returns a unique request id, see [`CallOptions::request_id`](crate::CallOptions::request_id).
    #[must_use]
    pub fn new_request_id(&self) -> String {
        self.core.names.next()
    }

    /// Returns true if `subject` is an inbox. A reply to a different subject could be taken for a request.
    pub(crate) fn is_inbox(&self, subject: &str) -> bool {
        subject::is_inbox(subject, &self.inbox.prefix)
    }

    pub(crate) async fn publish(&self, message: Message) -> Result<(), PublishError> {
        self.core.transport.publish(message).await
    }

    pub(crate) async fn request(
        &self,
        message: Message,
        deadline: Instant,
    ) -> Result<Outcome, SubscribeError> {
        if self.is_closed() {
            return Err(SubscribeError::Closed);
        }
        let message = match self.core.transport.exchange(message) {
            Ok(answer) => {
                let answer = timeout_at(deadline, answer).await;
                return Ok(answer.map_or(Outcome::TimedOut, |answer| {
                    Outcome::Answered(Answer::Message(answer))
                }));
            }
            Err(message) => message,
        };
        let Ok(inbox) = timeout_at(deadline, self.inbox()).await else {
            return Ok(Outcome::TimedOut);
        };
        Ok(inbox?.request(message, deadline).await)
    }

    pub(crate) async fn listen(
        &self,
        pattern: &str,
        queue: Option<&str>,
    ) -> Result<Box<dyn Subscriber>, SubscribeError> {
        self.inbox().await?.subscribe(pattern, queue).await
    }

    async fn inbox(&self) -> Result<&Inbox, SubscribeError> {
        if self.inbox.inbox.get().is_none() {
            // Runs in its own task, so that a caller that reaches its deadline does not cancel the setup for other
            // callers.
            let (core, slot) = (Arc::clone(&self.core), Arc::clone(&self.inbox));
            let opening = tokio::spawn(async move {
                let (transport, logs) = (Arc::clone(&core.transport), Arc::clone(&core.logs));
                let open = || Inbox::open(transport, &slot.prefix, logs);
                slot.inbox.get_or_try_init(open).await.map(drop)
            });
            opening.await.unwrap_or(Err(SubscribeError::Closed))?;
        }
        self.inbox.inbox.get().ok_or(SubscribeError::Closed)
    }
}

/// Closes `transport` after the connection with these events is closed.
async fn close_after(
    mut events: mpsc::UnboundedReceiver<TransportEvent>,
    transport: Arc<dyn Transport>,
) {
    while events
        .recv()
        .await
        .is_some_and(|event| event != TransportEvent::Closed)
    {}
    transport.close().await;
}

impl Core {
    fn new(transport: Arc<dyn Transport>, companion: JoinSet<()>) -> Self {
        Self {
            transport,
            inboxes: Mutex::default(),
            logs: Arc::new(Logs::new()),
            names: Names::new(),
            is_closed: AtomicBool::new(false),
            _companion: companion,
            isolated: Mutex::default(),
        }
    }

    /// The inbox with this prefix.
    fn slot(&self, prefix: &str) -> Arc<InboxSlot> {
        let mut slots = self.slots();
        if let Some(slot) = slots.iter().find(|slot| slot.prefix == prefix) {
            return Arc::clone(slot);
        }
        let slot = Arc::new(InboxSlot {
            prefix: prefix.to_owned(),
            inbox: OnceCell::new(),
        });
        slots.push(Arc::clone(&slot));
        slot
    }

    fn slots(&self) -> MutexGuard<'_, Vec<Arc<InboxSlot>>> {
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add_isolated(&self, transport: &Arc<dyn Transport>) {
        let mut isolated = self.isolated();
        isolated.retain(|transport| transport.strong_count() > 0);
        isolated.push(Arc::downgrade(transport));
    }

    fn isolated(&self) -> MutexGuard<'_, Vec<Weak<dyn Transport>>> {
        self.isolated.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        if let Ok(runtime) = Handle::try_current() {
            let transport = Arc::clone(&self.transport);
            runtime.spawn(async move { transport.close().await });
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("transport", &self.core.transport)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
