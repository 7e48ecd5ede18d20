//! Subscriptions: a task for each subscription moves unread messages into a buffer with limits, and repeats the
//! subscription while the server denies it.
//!
//! The reader takes messages from the buffer first, and then from the client. So after a flush, it finds all messages
//! that arrived before the flush, even if the task has not run yet.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use tokio::sync::oneshot;
use tokio::task;
use tokio::time::{Instant, sleep, timeout};

use super::client::{Link, ROUND_TRIP_LIMIT, inbound};
use super::permissions::Permission;
use crate::backoff::Backoff;
use crate::transport::buffer::{self, Limits, buffer};
use crate::transport::{BoxFuture, Message, SubscribeError, Subscriber, TransportEvent};

/// The first and the longest pause between attempts to repeat a denied subscription.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

/// The maximum delay between a flush and the event of a denied subscription, which uses a separate channel.
const DENIAL_GRACE: Duration = Duration::from_millis(50);

/// A message count with more digits than nats-server parses. The server then ends the subscription at once, while the
/// client still takes messages in transit. A server that parsed the count would end the subscription after the flush.
const END_AT_SERVER: u64 = u64::MAX;

pub(super) struct NatsSubscriber {
    source: Arc<Source>,
    messages: buffer::Receiver<async_nats::Message>,
    /// Asks the task to end the subscription; `None` after that.
    stop: Option<oneshot::Sender<oneshot::Sender<()>>>,
}

/// The task of a subscription.
pub(super) struct Forwarder {
    link: Arc<Link>,
    permission: Arc<Permission>,
    source: Arc<Source>,
    buffer: buffer::Sender<async_nats::Message>,
    stop: oneshot::Receiver<oneshot::Sender<()>>,
}

/// The subscription of the client, which reader and task share. A message wakes only the reader, because a second task per
/// message would cost throughput. The connection wakes the task of a slow reader, see [`Source::check`].
#[derive(Debug)]
pub(super) struct Source {
    /// `None` while the task ends the subscription, and after that.
    subscriber: Mutex<Option<async_nats::Subscriber>>,
    reader: AtomicWaker,
    forwarder: AtomicWaker,
    /// Whether a message has arrived since reader or task last took messages.
    is_unread: AtomicBool,
}

