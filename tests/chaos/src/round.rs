//! The state of a round of a scenario.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{fs, io};

use fastrand::Rng;

use crate::history::History;

/// A round: its random numbers, its history and its folder.
pub(crate) struct Round {
    /// The source of all random decisions of the round.
    pub(crate) rng: Rng,
    /// Whether the round uses the short form.
    pub(crate) is_short: bool,
    /// The duration of a scenario that is bound by time.
    pub(crate) length: Duration,
    pub(crate) history: Arc<History>,
    /// Further counts to print.
    pub(crate) counts: BTreeMap<&'static str, u64>,
    folder: PathBuf,
}

impl Round {
    pub(crate) fn new(seed: u64, is_short: bool, length: Duration) -> io::Result<Self> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let name = format!("varpulis-chaos-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        Ok(Self {
            rng: Rng::with_seed(seed),
            is_short,
            length,
            history: Arc::default(),
            counts: BTreeMap::new(),
            folder,
        })
    }

    /// `long` in the long form, `short` in the short form.
    pub(crate) fn size(&self, long: u64, short: u64) -> u64 {
        if self.is_short { short } else { long }
    }

    /// A random duration from zero to below `limit`.
    pub(crate) fn random_time(&mut self, limit: Duration) -> Duration {
        limit.mul_f64(self.rng.f64())
    }

    /// A path below the folder of this round.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Adds to a count that is printed at the end.
    pub(crate) fn count(&mut self, name: &'static str, count: u64) {
        *self.counts.entry(name).or_default() += count;
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        // A folder that cannot be removed stays in the system's directory for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
