//! The state of a round of a scenario.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{fs, io};

use fastrand::Rng;

use crate::clock::FakeClock;
use crate::damage::Damage;
use crate::environment::Environment;
use crate::history::History;

/// The extension of the files with the standard errors of child processes.
const ERRORS: &str = "errors";

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
    /// Further values to print, the highest of each.
    pub(crate) peaks: BTreeMap<&'static str, u64>,
    /// The damage of an attack.
    pub(crate) damage: Damage,
    /// Gives each child process a clock of its own.
    pub(crate) clock: Option<FakeClock>,
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
            peaks: BTreeMap::new(),
            damage: Damage::default(),
            clock: None,
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

    /// The environment of the child process `name`.
    pub(crate) fn environment(&self, name: &str) -> Environment {
        let clock = self.clock.as_ref();
        Environment {
            variables: clock
                .map(|clock| clock.variables(&self.path(name)))
                .unwrap_or_default(),
            errors: self.path(&format!("{name}.{ERRORS}")),
        }
    }

    /// The panics that child processes reported, a line each.
    pub(crate) fn panics(&self) -> io::Result<Vec<String>> {
        let mut panics = Vec::new();
        for file in fs::read_dir(&self.folder)? {
            let path = file?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == ERRORS)
            {
                let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
                let lines = text.lines().filter(|line| line.contains(" panicked at "));
                panics.extend(lines.map(str::to_owned));
            }
        }
        Ok(panics)
    }

    /// Adds to a count that is printed at the end.
    pub(crate) fn count(&mut self, name: &'static str, count: u64) {
        *self.counts.entry(name).or_default() += count;
    }

    /// Adds a value of which the highest of all rounds is printed at the end.
    pub(crate) fn highest(&mut self, name: &'static str, value: u64) {
        let highest = self.peaks.entry(name).or_default();
        *highest = value.max(*highest);
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        // A folder that cannot be removed stays in the system's directory for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
