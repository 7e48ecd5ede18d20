//! The defaults of the builders equal the defaults of the schema.

use natsgen_runtime::{Connection, DedupOptions, NatsOptions, ServeOptions, Side, codec};
use serde_json::json;

use varpulis_sample::SampleWorker;
use varpulis_sdk::types::{ApiKey, Config, WorkerId};
use varpulis_sdk::worker_node::WorkerNode;

/// A configuration with only the required members.
fn minimal() -> Config {
    let text = json!({
        "nats": { "servers": "h" },
        "worker": { "id": "w0", "api_key": "test" },
        "coordinator": { "api_key": "test" },
        "raft": { "node_id": 1, "store_path": "r.redb" },
    });
    codec::decode(text.to_string().as_bytes(), Side::Request).unwrap()
}

fn assert_same(configured: impl std::fmt::Debug, built: impl std::fmt::Debug) {
    assert_eq!(format!("{configured:?}"), format!("{built:?}"));
}

#[test]
fn worker_defaults_equal_the_schema() {
    let Config { nats, worker, .. } = minimal();
    let worker = worker.unwrap();
    assert_same(NatsOptions::from(&nats.unwrap()), NatsOptions::new("h"));
    assert_same(ServeOptions::from(&worker.serve), ServeOptions::new());
    assert_same(DedupOptions::from(&worker.dedup), DedupOptions::new());
    let service = || {
        let id = WorkerId::try_from("w0").unwrap();
        SampleWorker::new(&Connection::memory(), id, 10, Vec::new())
    };
    let key = ApiKey::try_from("test").unwrap();
    assert_same(
        WorkerNode::configured(&worker, service()),
        WorkerNode::new(worker.id.clone(), key, service()),
    );
}

#[test]
fn coordinator_defaults_equal_the_schema() {
    use varpulis_sdk::coordinator_node::CoordinatorNode;
    use varpulis_sdk::replica::ReplicaOptions;

    let Config {
        coordinator, raft, ..
    } = minimal();
    let (coordinator, raft) = (coordinator.unwrap(), raft.unwrap());
    let replica = || ReplicaOptions::new(raft.node_id, "r.redb");
    assert_same(ReplicaOptions::configured(&raft), replica());
    let key = ApiKey::try_from("test").unwrap();
    assert_same(
        CoordinatorNode::configured(&coordinator, &raft),
        CoordinatorNode::new(key, replica()),
    );
}
