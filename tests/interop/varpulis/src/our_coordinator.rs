//! This SDK's coordinator with workers of the published crates.

use std::time::Duration;

use natsgen_runtime::transport::Message;
use natsgen_runtime::{Limited, NatsOptions};
use natsgen_testing::NatsServer;
use varpulis_sdk::batch::BatchFallback;
use varpulis_sdk::coordinator_node::{CoordinatorNode, DispatchError, RunningCoordinatorNode};
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::{
    ApiKey, DeploymentState, InputEvent, NodeId, PipelineName, RaftNode, WorkerId, WorkerStatus,
};

use crate::Error;
use crate::peer::{KEY, Peer};
use crate::table::{Table, Verdict, ensure, eventually};
use crate::worker_client::{FILTER, fields, program, reading};

const CROSSING: &str = "our coordinator <-> their worker";

/// Far more than the coordinator takes to notice a change.
const LIMIT: Duration = Duration::from_secs(30);

struct Fixture {
    server: NatsServer,
    coordinator: RunningCoordinatorNode,
}

impl Fixture {
    async fn start() -> Result<Self, Error> {
        let server = NatsServer::start()?;
        let coordinator = coordinator(&server).await?;
        Ok(Self {
            server,
            coordinator,
        })
    }

    async fn worker(&self, id: &str) -> Result<Peer, Error> {
        let worker = Peer::worker(&self.server.url(), id, KEY, "large").await?;
        self.status(id, Some(WorkerStatus::Ready)).await?;
        Ok(worker)
    }

    /// Waits for the status of a worker; `None` waits until it is not registered.
    async fn status(&self, id: &str, status: Option<WorkerStatus>) -> Result<(), Error> {
        let id = WorkerId::try_from(id)?;
        let has_status = async || {
            let view = self.coordinator.worker(&id);
            view.map(|view| view.record.status) == status
        };
        eventually(&format!("status {status:?} of {id}"), LIMIT, has_status).await
    }

    async fn inject(&self, pipeline: &str) -> Result<usize, Error> {
        let name = PipelineName::try_from(pipeline)?;
        let fields = fields(r#"{"temperature":200}"#);
        let reply = self.coordinator.inject(&name, reading(), fields).await?;
        Ok(reply.output_events.len())
    }

    async fn injectable(&self, pipeline: &str) -> Result<(), Error> {
        let is_injectable = async || self.inject(pipeline).await.is_ok();
        eventually("pipeline that takes events", LIMIT, is_injectable).await
    }
}

async fn coordinator(server: &NatsServer) -> Result<RunningCoordinatorNode, Error> {
    let connection = NatsOptions::new(&server.url()).connect().await?;
    let id = NodeId::try_from(1)?;
    let options = ReplicaOptions::memory(id)
        .heartbeat(Duration::from_millis(100))
        .election(Duration::from_millis(500), Duration::from_secs(1));
    let address = RaftNode::new("".try_into()?);
    let node = CoordinatorNode::new(ApiKey::try_from(KEY)?, options)
        .members([(id, address)].into())
        .heartbeat_interval(Duration::from_secs(1))
        .batch_fallback(BatchFallback::SingleInjects);
    let running = node.start(&connection).await?;
    let is_ready = async || running.health().is_ready();
    eventually("leader", LIMIT, is_ready).await?;
    Ok(running)
}

pub(crate) async fn run(table: &mut Table) {
    table
        .works(
            CROSSING,
            "register, heartbeats, deploy, inject, undeploy",
            commands(),
        )
        .await;
    table
        .works(CROSSING, "inject_batch by single injects", batch())
        .await;
    table
        .works(CROSSING, "registrations that 0.11 accepts", registrations())
        .await;
    let reason = "it registers once; ids without a valid token cannot be commanded";
    table
        .row(
            CROSSING,
            "wrong keys and ids",
            Verdict::TypedError,
            reason,
            refusals(),
        )
        .await;
    table
        .works(CROSSING, "drain, move to another worker, remove", drain())
        .await;
    table
        .works(
            CROSSING,
            "their restart: pipelines are deployed again",
            their_restart(),
        )
        .await;
    table
        .works(
            CROSSING,
            "their worker loses a pipeline: inject finds out",
            lost_pipeline(true),
        )
        .await;
    table
        .works(
            CROSSING,
            "their worker loses a pipeline: heartbeats find out",
            lost_pipeline(false),
        )
        .await;
    table
        .works(CROSSING, "their end: the pipeline moves", their_end())
        .await;
    let reason = "it never registers again; its heartbeats are counted as unknown";
    table
        .row(
            CROSSING,
            "our restart without the store",
            Verdict::TheirFault,
            reason,
            our_restart(),
        )
        .await;
}

async fn commands() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let _worker = fixture.worker("w0").await?;
    let deployed = fixture.coordinator.deploy(&program("p", FILTER)).await?;
    ensure(deployed.worker_id.as_str() == "w0", format!("{deployed:?}"))?;
    let outputs = fixture.inject("p").await?;
    ensure(outputs == 1, format!("{outputs} outputs"))?;
    let id = WorkerId::try_from("w0")?;
    let has_metrics = async || {
        let view = fixture.coordinator.worker(&id);
        let heartbeat = view.and_then(|view| view.heartbeat);
        heartbeat.is_some_and(|heartbeat| heartbeat.pipelines_running == 1)
    };
    eventually("heartbeat with the pipeline", LIMIT, has_metrics).await?;
    fixture
        .coordinator
        .undeploy(&PipelineName::try_from("p")?)
        .await?;
    Ok(())
}

