//! Undeploys a pipeline: first on its workers, then in the registry.

use std::sync::Arc;

use tokio::time::Instant;

use super::dispatcher::Dispatcher;
use super::error::DispatchError;
use super::outcome::{has_no_responders, is_not_found};
use super::registry_writer::WriteOutcome;
use super::worker_state::WorkerState;
use crate::types::{Deployment, DeploymentPlace, PipelineName};
use crate::worker::{UndeployFault, UndeployRequest};

type Error = DispatchError<UndeployFault>;

impl Dispatcher {
    /// Undeploys a pipeline, even if it is moved meanwhile.
    pub(in crate::coordinator_node) async fn undeploy(
        &self,
        pipeline: PipelineName,
    ) -> Result<Deployment, Error> {
        let deadline = Instant::now() + self.limit;
        let mut known = self.writer.current(&pipeline).await?;
        loop {
            let Some(deployment) = known else {
                return Err(Error::NoSuchPipeline(pipeline));
            };
            // A deployment under way has no place: its coordinator undeploys it when the registry refuses the next
            // version.
            for place in deployment.places() {
                self.end(&place).await?;
            }
            let written = self.writer.remove(&deployment).await;
            known = match written? {
                WriteOutcome::Done | WriteOutcome::NoRoom => {
                    return Ok(Arc::unwrap_or_clone(deployment));
                }
                WriteOutcome::Conflict(known) if Instant::now() < deadline => known,
                WriteOutcome::Conflict(deployment) => {
                    return Err(Error::Superseded {
                        pipeline,
                        deployment,
                    });
                }
            };
        }
    }

    /// Undeploys a pipeline at a place, if it may run there. Succeeds if the worker does not have the pipeline.
    pub(super) async fn end(&self, place: &DeploymentPlace) -> Result<(), Error> {
        let worker = self
            .writer
            .replica
            .local(|registry| WorkerState::of(registry, place));
        if matches!(worker, WorkerState::Replaced { .. }) {
            return Ok(());
        }
        let request = UndeployRequest::new(place.pipeline_id.clone());
        let options = self.options(self.limit, &place.worker_id, place.instance.as_ref());
        let client = self.client.clone().options(options);
        match client.undeploy(&place.worker_id, &request).await {
            Ok(_) => Ok(()),
            Err(error) if is_not_found(&error) => Ok(()),
            // The removal of the worker accepted the loss of its pipelines.
            Err(error) if worker == WorkerState::NotRegistered && has_no_responders(&error) => {
                Ok(())
            }
            Err(error) => Err(Error::of_call(place.worker_id.clone(), error)),
        }
    }
}
