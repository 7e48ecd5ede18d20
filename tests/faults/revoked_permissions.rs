//! Permissions that are revoked at run time: a role is not ready while it receives nothing, and recovers by itself.

use std::time::Duration;

use natsgen_runtime::{Connection, NatsOptions};
use natsgen_testing::NatsServer;
use tokio::time::sleep;
use varpulis_sdk::coordinator_node::{
    CoordinatorNode, CoordinatorNotReady, RunningCoordinatorNode,
};
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::RaftNode;
use varpulis_sdk::worker::WorkerClient;
use varpulis_sdk::worker_node::{WorkerHealth, WorkerNotReady};

use super::fake_coordinator::FakeCoordinator;
use super::membership::{node, wait_for};
use super::{Worker, deploy, w1, within_timeout};

/// A configuration in which the role may subscribe to these patterns.
fn config(subscribe: &[&str]) -> String {
    format!(
        r#"authorization {{ users: [
            {{ user: "all", password: "p" }}
            {{ user: "role", password: "p", permissions: {{
                publish: ">", subscribe: {subscribe:?}, allow_responses: true
            }} }}
        ] }}"#
    )
}

async fn connect(server: &NatsServer, user: &str) -> Connection {
    let options = NatsOptions::new(&server.url()).user(user, "p");
    options.connect().await.expect("a connection")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_without_commands_or_inbox_is_not_ready() {
    const COMMANDS: &str = "varpulis.cluster.cmd.w1.>";
    const NOTICES: &str = "varpulis.cluster.registration.w1";
    const INBOXES: &str = "_INBOX_worker.w1.>";
    let all = config(&[COMMANDS, NOTICES, INBOXES]);
    let server = NatsServer::start_with(&all).expect("a server");
    let ours = connect(&server, "all").await;
    let _coordinator = FakeCoordinator::start(&ours).await;
    let worker = Worker::default();
    let running = node(&worker).start(&connect(&server, "role").await).await;
    let running = running.expect("a worker");
    let client = WorkerClient::new(&ours);
    for (denied, permitted) in [
        (COMMANDS, [NOTICES, INBOXES]),
        ("_INBOX_worker.w1.", [COMMANDS, NOTICES]),
    ] {
        wait_for(&running, "readiness", WorkerHealth::is_ready).await;
        server.reload(&config(&permitted)).expect("a reload");
        let health = wait_for(&running, "denial", |health| {
            health
                .denied
                .iter()
                .any(|pattern| pattern.starts_with(denied))
        });
        let health = health.await;
        assert!(!health.is_ready(), "{health:?}");
        let reason = health.not_ready();
        assert!(
            matches!(reason, Some(WorkerNotReady::Denied(_))),
            "{reason:?}"
        );
        server.reload(&all).expect("a reload");
    }
    wait_for(&running, "readiness", WorkerHealth::is_ready).await;
    let deployed = client.deploy(&w1(), &deploy("")).await;
    deployed.expect("a reply without a restart");
    within_timeout("shutdown", running.shutdown()).await;
}

/// Waits until the readiness of a coordinator has this reason, or until it is ready.
async fn wait_for_reason(
    running: &RunningCoordinatorNode,
    is_expected: impl Fn(Option<CoordinatorNotReady>) -> bool,
) {
    let waiting = async {
        while !is_expected(running.health().not_ready()) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    within_timeout("readiness or denial", waiting).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coordinator_without_heartbeats_is_not_ready() {
    let patterns = [
        "varpulis.cluster.heartbeat.*",
        "varpulis.cluster.register",
        "varpulis.cluster.workers.>",
        "varpulis.cluster.raft.1.>",
        "_INBOX_coordinator.1.>",
        "_INBOX_raft.1.>",
    ];
    let all = config(&patterns);
    let server = NatsServer::start_with(&all).expect("a server");
    let id = 1.try_into().expect("an id");
    let address = RaftNode::new("".try_into().expect("an address"));
    let starting = CoordinatorNode::new(
        "secret".try_into().expect("a key"),
        ReplicaOptions::memory(id),
    );
    let starting = starting.members([(id, address)].into());
    let running = starting.start(&connect(&server, "role").await).await;
    let running = running.expect("a coordinator");
    wait_for_reason(&running, |reason| reason.is_none()).await;
    server.reload(&config(&patterns[1..])).expect("a reload");
    let denied = CoordinatorNotReady::Denied(vec![patterns[0].to_owned()]);
    wait_for_reason(&running, |reason| reason.as_ref() == Some(&denied)).await;
    server.reload(&all).expect("a reload");
    wait_for_reason(&running, |reason| reason.is_none()).await;
    within_timeout("shutdown", running.shutdown()).await;
}
