//! The options of the demonstration.

use std::time::Duration;

use clap::Args;
use natsgen_runtime::Prefix;

/// What the demonstration goes over, and how it is shown.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Talk over the NATS server at this URL.
    ///
    /// [nats://|tls://][user:password@|token@]host[:port]; several of one cluster with commas between them.
    #[arg(long, value_name = "URL", conflicts_with = "spawn_nats")]
    pub(super) nats: Option<String>,

    /// Start a nats-server for the time of the demonstration and talk over it.
    ///
    /// It is the one that the variable `NATS_SERVER` names or that is on the PATH,
    /// else it is installed below target/.
    #[arg(long, verbatim_doc_comment)]
    pub(super) spawn_nats: bool,

    /// Print one JSON object per line for each call and event, and a summary as the last.
    #[arg(long)]
    pub(super) json: bool,

    /// The most that a call, a connection or an awaited event may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,

    /// What all subjects begin with.
    ///
    /// By default varpulis.cluster, as in a real cluster; but varpulis.demo.<number> with --nats,
    /// so that a real cluster on that server is left alone.
    #[arg(long, verbatim_doc_comment, value_parser = Prefix::parse)]
    pub(super) prefix: Option<Prefix>,
}

impl Options {
    /// The most that anything may take.
    pub(super) const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}
