//! Counts the replies to each request.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use natsgen_runtime::transport::{Message, Subscriber, Transport as _};
use natsgen_runtime::{NatsOptions, NatsTransport};
use tokio::task::JoinHandle;

use crate::Failure;

/// Counts the replies that arrive in inboxes below a prefix.
pub(crate) struct ReplyCounter {
    transport: NatsTransport,
    /// The subject of the message that ends the count.
    end: String,
    counting: JoinHandle<HashMap<String, u64>>,
}

impl ReplyCounter {
    /// Starts to count the replies to inboxes below `prefix`.
    pub(crate) async fn start(url: &str, prefix: &str) -> Result<Self, Failure> {
        let transport = NatsOptions::new(url).connect_transport().await?;
        let replies = transport.subscribe(&format!("{prefix}.>"), None).await?;
        let end = format!("{prefix}.end");
        Ok(Self {
            transport,
            counting: tokio::spawn(count(replies, end.clone())),
            end,
        })
    }

    /// The number of requests with a reply, and the number of requests with several replies.
    pub(crate) async fn finish(self) -> Result<(u64, u64), Failure> {
        let last = Message {
            subject: self.end,
            ..Message::default()
        };
        self.transport.publish(last).await?;
        let counts = self.counting.await?;
        let twice = counts.values().filter(|count| **count > 1).count();
        Ok((u64::try_from(counts.len())?, u64::try_from(twice)?))
    }
}

/// The number of replies in each inbox.
async fn count(mut replies: Box<dyn Subscriber>, end: String) -> HashMap<String, u64> {
    let mut counts = HashMap::new();
    while let Some(reply) = replies.next().await {
        if reply.subject == end {
            break;
        }
        *counts.entry(reply.subject).or_default() += 1;
    }
    counts
}
