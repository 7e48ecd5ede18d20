//! Commands to workers: to one, to many side by side, and to whichever runs a pipeline.

use futures_util::stream::{self, StreamExt as _};
use natsgen_runtime::Limited;

use super::deploy::Deploying;
use super::error::DispatchError;
use super::placement::Placement;
use crate::coordinator_node::RunningCoordinatorNode;
use crate::types::{Deployment, EventFields, EventType, InputEvent, PipelineName, WorkerId};
use crate::worker::{
    DeployFault, DeployRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest,
    InjectFault, InjectReply, InjectRequest, UndeployFault, WorkerClient,
};

impl RunningCoordinatorNode {
    /// Deploys a pipeline on a worker that is ready and has room, chosen by the coordinator's own
    /// [placement](crate::coordinator_node::CoordinatorNode::placement). Each step is written down before the next, so that all coordinators
    /// know of it whatever happens to this one. Once begun it goes on to its end, even if this is dropped. A worker that
    /// does not take it is followed by the next best, within the
    /// [limit of a command](crate::coordinator_node::CoordinatorNode::command_limit); beside that it takes as long as the registry.
    ///
    /// # Errors
    /// [`DispatchError::NameTaken`] where a pipeline of this name is deployed or is being deployed, here or by another
    /// coordinator; [`DispatchError::NoRoom`]; [`DispatchError::NotExecuted`] with what the last worker said, when none
    /// took it; [`DispatchError::OutcomeUnknown`] when one did not answer: then the pipeline is known as `uncertain` and
    /// keeps its name until it is undeployed.
    pub async fn deploy(
        &self,
        request: &DeployRequest,
    ) -> Result<Deployment, DispatchError<DeployFault>> {
        self.deploy_placed(request, &self.dispatcher.placement)
            .await
    }

    /// The same with another placement.
    ///
    /// # Errors
    /// As [`deploy`](Self::deploy).
    pub async fn deploy_placed(
        &self,
        request: &DeployRequest,
        placement: &Placement,
    ) -> Result<Deployment, DispatchError<DeployFault>> {
        let dispatcher = self.dispatcher.clone();
        let (request, placement) = (request.clone(), placement.clone());
        let deploying = async move { Deploying::new(&dispatcher, request, placement).run().await };
        self.dispatcher.run(deploying).await
    }

    /// Has its worker stop a pipeline, and forgets it. What was known of it: where its state is not `running`, no worker
    /// ever said how it names it, and if it runs after all it does so until the worker ends. One that a coordinator is
    /// about to deploy is stopped by that one. Once begun it goes on to its end, even if this is dropped.
    ///
    /// # Errors
    /// [`DispatchError::NoSuchPipeline`]; [`DispatchError::NotExecuted`] and [`DispatchError::OutcomeUnknown`] where the
    /// worker is not reached: nothing is forgotten then, and it can be undeployed again. A worker that was
    /// [taken out](Self::remove) is not asked.
    pub async fn undeploy(
        &self,
        pipeline: &PipelineName,
    ) -> Result<Deployment, DispatchError<UndeployFault>> {
        let dispatcher = self.dispatcher.clone();
        let pipeline = pipeline.clone();
        let undeploying = async move { dispatcher.undeploy(pipeline).await };
        self.dispatcher.run(undeploying).await
    }

    /// Puts an event into a pipeline, wherever it runs.
    ///
    /// # Errors
    /// [`DispatchError::NoSuchPipeline`]; [`DispatchError::NotRunning`]; [`DispatchError::NotExecuted`] with the fault of
    /// the worker; [`DispatchError::OutcomeUnknown`].
    pub async fn inject(
        &self,
        pipeline: &PipelineName,
        event_type: EventType,
        fields: EventFields,
    ) -> Result<InjectReply, DispatchError<InjectFault>> {
        let injecting = self.dispatcher.routed(pipeline, |client, deployment, id| {
            let request = InjectRequest {
                pipeline_id: id,
                event_type: event_type.clone(),
                fields: fields.clone(),
            };
            async move { client.inject(&deployment.worker_id, &request).await }
        });
        injecting.await
    }

    /// Puts many events into a pipeline, wherever it runs, one after the other.
    ///
    /// # Errors
    /// As [`inject`](Self::inject). Events that fail are told in the reply.
    pub async fn inject_batch(
        &self,
        pipeline: &PipelineName,
        events: Limited<Vec<InputEvent>, 0, 10_000>,
    ) -> Result<InjectBatchReply, DispatchError<InjectBatchFault>> {
        let injecting = self.dispatcher.routed(pipeline, |client, deployment, id| {
            let request = InjectBatchRequest {
                pipeline_id: id,
                events: events.clone(),
            };
            async move { client.inject_batch(&deployment.worker_id, &request).await }
        });
        injecting.await
    }

    /// Commands many workers side by side, up to `limit` of them at once, at least one. What came of each, in the order of
    /// `workers`. None waits for another, as long as fewer than `limit` are stuck.
    ///
    /// ```no_run
    /// # use varpulis_sdk::coordinator_node::RunningCoordinatorNode;
    /// use varpulis_sdk::worker::{DrainRequest, WorkerClient};
    ///
    /// # async fn run(coordinator: RunningCoordinatorNode) {
    /// let workers = coordinator.replica().local(|registry| {
    ///     let ids = registry.workers().map(|worker| worker.registration.id.clone());
    ///     ids.collect::<Vec<_>>()
    /// });
    /// let drain = |client: WorkerClient, id| async move { client.drain(&id, &DrainRequest {}).await };
    /// for (id, drained) in coordinator.each(workers, 64, drain).await {
    ///     println!("{id}: {drained:?}");
    /// }
    /// # }
    /// ```
    pub async fn each<T, A>(
        &self,
        workers: impl IntoIterator<Item = WorkerId>,
        limit: usize,
        call: impl Fn(WorkerClient, WorkerId) -> A,
    ) -> Vec<(WorkerId, T)>
    where
        A: Future<Output = T>,
    {
        let calls = workers.into_iter().enumerate().map(|(place, id)| {
            let called = call(self.dispatcher.client.clone(), id.clone());
            async move { (place, id, called.await) }
        });
        let done = stream::iter(calls).buffer_unordered(limit.max(1));
        let mut done: Vec<_> = done.collect().await;
        done.sort_unstable_by_key(|(place, ..)| *place);
        done.into_iter().map(|(_, id, came)| (id, came)).collect()
    }
}
