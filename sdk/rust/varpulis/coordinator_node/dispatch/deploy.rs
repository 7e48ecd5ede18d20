//! Deploying a pipeline, step by step, each written down before the next.

use std::collections::BTreeSet;
use std::time::Duration;

use natsgen_runtime::{CallError, Failure, NotDelivered, Refused, StandardFault};
use tokio::time::Instant;

use super::dispatcher::Dispatcher;
use super::error::DispatchError;
use super::ledger::{Due, Written};
use super::outcome::{is_undone, options};
use super::placement::Placement;
use super::seats::{NoSeat, Seat};
use crate::replica::{Registry, ReplicaError};
use crate::types::{Deployment, DeploymentPlace, PipelineId, WorkerId, WorkerInstance};
use crate::worker::{DeployFault, DeployReply, DeployRequest};

/// A worker gets at least this part of the time.
const LEAST: u32 = 4;

type Error = DispatchError<DeployFault>;

/// A pipeline that is being deployed.
pub(super) struct Deploying<'a> {
    dispatcher: &'a Dispatcher,
    request: DeployRequest,
    placement: Placement,
    /// What it was before, if it is deployed again.
    origin: Option<&'a Deployment>,
    /// What is written down; none before the first step.
    known: Option<Deployment>,
    /// How long workers may still take.
    left: Duration,
    /// Workers that did not take it.
    tried: BTreeSet<WorkerId>,
    /// Why the last of them did not.
    failed: Option<(WorkerId, CallError<DeployFault>)>,
}

impl<'a> Deploying<'a> {
    pub(super) fn new(
        dispatcher: &'a Dispatcher,
        request: DeployRequest,
        placement: Placement,
    ) -> Self {
        Self {
            dispatcher,
            request,
            placement,
            origin: None,
            known: None,
            left: dispatcher.limit,
            tried: BTreeSet::new(),
            failed: None,
        }
    }

    /// The same for what was deployed before: where it was if that worker is ready, else on another one.
    pub(super) fn again(dispatcher: &'a Dispatcher, origin: &'a Deployment) -> Self {
        let placement = Placement::Affinity(origin.worker_id.clone());
        Self {
            origin: Some(origin),
            known: Some(origin.clone()),
            ..Self::new(dispatcher, origin.to_request(), placement)
        }
    }

    /// Asks one worker after the other until one runs it, or none is left.
    pub(super) async fn run(mut self) -> Result<Deployment, Error> {
        loop {
            let seat = match self.seat().await {
                Ok(Ok(seat)) => seat,
                Ok(Err(none)) => return Err(self.give_up(none).await),
                Err(error) => {
                    return Err(match self.give_up(NoSeat::default()).await {
                        Error::NoRoom { .. } => error.into(),
                        told => told,
                    });
                }
            };
            let Some(placed) = self.place(seat).await? else {
                continue;
            };
            let error = match self.tell(&placed).await {
                Ok(reply) if self.has_ended(&placed, &reply.id).await => continue,
                Ok(reply) => return self.confirm(&placed, reply.id).await,
                Err(error) => error,
            };
            if !is_undone(&error.failure) {
                return Err(self.doubt(&placed, error).await);
            }
            // In too short a time, all that comes of it is a doubt.
            let has_time = self.left > self.dispatcher.limit / LEAST;
            let may_go_on = is_worth_another(&error) && has_time;
            self.tried.insert(placed.worker_id.clone());
            self.failed = Some((placed.worker_id, error));
            if !may_go_on {
                return Err(self.give_up(NoSeat::default()).await);
            }
        }
    }

    /// The next worker, by what this node knows; where that is none, by what is current. A pipeline that is moved does not
    /// go to the very instance that it was on: that one is heard again, and may run it.
    async fn seat(&self) -> Result<Result<Seat, NoSeat>, ReplicaError> {
        let seats = &self.dispatcher.seats;
        let replica = &self.dispatcher.ledger.0;
        let find = |registry: &Registry| {
            let seat = seats.take(registry, &self.placement, &self.tried)?;
            let is_home = self.origin.is_some_and(|origin| {
                origin.worker_id == seat.worker_id && origin.instance == seat.instance
            });
            if is_home {
                return Err(NoSeat::default());
            }
            Ok(seat)
        };
        match replica.local(find) {
            Ok(seat) => Ok(Ok(seat)),
            Err(_) => replica.current(find).await,
        }
    }