impl Source {
    /// Wakes the task if a message has arrived that the reader has not taken. The connection calls this repeatedly.
    pub(super) fn check(&self) {
        if self.is_unread.load(Ordering::Acquire) {
            self.forwarder.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<async_nats::Subscriber>> {
        self.subscriber
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the next message of the client.
    fn poll_next(
        self: &Arc<Self>,
        subscriber: &mut async_nats::Subscriber,
    ) -> Poll<Option<async_nats::Message>> {
        // Before the poll, so that a later message sets it again.
        self.is_unread.store(false, Ordering::Release);
        let waker = Waker::from(Arc::clone(self));
        subscriber.poll_next_unpin(&mut Context::from_waker(&waker))
    }

    /// Forwards all messages that the client has received. Becomes ready when the subscription has ended.
    fn poll_forward(
        self: &Arc<Self>,
        context: &mut Context<'_>,
        forward: impl Fn(async_nats::Message),
    ) -> Poll<()> {
        self.forwarder.register(context.waker());
        let mut subscriber = self.lock();
        let Some(subscriber) = &mut *subscriber else {
            return Poll::Ready(());
        };
        loop {
            match self.poll_next(subscriber) {
                Poll::Ready(Some(message)) => forward(message),
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending => {
                    // The task has used up its tokio budget, or a message has just arrived.
                    if self.is_unread.load(Ordering::Acquire) {
                        self.forwarder.wake();
                    }
                    return Poll::Pending;
                }
            }
        }
    }
}

impl Wake for Source {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_unread.store(true, Ordering::Release);
        self.reader.wake();
    }
}

/// Subscribes. The caller runs the forwarder in its own task.
pub(super) async fn subscribe(
    link: &Arc<Link>,
    pattern: &str,
    queue: Option<&str>,
    limits: Limits,
) -> Result<(NatsSubscriber, Forwarder), SubscribeError> {
    // Added before the subscription is sent, so that each denial finds it.
    let permission = link.notices.permissions().add(pattern, queue);
    let inner = link.subscribe(pattern, queue).await?;
    let source = Arc::new(Source {
        subscriber: Mutex::new(Some(inner)),
        reader: AtomicWaker::new(),
        forwarder: AtomicWaker::new(),
        is_unread: AtomicBool::new(false),
    });
    link.sources.add(&source);
    let (buffer, messages) = buffer(limits);
    let (stop, stopped) = oneshot::channel();
    let subscriber = NatsSubscriber {
        source: Arc::clone(&source),
        messages,
        stop: Some(stop),
    };
    let forwarder = Forwarder {
        link: Arc::clone(link),
        permission,
        source,
        buffer,
        stop: stopped,
    };
    Ok((subscriber, forwarder))
}

impl Forwarder {
    /// Forwards messages until the reader is dropped, the subscription is ended, or the connection is closed.
    pub(super) async fn run(self) {
        let Self {
            link,
            permission,
            source,
            buffer,
            mut stop,
        } = self;
        let forward = |message| forward(&link, &buffer, message);
        let mut unread = pin!(buffer.closed());
        let mut closed = pin!(link.notices.closed());
        let mut changed = pin!(permission.changed());
        let mut retry = pin!(sleep(Duration::ZERO));
        let mut is_retrying = false;
        let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
        loop {
            tokio::select! {
                biased;
                () = &mut unread => return,
                stopped = &mut stop => {
                    let subscriber = source.lock().take();
                    if let Some(mut subscriber) = subscriber {
                        end(&link, &mut subscriber).await;
                        drain(&mut subscriber, forward);
                    }
                    if let Ok(done) = stopped {
                        // Fails if the reader no longer waits.
                        let _ = done.send(());
                    }
                    return;
                }
                () = &mut closed => {
                    if let Some(mut subscriber) = source.lock().take() {
                        drain(&mut subscriber, forward);
                    }
                    return;
                }
                () = &mut changed => {
                    changed.set(permission.changed());
                    if permission.take_repeated() && verify(&link, &permission, async { true }).await {
                        is_retrying = false;
                        backoff.reset();
                    } else if permission.is_denied() && !is_retrying {
                        is_retrying = true;
                        retry.as_mut().reset(Instant::now() + backoff.pause());
                    }
                }
                () = &mut retry, if is_retrying => {
                    let repeated = repeat(&link, &permission, &source, forward);
                    is_retrying = !verify(&link, &permission, repeated).await;
                    retry.as_mut().reset(Instant::now() + backoff.pause());
                    if !is_retrying {
                        backoff.reset();
                    }
                }
                () = poll_fn(|context| source.poll_forward(context, forward)) => return,
            }
        }
    }
}

/// Adds a message to the buffer of the reader, or reports its loss.
fn forward(
    link: &Link,
    buffer: &buffer::Sender<async_nats::Message>,
    message: async_nats::Message,
) {
    let bytes = message.length;
    if !buffer.offer(message, bytes) {
        link.notices.emit(&TransportEvent::Lost(1));
    }
}

/// Forwards the messages that have arrived. A task that has used up its tokio budget would see none.
fn drain(inner: &mut async_nats::Subscriber, forward: impl Fn(async_nats::Message)) {
    while let Some(Some(message)) = task::unconstrained(inner.next()).now_or_never() {
        forward(message);
    }
}

/// Ends the subscription. The client drops a subscription and its messages in transit at once, also in `drain`. So this
/// function first ends the subscription at the server, then flushes, and then ends the subscription at the client.
async fn end(link: &Link, inner: &mut async_nats::Subscriber) {
    let ending = async {
        if inner.unsubscribe_after(END_AT_SERVER).await.is_ok() {
            link.flush().await;
        }
        // Fails if the connection is closed; the subscription has then ended too.
        let _ = inner.unsubscribe().await;
    };
    // An error is a timeout. Further waiting would not help.
    let _ = timeout(ROUND_TRIP_LIMIT, ending).await;
}

/// Subscribes again. The old subscription ends after the new subscription begins.
async fn repeat(
    link: &Link,
    permission: &Permission,
    source: &Source,
    forward: impl Fn(async_nats::Message),
) -> bool {
    let repeated = link
        .subscribe(permission.pattern(), permission.queue())
        .await;
    let mut current = source.lock();
    let (Ok(mut repeated), Some(subscriber)) = (repeated, &mut *current) else {
        return false;
    };
    std::mem::swap(subscriber, &mut repeated);
    drain(&mut repeated, forward);
    true
}

/// Waits until a denied subscription is repeated, and reports it as restored if no denial follows.
async fn verify(
    link: &Link,
    permission: &Permission,
    repeated: impl Future<Output = bool>,
) -> bool {
    let denials = permission.denials();
    let flushed = async { repeated.await && link.flush().await };
    if !timeout(ROUND_TRIP_LIMIT, flushed).await.unwrap_or(false) {
        return false;
    }
    sleep(DENIAL_GRACE).await;
    if permission.denials() != denials {
        return false;
    }
    permission.restore();
    let pattern = permission.pattern().to_owned();
    link.notices
        .emit(&TransportEvent::SubscribeRestored(pattern));
    true
}

impl Stream for NatsSubscriber {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Message>> {
        let Self {
            source, messages, ..
        } = &mut *self;
        source.reader.register(context.waker());
        // Under the lock, no message moves from the client to the buffer.
        let mut subscriber = source.lock();
        let mut next = messages.poll_next(context);
        if let (Poll::Pending, Some(subscriber)) = (&next, &mut *subscriber) {
            match source.poll_next(subscriber) {
                Poll::Ready(Some(message)) => next = Poll::Ready(Some(message)),
                // The task ends, and with it the stream.
                Poll::Ready(None) => source.forwarder.wake(),
                Poll::Pending => {}
            }
        }
        next.map(|message| message.map(inbound))
    }
}

impl Drop for NatsSubscriber {
    fn drop(&mut self) {
        drop(self.source.lock().take());
    }
}

impl Subscriber for NatsSubscriber {
    fn unsubscribe(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(stop) = self.stop.take() else { return };
            let (done, ended) = oneshot::channel();
            // Fails if the subscription has already ended.
            if stop.send(done).is_ok() {
                let _ = ended.await;
            }
        })
    }
}
