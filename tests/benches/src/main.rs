//! Speed claims as ratios: natsgen and the code that it is compared with run in a single process and in turns.
//!
//! `cargo run --release -p benches -- NAME` prints lines `NAME.CASE value unit`. A value is the median over rounds in
//! which all contenders take turns. A ratio (unit `x`) is the median of the ratios of each round.

mod build;
mod bundle;
mod call;
mod codec;
mod codegen;
mod conformance;
mod connector;
mod contender;
mod hostile;
mod http;
mod languages;
mod mutations;
mod report;
mod resident;
mod roles;
mod rounds;

use std::error::Error;
use std::io;
use std::process::ExitCode;

use clap::Parser;

use report::Report;

/// The reason why a bench failed.
type Failure = Box<dyn Error + Send + Sync>;

/// Measures speed claims and prints them as `NAME.CASE value unit`.
#[derive(Debug, Parser)]
struct Arguments {
    /// The benches to run; all benches by default.
    #[arg(value_parser = BENCHES.map(|bench| bench.name))]
    names: Vec<String>,
    /// Prints a JSON object per line.
    #[arg(long)]
    json: bool,
    /// Uses fewer and shorter rounds: a functional check without meaningful times.
    #[arg(long)]
    quick: bool,
    /// The number of messages that `mutations` mutates.
    #[arg(long)]
    count: Option<u64>,
    /// The seed of `mutations`.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Measures the memory of a source over this time, in `connector`.
    #[arg(long)]
    minutes: Option<u64>,
}

/// The effort of a bench.
#[derive(Clone, Copy, Debug)]
struct Effort {
    /// Whether few, short rounds are enough.
    quick: bool,
    /// The number of messages to mutate, if given.
    count: Option<u64>,
    /// The seed of the random numbers.
    seed: u64,
    /// The time over which the memory is measured, if given.
    minutes: Option<u64>,
}

/// A bench.
struct Bench {
    name: &'static str,
    run: fn(Effort, &mut Report) -> Result<(), Failure>,
}

/// All benches, in the order in which they run.
const BENCHES: [Bench; 11] = [
    Bench {
        name: "build",
        run: build::run,
    },
    Bench {
        name: "call",
        run: call::run,
    },
    Bench {
        name: "codec",
        run: codec::run,
    },
    Bench {
        name: "codegen",
        run: codegen::run,
    },
    Bench {
        name: "conformance",
        run: conformance::run,
    },
    Bench {
        name: "connector",
        run: connector::run,
    },
    Bench {
        name: "hostile",
        run: hostile::run,
    },
    Bench {
        name: "http",
        run: http::run,
    },
    Bench {
        name: "languages",
        run: languages::run,
    },
    Bench {
        name: "mutations",
        run: mutations::run,
    },
    Bench {
        name: "roles",
        run: roles::run,
    },
];

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let effort = Effort {
        quick: arguments.quick,
        count: arguments.count,
        seed: arguments.seed,
        minutes: arguments.minutes,
    };
    let wanted = |bench: &&Bench| {
        arguments.names.is_empty() || arguments.names.iter().any(|name| name == bench.name)
    };
    for bench in BENCHES.iter().filter(wanted) {
        let mut report = Report::new(bench.name, arguments.json, io::stdout());
        if let Err(failure) = (bench.run)(effort, &mut report) {
            eprintln!("{}: {failure}", bench.name);
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
