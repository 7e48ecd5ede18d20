//! The log and the vote of a node.

use std::fmt::Debug;
use std::ops::{Bound, RangeBounds, RangeInclusive};

use natsgen_runtime::{Decode, codec};
use openraft::OptionalSend;
use openraft::storage::{LogFlushed, LogState, RaftLogReader, RaftLogStorage};
use redb::{Durability, ReadTransaction, ReadableTable};

use super::convert::Convert;
use super::known_state::LocalIds;
use super::store::{
    COMMITTED, FACTS, LOG, PURGED, Store, StoreError, VOTE, decode, read_fact, write_fact,
};
use super::type_config::{Entry, LogId, StorageError, StorageIoError, TypeConfig, Vote};
use crate::types;

/// The log and the vote of a node. Clones share the same store.
#[derive(Clone)]
pub(super) struct Log {
    store: Store,
    /// The limit of entry bytes in a message, unless a single entry is larger.
    batch: usize,
}

impl Log {
    pub(super) fn new(store: Store, batch: usize) -> Self {
        Self { store, batch }
    }

    async fn entries(
        &self,
        range: (Bound<u64>, Bound<u64>),
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let read = move |transaction: &ReadTransaction| {
            let mut entries = Vec::new();
            let mut bytes = 0;
            for entry in transaction.open_table(LOG)?.range(range)? {
                let (index, entry) = entry?;
                bytes += entry.value().len();
                if bytes > limit && !entries.is_empty() {
                    break;
                }
                let part = format!("entry {}", index.value());
                let entry = decode::<types::LogEntry>(entry.value(), &part)?;
                entries.push(Entry::from_wire(entry)?);
            }
            Ok(entries)
        };
        self.store.read(read).await
    }

    /// The ids of the entries at these indexes, as far as the log has such entries.
    pub(super) async fn ids(
        &self,
        ranges: Vec<RangeInclusive<u64>>,
    ) -> Result<LocalIds, StoreError> {
        let read = move |transaction: &ReadTransaction| {
            let log = transaction.open_table(LOG)?;
            let mut ids = LocalIds::new();
            for range in ranges {
                for entry in log.range(range)? {
                    let (index, entry) = entry?;
                    ids.insert(index.value(), id(index.value(), entry.value())?);
                }
            }
            Ok(ids)
        };
        self.store.read(read).await
    }

    /// The id of the last entry, unless the log is empty.
    pub(super) async fn last(&self) -> Result<Option<LogId>, StoreError> {
        let read = |transaction: &ReadTransaction| {
            let log = transaction.open_table(LOG)?;
            let last = log.last()?;
            last.map(|(index, entry)| id(index.value(), entry.value()))
                .transpose()
        };
        self.store.read(read).await
    }

    /// Adds entries after the last entry. Fails if the log would have a gap.
    async fn add(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        self.store
            .write(Durability::Immediate, move |transaction| {
                let mut log = transaction.open_table(LOG)?;
                let mut last = log.last()?.map(|(index, _)| index.value());
                for entry in entries {
                    let index = entry.log_id.index;
                    if let Some(last) = last.replace(index)
                        && index != last + 1
                    {
                        return Err(StoreError::Gap { last, next: index });
                    }
                    let entry = codec::encode(&entry.to_wire()?).map_err(StoreError::Unwritable)?;
                    log.insert(index, &*entry)?;
                }
                Ok(())
            })
            .await
    }

    async fn state(&self) -> Result<LogState<TypeConfig>, StoreError> {
        let read = |transaction: &ReadTransaction| {
            let purged = read_fact::<types::LogId>(&transaction.open_table(FACTS)?, PURGED)?;
            let last_purged_log_id: Option<LogId> = Option::from_wire(purged)?;
            let last = match transaction.open_table(LOG)?.last()? {
                Some((_, entry)) => {
                    let entry = decode::<types::LogEntry>(entry.value(), "the last entry")?;
                    Some(LogId::from_wire(entry.log_id)?)
                }
                None => last_purged_log_id,
            };
            Ok(LogState {
                last_purged_log_id,
                last_log_id: last,
            })
        };
        self.store.read(read).await
    }

