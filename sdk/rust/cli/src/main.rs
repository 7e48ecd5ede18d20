//! The `varpulis` command. Without a subcommand (`cargo run`) it runs the demonstration: a coordinator and two workers
//! communicate through the generated clients and servers, and every call is printed. A subcommand runs a coordinator or
//! a worker of a real cluster.

mod cli;
mod demo;
mod process;
mod terminal;

use std::io;
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Builder;

use self::cli::Cli;
use self::terminal::error::CommandError;

fn main() -> ExitCode {
    let Cli { demo, role } = Cli::parse();
    let runtime = Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(CommandError::from).and_then(|runtime| {
        let outcome = runtime.block_on(async {
            match &role {
                Some(role) => process::run(role).await,
                None => demo::run(&demo).await,
            }
        });
        // A blocked thread must not delay the exit.
        runtime.shutdown_background();
        outcome
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the output has closed the pipe, which is not an error.
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            // Without a standard error there is no place to report to.
            let _ = failure.print(&mut anstream::stderr());
            ExitCode::from(failure.exit_code())
        }
    }
}
