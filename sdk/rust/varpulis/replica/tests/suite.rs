//! openraft's own suite over the log and the state machine.

use openraft::testing::{StoreBuilder, Suite};

use super::{Scratch, node};
use crate::replica::kinds::{Kinds, StorageError, StorageIoError};
use crate::replica::log::Log;
use crate::replica::machine::Machine;
use crate::replica::store::Store;

struct OnDisk;

struct InMemory;

async fn over(store: Store) -> Result<(Log, Machine), StorageError> {
    let machine = Machine::open(store.clone(), node(1)).await;
    let machine = machine.map_err(|error| StorageIoError::read(&error))?;
    Ok((Log::new(store, 1 << 20), machine))
}

impl StoreBuilder<Kinds, Log, Machine, Scratch> for OnDisk {
    async fn build(&self) -> Result<(Scratch, Log, Machine), StorageError> {
        let scratch = Scratch::new();
        let store = Store::open(&scratch.0, node(1));
        let store = store.map_err(|error| StorageIoError::read(&error))?;
        let (log, machine) = over(store).await?;
        Ok((scratch, log, machine))
    }
}

impl StoreBuilder<Kinds, Log, Machine, ()> for InMemory {
    async fn build(&self) -> Result<((), Log, Machine), StorageError> {
        let store = Store::memory(node(1));
        let store = store.map_err(|error| StorageIoError::read(&error))?;
        let (log, machine) = over(store).await?;
        Ok(((), log, machine))
    }
}

#[test]
fn the_suite_passes_on_disk() {
    Suite::test_all(OnDisk).unwrap();
}

#[test]
fn the_suite_passes_in_memory() {
    Suite::test_all(InMemory).unwrap();
}
