//! Installs the packages of each language as users do: into an empty project in a temporary folder, from this checkout.
//! Then it runs the programs of the READMEs and the examples, against coordinators and workers of the command `varpulis`
//! over a real nats-server.

mod check;
mod cluster;
mod language;
mod process;
mod project;
mod readme;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use natsgen_testing::NatsServer;

use language::Language;
use project::Project;

/// The reason why a check fails.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Parser)]
#[command(about)]
struct Cli {
    /// Only these languages, separated by commas. `quickstart` is the protocol in the README of this repository.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether all checks passed.
fn run(cli: &Cli) -> Result<bool, Error> {
    cluster::build()?;
    let mut is_ok = true;
    for language in language::selected(&cli.only)? {
        let (name, started) = (language.name, Instant::now());
        let result = check(language);
        let seconds = started.elapsed().as_secs();
        match result {
            Ok(checks) => println!("{name:12} {checks} checks ok, {seconds} s"),
            Err(error) => {
                println!("{name:12} failed after {seconds} s: {error}");
                is_ok = false;
            }
        }
    }
    Ok(is_ok)
}

fn check(language: Language) -> Result<usize, Error> {
    let server = NatsServer::start()?;
    let project = Project::create(language, &server.url())?;
    check::all(&project)
}
