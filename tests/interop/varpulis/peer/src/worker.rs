//! A worker.

use serde_json::{Value, json};
use varpulis_cluster::worker_nats_registration_loop;
use varpulis_runtime::{TenantQuota, shared_tenant_manager};

use crate::{Error, execute};

/// The API key of the engine.
const ENGINE_KEY: &str = "secret";

/// Registers, sends heartbeats and serves commands. The order is the id of a pipeline that the engine removes.
pub(crate) async fn run(url: &str, id: &str, key: &str, quota: &str) -> Result<(), Error> {
    let quota = match quota {
        "small" => TenantQuota {
            max_pipelines: 1,
            max_events_per_second: 2,
            max_streams_per_pipeline: 1,
        },
        _ => TenantQuota::enterprise(),
    };
    let tenants = shared_tenant_manager();
    let mut manager = tenants.write().await;
    let tenant = manager.create_tenant("t".to_owned(), ENGINE_KEY.to_owned(), quota)?;
    drop(manager);
    let (url, id, key, shared) = (
        url.to_owned(),
        id.to_owned(),
        key.to_owned(),
        tenants.clone(),
    );
    tokio::spawn(async move {
        worker_nats_registration_loop(&url, &id, &key, Some(shared)).await;
    });
    let remove = async |order: Value| {
        let mut manager = tenants.write().await;
        let engine = manager.get_tenant_mut(&tenant).ok_or("no tenant")?;
        engine.remove_pipeline(order.as_str().unwrap_or_default())?;
        Ok(Value::Null)
    };
    execute(json!({}), remove).await
}
