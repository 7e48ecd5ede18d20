//! Errors of commands.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use natsgen_runtime::{CallError, Fault};

use crate::batch::WrongCounts;
use crate::replica::ReplicaError;
use crate::types::{Deployment, PipelineName, WorkerId};
use crate::worker::{InjectBatchReply, InjectFault};

/// Why a command failed or its outcome is unknown. `F` is the fault type of the worker's operation.
#[derive(Debug)]
#[non_exhaustive]
pub enum DispatchError<F> {
    /// No pipeline of this name is deployed.
    NoSuchPipeline(PipelineName),
    /// The pipeline is not known to run: it is being deployed, or its state is uncertain.
    NotRunning(Arc<Deployment>),
    /// A pipeline of this name is deployed.
    NameTaken {
        /// The name.
        pipeline: PipelineName,
        /// The deployment; absent if another kind of coordinator created a group of this name.
        deployment: Option<Arc<Deployment>>,
    },
    /// No ready worker has free capacity.
    NoRoom {
        /// The number of registered workers.
        workers: usize,
        /// The number of ready workers among them.
        ready: usize,
    },
    /// The worker did not execute the command: it refused or could not be reached.
    NotExecuted {
        /// The worker.
        worker_id: WorkerId,
        /// The error of the call.
        error: CallError<F>,
    },
    /// The command was sent, and it is unknown whether the worker executed it.
    OutcomeUnknown {
        /// The worker.
        worker_id: WorkerId,
        /// The error of the call.
        error: CallError<F>,
    },
    /// The deployment was changed meanwhile, so the command has no effect.
    Superseded {
        /// The name of the pipeline.
        pipeline: PipelineName,
        /// The current deployment; absent if it was undeployed.
        deployment: Option<Arc<Deployment>>,
    },
    /// The registry could not be read or changed. No command was sent to a worker.
    Registry(ReplicaError),
    /// The worker executed the command, but the registry could not be changed in time. The coordinator retries the
    /// change until it stops.
    Unrecorded {
        /// The deployment that the registry does not contain.
        deployment: Box<Deployment>,
        /// The error of the registry.
        error: ReplicaError,
    },
    /// The worker's reply to a batch does not account for each event. It is unknown which events were processed.
    WrongCounts(WrongCounts),
    /// The worker processes no batches, and the injection of a single event failed. The remaining events were not sent.
    Interrupted {
        /// The results of the events before.
        done: InjectBatchReply,
        /// The error of the event.
        error: Box<DispatchError<InjectFault>>,
    },
}

impl<F: Fault> DispatchError<F> {
    /// The fault that the worker replied with, if any.
    #[must_use]
    pub fn fault(&self) -> Option<&F> {
        match self {
            Self::NotExecuted { error, .. } => error.fault(),
            _ => None,
        }
    }
}

impl<F> From<ReplicaError> for DispatchError<F> {
    fn from(error: ReplicaError) -> Self {
        Self::Registry(error)
    }
}

impl<F> fmt::Display for DispatchError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchPipeline(name) => write!(f, "no pipeline {name} is deployed"),
            Self::NotRunning(deployment) => {
                write!(f, "pipeline {} does not run: ", deployment.pipeline)?;
                write_place(f, deployment)
            }
            Self::NameTaken {
                pipeline,
                deployment: Some(deployment),
            } => {
                write!(f, "pipeline {pipeline} is deployed already: ")?;
                write_place(f, deployment)
            }
            Self::NameTaken {
                pipeline,
                deployment: None,
            } => write!(f, "the name {pipeline} is taken by a group"),
            Self::NoRoom { workers, ready } => {
                write!(f, "no worker has room: {ready} of {workers} are ready")
            }
            Self::NotExecuted { worker_id, .. } => {
                write!(f, "worker {worker_id} did not execute the command")
            }
            Self::OutcomeUnknown { worker_id, .. } => {
                write!(
                    f,
                    "it is unknown whether worker {worker_id} executed the command"
                )
            }
            Self::Superseded {
                pipeline,
                deployment: Some(deployment),
            } => {
                write!(f, "pipeline {pipeline} was changed meanwhile: ")?;
                write_place(f, deployment)
            }
            Self::Superseded {
                pipeline,
                deployment: None,
            } => write!(f, "pipeline {pipeline} was undeployed meanwhile"),
            Self::Registry(_) => f.write_str("the registry is unavailable"),
            Self::Unrecorded { deployment, .. } => {
                write!(
                    f,
                    "pipeline {} could not be recorded: ",
                    deployment.pipeline
                )?;
                write_place(f, deployment)
            }
            Self::WrongCounts(counts) => counts.fmt(f),
            Self::Interrupted { done, .. } => {
                let events = done.events_sent + done.events_failed;
                write!(f, "an event could not be injected after {events} events")
            }
        }
    }
}

fn write_place(f: &mut fmt::Formatter<'_>, deployment: &Deployment) -> fmt::Result {
    let (state, worker) = (deployment.state.as_str(), &deployment.worker_id);
    write!(f, "{state} on worker {worker}")
}

impl<F: Fault> Error for DispatchError<F> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotExecuted { error, .. } | Self::OutcomeUnknown { error, .. } => Some(error),
            Self::Registry(error) | Self::Unrecorded { error, .. } => Some(error),
            Self::Interrupted { error, .. } => Some(error),
            _ => None,
        }
    }
}
