//! Sees each answer that somebody gets.

use std::collections::BTreeMap;

use futures_util::{FutureExt as _, StreamExt as _};
use natsgen_runtime::NatsOptions;
use natsgen_runtime::transport::{Subscriber, Transport as _};

use crate::Failure;

/// Sees each answer to those whose inboxes begin in a certain way.
pub(crate) struct Witness {
    answers: Box<dyn Subscriber>,
    counts: BTreeMap<String, u64>,
}

impl Witness {
    /// Sees what comes to inboxes below `prefix`.
    pub(crate) async fn start(url: &str, prefix: &str) -> Result<Self, Failure> {
        let transport = NatsOptions::new(url).connect_transport().await?;
        let answers = transport.subscribe(&format!("{prefix}.>"), None).await?;
        Ok(Self {
            answers,
            counts: BTreeMap::new(),
        })
    }

    /// Takes note of what has come; often enough, nothing is lost.
    pub(crate) fn look(&mut self) {
        while let Some(Some(answer)) = self.answers.next().now_or_never() {
            *self.counts.entry(answer.subject).or_default() += 1;
        }
    }

    /// How many requests were answered, and how many of them more than once.
    pub(crate) fn tell(mut self) -> (u64, u64) {
        self.look();
        let twice = self.counts.values().filter(|count| **count > 1).count();
        let count = |count| u64::try_from(count).unwrap_or(u64::MAX);
        (count(self.counts.len()), count(twice))
    }
}
