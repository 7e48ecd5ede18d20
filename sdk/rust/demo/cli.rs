//! The options of the command line.

use std::time::Duration;

use clap::Parser;
use natsgen_runtime::Prefix;

const EXAMPLES: &str = "\
Examples:
  cargo run                                    all in this process, nothing to install
  cargo run -- --spawn-nats                    over a nats-server of its own
  cargo run -- --nats nats://localhost:4222    over a server that runs already
  cargo run -q -- --json | jq .latency_us      one JSON object per line

Exit codes: 0 all went as it should, 1 something did not, 2 wrong options, 3 no server to talk over.
NO_COLOR=1 and output into a file or pipe turn colours off.";

/// Lets a coordinator and two workers talk through the generated clients and servers, and shows every call.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub(super) struct Options {
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_options_make_sense() {
        Options::command().debug_assert();
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for arguments in [
            &["", "--nats", "a", "--spawn-nats"][..],
            &["", "--timeout", "0"],
            &["", "--prefix", "a.*"],
            &["", "--nats"],
        ] {
            Options::try_parse_from(arguments).expect_err(&arguments.join(" "));
        }
    }
}
