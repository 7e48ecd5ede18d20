//! What operators and service managers see of a process: probes, logs, notifications and configurations.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use natsgen_testing::NatsServer;
use serde_json::Value;

use super::process::{Directory, Process, command};
use super::{single_config, single_coordinator};

/// An address that is free now.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Requests a path. Returns the status and the body.
fn get(address: &str, path: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let status = response.split(' ').nth(1).unwrap().parse().unwrap();
    let (_, body) = response.split_once("\r\n\r\n").unwrap();
    (status, serde_json::from_str(body).unwrap())
}

#[test]
fn probes_tell_whether_a_worker_is_live_and_ready() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let address = free_address();
    let (url, key) = (server.url(), directory.file("key", "hunter2"));
    let environment = [
        ("VARPULIS_NATS__SERVERS", url.as_str()),
        ("VARPULIS_WORKER__ID", "w0"),
        ("VARPULIS_WORKER__API_KEY_FILE", &key),
        ("VARPULIS_WORKER__REGISTRATION_PAUSE_MS", "100"),
    ];
    let process = Process::start(&["worker", "--probes", &address], &environment);
    process.wait_for("not ready", |line| line["ready"] == false);
    assert_eq!(get(&address, "/healthz").0, 200);
    let (status, health) = get(&address, "/readyz");
    assert_eq!(
        (status, &health["kind"]),
        (503, &"worker".into()),
        "{health}"
    );
    let _coordinator = single_coordinator(&directory, &server, &[]);
    process.wait_for("ready", |line| line["ready"] == true);
    let (status, health) = get(&address, "/readyz");
    assert_eq!((status, &health["ready"]), (200, &true.into()), "{health}");
}

#[cfg(unix)]
#[test]
fn systemd_is_notified_of_start_and_stop() {
    use std::os::unix::net::UnixDatagram;

    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let path = directory.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_mins(1)))
        .unwrap();
    let file = single_config(&directory, &server);
    let arguments = ["coordinator", "--config", &file];
    let mut process = Process::start(&arguments, &[("NOTIFY_SOCKET", &path)]);
    let received = || {
        let mut text = [0; 256];
        let length = socket.recv(&mut text).unwrap();
        String::from_utf8(text[..length].to_vec()).unwrap()
    };
    assert_eq!(received().trim(), "READY=1");
    process.terminate();
    assert_eq!(received().trim(), "STOPPING=1");
    assert!(process.ended().0.success());
}

#[test]
fn json_log_has_an_object_per_message() {
    let environment = [
        // No server listens here.
        ("VARPULIS_NATS__SERVERS", "nats://127.0.0.1:9"),
        ("VARPULIS_NATS__WAIT_SECS", "1"),
        ("VARPULIS_WORKER__ID", "w0"),
        ("VARPULIS_WORKER__API_KEY", "test"),
    ];
    let mut worker = Process::start(&["worker", "--json-log"], &environment);
    let (status, stderr) = worker.ended();
    assert_eq!(status.code(), Some(3), "{stderr}");
    // The last lines are the error of the command, for people.
    let lines = stderr.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let is_wait = |line: &Value| line["fields"]["message"] == "no NATS server yet";
    assert!(lines.iter().any(is_wait), "{stderr}");
}

#[test]
fn config_examples_are_valid_and_the_schema_holds_them() {
    let directory = Directory::new();
    let run = |arguments: &[&str]| {
        let output = command(&[&["config"], arguments].concat(), &[])
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (_, schema) = run(&["schema"]);
    let schema = serde_json::from_str::<Value>(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for role in ["coordinator", "worker", "http-worker"] {
        let (code, example) = run(&["example", role]);
        assert_eq!(code, Some(0), "{role}");
        let member = role.trim_start_matches("http-");
        let parsed: Value = serde_json::from_str(&example).unwrap();
        assert!(
            parsed.get(member).is_some() && validator.is_valid(&parsed),
            "{example}"
        );
        let file = directory.file(role, example);
        assert_eq!(
            run(&["check", &file]),
            (Some(0), format!("{file}: valid\n"))
        );
    }
    let wrong = directory.file("wrong", r#"{"nats": {"servers": 4222}}"#);
    assert_eq!(run(&["check", &wrong]).0, Some(2));
}
