//! Files and environments, and what comes of them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use natsgen_runtime::{Connection, NatsOptions, Remember, ServeOptions, codec};
use serde_json::{Value, json};

use super::ConfigError;
use crate::sample::SampleWorker;
use crate::types::{ApiKey, Config, WorkerId};
use crate::worker_node::WorkerNode;

const SECRET: &str = "hunter2";

/// A file that is gone when this is dropped.
struct File(PathBuf);

impl File {
    fn new(content: impl AsRef<[u8]>) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("varpulis-config-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, content).unwrap();
        Self(path)
    }

    fn name(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

fn load(file: Option<&Path>, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(file, environment.iter().copied())
}

/// What the members that `expected` names are, and only a look at those.
fn holds(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => expected
            .iter()
            .all(|(key, value)| actual.get(key).is_some_and(|actual| holds(actual, value))),
        _ => actual == expected,
    }
}

fn check(content: &Value, environment: &[(&str, &str)], expected: &Value) {
    let file = File::new(content.to_string());
    let config = load(Some(&file.0), environment).unwrap_or_else(|error| panic!("{error}"));
    let written = codec::encode(&config).unwrap();
    let written: Value = serde_json::from_slice(&written).unwrap();
    assert!(
        holds(&written, expected),
        "{written} should hold {expected}"
    );
}

/// In errors, `FILE` stands for the file's path.
fn check_error(content: &[u8], environment: &[(&str, &str)], expected: &str) {
    let file = File::new(content);
    let error = load(Some(&file.0), environment).expect_err(expected);
    assert_eq!(error.to_string().replace(&file.name(), "FILE"), expected);
    let debug = format!("{error:?}");
    assert!(!debug.contains(SECRET), "{debug}");
}

fn refused(content: &Value, environment: &[(&str, &str)], expected: &str) {
    check_error(content.to_string().as_bytes(), environment, expected);
}

fn worker() -> Value {
    json!({
        "nats": { "servers": "nats://file:4222" },
        "worker": { "id": "w0", "api_key": "test" },
    })
}

#[test]
fn variables_go_over_the_file_and_the_file_over_defaults() {
    check(
        &worker(),
        &[],
        &json!({ "nats": { "servers": "nats://file:4222", "ping_interval_secs": 10 } }),
    );
    check(
        &worker(),
        &[
            ("VARPULIS_NATS__SERVERS", "nats://other:4222"),
            ("PATH", "/bin"),
            ("MY_VARPULIS_NATS__SERVERS", "nats://nobody"),
        ],
        &json!({ "nats": { "servers": "nats://other:4222" }, "worker": { "id": "w0" } }),
    );
    check(
        &worker(),
        &[
            ("VARPULIS_RAFT__NODE_ID", "3"),
            ("VARPULIS_RAFT__STORE_PATH", "r.redb"),
        ],
        &json!({ "raft": { "node_id": 3, "store_path": "r.redb", "heartbeat_ms": 500 } }),
    );
    // A list or an object replaces the file's.
    let mut file = worker();
    file["nats"]["credentials"] = json!({ "user": { "name": "ada", "password": "x" } });
    check(
        &file,
        &[
            ("VARPULIS_NATS__CREDENTIALS", r#"{"token": "t"}"#),
            (
                "VARPULIS_RAFT",
                r#"{"node_id": 1, "members": [1, 2], "store_path": "r"}"#,
            ),
        ],
        &json!({ "nats": { "credentials": { "token": "t" } }, "raft": { "members": [1, 2] } }),
    );
}

#[test]
fn an_environment_is_enough() {
    let environment = [
        ("VARPULIS_NATS__SERVERS", "nats://h"),
        ("VARPULIS_WORKER__ID", "7"),
        ("VARPULIS_WORKER__API_KEY", "[1]"),
        ("VARPULIS_WORKER__SERVE__QUEUE", "5"),
    ];
    let worker = load(None, &environment).unwrap().worker.unwrap();
    // A text is taken as JSON only where the type asks for something else.
    assert_eq!((worker.id.as_str(), worker.api_key.expose()), ("7", "[1]"));
    assert_eq!(worker.serve.queue.get(), 5);
    let error = load(None, &[]).unwrap_err().to_string();
    assert_eq!(error, "the environment: expected a member `nats`");
}

#[test]
fn a_secret_may_be_in_a_file_of_its_own() {
    for (content, secret) in [
        ("a\n", "a"),
        ("a\r\n", "a"),
        ("a\n\n", "a\n"),
        ("a b", "a b"),
    ] {
        let file = File::new(content);
        let (key, password) = (
            "VARPULIS_WORKER__API_KEY_FILE",
            "VARPULIS_NATS__CREDENTIALS__USER__PASSWORD_FILE",
        );
        let name = ("VARPULIS_NATS__CREDENTIALS__USER__NAME", "ada");
        check(
            &worker(),
            &[(key, &file.name()), (password, &file.name()), name],
            &json!({
                "nats": { "credentials": { "user": { "password": secret } } },
                "worker": { "api_key": secret },
            }),
        );
    }
    refused(
        &worker(),
        &[("VARPULIS_WORKER__API_KEY_FILE", "/not/there")],
        "/not/there of VARPULIS_WORKER__API_KEY_FILE cannot be read",
    );
    let file = File::new(format!("{SECRET}{SECRET:>600}"));
    refused(
        &worker(),
        &[("VARPULIS_WORKER__API_KEY_FILE", &file.name())],
        "VARPULIS_WORKER__API_KEY_FILE: expected at most 512 characters at /worker/api_key",
    );
}

#[test]
fn a_mistake_in_a_file_names_file_and_pointer() {
    check_error(
        b"{\n  \"nats\": hunter2 }",
        &[],
        "FILE: expected JSON, but expected value at line 2 column 11",
    );
    check_error(
        b"[]",
        &[("VARPULIS_WORKER__ID", "w")],
        "FILE: expected an object",
    );
    refused(&json!({}), &[], "FILE: expected a member `nats`");
    let mut file = worker();
    file["worker"]["api_key"] = json!({ SECRET: SECRET });
    refused(&file, &[], "FILE: expected a text at /worker/api_key");
    let mut file = worker();
    file["worker"]["max_pipelines"] = json!("hunter2");
    refused(
        &file,
        &[],
        "FILE: expected an integer from 0 to 4294967295 at /worker/max_pipelines",
    );
    let mut file = worker();
    file["nats"] = json!({ "server": "nats://ada:hunter2@h" });
    refused(
        &file,
        &[],
        "FILE: unknown member `server`, expected no member but `servers`, `credentials`, `name`, `prefix`, \
         `inbox_prefix`, `root_certificates_path`, `client_certificate`, `ping_interval_secs`, `connect_timeout_ms`, \
         `wait_secs`, `subscription_capacity` at /nats",
    );
    let mut file = worker();
    file["raft"] = json!({ "node_id": 1, "store_path": "r", "members": [1, -2] });
    refused(
        &file,
        &[],
        "FILE: expected an integer from 0 to 18446744073709551615 at /raft/members/1",
    );
    let error = load(Some(Path::new("/not/there")), &[]).unwrap_err();
    assert_eq!(error.to_string(), "/not/there cannot be read");
}

#[test]
fn a_mistake_in_a_variable_names_it() {
    let check = |variable: (&str, &str), expected: &str| {
        refused(
            &worker(),
            &[variable],
            &format!("{}: {expected}", variable.0),
        );
    };
    check(
        ("VARPULIS_WORKER__MAX_PIPELINES", "hunter2"),
        "expected an integer from 0 to 4294967295 at /worker/max_pipelines",
    );
    check(
        ("VARPULIS_NATS__PING_INTERVAL_SECS", "0"),
        "expected an integer from 1 to 3600 at /nats/ping_interval_secs",
    );
    check(
        ("VARPULIS_NATS__PREFIX", "hunter2..x"),
        r"expected a text that matches ^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$ at /nats/prefix",
    );
    check(
        ("VARPULIS_WORKER__API_KEY", ""),
        "expected at least 1 characters at /worker/api_key",
    );
    check(
        ("VARPULIS_NATS__CREDENTIALS", r#"{"token": 5}"#),
        "expected a text at /nats/credentials/token",
    );
    check(
        ("VARPULIS_WORKER", "hunter2"),
        "expected an object at /worker",
    );
}

#[test]
fn a_variable_that_sets_nothing_is_named() {
    let check = |variable: (&str, &str), expected: &str| {
        let expected = format!("{} sets no member, {expected}", variable.0);
        refused(&worker(), &[variable], &expected);
    };
    check(
        ("VARPULIS_COORDINATOR__SERVE__QEUE", SECRET),
        "expected no member but `concurrency`, `queue` at /coordinator/serve",
    );
    check(
        ("VARPULIS_COORDINATR__API_KEY", SECRET),
        "expected no member but `nats`, `worker`, `coordinator`, `raft`",
    );
    check(
        ("VARPULIS_SERVICE_HOST", "10.0.0.1"),
        "expected no member but `nats`, `worker`, `coordinator`, `raft`",
    );
    check(
        ("VARPULIS_WORKER__ID__X", SECRET),
        "expected a text at /worker/id",
    );
    check(
        ("VARPULIS_", SECRET),
        "expected no member but `nats`, `worker`, `coordinator`, `raft`",
    );
}

#[test]
fn what_file_and_variables_say_together_names_both() {
    let mut file = worker();
    file["nats"]["credentials"] = json!({ "user": { "name": "ada", "password": SECRET } });
    refused(
        &file,
        &[("VARPULIS_NATS__CREDENTIALS__TOKEN", SECRET)],
        "FILE and VARPULIS_NATS__CREDENTIALS__TOKEN: expected one member at /nats/credentials",
    );
    refused(
        &worker(),
        &[
            ("VARPULIS_RAFT__KEEP", "1"),
            ("VARPULIS_RAFT__NODE_ID", "1"),
        ],
        "FILE, VARPULIS_RAFT__KEEP and VARPULIS_RAFT__NODE_ID: expected a member `store_path` at /raft",
    );
    let file = File::new(SECRET);
    for other in [
        ("VARPULIS_WORKER__API_KEY_FILE", file.name().as_str()),
        ("VARPULIS_WORKER__API_KEY__X", SECRET),
        ("VARPULIS_WORKER__api_key", SECRET),
    ] {
        refused(
            &worker(),
            &[("VARPULIS_WORKER__API_KEY", SECRET), other],
            &format!("VARPULIS_WORKER__API_KEY and {} set the same", other.0),
        );
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStringExt;

    let variable = |name: &[u8], value: &[u8]| {
        let pair = (
            OsString::from_vec(name.to_vec()),
            OsString::from_vec(value.to_vec()),
        );
        Config::load(None, [pair]).unwrap_err().to_string()
    };
    assert_eq!(
        variable(b"VARPULIS_WORKER__ID", b"\xff"),
        "VARPULIS_WORKER__ID: expected UTF-8"
    );
    assert_eq!(
        variable(b"VARPULIS_\xff", b"x"),
        "VARPULIS_\u{fffd} sets no member, expected no member but `nats`, `worker`, `coordinator`, `raft`"
    );
}

#[test]
fn debug_shows_no_secret() {
    let config = load(
        None,
        &[
            ("VARPULIS_NATS__SERVERS", "nats://ada:hunter2@h"),
            (
                "VARPULIS_NATS__CREDENTIALS",
                r#"{"user": {"name": "ada", "password": "hunter2"}}"#,
            ),
            ("VARPULIS_WORKER", r#"{"id": "w0", "api_key": "hunter2"}"#),
            ("VARPULIS_COORDINATOR__API_KEY", SECRET),
        ],
    )
    .unwrap();
    let options = NatsOptions::from(&config.nats);
    let debug = format!("{config:?} {options:?}");
    assert!(!debug.contains(SECRET), "{debug}");
    assert!(debug.contains("***"), "{debug}");
}

#[test]
fn no_member_ends_like_a_variable_that_names_a_file() {
    fn walk(schema: &Value) {
        match schema {
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                assert!(!key.ends_with("_file") && !key.contains("__"), "{key}");
                walk(value);
            }),
            Value::Array(items) => items.iter().for_each(walk),
            _ => {}
        }
    }
    walk(&serde_json::from_str(include_str!("../../../schema/types/config.json")).unwrap());
}

/// A configuration that says no more than it has to.
fn least() -> Config {
    let text = json!({
        "nats": { "servers": "h" },
        "worker": { "id": "w0", "api_key": "test" },
        "coordinator": { "api_key": "test" },
        "raft": { "node_id": 1, "store_path": "r.redb" },
    });
    codec::decode(text.to_string().as_bytes(), codec::Side::Request).unwrap()
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
    same(Remember::from(&worker.remember), Remember::new());
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

#[cfg(feature = "raft")]
#[test]
fn so_are_those_of_a_coordinator() {
    use crate::coordinator_node::CoordinatorNode;
    use crate::replica::ReplicaOptions;

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
