//! The interface between the runtime and a transport: publish, subscribe, and the events of the connection.
//!
//! Requests, deadlines, flushes and serving are implemented on top of this interface and behave alike over each
//! transport. A transport delivers a message to each matching subscription and to one member of each matching queue
//! group. If a message has a reply subject but no subscriber, the transport replies with an empty message of status
//! 503.

mod buffer;
mod events;
pub(crate) mod headers;
pub(crate) mod memory;
#[cfg(feature = "nats")]
pub(crate) mod nats;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;

pub use headers::Headers;

use crate::escaped::Escaped;
use crate::subject::{self, Wildcards};

/// A boxed future, which makes the transport traits usable as trait objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The NATS status of a reply if the subject has no subscriber.
pub const NO_RESPONDERS: u16 = 503;

/// The status of a reply if the connection to the peer was lost after the request was sent. Only transports that reach
/// each peer over a connection of its own use it.
pub const NO_ANSWER: u16 = 504;

/// A message of a transport.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The subject.
    pub subject: String,
    /// The reply subject.
    pub reply: Option<String>,
    /// The headers in wire order. The comparison of names ignores ASCII case.
    pub headers: Headers,
    /// The payload.
    pub payload: Bytes,
    /// The status of a message from the server itself, e.g. [`NO_RESPONDERS`].
    pub status: Option<u16>,
}

/// A transport for messages.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Publishes `message`. `Ok` means that the transport accepted the message, not that it was delivered.
    ///
    /// # Errors
    /// If the message exceeds the size limit, its subject is invalid, or the transport is closed.
    fn publish(&self, message: Message) -> BoxFuture<'_, Result<(), PublishError>>;

    /// Sends a request to a peer that answers it directly, without a reply subject. By default there is no such peer.
    ///
    /// # Errors
    /// The message itself, if it has to be published.
    fn exchange(&self, message: Message) -> Result<BoxFuture<'static, Message>, Message> {
        Err(message)
    }

    /// Subscribes to `pattern` and, if `queue` is set, joins this queue group. `*` matches exactly one token, and a
    /// final `>` matches one or more tokens.
    ///
    /// # Errors
    /// If the pattern or the queue group is invalid, or the transport is closed.
    fn subscribe<'a>(
        &'a self,
        pattern: &'a str,
        queue: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn Subscriber>, SubscribeError>>;

    /// Returns the current maximum size of a message in bytes, headers included.
    fn max_payload(&self) -> usize;

    /// Returns the leading tokens of the inboxes that this connection may subscribe to, without a final dot, e.g.
    /// `_INBOX`.
    fn inbox_prefix(&self) -> &str;

    /// Sets the leading tokens of the inboxes that the transport uses itself. By default it uses none.
    fn use_inboxes(&self, _prefix: &str) {}

    /// Returns true if the transport is connected now.
    fn is_connected(&self) -> bool;

    /// Returns the events of the connection from now on. The channel is unbounded, so no event is lost.
    fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent>;

    /// Returns the patterns of the current subscriptions that the server denies, sorted. The transport repeats such a
    /// subscription until the server permits it.
    fn denied(&self) -> Vec<String> {
        Vec::new()
    }

    /// Opens another connection with the same options. Returns `None` if the transport has no use for it, or the attempt
    /// fails.
    fn another(&self) -> BoxFuture<'_, Option<Arc<dyn Transport>>> {
        Box::pin(std::future::ready(None))
    }

    /// Delivers the accepted messages, then closes the connection. Subscriptions end.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The messages of a subscription. It ends when the connection closes, or after `unsubscribe` when all received
/// messages are taken.
pub trait Subscriber: Stream<Item = Message> + Send + Unpin {
    /// Ends the subscription. It still yields the messages that it has received.
    fn unsubscribe(&mut self) -> BoxFuture<'_, ()>;
}

/// An event of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportEvent {
    /// The connection is established or restored.
    Connected,
    /// The connection is lost. Messages that were sent before may be lost.
    Disconnected,
    /// The server denied a publish to this subject. The event keeps the order of the connection: all earlier messages
    /// of the server have arrived. So it also completes a flush.
    PublishDenied(String),
    /// The server denied a subscription to this pattern, also if it permitted the subscription before. The subscription
    /// receives nothing until [`TransportEvent::SubscribeRestored`].
    SubscribeDenied(String),
    /// The server permits the denied subscription to this pattern again. Messages in between are lost.
    SubscribeRestored(String),
    /// The server reported an error of the connection, e.g. `Stale Connection`. Most of these errors precede
    /// [`TransportEvent::Disconnected`] and are its cause.
    ServerError(String),
    /// A subscription lost this number of messages because its reader was too slow. Over NATS the number is a lower
    /// bound: each burst of losses is reported at least once, but not each message.
    Lost(u64),
    /// The connection is closed permanently.
    Closed,
}

/// The reason why a message was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishError {
    /// The message exceeds [`Transport::max_payload`].
    TooLarge {
        /// The size of the message in bytes, headers included.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The subject is invalid for a publish.
    BadSubject(String),
    /// The peer did not acknowledge the message, for this reason. Only HTTP acknowledges events.
    NotAcknowledged(String),
    /// The transport is closed.
    Closed,
}

/// The reason why a subscription failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubscribeError {
    /// The pattern or the queue group is invalid.
    BadPattern(String),
    /// The permissions of the server deny the subscription.
    Denied(String),
    /// The transport is closed.
    Closed,
}

impl Message {
    /// Returns the size in bytes that counts for [`Transport::max_payload`]: the payload and the encoded headers.
    #[must_use]
    pub fn size(&self) -> usize {
        self.payload.len() + self.headers.wire_size()
    }

    /// Validates the message before it is sent; all transports use this check.
    fn check(&self, limit: usize) -> Result<(), PublishError> {
        for subject in std::iter::once(&self.subject).chain(&self.reply) {
            if subject::check(subject, Wildcards::Refused).is_err() {
                return Err(PublishError::BadSubject(subject.clone()));
            }
        }
        match self.size() {
            size if size > limit => Err(PublishError::TooLarge { size, limit }),
            _ => Ok(()),
        }
    }
}

fn check_subscription(pattern: &str, queue: Option<&str>) -> Result<(), SubscribeError> {
    subject::check(pattern, Wildcards::Allowed)
        .map_err(|_| SubscribeError::BadPattern(pattern.to_owned()))?;
    match queue {
        Some(queue) if subject::check(queue, Wildcards::Refused).is_err() => {
            Err(SubscribeError::BadPattern(queue.to_owned()))
        }
        _ => Ok(()),
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { size, limit } => {
                write!(f, "the message has {size} bytes, {limit} are allowed")
            }
            Self::BadSubject(subject) => write!(f, "{subject:?} is no subject to publish to"),
            Self::NotAcknowledged(reason) => write!(f, "not acknowledged: {}", Escaped(reason)),
            Self::Closed => f.write_str("the connection is closed"),
        }
    }
}

impl std::error::Error for PublishError {}

impl fmt::Display for SubscribeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadPattern(pattern) => write!(
                f,
                "{pattern:?} is no pattern or queue group to subscribe to"
            ),
            Self::Denied(pattern) => write!(
                f,
                "the server's permissions forbid to subscribe to {pattern:?}"
            ),
            Self::Closed => f.write_str("the connection is closed"),
        }
    }
}

impl std::error::Error for SubscribeError {}
