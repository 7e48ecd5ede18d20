//! Entries of other implementations.

use natsgen_runtime::Value;
use openraft::storage::RaftStateMachine as _;
use openraft::{EntryPayload, LeaderId};

use super::node;
use crate::replica::Registry;
use crate::replica::state_machine::StateMachine;
use crate::replica::store::Store;
use crate::replica::type_config::{Entry, LogId};
use crate::types::CommandReply;

/// Commands with values that no client of this SDK may send, and the pointers of these values.
const COMMANDS: &[(&str, &str)] = &[
    (
        r#"{"RegisterWorker":{"id":"host.example.com","address":"","api_key":"k","capacity":{"cpu_cores":1,"pipelines_running":0,"max_pipelines":1}}}"#,
        "/RegisterWorker/id",
    ),
    (
        r#"{"RegisterWorker":{"id":"w","address":"","api_key":"","capacity":{"cpu_cores":1,"pipelines_running":0,"max_pipelines":1}}}"#,
        "/RegisterWorker/api_key",
    ),
    (
        r#"{"WorkerStatusChanged":{"id":"w","status":"asleep"}}"#,
        "/WorkerStatusChanged/status",
    ),
];

#[tokio::test]
async fn foreign_command_has_no_effect_and_is_named() {
    let store = Store::memory(node(1)).unwrap();
    let mut state_machine = StateMachine::open(store, node(1)).await.unwrap();
    for (index, (command, pointer)) in (1..).zip(COMMANDS) {
        let command: Value = command.parse().unwrap();
        let entry = Entry {
            log_id: LogId::new(LeaderId::new(1, 1), index),
            payload: EntryPayload::Normal(vec![command]),
        };
        let replies = state_machine.apply([entry]).await.unwrap();
        assert!(
            matches!(&replies[..], [replies] if matches!(replies[..], [CommandReply::Error(_)]))
        );
        let named = state_machine.unreadable().without_effect();
        let text = named.last().unwrap().to_string();
        let expected = format!("cannot read entry {index}: {pointer}: ");
        assert!(text.starts_with(&expected), "{text}");
    }
    state_machine.with_registry(|registry| assert_eq!(*registry, Registry::default()));
    let (applied, _) = state_machine.applied_state().await.unwrap();
    assert_eq!(applied.unwrap().index, COMMANDS.len() as u64);
}
