//! The state machine: applies committed entries to the registry, creates snapshots and installs them.
//!
//! The registry is in memory. The last snapshot and the log after it survive a restart. openraft rebuilds the registry
//! from them.

use std::io::Cursor;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use natsgen_runtime::Limited;
use openraft::storage::{RaftSnapshotBuilder, RaftStateMachine, Snapshot};
use openraft::{EntryPayload, OptionalSend};
use redb::{Durability, ReadTransaction, ReadableTable, WriteTransaction};
use tokio::task::spawn_blocking;

use super::changes::{Change, Subscribers};
use super::convert::Convert;
use super::logged_command::read_logged;
use super::registry::Registry;
use super::store::{FACTS, LOG, SNAPSHOT, SNAPSHOT_META, Store, StoreError, read_fact, write_fact};
use super::type_config::{
    Entry, LogId, SnapshotMeta, StorageError, StorageIoError, StoredMembership, TypeConfig,
};
use super::unreadable::{Unreadable, UnreadableParts};
use crate::types::{self, Command, CommandFailure, CommandReply, NodeId};

/// Applies committed entries to the registry. Clones share the same registry.
#[derive(Clone)]
pub(super) struct StateMachine {
    store: Store,
    node: NodeId,
    state: Arc<RwLock<State>>,
    subscribers: Subscribers,
    unreadable: Arc<UnreadableParts>,
}

/// The state after an applied entry.
#[derive(Default)]
struct State {
    registry: Registry,
    last_applied: Option<LogId>,
    membership: StoredMembership,
}

type Stored = (SnapshotMeta, Vec<u8>);

impl StateMachine {
    /// Continues from the snapshot in `store`, if there is a snapshot. A damaged snapshot is removed if the log contains
    /// all entries from the first on.
    pub(super) async fn open(store: Store, node: NodeId) -> Result<Self, StoreError> {
        let state = match restore(&store).await {
            Ok(state) => state,
            Err(error @ StoreError::Damaged { .. }) => {
                if !store.read(is_log_complete).await? {
                    return Err(error);
                }
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the registry is rebuilt from the log"
                );
                let removed = store.write(Durability::Immediate, remove_snapshot).await;
                removed.map(|()| State::default())?
            }
            Err(error) => return Err(error),
        };
        Ok(Self {
            store,
            node,
            state: Arc::new(RwLock::new(state)),
            subscribers: Subscribers::new(),
            unreadable: Arc::default(),
        })
    }

    /// Reads the registry. Entries are applied only after `read` has returned.
    pub(super) fn with_registry<T>(&self, read: impl FnOnce(&Registry) -> T) -> T {
        read(&self.read().registry)
    }

    pub(super) fn subscribers(&self) -> &Subscribers {
        &self.subscribers
    }

    /// The entries and snapshots that the node cannot read.
    pub(super) fn unreadable(&self) -> &Arc<UnreadableParts> {
        &self.unreadable
    }

    /// The lock cannot be poisoned in the middle of a change: only a caller's `read` may panic while it is held.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    async fn create_snapshot(&self) -> Result<Stored, StoreError> {
        let state_machine = self.clone();
        let written = spawn_blocking(move || {
            let state = state_machine.read();
            let bytes = state.registry.to_snapshot();
            let meta = SnapshotMeta {
                last_log_id: state.last_applied,
                last_membership: state.membership.clone(),
                snapshot_id: snapshot_id(state.last_applied, state_machine.node),
            };
            Ok((meta, bytes.map_err(StoreError::Unwritable)?))
        });
        let (meta, bytes) = written.await.unwrap_or(Err(StoreError::Stopped))?;
        self.save_snapshot(meta, bytes).await
    }

    /// Writes a snapshot to the store, unless the store has a newer snapshot.
    async fn save_snapshot(
        &self,
        meta: SnapshotMeta,
        bytes: Vec<u8>,
    ) -> Result<Stored, StoreError> {
        self.store
            .write(Durability::Immediate, move |transaction| {
                write_snapshot(transaction, &meta, &bytes)?;
                Ok((meta, bytes))
            })
            .await
    }

    /// Replaces the registry. The snapshot is stored only if it is readable.
    async fn install(&self, meta: SnapshotMeta, bytes: Vec<u8>) -> Result<(), StoreError> {
        let (registry, bytes) = parse(bytes).await?;
        let (meta, _) = self.save_snapshot(meta, bytes).await?;
        *self.write() = State {
            registry,
            last_applied: meta.last_log_id,
            membership: meta.last_membership,
        };
        self.subscribers.notify(Change::Restored);
        Ok(())
    }
}

impl State {
    fn apply(
        &mut self,
        entry: Entry,
        subscribers: &Subscribers,
        unreadable: &UnreadableParts,
    ) -> Vec<CommandReply> {
        self.last_applied = Some(entry.log_id);
        let index = entry.log_id.index;
        match entry.payload {
            EntryPayload::Blank => Vec::new(),
            EntryPayload::Normal(commands) => {
                let commands = commands.iter();
                let apply = |command| match read_logged(command) {
                    Ok(command) => self.change(command, subscribers),
                    Err(error) => {
                        let part = Unreadable::entry(index, error);
                        let message = Limited::new(part.to_string()).unwrap_or_default();
                        unreadable.skip(part);
                        CommandReply::Error(CommandFailure::new(message))
                    }
                };
                commands.map(apply).collect()
            }
            EntryPayload::Membership(membership) => {
                self.membership = StoredMembership::new(Some(entry.log_id), membership);
                Vec::new()
            }
        }
    }

