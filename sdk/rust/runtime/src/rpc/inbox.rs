//! The inbox: the subscription that receives all replies of a connection.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::log_limit::LogLimit;
use crate::random;
use crate::rpc::batch::next_batch;
use crate::rpc::pending::{Answer, PendingRequest, PendingRequests};
use crate::transport::{
    Message, PublishError, SubscribeError, Subscriber, Transport, TransportEvent,
};

/// The maximum number of replies that are delivered under a single lock.
const BATCH: usize = 256;

/// The time limit of a flush; after it, the connection counts as blocked.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

/// The maximum delay between a flush and the event of a denial, which uses a separate channel.
const DENIAL_GRACE: Duration = Duration::from_millis(10);

/// The interval in which pending calls of a lost connection are ended.
const SWEEP_PAUSE: Duration = Duration::from_millis(100);

/// The least time between two equal entries of the log.
const LOG_INTERVAL: Duration = Duration::from_secs(5);

/// The cause of a lost connection if the server reported no error. async-nats does not report its own read errors.
const UNKNOWN_CAUSE: &str = "unknown: the server or the network ended it, or a peer published a message with an invalid \
                             subject, reply subject, header or status, which ends the connection of each subscriber";

/// The capacity of the channel for denied subscriptions.
const DENIALS: usize = 64;

/// The replies of a connection, and the handling of its events.
#[derive(Debug)]
pub(crate) struct Inbox {
    transport: Arc<dyn Transport>,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    /// `_INBOX.{token}.`; each call appends its own token. A peer that receives a request knows this prefix.
    prefix: String,
    pattern: String,
    table: PendingRequests,
    /// Whether the server denies the subscription to the inbox now.
    is_denied: AtomicBool,
    denials: broadcast::Sender<String>,
    /// Notified at the end of each round, see [`PendingRequests::deny`].
    round_ended: Notify,
}

/// The outcome of a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A message, a denial, or the loss of the connection.
    Answered(Answer),
    /// The connection was lost before; nothing was sent.
    NotConnected,
    /// The transport refused the message.
    NotPublished(PublishError),
    /// The request reached its deadline.
    TimedOut,
}

impl Inbox {
    /// Subscribes to an inbox below `prefix`, and verifies that replies arrive. If the user may not subscribe, requests
    /// would be executed and their replies lost.
    pub(crate) async fn open(
        transport: Arc<dyn Transport>,
        prefix: &str,
        logs: Arc<Logs>,
    ) -> Result<Self, SubscribeError> {
        let prefix = format!("{prefix}.{}.", random::token());
        let shared = Arc::new(Shared {
            pattern: format!("{prefix}*"),
            prefix,
            table: PendingRequests::default(),
            is_denied: AtomicBool::new(false),
            denials: broadcast::Sender::new(DENIALS),
            round_ended: Notify::new(),
        });
        let mut tasks = JoinSet::new();
        let follower = Follower::new(Arc::clone(&transport), Arc::clone(&shared), logs);
        tasks.spawn(follower.run(transport.events()));
        let subscriber = transport.subscribe(&shared.pattern, None).await?;
        tasks.spawn(read(subscriber, Arc::clone(&shared)));
        let inbox = Self {
            transport,
            shared,
            _tasks: tasks,
        };
        inbox.verify().await?;
        Ok(inbox)
    }

    /// Publishes `message` with a reply subject of this inbox, and waits for the reply until `deadline`.
    pub(crate) async fn request(&self, mut message: Message, deadline: Instant) -> Outcome {
        let exchange = async {
            // Added to the table before the publish, so that each later event of the connection ends the call.
            let waiting = self.shared.enter(&message.subject).await;
            message.reply = Some(waiting.subject(&self.shared.prefix));
            self.shared
                .exchange(&*self.transport, message, waiting)
                .await
        };
        timeout_at(deadline, exchange)
            .await
            .unwrap_or(Outcome::TimedOut)
    }

    /// Waits until the server has received all earlier messages, and all earlier messages of the server have arrived.
    /// Returns false if the connection is lost, or if there is no confirmation within 5 s.
    pub(crate) async fn flush(&self) -> bool {
        self.shared.flush(&*self.transport).await.is_some()
    }

