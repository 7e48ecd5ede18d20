//! The command line options.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};

use crate::scenarios::{SCENARIOS, Set};

const EXAMPLES: &str = "\
Examples:
  cargo run --release -p chaos                                     all scenarios, 20 rounds each, and the soak
  cargo run --release -p chaos -- kill_server --rounds 3           one scenario, three rounds
  cargo run --release -p chaos -- kill_server --rounds 1 --seed 7  the round that printed this seed
  cargo run --release -p chaos -- soak --minutes 60                an hour of mixed load
  cargo run --release -p chaos -- hostile                          all attacks: byzantine_lite 20 rounds, each other once
  cargo run -p chaos -- --short                                    what `cargo test -p chaos` runs

Exit codes: 0 no violation, 1 a violation or a failed round, 2 wrong options.
A nats-server is taken from the variable NATS_SERVER or the PATH, else it is installed below target/.";

/// Runs fault scenarios: servers, processes and networks fail under load, and a checker verifies every operation.
///
/// Prints lines `chaos.SCENARIO.COUNT value` at the end. Counts that must be zero come first.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
    #[command(flatten)]
    pub(crate) plan: Plan,
}

/// The scenarios to run and their size.
#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// The scenarios or sets of scenarios to run; all scenarios by default.
    #[arg(value_name = "SCENARIO", value_parser = PossibleValuesParser::new(names()))]
    pub(crate) scenarios: Vec<String>,
    /// The number of rounds; some scenarios have a single round in any case.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rounds: u64,
    /// The seed of the first round; each further round adds 1. Random by default.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Prints a JSON object per line.
    #[arg(long)]
    pub(crate) json: bool,
    /// The duration of the soak.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) minutes: u64,
    /// Runs a single round with few calls, and a soak of some seconds.
    #[arg(long, conflicts_with_all = ["rounds", "minutes"])]
    pub(crate) short: bool,
}

/// The names of all sets and scenarios.
fn names() -> impl Iterator<Item = &'static str> {
    let sets = Set::ALL.into_iter().map(Set::name);
    sets.chain(SCENARIOS.iter().map(|scenario| scenario.name))
}

/// The role of this process if it is not the runner.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// A child process of a scenario. It ends when its standard input ends.
    #[command(hide = true)]
    Node {
        #[command(subcommand)]
        node: Node,
    },
}

/// The kind of child process.
#[derive(Debug, Subcommand)]
pub(crate) enum Node {
    /// A worker that records its executions.
    Worker(WorkerArguments),
    /// A coordinator that takes commands from standard input.
    Coordinator(CoordinatorArguments),
    /// A producer of events.
    EventProducer(EventArguments),
    /// A consumer of events.
    EventConsumer(EventArguments),
}

/// A producer or a consumer of events.
#[derive(Args, Debug)]
pub(crate) struct EventArguments {
    /// The URL of the server.
    #[arg(long)]
    pub(crate) url: String,
    /// The file that records the events, across all processes of the role.
    #[arg(long)]
    pub(crate) journal: PathBuf,
    /// The number of events.
    #[arg(long)]
    pub(crate) events: u64,
}

/// A worker that records its executions.
#[derive(Args, Debug)]
pub(crate) struct WorkerArguments {
    /// The URLs of the servers, separated by commas.
    #[arg(long)]
    pub(crate) url: String,
    #[arg(long)]
    pub(crate) id: String,
    /// The file to which the worker appends the numbers of executed calls.
    #[arg(long)]
    pub(crate) journal: PathBuf,
    /// The number of threads for handlers.
    #[arg(long)]
    pub(crate) threads: usize,
    /// The number of concurrent commands.
    #[arg(long)]
    pub(crate) concurrency: usize,
    /// The number of requests in the deduplication table.
    #[arg(long)]
    pub(crate) deduplicated: usize,
    /// The interval of pings to the server, in milliseconds.
    #[arg(long)]
    pub(crate) ping_interval: u64,
    /// The address at which the worker serves commands over HTTP.
    #[arg(long)]
    pub(crate) listen: Option<String>,
    /// The base URL that leads to `listen`.
    #[arg(long, requires = "listen")]
    pub(crate) address: Option<String>,
}

/// A coordinator that takes commands from standard input.
#[derive(Args, Debug)]
pub(crate) struct CoordinatorArguments {
    /// The URL of the server.
    #[arg(long)]
    pub(crate) url: String,
    /// The node id, from 1.
    #[arg(long)]
    pub(crate) id: u64,
    /// The number of coordinators.
    #[arg(long)]
    pub(crate) members: u64,
    /// The file of the Raft store.
    #[arg(long)]
    pub(crate) store: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn options_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_contradiction_is_refused() {
        for arguments in [
            &["", "nothing"][..],
            &["", "--short", "--rounds", "2"],
            &["", "--rounds", "0"],
        ] {
            Arguments::try_parse_from(arguments).expect_err(&arguments.join(" "));
        }
    }
}