async fn batch() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let _worker = fixture.worker("w0").await?;
    fixture.coordinator.deploy(&program("p", FILTER)).await?;
    let mut event = InputEvent::new(reading());
    event.fields = fields(r#"{"temperature":200}"#);
    let events = Limited::new(vec![event; 5]).expect("few events");
    let name = PipelineName::try_from("p")?;
    let reply = fixture.coordinator.inject_batch(&name, events).await?;
    let counts = (reply.events_sent, reply.output_events.len());
    ensure(counts == (5, 5), format!("{reply:?}"))
}

/// Sends a registration as a peer of the published crates does. Returns the reply.
async fn register(server: &NatsServer, body: &str) -> Result<serde_json::Value, Error> {
    let connection = NatsOptions::new(&server.url()).connect().await?;
    let message = Message {
        subject: "varpulis.cluster.register".to_owned(),
        payload: body.to_owned().into(),
        ..Message::default()
    };
    let reply = connection.exchange(message, Duration::from_secs(5)).await;
    let reply = reply.map_err(|failure| format!("{failure:?}"))?;
    Ok(serde_json::from_slice(&reply.payload)?)
}

async fn registrations() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    for body in [
        r#"{"worker_id":"a","address":"","api_key":"secret","capacity":{"cpu_cores":4,"pipelines_running":0,"max_pipelines":9}}"#,
        r#"{"worker_id":"b","address":"","api_key":"secret","capacity":{"cpu_cores":70000,"pipelines_running":0,"max_pipelines":9}}"#,
    ] {
        let reply = register(&fixture.server, body).await?;
        ensure(
            reply["status"] == "registered",
            format!("{reply} to {body}"),
        )?;
    }
    Ok(())
}

async fn refusals() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let capacity = r#"{"cpu_cores":4,"pipelines_running":0,"max_pipelines":9}"#;
    let long = "x".repeat(65);
    for (id, key, code) in [
        ("w", "wrong", "invalid_api_key"),
        ("w", "", "bad_request"),
        ("a.b", "secret", "bad_request"),
        ("", "secret", "bad_request"),
        (" ", "secret", "bad_request"),
        (long.as_str(), "secret", "bad_request"),
    ] {
        let body = format!(
            r#"{{"worker_id":"{id}","address":"","api_key":"{key}","capacity":{capacity}}}"#
        );
        let reply = register(&fixture.server, &body).await?;
        ensure(reply["code"] == code, format!("{reply} to {body}"))?;
    }
    let array = format!(r#"["w","","secret",{capacity}]"#);
    let reply = register(&fixture.server, &array).await?;
    ensure(
        reply["code"] == "bad_request",
        format!("{reply} to {array}"),
    )
}

