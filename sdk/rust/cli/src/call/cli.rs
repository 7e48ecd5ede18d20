//! The options of a call.

use std::time::Duration;

use clap::Args;

use crate::arguments::{pair, seconds};
use crate::{connect, protocol};

const EXAMPLES: &str = "\
Examples:
  varpulis call                                   the operations of the protocol
  varpulis call deploy --describe                 parameters, an example, and the errors of an operation
  varpulis call list_workers '{\"limit\": 10}'
  varpulis call deploy --param worker_id=w0 '{\"name\": \"hot\", \"source\": \"stream A = B\"}'
  varpulis call inject --param worker_id=w0 - < event.json
  varpulis call list_workers --json | jq .reply.total
  varpulis call put --schema ../shop/schema --param key=a '{\"value\": 1}'

The parameters and the message are validated before anything is sent, and the reply when it arrives. An event is sent
without a reply.

Exit codes: 0 the call succeeded, 1 no answer or an invalid reply, 2 wrong options, parameters or message, 3 no NATS
server, 6 the server refused the request.";

/// The options of a call.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The operation, e.g. `list_workers`. Without it, the operations are listed.
    pub(super) operation: Option<String>,

    /// The message as JSON; `-` reads it from the standard input.
    #[arg(default_value = "{}")]
    pub(super) message: String,

    /// Set a parameter of the subject, e.g. `worker_id=w0`. Repeat it for several parameters.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) param: Vec<(String, String)>,

    /// Describe the operation, and send nothing.
    #[arg(long, requires = "operation")]
    pub(super) describe: bool,

    /// The time limit; default: that of the operation.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) timeout: Option<Duration>,

    /// Print a JSON object.
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    pub(super) protocol: protocol::Selection,

    #[command(flatten)]
    pub(super) connect: connect::Server,
}
