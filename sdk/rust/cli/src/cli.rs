//! The command line.

use std::io;
use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;

use crate::demo::Options;
use crate::process::Role;
use crate::{call, config, context, gateway, watch};

const EXAMPLES: &str = "\
Examples:
  cargo run                                    everything in this process, nothing to install
  cargo run -- --spawn-nats                    over a nats-server of its own
  cargo run -- --nats nats://localhost:4222    over a server that runs already
  cargo run -q -- --json | jq .latency_us      one JSON object per line
  cargo run -- worker --config worker.json     a worker of a real cluster, until it receives a signal

Exit codes: 0 success, 1 failure, 2 wrong options or configuration, 3 no NATS server, 4 another worker registered with
this id, 5 the coordinators refuse the API key, 6 the server refused the request.
Colours are off if NO_COLOR=1 is set or the output is a file or pipe.";

/// Runs a demonstration: a coordinator and two workers communicate through the generated clients and servers, and every
/// call is printed.
#[derive(Debug, Parser)]
#[command(name = "varpulis", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) demo: Options,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The commands beside the demonstration.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Process(Role),

    /// Serves the protocol over HTTP and forwards requests to NATS, until it receives a signal.
    Gateway(gateway::Options),

    /// Calls an operation of the protocol, or of any schema directory.
    Call(call::Options),

    /// Shows the messages of operations as they are sent.
    Watch(watch::Options),

    /// Manages contexts: named NATS servers with credentials and a prefix.
    #[command(subcommand)]
    Context(context::Options),

    /// Writes and checks configurations of coordinators and workers.
    #[command(subcommand)]
    Config(config::Options),

    /// Writes completions for a shell to the standard output.
    Completions {
        /// The shell.
        shell: Shell,
    },

    /// Writes the man pages of all commands into a folder.
    Man {
        /// The folder; it must exist.
        folder: PathBuf,
    },
}

/// Writes completions.
pub(crate) fn complete(shell: Shell, out: &mut impl io::Write) -> io::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "varpulis", &mut text);
    out.write_all(&text)
}

/// Writes man pages.
pub(crate) fn write_man_pages(folder: &Path) -> io::Result<()> {
    clap_mangen::generate_to(Cli::command(), folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cli_definition_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn cli_conflicting_options_are_refused() {
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
