//! The recorded calls of a coordinator's REST interface: our server answers them, and our client reads the answers.

use std::fs;
use std::time::Duration;

use natsgen_runtime::http::{HttpOptions, HttpPeer, HttpRoutes, HttpServer, HttpServerOptions};
use natsgen_runtime::{
    CallError, Connection, Encode, Failure, Fault, Refused, StandardFault, Unpublished, codec,
};
use serde_json::Value;
use tokio::time::{sleep, timeout};
use varpulis_sdk::coordinator::{
    CoordinatorClient, GetWorkerRequest, Heartbeat, ListWorkersRequest, RegisterRequest,
    RemoveWorkerRequest,
};
use varpulis_sdk::coordinator_node::{CoordinatorNode, RunningCoordinatorNode};
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::{NodeId, RaftNode, WorkerCapacity, WorkerId, WorkerStatus};
use varpulis_sdk::{http, subject};

use crate::raw::{answer_all, local, send};

const KEY: &str = "k";

/// The recordings of the operations that the schemas define.
const NAMES: [&str; 11] = [
    "register.ok",
    "register.nokey",
    "register.missing",
    "heartbeat.ok",
    "heartbeat.unknown",
    "workers",
    "worker",
    "worker.unknown",
    "delete",
    "delete.unknown",
    "limit",
];

/// A recorded call.
struct Recording {
    name: String,
    line: String,
    request: Value,
    status: u16,
    response: String,
}

fn recordings() -> Vec<Recording> {
    let text = fs::read_to_string("tests/vectors/varpulis-0.11/rest.jsonl").unwrap();
    let all = text.lines().map(|line| {
        let call: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| call[name].as_str().unwrap().to_owned();
        Recording {
            name: text("name"),
            line: format!("{} {}", text("method"), text("path")),
            request: call["request"].clone(),
            status: call["status"].as_u64().unwrap().try_into().unwrap(),
            response: text("response"),
        }
    });
    let found: Vec<_> = all
        .filter(|recording| NAMES.contains(&recording.name.as_str()))
        .collect();
    assert_eq!(found.len(), NAMES.len());
    found
}

fn routes() -> HttpRoutes {
    HttpRoutes::new(http::ROUTES).unwrap()
}

fn worker(id: &str) -> WorkerId {
    id.try_into().unwrap()
}

/// A coordinator with the worker `w1` of the recordings.
async fn coordinator(connection: &Connection) -> RunningCoordinatorNode {
    let id = NodeId::try_from(1).unwrap();
    let member = RaftNode::new("http://c1:1".try_into().unwrap());
    let node = CoordinatorNode::new(KEY.try_into().unwrap(), ReplicaOptions::memory(id));
    let node = node.members([(id, member)].into());
    let running = node.start(connection).await.unwrap();
    let client = CoordinatorClient::new(connection);
    let capacity = WorkerCapacity::new(4, 0, 100);
    let (address, key) = ("".try_into().unwrap(), KEY.try_into().unwrap());
    let request = RegisterRequest::new(worker("w1"), address, key, capacity);
    client.register(&request).await.unwrap();
    let heartbeat = Heartbeat::new(0, 0);
    client.heartbeat(&worker("w1"), &heartbeat).await.unwrap();
    until_ready(&running, "w1").await;
    running
}

