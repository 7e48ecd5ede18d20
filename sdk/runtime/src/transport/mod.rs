//! The seam between calls and what carries them: publish, subscribe, and word of what happened to the connection.
//!
//! Everything else (requests, deadlines, barriers, serving) is built on top, once, and so is the same over every
//! transport. A transport delivers a message to each matching subscription and to one member of each matching queue
//! group. A message with a reply subject that nobody takes is answered there by an empty message of status 503.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;

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

/// The headers of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

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
    /// The server refused to take a message for this subject.
    PublishDenied(String),
    /// The server refused a subscription to this pattern.
    SubscribeDenied(String),
    /// A subscription lost this many messages because it was not read fast enough.
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
