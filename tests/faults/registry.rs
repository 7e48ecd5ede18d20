//! A coordinator that remembers who registered and whose heart beats.

use std::collections::HashMap;
use std::sync::Arc;

use natsgen_runtime::{Connection, Context, Secs, Server};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use varpulis_sdk::coordinator::{
    CoordinatorServer, CoordinatorService, Heartbeat, HeartbeatFilter, RegisterFault,
    RegisterReply, RegisterRequest, RegisterStatus,
};
use varpulis_sdk::types::{WorkerCapacity, WorkerId};

use super::{soon, w1};

/// A coordinator that forgets everything when it is shut down.
pub(crate) struct Registry {
    known: Known,
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
}

struct Desk(Known);

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
        self.0.send_modify(|known| {
            let member = known.entry(request.worker_id).or_default();
            member.registrations += 1;
            member.capacity = Some(request.capacity);
        });
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
        let server = CoordinatorServer::new(Desk(Arc::clone(&known)))
            .start(connection)
            .await
            .expect("a server");
        Self {
            known,
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

    pub(crate) async fn shutdown(self) {
        self.listening.abort();
        self.server.shutdown().await;
    }
}
