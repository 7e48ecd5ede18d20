//! The command line.

use clap::Parser;

use crate::demo;
use crate::process::Role;

const EXAMPLES: &str = "\
Examples:
  cargo run                                    all in this process, nothing to install
  cargo run -- --spawn-nats                    over a nats-server of its own
  cargo run -- --nats nats://localhost:4222    over a server that runs already
  cargo run -q -- --json | jq .latency_us      one JSON object per line
  cargo run -- worker --config worker.json     a worker of a real cluster, until it is told to stop

Exit codes: 0 all went as it should, 1 something did not, 2 wrong options or configuration, 3 no server to talk over,
4 another worker has the id.
NO_COLOR=1 and output into a file or pipe turn colours off.";

/// Lets a coordinator and two workers talk through the generated clients and servers, and shows every call.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) demo: demo::Options,

    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_options_make_sense() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for arguments in [
            &["", "--nats", "a", "--spawn-nats"][..],
            &["", "--timeout", "0"],
            &["", "--prefix", "a.*"],
            &["", "--nats"],
            &["", "--json", "worker"],
            &["", "worker", "--nats", "a"],
        ] {
            Cli::try_parse_from(arguments).expect_err(&arguments.join(" "));
        }
    }
}
