//! Batches of ready messages of a subscription.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;

use crate::transport::{Message, Subscriber};

/// Waits for a message and takes all ready messages, up to `limit`. Returns false when the subscription has ended.
pub(crate) async fn next_batch(
    subscriber: &mut dyn Subscriber,
    batch: &mut Vec<Message>,
    limit: usize,
) -> bool {
    poll_fn(|context| poll_batch(subscriber, batch, limit, context)).await
}

/// The poll function of [`next_batch`].
pub(crate) fn poll_batch(
    mut subscriber: &mut dyn Subscriber,
    batch: &mut Vec<Message>,
    limit: usize,
    context: &mut Context<'_>,
) -> Poll<bool> {
    while batch.len() < limit {
        match Pin::new(&mut subscriber).poll_next(context) {
            Poll::Ready(Some(message)) => batch.push(message),
            Poll::Ready(None) if batch.is_empty() => return Poll::Ready(false),
            Poll::Pending if batch.is_empty() => return Poll::Pending,
            Poll::Ready(None) | Poll::Pending => break,
        }
    }
    Poll::Ready(true)
}
