//! Whatever happens to the disk, what was acknowledged is there afterwards, and what is there has no gaps.

use openraft::storage::{RaftLogReader, RaftLogStorage, RaftLogStorageExt};
use openraft::{EntryPayload, LeaderId};

use super::disk::Disk;
use super::{Dice, Scratch, node};
use crate::replica::kinds::{Entry, LogId, StorageError, Vote};
use crate::replica::log::Log;
use crate::replica::store::{Store, StoreError};
use crate::types::{Command, ScalingPolicySet};

fn log(disk: &Disk) -> Result<Log, StoreError> {
    Store::over(disk.clone(), node(1)).map(|store| Log::new(store, 1 << 20))
}

fn log_id(index: u64) -> LogId {
    LogId::new(LeaderId::new(1, 1), index)
}

fn entry(index: u64, bytes: usize) -> Entry {
    let policy = "x".repeat(bytes).into();
    Entry {
        log_id: log_id(index),
        payload: EntryPayload::Normal(vec![Command::ScalingPolicySet(ScalingPolicySet { policy })]),
    }
}

/// What a log was told to keep, and said that it does.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    first: u64,
    end: u64,
    term: u64,
}

/// Writes until the disk fails or all is written: entries, how far they are committed, votes, and now and then a purge.
async fn write(log: &mut Log, dice: &mut Dice, kept: &mut Kept) -> Result<(), StorageError> {
    for _ in 0..12 {
        let count = 1 + dice.below(4) as u64;
        let entries = (kept.end..kept.end + count).map(|index| entry(index, dice.below(3_000)));
        log.blocking_append(entries.collect::<Vec<_>>()).await?;
        kept.end += count;
        log.save_committed(Some(log_id(kept.end - 1))).await?;
        let term = kept.term + 1;
        log.save_vote(&Vote::new(term, 1)).await?;
        kept.term = term;
        if dice.below(4) == 0 && kept.end - kept.first > 3 {
            // Told before it is done: a purge that failed may have happened.
            kept.first = kept.end - 2;
            log.purge(log_id(kept.first - 1)).await?;
        }
    }
    Ok(())
}

async fn assert_kept(log: &mut Log, kept: Kept, seed: u64) {
    let state = log.get_log_state().await.unwrap();
    let entries = log.try_get_log_entries(kept.first..).await.unwrap();
    let found: Vec<_> = entries.iter().map(|entry| entry.log_id.index).collect();
    let end = kept.first + found.len() as u64;
    assert!(
        found.iter().copied().eq(kept.first..end),
        "seed {seed}: {kept:?} {found:?}"
    );
    assert!(end >= kept.end, "seed {seed}: {kept:?}, found up to {end}");
    if let (Some(last), true) = (state.last_log_id, end > 0) {
        assert_eq!(last.index, end - 1, "seed {seed}");
    }
    // It is not synced by itself, but never ahead of the entries that it speaks of.
    let committed = log.read_committed().await.unwrap();
    assert!(
        committed.is_none_or(|committed| committed.index < end),
        "seed {seed}: {committed:?}, found up to {end}"
    );
    let vote = log.read_vote().await.unwrap();
    let term = vote.map_or(0, |vote| vote.leader_id.term);
    assert!(
        term == kept.term || term == kept.term + 1,
        "seed {seed}: {kept:?} {vote:?}"
    );
}

/// The power fails at a random write, again and again, with a random part of what was not yet safe on the disk.
#[tokio::test]
async fn a_log_survives_torn_writes() {
    for seed in 0..60 {
        println!("seed {seed}");
        let mut dice = Dice(seed);
        let mut disk = Disk::new();
        let mut kept = Kept::default();
        drop(log(&disk).unwrap());
        for _ in 0..3 {
            disk.fail_after(Some(dice.below(120)));
            if let Ok(mut log) = log(&disk) {
                let _ = write(&mut log, &mut dice, &mut kept).await;
            }
            disk = disk.cut(&mut dice);
            let mut log = log(&disk).unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
            assert_kept(&mut log, kept, seed).await;
            // Later writes go on behind whatever is there, and count votes from the one that is there.
            let state = log.get_log_state().await.unwrap();
            kept.end = state.last_log_id.map_or(0, |last| last.index + 1);
            let vote = log.read_vote().await.unwrap();
            kept.term = vote.map_or(0, |vote| vote.leader_id.term);
        }
    }
}

/// A full disk is an error, every time; what was acknowledged before is there, and with room again it goes on.
#[tokio::test]
async fn a_full_disk_is_an_error_and_no_damage() {
    let disk = Disk::new();
    let mut kept = Kept::default();
    {
        let mut log = log(&disk).unwrap();
        disk.limit(Some(0));
        let failed = loop {
            match log.blocking_append([entry(kept.end, 100_000)]).await {
                Ok(()) => kept.end += 1,
                Err(error) => break error,
            }
        };
        assert!(failed.to_string().contains("when Write Logs"), "{failed}");
        log.blocking_append([entry(kept.end, 1)]).await.unwrap_err();
        log.save_vote(&Vote::new(1, 1)).await.unwrap_err();
    }
    disk.limit(None);
    let mut log = log(&disk).unwrap();
    assert_kept(&mut log, kept, 0).await;
    log.blocking_append([entry(kept.end, 100_000)])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_store_has_one_owner_at_a_time() {
    let scratch = Scratch::new();
    let store = Store::open(&scratch.0, node(1)).unwrap();
    let error = Store::open(&scratch.0, node(1)).err().unwrap();
    assert!(matches!(
        error,
        StoreError::Database(redb::Error::DatabaseAlreadyOpen)
    ));
    let mut closing = store.closing();
    drop(store);
    assert!(closing.changed().await.is_err());
    let error = Store::open(&scratch.0, node(2)).err().unwrap();
    assert_eq!(error.to_string(), "the store belongs to node 1");
    Store::open(&scratch.0, node(1)).unwrap();
}

/// A log with a gap is refused when it is opened, and never read.
#[tokio::test]
async fn a_log_with_a_gap_is_refused() {
    let disk = Disk::new();
    {
        let mut log = log(&disk).unwrap();
        log.blocking_append([entry(0, 1), entry(2, 1)])
            .await
            .unwrap();
    }
    let error = log(&disk).err().unwrap().to_string();
    let expected = "the log in the store is damaged: entries are missing from 0 to 2";
    assert_eq!(error, expected);
}
