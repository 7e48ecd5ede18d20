//! `varpulis coordinator`, `varpulis worker` and `varpulis gateway` as processes.

mod call;
mod context;
mod gateway;
mod operation;
mod process;
mod stopping;
mod watch;

use std::process::Output;

use natsgen_runtime::NatsOptions;
use natsgen_testing::NatsServer;
use serde_json::{Value, json};
use varpulis_sdk::replica::RegistryClient;
use varpulis_sdk::types::{Command, ScalingPolicySet};

use self::process::{Directory, Process, command};

const SECRET: &str = "hunter2";

/// A coordinator of a cluster of three.
fn coordinator(directory: &Directory, server: &NatsServer, node: u64) -> Process {
    let config = json!({
        "nats": { "servers": server.url() },
        "coordinator": { "api_key": SECRET, "heartbeat_interval_secs": 1 },
        "raft": {
            "node_id": node,
            "members": [1, 2, 3],
            "store_path": directory.path(&format!("{node}.redb")),
            "heartbeat_ms": 100,
            "shortest_election_ms": 400,
            "longest_election_ms": 800,
        },
    });
    let file = directory.file(&format!("{node}.json"), config.to_string());
    Process::start(&["coordinator", "--config", &file], &[])
}

/// A worker that is configured by its environment only.
fn worker(directory: &Directory, server: &NatsServer, id: &str, more: &[(&str, &str)]) -> Process {
    let environment = [
        ("VARPULIS_NATS__SERVERS", server.url()),
        ("VARPULIS_WORKER__ID", id.to_owned()),
        (
            "VARPULIS_WORKER__API_KEY_FILE",
            directory.file("key", format!("{SECRET}\n")),
        ),
        ("VARPULIS_WORKER__REGISTRATION_PAUSE_MS", "100".to_owned()),
    ];
    let environment = environment.each_ref();
    let environment = environment.map(|(name, text)| (*name, text.as_str()));
    let environment = [&environment, more].concat();
    Process::start(&["worker", "--every", "1"], &environment)
}

/// The configuration of a cluster with a single member.
fn single_config(directory: &Directory, server: &NatsServer) -> String {
    let config = json!({
        "nats": { "servers": server.url() },
        "coordinator": { "api_key": SECRET },
        "raft": { "node_id": 1, "members": [1], "store_path": directory.path("store") },
    });
    directory.file("config", config.to_string())
}

/// A coordinator of a cluster with a single member.
fn single_coordinator(
    directory: &Directory,
    server: &NatsServer,
    more: &[(&str, &str)],
) -> Process {
    let file = single_config(directory, server);
    Process::start(&["coordinator", "--config", &file], more)
}

#[test]
fn cluster_survives_its_leader_and_stops_on_signals() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let mut coordinators = [1, 2, 3].map(|node| coordinator(&directory, &server, node));
    let workers = ["w0", "w1"].map(|id| worker(&directory, &server, id, &[]));
    let is_complete = |line: &Value| line["ready"] == true && line["workers"]["ready"] == 2;
    let lines = coordinators
        .each_ref()
        .map(|running| running.wait_for("complete", is_complete));
    for worker in &workers {
        worker.wait_for("ready", |line| line["ready"] == true);
    }

    let leader = lines[2]["leader"].clone();
    let leading = usize::try_from(leader.as_u64().unwrap()).unwrap() - 1;
    coordinators[leading].child.kill().unwrap();
    for (index, running) in coordinators.iter().enumerate() {
        if index != leading {
            running.wait_for("led by another", |line| {
                line["leader"] != leader && is_complete(line)
            });
        }
    }
    coordinators[leading] = coordinator(&directory, &server, leader.as_u64().unwrap());
    coordinators[leading].wait_for("back", is_complete);

    let [mut w0, w1] = workers;
    w0.terminate();
    w0.exits_successfully();
    for running in &coordinators {
        running.wait_for("one less", |line| {
            line["workers"]["ready"] == 1 && line["workers"]["draining"] == 1
        });
    }
    drop(w1);
    for running in &mut coordinators {
        running.terminate();
        running.exits_successfully();
    }
}

/// A supervisor can notice the exit and start the coordinator again.
#[tokio::test(flavor = "multi_thread")]
async fn coordinator_with_full_disk_exits_with_reason() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let file = single_config(&directory, &server);
    // Blocks of 512 bytes. While the signal is ignored, the write fails instead.
    let limit = "ulimit -f 8192; trap '' XFSZ";
    let mut coordinator = Process::start_after(limit, &["coordinator", "--config", &file]);
    coordinator.wait_for("ready", |line| line["ready"] == true);
    let connection = NatsOptions::new(&server.url()).connect().await.unwrap();
    let nodes = [1.try_into().unwrap()];
    let client = RegistryClient::new(&connection, &nodes).unwrap();
    let mut client = client.api_key(SECRET.try_into().unwrap());
    let policy = "x".repeat(500_000).into();
    let command = Command::ScalingPolicySet(ScalingPolicySet::new(policy));
    while client.write(command.clone()).await.is_ok() {}
    let (status, stderr) = coordinator.ended();
    assert_eq!(status.code(), Some(1), "{stderr}");
    let has_reason = stderr.contains("File too large") || stderr.contains("Previous I/O error");
    assert!(
        stderr.contains("the node has stopped: ") && has_reason,
        "{stderr}"
    );
}

