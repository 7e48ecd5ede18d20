//! The client: executes orders.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Payload, Side, codec};
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;
use tokio::time::timeout;
use varpulis_sdk::coordinator::{
    CoordinatorClient, GetWorkerRequest, Heartbeat, ListWorkersRequest, RegisterRequest,
    RemoveWorkerRequest,
};
use varpulis_sdk::raft::{
    AppendRequest, RaftClient, ReadIndexRequest, SnapshotRequest, StatusRequest, VoteRequest,
    WriteRequest,
};
use varpulis_sdk::worker::{
    CheckpointRequest, DeployRequest, DrainRequest, InjectBatchRequest, InjectRequest,
    PipelineEvent, Registration, RestoreRequest, UndeployRequest, WorkerClient,
};
use varpulis_sdk::{CallOptions, Connection};

use super::outcome;
use crate::Error;
use crate::result::{self, Order};

/// Executes orders until the end of the input.
pub(crate) async fn run(url: &str) -> Result<bool, Error> {
    let mut input = result::input();
    let connection = Connection::nats(url).await?;
    while let Some(line) = input.next_line().await? {
        let order: Arc<Order> = Arc::new(serde_json::from_str(&line)?);
        let result = execute(&connection, &order).await;
        result::print(&order.line(result));
    }
    connection.close().await;
    Ok(true)
}

async fn execute(connection: &Connection, order: &Arc<Order>) -> Json {
    match (order.times, &order.number) {
        (Some(times), Some(number)) => {
            for count in 0..times {
                let mut request = order.request.clone();
                if let Some(place) = request.pointer_mut(number) {
                    *place = count.into();
                }
                let result = send(connection, order, &request).await;
                if result != json!({ "ok": null }) {
                    return result;
                }
            }
            json!({ "ok": null })
        }
        (Some(times), None) => side_by_side(connection, order, times).await,
        (None, _) => {
            let call = send(connection, order, &order.request);
            match order.cancel_ms {
                None => call.await,
                Some(limit) => timeout(Duration::from_millis(limit), call)
                    .await
                    .unwrap_or_else(|_| outcome::cancelled()),
            }
        }
    }
}

/// Executes an order many times at the same time, and counts equal results.
async fn side_by_side(connection: &Connection, order: &Arc<Order>, times: usize) -> Json {
    let mut calls = JoinSet::new();
    for _ in 0..times {
        let (connection, order) = (connection.clone(), Arc::clone(order));
        calls.spawn(async move { send(&connection, &order, &order.request).await });
    }
    let mut counts: Vec<(usize, Json)> = Vec::new();
    for result in calls.join_all().await {
        match counts.iter_mut().find(|(_, known)| *known == result) {
            Some((count, _)) => *count += 1,
            None => counts.push((1, result)),
        }
    }
    let counts = counts.iter();
    let counts: Vec<Json> = counts
        .map(|(times, result)| json!({ "times": times, "result": result }))
        .collect();
    json!({ "counts": counts })
}

/// Sends `document` as the request or the event of the order.
async fn send(connection: &Connection, order: &Order, document: &Json) -> Json {
    let result = match order.operation.as_str() {
        "get_worker" | "heartbeat" | "list_workers" | "register" | "remove_worker" => {
            coordinator(connection, order, document).await
        }
        "append" | "read_index" | "snapshot" | "status" | "vote" | "write" => {
            raft(connection, order, document).await
        }
        _ => worker(connection, order, document).await,
    };
    result.unwrap_or_else(|invalid| invalid)
}

async fn coordinator(
    connection: &Connection,
    order: &Order,
    document: &Json,
) -> Result<Json, Json> {
    let client = CoordinatorClient::new(connection).options(options(order));
    let worker = || param(order, "worker_id");
    Ok(match order.operation.as_str() {
        "heartbeat" => {
            let event: Heartbeat = message(document)?;
            outcome::of_event(client.heartbeat(&worker()?, &event).await)
        }
        "get_worker" => {
            let request: GetWorkerRequest = message(document)?;
            outcome::of_call(client.get_worker(&worker()?, &request).await)
        }
        "list_workers" => {
            let request: ListWorkersRequest = message(document)?;
            outcome::of_call(client.list_workers(&request).await)
        }
        "remove_worker" => {
            let request: RemoveWorkerRequest = message(document)?;
            outcome::of_call(client.remove_worker(&worker()?, &request).await)
        }
        _ => {
            let request: RegisterRequest = message(document)?;
            outcome::of_call(client.register(&request).await)
        }
    })
}

async fn raft(connection: &Connection, order: &Order, document: &Json) -> Result<Json, Json> {
    let client = RaftClient::new(connection).options(options(order));
    let node = param(order, "node_id")?;
    macro_rules! call {
        ($method:ident, $request:ty) => {{
            let request: $request = message(document)?;
            outcome::of_call(client.$method(node, &request).await)
        }};
    }
    Ok(match order.operation.as_str() {
        "append" => call!(append, AppendRequest),
        "read_index" => call!(read_index, ReadIndexRequest),
        "snapshot" => call!(snapshot, SnapshotRequest),
        "status" => call!(status, StatusRequest),
        "vote" => call!(vote, VoteRequest),
        _ => call!(write, WriteRequest),
    })
}

async fn worker(connection: &Connection, order: &Order, document: &Json) -> Result<Json, Json> {
    let client = WorkerClient::new(connection).options(options(order));
    macro_rules! call {
        ($method:ident, $request:ty) => {{
            let request: $request = message(document)?;
            outcome::of_call(client.$method(&param(order, "worker_id")?, &request).await)
        }};
    }
    Ok(match order.operation.as_str() {
        "checkpoint" => call!(checkpoint, CheckpointRequest),
        "deploy" => call!(deploy, DeployRequest),
        "drain" => call!(drain, DrainRequest),
        "inject" => call!(inject, InjectRequest),
        "inject_batch" => call!(inject_batch, InjectBatchRequest),
        "restore" => call!(restore, RestoreRequest),
        "undeploy" => call!(undeploy, UndeployRequest),
        "registration" => {
            let event: Registration = message(document)?;
            outcome::of_event(
                client
                    .registration(&param(order, "worker_id")?, &event)
                    .await,
            )
        }
        _ => {
            let event: PipelineEvent = message(document)?;
            let from = param(order, "from_worker")?;
            let to = param(order, "to_worker")?;
            let group = param(order, "group")?;
            let sent = client.pipeline_event(&group, &from, &to, &event);
            outcome::of_event(sent.await)
        }
    })
}

fn options(order: &Order) -> CallOptions {
    match order.timeout_ms {
        Some(timeout) => CallOptions::new().timeout(Duration::from_millis(timeout)),
        None => CallOptions::new(),
    }
}

/// A parameter of the subject.
fn param<T: Payload>(order: &Order, name: &str) -> Result<T, Json> {
    message(order.params.get(name).unwrap_or(&Json::Null))
}

/// The document as a message. Fails with the result of the call.
fn message<T: Payload>(document: &Json) -> Result<T, Json> {
    codec::decode(document.to_string().as_bytes(), Side::Request)
        .map_err(|error| outcome::not_a_request(&error))
}
