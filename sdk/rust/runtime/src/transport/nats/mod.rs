//! Messages over a NATS server: the only place that knows the client behind it.
//!
//! What the client leaves to its user is done here: credentials in URLs, sizes with headers, subscriptions that end
//! without losing what was on its way, publishes that survive the last handle, events that its channel drops.

mod address;
mod error;
mod notices;
mod options;

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use async_nats::client::traits::Publisher as _;
use async_nats::connection::State;
use async_nats::message::OutboundMessage;
use async_nats::{Client, HeaderMap, HeaderName, PublishErrorKind};
use futures_util::task::AtomicWaker;
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use tokio::runtime;
use tokio::sync::mpsc;
use tokio::{task, time};

pub use self::error::{ConnectError, ConnectErrorKind};
use self::notices::Notices;
pub use self::options::NatsOptions;
use super::{
    BoxFuture, Headers, Message, PublishError, SubscribeError, Subscriber, Transport,
    TransportEvent, check_subscription,
};
use crate::transport::headers::{REQUEST_ID_HEADER, TIMEOUT_HEADER};

/// How long a message to oneself may take before one stops waiting for it.
const ROUND_TRIP_LIMIT: Duration = Duration::from_secs(5);

/// How long closing waits for what was accepted to reach the server, e.g. for the connection to come back.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// How often closing looks again.
const CLOSE_PAUSE: Duration = Duration::from_millis(2);

/// How often the client's state is compared with what was told of it.
const WATCH_INTERVAL: Duration = Duration::from_millis(250);

/// A count of messages with more digits than a server reads, which makes it end a subscription at once, while the
/// client goes on taking what is on its way. A server that did read it would end the subscription a round trip later.
const END_AT_SERVER: u64 = u64::MAX;

/// A connection to NATS. Dropped without [`Transport::close`] it closes in the background of its runtime, after what
/// was accepted is delivered.
pub struct NatsTransport {
    link: Arc<Link>,
    runtime: runtime::Handle,
}

struct Link {
    client: Client,
    notices: Arc<Notices>,
    inbox_prefix: String,
    /// Publishes under way; closing begins with [`CLOSING`] and waits for them.
    publishing: AtomicUsize,
    closed: tokio::sync::Mutex<bool>,
    readers: Mutex<Vec<Weak<AtomicWaker>>>,
}

/// Added to the count of publishes to say that there may be no further ones.
const CLOSING: usize = 1 << (usize::BITS - 1);

struct Publishing<'a>(&'a AtomicUsize);

struct NatsSubscriber {
    inner: async_nats::Subscriber,
    link: Arc<Link>,
    reader: Arc<AtomicWaker>,
    is_over: bool,
}

impl NatsTransport {
    fn new(client: Client, notices: Arc<Notices>, inbox_prefix: String) -> Self {
        notices.begin(&client);
        let link = Arc::new(Link {
            client,
            notices,
            inbox_prefix,
            publishing: AtomicUsize::new(0),
            closed: tokio::sync::Mutex::new(false),
            readers: Mutex::default(),
        });
        let runtime = runtime::Handle::current();
        runtime.spawn(watch(Arc::downgrade(&link)));
        Self { link, runtime }
    }
}

