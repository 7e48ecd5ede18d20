//! `varpulis watch`: the messages of operations as they are sent.

use natsgen_runtime::Connection;
use natsgen_runtime::transport::Message;
use natsgen_testing::NatsServer;
use serde_json::Value;

use super::process::{Directory, Process, command};
use super::{SECRET, single_coordinator, worker};

fn watch(server: &NatsServer, arguments: &[&str]) -> Process {
    let url = server.url();
    let fixed = ["watch", "--nats", &url];
    Process::start(&[&fixed, arguments].concat(), &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_shows_valid_and_invalid_messages_without_secrets() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let watched = watch(&server, &["register", "heartbeat"]);
    let _coordinator = single_coordinator(&directory, &server, &[]);
    let _worker = worker(&directory, &server, "w0", &[]);
    let registered = watched.wait_for("registration", |line| line["operation"] == "register");
    assert_eq!(registered["message"]["api_key"], "***");
    assert_eq!(registered["invalid"], Value::Null);
    assert!(!registered.to_string().contains(SECRET), "{registered}");
    let beat = watched.wait_for("heartbeat", |line| line["operation"] == "heartbeat");
    assert_eq!(beat["params"]["worker_id"], "w0");
    let connection = Connection::nats(&server.url()).await.unwrap();
    let message = Message {
        subject: "varpulis.cluster.heartbeat.w9".to_owned(),
        payload: r#"{"events_processed": -1}"#.into(),
        ..Message::default()
    };
    connection.transport().publish(message).await.unwrap();
    let from_w9 = |line: &Value| line["params"]["worker_id"] == "w9";
    let invalid = watched.wait_for("invalid heartbeat", from_w9);
    let reason = invalid["invalid"].as_str().unwrap();
    assert!(reason.starts_with("invalid at "), "{invalid}");
}

#[test]
fn watch_ends_after_its_count_and_tells_the_number() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let _coordinator = single_coordinator(&directory, &server, &[]);
    let _worker = worker(&directory, &server, "w0", &[]);
    let url = server.url();
    let arguments = ["watch", "--nats", &url, "--count", "1", "heartbeat"];
    let output = command(&arguments, &[]).output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8(output.stdout),
        String::from_utf8(output.stderr),
    );
    assert!(stdout.unwrap().contains(" heartbeat worker_id=w0 {"));
    assert!(stderr.unwrap().starts_with("1 message in "));
    let arguments = ["watch", "--nats", &url, "--for", "0.1", "deploy"];
    let output = command(&arguments, &[]).output().unwrap();
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .starts_with("0 messages in ")
    );
}
