//! The one subscription on which a connection gets all its answers.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::random;
use crate::rpc::batch::next_batch;
use crate::rpc::pending::{Answer, PendingRequest, PendingRequests};
use crate::transport::{
    Message, PublishError, SubscribeError, Subscriber, Transport, TransportEvent,
};

/// Answers that are handed out at once, under one lock.
const BATCH: usize = 256;

/// How long a flush may take before the connection counts as stuck.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

/// How long word of a denied subscription may lag behind the flush: it comes over another channel.
const DENIAL_GRACE: Duration = Duration::from_millis(10);

/// How often to look for calls on a lost connection.
const SWEEP_PAUSE: Duration = Duration::from_millis(100);

/// Denied subscriptions that can be told while nobody looks.
const DENIALS: usize = 64;

/// Answers for one connection, and word of what happened to it.
#[derive(Debug)]
pub(crate) struct Inbox {
    transport: Arc<dyn Transport>,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    /// `_INBOX.{token}.`, to which each call adds its own token.
    prefix: String,
    pattern: String,
    table: PendingRequests,
    is_denied: AtomicBool,
    denials: broadcast::Sender<String>,
}

/// How a request ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// By a message, a denial or the loss of the connection.
    Answered(Answer),
    /// The connection was lost before; nothing was sent.
    NotConnected,
    /// The transport did not take the message.
    NotPublished(PublishError),
    /// There was no answer in time.
    TimedOut,
}

impl Inbox {
    /// Subscribes, and proves that answers arrive: under a user who may not subscribe, requests would be executed and
    /// their replies lost.
    pub(crate) async fn open(transport: Arc<dyn Transport>) -> Result<Self, SubscribeError> {
        let prefix = format!("{}.{}.", transport.inbox_prefix(), random::token());
        let shared = Arc::new(Shared {
            pattern: format!("{prefix}*"),
            prefix,
            table: PendingRequests::default(),
            is_denied: AtomicBool::new(false),
            denials: broadcast::Sender::new(DENIALS),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(follow(
            transport.events(),
            Arc::clone(&transport),
            Arc::clone(&shared),
        ));
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

    /// Publishes `message` with a reply subject of this inbox and waits for the answer until `deadline`.
    pub(crate) async fn request(&self, mut message: Message, deadline: Instant) -> Outcome {
        // In the table first: what happens to the connection from here on ends the call.
        let waiting = self.enter(&message.subject).await;
        message.reply = Some(waiting.subject(&self.shared.prefix));
        timeout_at(deadline, self.exchange(message, waiting))
            .await
            .unwrap_or(Outcome::TimedOut)
    }

    /// Waits until all that was sent before has reached the server and all that the server sent before has arrived.
    /// False if the connection is lost, or there is no word within seconds.
    pub(crate) async fn flush(&self) -> bool {
        matches!(
            self.flush_outcome().await,
            Outcome::Answered(Answer::Message(_) | Answer::Denied)
        )
    }

    /// Subscribes and waits until the subscription is known to be good. While the connection is lost that cannot be
    /// known; the transport then subscribes as soon as it can.
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

    /// How many calls wait.
    pub(crate) fn pending(&self) -> usize {
        self.shared.table.len()
    }

    /// How many answers came for calls that had ended.
    pub(crate) fn strays(&self) -> u64 {
        self.shared.table.strays()
    }

    async fn verify(&self) -> Result<(), SubscribeError> {
        if matches!(
            self.flush_outcome().await,
            Outcome::Answered(Answer::Denied)
        ) {
            // Either this user may not publish to itself, which is harmless, or not subscribe.
            sleep(DENIAL_GRACE).await;
        }
        if self.shared.is_denied.load(Ordering::Relaxed) {
            return Err(SubscribeError::Denied(self.shared.pattern.clone()));
        }
        Ok(())
    }

    /// Sends a message to this inbox. The server handles a connection's commands in order, so its echo, or word that
    /// it is denied, comes after the effects of all that was sent before.
    async fn flush_outcome(&self) -> Outcome {
        let waiting = self.enter("").await;
        let message = Message {
            subject: waiting.subject(&self.shared.prefix),
            ..Message::default()
        };
        timeout(FLUSH_LIMIT, self.exchange(message, waiting))
            .await
            .unwrap_or(Outcome::TimedOut)
    }

    async fn enter(&self, subject: &str) -> PendingRequest<'_> {
        poll_fn(|context| Poll::Ready(self.shared.table.enter(subject, context.waker()))).await
    }

    async fn exchange(&self, message: Message, waiting: PendingRequest<'_>) -> Outcome {
        if !self.transport.is_connected() {
            return Outcome::NotConnected;
        }
        if self.shared.is_denied.load(Ordering::Relaxed) {
            return Outcome::Answered(Answer::Denied);
        }
        // A transport without room publishes late; word of a lost connection must not wait for that.
        match select(self.transport.publish(message), waiting).await {
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

/// The next event. While the connection is lost, calls `sweep` again and again: the transport may tell of the loss before
/// it knows of it, and a call that is made in between would wait for an answer that cannot come.
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

async fn follow(
    mut events: mpsc::UnboundedReceiver<TransportEvent>,
    transport: Arc<dyn Transport>,
    shared: Arc<Shared>,
) {
    let mut is_lost = false;
    let sweep = || {
        if !transport.is_connected() {
            shared.table.end_all(&Answer::Disconnected);
        }
    };
    while let Some(event) = next_event(&mut events, is_lost, sweep).await {
        match event {
            TransportEvent::Connected => {
                is_lost = false;
                tracing::debug!("connected");
            }
            TransportEvent::Disconnected => {
                is_lost = true;
                tracing::warn!(calls = shared.table.len(), "connection lost");
                shared.table.end_all(&Answer::Disconnected);
            }
            TransportEvent::PublishDenied(subject) => {
                tracing::warn!(subject, "publishing is denied");
                if subject.starts_with(&shared.prefix) {
                    shared.table.end_token(&subject, &Answer::Denied);
                } else {
                    shared.table.end_subject(&subject, &Answer::Denied);
                }
            }
            TransportEvent::SubscribeDenied(pattern) if pattern == shared.pattern => {
                shared.is_denied.store(true, Ordering::Relaxed);
                shared.table.end_all(&Answer::Denied);
            }
            TransportEvent::SubscribeDenied(pattern) => {
                tracing::warn!(pattern, "subscribing is denied");
                // Nobody may be subscribing just now; the log has it.
                let _ = shared.denials.send(pattern);
            }
            TransportEvent::Lost(messages) => {
                tracing::error!(messages, "a subscription lost messages");
            }
            TransportEvent::Closed => break,
        }
    }
    shared.table.end_all(&Answer::Closed);
}
