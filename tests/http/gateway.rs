//! A gateway: requests over HTTP reach services over NATS.

use natsgen_runtime::Connection;
use natsgen_runtime::http::{HttpRoutes, HttpServer, HttpServerOptions};
use natsgen_testing::NatsServer;
use serde_json::{Value, json};
use varpulis_sample::{SampleCoordinator, SampleWorker};
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker::WorkerServer;
use varpulis_sdk::{http, subject};

use crate::raw::{local, send};

#[tokio::test]
async fn gateway_reaches_all_operations_over_nats() {
    let nats = NatsServer::start().unwrap();
    let connect = async || Connection::nats(&nats.url()).await.unwrap();
    let (connection, id) = (connect().await, WorkerId::try_from("w0").unwrap());
    let worker = SampleWorker::new(&connection, id.clone(), 3, Vec::new());
    let _worker = WorkerServer::new(worker)
        .start(&connection, &id)
        .await
        .unwrap();
    let coordinator = SampleCoordinator::new("secret".try_into().unwrap());
    let coordinator = coordinator.start(&connection).await.unwrap();
    let (prefix, routes) = (subject::PREFIX, HttpRoutes::new(http::ROUTES).unwrap());
    let options = HttpServerOptions::new();
    let own = connect().await;
    let gateway = HttpServer::start(local(), &own, &prefix, &routes, &options);
    let gateway = gateway.await.unwrap();
    let check = async |line: &str, body: Value, status: u16, expected: Value| {
        let (found, reply) = send(gateway.address(), line, &body.to_string()).await;
        let members = expected.as_object().unwrap().iter();
        let is_equal = members
            .clone()
            .all(|(name, value)| reply.get(name) == Some(value));
        assert!(found == status && is_equal, "{line}: {found} {reply}");
        reply
    };
    let capacity = json!({"cpu_cores": 1, "pipelines_running": 0, "max_pipelines": 1});
    let mut register = json!({
        "worker_id": "w0", "address": "", "api_key": "secret", "capacity": capacity,
    });
    let path = "POST /api/v1/cluster/workers/register";
    check(
        path,
        register.clone(),
        201,
        json!({"worker_id": "w0", "status": "registered"}),
    )
    .await;
    register["api_key"] = json!("wrong");
    check(path, register, 401, json!({"code": "invalid_api_key"})).await;
    let heartbeat = json!({"events_processed": 1, "pipelines_running": 0});
    let path = "POST /api/v1/cluster/workers/w0/heartbeat";
    check(path, heartbeat, 200, json!({"acknowledged": true})).await;
    let mut registry = coordinator.coordinator().registry();
    let seen = registry.wait_for(|registry| registry.workers[&id].heartbeats == 1);
    tokio::time::timeout(std::time::Duration::from_secs(10), seen)
        .await
        .unwrap()
        .unwrap();
    let deploy = json!({"name": "p", "source": "stream A = B"});
    let path = "POST /api/v1/pipelines";
    let deployed = check(
        &format!("{path}?worker_id=w0"),
        deploy.clone(),
        201,
        json!({"name": "p"}),
    )
    .await;
    let pipeline = deployed["id"].as_str().unwrap();
    check(
        &format!("{path}?worker_id=w1"),
        deploy.clone(),
        503,
        json!({"code": "no_responders"}),
    )
    .await;
    check(path, deploy, 400, json!({"code": "bad_request"})).await;
    let line = format!("DELETE /api/v1/pipelines/{pipeline}?worker_id=w0");
    check(&line, json!({}), 200, json!({"deleted": true})).await;
    gateway.shutdown(std::time::Duration::from_secs(1)).await;
}
