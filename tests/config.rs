//! Builders and schema agree.

use natsgen_runtime::{Connection, NatsOptions, Remember, ServeOptions, Side, codec};
use serde_json::json;

use varpulis_sample::SampleWorker;
use varpulis_sdk::types::{ApiKey, Config, WorkerId};
use varpulis_sdk::worker_node::WorkerNode;

/// A configuration that says no more than it has to.
fn least() -> Config {
    let text = json!({
        "nats": { "servers": "h" },
        "worker": { "id": "w0", "api_key": "test" },
        "coordinator": { "api_key": "test" },
        "raft": { "node_id": 1, "store_path": "r.redb" },
    });
    codec::decode(text.to_string().as_bytes(), Side::Request).unwrap()
}

fn same(configured: impl std::fmt::Debug, built: impl std::fmt::Debug) {
    assert_eq!(format!("{configured:?}"), format!("{built:?}"));
}

#[test]
fn the_defaults_of_schema_and_builders_are_one() {
    let Config { nats, worker, .. } = least();
    let worker = worker.unwrap();
    same(NatsOptions::from(&nats), NatsOptions::new("h"));
    same(ServeOptions::from(&worker.serve), ServeOptions::new());
    same(Remember::from(&worker.dedup), Remember::new());
    let service = || {
        let id = WorkerId::try_from("w0").unwrap();
        SampleWorker::new(&Connection::memory(), id, 10, Vec::new())
    };
    let key = ApiKey::try_from("test").unwrap();
    same(
        WorkerNode::configured(&worker, service()),
        WorkerNode::new(worker.id.clone(), key, service()),
    );
}

#[test]
fn so_are_those_of_a_coordinator() {
    use varpulis_sdk::coordinator_node::CoordinatorNode;
    use varpulis_sdk::replica::ReplicaOptions;

    let Config {
        coordinator, raft, ..
    } = least();
    let (coordinator, raft) = (coordinator.unwrap(), raft.unwrap());
    let replica = || ReplicaOptions::new(raft.node_id, "r.redb");
    same(ReplicaOptions::configured(&raft), replica());
    let key = ApiKey::try_from("test").unwrap();
    same(
        CoordinatorNode::configured(&coordinator, &raft),
        CoordinatorNode::new(key, replica()),
    );
}
