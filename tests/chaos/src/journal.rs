//! A file that records the executions of a worker and outlives the worker's process.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::history::History;

/// A file of call numbers. Appended lines survive a SIGKILL of the process.
#[derive(Debug)]
pub(crate) struct Journal(File);

impl Journal {
    /// Opens or creates the file.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(file))
    }

    /// Appends a call number and the id of its request in a single write.
    pub(crate) fn append(&self, number: u64, request_id: &str) -> io::Result<()> {
        (&self.0).write_all(format!("{number} {request_id}\n").as_bytes())
    }
}

/// Records the executions in a journal in the history.
pub(crate) fn record(path: &Path, history: &History) -> io::Result<()> {
    for ((number, _), times) in read(path)? {
        (0..times).for_each(|_| history.executed(number));
    }
    Ok(())
}

/// The number of executions that repeat an earlier execution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repeats {
    /// Repeats by another request: coordinators deploy missing pipelines again.
    pub(crate) by_other_requests: u64,
    /// Repeats by the same request on another instance. An instance does not know the requests that a killed instance executed.
    pub(crate) by_other_instances: u64,
}

/// Records the executions in the journals of several worker instances. Executions by different instances count once;
/// repeats within the same instance count each time.
pub(crate) fn record_instances<'a>(
    paths: impl IntoIterator<Item = &'a PathBuf>,
    history: &History,
) -> io::Result<Repeats> {
    let mut most: BTreeMap<u64, u64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut repeats = Repeats::default();
    for path in paths {
        for ((number, id), times) in read(path)? {
            let is_first = !most.contains_key(&number);
            let is_new = seen.insert((number, id));
            repeats.by_other_instances += u64::from(!is_new);
            repeats.by_other_requests += u64::from(is_new && !is_first);
            let highest = most.entry(number).or_default();
            *highest = times.max(*highest);
        }
    }
    for (number, times) in most {
        (0..times).for_each(|_| history.executed(number));
    }
    Ok(repeats)
}

/// Counts the occurrences of each pair of call number and request id.
fn read(path: &Path) -> io::Result<BTreeMap<(u64, String), u64>> {
    let mut counts = BTreeMap::new();
    for line in fs::read_to_string(path)?.lines() {
        let (number, id) = line.split_once(' ').unwrap_or((line, ""));
        let number = number.parse().map_err(io::Error::other)?;
        *counts.entry((number, id.to_owned())).or_default() += 1;
    }
    Ok(counts)
}
