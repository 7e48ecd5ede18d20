//! What a worker executed, written down so that it outlives the worker.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::ledger::Ledger;

/// A file that numbers are appended to. What is appended outlives a process that is killed.
#[derive(Debug)]
pub(crate) struct Journal(File);

impl Journal {
    /// Opens or creates it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(file))
    }

    /// Appends a number and the id of the request that bore it, by one write.
    pub(crate) fn note(&self, number: u64, request_id: &str) -> io::Result<()> {
        (&self.0).write_all(format!("{number} {request_id}\n").as_bytes())
    }
}

/// Enters what a journal says into the books.
pub(crate) fn enter(path: &Path, ledger: &Ledger) -> io::Result<()> {
    for ((number, _), times) in read(path)? {
        (0..times).for_each(|_| ledger.executed(number));
    }
    Ok(())
}

/// How often something was executed that had been executed before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Again {
    /// By another request: coordinators deploy again what they miss.
    pub(crate) by_others: u64,
    /// By the same request in another life, which cannot remember what an earlier one did that was killed.
    pub(crate) by_lives: u64,
}

/// Enters what the journals of many lives say, of one worker or of several. Within a life, each request counts.
pub(crate) fn enter_lives<'a>(
    paths: impl IntoIterator<Item = &'a PathBuf>,
    ledger: &Ledger,
) -> io::Result<Again> {
    let mut most: BTreeMap<u64, u64> = BTreeMap::new();
    let mut known = BTreeSet::new();
    let mut again = Again::default();
    for path in paths {
        for ((number, id), times) in read(path)? {
            let is_first = !most.contains_key(&number);
            let is_new = known.insert((number, id));
            again.by_lives += u64::from(!is_new);
            again.by_others += u64::from(is_new && !is_first);
            let known = most.entry(number).or_default();
            *known = times.max(*known);
        }
    }
    for (number, times) in most {
        (0..times).for_each(|_| ledger.executed(number));
    }
    Ok(again)
}

/// How often a journal has each number under each id.
fn read(path: &Path) -> io::Result<BTreeMap<(u64, String), u64>> {
    let mut notes = BTreeMap::new();
    for line in fs::read_to_string(path)?.lines() {
        let (number, id) = line.split_once(' ').unwrap_or((line, ""));
        let number = number.parse().map_err(io::Error::other)?;
        *notes.entry((number, id.to_owned())).or_default() += 1;
    }
    Ok(notes)
}
