//! Deploys a pipeline. Each step is written to the registry before the next.

use std::collections::BTreeSet;
use std::time::Duration;

use natsgen_runtime::{CallError, Failure, NotDelivered, Refused, StandardFault};
use tokio::time::Instant;

use super::dispatcher::Dispatcher;
use super::error::DispatchError;
use super::outcome::is_not_executed;
use super::placement::Placement;
use super::registry_writer::{PendingWrite, WriteOutcome};
use super::reservation::{NoCapacity, Reservation};
use crate::coordinator_node::liveness::WorkerLiveness;
use crate::replica::{Registry, ReplicaError};
use crate::types::{Deployment, DeploymentPlace, PipelineId, WorkerId, WorkerInstance};
use crate::worker::{DeployFault, DeployReply, DeployRequest};

/// A worker gets at least this fraction of the time limit.
const TIME_FRACTION: u32 = 4;

type Error = DispatchError<DeployFault>;

/// A pipeline that is being deployed.
pub(in crate::coordinator_node) struct Deploying<'a> {
    dispatcher: &'a Dispatcher,
    request: DeployRequest,
    placement: Placement,
    /// The deployment before, if the pipeline is deployed again.
    origin: Option<&'a Deployment>,
    /// Whether the worker runs without the pipeline, so that it may return to the same instance.
    is_lost: bool,
    /// The deployment in the registry; absent before the first write.
    known: Option<Deployment>,
    /// The time that is left for workers.
    left: Duration,
    /// Workers that did not take it.
    tried: BTreeSet<WorkerId>,
    /// The error of the last of them.
    failed: Option<(WorkerId, CallError<DeployFault>)>,
}

impl<'a> Deploying<'a> {
    pub(in crate::coordinator_node) fn new(
        dispatcher: &'a Dispatcher,
        request: DeployRequest,
        placement: Placement,
    ) -> Self {
        Self {
            dispatcher,
            request,
            placement,
            origin: None,
            is_lost: false,
            known: None,
            left: dispatcher.limit,
            tried: BTreeSet::new(),
            failed: None,
        }
    }

    /// Deploys an existing deployment again: on its worker if that worker is ready, else on another.
    pub(super) fn redeploy(
        dispatcher: &'a Dispatcher,
        origin: &'a Deployment,
        is_lost: bool,
    ) -> Self {
        let placement = Placement::Affinity(origin.worker_id.clone());
        Self {
            origin: Some(origin),
            is_lost,
            known: Some(origin.clone()),
            ..Self::new(dispatcher, origin.to_request(), placement)
        }
    }

    /// Tries workers in turn until a worker runs it or no worker is left.
    pub(in crate::coordinator_node) async fn run(mut self) -> Result<Deployment, Error> {
        loop {
            let reservation = match self.reserve().await {
                Ok(Ok(reservation)) => reservation,
                Ok(Err(shortage)) => return Err(self.roll_back(shortage).await),
                Err(error) => {
                    return Err(match self.roll_back(NoCapacity::default()).await {
                        Error::NoRoom { .. } => error.into(),
                        error => error,
                    });
                }
            };
            let Some(placed) = self.place(reservation).await? else {
                continue;
            };
            let error = match self.send(&placed).await {
                Ok(reply) if self.has_ended(&placed, &reply.id).await => continue,
                Ok(reply) => return self.confirm(&placed, reply.id).await,
                Err(error) => error,
            };
            if !is_not_executed(&error.failure) {
                return Err(self.mark_uncertain(&placed, error).await);
            }
            // A call with too little time would only end with an unknown outcome.
            let has_time = self.left > self.dispatcher.limit / TIME_FRACTION;
            let may_continue = may_succeed_elsewhere(&error) && has_time;
            self.tried.insert(placed.worker_id.clone());
            self.failed = Some((placed.worker_id, error));
            if !may_continue {
                return Err(self.roll_back(NoCapacity::default()).await);
            }
        }
    }

    /// Reserves room on the next worker, first by this node's registry, then by the current registry. A moved pipeline
    /// never returns to the same instance: its heartbeats have returned, so it may still run the pipeline.
    async fn reserve(&self) -> Result<Result<Reservation, NoCapacity>, ReplicaError> {
        let reservations = &self.dispatcher.reservations;
        let replica = &self.dispatcher.writer.replica;
        let liveness = &self.dispatcher.liveness;
        let is_saturated =
            |id: &WorkerId| liveness.read(id, WorkerLiveness::is_saturated) == Some(true);
        let find = |registry: &Registry| {
            let reservation =
                reservations.reserve(registry, &self.placement, &self.tried, is_saturated)?;
            let is_same = self.origin.is_some_and(|origin| {
                origin.worker_id == reservation.worker_id && origin.instance == reservation.instance
            });
            if is_same && !self.is_lost {
                return Err(NoCapacity::default());
            }
            Ok(reservation)
        };
        match replica.local(find) {
            Ok(reservation) => Ok(Ok(reservation)),
            Err(_) => replica.current(find).await,
        }
    }

