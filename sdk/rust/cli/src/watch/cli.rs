//! The options of a watch.

use std::time::Duration;

use clap::Args;

use crate::arguments::{pair, seconds};
use crate::{connect, protocol};

const EXAMPLES: &str = "\
Examples:
  varpulis watch                                  all events of the protocol
  varpulis watch heartbeat --param worker_id=w0
  varpulis watch deploy undeploy --for 60         the requests of two operations, for a minute
  varpulis watch --json | jq .message.cpu_usage
  varpulis watch --schema ../shop/schema

Each message is validated; an invalid message is shown with the reason. Secrets are shown as ***. Requests are watched like
events, without their replies. ctrl-c or the end of the time prints the number of messages.";

/// The options of a watch.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The operations; all events by default.
    pub(super) operations: Vec<String>,

    /// Show only messages with this parameter in the subject. Repeat it for several parameters.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) param: Vec<(String, String)>,

    /// Stop after this number of messages.
    #[arg(long, value_name = "MESSAGES")]
    pub(super) count: Option<u64>,

    /// Stop after this time.
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub(super) duration: Option<Duration>,

    /// Print a JSON object per message.
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    pub(super) protocol: protocol::Selection,

    #[command(flatten)]
    pub(super) connect: connect::Server,
}
