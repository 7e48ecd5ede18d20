//! Finding the worker that runs a pipeline.

use std::sync::Arc;

use natsgen_runtime::{CallError, Fault};

use super::dispatcher::Dispatcher;
use super::error::DispatchError;
use super::outcome::{is_absent, is_gone, options};
use crate::types::{Deployment, DeploymentState, PipelineId, PipelineName};
use crate::worker::WorkerClient;

/// A pipeline that runs.
struct Route {
    deployment: Arc<Deployment>,
    id: PipelineId,
}

/// Why there is no route.
enum NoRoute {
    Unknown,
    NotRunning(Arc<Deployment>),
}

impl Dispatcher {
    /// Commands the worker that runs a pipeline: the one that this node knows of, and where that one does not have it, the
    /// one that is current.
    pub(super) async fn routed<T, F: Fault, A>(
        &self,
        pipeline: &PipelineName,
        call: impl Fn(WorkerClient, Arc<Deployment>, PipelineId) -> A,
    ) -> Result<T, DispatchError<F>>
    where
        A: Future<Output = Result<T, CallError<F>>>,
    {
        let known = self
            .ledger
            .0
            .local(|registry| registry.deployment(pipeline).cloned());
        let first = match route(known) {
            Ok(first) => first,
            Err(_) => self.current_route(pipeline).await?,
        };
        let error = match self.follow(&first, &call).await {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        // It may have moved since this node heard of it.
        if is_absent(&error) || is_gone(&error) {
            match self.current_route(pipeline).await {
                Ok(second) if second.deployment.version != first.deployment.version => {
                    let followed = self.follow(&second, &call).await;
                    let worker_id = second.deployment.worker_id.clone();
                    return followed.map_err(|error| DispatchError::of_call(worker_id, error));
                }
                // What the worker said tells more than that the registry does not answer.
                Ok(_) | Err(DispatchError::Registry(_)) => {}
                Err(none) => return Err(none),
            }
        }
        let worker_id = first.deployment.worker_id.clone();
        Err(DispatchError::of_call(worker_id, error))
    }

    async fn current_route<F>(&self, pipeline: &PipelineName) -> Result<Route, DispatchError<F>> {
        let known = self.ledger.current(pipeline).await;
        let known = known.map_err(DispatchError::<F>::from)?;
        route(known).map_err(|none| match none {
            NoRoute::Unknown => DispatchError::NoSuchPipeline(pipeline.clone()),
            NoRoute::NotRunning(deployment) => DispatchError::NotRunning(deployment),
        })
    }

    async fn follow<T, F: Fault, A>(
        &self,
        route: &Route,
        call: &impl Fn(WorkerClient, Arc<Deployment>, PipelineId) -> A,
    ) -> Result<T, CallError<F>>
    where
        A: Future<Output = Result<T, CallError<F>>>,
    {
        let Route { deployment, id } = route;
        let options = options(self.limit, deployment.instance.as_ref());
        let client = self.client.clone().with_options(options);
        call(client, Arc::clone(deployment), id.clone()).await
    }
}

fn route(known: Option<Arc<Deployment>>) -> Result<Route, NoRoute> {
    let deployment = known.ok_or(NoRoute::Unknown)?;
    match &deployment.pipeline_id {
        Some(id) if deployment.state == DeploymentState::Running => Ok(Route {
            id: id.clone(),
            deployment,
        }),
        _ => Err(NoRoute::NotRunning(deployment)),
    }
}
