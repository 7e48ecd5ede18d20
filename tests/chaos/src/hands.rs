//! Workers in processes of their own.

use std::path::PathBuf;
use std::time::Duration;

use varpulis_sdk::types::WorkerId;

use crate::Failure;
use crate::child::Child;
use crate::round::Round;

/// A worker to be started, and started again.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    pub(crate) url: String,
    pub(crate) id: WorkerId,
    /// What it executes, over all of its lives.
    pub(crate) journal: PathBuf,
    pub(crate) threads: usize,
    pub(crate) concurrency: usize,
    pub(crate) remembered: usize,
    pub(crate) ping_interval: Duration,
}

impl Hand {
    /// The worker `id` of this round at the server or servers of `url`, with a node's defaults.
    pub(crate) fn new(round: &Round, url: &str, id: &str) -> Result<Self, Failure> {
        Ok(Self {
            url: url.to_owned(),
            id: id.parse()?,
            journal: round.path(&format!("{id}.journal")),
            threads: 4,
            concurrency: 1_024,
            remembered: 65_536,
            ping_interval: Duration::from_secs(10),
        })
    }

    /// Starts it, and returns when it serves.
    pub(crate) async fn start(&self) -> Result<Child, Failure> {
        Child::start([
            "worker".to_owned(),
            format!("--url={}", self.url),
            format!("--id={}", self.id),
            format!("--journal={}", self.journal.display()),
            format!("--threads={}", self.threads),
            format!("--concurrency={}", self.concurrency),
            format!("--remembered={}", self.remembered),
            format!("--ping-interval={}", self.ping_interval.as_millis()),
        ])
        .await
    }
}
