//! The demonstration: options, the link, the scenario and how it is shown.

mod cast;
mod cli;
mod error;
mod journal;
mod json;
mod link;
mod narrator;
mod report;
mod scenario;
mod table;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use tokio::runtime::Builder;

use self::cast::Cast;
use self::cli::Options;
use self::error::DemoError;
use self::journal::Journal;
use self::json::Json;
use self::link::Link;
use self::narrator::Narrator;
use self::report::{Report, Title};
use self::scenario::Scenario;
use self::table::Table;

/// Runs it with the options of the command line.
pub(crate) fn run() -> ExitCode {
    let options = Options::parse();
    let runtime = Builder::new_multi_thread().enable_all().build();
    let outcome = runtime
        .map_err(DemoError::from)
        .and_then(|runtime| runtime.block_on(show(&options)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has read enough.
        Err(DemoError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            // Without a standard error nobody can be told.
            let _ = error.print(&mut anstream::stderr());
            ExitCode::from(error.exit_code())
        }
    }
}

async fn show(options: &Options) -> Result<(), DemoError> {
    let journal = Arc::new(Journal::default());
    let link = Link::open(options, &journal).await?;
    let cast = Cast::assemble(&link).await?;
    let mut report: Box<dyn Report> = if options.json {
        Box::new(Json::new(io::stdout()))
    } else {
        Box::new(Table::new(anstream::stdout()))
    };
    report.title(&Title {
        transport: link.transport(),
        place: link.place(),
        prefix: link.prefix(),
    })?;
    let mut narrator = Narrator::new(journal, report);
    let played = Scenario::play(cast, &mut narrator).await;
    narrator.finish(played.as_ref().err())?;
    played
}
