//! Speed claims as ratios: what we say is fast runs beside what it is compared with, in one process and in turns.
//!
//! `cargo run --release -p figures -- NAME` prints lines `NAME.CASE value unit`. A value is the median over rounds in
//! which all contenders take turns; a ratio (unit `x`) is the median of the ratios of each round.

mod build;
mod bundle;
mod call;
mod codec;
mod codegen;
mod conformance;
mod contender;
mod hostile;
mod mutations;
mod report;
mod roles;
mod rounds;

use std::error::Error;
use std::io;
use std::process::ExitCode;

use clap::Parser;

use report::Report;

/// Why a figure could not be measured.
type Failure = Box<dyn Error + Send + Sync>;

/// Measures speed claims and prints them as `NAME.CASE value unit`.
#[derive(Debug, Parser)]
struct Arguments {
    /// Figures to measure; all of them if none is named.
    #[arg(value_parser = FIGURES.map(|figure| figure.name))]
    names: Vec<String>,
    /// Prints one JSON object a line.
    #[arg(long)]
    json: bool,
    /// Fewer and shorter rounds: shows that it works, not how fast it is.
    #[arg(long)]
    quick: bool,
    /// How many messages `mutations` damages.
    #[arg(long)]
    count: Option<u64>,
    /// What the random numbers of `mutations` depend on.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// How much time a figure may take.
#[derive(Clone, Copy, Debug)]
struct Effort {
    /// Whether few, short rounds are enough.
    quick: bool,
    /// How many messages to damage, if that was said.
    count: Option<u64>,
    /// What random numbers depend on.
    seed: u64,
}

/// Something that is measured.
struct Figure {
    name: &'static str,
    run: fn(Effort, &mut Report) -> Result<(), Failure>,
}

/// All figures, in the order in which they run.
const FIGURES: [Figure; 8] = [
    Figure {
        name: "build",
        run: build::run,
    },
    Figure {
        name: "call",
        run: call::run,
    },
    Figure {
        name: "codec",
        run: codec::run,
    },
    Figure {
        name: "codegen",
        run: codegen::run,
    },
    Figure {
        name: "conformance",
        run: conformance::run,
    },
    Figure {
        name: "hostile",
        run: hostile::run,
    },
    Figure {
        name: "mutations",
        run: mutations::run,
    },
    Figure {
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
    };
    let wanted = |figure: &&Figure| {
        arguments.names.is_empty() || arguments.names.iter().any(|name| name == figure.name)
    };
    for figure in FIGURES.iter().filter(wanted) {
        let mut report = Report::new(figure.name, arguments.json, io::stdout());
        if let Err(failure) = (figure.run)(effort, &mut report) {
            eprintln!("{}: {failure}", figure.name);
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