async fn until_ready(running: &RunningCoordinatorNode, id: &str) {
    let ready = async {
        while running
            .worker(&worker(id))
            .is_none_or(|known| known.record.status != WorkerStatus::Ready)
        {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = timeout(Duration::from_secs(20), ready).await;
    waited.expect("a heartbeat makes a worker ready");
}

#[tokio::test]
async fn recordings_are_answered_with_their_status_and_body() {
    let connection = Connection::memory();
    let running = coordinator(&connection).await;
    let options = HttpServerOptions::new().role("coordinator").api_key(KEY);
    let (prefix, routes) = (subject::PREFIX, routes());
    let server = HttpServer::start(local(), &connection, &prefix, &routes, &options);
    let server = server.await.unwrap();
    for recording in recordings() {
        let Recording {
            name,
            line,
            request,
            status,
            response,
        } = recording;
        let head = match name.as_str() {
            "register.nokey" => line,
            _ => format!("{line}\nx-api-key: {KEY}\r\n"),
        };
        let body = match request {
            Value::Null => String::new(),
            request => request.to_string(),
        };
        let (found, reply) = send(server.address(), &head, &body).await;
        assert_eq!(found, status, "{name}: {reply}");
        // Varpulis answers a body without a member with plain text.
        let recorded: Value = match serde_json::from_str(&response) {
            Ok(recorded) => recorded,
            Err(_) => serde_json::json!({ "error": response, "code": "422" }),
        };
        let is_error = recorded.get("error").is_some();
        assert!(contains(&reply, &recorded, is_error), "{name}: {reply}");
        if name == "heartbeat.ok" {
            until_ready(&running, "r1").await;
        }
    }
    running.shutdown().await;
}

/// Whether a reply has all recorded members with the recorded values; in errors, with values of the same types. Our
/// replies may have more members.
fn contains(reply: &Value, recorded: &Value, is_error: bool) -> bool {
    match (reply, recorded) {
        (Value::Object(reply), Value::Object(recorded)) => recorded.iter().all(|(name, value)| {
            let member = reply.get(name);
            member.is_some_and(|member| contains(member, value, is_error))
        }),
        (Value::Array(reply), Value::Array(recorded)) => {
            let mut pairs = reply.iter().zip(recorded);
            reply.len() == recorded.len() && pairs.all(|(a, b)| contains(a, b, is_error))
        }
        (Value::String(_), Value::String(_)) if is_error => true,
        _ => reply == recorded,
    }
}

/// The result of a call in words: the reply as JSON, or the code and the detail of a fault.
fn describe<T: Encode, F: Fault>(result: Result<T, CallError<F>>) -> String {
    match result.map_err(|error| error.failure) {
        Ok(reply) => String::from_utf8(codec::encode(&reply).unwrap()).unwrap(),
        Err(Failure::Refused(Refused::Fault(fault))) => {
            format!("{}: {}", fault.kind().code, fault.detail())
        }
        Err(Failure::Refused(Refused::Standard(StandardFault::BadRequest { reason, .. }))) => {
            format!("bad request: {reason}")
        }
        Err(other) => format!("{other:?}"),
    }
}

#[tokio::test]
async fn recordings_are_typed_results_of_the_client() {
    for recording in recordings() {
        let Recording {
            name,
            status,
            response,
            ..
        } = recording;
        let address = answer_all(status, "", &response).await;
        let peer = HttpPeer::new(&format!("http://{address}")).unwrap();
        let options = HttpOptions::new(&routes(), &subject::PREFIX).peer("coordinator", peer);
        let client = CoordinatorClient::new(&options.connect().unwrap());
        let nope = worker("nope");
        let (operation, _) = name.split_once('.').unwrap_or((&name, ""));
        let found = match operation {
            "register" => {
                let capacity = WorkerCapacity::new(1, 0, 1);
                let (address, key) = ("".try_into().unwrap(), KEY.try_into().unwrap());
                let request = RegisterRequest::new(worker("r1"), address, key, capacity);
                describe(client.register(&request).await)
            }
            "heartbeat" => match client.heartbeat(&nope, &Heartbeat::new(1, 0)).await {
                Ok(()) => String::new(),
                Err(failure) => match failure.reason {
                    Unpublished::NotAcknowledged(reason) => reason,
                    other => format!("{other:?}"),
                },
            },
            "workers" | "limit" => describe(client.list_workers(&ListWorkersRequest::new()).await),
            "worker" => describe(client.get_worker(&nope, &GetWorkerRequest::new()).await),
            _ => describe(
                client
                    .remove_worker(&nope, &RemoveWorkerRequest::new())
                    .await,
            ),
        };
        let expected = match name.as_str() {
            "register.nokey" => "invalid_api_key: ",
            "register.missing" => &format!("bad request: {response}"),
            "heartbeat.ok" => "",
            "heartbeat.unknown" => "Worker not found: nope",
            "worker.unknown" => "worker_not_found: Worker not found",
            "delete.unknown" => "worker_not_found: r1",
            "limit" => "bad request: limit must not exceed 1000",
            _ => {
                let [found, recorded] =
                    [&found, &response].map(|text| serde_json::from_str::<Value>(text).unwrap());
                assert_eq!(found, recorded, "{name}");
                continue;
            }
        };
        assert_eq!(found, expected, "{name}");
    }
}