async fn drain() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let first = fixture.worker("w0").await?;
    fixture.coordinator.deploy(&program("p", FILTER)).await?;
    let _second = fixture.worker("w1").await?;
    let id = WorkerId::try_from("w0")?;
    fixture.coordinator.drain(&id).await?;
    fixture.status("w0", Some(WorkerStatus::Draining)).await?;
    let placed = fixture.coordinator.deploy(&program("q", FILTER)).await?;
    ensure(placed.worker_id.as_str() == "w1", format!("{placed:?}"))?;
    fixture.coordinator.remove(&id).await?;
    drop(first);
    fixture.status("w0", None).await?;
    fixture.injectable("p").await
}

async fn their_restart() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let worker = fixture.worker("w0").await?;
    let deployed = fixture.coordinator.deploy(&program("p", FILTER)).await?;
    drop(worker);
    let _worker = fixture.worker("w0").await?;
    fixture.injectable("p").await?;
    let name = PipelineName::try_from("p")?;
    let id = fixture.coordinator.replica().local(|registry| {
        let deployment = registry.deployment(&name)?;
        deployment.pipeline_id.clone()
    });
    ensure(id != deployed.pipeline_id, "the pipeline has its old id")
}

/// A worker that lost a pipeline and continues. `by_inject`: a command meets the loss before the heartbeats show it.
async fn lost_pipeline(by_inject: bool) -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let worker = fixture.worker("w0").await?;
    let deployed = fixture.coordinator.deploy(&program("p", FILTER)).await?;
    let lost = deployed.pipeline_id.ok_or("no pipeline id")?;
    let id = WorkerId::try_from("w0")?;
    let is_counted = async || {
        let view = fixture.coordinator.worker(&id);
        let heartbeat = view.and_then(|view| view.heartbeat);
        heartbeat.is_some_and(|heartbeat| heartbeat.pipelines_running == 1)
    };
    eventually("heartbeat with the pipeline", LIMIT, is_counted).await?;
    worker.order(&lost.as_str().into()).await?;
    if by_inject {
        return fixture.injectable("p").await;
    }
    let name = PipelineName::try_from("p")?;
    let is_new = async || {
        fixture.coordinator.replica().local(|registry| {
            registry.deployment(&name).is_some_and(|deployment| {
                deployment.state == DeploymentState::Running
                    && deployment.pipeline_id.as_ref() != Some(&lost)
            })
        })
    };
    eventually("new pipeline", LIMIT, is_new).await?;
    fixture.inject("p").await.map(drop)
}

async fn their_end() -> Result<(), Error> {
    let fixture = Fixture::start().await?;
    let first = fixture.worker("w0").await?;
    fixture.coordinator.deploy(&program("p", FILTER)).await?;
    let _second = fixture.worker("w1").await?;
    drop(first);
    fixture.status("w0", Some(WorkerStatus::Unhealthy)).await?;
    fixture.injectable("p").await
}

async fn our_restart() -> Result<(), Error> {
    let Fixture {
        server,
        coordinator: old,
    } = Fixture::start().await?;
    let _worker = Peer::worker(&server.url(), "w0", KEY, "large").await?;
    let id = WorkerId::try_from("w0")?;
    let is_known = async || old.worker(&id).is_some();
    eventually("registration", LIMIT, is_known).await?;
    old.shutdown().await;
    let new = coordinator(&server).await?;
    let is_unknown = async || new.health().unknown_heartbeats > 0;
    eventually("heartbeat of an unknown worker", LIMIT, is_unknown).await?;
    let deployed = new.deploy(&program("p", FILTER)).await;
    let is_expected = matches!(deployed, Err(DispatchError::NoRoom { workers: 0, .. }));
    ensure(is_expected, format!("{deployed:?}"))
}
