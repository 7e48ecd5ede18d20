//! Errors, and the sources that they name.

use std::ffi::OsString;
use std::path::Path;

use serde_json::json;

use super::{File, SECRET, check_error, load, refused, worker};
use crate::types::Config;

#[test]
fn error_in_file_names_file_and_pointer() {
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
    let file = json!({ "nats": {} });
    refused(&file, &[], "FILE: expected a member `servers` at /nats");
    let mut file = worker();
    file["worker"]["api_key"] = json!({ SECRET: SECRET });
    refused(&file, &[], "FILE: expected a string at /worker/api_key");
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
         `inbox_prefix`, `root_certificates_path`, `client_certificate`, `tls_first`, `ping_interval_secs`, \
         `connect_timeout_ms`, `wait_secs`, `subscription_capacity` at /nats",
    );
    let mut file = worker();
    file["raft"] = json!({ "node_id": 1, "store_path": "r", "members": [1, -2] });
    refused(
        &file,
        &[],
        "FILE: expected an integer from 0 to 9007199254740991 at /raft/members/1",
    );
    let error = load(Some(Path::new("/not/there")), &[]).unwrap_err();
    assert_eq!(error.to_string(), "/not/there cannot be read");
}

#[test]
fn error_in_variable_names_the_variable() {
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
        r"expected a string that matches ^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$ at /nats/prefix",
    );
    check(
        ("VARPULIS_WORKER__API_KEY", ""),
        "expected at least 1 characters at /worker/api_key",
    );
    check(
        ("VARPULIS_NATS__CREDENTIALS", r#"{"token": 5}"#),
        "expected a string at /nats/credentials/token",
    );
    check(
        ("VARPULIS_WORKER", "hunter2"),
        "expected an object at /worker",
    );
}

#[test]
fn variable_without_member_is_refused() {
    let check = |variable: (&str, &str), expected: &str| {
        let expected = format!("{} sets no member, {expected}", variable.0);
        refused(&worker(), &[variable], &expected);
    };
    check(
        ("VARPULIS_COORDINATOR__SERVE__QEUE", SECRET),
        "expected no member but `concurrency`, `queue`, `per_key`, `reserve`, `bytes`, `grace_ms` at /coordinator/serve",
    );
    check(
        ("VARPULIS_COORDINATR__API_KEY", SECRET),
        "expected no member but `nats`, `worker`, `coordinator`, `raft`",
    );
    check(
        ("VARPULIS_WORKER__ID__X", SECRET),
        "expected a string at /worker/id",
    );
    check(
        ("VARPULIS___", SECRET),
        "expected no member but `nats`, `worker`, `coordinator`, `raft`",
    );
}

#[test]
fn variable_without_separators_names_the_member() {
    for (variable, meant) in [
        ("VARPULIS_WORKER_ID", "VARPULIS_WORKER__ID"),
        ("VARPULIS_WORKER_API_KEY", "VARPULIS_WORKER__API_KEY"),
        (
            "VARPULIS_WORKER_API_KEY_FILE",
            "VARPULIS_WORKER__API_KEY_FILE",
        ),
        ("VARPULIS_NATS_SERVERS", "VARPULIS_NATS__SERVERS"),
        (
            "VARPULIS_COORDINATOR_SERVE_QUEUE",
            "VARPULIS_COORDINATOR__SERVE__QUEUE",
        ),
    ] {
        let expected = format!("{variable} sets no member, but {meant} would");
        refused(&worker(), &[(variable, SECRET)], &expected);
    }
}

/// The variables that Kubernetes sets for services of these names, and variables of other programs.
#[test]
fn variables_of_kubernetes_are_ignored() {
    let mut environment = Vec::new();
    for service in ["", "_WORKER", "_COORDINATOR", "_NATS", "_RAFT"] {
        for (name, value) in [
            ("SERVICE_HOST", "10.0.0.1"),
            ("SERVICE_PORT", "4222"),
            ("SERVICE_PORT_HTTP", "4222"),
            ("SERVICE_PORT_API_KEY", "4222"),
            ("PORT", "tcp://10.0.0.1:4222"),
            ("PORT_4222_TCP", "tcp://10.0.0.1:4222"),
            ("PORT_4222_TCP_PROTO", "tcp"),
            ("PORT_4222_TCP_PORT", "4222"),
            ("PORT_4222_TCP_ADDR", "10.0.0.1"),
        ] {
            environment.push((format!("VARPULIS{service}_{name}"), value));
        }
    }
    for other in [
        "VARPULIS_",
        "VARPULIS_HOME",
        "VARPULIS_HOME_FILE",
        "VARPULIS",
    ] {
        environment.push((other.to_owned(), "x"));
    }
    let environment: Vec<_> = environment
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    let file = File::new(worker().to_string());
    let config = load(Some(&file.0), &environment).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.worker.unwrap().id.as_str(), "w0");
}

#[test]
fn error_in_merged_value_names_all_sources() {
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
            &format!(
                "VARPULIS_WORKER__API_KEY and {} set the same member",
                other.0
            ),
        );
    }
}

#[cfg(unix)]
#[test]
fn variable_with_invalid_utf8_is_refused() {
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
        variable(b"VARPULIS__\xff__", b"x"),
        "VARPULIS__\u{fffd}__ sets no member, expected no member but `nats`, `worker`, `coordinator`, `raft`"
    );
}
