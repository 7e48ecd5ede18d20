//! Bad days: servers and processes that die, hang and come back, under load, with books kept of every call.
//!
//! `cargo run --release -p chaos -- [SCENARIO…]` runs the long form, `cargo test -p chaos` the short one. Each round has a
//! seed of its own, printed before it starts; `--rounds 1 --seed` with it has the same chances again.

mod caller;
mod child;
mod cli;
mod commander;
mod coordinator;
mod coordinators;
mod crowd;
mod desk;
mod hands;
mod journal;
mod journalist;
mod ledger;
mod lives;
mod memory;
mod node;
mod orders;
mod proxy;
mod registrants;
mod replicas;
mod report;
mod round;
mod run;
mod scenarios;
mod stage;
mod weather;
mod witness;
mod writer;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser as _;

use cli::{Arguments, Role};

/// Why a round could not be played to its end.
type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match &arguments.role {
        Some(Role::Node { node }) => node::run(node).await.map(|()| true),
        None => run::run(&arguments.plan).await,
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("chaos: {failure}");
            ExitCode::FAILURE
        }
    }
}
