//! A coordinator of the published crates, and its REST interface.

use serde_json::{Value, json};

use crate::Error;
use crate::peer::Peer;

/// A coordinator. It ends when it is dropped.
pub(crate) struct TheirCoordinator(Peer);

impl TheirCoordinator {
    /// Starts a coordinator with a heartbeat interval of 1 s.
    pub(crate) async fn start(url: &str) -> Result<Self, Error> {
        Ok(Self(Peer::start(&["coordinator", url]).await?))
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, Error> {
        self.call("GET", path, &Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Error> {
        self.call("POST", path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Value, Error> {
        self.call("DELETE", path, &Value::Null).await
    }

    /// Calls its REST interface. Returns the body of the reply.
    async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, Error> {
        let order = json!({ "method": method, "path": path, "body": body });
        self.0.order(&order).await
    }

    /// The worker as its REST interface shows it; null if it is not registered.
    pub(crate) async fn worker(&self, id: &str) -> Value {
        let reply = self.get(&format!("/workers/{id}")).await;
        let reply = reply.unwrap_or_default();
        if reply["id"] == id {
            reply
        } else {
            Value::Null
        }
    }

    /// Deploys a pipeline as a group. Returns the group.
    pub(crate) async fn deploy(
        &self,
        name: &str,
        source: &str,
        worker: &str,
    ) -> Result<Value, Error> {
        let pipeline = json!({ "name": name, "source": source, "worker_affinity": worker });
        let group = json!({ "name": format!("group-{name}"), "pipelines": [pipeline] });
        self.post("/pipeline-groups", &group).await
    }

    /// Moves the pipelines of a silent worker. Returns their number; null while the worker is not silent.
    pub(crate) async fn move_pipelines(&self, worker: &str) -> Result<Value, Error> {
        self.0.order(&json!({ "fail": worker })).await
    }
}
