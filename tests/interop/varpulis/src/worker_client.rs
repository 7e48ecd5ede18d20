//! This SDK's client of workers against a worker of the published crates.

use std::fmt::Debug;
use std::time::Duration;

use natsgen_runtime::transport::Message;
use natsgen_runtime::{
    CallError, CallOptions, Connection, Failure, Fault, Limited, NatsOptions, NoAnswer,
    NotDelivered, Side, codec,
};
use natsgen_testing::NatsServer;
use varpulis_sample::{RunningCoordinator, SampleCoordinator};
use varpulis_sdk::batch::{BatchError, BatchFallback};
use varpulis_sdk::types::{
    ApiKey, EventFields, EventType, InputEvent, PipelineId, PipelineName, WorkerId,
};
use varpulis_sdk::worker::{
    CheckpointRequest, DeployFault, DeployRequest, DrainRequest, InjectBatchRequest, InjectFault,
    InjectRequest, RestoreRequest, UndeployFault, UndeployRequest, WorkerClient,
};

use crate::Error;
use crate::peer::{KEY, Peer};
use crate::table::{Table, Verdict, ensure, eventually};

const CROSSING: &str = "our client -> their worker";

/// A program that emits an event for each reading above 100.
pub(crate) const FILTER: &str = "stream A = SensorReading .where(temperature > 100) .emit(temperature: temperature)";

/// A program that emits an event after three readings.
const WINDOW: &str = "stream W = SensorReading .window(3) .aggregate(n: count()) .emit(n: n)";

/// A worker of the published crates, and a client.
pub(crate) struct Fixture {
    client: WorkerClient,
    connection: Connection,
    id: WorkerId,
    _worker: Peer,
    /// Registers the worker, which serves no commands before.
    _coordinator: RunningCoordinator,
    server: NatsServer,
}

impl Fixture {
    pub(crate) async fn start(key: &str, quota: &str) -> Result<Self, Error> {
        let server = NatsServer::start()?;
        let connection = NatsOptions::new(&server.url()).connect().await?;
        let coordinator = SampleCoordinator::new(ApiKey::try_from(key)?);
        let coordinator = coordinator.start(&connection).await?;
        let worker = Peer::worker(&server.url(), "w0", key, quota).await?;
        let fixture = Self {
            client: WorkerClient::new(&connection),
            connection,
            id: WorkerId::try_from("w0")?,
            _worker: worker,
            _coordinator: coordinator,
            server,
        };
        let request = CheckpointRequest::new(PipelineId::try_from("none")?);
        let is_served = async || {
            let taken = fixture.client.checkpoint(&fixture.id, &request).await;
            !matches!(taken, Err(error) if matches!(error.failure, Failure::NotDelivered(_)))
        };
        eventually("command handler", Duration::from_secs(10), is_served).await?;
        Ok(fixture)
    }

    /// The URL of the server.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) async fn deploy(
        &self,
        name: &str,
        source: &str,
    ) -> Result<PipelineId, CallError<DeployFault>> {
        let deployed = self.client.deploy(&self.id, &program(name, source)).await;
        deployed.map(|reply| reply.id)
    }

    async fn inject(&self, id: &PipelineId, json: &str) -> Result<usize, CallError<InjectFault>> {
        let mut request = InjectRequest::new(id.clone(), reading());
        request.fields = fields(json);
        let injected = self.client.inject(&self.id, &request).await;
        injected.map(|reply| reply.output_events.len())
    }

    async fn batch(&self, id: PipelineId, fallback: BatchFallback) -> Result<u32, BatchError> {
        let mut event = InputEvent::new(reading());
        event.fields = fields(r#"{"temperature":200}"#);
        let events = Limited::new(vec![event; 3]).expect("few events");
        let request = InjectBatchRequest::new(id, events);
        let injected = self.client.inject_all(&self.id, &request, fallback).await;
        injected.map(|reply| reply.events_sent)
    }
}

pub(crate) fn program(name: &str, source: &str) -> DeployRequest {
    DeployRequest::new(
        PipelineName::try_from(name).expect("a name"),
        source.try_into().expect("a source"),
    )
}

pub(crate) fn reading() -> EventType {
    EventType::try_from("SensorReading").expect("a type")
}

pub(crate) fn fields(json: &str) -> EventFields {
    codec::decode(json.as_bytes(), Side::Request).expect("fields")
}

