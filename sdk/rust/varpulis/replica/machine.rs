//! Applies committed entries to the registry, and turns it into snapshots and back.
//!
//! The registry lives in memory. What survives a restart is the last snapshot and the log behind it, from which openraft
//! has it rebuilt.

use std::io::Cursor;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use openraft::storage::{RaftSnapshotBuilder, RaftStateMachine, Snapshot};
use openraft::{EntryPayload, OptionalSend};
use redb::{Durability, ReadTransaction, WriteTransaction};
use tokio::task::spawn_blocking;

use super::changes::{Change, Watchers};
use super::kinds::{
    Entry, Kinds, LogId, SnapshotMeta, StorageError, StorageIoError, StoredMembership,
};
use super::registry::Registry;
use super::store::{FACTS, SNAPSHOT, SNAPSHOT_META, Store, StoreError, read_fact, write_fact};
use super::wire::OnWire;
use crate::types::{self, Command, CommandReply, NodeId};

/// Applies committed entries to the registry. A clone works on the same.
#[derive(Clone)]
pub(super) struct Machine {
    store: Store,
    node: NodeId,
    state: Arc<RwLock<State>>,
    watchers: Watchers,
}

/// What the entries up to one of them have led to.
#[derive(Default)]
struct State {
    registry: Registry,
    last_applied: Option<LogId>,
    membership: StoredMembership,
}

type Stored = (SnapshotMeta, Vec<u8>);

impl Machine {
    /// Goes on from the snapshot in `store`, if there is one.
    pub(super) async fn open(store: Store, node: NodeId) -> Result<Self, StoreError> {
        let mut state = State::default();
        if let Some((meta, bytes)) = store.read(stored).await? {
            state = State {
                registry: parse(bytes).await?,
                last_applied: meta.last_log_id,
                membership: meta.last_membership,
            };
        }
        Ok(Self {
            store,
            node,
            state: Arc::new(RwLock::new(state)),
            watchers: Watchers::new(),
        })
    }

    /// Shows the registry as it is at this moment. Entries are applied only after `look` has returned.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Registry) -> T) -> T {
        look(&self.read().registry)
    }

    pub(super) fn watchers(&self) -> &Watchers {
        &self.watchers
    }

    /// Nothing panics while it holds the lock but a caller's `look`, which changes nothing.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    async fn save(&self) -> Result<Stored, StoreError> {
        let machine = self.clone();
        let written = spawn_blocking(move || {
            let state = machine.read();
            let bytes = state.registry.to_snapshot();
            let meta = SnapshotMeta {
                last_log_id: state.last_applied,
                last_membership: state.membership.clone(),
                snapshot_id: snapshot_id(state.last_applied, machine.node),
            };
            Ok((meta, bytes.map_err(StoreError::Unwritable)?))
        });
        let (meta, bytes) = written.await.unwrap_or(Err(StoreError::Stopped))?;
        self.keep(meta, bytes).await
    }

    /// Puts a snapshot into the store, unless there is a newer one.
    async fn keep(&self, meta: SnapshotMeta, bytes: Vec<u8>) -> Result<Stored, StoreError> {
        self.store
            .write(Durability::Immediate, move |transaction| {
                write_snapshot(transaction, &meta, &bytes)?;
                Ok((meta, bytes))
            })
            .await
    }

    async fn install(&self, meta: SnapshotMeta, bytes: Vec<u8>) -> Result<(), StoreError> {
        let (meta, bytes) = self.keep(meta, bytes).await?;
        let registry = parse(bytes).await?;
        *self.write() = State {
            registry,
            last_applied: meta.last_log_id,
            membership: meta.last_membership,
        };
        self.watchers.tell(Change::Restored);
        Ok(())
    }
}

impl State {
    fn apply(&mut self, entry: Entry, watchers: &Watchers) -> Vec<CommandReply> {
        self.last_applied = Some(entry.log_id);
        match entry.payload {
            EntryPayload::Blank => Vec::new(),
            EntryPayload::Normal(commands) => {
                let commands = commands.into_iter();
                commands
                    .map(|command| self.change(command, watchers))
                    .collect()
            }
            EntryPayload::Membership(membership) => {
                self.membership = StoredMembership::new(Some(entry.log_id), membership);
                Vec::new()
            }
        }
    }

    fn change(&mut self, command: Command, watchers: &Watchers) -> CommandReply {
        if watchers.is_empty() {
            return self.registry.apply(command);
        }
        let reply = self.registry.apply(command.clone());
        if reply == CommandReply::Ok {
            watchers.tell(Change::Applied(Arc::new(command)));
        }
        reply
    }
}

/// Tells what one node makes from what another makes at the same place, and at another time: pieces of different
/// snapshots must never be put together, even if the nodes are of different versions.
fn snapshot_id(last: Option<LogId>, node: NodeId) -> String {
    let (term, index) = last.map_or((0, 0), |last| (last.leader_id.term, last.index));
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = now.unwrap_or_default().as_micros();
    format!("{term}-{index}-{node}-{micros}")
}

async fn parse(bytes: Vec<u8>) -> Result<Registry, StoreError> {
    let parsing = spawn_blocking(move || Registry::of_snapshot(&bytes));
    parsing.await.unwrap_or(Err(StoreError::Stopped))
}

fn stored(transaction: &ReadTransaction) -> Result<Option<Stored>, StoreError> {
    let facts = transaction.open_table(FACTS)?;
    let meta = read_fact::<types::SnapshotMeta>(&facts, SNAPSHOT_META)?;
    let Some(meta) = meta else {
        return Ok(None);
    };
    let bytes = facts.get(SNAPSHOT)?.ok_or_else(|| StoreError::Damaged {
        what: "the snapshot".to_owned(),
        reason: "it is not there".to_owned(),
    })?;
    let meta = SnapshotMeta::of_wire(meta)?;
    Ok(Some((meta, bytes.value().to_vec())))
}

fn write_snapshot(
    transaction: &WriteTransaction,
    meta: &SnapshotMeta,
    bytes: &[u8],
) -> Result<(), StoreError> {
    let mut facts = transaction.open_table(FACTS)?;
    let known = read_fact::<types::SnapshotMeta>(&facts, SNAPSHOT_META)?;
    let known = known.map(SnapshotMeta::of_wire).transpose()?;
    if known.is_some_and(|known| known.last_log_id > meta.last_log_id) {
        return Ok(());
    }
    write_fact(&mut facts, SNAPSHOT_META, &meta.clone().to_wire()?)?;
    facts.insert(SNAPSHOT, bytes)?;
    Ok(())
}

fn snapshot((meta, bytes): Stored) -> Snapshot<Kinds> {
    Snapshot {
        meta,
        snapshot: Box::new(Cursor::new(bytes)),
    }
}

impl RaftSnapshotBuilder<Kinds> for Machine {
    async fn build_snapshot(&mut self) -> Result<Snapshot<Kinds>, StorageError> {
        let saved = self.save().await;
        saved
            .map(snapshot)
            .map_err(|error| StorageIoError::write_snapshot(None, &error).into())
    }
}

impl RaftStateMachine<Kinds> for Machine {
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
            .map(|entry| state.apply(entry, &self.watchers))
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

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<Kinds>>, StorageError> {
        let stored = self.store.read(stored).await;
        stored
            .map(|stored| stored.map(snapshot))
            .map_err(|error| StorageIoError::read_snapshot(None, &error).into())
    }
}
