//! A fake coordinator that records registrations and heartbeats.

use std::collections::HashMap;
use std::sync::Arc;

use natsgen_runtime::{Connection, Context, Limited, Secs, Server};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use varpulis_sdk::coordinator::{
    CoordinatorServer, CoordinatorService, GetWorkerFault, GetWorkerParams, GetWorkerReply,
    GetWorkerRequest, Heartbeat, HeartbeatFilter, ListWorkersFault, ListWorkersReply,
    ListWorkersRequest, RegisterFault, RegisterReply, RegisterRequest, RegisterStatus,
    RemoveWorkerFault, RemoveWorkerParams, RemoveWorkerReply, RemoveWorkerRequest,
};
use varpulis_sdk::types::{WorkerCapacity, WorkerId, WorkerInstance};
use varpulis_sdk::worker::{Registration, WorkerClient};

use super::{w1, within_timeout};

/// The number of replaced instances in a notice.
const MAX_REPLACED: usize = 16;

/// A fake coordinator. It keeps its records in memory only.
pub(crate) struct FakeCoordinator {
    known: Known,
    workers: WorkerClient,
    server: Server,
    receiver: JoinHandle<()>,
}

type Known = Arc<watch::Sender<HashMap<WorkerId, Member>>>;

/// The record of a worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub(crate) registrations: u64,
    pub(crate) capacity: Option<WorkerCapacity>,
    pub(crate) heartbeats: u64,
    pub(crate) last: Option<Heartbeat>,
    pub(crate) instance: Option<WorkerInstance>,
    /// The replaced instances, the newest last.
    replaced: Vec<WorkerInstance>,
}

struct Service {
    known: Known,
    workers: WorkerClient,
    /// Whether workers may renew their registrations.
    is_renewable: bool,
}

impl Member {
    /// The replaced instances if the instance is new. Fails if the instance itself was replaced.
    fn register(&mut self, request: RegisterRequest) -> Result<Vec<WorkerInstance>, RegisterFault> {
        let is_replaced = request
            .instance
            .as_ref()
            .is_some_and(|instance| self.replaced.contains(instance));
        if is_replaced {
            return Err(RegisterFault::WorkerReplaced);
        }
        self.registrations += 1;
        self.capacity = Some(request.capacity);
        let before = std::mem::replace(&mut self.instance, request.instance);
        if before == self.instance {
            return Ok(Vec::new());
        }
        if self.replaced.len() == MAX_REPLACED {
            self.replaced.remove(0);
        }
        self.replaced.extend(before);
        Ok(self.replaced.clone())
    }
}

impl CoordinatorService for Service {
    async fn register(
        &self,
        _: &Context,
        request: RegisterRequest,
    ) -> Result<RegisterReply, RegisterFault> {
        if request.api_key != "secret".try_into().expect("a key") {
            return Err(RegisterFault::InvalidApiKey);
        }
        let mut reply =
            RegisterReply::new(request.worker_id.to_string(), RegisterStatus::Registered);
        reply.renewable = self.is_renewable.then_some(natsgen_runtime::True);
        reply.heartbeat_interval = Some(Secs::from_static(1));
        let (id, instance) = (request.worker_id.clone(), request.instance.clone());
        let mut replaced = Ok(Vec::new());
        self.known.send_modify(|known| {
            replaced = known.entry(id.clone()).or_default().register(request);
        });
        let replaced = Limited::new(replaced?).expect("within the limit");
        if !replaced.is_empty() {
            let mut winner = Registration::default();
            winner.instance = instance;
            winner.replaced = replaced;
            let sent = self.workers.registration(&id, &winner).await;
            sent.expect("the notice is sent");
        }
        Ok(reply)
    }

    async fn list_workers(
        &self,
        _: &Context,
        _: ListWorkersRequest,
    ) -> Result<ListWorkersReply, ListWorkersFault> {
        unimplemented!("workers do not call it")
    }

    async fn get_worker(
        &self,
        _: &Context,
        _: GetWorkerParams,
        _: GetWorkerRequest,
    ) -> Result<GetWorkerReply, GetWorkerFault> {
        unimplemented!("workers do not call it")
    }

    async fn remove_worker(
        &self,
        _: &Context,
        _: RemoveWorkerParams,
        _: RemoveWorkerRequest,
    ) -> Result<RemoveWorkerReply, RemoveWorkerFault> {
        unimplemented!("workers do not call it")
    }
}

impl FakeCoordinator {
    pub(crate) async fn start(connection: &Connection) -> Self {
        Self::with(connection, true).await
    }

    /// A coordinator that discards its state of a worker that registers again, as Varpulis 0.11 does.
    pub(crate) async fn foreign(connection: &Connection) -> Self {
        Self::with(connection, false).await
    }

    async fn with(connection: &Connection, is_renewable: bool) -> Self {
        let known = Known::default();
        let mut heartbeats = connection
            .subscribe::<Heartbeat>(&HeartbeatFilter::default())
            .await
            .expect("a subscription");
        let records = Arc::clone(&known);
        let receiver = tokio::spawn(async move {
            while let Some(heartbeat) = heartbeats.next().await {
                let heartbeat = heartbeat.expect("readable");
                records.send_modify(|known| {
                    let member = known.entry(heartbeat.params.worker_id).or_default();
                    member.heartbeats += 1;
                    member.last = Some(heartbeat.event);
                });
            }
        });
        let workers = WorkerClient::new(connection);
        let service = Service {
            known: Arc::clone(&known),
            workers: workers.clone(),
            is_renewable,
        };
        let server = CoordinatorServer::new(service)
            .start(connection)
            .await
            .expect("a server");
        Self {
            known,
            workers,
            server,
            receiver,
        }
    }

    /// The record of `w1`.
    pub(crate) fn member(&self) -> Member {
        self.known.borrow().get(&w1()).cloned().unwrap_or_default()
    }

    /// Waits until the record of `w1` satisfies `is_so`.
    pub(crate) async fn wait_for(&self, what: &str, is_so: impl Fn(&Member) -> bool) -> Member {
        let mut known = self.known.subscribe();
        let waiting = known.wait_for(|known| known.get(&w1()).is_some_and(&is_so));
        let known = within_timeout(what, waiting)
            .await
            .expect("the sender lives");
        known[&w1()].clone()
    }

    /// Sends a notice that `instance` is registered under `w1`, or that `w1` is unknown. The notice names no replaced
    /// instances.
    pub(crate) async fn send_notice(&self, instance: Option<WorkerInstance>) {
        self.send(instance, Vec::new()).await;
    }

    /// Sends a notice that `instance` is registered under `w1` and these instances were replaced.
    pub(crate) async fn send(
        &self,
        instance: Option<WorkerInstance>,
        replaced: Vec<WorkerInstance>,
    ) {
        let mut notice = Registration::default();
        notice.instance = instance;
        notice.replaced = Limited::new(replaced).expect("within the limit");
        let sent = self.workers.registration(&w1(), &notice).await;
        sent.expect("the notice is sent");
    }

    /// Drops all records silently.
    pub(crate) fn forget_workers(&self) {
        self.known.send_modify(HashMap::clear);
    }

    pub(crate) async fn shutdown(self) {
        self.receiver.abort();
        self.server.shutdown().await;
    }
}
