//! The options of a process of a cluster.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

const COORDINATOR: &str = "\
Examples:
  cargo run --features raft -- coordinator --config coordinator.json
  VARPULIS_RAFT__NODE_ID=2 varpulis coordinator --config coordinator.json --json | jq .role

coordinator.json of the first of three coordinators; the other files differ in node_id and store_path:
  {
    \"nats\": { \"servers\": \"nats://localhost:4222\" },
    \"coordinator\": { \"api_key\": \"secret\" },
    \"raft\": { \"node_id\": 1, \"members\": [1, 2, 3], \"store_path\": \"raft-1.redb\" }
  }

With \"members\": [1] it is a cluster with a single member. With these members of `coordinator`, it serves workers over
HTTP, and commands workers that registered with an address over HTTP:
    \"http\": { \"listen\": \"0.0.0.0:9100\" }, \"http_workers\": { \"hosts\": [\"10.0.0.0/8\"] }

`varpulis config schema` documents all settings. With --probes, /healthz tells whether the process runs, and /readyz whether
it has a leader. systemd is notified with Type=notify.
SIGTERM, SIGHUP and ctrl-c stop it after it has answered all received requests, at most 15 s after
`coordinator.drain_limit_secs`; a second signal stops it at once. If its Raft node stops by itself, for example because
the disk failed, it prints the reason and exits with code 1. It can be started again.";

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

worker.json of a worker without NATS:
  {
    \"worker\": {
      \"id\": \"worker-0\", \"api_key\": \"secret\",
      \"http\": { \"listen\": \"127.0.0.1:9000\" }, \"coordinator\": { \"url\": \"http://localhost:9100\" }
    }
  }

`varpulis config schema` documents all settings. With --probes, /healthz tells whether the process runs, and /readyz whether
it takes work. systemd is notified with Type=notify.
SIGTERM, SIGHUP and ctrl-c make it drain and stop, at most 5 s after `worker.drain_limit_secs`; a second signal stops
it at once. If another worker replaces it, it stops with exit code 4. Do not start it again: it would replace the other
worker. If the coordinators refuse its API key `worker.api_key_attempts` times, it stops with exit code 5.";

/// The role of a process in a cluster.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Runs a coordinator of a cluster until it receives a signal.
    #[command(after_help = COORDINATOR)]
    Coordinator(Settings),

    /// Runs a worker of a cluster, with the sample engine, until it receives a signal.
    #[command(after_help = WORKER)]
    Worker(Settings),
}

/// The options of a process.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// The configuration file, in JSON.
    ///
    /// Environment variables take precedence: `VARPULIS_` and the names of the members,
    /// separated by `__`. With the suffix `_FILE` they name a file that contains the value.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(super) config: Option<PathBuf>,

    /// Print one JSON object per line.
    #[arg(long)]
    pub(super) json: bool,

    /// Write log messages as JSON objects.
    #[arg(long)]
    pub(super) json_log: bool,

    /// Serve /healthz and /readyz over HTTP on this address, e.g. 127.0.0.1:8081.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) probes: Option<SocketAddr>,

    /// Print the health at least this often, and whenever it changes.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
}

impl Role {
    pub(super) const fn settings(&self) -> &Settings {
        match self {
            Self::Coordinator(settings) | Self::Worker(settings) => settings,
        }
    }
}

impl Settings {
    pub(super) const fn every(&self) -> Duration {
        Duration::from_secs(self.every)
    }
}
