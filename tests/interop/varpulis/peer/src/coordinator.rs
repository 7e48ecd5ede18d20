//! A coordinator with its REST interface.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use varpulis_cluster::nats_coordinator::run_coordinator_nats_handler;
use varpulis_cluster::nats_transport::connect_nats;
use varpulis_cluster::{
    RbacConfig, SharedCoordinator, WorkerId, cluster_routes, shared_coordinator,
};

use crate::{Error, execute};

/// Serves workers with a heartbeat interval of 1 s, and REST. An order is an HTTP method with its path and body, or `fail`
/// with a worker.
pub(crate) async fn run(url: &str) -> Result<(), Error> {
    let shared = shared_coordinator();
    let nats = connect_nats(url).await?;
    let mut coordinator = shared.write().await;
    coordinator.nats_client = Some(nats.clone());
    coordinator.heartbeat_interval = Duration::from_secs(1);
    coordinator.heartbeat_timeout = Duration::from_secs(3);
    drop(coordinator);
    let rbac = Arc::new(RbacConfig::disabled());
    let routes = cluster_routes(Arc::clone(&shared), rbac, None, None);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}/api/v1/cluster", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    tokio::spawn(run_coordinator_nats_handler(
        nats.clone(),
        Arc::clone(&shared),
    ));
    // The handler gives no sign of its subscriptions.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let client = reqwest::Client::new();
    let obey = async |order: Value| {
        if let Some(worker) = order["fail"].as_str() {
            return move_pipelines(&shared, worker).await;
        }
        let url = format!("{base}{}", order["path"].as_str().unwrap_or_default());
        let method = order["method"].as_str().unwrap_or_default();
        let mut request = client.request(method.parse()?, url);
        if !order["body"].is_null() {
            request = request.json(&order["body"]);
        }
        Ok(request.send().await?.json().await?)
    };
    execute(json!({}), obey).await
}

/// Moves the pipelines of a silent worker. Returns their number; null while the worker is not silent.
async fn move_pipelines(shared: &SharedCoordinator, worker: &str) -> Result<Value, Error> {
    let id = WorkerId(worker.to_owned());
    let mut coordinator = shared.write().await;
    let silent = coordinator.health_sweep().workers_marked_unhealthy;
    if !silent.contains(&id) {
        return Ok(Value::Null);
    }
    let moved = coordinator.handle_worker_failure(&id).await;
    let moved: Vec<_> = moved.into_iter().collect::<Result<_, _>>()?;
    Ok(json!(moved.len()))
}
