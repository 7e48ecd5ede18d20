//! What a scenario has in one round.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{fs, io};

use fastrand::Rng;

use crate::ledger::Ledger;

/// One round: its chance, its books and its folder.
pub(crate) struct Round {
    /// Where all of its chances come from.
    pub(crate) chance: Rng,
    /// Whether few calls are enough.
    pub(crate) is_short: bool,
    /// How long a scenario that is about time takes.
    pub(crate) length: Duration,
    pub(crate) ledger: Arc<Ledger>,
    /// What else is worth telling.
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
            chance: Rng::with_seed(seed),
            is_short,
            length,
            ledger: Arc::default(),
            counts: BTreeMap::new(),
            folder,
        })
    }

    /// So much in the long form, or so much in the short one.
    pub(crate) fn size(&self, long: u64, short: u64) -> u64 {
        if self.is_short { short } else { long }
    }

    /// A time from none to less than `limit`.
    pub(crate) fn moment(&mut self, limit: Duration) -> Duration {
        limit.mul_f64(self.chance.f64())
    }

    /// A path that no other round has.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Adds to what is told in the end.
    pub(crate) fn count(&mut self, name: &'static str, count: u64) {
        *self.counts.entry(name).or_default() += count;
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        // What cannot be removed stays in the system's directory for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
