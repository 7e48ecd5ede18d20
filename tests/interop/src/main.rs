//! Runs clients of each language against servers of each language over a real nats-server, and prints a table.
//!
//! A peer is a program with two modes: `serve URL ROLE ID` and `call URL`. README.md describes its input and output.

mod behaviour;
mod case;
mod language;
mod pair;
mod process;
mod raw;
mod recording;
mod result;
#[path = "../rust/mod.rs"]
mod rust;
#[path = "../../services.rs"]
mod services;
mod table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use futures_util::{StreamExt as _, TryFutureExt as _, TryStreamExt as _, stream};

use language::Language;

/// The reason why a peer or the runner stops.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Parser)]
#[command(about)]
struct Cli {
    /// Only these languages, separated by commas. `raw` sends and answers bytes.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    #[command(subcommand)]
    peer: Option<Peer>,
}

/// The peers that are part of this program.
#[derive(Debug, Subcommand)]
enum Peer {
    /// The peer over the Rust SDK.
    Rust {
        #[command(subcommand)]
        mode: Mode,
    },
    /// The peer without an SDK.
    Raw {
        #[command(subcommand)]
        mode: Mode,
    },
}

#[derive(Debug, Subcommand)]
enum Mode {
    /// Serves a role with the answers from the standard input.
    Serve {
        url: String,
        role: String,
        id: String,
    },
    /// Executes the orders from the standard input.
    Call { url: String },
}

/// The number of pairs that run at the same time. A pair mostly waits for timeouts and for the end of its processes.
const PARALLEL: usize = 4;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether all checks passed.
async fn run(cli: Cli) -> Result<bool, Error> {
    match cli.peer {
        None => {
            let languages = language::selected(&cli.only)?;
            all_pairs(&languages).await
        }
        Some(Peer::Rust {
            mode: Mode::Call { url },
        }) => rust::call::run(&url).await,
        Some(Peer::Rust {
            mode: Mode::Serve { url, role, id },
        }) => rust::serve::run(&url, &role, &id).await,
        Some(Peer::Raw {
            mode: Mode::Call { url },
        }) => raw::call::run(&url).await,
        Some(Peer::Raw {
            mode: Mode::Serve { url, .. },
        }) => raw::serve::run(&url).await,
    }
}

async fn all_pairs(languages: &[Language]) -> Result<bool, Error> {
    for language in languages {
        language.prepare()?;
    }
    let cases = case::all()?;
    let pairs = languages
        .iter()
        .flat_map(|client| languages.iter().map(move |server| (client, server)))
        .filter(|(client, server)| !(client.is_raw && server.is_raw));
    let running = pairs.map(|(client, server)| {
        let outcome = pair::run(client, server, &cases);
        outcome.map_ok(move |outcome| (client, server, outcome))
    });
    let mut outcomes = stream::iter(running).buffered(PARALLEL);
    let mut table = table::Table::default();
    while let Some((client, server, outcome)) = outcomes.try_next().await? {
        table.add(client, server, outcome);
    }
    print!("{table}");
    Ok(table.is_green())
}