    /// Removes a range of entries, and records the purged entry in the same transaction if it changes.
    async fn remove(
        &self,
        range: (Bound<u64>, Bound<u64>),
        purged: Option<LogId>,
    ) -> Result<(), StoreError> {
        self.store
            .write(Durability::Immediate, move |transaction| {
                transaction
                    .open_table(LOG)?
                    .retain_in(range, |_, _| false)?;
                if let Some(purged) = purged {
                    let mut facts = transaction.open_table(FACTS)?;
                    write_fact(&mut facts, PURGED, &purged.to_wire()?)?;
                }
                Ok(())
            })
            .await
    }

    async fn fact<T>(&self, name: &'static str) -> Result<Option<T>, StoreError>
    where
        T: Convert + Send + 'static,
        T::Wire: for<'a> Decode<'a>,
    {
        let read = move |transaction: &ReadTransaction| {
            let wire = read_fact::<T::Wire>(&transaction.open_table(FACTS)?, name)?;
            Ok(Option::from_wire(wire)?)
        };
        self.store.read(read).await
    }
}

/// The id of a stored entry.
fn id(index: u64, entry: &[u8]) -> Result<LogId, StoreError> {
    let entry = decode::<types::LogEntry>(entry, &format!("entry {index}"))?;
    Ok(LogId::from_wire(entry.log_id)?)
}

impl RaftLogReader<TypeConfig> for Log {
    async fn try_get_log_entries<R: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: R,
    ) -> Result<Vec<Entry>, StorageError> {
        let range = (range.start_bound().cloned(), range.end_bound().cloned());
        let entries = self.entries(range, usize::MAX).await;
        entries.map_err(|error| StorageIoError::read_logs(&error).into())
    }

    async fn limited_get_log_entries(
        &mut self,
        start: u64,
        end: u64,
    ) -> Result<Vec<Entry>, StorageError> {
        let range = (Bound::Included(start), Bound::Excluded(end));
        let entries = self.entries(range, self.batch).await;
        entries.map_err(|error| StorageIoError::read_logs(&error).into())
    }
}

impl RaftLogStorage<TypeConfig> for Log {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<TypeConfig>, StorageError> {
        let state = self.state().await;
        state.map_err(|error| StorageIoError::read_logs(&error).into())
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), StorageError> {
        let vote = *vote;
        let saved = self.store.write(Durability::Immediate, move |transaction| {
            let mut facts = transaction.open_table(FACTS)?;
            write_fact(&mut facts, VOTE, &vote.to_wire()?)
        });
        let saved = saved.await;
        saved.map_err(|error| StorageIoError::write_vote(&error).into())
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, StorageError> {
        let vote = self.fact(VOTE).await;
        vote.map_err(|error| StorageIoError::read_vote(&error).into())
    }

    /// Reaches the disk with the next entry. It saves work after a restart and is not needed for correctness.
    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), StorageError> {
        let saved = self.store.write(Durability::None, move |transaction| {
            let mut facts = transaction.open_table(FACTS)?;
            match committed {
                Some(committed) => write_fact(&mut facts, COMMITTED, &committed.to_wire()?),
                None => Ok(facts.remove(COMMITTED).map(drop)?),
            }
        });
        let saved = saved.await;
        saved.map_err(|error| StorageIoError::write(&error).into())
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, StorageError> {
        let committed = self.fact(COMMITTED).await;
        committed.map_err(|error| StorageIoError::read(&error).into())
    }

    async fn append<I>(
        &mut self,
        entries: I,
        callback: LogFlushed<TypeConfig>,
    ) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries: Vec<_> = entries.into_iter().collect();
        match self.add(entries).await {
            Ok(()) => {
                callback.log_io_completed(Ok(()));
                Ok(())
            }
            Err(error) => {
                callback.log_io_completed(Err(std::io::Error::other(error.to_string())));
                Err(StorageIoError::write_logs(&error).into())
            }
        }
    }

    async fn truncate(&mut self, log_id: LogId) -> Result<(), StorageError> {
        let range = (Bound::Included(log_id.index), Bound::Unbounded);
        let removed = self.remove(range, None).await;
        removed.map_err(|error| StorageIoError::write_logs(&error).into())
    }

    async fn purge(&mut self, log_id: LogId) -> Result<(), StorageError> {
        let range = (Bound::Unbounded, Bound::Included(log_id.index));
        let removed = self.remove(range, Some(log_id)).await;
        removed.map_err(|error| StorageIoError::write_logs(&error).into())
    }
}
