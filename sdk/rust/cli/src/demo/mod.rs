//! The demonstration: options, the link, the scenario and how it is shown.

mod cast;
mod cli;
mod journal;
mod json;
mod link;
mod narrator;
mod report;
mod scenario;
mod table;

use std::io;
use std::sync::Arc;

use self::cast::Cast;
pub(crate) use self::cli::Options;
use self::journal::Journal;
use self::json::Json;
use self::link::Link;
use self::narrator::Narrator;
pub(crate) use self::report::counted;
use self::report::{Report, Title};
use self::scenario::Scenario;
use self::table::Table;
use crate::error::CommandError;

/// Plays the scenario and shows it.
pub(crate) async fn show(options: &Options) -> Result<(), CommandError> {
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
