//! After any failure of the disk, acknowledged entries are present and the log has no gaps.

use openraft::storage::{RaftLogReader, RaftLogStorage, RaftLogStorageExt};
use openraft::{EntryPayload, LeaderId};
use redb::Durability;

use super::disk::Disk;
use super::{Random, TempFile, node};
use crate::replica::log::Log;
use crate::replica::logged_command::value_of;
use crate::replica::store::{LOG, Store, StoreError};
use crate::replica::type_config::{Entry, LogId, StorageError, Vote};
use crate::types::{Command, ScalingPolicySet};

fn log(disk: &Disk) -> Result<Log, StoreError> {
    Store::with_backend(disk.clone(), node(1)).map(|store| Log::new(store, 1 << 20))
}

fn log_id(index: u64) -> LogId {
    LogId::new(LeaderId::new(1, 1), index)
}

fn entry(index: u64, bytes: usize) -> Entry {
    let policy = "x".repeat(bytes).into();
    let command = Command::ScalingPolicySet(ScalingPolicySet::new(policy));
    Entry {
        log_id: log_id(index),
        payload: EntryPayload::Normal(vec![value_of(&command).unwrap()]),
    }
}

/// The acknowledged content of a log.
#[derive(Clone, Copy, Debug, Default)]
struct Acknowledged {
    first: u64,
    end: u64,
    term: u64,
}

/// Writes until the disk fails or all is written: entries, committed positions, votes, and sometimes a purge.
async fn write(
    log: &mut Log,
    random: &mut Random,
    acknowledged: &mut Acknowledged,
) -> Result<(), StorageError> {
    for _ in 0..12 {
        let count = 1 + random.below(4) as u64;
        let entries = (acknowledged.end..acknowledged.end + count)
            .map(|index| entry(index, random.below(3_000)));
        log.blocking_append(entries.collect::<Vec<_>>()).await?;
        acknowledged.end += count;
        log.save_committed(Some(log_id(acknowledged.end - 1)))
            .await?;
        let term = acknowledged.term + 1;
        log.save_vote(&Vote::new(term, 1)).await?;
        acknowledged.term = term;
        if random.below(4) == 0 && acknowledged.end - acknowledged.first > 3 {
            // Recorded before it is done: a purge that failed may have happened.
            acknowledged.first = acknowledged.end - 2;
            log.purge(log_id(acknowledged.first - 1)).await?;
        }
    }
    Ok(())
}

async fn assert_acknowledged(log: &mut Log, acknowledged: Acknowledged, seed: u64) {
    let state = log.get_log_state().await.unwrap();
    let entries = log.try_get_log_entries(acknowledged.first..).await.unwrap();
    let found: Vec<_> = entries.iter().map(|entry| entry.log_id.index).collect();
    let end = acknowledged.first + found.len() as u64;
    assert!(
        found.iter().copied().eq(acknowledged.first..end),
        "seed {seed}: {acknowledged:?} {found:?}"
    );
    assert!(
        end >= acknowledged.end,
        "seed {seed}: {acknowledged:?}, found up to {end}"
    );
    if let (Some(last), true) = (state.last_log_id, end > 0) {
        assert_eq!(last.index, end - 1, "seed {seed}");
    }
    // The committed position is not synced by itself, but it is never ahead of the entries.
    let committed = log.read_committed().await.unwrap();
    assert!(
        committed.is_none_or(|committed| committed.index < end),
        "seed {seed}: {committed:?}, found up to {end}"
    );
    let vote = log.read_vote().await.unwrap();
    let term = vote.map_or(0, |vote| vote.leader_id.term);
    assert!(
        term == acknowledged.term || term == acknowledged.term + 1,
        "seed {seed}: {acknowledged:?} {vote:?}"
    );
}

