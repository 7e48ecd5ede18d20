//! The settings of a worker process.

use std::path::PathBuf;
use std::time::Duration;

use varpulis_sdk::types::WorkerId;

use crate::Failure;
use crate::child::Child;
use crate::environment::Environment;
use crate::round::Round;

/// A worker that can be started repeatedly.
#[derive(Clone, Debug)]
pub(crate) struct WorkerConfig {
    pub(crate) url: String,
    pub(crate) id: WorkerId,
    /// The file that records its executions, across all of its processes.
    pub(crate) journal: PathBuf,
    pub(crate) threads: usize,
    pub(crate) concurrency: usize,
    pub(crate) deduplicated: usize,
    pub(crate) ping_interval: Duration,
    /// The port at which the worker serves commands over HTTP in place of NATS, and the base URL that leads there.
    pub(crate) http: Option<(u16, String)>,
    pub(crate) environment: Environment,
}

impl WorkerConfig {
    /// Settings for worker `id` of this round with the defaults of a node. `url` may name several servers.
    pub(crate) fn new(round: &Round, url: &str, id: &str) -> Result<Self, Failure> {
        Ok(Self {
            url: url.to_owned(),
            id: id.parse()?,
            journal: round.path(&format!("{id}.journal")),
            threads: 4,
            concurrency: 1_024,
            deduplicated: 65_536,
            ping_interval: Duration::from_secs(10),
            http: None,
            environment: round.environment(id),
        })
    }

    /// Starts the worker, and returns once it serves requests.
    pub(crate) async fn start(&self) -> Result<Child, Failure> {
        let mut arguments = vec![
            "worker".to_owned(),
            format!("--url={}", self.url),
            format!("--id={}", self.id),
            format!("--journal={}", self.journal.display()),
            format!("--threads={}", self.threads),
            format!("--concurrency={}", self.concurrency),
            format!("--deduplicated={}", self.deduplicated),
            format!("--ping-interval={}", self.ping_interval.as_millis()),
        ];
        if let Some((port, address)) = &self.http {
            arguments.push(format!("--listen=127.0.0.1:{port}"));
            arguments.push(format!("--address={address}"));
        }
        Child::start(&self.environment, arguments).await
    }
}
