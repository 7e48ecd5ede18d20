//! Deployments in the registry: one to a name, none lost to a race, none beyond a worker's room.

use natsgen_runtime::{Side, codec};
use serde_json::{Value, json};

use crate::replica::Registry;
use crate::types::{Command, CommandReply, PipelineName, WorkerId};

fn worker(id: &str, most: u32) -> Value {
    let capacity = json!({ "cpu_cores": 1, "pipelines_running": 0, "max_pipelines": most });
    json!({ "RegisterWorker": { "id": id, "address": "", "api_key": "key", "capacity": capacity } })
}

/// A deployment of `p` at `version`, on `worker`.
fn value(pipeline: &str, version: &str, worker: &str) -> Value {
    json!({ "pipeline": pipeline, "version": version, "source": "", "worker_id": worker, "state": "deploying" })
}

fn deploy(pipeline: &str, version: &str, worker: &str) -> Value {
    json!({ "GroupDeployed": { "name": pipeline, "group": value(pipeline, version, worker) } })
}

fn update(pipeline: &str, replaces: &str, version: &str, worker: &str) -> Value {
    let mut group = value(pipeline, version, worker);
    group["replaces"] = replaces.into();
    json!({ "GroupUpdated": { "name": pipeline, "group": group } })
}

fn remove(pipeline: &str, version: &str) -> Value {
    json!({ "GroupRemoved": { "name": pipeline, "version": version } })
}

/// Applies commands to a registry with w0 that takes one pipeline and w1 that takes two; the last gives `expected`,
/// nothing for `Ok`, and then w0 and w1 have `counts`.
#[track_caller]
fn check(commands: &[Value], expected: &str, counts: [usize; 2]) -> Registry {
    let mut registry = Registry::default();
    let mut said = String::new();
    for json in [worker("w0", 1), worker("w1", 2)].iter().chain(commands) {
        let command: Command = codec::decode(json.to_string().as_bytes(), Side::Request).unwrap();
        said = match registry.apply(command) {
            CommandReply::Ok => String::new(),
            CommandReply::Error(failure) => failure.message.into_inner(),
            CommandReply::Unknown(other) => panic!("{other}"),
        };
    }
    assert_eq!(said, expected);
    let ids = ["w0", "w1"].map(|id| WorkerId::try_from(id).unwrap());
    assert_eq!(ids.clone().map(|id| registry.deployment_count(&id)), counts);
    assert_eq!(ids.map(|id| registry.deployments_on(&id).count()), counts);
    assert_eq!(registry.deployments().count(), counts.iter().sum::<usize>());
    let bytes = registry.to_snapshot().unwrap();
    assert_eq!(Registry::of_snapshot(&bytes).unwrap(), registry);
    registry
}

#[test]
fn a_name_is_deployed_once() {
    let first = deploy("p", "a", "w1");
    check(std::slice::from_ref(&first), "", [0, 1]);
    check(&[first.clone(), first.clone()], "", [0, 1]);
    check(
        &[first.clone(), deploy("p", "b", "w1")],
        "the name p is taken",
        [0, 1],
    );
    check(
        &[first.clone(), remove("p", "a"), deploy("p", "b", "w0")],
        "",
        [1, 0],
    );
    let other = json!({ "GroupDeployed": { "name": "p", "group": { "any": "json" } } });
    check(
        &[other.clone(), first.clone()],
        "the name p is taken",
        [0, 0],
    );
    check(&[first, other], "the name p is taken", [0, 1]);
}

#[test]
fn a_change_that_comes_too_late_changes_nothing() {
    let first = deploy("p", "a", "w0");
    let moved = update("p", "a", "b", "w1");
    check(&[first.clone(), moved.clone()], "", [0, 1]);
    check(&[first.clone(), moved.clone(), moved.clone()], "", [0, 1]);
    let late = update("p", "a", "c", "w0");
    check(
        &[first.clone(), moved.clone(), late],
        "what is known of p is version b",
        [0, 1],
    );
    check(
        &[first.clone(), moved.clone(), remove("p", "a")],
        "what is known of p is version b",
        [0, 1],
    );
    check(
        &[first.clone(), moved.clone(), remove("p", "b")],
        "",
        [0, 0],
    );
    check(
        &[first.clone(), remove("p", "a"), moved],
        "no group p",
        [0, 0],
    );
    let unversioned = json!({ "GroupRemoved": { "name": "p" } });
    check(&[first.clone(), unversioned], "", [0, 0]);
    let other = json!({ "GroupUpdated": { "name": "p", "group": 1 } });
    check(&[first, other], "what is known of p is version a", [1, 0]);
}

#[test]
fn a_worker_is_not_overfilled() {
    let (one, two) = (deploy("p", "a", "w0"), deploy("q", "a", "w0"));
    check(
        &[one.clone(), two],
        "worker w0 has no room beside 1 deployments",
        [1, 0],
    );
    check(&[one.clone(), update("p", "a", "b", "w0")], "", [1, 0]);
    let other = deploy("q", "a", "w1");
    let full = "worker w0 has no room beside 1 deployments";
    check(
        &[one.clone(), other.clone(), update("q", "a", "b", "w0")],
        full,
        [1, 1],
    );
    // What it has stays, however little it takes now.
    check(&[one, other, worker("w1", 0)], "", [1, 1]);
}

#[test]
fn groups_of_others_stay_what_they_are() {
    let mistaken = value("other", "a", "w0");
    let name = PipelineName::try_from("p").unwrap();
    for group in [json!({}), json!([1]), json!({ "pipeline": "p" }), mistaken] {
        let first = json!({ "GroupDeployed": { "name": "p", "group": group } });
        let registry = check(
            &[
                first.clone(),
                json!({ "GroupUpdated": { "name": "p", "group": 2 } }),
            ],
            "",
            [0, 0],
        );
        assert!(registry.deployment(&name).is_none());
        check(
            &[first.clone(), update("p", "a", "b", "w0")],
            "group p is no deployment",
            [0, 0],
        );
        check(
            &[first, remove("p", "a")],
            "group p is no deployment",
            [0, 0],
        );
    }
}
