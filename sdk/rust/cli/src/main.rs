//! `cargo run`: a coordinator and two workers talk through the generated clients and servers, and every call is shown.
//! With a subcommand it is one coordinator or worker of a real cluster.

mod cli;
mod demo;
mod error;
mod process;

use std::io;
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Builder;

use self::cli::Cli;
use self::error::CommandError;

fn main() -> ExitCode {
    let Cli { demo, role } = Cli::parse();
    let runtime = Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(CommandError::from).and_then(|runtime| {
        runtime.block_on(async {
            match &role {
                Some(role) => process::play(role).await,
                None => demo::show(&demo).await,
            }
        })
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has read enough.
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            // Without a standard error nobody can be told.
            let _ = failure.print(&mut anstream::stderr());
            ExitCode::from(failure.exit_code())
        }
    }
}
