//! Subscriptions: a task for each subscription moves its messages into a buffer with limits, and repeats the
//! subscription while the server denies it.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

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
    messages: buffer::Receiver<async_nats::Message>,
    /// Asks the task to end the subscription; `None` after that.
    stop: Option<oneshot::Sender<oneshot::Sender<()>>>,
}

/// The task of a subscription.
pub(super) struct Forwarder {
    link: Arc<Link>,
    permission: Arc<Permission>,
    inner: async_nats::Subscriber,
    buffer: buffer::Sender<async_nats::Message>,
    stop: oneshot::Receiver<oneshot::Sender<()>>,
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
    let (buffer, messages) = buffer(limits);
    let (stop, stopped) = oneshot::channel();
    let subscriber = NatsSubscriber {
        messages,
        stop: Some(stop),
    };
    let forwarder = Forwarder {
        link: Arc::clone(link),
        permission,
        inner,
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
            mut inner,
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
                    end(&link, &mut inner).await;
                    drain(&mut inner, forward);
                    if let Ok(done) = stopped {
                        // Fails if the reader no longer waits.
                        let _ = done.send(());
                    }
                    return;
                }
                () = &mut closed => return drain(&mut inner, forward),
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
                    drain(&mut inner, forward);
                    let repeated = repeat(&link, &permission, &mut inner);
                    is_retrying = !verify(&link, &permission, repeated).await;
                    retry.as_mut().reset(Instant::now() + backoff.pause());
                    if !is_retrying {
                        backoff.reset();
                    }
                }
                message = inner.next() => {
                    let Some(message) = message else { return };
                    forward(message);
                }
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

/// Subscribes again. The old subscription ends after the new one begins.
async fn repeat(link: &Link, permission: &Permission, inner: &mut async_nats::Subscriber) -> bool {
    match link
        .subscribe(permission.pattern(), permission.queue())
        .await
    {
        Ok(repeated) => {
            *inner = repeated;
            true
        }
        Err(_) => false,
    }
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
        let polled = self.messages.poll_next(context);
        polled.map(|message| message.map(inbound))
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