    /// Writes that the reserved worker is to run it. Returns nothing if the worker has no room any more.
    async fn place(&mut self, reservation: Reservation) -> Result<Option<Deployment>, Error> {
        let new = match &self.known {
            None => Deployment::first(&self.request, &reservation),
            Some(known) => known.moved(&reservation),
        };
        let new = new.map_err(|violation| Error::Registry(violation.into()))?;
        let written = match self.dispatcher.writer.put(&new).await {
            Ok(written) => written,
            Err(error) => {
                // This version or the version before may be written all the same.
                let mut writes = vec![self.undo(&new)];
                writes.extend(self.known.as_ref().map(|known| self.undo(known)));
                for write in writes.into_iter().flatten() {
                    self.dispatcher.retry_in_background(write);
                }
                return Err(error.into());
            }
        };
        match written {
            WriteOutcome::Done => {
                self.known = Some(new.clone());
                Ok(Some(new))
            }
            WriteOutcome::NoRoom => Ok(None),
            WriteOutcome::Conflict(deployment) => {
                let pipeline = self.request.name.clone();
                Err(match self.known {
                    None => Error::NameTaken {
                        pipeline,
                        deployment,
                    },
                    Some(_) => Error::Superseded {
                        pipeline,
                        deployment,
                    },
                })
            }
        }
    }

    async fn send(&mut self, placed: &Deployment) -> Result<DeployReply, CallError<DeployFault>> {
        let sent = Instant::now();
        let instance = placed.instance.as_ref();
        let options = self
            .dispatcher
            .options(self.left, &placed.worker_id, instance);
        let client = self.dispatcher.client.clone().options(options);
        let deployed = client.deploy(&placed.worker_id, &self.request).await;
        self.left = self.left.saturating_sub(sent.elapsed());
        deployed
    }

    /// Whether the started pipeline has ended because the worker has another instance by now. It is unknown which
    /// instance started it, so it is undeployed in the new instance.
    async fn has_ended(&self, placed: &Deployment, id: &PipelineId) -> bool {
        let instance = self.instance_of(placed);
        let mut place = DeploymentPlace::new(placed.worker_id.clone(), id.clone());
        place.instance = instance.clone();
        instance != placed.instance && self.dispatcher.end(&place).await.is_ok()
    }

    /// The current instance of the worker, as far as this node knows.
    fn instance_of(&self, placed: &Deployment) -> Option<WorkerInstance> {
        let known = self.dispatcher.writer.replica.local(|registry| {
            let worker = registry.worker(&placed.worker_id)?;
            worker.registration.instance.clone()
        });
        known.or_else(|| placed.instance.clone())
    }

    /// Writes that it runs.
    async fn confirm(&self, placed: &Deployment, id: PipelineId) -> Result<Deployment, Error> {
        let running = placed.running(id);
        let running = running.map_err(|violation| Error::Registry(violation.into()))?;
        match self.dispatcher.writer.put(&running).await {
            Ok(WriteOutcome::Done | WriteOutcome::NoRoom) => Ok(running),
            Ok(WriteOutcome::Conflict(deployment)) => {
                if !self
                    .dispatcher
                    .undeploy_unless_known(&running, deployment.as_deref())
                    .await
                {
                    self.dispatcher
                        .retry_in_background(PendingWrite::Running(running));
                }
                Err(Error::Superseded {
                    pipeline: self.request.name.clone(),
                    deployment,
                })
            }
            Err(error) => {
                self.dispatcher
                    .retry_in_background(PendingWrite::Running(running.clone()));
                Err(Error::Unrecorded {
                    deployment: Box::new(running),
                    error,
                })
            }
        }
    }

    /// Writes that its state is uncertain, in the current instance of the worker.
    async fn mark_uncertain(&self, placed: &Deployment, error: CallError<DeployFault>) -> Error {
        let instance = self.instance_of(placed);
        let placed = Deployment {
            instance,
            ..placed.clone()
        };
        if let Ok(uncertain) = placed.uncertain()
            && self.dispatcher.writer.put(&uncertain).await.is_err()
        {
            self.dispatcher
                .retry_in_background(PendingWrite::Put(uncertain));
        }
        Error::OutcomeUnknown {
            worker_id: placed.worker_id.clone(),
            error,
        }
    }

    /// Undoes the written steps after no worker took it.
    async fn roll_back(self, NoCapacity { workers, ready }: NoCapacity) -> Error {
        if let Some(write) = self.known.as_ref().and_then(|known| self.undo(known)) {
            let writer = &self.dispatcher.writer;
            if writer.write(&write).await.is_err() {
                self.dispatcher.retry_in_background(write);
            }
        }
        match self.failed {
            Some((worker_id, error)) => Error::NotExecuted { worker_id, error },
            None => Error::NoRoom { workers, ready },
        }
    }

    /// The change that restores the state before `known`.
    fn undo(&self, known: &Deployment) -> Option<PendingWrite> {
        match self.origin {
            None => Some(PendingWrite::Remove(known.clone())),
            Some(origin) if origin.version == known.version => None,
            Some(origin) => known.restored(origin).ok().map(PendingWrite::Put),
        }
    }
}

/// Whether another worker may succeed after this error.
fn may_succeed_elsewhere(error: &CallError<DeployFault>) -> bool {
    match &error.failure {
        Failure::NotDelivered(reason) => matches!(reason, NotDelivered::NoResponders),
        Failure::Refused(Refused::Fault(fault)) => match fault {
            DeployFault::WorkerDraining
            | DeployFault::QuotaExceeded(_)
            | DeployFault::InvalidApiKey => true,
            DeployFault::PipelineParse(_) | DeployFault::Engine(_) => false,
        },
        Failure::Refused(Refused::Standard(fault)) => {
            fault.is_retryable() || matches!(fault, StandardFault::UnknownCommand { .. })
        }
        _ => false,
    }
}
