//! A generator under the clock.

use std::thread;
use std::time::Instant;

use crate::Failure;

/// A generator with the texts of one protocol in memory.
pub(crate) trait Generator: Sync {
    /// From text to formatted source.
    ///
    /// # Errors
    /// When the generator refuses the texts.
    fn generate(&self) -> Result<Output, Failure>;
}

/// What came out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// Lines of source in all files.
    pub(crate) lines: f64,
}

impl Output {
    /// Counts what `texts` hold.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let lines = texts
            .into_iter()
            .map(|text| text.lines().fold(0.0, |lines, _| lines + 1.0));
        Self { lines: lines.sum() }
    }
}

/// How long one run takes, in milliseconds, in a thread of its own: what the runs before left of the heap is not its
/// concern.
///
/// # Errors
/// When the generator refuses the texts.
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
