//! A connection to a NATS server.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_nats::client::traits::Publisher as _;
use async_nats::connection::State;
use async_nats::message::OutboundMessage;
use async_nats::{Client, HeaderMap, HeaderName, PublishErrorKind};
use futures_util::StreamExt as _;
use tokio::runtime;
use tokio::sync::mpsc;
use tokio::time;

use super::notices::Notices;
use super::options::NatsOptions;
use super::registered::Registered;
use super::subscription::{self, Source};
use crate::random;
use crate::transport::headers::{REQUEST_ID_HEADER, TIMEOUT_HEADER};
use crate::transport::{
    BoxFuture, Headers, Message, PublishError, SubscribeError, Subscriber, Transport,
    TransportEvent, check_subscription,
};

/// The time limit of a flush.
pub(super) const ROUND_TRIP_LIMIT: Duration = Duration::from_secs(5);

/// The time limit within which `close` delivers the accepted messages, e.g. after a reconnection.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// The interval between checks of `close`.
const CLOSE_PAUSE: Duration = Duration::from_millis(2);

/// The interval between checks for slow readers. Within it, a subscription can exceed its limit of bytes.
const CHECK_INTERVAL: Duration = Duration::from_millis(25);

/// The number of these checks between comparisons of the client's state with the reported events.
const CHECKS: u32 = 10;

/// A connection to NATS. If it is dropped without [`Transport::close`], a task of its runtime delivers the accepted
/// messages and closes it.
pub struct NatsTransport {
    link: Arc<Link>,
    options: NatsOptions,
    runtime: runtime::Handle,
}

pub(super) struct Link {
    client: Client,
    pub(super) notices: Arc<Notices>,
    /// The open subscriptions.
    pub(super) sources: Registered<Source>,
    inbox_prefix: String,
    /// The prefix of the inboxes of flushes.
    flush_prefix: Mutex<String>,
    /// The number of running publish calls. `close` adds [`CLOSING`] and waits for these calls.
    publishing: AtomicUsize,
    closed: tokio::sync::Mutex<bool>,
}

/// A flag in the number of publish calls that refuses new calls.
const CLOSING: usize = 1 << (usize::BITS - 1);

struct Publishing<'a>(&'a AtomicUsize);

