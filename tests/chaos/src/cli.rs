//! The options of the command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};

use crate::scenarios::SCENARIOS;

const EXAMPLES: &str = "\
Examples:
  cargo run --release -p chaos                                     all scenarios, 20 rounds each, and the soak
  cargo run --release -p chaos -- kill_server --rounds 3           one scenario, three rounds
  cargo run --release -p chaos -- kill_server --rounds 1 --seed 7  the round that printed this seed
  cargo run --release -p chaos -- soak --minutes 60                an hour of mixed load
  cargo run -p chaos -- --short                                    what `cargo test -p chaos` runs

Exit codes: 0 all went as it should, 1 something did not, 2 wrong options.
A nats-server is taken from the variable NATS_SERVER or the PATH, else it is installed below target/.";

/// Runs bad days: servers, processes and networks fail under load, and every call is accounted for.
///
/// In the end it prints lines `chaos.SCENARIO.COUNT value`. Those that must be zero come first.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
    #[command(flatten)]
    pub(crate) plan: Plan,
}

/// What to run, and how much of it.
#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// Scenarios to run; all of them if none is named.
    #[arg(value_name = "SCENARIO", value_parser = PossibleValuesParser::new(SCENARIOS.iter().map(|scenario| scenario.name)))]
    pub(crate) scenarios: Vec<String>,
    /// How many rounds of each; the soak has one.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rounds: u64,
    /// What chance begins with in the first round; each further round has the next number. By chance unless given.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Prints one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
    /// How long the soak takes.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) minutes: u64,
    /// One round with few calls, and some seconds of soak: shows that it works.
    #[arg(long, conflicts_with_all = ["rounds", "minutes"])]
    pub(crate) short: bool,
}

/// What this program is in place of the one that runs scenarios.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// A process of a scenario; it ends with its standard input.
    #[command(hide = true)]
    Node {
        #[command(subcommand)]
        node: Node,
    },
}

/// Which process of a scenario.
#[derive(Debug, Subcommand)]
pub(crate) enum Node {
    /// A worker that writes down what it executes.
    Worker(WorkerArguments),
    /// A coordinator that does what it is told on standard input.
    Coordinator(CoordinatorArguments),
}

/// A worker that writes down what it executes.
#[derive(Args, Debug)]
pub(crate) struct WorkerArguments {
    /// The servers, with commas between them.
    #[arg(long)]
    pub(crate) url: String,
    #[arg(long)]
    pub(crate) id: String,
    /// The file that the numbers of the commands are appended to.
    #[arg(long)]
    pub(crate) journal: PathBuf,
    /// Threads for handlers.
    #[arg(long)]
    pub(crate) threads: usize,
    /// How many commands may run at once.
    #[arg(long)]
    pub(crate) concurrency: usize,
    /// How many commands are remembered.
    #[arg(long)]
    pub(crate) remembered: usize,
    /// How often to ask whether the server is there, in milliseconds.
    #[arg(long)]
    pub(crate) ping_interval: u64,
}

/// A coordinator that does what it is told on standard input.
#[derive(Args, Debug)]
pub(crate) struct CoordinatorArguments {
    /// The server.
    #[arg(long)]
    pub(crate) url: String,
    /// Its number, from 1 on.
    #[arg(long)]
    pub(crate) id: u64,
    /// How many coordinators there are.
    #[arg(long)]
    pub(crate) members: u64,
    /// The file of its Raft node.
    #[arg(long)]
    pub(crate) store: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_options_make_sense() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for arguments in [
            &["", "nothing"][..],
            &["", "--short", "--rounds", "2"],
            &["", "--rounds", "0"],
        ] {
            Arguments::try_parse_from(arguments).expect_err(&arguments.join(" "));
        }
    }
}
