//! `varpulis gateway`: real requests of `curl` reach services over NATS.

use std::fs;
use std::process::{Command, Output};

use keyvalue::protocol::store::{
    GetFault, GetParams, GetReply, GetRequest, ListParams, ListReply, ListRequest, PutFault,
    PutParams, PutReply, PutRequest, RemoveFault, RemoveParams, RemoveReply, RemoveRequest,
    StoreServer, StoreService,
};
use natsgen_runtime::{Connection, Context};
use natsgen_testing::NatsServer;
use serde_json::{Value, json};

use super::process::{Directory, Process};
use super::{check_failure, single_coordinator, worker};

/// A running gateway.
struct Gateway {
    process: Process,
    /// Its address, e.g. `http://127.0.0.1:40000`.
    base: String,
}

impl Gateway {
    fn start(server: &NatsServer, options: &[&str]) -> Self {
        let url = server.url();
        let fixed = ["gateway", "--nats", &url, "--listen", "127.0.0.1:0"];
        let process = Process::start_with_text(&[&fixed, options].concat());
        let line = process.wait_for("listening", Value::is_string);
        let (base, _) = line.as_str().unwrap().split_once(' ').unwrap();
        let base = base.to_owned();
        Self { process, base }
    }

    /// Sends a request with curl. Returns the status and the body.
    fn send(&self, arguments: &[&str], path: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.base);
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-w", "\n%{http_code}"]);
        let output = curl.args(arguments).arg(url).output();
        let Output {
            status,
            stdout,
            stderr,
        } = output.expect("curl is installed");
        let (stdout, stderr) = (String::from_utf8(stdout), String::from_utf8(stderr));
        assert!(status.success(), "{arguments:?} {path}: {stderr:?}");
        let stdout = stdout.unwrap();
        let (body, code) = stdout.rsplit_once('\n').unwrap();
        let body = serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()));
        (code.parse().unwrap(), body)
    }
}

#[test]
fn gateway_reaches_a_cluster_over_http() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let _coordinator = single_coordinator(&directory, &server, &[]);
    let worker = worker(&directory, &server, "w0", &[]);
    worker.wait_for("ready", |line| line["ready"] == true);
    let key = directory.file("gateway.key", "open sesame\n");
    let mut gateway = Gateway::start(
        &server,
        &["--api-key-file", &key, "--param", "worker_id=w0"],
    );
    let (status, reply) = gateway.send(&[], "/api/v1/cluster/workers");
    assert_eq!((status, &reply["code"]), (401, &json!("invalid_api_key")));
    let login = ["-H", "x-api-key: open sesame"];
    let send = |method: &str, path: &str, body: &str| {
        let body: &[&str] = if body.is_empty() { &[] } else { &["-d", body] };
        gateway.send(&[&login, &["-X", method], body].concat(), path)
    };
    let (status, listed) = send("GET", "/api/v1/cluster/workers?limit=10", "");
    assert_eq!((status, &listed["total"]), (200, &json!(1)), "{listed}");
    assert_eq!(listed["workers"][0]["id"], "w0");
    let source = r#"{"name": "p", "source": "stream Hot = Reading .where(celsius > 20)"}"#;
    let (status, deployed) = send("POST", "/api/v1/pipelines", source);
    assert_eq!(status, 201, "{deployed}");
    let path = format!("/api/v1/pipelines/{}", deployed["id"].as_str().unwrap());
    let event = r#"{"event_type": "Reading", "fields": {"celsius": 30}}"#;
    let (status, reply) = send("POST", &format!("{path}/events"), event);
    assert_eq!((status, &reply["accepted"]), (200, &json!(true)), "{reply}");
    assert_eq!(reply["output_events"][0]["event_type"], "Hot");
    let (status, reply) = send("DELETE", &path, "");
    assert_eq!((status, reply), (200, json!({ "deleted": true })));
    check_errors(send);
    gateway.process.terminate();
    gateway.process.exits_successfully();
}

/// Checks the statuses and codes of errors.
fn check_errors(send: impl Fn(&str, &str, &str) -> (u16, Value)) {
    for (method, path, body, status, code) in [
        ("POST", "/api/v1/pipelines", "{", 400, "bad_request"),
        ("POST", "/api/v1/pipelines", "{}", 422, "bad_request"),
        (
            "GET",
            "/api/v1/cluster/workers?limit=0",
            "",
            400,
            "bad_request",
        ),
        (
            "GET",
            "/api/v1/cluster/workers/w9",
            "",
            404,
            "worker_not_found",
        ),
        (
            "DELETE",
            "/api/v1/cluster/workers/w9",
            "",
            404,
            "worker_not_found",
        ),
        (
            "POST",
            "/api/v1/drain?worker_id=w9",
            "{}",
            503,
            "no_responders",
        ),
        ("GET", "/nothing", "", 404, "unknown_command"),
    ] {
        let (found, reply) = send(method, path, body);
        let expected = (status, &json!(code));
        assert_eq!(
            (found, &reply["code"]),
            expected,
            "{method} {path}: {reply}"
        );
    }
}

/// A store with a single entry.
pub(super) struct Store;

