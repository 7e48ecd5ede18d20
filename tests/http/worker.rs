//! A worker over HTTP: the same service and the same generated client as over NATS.

use std::time::Duration;

use natsgen_runtime::http::{HttpOptions, HttpPeer, HttpRoutes, HttpServer, HttpServerOptions};
use natsgen_runtime::{CallOptions, Connection, Failure, NoAnswer, NotDelivered, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use varpulis_sample::SampleWorker;
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker::{
    CheckpointRequest, DeployFault, DeployRequest, DrainRequest, InjectBatchRequest, InjectFault,
    InjectRequest, RestoreRequest, UndeployRequest, WorkerClient, WorkerServer,
};
use varpulis_sdk::{http, subject};

use crate::raw::{local, send};

const KEY: &str = "test-key";

fn routes() -> HttpRoutes {
    HttpRoutes::new(http::ROUTES).unwrap()
}

/// A sample worker that is reachable over HTTP only.
struct Worker {
    http: HttpServer,
    _server: Server,
}

impl Worker {
    async fn start() -> Self {
        let connection = Connection::memory();
        let id = WorkerId::try_from("w0").unwrap();
        let worker = SampleWorker::new(&connection, id.clone(), 3, Vec::new());
        let server = WorkerServer::new(worker)
            .start(&connection, &id)
            .await
            .unwrap();
        let options = HttpServerOptions::new()
            .role("worker")
            .param("worker_id", "w0")
            .api_key(KEY);
        let (prefix, routes) = (subject::PREFIX, routes());
        let http = HttpServer::start(local(), &connection, &prefix, &routes, &options);
        Self {
            http: http.await.unwrap(),
            _server: server,
        }
    }

    fn client(&self) -> WorkerClient {
        let peer = HttpPeer::new(&format!("http://{}", self.http.address())).unwrap();
        client(peer.api_key(KEY))
    }

    /// Sends a request with the API key.
    async fn send(&self, line: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        send(
            self.http.address(),
            &format!("{line}\nx-api-key: {KEY}\r\n"),
            &body,
        )
        .await
    }
}

fn client(peer: HttpPeer) -> WorkerClient {
    let options = HttpOptions::new(&routes(), &subject::PREFIX).peer("worker", peer);
    WorkerClient::new(&options.connect().unwrap())
}

fn decode<T: natsgen_runtime::Payload>(json: &Value) -> T {
    let text = json.to_string();
    natsgen_runtime::codec::decode(text.as_bytes(), natsgen_runtime::Side::Request).unwrap()
}

const SOURCE: &str = "stream Hot = Reading .where(celsius > 20)";

#[tokio::test]
async fn worker_operations_over_http_equal_those_over_nats() {
    let worker = Worker::start().await;
    let (client, id) = (worker.client(), WorkerId::try_from("w0").unwrap());
    let request: DeployRequest = decode(&json!({"name": "a/b", "source": SOURCE}));
    let deployed = client.deploy(&id, &request).await.unwrap();
    let pipeline = deployed.id.as_str();
    let request: InjectRequest = decode(&json!({
        "pipeline_id": pipeline, "event_type": "Reading",
        "fields": {"celsius": 30, "count": u64::MAX, "nested": {"null": null}},
    }));
    let reply = client.inject(&id, &request).await.unwrap();
    assert_eq!(reply.output_events.len(), 1);
    let request: InjectBatchRequest = decode(&json!({
        "pipeline_id": pipeline,
        "events": [{"event_type": "Reading", "fields": {"celsius": 10}}, {"event_type": "Other"}],
    }));
    let reply = client.inject_batch(&id, &request).await.unwrap();
    assert_eq!((reply.events_sent, reply.events_failed), (2, 0));
    let request: CheckpointRequest = decode(&json!({"pipeline_id": pipeline}));
    let checkpoint = client.checkpoint(&id, &request).await.unwrap();
    assert_eq!(checkpoint.0.events_processed, 3);
    let request = RestoreRequest::new(deployed.id.clone(), checkpoint.0);
    client.restore(&id, &request).await.unwrap();
    let request: UndeployRequest = decode(&json!({"pipeline_id": pipeline}));
    client.undeploy(&id, &request).await.unwrap();
    client.drain(&id, &DrainRequest::new()).await.unwrap();
}

#[tokio::test]
async fn worker_errors_over_http_are_the_faults_of_nats() {
    let worker = Worker::start().await;
    let (client, id) = (worker.client(), WorkerId::try_from("w0").unwrap());
    let request: InjectRequest = decode(&json!({"pipeline_id": "none", "event_type": "A"}));
    let error = client.inject(&id, &request).await.unwrap_err();
    assert_eq!(
        error.fault(),
        Some(&InjectFault::PipelineNotFound("none".to_owned()))
    );
    let request: DeployRequest = decode(&json!({"name": "a", "source": "stream ("}));
    let error = client.deploy(&id, &request).await.unwrap_err();
    assert!(
        matches!(error.fault(), Some(DeployFault::PipelineParse(_))),
        "{error}"
    );
    // A client without the key.
    let peer = HttpPeer::new(&format!("http://{}", worker.http.address())).unwrap();
    let error = self::client(peer).deploy(&id, &request).await.unwrap_err();
    assert_eq!(error.fault(), Some(&DeployFault::InvalidApiKey));
}

#[tokio::test]
async fn worker_replies_over_http_have_the_recorded_form() {
    let worker = Worker::start().await;
    let (status, reply) = worker
        .send(
            "POST /api/v1/pipelines",
            &json!({"name": "p", "source": SOURCE}),
        )
        .await;
    assert_eq!((status, &reply["status"]), (201, &json!("running")));
    let path = format!("/api/v1/pipelines/{}", reply["id"].as_str().unwrap());
    let check = async |line: String, body: Value, expected: Value| {
        let (status, mut reply) = worker.send(&line, &body).await;
        if let Some(members) = reply.as_object_mut() {
            members.retain(|name, _| expected.get(name).is_some());
        }
        assert_eq!((status, reply), (200, expected), "{line}");
    };
    let event = json!({"event_type": "Reading", "fields": {"celsius": 30}});
    check(
        format!("POST {path}/events"),
        event.clone(),
        json!({"accepted": true, "output_events": [{"event_type": "Hot", "fields": {"celsius": 30}}]}),
    )
    .await;
    check(
        format!("POST {path}/events-batch"),
        json!({"events": [event, {"event_type": "Other"}]}),
        json!({"accepted": 2}),
    )
    .await;
    let (_, taken) = worker
        .send(&format!("POST {path}/checkpoint"), &Value::Null)
        .await;
    assert_eq!(taken["events_processed"], 3);
    check(
        format!("POST {path}/restore"),
        json!({"checkpoint": taken["checkpoint"]}),
        json!({"restored": true, "events_restored": 3}),
    )
    .await;
    check(
        format!("DELETE {path}"),
        Value::Null,
        json!({"deleted": true}),
    )
    .await;
}

#[tokio::test]
async fn worker_refuses_wrong_requests_over_http() {
    let worker = Worker::start().await;
    let big = "x".repeat(2 << 20);
    for (line, body, status, code) in [
        ("GET /nothing", "", 404, "unknown_command"),
        ("POST /api/v1/pipelines", "{", 400, "bad_request"),
        ("POST /api/v1/pipelines", "", 422, "bad_request"),
        ("POST /api/v1/pipelines?worker=x", "{}", 400, "bad_request"),
        (
            "POST /api/v1/pipelines?worker_id=a.b",
            "{}",
            400,
            "bad_request",
        ),
        (
            "POST /api/v1/pipelines?worker_id=w1",
            r#"{"name":"p","source":""}"#,
            503,
            "no_responders",
        ),
        (
            "POST /api/v1/pipelines/%FF/events",
            "{}",
            400,
            "bad_request",
        ),
        (
            "POST /api/v1/pipelines/none/events",
            r#"{"event_type":"A"}"#,
            404,
            "pipeline_not_found",
        ),
        (
            "POST /api/v1/pipelines/a/events",
            r#"{"pipeline_id":"b","event_type":"A"}"#,
            400,
            "bad_request",
        ),
        ("POST /api/v1/pipelines/a/events", "[]", 422, "bad_request"),
        (
            "DELETE /api/v1/pipelines/none",
            "",
            404,
            "pipeline_not_found",
        ),
        (
            "POST /api/v1/pipelines",
            big.as_str(),
            413,
            "request_too_large",
        ),
    ] {
        let head = format!("{line}\nx-api-key: {KEY}\r\n");
        let (found, reply) = send(worker.http.address(), &head, body).await;
        assert_eq!(
            (found, &reply["code"]),
            (status, &json!(code)),
            "{line} {reply}"
        );
    }
    let (status, _) = send(worker.http.address(), "GET /api/v1/pipelines", "").await;
    assert_eq!(status, 405);
    let (status, reply) = send(worker.http.address(), "POST /api/v1/pipelines", "{}").await;
    assert_eq!((status, &reply["code"]), (401, &json!("invalid_api_key")));
}

#[tokio::test]
async fn worker_absent_server_and_lost_connection_are_typed() {
    let id = WorkerId::try_from("w0").unwrap();
    let request = DrainRequest::new();
    let peer = HttpPeer::new("http://127.0.0.1:9").unwrap();
    let error = client(peer).drain(&id, &request).await.unwrap_err();
    assert_eq!(
        error.failure,
        Failure::NotDelivered(NotDelivered::NoResponders)
    );
    // A server that closes the connection without a response.
    let listener = tokio::net::TcpListener::bind(local()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut start = [0; 16];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut start).await;
        }
    });
    let peer = HttpPeer::new(&format!("http://{address}")).unwrap();
    let error = client(peer).drain(&id, &request).await.unwrap_err();
    assert_eq!(error.failure, Failure::NoAnswer(NoAnswer::Disconnected));
    // A server that does not answer.
    let silent = tokio::net::TcpListener::bind(local()).await.unwrap();
    let peer = HttpPeer::new(&format!("http://{}", silent.local_addr().unwrap())).unwrap();
    let client = client(peer).options(CallOptions::new().timeout(Duration::from_millis(200)));
    let error = client.drain(&id, &request).await.unwrap_err();
    assert_eq!(error.failure, Failure::NoAnswer(NoAnswer::TimedOut));
}

#[tokio::test]
async fn worker_redirection_is_not_followed() {
    let listener = tokio::net::TcpListener::bind(local()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let first = stream.read(&mut request).await.unwrap();
        assert!(first > 0, "a first request");
        let response = format!(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{address}/other\r\ncontent-length: 0\r\n\r\n"
        );
        stream.write_all(response.as_bytes()).await.unwrap();
        let read = stream.read(&mut request).await;
        assert_eq!(read.unwrap_or_default(), 0, "a second request");
    });
    let peer = HttpPeer::new(&format!("http://{address}")).unwrap();
    let id = WorkerId::try_from("w0").unwrap();
    let error = client(peer).drain(&id, &DrainRequest::new()).await;
    let failure = error.unwrap_err().failure;
    assert!(matches!(failure, Failure::Refused(_)), "{failure:?}");
}
