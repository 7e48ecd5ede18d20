//! openraft's test suite for the log and the state machine.

use openraft::testing::{StoreBuilder, Suite};

use super::{TempFile, node};
use crate::replica::log::Log;
use crate::replica::state_machine::StateMachine;
use crate::replica::store::Store;
use crate::replica::type_config::{StorageError, StorageIoError, TypeConfig};

struct OnDisk;

struct InMemory;

async fn open(store: Store) -> Result<(Log, StateMachine), StorageError> {
    let state_machine = StateMachine::open(store.clone(), node(1)).await;
    let state_machine = state_machine.map_err(|error| StorageIoError::read(&error))?;
    Ok((Log::new(store, 1 << 20), state_machine))
}

impl StoreBuilder<TypeConfig, Log, StateMachine, TempFile> for OnDisk {
    async fn build(&self) -> Result<(TempFile, Log, StateMachine), StorageError> {
        let file = TempFile::new();
        let store = Store::open(&file.0, node(1));
        let store = store.map_err(|error| StorageIoError::read(&error))?;
        let (log, state_machine) = open(store).await?;
        Ok((file, log, state_machine))
    }
}

impl StoreBuilder<TypeConfig, Log, StateMachine, ()> for InMemory {
    async fn build(&self) -> Result<((), Log, StateMachine), StorageError> {
        let store = Store::memory(node(1));
        let store = store.map_err(|error| StorageIoError::read(&error))?;
        let (log, state_machine) = open(store).await?;
        Ok(((), log, state_machine))
    }
}

#[test]
fn openraft_suite_on_disk_passes() {
    Suite::test_all(OnDisk).unwrap();
}

#[test]
fn openraft_suite_in_memory_passes() {
    Suite::test_all(InMemory).unwrap();
}