/// The power fails at a random write, several times. A random part of the unsynced sectors survives.
#[tokio::test]
async fn log_torn_writes_lose_no_acknowledged_entry() {
    for seed in 0..60 {
        println!("seed {seed}");
        let mut random = Random(seed);
        let mut disk = Disk::new();
        let mut acknowledged = Acknowledged::default();
        drop(log(&disk).unwrap());
        for _ in 0..3 {
            disk.fail_after(Some(random.below(120)));
            if let Ok(mut log) = log(&disk) {
                let _ = write(&mut log, &mut random, &mut acknowledged).await;
            }
            disk = disk.power_failure(&mut random);
            let mut log = log(&disk).unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
            assert_acknowledged(&mut log, acknowledged, seed).await;
            // Later writes continue after the surviving entries, and count terms from the surviving vote.
            let state = log.get_log_state().await.unwrap();
            acknowledged.end = state.last_log_id.map_or(0, |last| last.index + 1);
            let vote = log.read_vote().await.unwrap();
            acknowledged.term = vote.map_or(0, |vote| vote.leader_id.term);
        }
    }
}

/// A full disk causes an error each time. Acknowledged entries are present, and with free space the log continues.
#[tokio::test]
async fn log_full_disk_is_an_error_without_damage() {
    let disk = Disk::new();
    let mut acknowledged = Acknowledged::default();
    {
        let mut log = log(&disk).unwrap();
        disk.limit(Some(0));
        let failed = loop {
            match log
                .blocking_append([entry(acknowledged.end, 100_000)])
                .await
            {
                Ok(()) => acknowledged.end += 1,
                Err(error) => break error,
            }
        };
        assert!(failed.to_string().contains("when Write Logs"), "{failed}");
        log.blocking_append([entry(acknowledged.end, 1)])
            .await
            .unwrap_err();
        log.save_vote(&Vote::new(1, 1)).await.unwrap_err();
    }
    disk.limit(None);
    let mut log = log(&disk).unwrap();
    assert_acknowledged(&mut log, acknowledged, 0).await;
    log.blocking_append([entry(acknowledged.end, 100_000)])
        .await
        .unwrap();
}

#[tokio::test]
async fn store_second_owner_is_refused() {
    let file = TempFile::new();
    let store = Store::open(&file.0, node(1)).unwrap();
    let error = Store::open(&file.0, node(1)).err().unwrap();
    assert!(matches!(
        error,
        StoreError::Database(redb::Error::DatabaseAlreadyOpen)
    ));
    let mut closing = store.closing();
    drop(store);
    assert!(closing.changed().await.is_err());
    let error = Store::open(&file.0, node(2)).err().unwrap();
    assert_eq!(error.to_string(), "the store belongs to node 1");
    Store::open(&file.0, node(1)).unwrap();
}

/// The store contains registrations. Only its owner may read it, also if its file is older.
#[cfg(unix)]
#[test]
fn store_file_is_readable_by_its_owner_only() {
    use std::fs::{File, Permissions};
    use std::os::unix::fs::PermissionsExt;

    let mode = |file: &TempFile| file.0.metadata().unwrap().permissions().mode() & 0o777;
    let file = TempFile::new();
    drop(Store::open(&file.0, node(1)).unwrap());
    assert_eq!(mode(&file), 0o600);
    let open = Permissions::from_mode(0o644);
    File::open(&file.0).unwrap().set_permissions(open).unwrap();
    drop(Store::open(&file.0, node(1)).unwrap());
    assert_eq!(mode(&file), 0o600);
}

/// A log with a gap is refused when it is opened.
#[tokio::test]
async fn log_with_a_gap_is_refused() {
    let disk = Disk::new();
    {
        let store = Store::with_backend(disk.clone(), node(1)).unwrap();
        let mut log = Log::new(store.clone(), 1 << 20);
        log.blocking_append((0..3).map(|index| entry(index, 1)))
            .await
            .unwrap();
        let removed = store.write(Durability::Immediate, |transaction| {
            transaction.open_table(LOG)?.remove(1)?;
            Ok(())
        });
        removed.await.unwrap();
    }
    let error = log(&disk).err().unwrap().to_string();
    let expected = "the log in the store is damaged: entries are missing from 0 to 2";
    assert_eq!(error, expected);
}
