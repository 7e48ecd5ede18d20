//! A disk that fails like real disks: full, broken, or without power in the middle of a write.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;

use super::Random;

/// A disk writes this many bytes at once or not at all.
const SECTOR: usize = 512;

/// A disk in memory. Clones share the same content.
#[derive(Clone, Debug)]
pub(super) struct Disk(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    /// The content that a reader sees.
    seen: Vec<u8>,
    /// The content that certainly survives a power failure.
    synced: Vec<u8>,
    /// The offsets of sectors that were written since.
    unsynced: Vec<usize>,
    /// The largest size of the content.
    room: Option<usize>,
    /// The number of further operations that succeed.
    left: Option<usize>,
}

impl Disk {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// Limits the free space to `more` bytes, or removes the limit.
    pub(super) fn limit(&self, more: Option<usize>) {
        let mut content = self.content();
        content.room = more.map(|more| content.seen.len() + more);
    }

    /// Fails after this many further writing operations, or never.
    pub(super) fn fail_after(&self, operations: Option<usize>) {
        self.content().left = operations;
    }

    /// Simulates a power failure: of the sectors written since the last sync, some survive at random.
    pub(super) fn power_failure(&self, random: &mut Random) -> Self {
        let content = self.content();
        let mut left = content.synced.clone();
        if random.below(2) == 0 {
            left.resize(content.seen.len(), 0);
        }
        for &offset in &content.unsynced {
            let end = (offset + SECTOR).min(left.len()).min(content.seen.len());
            if random.below(2) == 0 && offset < end {
                left[offset..end].copy_from_slice(&content.seen[offset..end]);
            }
        }
        Self(Arc::new(Mutex::new(Content {
            seen: left.clone(),
            synced: left,
            ..Content::default()
        })))
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap()
    }
}

impl Content {
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
        Ok(self.content().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap();
        let content = self.content();
        let bytes = content.seen.get(start..start + out.len());
        let bytes = bytes.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut content = self.content();
        content.work()?;
        let len = usize::try_from(len).unwrap();
        if content.room.is_some_and(|room| len > room) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        content.seen.resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut content = self.content();
        content.work()?;
        content.synced = content.seen.clone();
        content.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut content = self.content();
        content.work()?;
        let start = usize::try_from(offset).unwrap();
        let end = start + data.len();
        content.seen[start..end].copy_from_slice(data);
        let first = start / SECTOR * SECTOR;
        content.unsynced.extend((first..end).step_by(SECTOR));
        Ok(())
    }
}
