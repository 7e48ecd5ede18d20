//! Where a node keeps what it must not forget: one redb database, on disk or in memory.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use natsgen_runtime::{Decode, DecodeError, Encode, EncodeError, Limits, Side, Violation, codec};
use redb::backends::InMemoryBackend;
use redb::{
    Builder, Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable,
    StorageBackend, TableDefinition, WriteTransaction,
};
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::kinds::LogId;
use super::wire::OnWire;
use crate::types::{self, NodeId};

/// Entries of the log by index, each in its wire form.
pub(super) const LOG: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("log");

/// Everything else by name, in its wire form.
pub(super) const FACTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("facts");

/// Whose store it is.
const NODE: &str = "node";
/// The last vote of the node.
pub(super) const VOTE: &str = "vote";
/// How far the log is known to be committed.
pub(super) const COMMITTED: &str = "committed";
/// The last entry that was removed from the log's beginning.
pub(super) const PURGED: &str = "purged";
/// What the snapshot holds.
pub(super) const SNAPSHOT_META: &str = "snapshot_meta";
/// The snapshot.
pub(super) const SNAPSHOT: &str = "snapshot";

/// How many bytes of the database stay in memory.
const CACHE: usize = 64 << 20;

/// A store. A clone is another handle to it; when the last one is dropped, the file is closed.
#[derive(Clone)]
pub(super) struct Store(Arc<Opened>);

struct Opened {
    database: Database,
    /// Dropped after the database: who waits for it knows that the file is free.
    open: watch::Sender<()>,
}

/// Why a store could not be opened, read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The database says so: no room, no permission, a broken disk, a file that another process has open.
    Database(redb::Error),
    /// What is stored is not what was written.
    Damaged {
        /// Which part.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The store belongs to another node.
    Foreign {
        /// Whose it is.
        node: NodeId,
    },
    /// What was to be stored breaks its schema.
    Unwritable(EncodeError),
    /// The runtime is shutting down.
    Stopped,
}

impl Store {
    /// Opens the store of `node` at `path`, or creates it there.
    pub(super) fn open(path: &Path, node: NodeId) -> Result<Self, StoreError> {
        Self::checked(builder().create(path)?, node)
    }

    /// A store in memory: for tests, and for nodes that may forget.
    pub(super) fn memory(node: NodeId) -> Result<Self, StoreError> {
        Self::over(InMemoryBackend::new(), node)
    }

    /// A store on anything that keeps bytes.
    pub(super) fn over(backend: impl StorageBackend, node: NodeId) -> Result<Self, StoreError> {
        Self::checked(builder().create_with_backend(backend)?, node)
    }

    fn checked(database: Database, node: NodeId) -> Result<Self, StoreError> {
        let transaction = database.begin_write()?;
        {
            let log = transaction.open_table(LOG)?;
            let mut facts = transaction.open_table(FACTS)?;
            match read_fact::<NodeId>(&facts, NODE)? {
                None => write_fact(&mut facts, NODE, &node)?,
                Some(owner) if owner == node => {}
                Some(owner) => return Err(StoreError::Foreign { node: owner }),
            }
            check_log(&log, &facts)?;
        }
        transaction.commit()?;
        let (open, _) = watch::channel(());
        Ok(Self(Arc::new(Opened { database, open })))
    }

    /// Reads one consistent state of it.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        let reading = spawn_blocking(move || read(&store.0.database.begin_read()?));
        reading.await.unwrap_or(Err(StoreError::Stopped))
    }

    /// Writes all or nothing; on disk for good when this returns, unless `durability` says otherwise.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        durability: Durability,
        write: impl FnOnce(&WriteTransaction) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        let writing = spawn_blocking(move || {
            let mut transaction = store.0.database.begin_write()?;
            transaction
                .set_durability(durability)
                .map_err(redb::Error::from)?;
            let written = write(&transaction)?;
            transaction.commit()?;
            Ok(written)
        });
        let written = writing.await.unwrap_or(Err(StoreError::Stopped));
        // The node stops on the first error that it hears of, which need not be the first that there was.
        written.inspect_err(|error| {
            tracing::error!(
                error = error as &dyn Error,
                "a raft node cannot write to its store"
            );
        })
    }

    /// Ends when the last handle is gone and the file is closed.
    pub(super) fn closing(&self) -> watch::Receiver<()> {
        self.0.open.subscribe()
    }
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    builder
}

/// A log has no gaps, and goes on where what was purged ends.
fn check_log(
    log: &impl ReadableTable<u64, &'static [u8]>,
    facts: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<(), StoreError> {
    let damaged = |reason: String| StoreError::Damaged {
        what: "the log".to_owned(),
        reason,
    };
    let purged = read_fact::<types::LogId>(facts, PURGED)?.map(LogId::of_wire);
    let purged = purged
        .transpose()
        .map_err(|violation| damaged(violation.to_string()))?;
    let (Some(first), Some(last)) = (log.first()?, log.last()?) else {
        return Ok(());
    };
    let (first, last) = (first.0.value(), last.0.value());
    if log.len()? != last - first + 1 {
        return Err(damaged(format!(
            "entries are missing from {first} to {last}"
        )));
    }
    match purged {
        Some(purged) if first > purged.index + 1 => Err(damaged(format!(
            "it begins at {first}, but is purged up to {}",
            purged.index
        ))),
        _ => Ok(()),
    }
}

/// Reads what stands under `name`.
pub(super) fn read_fact<T: for<'a> Decode<'a>>(
    facts: &impl ReadableTable<&'static str, &'static [u8]>,
    name: &str,
) -> Result<Option<T>, StoreError> {
    let Some(bytes) = facts.get(name)? else {
        return Ok(None);
    };
    decode(bytes.value(), name).map(Some)
}

/// Puts `fact` under `name`.
pub(super) fn write_fact(
    facts: &mut redb::Table<'_, &'static str, &'static [u8]>,
    name: &str,
    fact: &impl Encode,
) -> Result<(), StoreError> {
    let bytes = codec::encode(fact).map_err(StoreError::Unwritable)?;
    facts.insert(name, &*bytes)?;
    Ok(())
}

/// Reads what this node wrote itself, so that limits against hostile peers are no matter.
pub(super) fn decode<T: for<'a> Decode<'a>>(bytes: &[u8], what: &str) -> Result<T, StoreError> {
    let limits = Limits {
        length: usize::MAX,
        count: u32::MAX,
        ..Limits::default()
    };
    codec::decode_within(bytes, Side::Request, limits).map_err(|error| damaged(what, &error))
}

fn damaged(what: &str, error: &DecodeError) -> StoreError {
    StoreError::Damaged {
        what: what.to_owned(),
        reason: error.to_string(),
    }
}

macro_rules! from_redb {
    ($($error:ident)*) => {$(
        impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                Self::Database(error.into())
            }
        }
    )*};
}

from_redb! { CommitError DatabaseError StorageError TableError TransactionError }

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Violation> for StoreError {
    fn from(violation: Violation) -> Self {
        Self::Unwritable(violation.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(_) => f.write_str("the store failed"),
            Self::Damaged { what, reason } => write!(f, "{what} in the store is damaged: {reason}"),
            Self::Foreign { node } => write!(f, "the store belongs to node {node}"),
            Self::Unwritable(_) => f.write_str("cannot be stored"),
            Self::Stopped => f.write_str("the runtime is shutting down"),
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            Self::Unwritable(error) => Some(error),
            Self::Damaged { .. } | Self::Foreign { .. } | Self::Stopped => None,
        }
    }
}
