//! This SDK's worker with a coordinator of the published crates.

use std::time::Duration;

use natsgen_runtime::{Connection, NatsOptions};
use natsgen_testing::NatsServer;
use serde_json::{Value, json};
use varpulis_sample::SampleWorker;
use varpulis_sdk::coordinator::Heartbeat;
use varpulis_sdk::types::{ApiKey, ConnectorHealth, PipelineMetrics, WorkerId};
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerNode};

use crate::Error;
use crate::peer::KEY;
use crate::table::{Table, Verdict, ensure, eventually};
use crate::their_coordinator::TheirCoordinator;
use crate::worker_client::FILTER;

const CROSSING: &str = "our worker <-> their coordinator";

/// Far more than any step takes.
const LIMIT: Duration = Duration::from_secs(30);

struct Fixture {
    server: NatsServer,
    coordinator: TheirCoordinator,
}

impl Fixture {
    async fn start() -> Result<Self, Error> {
        let server = NatsServer::start()?;
        let coordinator = TheirCoordinator::start(&server.url()).await?;
        Ok(Self {
            server,
            coordinator,
        })
    }

    async fn worker(&self, id: &str, max_pipelines: u32) -> Result<RunningWorkerNode, Error> {
        let running = node(&self.server, id, max_pipelines).await?;
        self.listed(id).await?;
        Ok(running)
    }

    async fn listed(&self, id: &str) -> Result<(), Error> {
        let is_listed = async || self.coordinator.worker(id).await["status"] == "ready";
        eventually("listed worker", LIMIT, is_listed).await
    }

    /// Deploys on worker `w0`. Returns the status of the group.
    async fn deploy(&self, name: &str) -> Result<Value, Error> {
        self.coordinator.deploy(name, FILTER, "w0").await
    }
}

async fn connect(server: &NatsServer) -> Result<Connection, Error> {
    Ok(NatsOptions::new(&server.url()).connect().await?)
}

async fn node(
    server: &NatsServer,
    id: &str,
    max_pipelines: u32,
) -> Result<RunningWorkerNode, Error> {
    let connection = connect(server).await?;
    let id = WorkerId::try_from(id)?;
    let worker = SampleWorker::new(&connection, id.clone(), max_pipelines, Vec::new());
    let node = WorkerNode::new(id, ApiKey::try_from(KEY)?, worker.clone())
        .max_pipelines(max_pipelines)
        .health_source(move || heartbeat(&worker));
    Ok(node.start(&connection).await?)
}

/// The heartbeat of the sample worker, with a connector in each pipeline.
fn heartbeat(worker: &SampleWorker) -> Heartbeat {
    let mut heartbeat = worker.heartbeat();
    let metrics: Vec<PipelineMetrics> = heartbeat.pipeline_metrics.iter().cloned().collect();
    let with_connector = metrics.into_iter().map(|mut metrics| {
        let name = "bus".try_into().expect("a name");
        let kind = "nats".try_into().expect("a type");
        let mut health = ConnectorHealth::new(name, kind, false, 7, 3);
        health.last_error = "refused".try_into().ok();
        metrics.connector_health = natsgen_runtime::Limited::new(vec![health]).expect("one");
        metrics
    });
    let metrics = natsgen_runtime::Limited::new(with_connector.collect());
    heartbeat.pipeline_metrics = metrics.expect("as many as before");
    heartbeat
}

pub(crate) async fn run(table: &mut Table) {
    table
        .works(
            CROSSING,
            "register, heartbeats, REST list, deploy, teardown",
            commands(),
        )
        .await;
    table
        .works(
            CROSSING,
            "connector_health in the REST metrics",
            connector_health(),
        )
        .await;
    table
        .works(CROSSING, "error quota_exceeded of a deploy", quota())
        .await;
    table
        .works(CROSSING, "failover to another worker", failover())
        .await;
    let reason = "it sends the name of the pipeline as its id, and replies 200";
    table
        .row(
            CROSSING,
            "inject by REST",
            Verdict::TypedError,
            reason,
            inject(),
        )
        .await;
    table
        .works(
            CROSSING,
            "no renewal: assigned pipelines stay",
            no_renewal(),
        )
        .await;
    table
        .works(CROSSING, "their restart: registered again", their_restart())
        .await;
    table
        .works(
            CROSSING,
            "restart of the server: registered again",
            server_restart(),
        )
        .await;
    table
        .works(CROSSING, "our restart: registered again", our_restart())
        .await;
}