    /// Subscribes, and waits until the server has confirmed the subscription. A disconnected transport subscribes after
    /// it reconnects; this method then returns without confirmation.
    pub(crate) async fn subscribe(
        &self,
        pattern: &str,
        queue: Option<&str>,
    ) -> Result<Box<dyn Subscriber>, SubscribeError> {
        let mut denials = self.shared.denials.subscribe();
        let subscriber = self.transport.subscribe(pattern, queue).await?;
        if self.flush().await {
            let denied =
                async { while denials.recv().await.is_ok_and(|denied| denied != pattern) {} };
            if timeout(DENIAL_GRACE, denied).await.is_ok() {
                return Err(SubscribeError::Denied(pattern.to_owned()));
            }
        }
        Ok(subscriber)
    }

    /// Returns the number of pending calls.
    pub(crate) fn pending(&self) -> usize {
        self.shared.table.len()
    }

    /// Returns the number of replies for calls that had ended.
    pub(crate) fn late(&self) -> u64 {
        self.shared.table.late()
    }

    async fn verify(&self) -> Result<(), SubscribeError> {
        if matches!(
            self.shared.flush(&*self.transport).await,
            Some(Answer::Denied)
        ) {
            // Either the user may not publish to its inbox, which is harmless, or the user may not subscribe to it.
            sleep(DENIAL_GRACE).await;
        }
        if self.shared.is_denied.load(Ordering::Relaxed) {
            return Err(SubscribeError::Denied(self.shared.pattern.clone()));
        }
        Ok(())
    }
}

impl Shared {
    /// Publishes a message to this inbox. The server handles the commands of a connection in order. So the message, or
    /// its denial, arrives after the effects of all earlier commands. Returns `None` if neither arrives within 5 s.
    async fn flush(&self, transport: &dyn Transport) -> Option<Answer> {
        let waiting = self.enter("").await;
        let message = Message {
            subject: waiting.subject(&self.prefix),
            ..Message::default()
        };
        let exchange = self.exchange(transport, message, waiting);
        match timeout(FLUSH_LIMIT, exchange).await {
            Ok(Outcome::Answered(answer @ (Answer::Message(_) | Answer::Denied))) => Some(answer),
            _ => None,
        }
    }

    /// Adds a call to the table. Waits for the end of a round for the subject.
    async fn enter(&self, subject: &str) -> PendingRequest<'_> {
        loop {
            let enter = |context: &mut Context<'_>| self.table.enter(subject, context.waker());
            if let Some(waiting) = poll_fn(|context| Poll::Ready(enter(context))).await {
                return waiting;
            }
            let mut ended = pin!(self.round_ended.notified());
            ended.as_mut().enable();
            if self.table.is_in_round(subject) {
                ended.await;
            }
        }
    }

    async fn exchange(
        &self,
        transport: &dyn Transport,
        message: Message,
        waiting: PendingRequest<'_>,
    ) -> Outcome {
        if !transport.is_connected() {
            return Outcome::NotConnected;
        }
        if self.is_denied.load(Ordering::Relaxed) {
            return Outcome::Answered(Answer::Denied);
        }
        // A blocked transport publishes late. An event of a lost connection must not wait for that.
        match select(transport.publish(message), waiting).await {
            Either::Left((Ok(()), waiting)) => Outcome::Answered(waiting.await),
            Either::Left((Err(error), _)) => Outcome::NotPublished(error),
            Either::Right((answer, _)) => Outcome::Answered(answer),
        }
    }
}

async fn read(mut subscriber: Box<dyn Subscriber>, shared: Arc<Shared>) {
    let mut batch = Vec::with_capacity(BATCH);
    while next_batch(&mut *subscriber, &mut batch, BATCH).await {
        shared.table.answer(&mut batch);
    }
    shared.table.end_all(&Answer::Closed);
}

/// Returns the next event. While the connection is lost, it calls `sweep` repeatedly. The transport may report the loss
/// before its state changes, and a call that starts in between would wait for a reply that cannot arrive.
async fn next_event(
    events: &mut mpsc::UnboundedReceiver<TransportEvent>,
    is_lost: bool,
    sweep: impl Fn(),
) -> Option<TransportEvent> {
    if !is_lost {
        return events.recv().await;
    }
    loop {
        if let Ok(event) = timeout(SWEEP_PAUSE, events.recv()).await {
            return event;
        }
        sweep();
    }
}

/// The handling of the events of a connection.
struct Follower {
    transport: Arc<dyn Transport>,
    shared: Arc<Shared>,
    /// The tasks that end rounds.
    rounds: JoinSet<()>,
    /// The last error that the server reported on this connection.
    cause: Option<String>,
    logs: Arc<Logs>,
}

