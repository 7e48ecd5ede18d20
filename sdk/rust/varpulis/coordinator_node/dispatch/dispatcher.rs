//! What all commands to workers share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use natsgen_runtime::Backoff;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::error::DispatchError;
use super::ledger::{Due, Ledger, Written};
use super::placement::Placement;
use super::seats::Seats;
use crate::replica::{Replica, ReplicaError};
use crate::types::Deployment;
use crate::worker::WorkerClient;

/// The pauses between attempts to tell the registry what it does not know.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// How much may wait for the registry in the background.
const UNSETTLED: usize = 10_000;

/// What all commands to workers share. A clone shares it, too.
#[derive(Clone)]
pub(in crate::coordinator_node) struct Dispatcher {
    pub(super) ledger: Ledger,
    pub(in crate::coordinator_node) client: WorkerClient,
    pub(super) placement: Placement,
    pub(super) seats: Seats,
    /// How long a worker may take for a command.
    pub(super) limit: Duration,
    /// How many errands are under way.
    errands: watch::Sender<usize>,
    /// Goes on until the registry knows.
    settling: Arc<Mutex<JoinSet<()>>>,
}

/// What was asked for runs to its end, even if nobody waits for it any more.
struct Errand(watch::Sender<usize>);

impl Drop for Errand {
    fn drop(&mut self) {
        self.0.send_modify(|errands| *errands -= 1);
    }
}

impl Dispatcher {
    pub(in crate::coordinator_node) fn new(
        replica: Arc<Replica>,
        client: WorkerClient,
        placement: Placement,
        limit: Duration,
    ) -> Self {
        Self {
            ledger: Ledger(replica),
            client,
            placement,
            seats: Seats::default(),
            limit,
            errands: watch::Sender::new(0),
            settling: Arc::default(),
        }
    }

    /// Has `work` done to its end, whether or not the caller waits for it: who stops halfway leaves workers and registry
    /// with different opinions.
    pub(super) async fn run<T: Send + 'static, F: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, DispatchError<F>>> + Send + 'static,
    ) -> Result<T, DispatchError<F>> {
        self.errands.send_modify(|errands| *errands += 1);
        let errand = Errand(self.errands.clone());
        let done = tokio::spawn(async move {
            let done = work.await;
            drop(errand);
            done
        });
        let stopped = |error: tokio::task::JoinError| ReplicaError::Stopped(error.to_string());
        done.await
            .unwrap_or_else(|error| Err(stopped(error).into()))
    }

    /// Waits until all that was asked for is done. Nothing takes longer than the commands of workers and the patience with
    /// the registry.
    pub(in crate::coordinator_node) async fn finish(self) {
        let mut errands = self.errands.subscribe();
        // It cannot be closed: this has a sender.
        let _ = errands.wait_for(|errands| *errands == 0).await;
        let settling = std::mem::take(&mut *self.lock());
        drop(settling);
    }

    /// Has it written down sooner or later, unless somebody else changes the deployment, or 10,000 others are waiting for
    /// that: then it stays as it is, and the leader has it `uncertain`.
    pub(super) fn settle(&self, due: Due) {
        let dispatcher = self.clone();
        let mut settling = self.lock();
        while settling.try_join_next().is_some() {}
        if settling.len() >= UNSETTLED {
            tracing::warn!("too much is not written down: a deployment is left in doubt");
            return;
        }
        settling.spawn(async move {
            let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
            while !dispatcher.has_settled(&due).await {
                sleep(backoff.pause()).await;
            }
        });
    }

    async fn has_settled(&self, due: &Due) -> bool {
        match (self.ledger.write(due).await, due) {
            (Ok(Written::Conflict(known)), Due::Running(running)) => {
                self.disown(running, known.as_deref()).await
            }
            (Ok(_) | Err(ReplicaError::Stopped(_) | ReplicaError::Inadmissible(_)), _) => true,
            (Err(_), _) => false,
        }
    }

    /// Has a pipeline stopped that its worker began, unless what is `known` under its name tells of it: nobody else knows
    /// how the worker names it. False if it may still run.
    pub(super) async fn disown(&self, running: &Deployment, known: Option<&Deployment>) -> bool {
        let Some(place) = running.place() else {
            return true;
        };
        let is_known = known.is_some_and(|known| known.places().any(|other| other == place));
        is_known || self.end(&place).await.is_ok()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.settling.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
