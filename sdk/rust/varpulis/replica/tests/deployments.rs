//! Deployments in the registry: unique names, no lost updates, limited by each worker's capacity.

use natsgen_runtime::{Side, codec};
use serde_json::{Value, json};

use crate::replica::Registry;
use crate::types::{Command, CommandReply, PipelineName, WorkerId};

fn worker(id: &str, most: u32) -> Value {
    let capacity = json!({ "cpu_cores": 1, "pipelines_running": 0, "max_pipelines": most });
    json!({ "RegisterWorker": { "id": id, "address": "", "api_key": "key", "capacity": capacity } })
}

/// A deployment of `pipeline` at `version`, on `worker`.
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

/// Applies commands to a registry in which w0 accepts a pipeline and w1 accepts two. `expected` is the error message of
/// the last command, or empty for `Ok`. Afterwards w0 and w1 have `counts` deployments.
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
fn deployment_name_is_unique() {
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
fn deployment_stale_update_is_refused() {
    let first = deploy("p", "a", "w0");
    let moved = update("p", "a", "b", "w1");
    check(&[first.clone(), moved.clone()], "", [0, 1]);
    check(&[first.clone(), moved.clone(), moved.clone()], "", [0, 1]);
    let late = update("p", "a", "c", "w0");
    check(
        &[first.clone(), moved.clone(), late],
        "the current version of p is b",
        [0, 1],
    );
    check(
        &[first.clone(), moved.clone(), remove("p", "a")],
        "the current version of p is b",
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
    check(&[first, other], "the current version of p is a", [1, 0]);
}

#[test]
fn deployment_beyond_capacity_is_refused() {
    let (one, two) = (deploy("p", "a", "w0"), deploy("q", "a", "w0"));
    check(
        &[one.clone(), two],
        "worker w0 has no room for more than its 1 deployments",
        [1, 0],
    );
    check(&[one.clone(), update("p", "a", "b", "w0")], "", [1, 0]);
    let other = deploy("q", "a", "w1");
    let full = "worker w0 has no room for more than its 1 deployments";
    check(
        &[one.clone(), other.clone(), update("q", "a", "b", "w0")],
        full,
        [1, 1],
    );
    // Existing deployments stay, even if the worker accepts fewer now.
    check(&[one, other, worker("w1", 0)], "", [1, 1]);
}

#[test]
fn group_of_another_form_stays_unchanged() {
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
            "group p is not a deployment",
            [0, 0],
        );
        check(
            &[first, remove("p", "a")],
            "group p is not a deployment",
            [0, 0],
        );
    }
}
