//! The state that all commands share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use natsgen_runtime::Backoff;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::error::DispatchError;
use super::lost_pipelines::LostPipelines;
use super::placement::Placement;
use super::registry_writer::{PendingWrite, RegistryWriter, WriteOutcome};
use super::reservation::Reservations;
use crate::coordinator_node::liveness::Liveness;
use crate::replica::{Replica, ReplicaError};
use crate::types::Deployment;
use crate::worker::WorkerClient;

/// The first and the longest pause between attempts to write to the registry.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// The limit of changes that wait for the registry in the background.
const RETRY_LIMIT: usize = 10_000;

/// The state that all commands share. Clones share the same state.
#[derive(Clone)]
pub(in crate::coordinator_node) struct Dispatcher {
    pub(super) writer: RegistryWriter,
    pub(in crate::coordinator_node) client: WorkerClient,
    pub(in crate::coordinator_node) placement: Placement,
    pub(super) reservations: Reservations,
    pub(super) liveness: Arc<Liveness>,
    pub(super) lost: LostPipelines,
    /// How long a worker may take for a command.
    pub(super) limit: Duration,
    /// The number of running commands.
    commands: watch::Sender<usize>,
    /// Whether running commands are abandoned.
    abandoned: watch::Sender<bool>,
    /// Changes that wait for the registry.
    retries: Arc<Mutex<JoinSet<()>>>,
}

/// Counts as a running command until it is dropped.
struct RunningCommand(watch::Sender<usize>);

impl Drop for RunningCommand {
    fn drop(&mut self) {
        self.0.send_modify(|commands| *commands -= 1);
    }
}

impl Dispatcher {
    pub(in crate::coordinator_node) fn new(
        replica: Arc<Replica>,
        liveness: Arc<Liveness>,
        client: WorkerClient,
        placement: Placement,
        limit: Duration,
    ) -> Self {
        Self {
            writer: RegistryWriter { replica },
            client,
            placement,
            reservations: Reservations::default(),
            liveness,
            lost: LostPipelines::default(),
            limit,
            commands: watch::Sender::new(0),
            abandoned: watch::Sender::new(false),
            retries: Arc::default(),
        }
    }

    /// Runs a command to its end, even if the caller drops the future. A command that stops halfway would leave the
    /// worker and the registry in different states.
    pub(in crate::coordinator_node) async fn run<T: Send + 'static, F: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, DispatchError<F>>> + Send + 'static,
    ) -> Result<T, DispatchError<F>> {
        self.commands.send_modify(|commands| *commands += 1);
        let command = RunningCommand(self.commands.clone());
        let mut abandoned = self.abandoned.subscribe();
        let done = tokio::spawn(async move {
            let done = tokio::select! {
                done = work => done,
                _ = abandoned.wait_for(|is_abandoned| *is_abandoned) => {
                    Err(ReplicaError::Stopped("the coordinator stops".to_owned()).into())
                }
            };
            drop(command);
            done
        });
        let stopped = |error: tokio::task::JoinError| ReplicaError::Stopped(error.to_string());
        done.await
            .unwrap_or_else(|error| Err(stopped(error).into()))
    }

    /// Waits until all commands are finished, and abandons them after the limit.
    pub(in crate::coordinator_node) async fn finish(self, limit: Duration) {
        let mut commands = self.commands.subscribe();
        // The channel cannot be closed: `self` has a sender.
        if timeout(limit, commands.wait_for(|commands| *commands == 0))
            .await
            .is_err()
        {
            tracing::error!("a coordinator stops before its commands are finished");
            self.abandoned.send_replace(true);
        }
        let retries = std::mem::take(&mut *self.lock());
        drop(retries);
    }

    /// Retries a write in the background until it succeeds or another coordinator has changed the deployment. If 10,000
    /// writes wait already, the change is dropped, and the leader marks the deployment as `uncertain`.
    pub(super) fn retry_in_background(&self, write: PendingWrite) {
        let dispatcher = self.clone();
        let mut retries = self.lock();
        while retries.try_join_next().is_some() {}
        if retries.len() >= RETRY_LIMIT {
            tracing::warn!("too many writes wait for the registry: a deployment remains uncertain");
            return;
        }
        retries.spawn(async move {
            let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
            while !dispatcher.try_write(&write).await {
                sleep(backoff.pause()).await;
            }
        });
    }

    async fn try_write(&self, write: &PendingWrite) -> bool {
        match (self.writer.write(write).await, write) {
            (Ok(WriteOutcome::Conflict(known)), PendingWrite::Running(running)) => {
                self.undeploy_unless_known(running, known.as_deref()).await
            }
            (Ok(_) | Err(ReplicaError::Stopped(_) | ReplicaError::Inadmissible(_)), _) => true,
            (Err(_), _) => false,
        }
    }

    /// Undeploys a running pipeline, unless the `known` deployment of its name contains its place. Returns false if it
    /// may still run. Only this coordinator knows the id that the worker gave the pipeline.
    pub(super) async fn undeploy_unless_known(
        &self,
        running: &Deployment,
        known: Option<&Deployment>,
    ) -> bool {
        let Some(place) = running.place() else {
            return true;
        };
        let is_known = known.is_some_and(|known| known.places().any(|other| other == place));
        is_known || self.end(&place).await.is_ok()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.retries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
