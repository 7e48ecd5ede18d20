//! Subscriptions to events.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{Stream, StreamExt};

use crate::codec;
use crate::codec::error::DecodeError;
use crate::codec::side::Side;
use crate::escaped::Escaped;
use crate::operation::{Event, Params};
use crate::rpc::connection::Connection;
use crate::subject::Prefix;
use crate::transport::{Message, SubscribeError, Subscriber};

/// The events of a subscription as a stream. Drop ends the subscription.
pub struct Subscription<E> {
    /// Keeps the connection open as long as the subscription exists.
    _connection: Connection,
    subscriber: Box<dyn Subscriber>,
    prefix: Prefix,
    event: PhantomData<fn() -> E>,
}

/// A received event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received<E: Event> {
    /// The subject of the event.
    pub subject: String,
    /// The parameters of the subject.
    pub params: E::Params,
    /// The payload.
    pub event: E,
}

/// An event that could not be decoded. The subscription continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableEvent {
    /// The name of the event.
    pub event: &'static str,
    /// The subject of the event.
    pub subject: String,
    /// The decoding error.
    pub error: DecodeError,
}

impl Connection {
    /// Subscribes to an event, and returns when the server has confirmed the subscription.
    ///
    /// # Errors
    /// If a parameter of the filter is not a valid token, the server denies the subscription, or the connection is
    /// closed.
    pub async fn subscribe<E: Event>(
        &self,
        filter: &E::Filter,
    ) -> Result<Subscription<E>, SubscribeError> {
        let prefix = self.prefix_or(&E::INFO.prefix);
        let pattern = E::INFO.template.pattern(&prefix, &E::filter(filter));
        let subscriber = self.listen(pattern.as_str(), E::INFO.queue).await?;
        Ok(Subscription {
            _connection: self.clone(),
            subscriber,
            prefix,
            event: PhantomData,
        })
    }
}

impl<E: Event> Subscription<E> {
    /// Returns the next event. After [`Subscription::unsubscribe`], it returns `None` when all received events are
    /// taken. It also returns `None` after the connection is closed.
    pub async fn next(&mut self) -> Option<Result<Received<E>, UnreadableEvent>> {
        StreamExt::next(self).await
    }

    /// Ends the subscription. It still yields the events that it has received.
    pub async fn unsubscribe(&mut self) {
        self.subscriber.unsubscribe().await;
    }

    fn read(&self, message: Message) -> Result<Received<E>, UnreadableEvent> {
        let Message {
            subject, payload, ..
        } = message;
        let params =
            E::Params::parse(E::INFO.template, &self.prefix, &subject).map_err(DecodeError::from);
        let read = params.and_then(|params| Ok((params, codec::decode(&payload, Side::Reply)?)));
        match read {
            Ok((params, event)) => Ok(Received {
                subject,
                params,
                event,
            }),
            Err(error) => Err(UnreadableEvent {
                event: E::INFO.name,
                subject,
                error,
            }),
        }
    }
}

impl<E: Event> Stream for Subscription<E> {
    type Item = Result<Received<E>, UnreadableEvent>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let message = std::task::ready!(self.subscriber.poll_next_unpin(context));
        Poll::Ready(message.map(|message| self.read(message)))
    }
}

impl<E> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for UnreadableEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unreadable {} on {}", self.event, Escaped(&self.subject))
    }
}

impl std::error::Error for UnreadableEvent {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
