//! The memory of a source under constant load.

use std::time::{Duration, Instant};

use super::source::{Publisher, ours};
use crate::Failure;
use crate::report::{Report, Unit};
use crate::resident;

/// The number of blocks of events between two looks at the memory.
const BLOCKS: u32 = 1_000;

/// Measures the memory after a fifth of `minutes` and after `minutes`. Before, the buffers of the client, the
/// subscription and the allocator grow to their usual size.
///
/// # Errors
/// If events are lost.
pub(super) async fn run(url: &str, minutes: u64, report: &mut Report) -> Result<(), Failure> {
    let receiver = ours(url).await?;
    let mut publisher = Publisher::connect(url).await?;
    let (start, whole) = (Instant::now(), Duration::from_secs(60 * minutes));
    let mut memory = [None; 2];
    for (part, memory) in [whole / 5, whole].into_iter().zip(&mut memory) {
        while start.elapsed() < part {
            publisher.publish(&receiver, BLOCKS).await?;
        }
        *memory = resident::memory();
    }
    if let [Some(before), Some(after)] = memory {
        report.line("memory.before", before, Unit::Bytes)?;
        report.line("memory.after", after, Unit::Bytes)?;
        report.line("memory_ratio", after / before, Unit::Ratio)?;
    }
    Ok(())
}
