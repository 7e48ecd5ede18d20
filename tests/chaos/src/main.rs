//! Fault tests: servers and processes die, hang and come back under load, and a checker verifies the history of all
//! calls.
//!
//! `cargo run --release -p chaos -- [SCENARIO…]` runs the long form, `cargo test -p chaos` the short form. Each round
//! prints its seed before it starts; `--rounds 1 --seed SEED` repeats its random decisions.

mod access;
mod attacked;
mod attacker;
mod caller;
mod checker;
mod child;
mod cli;
mod clock;
mod cluster;
mod command_channel;
mod connection;
mod coordinator;
mod coordinators;
mod damage;
mod environment;
mod event_journals;
mod event_processes;
mod fault;
mod forgery;
mod frames;
mod history;
mod journal;
mod memory;
mod nemesis;
mod network;
mod node;
mod pipeline_client;
mod proxy;
mod recording_worker;
mod registration_client;
mod replicas;
mod reply_counter;
mod report;
mod round;
mod run;
mod scenarios;
mod single_coordinator;
mod topology;
mod worker;
mod worker_config;
mod workload;
mod writer;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser as _;

use cli::{Arguments, Role};

/// The reason why a round did not run to its end.
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
