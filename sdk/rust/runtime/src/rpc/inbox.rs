//! The inbox: the subscription that receives all replies of a connection.

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

/// The maximum number of replies that are delivered under a single lock.
const BATCH: usize = 256;

/// The time limit of a flush; after it, the connection counts as blocked.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

/// The maximum delay between a flush and the event of a denied subscription, which uses a separate channel.
const DENIAL_GRACE: Duration = Duration::from_millis(10);

/// The interval in which pending calls of a lost connection are ended.
const SWEEP_PAUSE: Duration = Duration::from_millis(100);

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
    /// `_INBOX.{token}.`; each call appends its own token.
    prefix: String,
    pattern: String,
    table: PendingRequests,
    is_denied: AtomicBool,
    denials: broadcast::Sender<String>,
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
    /// Subscribes to the inbox, and verifies that replies arrive. If the user may not subscribe, requests would be
    /// executed and their replies lost.
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

    /// Publishes `message` with a reply subject of this inbox, and waits for the reply until `deadline`.
    pub(crate) async fn request(&self, mut message: Message, deadline: Instant) -> Outcome {
        // Added to the table before the publish, so that each later event of the connection ends the call.
        let waiting = self.enter(&message.subject).await;
        message.reply = Some(waiting.subject(&self.shared.prefix));
        timeout_at(deadline, self.exchange(message, waiting))
            .await
            .unwrap_or(Outcome::TimedOut)
    }

    /// Waits until the server has received all earlier messages, and all earlier messages of the server have arrived.
    /// Returns false if the connection is lost, or if there is no confirmation within 5 s.
    pub(crate) async fn flush(&self) -> bool {
        matches!(
            self.flush_outcome().await,
            Outcome::Answered(Answer::Message(_) | Answer::Denied)
        )
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
            self.flush_outcome().await,
            Outcome::Answered(Answer::Denied)
        ) {
            // Either the user may not publish to its inbox, which is harmless, or the user may not subscribe to it.
            sleep(DENIAL_GRACE).await;
        }
        if self.shared.is_denied.load(Ordering::Relaxed) {
            return Err(SubscribeError::Denied(self.shared.pattern.clone()));
        }
        Ok(())
    }

    /// Publishes a message to this inbox. The server handles the commands of a connection in order. So the message, or
    /// its denial, arrives after the effects of all earlier commands.
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
        // A blocked transport publishes late. An event of a lost connection must not wait for that.
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
                // Fails if no subscription is in progress; the denial is logged.
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
