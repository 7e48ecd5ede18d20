//! Why a command was not carried out.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use natsgen_runtime::{CallError, Fault};

use crate::replica::ReplicaError;
use crate::types::{Deployment, PipelineName, WorkerId};

/// Why a coordinator did not carry out a command, or cannot say whether it did. `F` is how a worker may refuse it.
#[derive(Debug)]
#[non_exhaustive]
pub enum DispatchError<F> {
    /// No pipeline of this name is deployed.
    NoSuchPipeline(PipelineName),
    /// The pipeline is not known to run: somebody deploys it, or its worker did not say what became of that.
    NotRunning(Arc<Deployment>),
    /// Something is deployed under this name.
    NameTaken {
        /// The name.
        pipeline: PipelineName,
        /// What is deployed; none if it is a group that another kind of coordinator wrote down.
        deployment: Option<Arc<Deployment>>,
    },
    /// No worker is ready and has room.
    NoRoom {
        /// How many workers are registered.
        workers: usize,
        /// How many of them are ready.
        ready: usize,
    },
    /// The worker did not do it: it refused, or was not reached. The error tells which, and its fault why.
    NotExecuted {
        /// Which worker.
        worker_id: WorkerId,
        /// Why not.
        error: CallError<F>,
    },
    /// The worker was told, and nobody knows whether it did it.
    OutcomeUnknown {
        /// Which worker.
        worker_id: WorkerId,
        /// Why there is no knowing.
        error: CallError<F>,
    },
    /// Somebody else changed the deployment meanwhile, so that nothing came of this. What is known of it now; none if it was
    /// undeployed.
    Superseded {
        /// The pipeline's name.
        pipeline: PipelineName,
        /// What is deployed under it.
        deployment: Option<Arc<Deployment>>,
    },
    /// The registry could not be read or changed, before any worker was told.
    Registry(ReplicaError),
    /// The worker did it, and the registry could not be told in time. It is being told for as long as this coordinator
    /// runs.
    Unrecorded {
        /// What the registry does not know.
        deployment: Box<Deployment>,
        /// Why not.
        error: ReplicaError,
    },
}

impl<F: Fault> DispatchError<F> {
    /// The error that the worker's operation declares, if the worker answered with one.
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
            } => write!(f, "the name {pipeline} is that of a group"),
            Self::NoRoom { workers, ready } => {
                write!(f, "no worker has room: {ready} of {workers} are ready")
            }
            Self::NotExecuted { worker_id, .. } => write!(f, "worker {worker_id} did not do it"),
            Self::OutcomeUnknown { worker_id, .. } => {
                write!(f, "nobody knows whether worker {worker_id} did it")
            }
            Self::Superseded {
                pipeline,
                deployment: Some(deployment),
            } => {
                write!(f, "somebody else changed pipeline {pipeline}: ")?;
                write_place(f, deployment)
            }
            Self::Superseded {
                pipeline,
                deployment: None,
            } => write!(f, "somebody else undeployed pipeline {pipeline}"),
            Self::Registry(_) => f.write_str("the registry is unavailable"),
            Self::Unrecorded { deployment, .. } => {
                write!(
                    f,
                    "pipeline {} could not be recorded: ",
                    deployment.pipeline
                )?;
                write_place(f, deployment)
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
            _ => None,
        }
    }
}