impl NatsTransport {
    pub(super) fn new(client: Client, notices: Arc<Notices>, options: &NatsOptions) -> Self {
        notices.begin(&client);
        let link = Arc::new(Link {
            client,
            notices,
            sources: Registered::default(),
            inbox_prefix: options.inbox_prefix_or_default().to_owned(),
            flush_prefix: Mutex::new(options.inbox_prefix_or_default().to_owned()),
            publishing: AtomicUsize::new(0),
            closed: tokio::sync::Mutex::new(false),
        });
        let runtime = runtime::Handle::current();
        runtime.spawn(watch(
            Arc::downgrade(&link),
            Alive(Arc::clone(&link.notices)),
        ));
        Self {
            link,
            options: options.clone(),
            runtime,
        }
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
                    // After a reconnection, another server may have a lower limit than at the check.
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
            let limits = self.options.subscription_limits();
            let (subscriber, forwarder) =
                subscription::subscribe(&self.link, pattern, queue, limits).await?;
            self.runtime.spawn(forwarder.run());
            let subscriber: Box<dyn Subscriber> = Box::new(subscriber);
            Ok(subscriber)
        })
    }

    fn max_payload(&self) -> usize {
        self.link.client.max_payload()
    }

    fn inbox_prefix(&self) -> &str {
        &self.link.inbox_prefix
    }

    fn use_inboxes(&self, prefix: &str) {
        let mut used = self.link.flush_prefix();
        prefix.clone_into(&mut used);
    }

    fn is_connected(&self) -> bool {
        let notices = &self.link.notices;
        self.link.is_connected() && !self.link.is_closing() && !notices.is_closed()
    }

    fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.link.notices.listen()
    }

    fn denied(&self) -> Vec<String> {
        self.link.notices.permissions().denied()
    }

    fn another(&self) -> BoxFuture<'_, Option<Arc<dyn Transport>>> {
        Box::pin(async {
            match self.options.clone().connect_transport().await {
                Ok(transport) => Some(Arc::new(transport) as Arc<dyn Transport>),
                Err(error) => {
                    tracing::warn!(%error, "no further connection");
                    None
                }
            }
        })
    }

    /// Delivers the accepted messages, then closes. A disconnected connection waits up to 10 s for a reconnection.
    /// After that, the client continues to reconnect as long as the runtime lives.
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
    fn flush_prefix(&self) -> MutexGuard<'_, String> {
        let prefix = self.flush_prefix.lock();
        prefix.unwrap_or_else(PoisonError::into_inner)
    }

    fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    fn is_closing(&self) -> bool {
        self.publishing.load(Ordering::SeqCst) >= CLOSING
    }

    fn begin_publish(&self) -> Result<Publishing<'_>, PublishError> {
        let before = self.publishing.fetch_add(1, Ordering::SeqCst);
        let publishing = Publishing(&self.publishing);
        // The runtime of the client may be gone without a close.
        if before >= CLOSING || self.notices.is_closed() {
            Err(PublishError::Closed)
        } else {
            Ok(publishing)
        }
    }

    /// Subscribes at the client.
    pub(super) async fn subscribe(
        &self,
        pattern: &str,
        queue: Option<&str>,
    ) -> Result<async_nats::Subscriber, SubscribeError> {
        let subject = async_nats::Subject::from(pattern);
        let made = match queue {
            None => self.client.subscribe(subject).await,
            Some(queue) => self.client.queue_subscribe(subject, queue.to_owned()).await,
        };
        made.map_err(|error| match error.kind() {
            async_nats::SubscribeErrorKind::Other => SubscribeError::Closed,
            _ => SubscribeError::BadPattern(pattern.to_owned()),
        })
    }

    async fn close(&self) {
        let mut closed = self.closed.lock().await;
        if *closed {
            return;
        }
        self.publishing.fetch_or(CLOSING, Ordering::SeqCst);
        // An error is a timeout. The messages that could be delivered are delivered.
        let _ = time::timeout(CLOSE_LIMIT, self.deliver()).await;
        self.notices.close();
        let _ = time::timeout(ROUND_TRIP_LIMIT, self.client.drain()).await;
        *closed = true;
    }

    /// Returns when the server has received all accepted messages.
    async fn deliver(&self) {
        while self.publishing.load(Ordering::SeqCst) > CLOSING {
            time::sleep(CLOSE_PAUSE).await;
        }
        while !self.flush().await {
            time::sleep(CLOSE_PAUSE).await;
        }
    }

    /// Sends a message to its own inbox. The message arrives after all effects of earlier commands and after all
    /// earlier messages of the server. If the user may not use the inbox, the server sends a denial in the same order,
    /// which completes the flush too. Returns false if the connection was lost in the meantime; messages in transit are
    /// then lost.
    pub(super) async fn flush(&self) -> bool {
        let mut notices = self.notices.listen();
        if !self.is_connected() {
            return false;
        }
        let marker = format!("{}.{}", *self.flush_prefix(), random::token());
        let marker = async_nats::Subject::from(marker);
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

/// Reports the connection as closed when it is dropped. The runtime drops it when it shuts down, together with the task
/// of the client.
struct Alive(Arc<Notices>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Compares the state of the connection with the reported events, and checks the subscriptions for slow readers, until the
/// last handle is dropped.
async fn watch(link: Weak<Link>, _alive: Alive) {
    for check in (0..CHECKS).cycle() {
        time::sleep(CHECK_INTERVAL).await;
        let Some(link) = link.upgrade() else { return };
        if link.notices.is_closed() {
            return;
        }
        link.sources.for_each(Source::check);
        if check == 0 {
            link.notices.check_connection(link.is_connected());
        }
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

pub(super) fn inbound(message: async_nats::Message) -> Message {
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

/// Avoids a copy of the header names that nearly each message has.
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