impl Transport for NatsTransport {
    fn publish(&self, message: Message) -> BoxFuture<'_, Result<(), PublishError>> {
        Box::pin(async move {
            let client = &self.link.client;
            message.check(client.max_payload())?;
            let _publishing = self.link.begin_publish()?;
            let size = message.size();
            client
                .publish_message(outbound(message))
                .await
                .map_err(|error| match error.kind() {
                    // A server with a lower limit may have taken over since the check.
                    PublishErrorKind::MaxPayloadExceeded => PublishError::TooLarge {
                        size,
                        limit: client.max_payload(),
                    },
                    PublishErrorKind::InvalidSubject | PublishErrorKind::Send => {
                        PublishError::Closed
                    }
                })
        })
    }

    fn subscribe<'a>(
        &'a self,
        pattern: &'a str,
        queue: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn Subscriber>, SubscribeError>> {
        Box::pin(async move {
            check_subscription(pattern, queue)?;
            if self.link.is_closing() {
                return Err(SubscribeError::Closed);
            }
            let subject = async_nats::Subject::from(pattern);
            let made = match queue {
                None => self.link.client.subscribe(subject).await,
                Some(queue) => {
                    self.link
                        .client
                        .queue_subscribe(subject, queue.to_owned())
                        .await
                }
            };
            let inner = made.map_err(|error| match error.kind() {
                async_nats::SubscribeErrorKind::Other => SubscribeError::Closed,
                _ => SubscribeError::BadPattern(pattern.to_owned()),
            })?;
            let subscriber: Box<dyn Subscriber> = Box::new(NatsSubscriber {
                inner,
                reader: self.link.add_reader(),
                link: Arc::clone(&self.link),
                is_over: false,
            });
            Ok(subscriber)
        })
    }

    fn max_payload(&self) -> usize {
        self.link.client.max_payload()
    }

    fn inbox_prefix(&self) -> &str {
        &self.link.inbox_prefix
    }

    fn is_connected(&self) -> bool {
        self.link.is_connected() && !self.link.is_closing()
    }

    fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.link.notices.listen()
    }

    /// Delivers what was accepted, then closes. While disconnected it waits up to ten seconds for the connection to
    /// come back; after that the client itself goes on trying for as long as the runtime lives.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.link.close())
    }
}

impl Drop for NatsTransport {
    fn drop(&mut self) {
        let link = Arc::clone(&self.link);
        self.runtime.spawn(async move { link.close().await });
    }
}

impl Link {
    fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    fn is_closing(&self) -> bool {
        self.publishing.load(Ordering::SeqCst) >= CLOSING
    }

    fn begin_publish(&self) -> Result<Publishing<'_>, PublishError> {
        let before = self.publishing.fetch_add(1, Ordering::SeqCst);
        let publishing = Publishing(&self.publishing);
        if before >= CLOSING {
            Err(PublishError::Closed)
        } else {
            Ok(publishing)
        }
    }

    fn add_reader(&self) -> Arc<AtomicWaker> {
        let reader = Arc::new(AtomicWaker::new());
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() == readers.capacity() {
            readers.retain(|reader| reader.strong_count() > 0);
        }
        readers.push(Arc::downgrade(&reader));
        reader
    }

    async fn close(&self) {
        let mut closed = self.closed.lock().await;
        if *closed {
            return;
        }
        self.publishing.fetch_or(CLOSING, Ordering::SeqCst);
        // Errors say that the limit passed; then as much as could be was delivered.
        let _ = time::timeout(CLOSE_LIMIT, self.deliver()).await;
        self.notices.close();
        for reader in self
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            if let Some(reader) = reader.upgrade() {
                reader.wake();
            }
        }
        let _ = time::timeout(ROUND_TRIP_LIMIT, self.client.drain()).await;
        *closed = true;
    }

    /// Returns when the server has all that was accepted.
    async fn deliver(&self) {
        while self.publishing.load(Ordering::SeqCst) > CLOSING {
            time::sleep(CLOSE_PAUSE).await;
        }
        while !self.flush().await {
            time::sleep(CLOSE_PAUSE).await;
        }
    }

    /// Sends a message to itself, which comes back after all that the server was told before and all that it sent
    /// before. A user who may not do that gets a denial, which comes in the same order. False if the connection was
    /// lost meanwhile: then nothing that was on its way will arrive.
    async fn flush(&self) -> bool {
        let mut notices = self.notices.listen();
        if !self.is_connected() {
            return false;
        }
        let marker = async_nats::Subject::from(self.client.new_inbox());
        let Ok(mut echo) = self.client.subscribe(marker.clone()).await else {
            return true;
        };
        let message = OutboundMessage {
            subject: marker.clone(),
            reply: None,
            payload: "".into(),
            headers: None,
        };
        if self.client.publish_message(message).await.is_err() {
            return true;
        }
        loop {
            let notice = tokio::select! {
                _ = echo.next() => return true,
                notice = notices.recv() => notice,
            };
            match notice {
                Some(
                    TransportEvent::PublishDenied(subject)
                    | TransportEvent::SubscribeDenied(subject),
                ) if subject == marker.as_str() => {
                    return true;
                }
                Some(TransportEvent::Disconnected) => return false,
                Some(TransportEvent::Closed) | None => return true,
                Some(_) => {}
            }
        }
    }
}

