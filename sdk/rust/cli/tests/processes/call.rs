//! `varpulis call`: single operations of this protocol and of a schema directory.

use std::process::Output;

use keyvalue::protocol::store::StoreServer;
use natsgen_runtime::Connection;
use natsgen_testing::NatsServer;
use serde_json::{Value, json};

use super::gateway::Store;
use super::process::{Directory, command};
use super::{single_coordinator, worker};

/// The outcome of a call.
struct Called {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn call(arguments: &[&str]) -> Called {
    let output = command(&[&["call"], arguments].concat(), &[]).output();
    let Output {
        status,
        stdout,
        stderr,
    } = output.unwrap();
    Called {
        code: status.code(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

impl Called {
    #[track_caller]
    fn succeeded(self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }

    #[track_caller]
    fn failed(self, code: i32, texts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for text in texts {
            assert!(self.stderr.contains(text), "{text}: {}", self.stderr);
        }
    }
}

#[test]
fn call_reaches_all_roles_and_explains_errors() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let _coordinator = single_coordinator(&directory, &server, &[]);
    let worker = worker(&directory, &server, "w0", &[]);
    worker.wait_for("ready", |line| line["ready"] == true);
    let url = server.url();
    let call = |arguments: &[&str]| call(&[&["--nats", &url], arguments].concat());
    let listed = call(&["list_workers", r#"{"limit": 10}"#]).succeeded();
    assert_eq!(listed["workers"][0]["id"], "w0");
    let to_worker = ["--param", "worker_id=w0"];
    let source = r#"{"name": "p", "source": "stream Hot = Reading .where(celsius > 20)"}"#;
    let deployed = call(&[&["deploy", source, "--json"], &to_worker[..]].concat()).succeeded();
    assert_eq!(deployed["subject"], "varpulis.cluster.cmd.w0.deploy");
    let id = deployed["reply"]["id"].as_str().unwrap().to_owned();
    let event = json!({ "pipeline_id": id, "event_type": "Reading", "fields": { "celsius": 30 } });
    let injected = call(&[&["inject", &event.to_string()], &to_worker[..]].concat()).succeeded();
    assert_eq!(injected["output_events"][0]["event_type"], "Hot");
    let unknown = r#"{"pipeline_id": "absent"}"#;
    let texts = ["pipeline not found: absent (pipeline_not_found)", "help:"];
    call(&[&["undeploy", unknown], &to_worker[..]].concat()).failed(6, &texts);
    let texts = ["no server listens to varpulis.cluster.cmd.w9.undeploy"];
    call(&["undeploy", unknown, "--param", "worker_id=w9"]).failed(1, &texts);
}

#[test]
fn call_with_wrong_arguments_sends_nothing() {
    // No server listens here: an error about the arguments comes first.
    let nats = ["--nats", "nats://127.0.0.1:9"];
    let call = |arguments: &[&str]| call(&[&nats, arguments].concat());
    call(&["depoy"]).failed(2, &["no operation \"depoy\"", "deploy"]);
    call(&["drain"]).failed(2, &["--param worker_id=VALUE is missing", "--describe"]);
    let to = |id| ["--param", id];
    call(&[&["drain"], &to("worker_id=a.b")[..]].concat())
        .failed(2, &["the parameter `worker_id`"]);
    call(&[&["drain"], &to("worker=w0")[..]].concat()).failed(2, &["no parameter \"worker\""]);
    let limit = ["list_workers", r#"{"limit": 0}"#];
    call(&limit).failed(2, &["the message: ", " at /limit"]);
    call(&["list_workers", "{"]).failed(2, &["the message is not JSON", "column"]);
    call(&["list_workers"]).failed(3, &["help: start a NATS server"]);
    let described = super::call::call(&["deploy", "--describe"]);
    assert_eq!(described.code, Some(0), "{}", described.stderr);
    for text in [
        "cmd.{worker_id}.deploy",
        "quota_exceeded",
        "Request",
        "Reply",
    ] {
        assert!(described.stdout.contains(text), "{}", described.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn call_of_a_schema_directory_needs_no_code() {
    let server = NatsServer::start().unwrap();
    let connection = Connection::nats(&server.url()).await.unwrap();
    let _store = StoreServer::new(Store).start(&connection).await.unwrap();
    let url = server.url();
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../tests/keyvalue/schema"
    );
    let options = ["--schema", folder, "--nats", &url, "--param", "bucket=b"];
    let call = |arguments: &[&str]| call(&[&options, arguments].concat());
    let entry = call(&["get", "--param", "key=a"]).succeeded();
    assert_eq!(entry["revision"], 1);
    call(&["get", "--param", "key=other"]).failed(6, &["(key_not_found)", "help: "]);
    call(&["get", "--param", "key=*"]).failed(2, &["the parameter `key`"]);
    let event = r#"{"revision": 1}"#;
    call(&["changed", event, "--param", "key=a"]).failed(2, &["the message: "]);
}

#[test]
fn call_of_the_jetstream_api_explains_its_errors() {
    let server = NatsServer::start_with_streams("").unwrap();
    let url = server.url();
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../tests/jetstream/schema"
    );
    let call = |arguments: &[&str]| {
        let fixed = ["--schema", folder, "--nats", &url];
        call(&[&fixed, arguments].concat())
    };
    let names = call(&["stream_names"]).succeeded();
    assert_eq!(names["total"], 0, "{names}");
    let absent = ["stream_info", "--param", "stream=absent"];
    call(&absent).failed(
        6,
        &["stream not found (stream_not_found)", "help: The account"],
    );
}

#[test]
fn completions_and_man_pages_name_all_commands() {
    let directory = Directory::new();
    let run = |arguments: &[&str]| command(arguments, &[]).output().unwrap();
    let completions = run(&["completions", "bash"]);
    let completions = String::from_utf8(completions.stdout).unwrap();
    let folder = directory.path(".");
    assert!(run(&["man", &folder]).status.success());
    for name in ["call", "context", "coordinator", "gateway", "worker"] {
        assert!(completions.contains(&format!("varpulis,{name})")), "{name}");
        let page = std::fs::read_to_string(directory.path(&format!("varpulis-{name}.1")));
        assert!(page.unwrap().contains(".TH"), "{name}");
    }
    assert_eq!(
        run(&["man", &directory.path("none")]).status.code(),
        Some(1)
    );
}
