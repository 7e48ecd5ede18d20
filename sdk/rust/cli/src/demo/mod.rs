//! The demonstration: its options, transport, scenario and output.

mod cli;
mod guard;
mod json;
mod participants;
mod recorder;
mod report;
mod runner;
mod scenario;
mod table;
mod transport;

use std::io;
use std::sync::Arc;

pub(crate) use self::cli::Options;
use self::json::Json;
use self::participants::Participants;
use self::recorder::Recorder;
use self::report::{Report, Title};
use self::runner::Runner;
use self::scenario::Scenario;
use self::table::Table;
use self::transport::Transport;
use crate::terminal::error::CommandError;

/// Runs the scenario and prints it.
pub(crate) async fn run(options: &Options) -> Result<(), CommandError> {
    let recorder = Arc::new(Recorder::default());
    let transport = Transport::open(options, &recorder).await?;
    let participants = Participants::connect(&transport).await?;
    let mut report: Box<dyn Report> = if options.json {
        Box::new(Json::new(io::stdout()))
    } else {
        Box::new(Table::new(anstream::stdout()))
    };
    report.title(&Title {
        transport: transport.kind(),
        location: transport.location(),
        prefix: transport.prefix(),
    })?;
    let mut runner = Runner::new(recorder, report);
    let outcome = Scenario::run(participants, &mut runner).await;
    runner.finish(outcome.as_ref().err())?;
    outcome
}
