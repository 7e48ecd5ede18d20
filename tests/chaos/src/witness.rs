//! Sees each answer that somebody gets.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use natsgen_runtime::transport::{Message, Subscriber, Transport as _};
use natsgen_runtime::{NatsOptions, NatsTransport};
use tokio::task::JoinHandle;

use crate::Failure;

/// Sees each answer to those whose inboxes begin in a certain way.
pub(crate) struct Witness {
    transport: NatsTransport,
    /// Comes below the same prefix, and is the last.
    end: String,
    counting: JoinHandle<HashMap<String, u64>>,
}

impl Witness {
    /// Sees what comes to inboxes below `prefix`.
    pub(crate) async fn start(url: &str, prefix: &str) -> Result<Self, Failure> {
        let transport = NatsOptions::new(url).connect_transport().await?;
        let answers = transport.subscribe(&format!("{prefix}.>"), None).await?;
        let end = format!("{prefix}.end");
        Ok(Self {
            transport,
            counting: tokio::spawn(count(answers, end.clone())),
            end,
        })
    }

    /// How many requests were answered, and how many of them more than once.
    pub(crate) async fn tell(self) -> Result<(u64, u64), Failure> {
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

/// How many answers came to each request.
async fn count(mut answers: Box<dyn Subscriber>, end: String) -> HashMap<String, u64> {
    let mut counts = HashMap::new();
    while let Some(answer) = answers.next().await {
        if answer.subject == end {
            break;
        }
        *counts.entry(answer.subject).or_default() += 1;
    }
    counts
}