async fn commands() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let _worker = fixture.worker("w0", 10).await?;
    let group = fixture.deploy("p").await?;
    ensure(group["status"] == "running", &group)?;
    let is_counted = async || {
        let worker = fixture.coordinator.worker("w0").await;
        worker["pipelines_running"] == 1 && worker["assigned_pipelines"] == json!(["p"])
    };
    eventually("heartbeat with the pipeline", LIMIT, is_counted).await?;
    let id = group["id"].as_str().ok_or("no id")?;
    let path = format!("/pipeline-groups/{id}");
    let reply = fixture.coordinator.delete(&path).await?;
    ensure(reply["torn_down"] == true, &reply)?;
    let is_ended = async || fixture.coordinator.worker("w0").await["pipelines_running"] == 0;
    eventually("heartbeat without the pipeline", LIMIT, is_ended).await
}

async fn connector_health() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let _worker = fixture.worker("w0", 10).await?;
    fixture.deploy("p").await?;
    let expected = json!([{ "connector_name": "bus", "connector_type": "nats", "connected": false,
        "last_error": "refused", "messages_received": 7, "seconds_since_last_message": 3 }]);
    let is_shown = async || {
        let metrics = fixture
            .coordinator
            .get("/metrics")
            .await
            .unwrap_or_default();
        metrics["pipelines"][0]["connector_health"] == expected
    };
    eventually("connector_health", LIMIT, is_shown).await
}

async fn quota() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let _worker = fixture.worker("w0", 1).await?;
    let first = fixture.deploy("p").await?;
    ensure(first["status"] == "running", &first)?;
    let second = fixture.deploy("q").await?;
    ensure(second["status"] != "running", &second)
}

async fn failover() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let first = fixture.worker("w0", 10).await?;
    let _second = fixture.worker("w1", 10).await?;
    fixture.deploy("p").await?;
    first.shutdown().await;
    let is_moved = async || {
        fixture
            .coordinator
            .move_pipelines("w0")
            .await
            .is_ok_and(|moved| moved == 1)
    };
    eventually("moved pipeline", LIMIT, is_moved).await?;
    let runs = async || fixture.coordinator.worker("w1").await["pipelines_running"] == 1;
    eventually("pipeline on the other worker", LIMIT, runs).await
}

async fn inject() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let _worker = fixture.worker("w0", 10).await?;
    let group = fixture.deploy("p").await?;
    let id = group["id"].as_str().ok_or("no id")?;
    let event = json!({ "event_type": "SensorReading", "fields": { "temperature": 200 } });
    let path = format!("/pipeline-groups/{id}/inject");
    let reply = fixture.coordinator.post(&path, &event).await?;
    ensure(
        reply["worker_response"]["code"] == "pipeline_not_found",
        &reply,
    )
}

async fn no_renewal() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let worker = fixture.worker("w0", 10).await?;
    fixture.deploy("p").await?;
    // Longer than the renewal interval of three heartbeats.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let listed = fixture.coordinator.worker("w0").await;
    ensure(listed["assigned_pipelines"] == json!(["p"]), &listed)?;
    let health = worker.health();
    ensure(
        health.registrations == 1,
        format!("{} registrations", health.registrations),
    )
}

async fn their_restart() -> Result<(), Error> {
    let Fixture {
        server,
        coordinator,
    } = Fixture::start().await?;
    let worker = node(&server, "w0", 10).await?;
    worker.registered().await.ok_or("not registered")?;
    drop(coordinator);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let coordinator = TheirCoordinator::start(&server.url()).await?;
    let fixture = Fixture {
        server,
        coordinator,
    };
    fixture.listed("w0").await
}

async fn server_restart() -> Result<(), Error> {
    let mut fixture = Fixture::start().await?;
    let _worker = fixture.worker("w0", 10).await?;
    fixture.server.kill();
    fixture.server.restart()?;
    let is_deployed = async || {
        let group = fixture.deploy("p").await.unwrap_or_default();
        group["status"] == "running"
    };
    eventually("deployable worker", LIMIT, is_deployed).await
}

async fn our_restart() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let worker = fixture.worker("w0", 10).await?;
    worker.shutdown().await;
    let _worker = fixture.worker("w0", 10).await?;
    let group = fixture.deploy("p").await?;
    ensure(group["status"] == "running", &group)
}
