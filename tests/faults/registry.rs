//! A coordinator that remembers who registered and whose heart beats.

use std::collections::HashMap;
use std::sync::Arc;

use natsgen_runtime::{Connection, Context, Limited, Secs, Server};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use varpulis_sdk::coordinator::{
    CoordinatorServer, CoordinatorService, Heartbeat, HeartbeatFilter, RegisterFault,
    RegisterReply, RegisterRequest, RegisterStatus,
};
use varpulis_sdk::types::{WorkerCapacity, WorkerId, WorkerInstance};
use varpulis_sdk::worker::{Registration, WorkerClient};

use super::{soon, w1};

/// How many replaced instances of a worker there are in a notice.
const REMEMBERED: usize = 16;

/// A coordinator that forgets everything when it is shut down.
pub(crate) struct Registry {
    known: Known,
    workers: WorkerClient,
    server: Server,
    listening: JoinHandle<()>,
}

type Known = Arc<watch::Sender<HashMap<WorkerId, Member>>>;

/// What it knows of a worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub(crate) registrations: u64,
    pub(crate) capacity: Option<WorkerCapacity>,
    pub(crate) heartbeats: u64,
    pub(crate) last: Option<Heartbeat>,
    pub(crate) instance: Option<WorkerInstance>,
    /// Those that were there before, the newest last.
    replaced: Vec<WorkerInstance>,
}

struct Desk {
    known: Known,
    workers: WorkerClient,
}

impl Member {
    /// The instances that were replaced, if this is a new one; an error if it was replaced itself.
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
        if self.replaced.len() == REMEMBERED {
            self.replaced.remove(0);
        }
        self.replaced.extend(before);
        Ok(self.replaced.clone())
    }
}

impl CoordinatorService for Desk {
    async fn register(
        &self,
        _: &Context,
        request: RegisterRequest,
    ) -> Result<RegisterReply, RegisterFault> {
        if request.api_key != "secret".try_into().expect("a key") {
            return Err(RegisterFault::InvalidApiKey);
        }
        let reply = RegisterReply {
            worker_id: request.worker_id.to_string(),
            status: RegisterStatus::Registered,
            heartbeat_interval: Some(Secs::from_static(1)),
        };
        let (id, instance) = (request.worker_id.clone(), request.instance.clone());
        let mut replaced = Ok(Vec::new());
        self.known.send_modify(|known| {
            replaced = known.entry(id.clone()).or_default().register(request);
        });
        let replaced = Limited::new(replaced?).expect("they are within the limit");
        if !replaced.is_empty() {
            let winner = Registration { instance, replaced };
            let told = self.workers.registration(&id, &winner).await;
            told.expect("it leaves");
        }
        Ok(reply)
    }
}

impl Registry {
    pub(crate) async fn start(connection: &Connection) -> Self {
        let known = Known::default();
        let mut beats = connection
            .subscribe::<Heartbeat>(&HeartbeatFilter::default())
            .await
            .expect("a subscription");
        let hearing = Arc::clone(&known);
        let listening = tokio::spawn(async move {
            while let Some(beat) = beats.next().await {
                let beat = beat.expect("readable");
                hearing.send_modify(|known| {
                    let member = known.entry(beat.params.worker_id).or_default();
                    member.heartbeats += 1;
                    member.last = Some(beat.event);
                });
            }
        });
        let workers = WorkerClient::new(connection);
        let desk = Desk {
            known: Arc::clone(&known),
            workers: workers.clone(),
        };
        let server = CoordinatorServer::new(desk)
            .start(connection)
            .await
            .expect("a server");
        Self {
            known,
            workers,
            server,
            listening,
        }
    }

    /// What it knows of `w1`.
    pub(crate) fn member(&self) -> Member {
        self.known.borrow().get(&w1()).cloned().unwrap_or_default()
    }

    /// Waits until what it knows of `w1` is like this.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn(&Member) -> bool) -> Member {
        let mut known = self.known.subscribe();
        let waiting = known.wait_for(|known| known.get(&w1()).is_some_and(&is_so));
        let known = soon(what, waiting).await.expect("the sender lives");
        known[&w1()].clone()
    }

    /// Tells all instances of `w1` that this one is registered, or none, and nothing of those that were replaced.
    pub(crate) async fn tell(&self, instance: Option<WorkerInstance>) {
        let replaced = Limited::default();
        let told = Registration { instance, replaced };
        let told = self.workers.registration(&w1(), &told).await;
        told.expect("it leaves");
    }

    /// Forgets all workers without a word.
    pub(crate) fn forget(&self) {
        self.known.send_modify(HashMap::clear);
    }

    pub(crate) async fn shutdown(self) {
        self.listening.abort();
        self.server.shutdown().await;
    }
}
