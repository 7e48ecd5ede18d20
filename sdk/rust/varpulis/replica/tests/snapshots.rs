//! Damaged snapshots, in the store and from a leader.

use std::io::Cursor;

use openraft::storage::{RaftLogStorage as _, RaftLogStorageExt as _, RaftStateMachine};
use openraft::{EntryPayload, LeaderId, RaftSnapshotBuilder as _};
use redb::Durability;

use super::node;
use crate::replica::log::Log;
use crate::replica::logged_command::value_of;
use crate::replica::state_machine::StateMachine;
use crate::replica::store::{FACTS, SNAPSHOT, Store, StoreError};
use crate::replica::type_config::{Entry, LogId, SnapshotMeta, StoredMembership};
use crate::types::{Command, ScalingPolicySet};

fn entry(index: u64) -> Entry {
    let policy = format!("policy {index}").into();
    let command = Command::ScalingPolicySet(ScalingPolicySet::new(policy));
    Entry {
        log_id: LogId::new(LeaderId::new(1, 1), index),
        payload: EntryPayload::Normal(vec![value_of(&command).unwrap()]),
    }
}

/// A store with ten entries and a snapshot of them, whose bytes are then replaced.
async fn damaged_store() -> Store {
    let store = Store::memory(node(1)).unwrap();
    let mut log = Log::new(store.clone(), 1 << 20);
    log.blocking_append((0..10).map(entry)).await.unwrap();
    let mut state_machine = StateMachine::open(store.clone(), node(1)).await.unwrap();
    state_machine.apply((0..10).map(entry)).await.unwrap();
    state_machine.build_snapshot().await.unwrap();
    let damaged = store.write(Durability::Immediate, |transaction| {
        let mut facts = transaction.open_table(FACTS)?;
        facts.insert(SNAPSHOT, &b"no command"[..])?;
        Ok(())
    });
    damaged.await.unwrap();
    store
}

#[tokio::test]
async fn damaged_snapshot_with_complete_log_is_ignored() {
    let store = damaged_store().await;
    let mut state_machine = StateMachine::open(store.clone(), node(1)).await.unwrap();
    let (applied, _) = state_machine.applied_state().await.unwrap();
    assert_eq!(applied, None, "the log is applied again");
    let snapshot = state_machine.get_current_snapshot().await.unwrap();
    assert!(snapshot.is_none(), "the snapshot is removed");
}

#[tokio::test]
async fn damaged_snapshot_with_purged_log_is_an_error() {
    let store = damaged_store().await;
    let mut log = Log::new(store.clone(), 1 << 20);
    log.purge(entry(4).log_id).await.unwrap();
    let error = StateMachine::open(store, node(1)).await.err().unwrap();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.starts_with("the snapshot in the store is damaged"),
        "{text}"
    );
}

#[tokio::test]
async fn unreadable_snapshot_is_not_stored() {
    let store = Store::memory(node(1)).unwrap();
    let mut state_machine = StateMachine::open(store.clone(), node(1)).await.unwrap();
    let meta = SnapshotMeta {
        last_log_id: Some(entry(5).log_id),
        last_membership: StoredMembership::default(),
        snapshot_id: "unreadable".to_owned(),
    };
    let data = Box::new(Cursor::new(b"no command".to_vec()));
    let installed = state_machine.install_snapshot(&meta, data).await;
    installed.unwrap_err();
    let mut reopened = StateMachine::open(store, node(1)).await.unwrap();
    assert!(reopened.get_current_snapshot().await.unwrap().is_none());
}

#[tokio::test]
async fn log_refuses_an_entry_after_a_gap() {
    let store = Store::memory(node(1)).unwrap();
    let mut log = Log::new(store, 1 << 20);
    log.blocking_append([entry(0)]).await.unwrap();
    let refused = log.blocking_append([entry(1), entry(3)]).await;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("entry 3 does not follow entry 1"), "{error}");
    let state = log.get_log_state().await.unwrap();
    assert_eq!(state.last_log_id.map(|last| last.index), Some(0));
}
