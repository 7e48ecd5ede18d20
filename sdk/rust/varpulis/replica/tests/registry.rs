//! The registry depends only on its commands, and a snapshot contains all of it.

use std::fs;

use natsgen_runtime::{Side, codec};
use serde_json::{Value, json};

use super::Random;
use crate::replica::Registry;
use crate::types::{Command, CommandReply};

fn command(json: &Value) -> Command {
    codec::decode(json.to_string().as_bytes(), Side::Request).unwrap()
}

fn worker(id: &str) -> Value {
    let capacity = json!({ "cpu_cores": 8, "pipelines_running": 0, "max_pipelines": 100 });
    json!({ "id": id, "address": "", "api_key": "key", "capacity": capacity })
}

/// Applies commands to an empty registry. `expected` is the error message of the last command, or empty for `Ok`.
#[track_caller]
fn check(commands: &[Value], expected: &str) {
    let mut registry = Registry::default();
    let replies = commands.iter().map(|json| registry.apply(command(json)));
    let said = match replies.last().unwrap() {
        CommandReply::Ok => String::new(),
        CommandReply::Error(failure) => failure.message.into_inner(),
        CommandReply::Unknown(other) => panic!("{other}"),
    };
    assert_eq!(said, expected);
    assert_snapshot(&registry);
}

#[track_caller]
fn assert_snapshot(registry: &Registry) {
    let bytes = registry.to_snapshot().unwrap();
    assert_eq!(&Registry::of_snapshot(&bytes).unwrap(), registry);
}

#[test]
fn registry_commands_change_the_registry() {
    let register = json!({ "RegisterWorker": worker("w0") });
    let metrics = |seq: u64| {
        json!({ "WorkerMetricsUpdated":
            { "id": "w0", "events_processed": 1, "pipelines_running": 1, "heartbeat_seq": seq } })
    };
    let complete =
        |id: u64| json!({ "CheckpointCompleted": { "group_id": "g", "checkpoint_id": id } });
    let ready = json!({ "WorkerStatusChanged": { "id": "w0", "status": "ready" } });
    let leave = json!({ "DeregisterWorker": { "id": "w0" } });
    let task = json!({ "MigrationStarted": { "task": { "id": "m", "from": "w0" } } });
    let step = json!({ "MigrationUpdated": { "id": "m", "status": "deploying" } });
    check(std::slice::from_ref(&register), "");
    check(std::slice::from_ref(&ready), "no worker w0");
    check(&[register.clone(), ready.clone(), leave.clone()], "");
    check(&[register.clone(), leave.clone(), leave], "no worker w0");
    check(&[register.clone(), metrics(2), metrics(3)], "");
    check(
        &[register, metrics(3), metrics(3)],
        "heartbeat 3 is older than 3",
    );
    check(&[complete(3), complete(4)], "");
    check(
        &[complete(3), complete(2)],
        "checkpoint 3 is complete, 2 is not newer",
    );
    check(std::slice::from_ref(&step), "no move m");
    check(&[task, step], "");
    check(
        &[json!({ "MigrationStarted": { "task": {} } })],
        "the task has no id",
    );
    check(
        &[json!({ "GroupUpdated": { "name": "g", "group": 1 } })],
        "no group g",
    );
}

#[test]
fn registry_renewed_worker_keeps_its_state() {
    let mut registry = Registry::default();
    let pipelines = json!({ "id": "w0", "assigned_pipelines": ["p"] });
    for json in [
        json!({ "RegisterWorker": worker("w0") }),
        json!({ "WorkerPipelinesUpdated": pipelines }),
        json!({ "WorkerStatusChanged": { "id": "w0", "status": "unhealthy" } }),
        json!({ "RegisterWorker": worker("w0") }),
    ] {
        assert_eq!(registry.apply(command(&json)), CommandReply::Ok);
    }
    let worker = registry.workers().next().unwrap();
    assert_eq!(worker.status.as_str(), "registering");
    assert_eq!(
        worker.pipelines.as_ref().unwrap().assigned_pipelines.len(),
        1
    );
}