fn expect_fault<T: Debug, F: Fault>(
    called: Result<T, CallError<F>>,
    code: &str,
) -> Result<(), Error> {
    match called {
        Err(error) if error.fault().is_some_and(|fault| fault.kind().code == code) => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

pub(crate) async fn run(table: &mut Table) {
    let fixture = match Fixture::start(KEY, "large").await {
        Ok(fixture) => fixture,
        Err(error) => return table.works(CROSSING, "start", async { Err(error) }).await,
    };
    operations(table, &fixture).await;
    faults(table, &fixture).await;
    weaknesses(table, &fixture).await;
    quotas(table).await;
}

async fn operations(table: &mut Table, fixture: &Fixture) {
    let Fixture { client, id, .. } = fixture;
    let deploy = async {
        let pipeline = fixture.deploy("p", FILTER).await?;
        for (json, expected) in [(r#"{"temperature":200}"#, 1), (r#"{"temperature":5}"#, 0)] {
            let outputs = fixture.inject(&pipeline, json).await?;
            ensure(outputs == expected, format!("{outputs} outputs of {json}"))?;
        }
        client.undeploy(id, &UndeployRequest::new(pipeline)).await?;
        Ok(())
    };
    table
        .works(CROSSING, "deploy, inject, undeploy", deploy)
        .await;
    let checkpoint = async {
        let first = fixture.deploy("w1", WINDOW).await?;
        for _ in 0..2 {
            fixture.inject(&first, r#"{"temperature":1}"#).await?;
        }
        let taken = client
            .checkpoint(id, &CheckpointRequest::new(first))
            .await?;
        let second = fixture.deploy("w2", WINDOW).await?;
        let restore = RestoreRequest::new(second.clone(), taken.0);
        client.restore(id, &restore).await?;
        let outputs = fixture.inject(&second, r#"{"temperature":1}"#).await?;
        ensure(
            outputs == 1,
            format!("{outputs} outputs of the third event"),
        )
    };
    table
        .works(
            CROSSING,
            "checkpoint, restore in a second pipeline",
            checkpoint,
        )
        .await;
    let outputs = async {
        let pipeline = fixture.deploy("f", FILTER).await?;
        let mut request = InjectRequest::new(pipeline, reading());
        request.fields = fields(r#"{"temperature":200}"#);
        let reply = client.inject(id, &request).await?;
        let fields = &reply.output_events[0].fields;
        ensure(
            fields.as_ref().is_none_or(|fields| fields.0.is_empty()),
            format!("{fields:?}"),
        )
    };
    let reason = "the handler writes only the type of an output event";
    table
        .row(
            CROSSING,
            "fields of output events",
            Verdict::TheirFault,
            reason,
            outputs,
        )
        .await;
}

async fn faults(table: &mut Table, fixture: &Fixture) {
    let Fixture { client, id, .. } = fixture;
    let missing = PipelineId::try_from("missing").expect("an id");
    let parse = async { expect_fault(fixture.deploy("x", "stream = = 1").await, "pipeline_parse") };
    table.works(CROSSING, "error pipeline_parse", parse).await;
    let engine = async {
        let source = r#"stream A = B.from(undeclared, topic: "t")"#;
        expect_fault(fixture.deploy("x", source).await, "engine")
    };
    table.works(CROSSING, "error engine", engine).await;
    let not_found = async {
        let code = "pipeline_not_found";
        let undeployed = client
            .undeploy(id, &UndeployRequest::new(missing.clone()))
            .await;
        let detail = |fault: &UndeployFault| fault.detail() == "missing";
        ensure(
            matches!(&undeployed, Err(error) if error.fault().is_some_and(detail)),
            format!("{undeployed:?}"),
        )?;
        expect_fault(fixture.inject(&missing, "{}").await, code)?;
        let taken = client
            .checkpoint(id, &CheckpointRequest::new(missing.clone()))
            .await;
        expect_fault(taken, code)
    };
    table
        .works(CROSSING, "error pipeline_not_found", not_found)
        .await;
    let unknown = async {
        let message = Message {
            subject: "varpulis.cluster.cmd.w0.reboot".to_owned(),
            payload: "{}".into(),
            ..Message::default()
        };
        let limit = Duration::from_secs(5);
        let reply = fixture.connection.exchange(message, limit).await;
        let reply = reply.map_err(|failure| format!("{failure:?}"))?;
        let expected = br#"{"error":"unknown command: reboot"}"#;
        ensure(
            *reply.payload == expected[..],
            format!("{:?}", reply.payload),
        )
    };
    table
        .works(CROSSING, "error unknown_command", unknown)
        .await;
    let absent = async {
        let absent = WorkerId::try_from("absent")?;
        let called = client.drain(&absent, &DrainRequest::new()).await;
        let failure = called.map_err(|error| error.failure);
        let is_expected = matches!(
            failure,
            Err(Failure::NotDelivered(NotDelivered::NoResponders))
        );
        ensure(is_expected, format!("{failure:?}"))
    };
    table.works(CROSSING, "absent worker", absent).await;
}

async fn weaknesses(table: &mut Table, fixture: &Fixture) {
    let Fixture { client, id, .. } = fixture;
    let reason = "it processes nothing and answers zeros";
    let refused = async {
        let pipeline = fixture.deploy("b1", FILTER).await?;
        let injected = fixture.batch(pipeline, BatchFallback::Fail).await;
        let is_expected = matches!(injected, Err(BatchError::WrongCounts(_)));
        ensure(is_expected, format!("{injected:?}"))
    };
    table
        .row(
            CROSSING,
            "inject_batch",
            Verdict::TypedError,
            reason,
            refused,
        )
        .await;
    let singly = async {
        let pipeline = fixture.deploy("b2", FILTER).await?;
        let sent = fixture
            .batch(pipeline, BatchFallback::SingleInjects)
            .await?;
        ensure(sent == 3, format!("{sent} events"))
    };
    table
        .row(
            CROSSING,
            "inject_batch as single injects",
            Verdict::WorkedAround,
            reason,
            singly,
        )
        .await;
    let drain = async {
        client.drain(id, &DrainRequest::new()).await?;
        fixture.deploy("after", FILTER).await?;
        Ok(())
    };
    let reason = "it answers ok and continues to take work";
    table
        .row(CROSSING, "drain", Verdict::TheirFault, reason, drain)
        .await;
    large_checkpoint(table, fixture).await;
}

async fn large_checkpoint(table: &mut Table, fixture: &Fixture) {
    let Fixture { client, id, .. } = fixture;
    let large = async {
        let pipeline = fixture
            .deploy(
                "large",
                "stream W = SensorReading .window(1000) .aggregate(n: count())",
            )
            .await?;
        let text = "x".repeat(300_000);
        for _ in 0..5 {
            fixture
                .inject(&pipeline, &format!(r#"{{"text":"{text}"}}"#))
                .await?;
        }
        let options = CallOptions::new().timeout(Duration::from_secs(2));
        let client = client.clone().options(options);
        let taken = client
            .checkpoint(id, &CheckpointRequest::new(pipeline))
            .await;
        let failure = taken.map_err(|error| error.failure);
        let is_expected = matches!(failure, Err(Failure::NoAnswer(NoAnswer::TimedOut)));
        ensure(is_expected, format!("{failure:?}"))
    };
    let reason =
        "it sends no reply above max_payload, so a caller cannot tell it from a slow worker";
    table
        .row(
            CROSSING,
            "checkpoint above max_payload",
            Verdict::TypedError,
            reason,
            large,
        )
        .await;
}

async fn quotas(table: &mut Table) {
    let limits = async {
        let fixture = Fixture::start(KEY, "small").await?;
        let two = format!("{FILTER}\nstream B = Other .where(x > 1)");
        expect_fault(fixture.deploy("two", &two).await, "quota_exceeded")?;
        let pipeline = fixture.deploy("one", FILTER).await?;
        expect_fault(fixture.deploy("second", FILTER).await, "quota_exceeded")?;
        let mut last = Ok(0);
        for _ in 0..10 {
            last = fixture.inject(&pipeline, "{}").await;
            if last.is_err() {
                break;
            }
        }
        expect_fault(last, "rate_limited")
    };
    table
        .works(CROSSING, "errors quota_exceeded, rate_limited", limits)
        .await;
    let key = async {
        let fixture = Fixture::start("other", "large").await?;
        expect_fault(fixture.deploy("p", FILTER).await, "invalid_api_key")
    };
    table.works(CROSSING, "error invalid_api_key", key).await;
}