impl StoreService for Store {
    async fn get(
        &self,
        _: &Context,
        params: GetParams,
        _: GetRequest,
    ) -> Result<GetReply, GetFault> {
        if params.key.as_str() != "a" {
            return Err(GetFault::KeyNotFound);
        }
        let reply = r#"{"content": "Empty", "revision": 1, "written_at": "2026-01-01T00:00:00Z"}"#;
        Ok(serde_json::from_str(reply).expect("a reply"))
    }

    async fn list(
        &self,
        _: &Context,
        _: ListParams,
        _: ListRequest,
    ) -> Result<ListReply, std::convert::Infallible> {
        unimplemented!("not called")
    }

    async fn put(&self, _: &Context, _: PutParams, _: PutRequest) -> Result<PutReply, PutFault> {
        unimplemented!("not called")
    }

    async fn remove(
        &self,
        _: &Context,
        _: RemoveParams,
        _: RemoveRequest,
    ) -> Result<RemoveReply, RemoveFault> {
        unimplemented!("not called")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gateway_serves_the_protocol_of_a_folder() {
    let server = NatsServer::start().unwrap();
    let connection = Connection::nats(&server.url()).await.unwrap();
    let _store = StoreServer::new(Store).start(&connection).await.unwrap();
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../tests/keyvalue/schema"
    );
    let gateway = Gateway::start(&server, &["--schema", folder]);
    let (status, reply) = gateway.send(&["-d", "{}"], "/key/b/a/get");
    assert_eq!((status, &reply["revision"]), (200, &json!(1)), "{reply}");
    let (status, reply) = gateway.send(&["-d", "{}"], "/key/b/other/get");
    assert_eq!(
        (status, &reply["code"]),
        (404, &json!("key_not_found")),
        "{reply}"
    );
}

#[test]
fn gateway_denied_request_is_an_error() {
    let config = r#"authorization { users: [ {
        user: "ada", password: "x", permissions: { publish: "varpulis.cluster.workers.list" }
    } ] }"#;
    let server = NatsServer::start_with(config).unwrap();
    let url = server.url().replace("nats://", "nats://ada:x@");
    let arguments = ["gateway", "--nats", &url, "--listen", "127.0.0.1:0"];
    let process = Process::start_with_text(&arguments);
    let line = process.wait_for("listening", Value::is_string);
    let (base, _) = line.as_str().unwrap().split_once(' ').unwrap();
    let base = base.to_owned();
    let gateway = Gateway { process, base };
    let (status, reply) = gateway.send(&[], "/api/v1/cluster/workers/w0");
    assert_eq!((status, &reply["code"]), (403, &json!("denied")), "{reply}");
}

#[test]
fn gateway_wrong_options_are_explained() {
    let server = NatsServer::start().unwrap();
    let url = server.url();
    for (options, code, part) in [
        (&["--param", "worker_id"][..], 2, "expected NAME=VALUE"),
        (&["--prefix", "a.*"], 2, "--prefix"),
        (&["--listen", "localhost"], 2, "--listen"),
        (&["--certificates", "cert.pem"], 2, "--key"),
        (
            &["--certificates", "no.pem", "--key", "no.pem"],
            2,
            "no.pem cannot be read",
        ),
        (
            &["--api-key-file", "/no/file"],
            2,
            "/no/file cannot be read",
        ),
        (&["--schema", "/no/folder"], 2, "cannot read /no/folder"),
        (
            &["--listen", "192.0.2.1:80"],
            2,
            "cannot listen on 192.0.2.1:80",
        ),
        (
            &["--role", "wrker"],
            2,
            "no operation is for the role `wrker`",
        ),
        (
            &["--param", "wrker_id=w0"],
            2,
            "no subject has the parameter `wrker_id`",
        ),
    ] {
        let fixed = ["gateway", "--nats", &url];
        check_failure(&[&fixed, options].concat(), &[], code, &[part]);
    }
    let nowhere = ["gateway", "--nats", "nats://127.0.0.1:1"];
    check_failure(&nowhere, &[], 3, &["127.0.0.1:1", "start a NATS server"]);
}

/// Runs the lines with curl of the README as they are printed. Only the port differs.
#[test]
fn gateway_lines_of_the_readme_work_as_printed() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let _coordinator = single_coordinator(&directory, &server, &[]);
    let worker = worker(&directory, &server, "w0", &[]);
    worker.wait_for("ready", |line| line["ready"] == true);
    let gateway = Gateway::start(&server, &[]);
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../README.md"));
    let readme = readme.unwrap();
    let lines = readme.lines().filter(|line| line.contains("curl -"));
    let script: Vec<_> = lines.collect();
    assert!(script.len() >= 5, "{script:?}");
    let address = gateway.base.trim_start_matches("http://");
    let settings = format!("connect-to = \"127.0.0.1:8080:{address}\"\nfail-with-body\n");
    directory.file(".curlrc", settings);
    let mut shell = Command::new("sh");
    let script = script.join("\necho\n");
    let output = shell
        .args(["-euc", &script])
        .env("CURL_HOME", directory.path(""))
        .output();
    let output = output.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let replies: Vec<Value> = text
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let [listed, injected, deleted, found] = &replies[..] else {
        panic!("{text}");
    };
    assert_eq!(listed["total"], 1);
    assert_eq!(injected["output_events"][0]["event_type"], "Hot");
    assert_eq!(deleted, &json!({ "deleted": true }));
    assert_eq!(
        (&found["id"], &found["status"]),
        (&json!("w0"), &json!("ready"))
    );
}
