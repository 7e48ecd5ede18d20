//! Undeploying a pipeline: first where it runs, then in the registry.

use std::sync::Arc;

use tokio::time::Instant;

use super::dispatch_error::DispatchError;
use super::dispatcher::Dispatcher;
use super::ledger::Written;
use crate::types::{Deployment, PipelineName};
use crate::worker::UndeployFault;

type Error = DispatchError<UndeployFault>;

impl Dispatcher {
    /// Undeploys a pipeline, wherever it is moved meanwhile.
    pub(super) async fn undeploy(&self, pipeline: PipelineName) -> Result<Deployment, Error> {
        let deadline = Instant::now() + self.limit;
        let mut known = self.ledger.current(&pipeline).await?;
        loop {
            let Some(deployment) = known else {
                return Err(Error::NoSuchPipeline(pipeline));
            };
            self.end(&deployment).await?;
            let written = self.ledger.remove(&deployment).await;
            known = match written? {
                Written::Done | Written::NoRoom => return Ok(Arc::unwrap_or_clone(deployment)),
                Written::Conflict(known) if Instant::now() < deadline => known,
                Written::Conflict(deployment) => {
                    return Err(Error::Superseded {
                        pipeline,
                        deployment,
                    });
                }
            };
        }
    }

    /// Has the worker stop it, if it may run there and somebody knows how the worker names it. Whoever is about to deploy it
    /// does so when the registry refuses what it has to say.
    async fn end(&self, deployment: &Deployment) -> Result<(), Error> {
        let Some(id) = &deployment.pipeline_id else {
            return Ok(());
        };
        let worker_id = &deployment.worker_id;
        // A worker that was taken out is gone, and the end of an instance is the end of its pipelines.
        let is_there = self.ledger.0.local(|registry| {
            registry.worker(worker_id).is_some_and(|worker| {
                let instance = deployment.instance.as_ref();
                instance.is_none() || worker.registration.instance.as_ref() == instance
            })
        });
        if !is_there {
            return Ok(());
        }
        let stopped = self.stop(deployment, id).await;
        stopped.map_err(|error| Error::of_call(worker_id.clone(), error))
    }
}