    /// Writes down that the worker of `seat` is to run it. None if that one has no room by now.
    async fn place(&mut self, seat: Seat) -> Result<Option<Deployment>, Error> {
        let new = match &self.known {
            None => Deployment::new(&self.request, &seat),
            Some(known) => known.moved(&seat),
        };
        let new = new.map_err(|violation| Error::Registry(violation.into()))?;
        let written = match self.dispatcher.ledger.put(&new).await {
            Ok(written) => written,
            Err(error) => {
                // It may be written down all the same, or the one before it.
                let mut dues = vec![self.undo(&new)];
                dues.extend(self.known.as_ref().map(|known| self.undo(known)));
                for due in dues.into_iter().flatten() {
                    self.dispatcher.settle(due);
                }
                return Err(error.into());
            }
        };
        match written {
            Written::Done => {
                self.known = Some(new.clone());
                Ok(Some(new))
            }
            Written::NoRoom => Ok(None),
            Written::Conflict(deployment) => {
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

    async fn tell(&mut self, placed: &Deployment) -> Result<DeployReply, CallError<DeployFault>> {
        let told = Instant::now();
        let options = options(self.left, placed.instance.as_ref());
        let client = self.dispatcher.client.clone().with_options(options);
        let deployed = client.deploy(&placed.worker_id, &self.request).await;
        self.left = self.left.saturating_sub(told.elapsed());
        deployed
    }

    /// Whether what the worker began has ended, since it is another instance by now: nobody knows which of them began it. If
    /// it was the new one, that is told to stop it.
    async fn has_ended(&self, placed: &Deployment, id: &PipelineId) -> bool {
        let instance = self.instance_of(placed);
        let place = DeploymentPlace {
            worker_id: placed.worker_id.clone(),
            pipeline_id: id.clone(),
            instance: instance.clone(),
        };
        instance != placed.instance && self.dispatcher.end(&place).await.is_ok()
    }

    /// Which instance its worker is by now, as far as this node knows.
    fn instance_of(&self, placed: &Deployment) -> Option<WorkerInstance> {
        let known = self.dispatcher.ledger.0.local(|registry| {
            let worker = registry.worker(&placed.worker_id)?;
            worker.registration.instance.clone()
        });
        known.or_else(|| placed.instance.clone())
    }

    /// Writes down that it runs.
    async fn confirm(&self, placed: &Deployment, id: PipelineId) -> Result<Deployment, Error> {
        let running = placed.running(id);
        let running = running.map_err(|violation| Error::Registry(violation.into()))?;
        match self.dispatcher.ledger.put(&running).await {
            Ok(Written::Done | Written::NoRoom) => Ok(running),
            Ok(Written::Conflict(deployment)) => {
                if !self
                    .dispatcher
                    .disown(&running, deployment.as_deref())
                    .await
                {
                    self.dispatcher.settle(Due::Running(running));
                }
                Err(Error::Superseded {
                    pipeline: self.request.name.clone(),
                    deployment,
                })
            }
            Err(error) => {
                self.dispatcher.settle(Due::Running(running.clone()));
                Err(Error::Unrecorded {
                    deployment: Box::new(running),
                    error,
                })
            }
        }
    }

    /// Writes down that nobody knows whether it runs: in another instance by now, if there is one.
    async fn doubt(&self, placed: &Deployment, error: CallError<DeployFault>) -> Error {
        let instance = self.instance_of(placed);
        let placed = Deployment {
            instance,
            ..placed.clone()
        };
        if let Ok(uncertain) = placed.uncertain()
            && self.dispatcher.ledger.put(&uncertain).await.is_err()
        {
            self.dispatcher.settle(Due::Put(uncertain));
        }
        Error::OutcomeUnknown {
            worker_id: placed.worker_id.clone(),
            error,
        }
    }

    /// Makes good that no worker has taken it.
    async fn give_up(self, NoSeat { workers, ready }: NoSeat) -> Error {
        if let Some(due) = self.known.as_ref().and_then(|known| self.undo(known)) {
            let ledger = &self.dispatcher.ledger;
            if ledger.write(&due).await.is_err() {
                self.dispatcher.settle(due);
            }
        }
        match self.failed {
            Some((worker_id, error)) => Error::NotExecuted { worker_id, error },
            None => Error::NoRoom { workers, ready },
        }
    }

    /// What leads from what is `known` back to what was before.
    fn undo(&self, known: &Deployment) -> Option<Due> {
        match self.origin {
            None => Some(Due::Remove(known.clone())),
            Some(origin) if origin.version == known.version => None,
            Some(origin) => known.back_at(origin).ok().map(Due::Put),
        }
    }
}

/// Whether another worker may take what one did not.
fn is_worth_another(error: &CallError<DeployFault>) -> bool {
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
