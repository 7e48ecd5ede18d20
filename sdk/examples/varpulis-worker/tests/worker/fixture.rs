//! A worker, its coordinator and its client on a nats-server.

use std::time::Duration;

use natsgen_runtime::{CallError, NatsOptions, Side, Value, codec};
use natsgen_testing::NatsServer;
use tokio::time::timeout;
use varpulis_sample::{RunningCoordinator, SampleCoordinator};
use varpulis_sdk::connector::{
    Event, ManagedNatsConnector, NatsConfig, NatsSink, NatsSource, SourceOptions,
};
use varpulis_sdk::coordinator::Heartbeat;
use varpulis_sdk::types::{self, EventFields, PipelineId, WorkerId};
use varpulis_sdk::worker::{DeployFault, DeployRequest, WorkerClient};
use varpulis_sdk::worker_node::RunningWorkerNode;
use varpulis_worker::EngineWorker;

/// Far more than any step takes.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// The pause between two probes.
const PAUSE: Duration = Duration::from_millis(50);

/// The value of events that only find out if a source has subscribed.
const PROBE: i64 = 999_999_999;

/// The API key of the workers.
pub(crate) const KEY: &str = "secret";

/// A worker that is registered, and its client.
pub(crate) struct Fixture {
    pub(crate) client: WorkerClient,
    pub(crate) id: WorkerId,
    pub(crate) server: NatsServer,
    pub(crate) coordinator: RunningCoordinator,
    _node: RunningWorkerNode,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        let server = NatsServer::start().unwrap();
        let options = NatsOptions::new(&server.url());
        let connection = options.connect().await.unwrap();
        let coordinator = SampleCoordinator::new(KEY.try_into().unwrap());
        let coordinator = coordinator.start(&connection).await.unwrap();
        let id = WorkerId::try_from("w0").unwrap();
        let node = EngineWorker::new(100).start(id.clone(), KEY.try_into().unwrap(), &connection);
        Self {
            client: WorkerClient::new(&connection),
            id,
            _node: node.await.unwrap(),
            coordinator,
            server,
        }
    }

    pub(crate) async fn deploy(&self, source: &str) -> Result<PipelineId, CallError<DeployFault>> {
        let request = DeployRequest::new("p".try_into().unwrap(), source.try_into().unwrap());
        let deployed = self.client.deploy(&self.id, &request).await;
        deployed.map(|reply| reply.id)
    }

    /// Deploys a pipeline that receives events of the type `X` from the subject `in` and sends events to the subject `out`.
    pub(crate) async fn deploy_on_bus(&self, bus: &mut Bus, operators: &str) -> PipelineId {
        let url = self.server.url();
        let source = format!(
            "connector bus = nats (servers: \"{url}\")\n\
             stream R = X.from(bus, topic: \"in\")\n\
             stream A = R {operators} .emit(v: v) .to(bus, topic: \"out\")"
        );
        let id = self.deploy(&source).await.unwrap();
        // The engine does not wait until the server has its subscription.
        let probing = async {
            loop {
                bus.send(PROBE).await;
                if timeout(PAUSE, bus.source.next()).await.is_ok() {
                    return;
                }
            }
        };
        timeout(LIMIT, probing).await.expect("an event");
        id
    }

    /// Waits for a heartbeat of the worker that matches.
    pub(crate) async fn heartbeat(&self, matches: impl Fn(&Heartbeat) -> bool) -> Heartbeat {
        let mut registry = self.coordinator.coordinator().registry();
        let last = |registry: &varpulis_sample::Registry| {
            let worker = registry.workers.get(&self.id);
            worker.and_then(|worker| worker.last_heartbeat.clone())
        };
        let matching = registry.wait_for(|registry| last(registry).as_ref().is_some_and(&matches));
        let found = timeout(LIMIT, matching).await.expect("a heartbeat");
        last(&found.unwrap()).unwrap()
    }
}

/// The other end of a pipeline's connector. The events have a field `v`.
pub(crate) struct Bus {
    source: NatsSource,
    sink: NatsSink,
}

impl Bus {
    pub(crate) async fn connect(fixture: &Fixture) -> Self {
        let servers = fixture.server.url().as_str().try_into().unwrap();
        let config = NatsConfig::new(types::NatsConfig::new(servers));
        let bus = ManagedNatsConnector::new("bus", config).unwrap();
        let source = bus.source(SourceOptions::new().subject("out")).await;
        let sink = bus.sink(Some("in")).await.unwrap();
        Self {
            source: source.unwrap(),
            sink,
        }
    }

    pub(crate) async fn send(&self, value: impl Into<Value>) {
        let event = Event::new("X").field("v", value);
        self.sink.send(&event).await.unwrap();
    }

    /// The value of the next event that is no probe.
    pub(crate) async fn receive(&mut self) -> Value {
        loop {
            let delivery = timeout(LIMIT, self.source.next()).await;
            let delivery = delivery.expect("an event").unwrap();
            assert_eq!(delivery.event.event_type, "A");
            let value = delivery.event.fields["v"].clone();
            if value != Value::from(PROBE) {
                return value;
            }
        }
    }
}

pub(crate) fn fields(json: &str) -> EventFields {
    codec::decode(json.as_bytes(), Side::Request).unwrap()
}