    fn change(&mut self, command: Command, subscribers: &Subscribers) -> CommandReply {
        if subscribers.is_empty() {
            return self.registry.apply(command);
        }
        let reply = self.registry.apply(command.clone());
        if reply == CommandReply::Ok {
            subscribers.notify(Change::Applied(Arc::new(command)));
        }
        reply
    }
}

/// Distinguishes snapshots of different nodes and of different times at the same entry. Pieces of different snapshots
/// must never be combined, even if the nodes have different versions.
fn snapshot_id(last: Option<LogId>, node: NodeId) -> String {
    let (term, index) = last.map_or((0, 0), |last| (last.leader_id.term, last.index));
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = now.unwrap_or_default().as_micros();
    format!("{term}-{index}-{node}-{micros}")
}

/// Decodes a snapshot. Also returns its bytes.
pub(super) async fn parse(bytes: Vec<u8>) -> Result<(Registry, Vec<u8>), StoreError> {
    let parsing = spawn_blocking(move || Ok((Registry::of_snapshot(&bytes)?, bytes)));
    parsing.await.unwrap_or(Err(StoreError::Stopped))
}

/// The state in the stored snapshot, or the empty state.
async fn restore(store: &Store) -> Result<State, StoreError> {
    let Some((meta, bytes)) = store.read(stored).await? else {
        return Ok(State::default());
    };
    let (registry, _) = parse(bytes).await?;
    Ok(State {
        registry,
        last_applied: meta.last_log_id,
        membership: meta.last_membership,
    })
}

/// Whether the log contains all entries from the first on.
fn is_log_complete(transaction: &ReadTransaction) -> Result<bool, StoreError> {
    let log = transaction.open_table(LOG)?;
    let first = log.first()?;
    Ok(first.is_some_and(|(index, _)| index.value() == 0))
}

fn remove_snapshot(transaction: &WriteTransaction) -> Result<(), StoreError> {
    let mut facts = transaction.open_table(FACTS)?;
    facts.remove(SNAPSHOT_META)?;
    facts.remove(SNAPSHOT)?;
    Ok(())
}

fn stored(transaction: &ReadTransaction) -> Result<Option<Stored>, StoreError> {
    let facts = transaction.open_table(FACTS)?;
    let meta = read_fact::<types::SnapshotMeta>(&facts, SNAPSHOT_META)?;
    let Some(meta) = meta else {
        return Ok(None);
    };
    let bytes = facts.get(SNAPSHOT)?.ok_or_else(|| StoreError::Damaged {
        part: "the snapshot".to_owned(),
        reason: "it is not there".to_owned(),
    })?;
    let meta = SnapshotMeta::from_wire(meta)?;
    Ok(Some((meta, bytes.value().to_vec())))
}

fn write_snapshot(
    transaction: &WriteTransaction,
    meta: &SnapshotMeta,
    bytes: &[u8],
) -> Result<(), StoreError> {
    let mut facts = transaction.open_table(FACTS)?;
    let known = read_fact::<types::SnapshotMeta>(&facts, SNAPSHOT_META)?;
    let known = known.map(SnapshotMeta::from_wire).transpose()?;
    if known.is_some_and(|known| known.last_log_id > meta.last_log_id) {
        return Ok(());
    }
    write_fact(&mut facts, SNAPSHOT_META, &meta.clone().to_wire()?)?;
    facts.insert(SNAPSHOT, bytes)?;
    Ok(())
}

fn snapshot((meta, bytes): Stored) -> Snapshot<TypeConfig> {
    Snapshot {
        meta,
        snapshot: Box::new(Cursor::new(bytes)),
    }
}

impl RaftSnapshotBuilder<TypeConfig> for StateMachine {
    async fn build_snapshot(&mut self) -> Result<Snapshot<TypeConfig>, StorageError> {
        let saved = self.create_snapshot().await;
        saved
            .map(snapshot)
            .map_err(|error| StorageIoError::write_snapshot(None, &error).into())
    }
}

impl RaftStateMachine<TypeConfig> for StateMachine {
    type SnapshotBuilder = Self;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), StorageError> {
        let state = self.read();
        Ok((state.last_applied, state.membership.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Vec<CommandReply>>, StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut state = self.write();
        Ok(entries
            .into_iter()
            .map(|entry| state.apply(entry, &self.subscribers, &self.unreadable))
            .collect())
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        self.clone()
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<Cursor<Vec<u8>>>, StorageError> {
        Ok(Box::default())
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta,
        snapshot: Box<Cursor<Vec<u8>>>,
    ) -> Result<(), StorageError> {
        let installed = self.install(meta.clone(), snapshot.into_inner()).await;
        let signature = Some(meta.signature());
        installed.map_err(|error| StorageIoError::write_snapshot(signature, &error).into())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<TypeConfig>>, StorageError> {
        let stored = self.store.read(stored).await;
        stored
            .map(|stored| stored.map(snapshot))
            .map_err(|error| StorageIoError::read_snapshot(None, &error).into())
    }
}