impl Drop for Publishing<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Watches over what listeners are told for as long as the connection has a handle.
async fn watch(link: Weak<Link>) {
    loop {
        time::sleep(WATCH_INTERVAL).await;
        let Some(link) = link.upgrade() else { return };
        if link.notices.is_closed() {
            return;
        }
        link.notices.look(link.is_connected());
    }
}

impl Stream for NatsSubscriber {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        let mut polled = self.inner.poll_next_unpin(cx);
        if polled.is_pending() {
            self.reader.register(cx.waker());
            if self.is_over || self.link.notices.is_closed() {
                // A task that used up its budget is told that there is nothing, even where there is.
                let mut unbudgeted = task::unconstrained(self.inner.next());
                polled = match unbudgeted.poll_unpin(cx) {
                    Poll::Pending => Poll::Ready(None),
                    ready @ Poll::Ready(_) => ready,
                };
            }
        }
        polled.map(|message| message.map(inbound))
    }
}

impl Subscriber for NatsSubscriber {
    /// The client forgets a subscription when told to end it, and with it what is on its way (so does its `drain`).
    /// Hence: first the server, then a round trip, and then the client.
    fn unsubscribe(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let ending = async {
                if self.inner.unsubscribe_after(END_AT_SERVER).await.is_ok() {
                    self.link.flush().await;
                }
                // An error says that the connection is closed, and then so is the subscription.
                let _ = self.inner.unsubscribe().await;
            };
            // An error says that the limit passed, and waiting longer would not help.
            let _ = time::timeout(ROUND_TRIP_LIMIT, ending).await;
            self.is_over = true;
        })
    }
}

fn outbound(message: Message) -> OutboundMessage {
    let headers = (!message.headers.is_empty()).then(|| {
        let mut headers = HeaderMap::new();
        for (name, value) in message.headers {
            match name {
                Cow::Borrowed(name) => headers.append(HeaderName::from_static(name), value),
                Cow::Owned(name) => headers.append(name, value),
            }
        }
        headers
    });
    OutboundMessage {
        subject: message.subject.into(),
        reply: message.reply.map(Into::into),
        payload: message.payload,
        headers,
    }
}

fn inbound(message: async_nats::Message) -> Message {
    Message {
        subject: message.subject.into_string(),
        reply: message.reply.map(async_nats::Subject::into_string),
        headers: message
            .headers
            .as_ref()
            .map_or_else(Headers::new, read_headers),
        payload: message.payload,
        status: message.status.map(|status| status.as_u16()),
    }
}

fn read_headers(received: &HeaderMap) -> Headers {
    let mut headers = Headers::with_capacity(received.len());
    for (name, values) in received.iter() {
        let name = known(name.as_ref());
        for value in values {
            headers.append(name.clone(), value.as_str());
        }
    }
    headers
}

/// The names of headers that nearly every message has need no copy.
fn known(name: &str) -> Cow<'static, str> {
    match [REQUEST_ID_HEADER, TIMEOUT_HEADER]
        .iter()
        .find(|known| **known == name)
    {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(name.to_owned()),
    }
}

impl fmt::Debug for NatsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsTransport")
            .field("connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}