/// The limits of the log entries of a connection. Its inboxes share them, so that a single inbox logs an event.
#[derive(Debug)]
pub(crate) struct Logs {
    connected: LogLimit,
    lost: LogLimit,
    publish_denied: LogLimit,
    subscribe_denied: LogLimit,
    messages_lost: LogLimit,
    server_error: LogLimit,
}

impl Logs {
    pub(crate) const fn new() -> Self {
        Self {
            connected: LogLimit::new(LOG_INTERVAL),
            lost: LogLimit::new(LOG_INTERVAL),
            publish_denied: LogLimit::new(LOG_INTERVAL),
            subscribe_denied: LogLimit::new(LOG_INTERVAL),
            messages_lost: LogLimit::new(LOG_INTERVAL),
            server_error: LogLimit::new(LOG_INTERVAL),
        }
    }
}

impl Follower {
    fn new(transport: Arc<dyn Transport>, shared: Arc<Shared>, logs: Arc<Logs>) -> Self {
        Self {
            transport,
            shared,
            rounds: JoinSet::new(),
            cause: None,
            logs,
        }
    }

    async fn run(mut self, mut events: mpsc::UnboundedReceiver<TransportEvent>) {
        let mut is_lost = false;
        let (transport, shared) = (Arc::clone(&self.transport), Arc::clone(&self.shared));
        let sweep = || {
            if !transport.is_connected() {
                shared.table.end_all(&Answer::Disconnected);
            }
        };
        while let Some(event) = next_event(&mut events, is_lost, sweep).await {
            match event {
                TransportEvent::Connected => {
                    is_lost = false;
                    self.cause = None;
                    if let Some(suppressed) = self.logs.connected.permit() {
                        tracing::info!(suppressed, "connected");
                    }
                }
                TransportEvent::Disconnected => {
                    is_lost = true;
                    self.report_loss();
                    shared.table.end_all(&Answer::Disconnected);
                }
                TransportEvent::Closed => break,
                other => self.handle(other),
            }
        }
        shared.table.end_all(&Answer::Closed);
    }

    fn handle(&mut self, event: TransportEvent) {
        let shared = &self.shared;
        match event {
            TransportEvent::PublishDenied(subject) => self.deny(&subject),
            TransportEvent::SubscribeDenied(pattern) => {
                if let Some(suppressed) = self.logs.subscribe_denied.permit() {
                    tracing::warn!(pattern, suppressed, "subscribing is denied");
                }
                if pattern == shared.pattern {
                    shared.is_denied.store(true, Ordering::Relaxed);
                    shared.table.end_all(&Answer::Denied);
                } else {
                    // Fails if no subscription is in progress; the denial is logged.
                    let _ = shared.denials.send(pattern);
                }
            }
            TransportEvent::SubscribeRestored(pattern) => {
                tracing::info!(pattern, "subscribing is permitted again");
                if pattern == shared.pattern {
                    shared.is_denied.store(false, Ordering::Relaxed);
                }
            }
            TransportEvent::ServerError(error) => {
                if let Some(suppressed) = self.logs.server_error.permit() {
                    tracing::warn!(error, suppressed, "the server reports an error");
                }
                self.cause = Some(error);
            }
            TransportEvent::Lost(messages) => {
                if let Some(suppressed) = self.logs.messages_lost.permit() {
                    tracing::error!(messages, suppressed, "a subscription lost messages");
                }
            }
            TransportEvent::Connected | TransportEvent::Disconnected | TransportEvent::Closed => {}
        }
    }

    fn deny(&mut self, subject: &str) {
        if let Some(suppressed) = self.logs.publish_denied.permit() {
            tracing::warn!(subject, suppressed, "publishing is denied");
        }
        let shared = &self.shared;
        if subject.starts_with(&shared.prefix) {
            return shared.table.end_token(subject, &Answer::Denied);
        }
        while self.rounds.try_join_next().is_some() {}
        if shared.table.deny(subject) {
            let (transport, shared) = (Arc::clone(&self.transport), Arc::clone(shared));
            let subject = subject.to_owned();
            self.rounds.spawn(async move {
                let is_flushed = shared.flush(&*transport).await.is_some();
                sleep(DENIAL_GRACE).await;
                shared.table.end_round(&subject, is_flushed);
                shared.round_ended.notify_waiters();
            });
        }
    }

    fn report_loss(&self) {
        if let Some(suppressed) = self.logs.lost.permit() {
            let calls = self.shared.table.len();
            let cause = self.cause.as_deref().unwrap_or(UNKNOWN_CAUSE);
            tracing::warn!(calls, cause, suppressed, "connection lost");
        }
    }
}
