//! The `varpulis` command. Without a subcommand (`cargo run`) it runs the demonstration: a coordinator and two workers
//! communicate through the generated clients and servers, and every call is printed. A subcommand runs a coordinator or
//! a worker of a real cluster, or a gateway that serves the protocol over HTTP; `call` calls a single operation.

mod arguments;
mod call;
mod cli;
mod config;
mod connect;
mod context;
mod demo;
mod gateway;
mod process;
mod protocol;
mod signals;
mod terminal;
mod watch;

use std::io;
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Builder;

use self::cli::{Cli, Command};
use self::terminal::error::CommandError;

fn main() -> ExitCode {
    let Cli { demo, command } = Cli::parse();
    let runtime = Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(CommandError::from).and_then(|runtime| {
        let outcome = runtime.block_on(async {
            match &command {
                Some(Command::Call(options)) => call::run(options).await,
                Some(Command::Completions { shell }) => {
                    Ok(cli::complete(*shell, &mut io::stdout())?)
                }
                Some(Command::Man { folder }) => Ok(cli::write_man_pages(folder)?),
                Some(Command::Config(options)) => config::run(options),
                Some(Command::Context(options)) => context::run(options),
                Some(Command::Gateway(options)) => gateway::run(options).await,
                Some(Command::Watch(options)) => watch::run(options).await,
                Some(Command::Process(role)) => process::run(role).await,
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
