//! Finds the worker that runs a pipeline.

use std::sync::Arc;

use natsgen_runtime::{CallError, Fault};

use super::dispatcher::Dispatcher;
use super::error::DispatchError;
use super::outcome::{has_no_responders, is_not_found};
use crate::types::{Deployment, DeploymentState, PipelineId, PipelineName};
use crate::worker::WorkerClient;

/// A running pipeline.
struct RunningPipeline {
    deployment: Arc<Deployment>,
    id: PipelineId,
}

/// Why no running pipeline was found.
enum NotFound {
    Unknown,
    NotRunning(Arc<Deployment>),
}

impl Dispatcher {
    /// Sends a command to the worker that runs a pipeline, according to this node's registry. If that worker does not
    /// have the pipeline, looks up the current worker and sends it there.
    pub(in crate::coordinator_node) async fn call_pipeline<T, F: Fault, A>(
        &self,
        pipeline: &PipelineName,
        call: impl Fn(WorkerClient, Arc<Deployment>, PipelineId) -> A,
    ) -> Result<T, DispatchError<F>>
    where
        A: Future<Output = Result<T, CallError<F>>>,
    {
        let known = self
            .writer
            .replica
            .local(|registry| registry.deployment(pipeline).cloned());
        let first = match running(known) {
            Ok(first) => first,
            Err(_) => self.find_current(pipeline).await?,
        };
        let error = match self.call_at(&first, &call).await {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        // The pipeline may have moved since this node applied its deployment.
        if has_no_responders(&error) || is_not_found(&error) {
            match self.find_current(pipeline).await {
                Ok(second) if second.deployment.version != first.deployment.version => {
                    let replied = self.call_at(&second, &call).await;
                    let worker_id = second.deployment.worker_id.clone();
                    return replied.map_err(|error| DispatchError::of_call(worker_id, error));
                }
                Ok(current) if is_not_found(&error) => self.lost.add(&current.deployment),
                // The worker's error is more useful than the registry's.
                Ok(_) | Err(DispatchError::Registry(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let worker_id = first.deployment.worker_id.clone();
        Err(DispatchError::of_call(worker_id, error))
    }

    async fn find_current<F>(
        &self,
        pipeline: &PipelineName,
    ) -> Result<RunningPipeline, DispatchError<F>> {
        let known = self.writer.current(pipeline).await;
        let known = known.map_err(DispatchError::<F>::from)?;
        running(known).map_err(|reason| match reason {
            NotFound::Unknown => DispatchError::NoSuchPipeline(pipeline.clone()),
            NotFound::NotRunning(deployment) => DispatchError::NotRunning(deployment),
        })
    }

    async fn call_at<T, F: Fault, A>(
        &self,
        pipeline: &RunningPipeline,
        call: &impl Fn(WorkerClient, Arc<Deployment>, PipelineId) -> A,
    ) -> Result<T, CallError<F>>
    where
        A: Future<Output = Result<T, CallError<F>>>,
    {
        let RunningPipeline { deployment, id } = pipeline;
        let instance = deployment.instance.as_ref();
        let options = self.options(self.limit, &deployment.worker_id, instance);
        let client = self.client.clone().options(options);
        call(client, Arc::clone(deployment), id.clone()).await
    }
}

fn running(known: Option<Arc<Deployment>>) -> Result<RunningPipeline, NotFound> {
    let deployment = known.ok_or(NotFound::Unknown)?;
    match &deployment.pipeline_id {
        Some(id) if deployment.state == DeploymentState::Running => Ok(RunningPipeline {
            id: id.clone(),
            deployment,
        }),
        _ => Err(NotFound::NotRunning(deployment)),
    }
}
