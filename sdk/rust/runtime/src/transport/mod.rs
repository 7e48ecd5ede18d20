//! The seam between calls and what carries them: publish, subscribe, and word of what happened to the connection.
//!
//! Everything else (requests, deadlines, barriers, serving) is built on top, once, and so is the same over every
//! transport. A transport delivers a message to each matching subscription and to one member of each matching queue
//! group. A message with a reply subject that nobody takes is answered there by an empty message of status 503.

mod events;
pub(crate) mod headers;
pub(crate) mod memory;
#[cfg(feature = "nats")]
pub(crate) mod nats;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;

pub use headers::Headers;

use crate::subject::{self, Wildcards};

/// A boxed future, so that a transport can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The NATS status of an answer that says that nobody listens.
pub const NO_RESPONDERS: u16 = 503;

/// One message as it crosses a transport.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Where it goes.
    pub subject: String,
    /// Where an answer goes.
    pub reply: Option<String>,
    /// Headers in the order in which they are written; names are compared without regard to ASCII case.
    pub headers: Headers,
    /// The payload.
    pub payload: Bytes,
    /// The status of a message that the server itself sends, e.g. [`NO_RESPONDERS`].
    pub status: Option<u16>,
}

/// What carries messages.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Hands `message` over. `Ok` means accepted, not delivered.
    ///
    /// # Errors
    /// When the message is larger than the transport takes, or the transport is closed.
    fn publish(&self, message: Message) -> BoxFuture<'_, Result<(), PublishError>>;

    /// Subscribes to `pattern` (`*` is one token, `>` one or more at the end), in a queue group if one is named.
    ///
    /// # Errors
    /// When the pattern is not one, or the transport is closed.
    fn subscribe<'a>(
        &'a self,
        pattern: &'a str,
        queue: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn Subscriber>, SubscribeError>>;

    /// The largest payload in bytes (headers included) that a message may have now.
    fn max_payload(&self) -> usize;

    /// First tokens of the inboxes that this connection may subscribe to, without a dot at the end, e.g. `_INBOX`.
    fn inbox_prefix(&self) -> &str;

    /// Whether messages reach the other side at this moment.
    fn is_connected(&self) -> bool;

    /// What happens to the connection from now on. Events are never dropped.
    fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent>;

    /// Delivers what was accepted, then closes. Subscriptions end.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The messages of one subscription. It ends after `unsubscribe`, once what had arrived is taken, or on close.
pub trait Subscriber: Stream<Item = Message> + Send + Unpin {
    /// Stops the subscription: nothing new arrives, what has arrived is still yielded.
    fn unsubscribe(&mut self) -> BoxFuture<'_, ()>;
}

/// What happened to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportEvent {
    /// It is (again) connected.
    Connected,
    /// It is lost; what was sent before may or may not have arrived.
    Disconnected,
    /// The server refused to take a message for this subject. It comes in order: whatever the server had sent before
    /// has arrived, so that it ends a round trip as well as the message itself would have.
    PublishDenied(String),
    /// The server refused a subscription to this pattern.
    SubscribeDenied(String),
    /// A subscription lost this many messages because it was not read fast enough. Over NATS a lower bound: there each
    /// burst is told at least once, but not every message of it.
    Lost(u64),
    /// It is closed for good.
    Closed,
}

/// Why a message was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishError {
    /// It is larger than [`Transport::max_payload`].
    TooLarge {
        /// Its size in bytes, headers included.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The subject cannot be published to.
    BadSubject(String),
    /// The transport is closed.
    Closed,
}

/// Why a subscription was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubscribeError {
    /// The pattern or the queue group is not one.
    BadPattern(String),
    /// The server's permissions forbid it.
    Denied(String),
    /// The transport is closed.
    Closed,
}

impl Message {
    /// Its size in bytes as it counts against [`Transport::max_payload`]: payload and headers as they are written.
    #[must_use]
    pub fn size(&self) -> usize {
        self.payload.len() + self.headers.wire_size()
    }

    /// The last look before it leaves, the same for every transport.
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
