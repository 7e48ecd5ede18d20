//! A measured generator.

use std::thread;
use std::time::Instant;

use crate::Failure;

/// A generator with the files of a protocol in memory.
pub(crate) trait Generator: Sync {
    /// Generates formatted source from text.
    ///
    /// # Errors
    /// If the generator refuses the files.
    fn generate(&self) -> Result<Output, Failure>;
}

/// The size of the generated code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// The number of lines in all files.
    pub(crate) lines: f64,
}

impl Output {
    /// Counts the lines of `texts`.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let lines = texts
            .into_iter()
            .map(|text| text.lines().fold(0.0, |lines, _| lines + 1.0));
        Self { lines: lines.sum() }
    }
}

/// The duration of a run in milliseconds. Each run has a thread of its own, so that the heap of earlier runs has no
/// effect.
///
/// # Errors
/// If the generator refuses the files.
pub(crate) fn time(generator: &dyn Generator) -> Result<f64, Failure> {
    let run = || {
        let start = Instant::now();
        generator
            .generate()
            .map(|_| start.elapsed().as_secs_f64() * 1e3)
    };
    let ended = thread::scope(|scope| scope.spawn(run).join());
    ended.map_err(|_| "the generator panicked")?
}
