//! A connection: one transport, one inbox, and what callers, subscribers and servers share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Handle;
use tokio::sync::{OnceCell, mpsc};
use tokio::time::{Instant, timeout_at};

use crate::random::Names;
use crate::rpc::inbox::{Inbox, Outcome};
use crate::rpc::observe::Observer;
use crate::subject::Prefix;
use crate::transport::memory::MemoryBroker;
use crate::transport::{
    Message, PublishError, SubscribeError, Subscriber, Transport, TransportEvent,
};

/// A connection. A clone is another handle to it; when the last one is gone, what was accepted is still delivered as
/// long as the runtime lives, then the connection closes. [`Connection::close`] waits for that.
#[derive(Clone)]
pub struct Connection {
    core: Arc<Core>,
    prefix: Option<Prefix>,
    observer: Option<Arc<dyn Observer>>,
}

struct Core {
    transport: Arc<dyn Transport>,
    inbox: OnceCell<Inbox>,
    names: Names,
    /// A closed transport is not connected either; callers are told which.
    is_closed: AtomicBool,
}

impl Connection {
    /// A connection over any transport. The inbox is subscribed to by the first that needs it; calls that are started
    /// before it is there may leave in another order. [`Connection::flush`] waits until it is.
    pub fn over(transport: impl Transport) -> Self {
        let core = Core {
            transport: Arc::new(transport),
            inbox: OnceCell::new(),
            names: Names::new(),
            is_closed: AtomicBool::new(false),
        };
        Self {
            core: Arc::new(core),
            prefix: None,
            observer: None,
        }
    }

    /// A connection within this process, to nobody but its own clones. To connect more than one, use
    /// [`MemoryBroker::connect`] and [`Connection::over`].
    #[must_use]
    pub fn memory() -> Self {
        Self::over(MemoryBroker::new().connect())
    }

    /// Uses `prefix` in place of the one that the schema names, in all that is made from this handle.
    #[must_use]
    pub fn with_prefix(mut self, prefix: Prefix) -> Self {
        self.prefix = Some(prefix);
        self
    }

    /// Tells `observer` of all calls that are made from this handle.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Waits until all that was sent before has reached the server and all that the server sent before has arrived.
    /// False if the connection is lost, or there is no word of it within five seconds.
    pub async fn flush(&self) -> bool {
        match self.inbox().await {
            Ok(inbox) => inbox.flush().await,
            Err(_) => false,
        }
    }

    /// Whether messages reach the other side at this moment.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.core.transport.is_connected()
    }

    /// What happens to the connection from now on. Events are kept until they are taken.
    #[must_use]
    pub fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.core.transport.events()
    }

    /// The largest message in bytes, headers included.
    #[must_use]
    pub fn max_payload(&self) -> usize {
        self.core.transport.max_payload()
    }

    /// How many calls wait for an answer.
    #[must_use]
    pub fn pending_requests(&self) -> usize {
        self.core.inbox.get().map_or(0, Inbox::pending)
    }

    /// How many answers came after their calls had ended.
    #[must_use]
    pub fn late_answers(&self) -> u64 {
        self.core.inbox.get().map_or(0, Inbox::strays)
    }

    /// Delivers what was accepted and closes, for all handles. Calls that wait end, subscriptions and servers too.
    pub async fn close(&self) {
        self.core.is_closed.store(true, Ordering::SeqCst);
        self.core.transport.close().await;
    }

    /// The prefix set for this handle, else that of the schema.
    pub(crate) fn prefix_or(&self, prefix: &Prefix) -> Prefix {
        self.prefix.as_ref().unwrap_or(prefix).clone()
    }

    pub(crate) fn observer(&self) -> Option<&dyn Observer> {
        self.observer.as_deref()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.core.is_closed.load(Ordering::SeqCst)
    }

    /// An id that no other request has, see [`CallOptions::request_id`](crate::CallOptions::request_id).
    #[must_use]
    pub fn new_request_id(&self) -> String {
        self.core.names.next()
    }

    /// Whether an answer to `subject` goes to an inbox, and not to where it would be taken for a request.
    pub(crate) fn is_inbox(&self, subject: &str) -> bool {
        let own = subject.strip_prefix(self.core.transport.inbox_prefix());
        subject.starts_with("_INBOX") || own.is_some_and(|rest| rest.starts_with('.'))
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
        if self.core.inbox.get().is_none() {
            // In a task of its own: a caller whose time is over must not keep the others from ever getting there.
            let core = Arc::clone(&self.core);
            let opening = tokio::spawn(async move {
                let open = || Inbox::open(Arc::clone(&core.transport));
                core.inbox.get_or_try_init(open).await.map(drop)
            });
            opening.await.unwrap_or(Err(SubscribeError::Closed))?;
        }
        self.core.inbox.get().ok_or(SubscribeError::Closed)
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
