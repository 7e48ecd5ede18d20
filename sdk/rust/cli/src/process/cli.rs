//! The options of a process.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

const COORDINATOR: &str = "\
Examples:
  cargo run --features raft -- coordinator --config coordinator.json
  VARPULIS_RAFT__NODE_ID=2 varpulis coordinator --config coordinator.json --json | jq .role

coordinator.json of the first of three; the others differ in node_id and store_path:
  {
    \"nats\": { \"servers\": \"nats://localhost:4222\" },
    \"coordinator\": { \"api_key\": \"secret\" },
    \"raft\": { \"node_id\": 1, \"members\": [1, 2, 3], \"store_path\": \"raft-1.redb\" }
  }

With \"members\": [1] it is a cluster by itself. schema/types/config.json says what else there is.
SIGTERM and ctrl-c stop it once it has answered what has come; a second one stops it at once. Where its Raft node
stops by itself, as when the disk fails, it says so and ends with exit code 1: to be started again.";

const WORKER: &str = "\
Examples:
  cargo run -- worker --config worker.json
  VARPULIS_NATS__SERVERS=nats://localhost:4222 VARPULIS_WORKER__ID=worker-0 \\
    VARPULIS_WORKER__API_KEY_FILE=/run/secrets/api-key varpulis worker

worker.json:
  {
    \"nats\": { \"servers\": \"nats://localhost:4222\", \"wait_secs\": 600 },
    \"worker\": { \"id\": \"worker-0\", \"api_key\": \"secret\", \"max_pipelines\": 10 }
  }

schema/types/config.json says what else there is.
SIGTERM and ctrl-c make it drain and stop; a second one stops it at once. Where another worker has registered under its
id, it stops with exit code 4: to start it again would turn the other one out.";

/// What a process is in a cluster.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Runs a coordinator of a cluster until it is told to stop.
    #[command(after_help = COORDINATOR)]
    Coordinator(Settings),

    /// Runs a worker of a cluster, with the sample engine, until it is told to stop.
    #[command(after_help = WORKER)]
    Worker(Settings),
}

/// How a process is set up.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// The configuration, in JSON.
    ///
    /// Variables of the environment go over it: `VARPULIS_` and the names of the members
    /// with `__` between them; with `_FILE` at the end they name a file with the text.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(super) config: Option<PathBuf>,

    /// Print one JSON object per line.
    #[arg(long)]
    pub(super) json: bool,

    /// Tell how it is doing at least so often, beside each time that it changes.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
}

impl Settings {
    pub(super) const fn every(&self) -> Duration {
        Duration::from_secs(self.every)
    }
}
