//! The options of the demonstration.

use std::time::Duration;

use clap::Args;
use natsgen_runtime::Prefix;

/// The transport of the demonstration and the format of its output.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Use the NATS server at this URL.
    ///
    /// [nats://|tls://][user:password@|token@]host[:port]; separate several servers of a cluster with commas.
    #[arg(long, value_name = "URL", conflicts_with = "spawn_nats")]
    pub(super) nats: Option<String>,

    /// Start a nats-server for the demonstration and use it.
    ///
    /// It is the server that the variable `NATS_SERVER` names or that is on the PATH,
    /// else it is installed below target/.
    #[arg(long, verbatim_doc_comment)]
    pub(super) spawn_nats: bool,

    /// Print a JSON object per line for each call and event, and a summary at the end.
    #[arg(long)]
    pub(super) json: bool,

    /// The longest time that a call, a connection or an awaited event may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,

    /// The prefix of all subjects.
    ///
    /// Default: varpulis.cluster, as in a real cluster. With --nats it is
    /// varpulis.demo.<number>, so that a real cluster on that server is not disturbed.
    #[arg(long, verbatim_doc_comment, value_parser = Prefix::parse)]
    pub(super) prefix: Option<Prefix>,
}

impl Options {
    /// The longest time that a call, a connection or an awaited event may take.
    pub(super) const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}
