//! The buffer of a subscription, limited by messages and by bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::sync::mpsc;

/// The size that a message occupies beside its subject, headers and payload, in bytes.
const OVERHEAD: usize = 256;

/// The limits of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) messages: usize,
    /// An empty buffer accepts a message of any size.
    pub(super) bytes: usize,
}

/// Creates a buffer. It ends when the sender is dropped and the receiver has taken all messages.
pub(super) fn buffer<M>(limits: Limits) -> (Sender<M>, Receiver<M>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let level = Arc::new(Level::default());
    let sender = Sender {
        channel: sender,
        level: Arc::clone(&level),
        limits,
    };
    let receiver = Receiver {
        channel: receiver,
        level,
    };
    (sender, receiver)
}

/// The content of a buffer.
#[derive(Debug, Default)]
struct Level {
    messages: AtomicUsize,
    bytes: AtomicUsize,
}

#[derive(Debug)]
pub(super) struct Sender<M> {
    channel: mpsc::UnboundedSender<(M, usize)>,
    level: Arc<Level>,
    limits: Limits,
}

#[derive(Debug)]
pub(super) struct Receiver<M> {
    channel: mpsc::UnboundedReceiver<(M, usize)>,
    level: Arc<Level>,
}

impl<M> Sender<M> {
    /// Adds a message with this number of bytes. Returns false if the message exceeds a limit. Concurrent calls could
    /// exceed the limits together, so each buffer has a single caller at a time.
    pub(super) fn offer(&self, message: M, bytes: usize) -> bool {
        let bytes = bytes.saturating_add(OVERHEAD);
        let kept = self.level.messages.load(Ordering::Acquire);
        let sum = self
            .level
            .bytes
            .load(Ordering::Acquire)
            .saturating_add(bytes);
        if kept > 0 && (kept >= self.limits.messages || sum > self.limits.bytes) {
            return false;
        }
        self.level.messages.fetch_add(1, Ordering::AcqRel);
        self.level.bytes.fetch_add(bytes, Ordering::AcqRel);
        // Fails if the receiver is gone. The message is then not lost by the buffer.
        let _ = self.channel.send((message, bytes));
        true
    }

    /// Returns when the receiver is dropped.
    #[cfg(any(feature = "nats", test))]
    pub(super) async fn closed(&self) {
        self.channel.closed().await;
    }
}

impl<M> Receiver<M> {
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<M>> {
        self.channel.poll_recv(context).map(|next| {
            next.map(|(message, bytes)| {
                self.level.bytes.fetch_sub(bytes, Ordering::AcqRel);
                self.level.messages.fetch_sub(1, Ordering::AcqRel);
                message
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    #[tokio::test]
    async fn buffer_limits_messages_and_bytes() {
        let bytes = 4 * OVERHEAD + 100;
        let (sender, mut receiver) = buffer(Limits { messages: 3, bytes });
        let mut next = async || poll_fn(|context| receiver.poll_next(context)).await;
        assert!(
            sender.offer(0, 10 * bytes),
            "an empty buffer takes any message"
        );
        assert!(!sender.offer(1, 0));
        assert_eq!(next().await, Some(0));
        for number in 1..=3 {
            assert!(sender.offer(number, 0));
        }
        assert!(!sender.offer(4, 0), "too many messages");
        assert_eq!(next().await, Some(1));
        assert!(!sender.offer(5, 2 * OVERHEAD), "too many bytes");
        assert!(sender.offer(6, 100));
        drop(sender);
        assert_eq!(
            (next().await, next().await, next().await, next().await),
            (Some(2), Some(3), Some(6), None)
        );
    }

    #[tokio::test]
    async fn buffer_without_receiver_is_closed() {
        let (sender, receiver) = buffer::<()>(Limits {
            messages: 1,
            bytes: 1,
        });
        drop(receiver);
        sender.closed().await;
    }
}
