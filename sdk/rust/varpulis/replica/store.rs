//! The persistent state of a node: a redb database, on disk or in memory.

use std::error::Error;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::Arc;

use natsgen_runtime::{Decode, DecodeError, Encode, EncodeError, Limits, Side, Violation, codec};
use redb::backends::{FileBackend, InMemoryBackend};
use redb::{
    Builder, Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable,
    StorageBackend, TableDefinition, WriteTransaction,
};
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::convert::Convert;
use super::type_config::LogId;
use crate::types::{self, NodeId};

/// The entries of the log by index, each in its wire form.
pub(super) const LOG: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("log");

/// All other values by name, each in its wire form.
pub(super) const FACTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("facts");

/// The node that owns the store.
const NODE: &str = "node";
/// The cluster of the node.
pub(super) const CLUSTER: &str = "cluster";
/// The last vote of the node.
pub(super) const VOTE: &str = "vote";
/// The last entry that is known to be committed.
pub(super) const COMMITTED: &str = "committed";
/// The last entry that was removed from the beginning of the log.
pub(super) const PURGED: &str = "purged";
/// The metadata of the snapshot.
pub(super) const SNAPSHOT_META: &str = "snapshot_meta";
/// The snapshot.
pub(super) const SNAPSHOT: &str = "snapshot";

/// The mode of the file: its owner reads and writes it.
#[cfg(unix)]
const OWNER_ONLY: u32 = 0o600;

/// The size of the database's cache, in bytes.
const CACHE: usize = 64 << 20;

/// A store. Clones share the same database. The file is closed when the last clone is dropped.
#[derive(Clone)]
pub(super) struct Store(Arc<Inner>);

struct Inner {
    database: Database,
    /// Dropped after the database, so that receivers of the channel know that the file is closed.
    open: watch::Sender<()>,
}

/// Why a store could not be opened, read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The database failed: no space, no permission, a broken disk, or a file that another process has open.
    Database(redb::Error),
    /// The content is not as it was written.
    Damaged {
        /// The damaged part.
        part: String,
        /// The damage.
        reason: String,
    },
    /// The store belongs to another node.
    Foreign {
        /// The owner.
        node: NodeId,
    },
    /// An entry that does not follow the last entry of the log. It was not written.
    Gap {
        /// The index of the last entry.
        last: u64,
        /// The index of the refused entry.
        next: u64,
    },
    /// A value that should be stored does not match its schema.
    Unwritable(EncodeError),
    /// The Tokio runtime is shutting down.
    Stopped,
}

impl Store {
    /// Opens the store of `node` at `path`, or creates it.
    pub(super) fn open(path: &Path, node: NodeId) -> Result<Self, StoreError> {
        Self::with_backend(FileBackend::new(open_file(path)?)?, node)
    }

    /// Creates a store in memory, for tests and for nodes that need no persistence.
    pub(super) fn memory(node: NodeId) -> Result<Self, StoreError> {
        Self::with_backend(InMemoryBackend::new(), node)
    }

    /// Opens a store on another storage backend.
    pub(super) fn with_backend(
        backend: impl StorageBackend,
        node: NodeId,
    ) -> Result<Self, StoreError> {
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
        Ok(Self(Arc::new(Inner { database, open })))
    }

    /// Reads in a transaction, which sees a consistent state.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        let reading = spawn_blocking(move || read(&store.0.database.begin_read()?));
        reading.await.unwrap_or(Err(StoreError::Stopped))
    }

    /// Writes in a transaction. The changes are on disk when this returns, unless `durability` is lower.
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
        // openraft stops the node with the first error that it receives, which may not be the first that occurred.
        written.inspect_err(|error| {
            tracing::error!(
                error = error as &dyn Error,
                "a raft node cannot write to its store"
            );
        })
    }

    /// A channel that closes when the last clone is dropped and the file is closed.
    pub(super) fn closing(&self) -> watch::Receiver<()> {
        self.0.open.subscribe()
    }
}

/// Opens the file, or creates it. Only its owner may read it: registrations are confidential.
fn open_file(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_ONLY);
    let file = options.open(path).map_err(redb::Error::from)?;
    #[cfg(unix)]
    {
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(OWNER_ONLY);
        file.set_permissions(owner_only)
            .map_err(redb::Error::from)?;
    }
    Ok(file)
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    builder
}

/// Checks that the log has no gaps and continues after the purged entries.
fn check_log(
    log: &impl ReadableTable<u64, &'static [u8]>,
    facts: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<(), StoreError> {
    let damaged = |reason: String| StoreError::Damaged {
        part: "the log".to_owned(),
        reason,
    };
    let purged = read_fact::<types::LogId>(facts, PURGED)?.map(LogId::from_wire);
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

/// Reads the value under `name`.
pub(super) fn read_fact<T: for<'a> Decode<'a>>(
    facts: &impl ReadableTable<&'static str, &'static [u8]>,
    name: &str,
) -> Result<Option<T>, StoreError> {
    let Some(bytes) = facts.get(name)? else {
        return Ok(None);
    };
    decode(bytes.value(), name).map(Some)
}

/// Writes `fact` under `name`.
pub(super) fn write_fact(
    facts: &mut redb::Table<'_, &'static str, &'static [u8]>,
    name: &str,
    fact: &impl Encode,
) -> Result<(), StoreError> {
    let bytes = codec::encode(fact).map_err(StoreError::Unwritable)?;
    facts.insert(name, &*bytes)?;
    Ok(())
}

/// Decodes bytes that this node wrote itself, so that limits against hostile peers are not needed.
pub(super) fn decode<T: for<'a> Decode<'a>>(bytes: &[u8], part: &str) -> Result<T, StoreError> {
    let limits = Limits {
        length: usize::MAX,
        count: u32::MAX,
        ..Limits::default()
    };
    codec::decode_within(bytes, Side::Request, limits).map_err(|error| damaged(part, &error))
}

fn damaged(part: &str, error: &DecodeError) -> StoreError {
    StoreError::Damaged {
        part: part.to_owned(),
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
            Self::Damaged { part, reason } => write!(f, "{part} in the store is damaged: {reason}"),
            Self::Foreign { node } => write!(f, "the store belongs to node {node}"),
            Self::Gap { last, next } => write!(f, "entry {next} does not follow entry {last}"),
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
            Self::Damaged { .. } | Self::Foreign { .. } | Self::Gap { .. } | Self::Stopped => None,
        }
    }
}
