//! The memory of a source under constant load.

use std::time::{Duration, Instant};

use super::source::{Publisher, ours};
use crate::Failure;
use crate::report::{Report, Unit};
use crate::resident;

/// The number of blocks of events between two looks at the memory.
const BLOCKS: u32 = 1_000;

/// Measures the memory after a warm-up and after `minutes`.
///
/// # Errors
/// If events are lost.
pub(super) async fn run(url: &str, minutes: u64, report: &mut Report) -> Result<(), Failure> {
    let receiver = ours(url).await?;
    let mut publisher = Publisher::connect(url).await?;
    publisher.publish(&receiver, BLOCKS).await?;
    let start = Instant::now();
    let before = resident::memory();
    while start.elapsed() < Duration::from_secs(60 * minutes) {
        publisher.publish(&receiver, BLOCKS).await?;
    }
    if let (Some(before), Some(after)) = (before, resident::memory()) {
        report.line("memory.before", before, Unit::Bytes)?;
        report.line("memory.after", after, Unit::Bytes)?;
        report.line("memory_ratio", after / before, Unit::Ratio)?;
    }
    Ok(())
}