/// The reply to the registration of an instance; an empty text means no instance id.
fn register(registry: &mut Registry, instance: &str) -> CommandReply {
    let mut worker = worker("w0");
    if !instance.is_empty() {
        worker["instance"] = instance.into();
    }
    let reply = registry.apply(command(&json!({ "RegisterWorker": worker })));
    assert_snapshot(registry);
    reply
}

fn change(registry: &mut Registry, status: &str) -> CommandReply {
    let change = json!({ "id": "w0", "status": status });
    registry.apply(command(&json!({ "WorkerStatusChanged": change })))
}

#[test]
fn registry_new_instance_replaces_the_old_for_good() {
    let mut registry = Registry::default();
    for number in 0..20 {
        for instance in [format!("i{number}"), String::new()] {
            assert_eq!(register(&mut registry, &instance), CommandReply::Ok);
            let worker = registry.workers().next().unwrap();
            assert_eq!(worker.status.as_str(), "registering");
            let known = worker.registration.instance.as_ref();
            assert_eq!(known.map_or("", |known| known.as_str()), instance);
            assert_eq!(change(&mut registry, "ready"), CommandReply::Ok);
        }
    }
    let before = registry.clone();
    for number in 4..20 {
        let CommandReply::Error(refusal) = register(&mut registry, &format!("i{number}")) else {
            panic!("i{number} was replaced");
        };
        let expected = format!("instance i{number} of worker w0 was replaced");
        assert_eq!(refusal.message.as_str(), expected);
    }
    assert_eq!(registry, before, "a refused registration changes nothing");
    let reply = register(&mut registry, "i3");
    assert_eq!(
        reply,
        CommandReply::Ok,
        "the record keeps sixteen replaced instances"
    );
}

#[test]
fn registry_renewal_keeps_status_and_draining() {
    let mut registry = Registry::default();
    let status = |registry: &Registry| registry.workers().next().unwrap().status;
    register(&mut registry, "a");
    for known in ["ready", "unhealthy", "draining"] {
        assert_eq!(change(&mut registry, known), CommandReply::Ok);
        register(&mut registry, "a");
        assert_eq!(status(&registry).as_str(), known);
    }
    for refused in ["ready", "unhealthy", "registering"] {
        let reply = change(&mut registry, refused);
        assert!(matches!(reply, CommandReply::Error(_)), "{refused}");
    }
    assert_eq!(status(&registry).as_str(), "draining");
    register(&mut registry, "b");
    assert_eq!(status(&registry).as_str(), "registering");
}

#[test]
fn registry_recorded_commands_get_a_reply() {
    let files = fs::read_dir("tests/vectors/varpulis-0.11/payloads").unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| {
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("cmd.")
    });
    assert_eq!(paths.len(), 19);
    let commands: Vec<Command> = paths
        .iter()
        .map(|path| codec::decode(&fs::read(path).unwrap(), Side::Request).unwrap())
        .collect();
    for seed in 0..200 {
        let mut random = Random(seed);
        let (mut one, mut other) = (Registry::default(), Registry::default());
        for _ in 0..60 {
            let command = &commands[random.below(commands.len())];
            assert_eq!(
                one.apply(command.clone()),
                other.apply(command.clone()),
                "seed {seed}"
            );
        }
        assert_eq!(
            one.to_snapshot().unwrap(),
            other.to_snapshot().unwrap(),
            "seed {seed}"
        );
        assert_snapshot(&one);
    }
}

#[test]
fn snapshot_damaged_is_an_error() {
    for bytes in [
        &b"{"[..],
        b"{\"DeregisterWorker\":{\"id\":\"w0\"}}\n",
        b"\xff\n",
    ] {
        let error = Registry::of_snapshot(bytes).unwrap_err().to_string();
        assert!(
            error.starts_with("the snapshot in the store is damaged"),
            "{error}"
        );
    }
}
