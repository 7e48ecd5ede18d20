//! A disk that fails as disks do: full, broken, or cut off in the middle of writing.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;

use super::Dice;

/// Disks write this many bytes at once or not at all.
const SECTOR: usize = 512;

/// A disk in memory. A clone is another handle to it.
#[derive(Clone, Debug)]
pub(super) struct Disk(Arc<Mutex<Platter>>);

#[derive(Debug, Default)]
struct Platter {
    /// What a reader sees.
    seen: Vec<u8>,
    /// What survives a cut for certain.
    safe: Vec<u8>,
    /// Sectors written since, by offset.
    unsafe_sectors: Vec<usize>,
    /// How large it may grow.
    room: Option<usize>,
    /// How many more operations succeed.
    left: Option<usize>,
}

impl Disk {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// Has no room beyond what it holds and `more` bytes, or all of it again.
    pub(super) fn limit(&self, more: Option<usize>) {
        let mut platter = self.platter();
        platter.room = more.map(|more| platter.seen.len() + more);
    }

    /// Fails after this many more operations that write, or never.
    pub(super) fn fail_after(&self, operations: Option<usize>) {
        self.platter().left = operations;
    }

    /// Has the power fail: of what was not yet safe, some sectors are written and some are not.
    pub(super) fn cut(&self, dice: &mut Dice) -> Self {
        let platter = self.platter();
        let mut left = platter.safe.clone();
        if dice.below(2) == 0 {
            left.resize(platter.seen.len(), 0);
        }
        for &offset in &platter.unsafe_sectors {
            let end = (offset + SECTOR).min(left.len()).min(platter.seen.len());
            if dice.below(2) == 0 && offset < end {
                left[offset..end].copy_from_slice(&platter.seen[offset..end]);
            }
        }
        Self(Arc::new(Mutex::new(Platter {
            seen: left.clone(),
            safe: left,
            ..Platter::default()
        })))
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap()
    }
}

impl Platter {
    fn work(&mut self) -> io::Result<()> {
        match &mut self.left {
            Some(0) => Err(io::Error::other("the disk is broken")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.platter().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap();
        let platter = self.platter();
        let bytes = platter.seen.get(start..start + out.len());
        let bytes = bytes.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut platter = self.platter();
        platter.work()?;
        let len = usize::try_from(len).unwrap();
        if platter.room.is_some_and(|room| len > room) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        platter.seen.resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut platter = self.platter();
        platter.work()?;
        platter.safe = platter.seen.clone();
        platter.unsafe_sectors.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut platter = self.platter();
        platter.work()?;
        let start = usize::try_from(offset).unwrap();
        let end = start + data.len();
        platter.seen[start..end].copy_from_slice(data);
        let first = start / SECTOR * SECTOR;
        platter.unsafe_sectors.extend((first..end).step_by(SECTOR));
        Ok(())
    }
}
