//! The handlers and their answers.

use natsgen_runtime::transport::Message;
use natsgen_runtime::{Payload, Side, codec};
use serde_json::Value;
use varpulis_sdk::coordinator::RegisterReply;
use varpulis_sdk::raft::{
    AppendReply, ReadIndexReply, SnapshotReply, StatusReply, VoteReply, WriteReply,
};
use varpulis_sdk::worker::{
    CheckpointReply, DeployReply, DrainReply, InjectBatchReply, InjectReply, RestoreReply,
    UndeployReply,
};

/// Whether a payload is a reply of an operation.
pub(crate) type IsReply = fn(&[u8]) -> bool;

/// The subjects of requests below the prefix, and their replies. Node 1 leads a cluster, node 2 is in no cluster.
pub(crate) const REQUESTS: [(&str, IsReply); 22] = [
    ("cmd.m0.checkpoint", is::<CheckpointReply>),
    ("cmd.m0.deploy", is::<DeployReply>),
    ("cmd.m0.inject", is::<InjectReply>),
    ("cmd.m0.inject_batch", is::<InjectBatchReply>),
    ("cmd.m0.restore", is::<RestoreReply>),
    ("cmd.m0.undeploy", is::<UndeployReply>),
    ("cmd.m0.unknown", never),
    ("register", is::<RegisterReply>),
    ("raft.1.append", is::<AppendReply>),
    ("raft.1.read_index", is::<ReadIndexReply>),
    ("raft.1.snapshot", is::<SnapshotReply>),
    ("raft.1.status", is::<StatusReply>),
    ("raft.1.vote", is::<VoteReply>),
    ("raft.1.write", is::<WriteReply>),
    ("raft.2.append", is::<AppendReply>),
    ("raft.2.read_index", is::<ReadIndexReply>),
    ("raft.2.snapshot", is::<SnapshotReply>),
    ("raft.2.status", is::<StatusReply>),
    ("raft.2.vote", is::<VoteReply>),
    ("raft.2.write", is::<WriteReply>),
    ("raft.2.unknown", never),
    // At the end: the worker then refuses most commands.
    ("cmd.m0.drain", is::<DrainReply>),
];

/// The subjects of events below the prefix.
pub(crate) const EVENTS: [&str; 4] = [
    "heartbeat.m0",
    "heartbeat.unknown",
    "registration.m0",
    "pipeline.g.m1.m0",
];

fn is<T: Payload>(payload: &[u8]) -> bool {
    codec::decode::<T>(payload, Side::Reply).is_ok()
}

fn never(_: &[u8]) -> bool {
    false
}

/// Whether a message is a typed error: it has the headers and the body of an error.
pub(crate) fn is_error(message: &Message) -> bool {
    let has_headers = ["Nats-Service-Error-Code", "Nats-Service-Error"]
        .iter()
        .all(|name| message.headers.get(name).is_some());
    let body: Value = serde_json::from_slice(&message.payload).unwrap_or_default();
    has_headers && body["error"].is_string() && body["code"].is_string()
}
