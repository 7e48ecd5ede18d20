//! Loading files and environments.

mod errors;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use natsgen_runtime::{NatsOptions, codec};
use serde_json::{Value, json};

use super::ConfigError;
use crate::types::Config;

const SECRET: &str = "hunter2";

/// A temporary file, removed on drop.
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

/// Whether `actual` contains all members of `expected`, with the same values.
fn contains_all(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => expected.iter().all(|(key, value)| {
            actual
                .get(key)
                .is_some_and(|actual| contains_all(actual, value))
        }),
        _ => actual == expected,
    }
}

fn check(content: &Value, environment: &[(&str, &str)], expected: &Value) {
    let file = File::new(content.to_string());
    let config = load(Some(&file.0), environment).unwrap_or_else(|error| panic!("{error}"));
    let written = codec::encode(&config).unwrap();
    let written: Value = serde_json::from_slice(&written).unwrap();
    assert!(
        contains_all(&written, expected),
        "{written} should contain {expected}"
    );
}

/// `FILE` stands for the file's path in `expected`.
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
fn config_precedence_is_variable_then_file_then_default() {
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
            ("MY_VARPULIS_NATS__SERVERS", "nats://ignored"),
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
    // A variable's list or object replaces the list or object of the file.
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
fn config_from_environment_alone_loads() {
    let environment = [
        ("VARPULIS_NATS__SERVERS", "nats://h"),
        ("VARPULIS_WORKER__ID", "7"),
        ("VARPULIS_WORKER__API_KEY", "[1]"),
        ("VARPULIS_WORKER__SERVE__QUEUE", "5"),
    ];
    let worker = load(None, &environment).unwrap().worker.unwrap();
    // A value is read as JSON only if the type refuses it as a string.
    assert_eq!((worker.id.as_str(), worker.api_key.expose()), ("7", "[1]"));
    assert_eq!(worker.serve.queue.get(), 5);
    let error = load(None, &environment[1..2]).unwrap_err().to_string();
    let expected = "VARPULIS_WORKER__ID: expected a member `api_key` at /worker";
    assert_eq!(error, expected);
}

#[test]
fn variable_with_file_suffix_reads_the_file() {
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
fn config_debug_hides_secrets() {
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
    let options = NatsOptions::from(config.nats.as_ref().unwrap());
    let debug = format!("{config:?} {options:?}");
    assert!(!debug.contains(SECRET), "{debug}");
    assert!(debug.contains("***"), "{debug}");
}

#[test]
fn schema_member_names_avoid_the_file_suffix() {
    fn check_names(schema: &Value) {
        match schema {
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                assert!(!key.ends_with("_file") && !key.contains("__"), "{key}");
                check_names(value);
            }),
            Value::Array(items) => items.iter().for_each(check_names),
            _ => {}
        }
    }
    for schema in [
        include_str!("../../../../schema/types/config.json"),
        include_str!("../../../../schema/types/raft_config.json"),
    ] {
        check_names(&serde_json::from_str(schema).unwrap());
    }
}
