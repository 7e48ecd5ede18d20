//! What a worker executed, written down so that it outlives the worker.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

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

    /// Appends a number, by one write.
    pub(crate) fn note(&self, number: u64) -> io::Result<()> {
        (&self.0).write_all(format!("{number}\n").as_bytes())
    }
}

/// Enters what a journal says into the books.
pub(crate) fn enter(path: &Path, ledger: &Ledger) -> io::Result<()> {
    for line in fs::read_to_string(path)?.lines() {
        let number = line.parse().map_err(io::Error::other)?;
        ledger.executed(number);
    }
    Ok(())
}