#[test]
fn worker_replaced_exits_with_code_4() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let keys = ("VARPULIS_COORDINATOR__WORKER_KEYS", r#"{"w0":"hunter2"}"#);
    let _coordinator = single_coordinator(&directory, &server, &[keys]);
    let mut older = worker(&directory, &server, "w0", &[]);
    older.wait_for("ready", |line| line["ready"] == true);
    let newer = worker(&directory, &server, "w0", &[]);
    newer.wait_for("ready", |line| line["ready"] == true);
    let (status, stderr) = older.ended();
    assert_eq!(status.code(), Some(4), "{stderr}");
    assert!(
        stderr.contains("another worker has registered as w0"),
        "{stderr}"
    );
}

#[test]
fn clusters_on_one_server_are_separated_by_prefix() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let acme = ("VARPULIS_NATS__PREFIX", "acme.two");
    let coordinator = single_coordinator(&directory, &server, &[acme]);
    let foreign = worker(&directory, &server, "w0", &[]);
    foreign.wait_for("alone", |line| {
        let failure = line["failure"].as_str();
        failure.is_some_and(|why| why.contains("varpulis.cluster.register: not delivered"))
    });
    let own = worker(&directory, &server, "w0", &[acme]);
    own.wait_for("ready", |line| line["ready"] == true);
    coordinator.wait_for("it", |line| line["workers"]["ready"] == 1);
}

#[test]
fn worker_with_closed_output_drains_and_exits() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let coordinator = single_coordinator(&directory, &server, &[]);
    let mut worker = worker(&directory, &server, "w0", &[]);
    worker.wait_for("ready", |line| line["ready"] == true);
    worker.close_output();
    worker.exits_successfully();
    coordinator.wait_for("it drained", |line| line["workers"]["draining"] == 1);
}

/// Checks that a command fails with an exit code and an error that contains `parts`, and prints no secret.
#[track_caller]
fn check_failure(arguments: &[&str], environment: &[(&str, &str)], code: i32, parts: &[&str]) {
    let Output {
        status,
        stdout,
        stderr,
    } = command(arguments, environment).output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(code), "{arguments:?}: {stderr}");
    assert!(stdout.is_empty(), "{arguments:?}");
    for part in parts {
        assert!(stderr.contains(part), "{part:?} is not in {stderr}");
    }
    assert!(!stderr.contains(SECRET), "{stderr}");
}

#[test]
fn process_errors_have_advice() {
    let directory = Directory::new();
    let config = |config: &Value| directory.file("config", config.to_string());
    let nats = json!({ "servers": "nats://ada:hunter2@127.0.0.1:1" });
    let file = config(&json!({ "nats": nats, "worker": { "id": "w0", "api_key": SECRET } }));
    check_failure(
        &["worker", "--config", &file],
        &[],
        3,
        &["cannot connect to nats://127.0.0.1:1", "nats.wait_secs"],
    );
    check_failure(
        &["worker", "--config", &file],
        &[("VARPULIS_WORKER__MAX_PIPELINES", SECRET)],
        2,
        &[
            "VARPULIS_WORKER__MAX_PIPELINES: expected an integer",
            "schema/types/config.json",
        ],
    );
    check_failure(
        &["worker", "--config", &file],
        &[("VARPULIS_NATS__SERVERS", "http://ada:hunter2@h")],
        2,
        &[
            "a server's URL begins with nats://",
            "help: `nats.servers` is",
        ],
    );
    check_failure(
        &["worker", "--config", &file],
        &[("VARPULIS_WORKR__ID", SECRET)],
        2,
        &[
            "VARPULIS_WORKR__ID sets no member",
            "help: `VARPULIS_` and member names",
        ],
    );
    check_failure(
        &["coordinator", "--config", &file],
        &[],
        2,
        &["has no `coordinator`", "VARPULIS_COORDINATOR__API_KEY"],
    );
    check_failure(
        &["worker"],
        &[],
        2,
        &["has no `worker`", "VARPULIS_WORKER__ID"],
    );
    check_failure(
        &["worker", "--config", "/no/file"],
        &[],
        2,
        &["/no/file cannot be read"],
    );
    check_failure(&["worker", "--confg", "x"], &[], 2, &["--config"]);
}

#[test]
fn raft_contradicting_settings_are_refused() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let check = |raft: (&str, &str), parts: &[&str]| {
        let (url, store) = (server.url(), directory.path("store"));
        let environment = [
            ("VARPULIS_NATS__SERVERS", url.as_str()),
            ("VARPULIS_COORDINATOR__API_KEY", SECRET),
            ("VARPULIS_RAFT__NODE_ID", "1"),
            ("VARPULIS_RAFT__STORE_PATH", &store),
            raft,
        ];
        let output = command(&["coordinator"], &environment).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        for part in parts {
            assert!(stderr.contains(part), "{part:?} is not in {stderr}");
        }
    };
    check(
        ("VARPULIS_RAFT__HEARTBEAT_MS", "2000"),
        &["help: `raft.heartbeat_ms` must be less"],
    );
    check(
        ("VARPULIS_RAFT__MEMBERS", "[2, 3]"),
        &["help: `raft.members` must contain"],
    );
}

#[test]
fn role_help_has_examples() {
    for (role, parts) in [
        (
            "worker",
            ["--config", "VARPULIS_WORKER__ID=", "exit code 4"],
        ),
        (
            "coordinator",
            ["--config", "\"members\": [1, 2, 3]", "--features raft"],
        ),
    ] {
        let output = command(&[role, "--help"], &[]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
    }
}
