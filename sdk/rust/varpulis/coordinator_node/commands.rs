//! Commands to workers: to a single worker, to many at the same time, and to the worker that runs a pipeline.

use futures_util::stream::{self, StreamExt as _};
use natsgen_runtime::Limited;

use super::dispatch::{Deploying, DispatchError, Placement};
use super::running::RunningCoordinatorNode;
use crate::batch::{BatchFallback, SingleInjects, check_counts};
use crate::types::{Deployment, EventFields, EventType, InputEvent, PipelineName, WorkerId};
use crate::worker::{
    DeployFault, DeployRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest,
    InjectFault, InjectReply, InjectRequest, UndeployFault, WorkerClient,
};

impl RunningCoordinatorNode {
    /// Deploys a pipeline on a ready worker with free capacity, chosen by the coordinator's
    /// [placement](super::CoordinatorNode::placement). Each step is written to the registry before
    /// the next, so that all coordinators know the state even if this coordinator fails. If a worker does not take the
    /// pipeline, tries the next best, within the [command
    /// limit](super::CoordinatorNode::command_limit). The time that the registry needs is added to
    /// the limit. The deployment is finished even if the future is dropped.
    ///
    /// # Errors
    /// - [`DispatchError::NameTaken`] if a pipeline of this name is deployed or under way, here or at another
    ///   coordinator.
    /// - [`DispatchError::NoRoom`] if no ready worker has free capacity.
    /// - [`DispatchError::NotExecuted`] with the error of the last worker, if no worker took the pipeline.
    /// - [`DispatchError::OutcomeUnknown`] if a worker did not reply. Then the deployment is `uncertain` and keeps its
    ///   name until it is undeployed.
    pub async fn deploy(
        &self,
        request: &DeployRequest,
    ) -> Result<Deployment, DispatchError<DeployFault>> {
        self.deploy_placed(request, &self.dispatcher.placement)
            .await
    }

    /// Deploys a pipeline with another placement.
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

    /// Undeploys a pipeline on its worker and removes it from the registry. Returns the removed deployment. If its
    /// state is not `running`, no worker ever confirmed it. Should it run nevertheless, it runs until the worker ends.
    /// A deployment that another coordinator has under way is undeployed by that coordinator. The command is finished
    /// even if the future is dropped.
    ///
    /// # Errors
    /// - [`DispatchError::NoSuchPipeline`].
    /// - [`DispatchError::NotExecuted`] and [`DispatchError::OutcomeUnknown`] if the worker cannot be reached. Then
    ///   nothing is removed, and the command may be repeated. If the worker was [removed](Self::remove), it need not be
    ///   reached.
    pub async fn undeploy(
        &self,
        pipeline: &PipelineName,
    ) -> Result<Deployment, DispatchError<UndeployFault>> {
        let dispatcher = self.dispatcher.clone();
        let pipeline = pipeline.clone();
        let undeploying = async move { dispatcher.undeploy(pipeline).await };
        self.dispatcher.run(undeploying).await
    }

    /// Injects an event into a pipeline, on the worker that runs it.
    ///
    /// # Errors
    /// - [`DispatchError::NoSuchPipeline`] and [`DispatchError::NotRunning`].
    /// - [`DispatchError::NotExecuted`] with the fault of the worker.
    /// - [`DispatchError::OutcomeUnknown`].
    pub async fn inject(
        &self,
        pipeline: &PipelineName,
        event_type: EventType,
        fields: EventFields,
    ) -> Result<InjectReply, DispatchError<InjectFault>> {
        let injecting = self
            .dispatcher
            .call_pipeline(pipeline, |client, deployment, id| {
                let mut request = InjectRequest::new(id, event_type.clone());
                request.fields = fields.clone();
                async move { client.inject(&deployment.worker_id, &request).await }
            });
        injecting.await
    }

    /// Injects many events into a pipeline in order, on the worker that runs it.
    ///
    /// # Errors
    /// - As [`inject`](Self::inject). The reply lists events that failed.
    /// - [`DispatchError::WrongCounts`] if the reply of the worker does not account for each event. A worker of Varpulis
    ///   0.11 processes no batches, see [`batch_fallback`](super::CoordinatorNode::batch_fallback).
    /// - [`DispatchError::Interrupted`] if an event of the fallback fails.
    pub async fn inject_batch(
        &self,
        pipeline: &PipelineName,
        events: Limited<Vec<InputEvent>, 0, 10_000>,
    ) -> Result<InjectBatchReply, DispatchError<InjectBatchFault>> {
        let injecting = self
            .dispatcher
            .call_pipeline(pipeline, |client, deployment, id| {
                let request = InjectBatchRequest::new(id, events.clone());
                async move { client.inject_batch(&deployment.worker_id, &request).await }
            });
        let reply = injecting.await?;
        match check_counts(&reply, events.len()) {
            Ok(()) => Ok(reply),
            Err(counts)
                if counts.are_zero() && self.batch_fallback == BatchFallback::SingleInjects =>
            {
                self.inject_singly(pipeline, events.into_inner()).await
            }
            Err(counts) => Err(DispatchError::WrongCounts(counts)),
        }
    }

    async fn inject_singly(
        &self,
        pipeline: &PipelineName,
        events: Vec<InputEvent>,
    ) -> Result<InjectBatchReply, DispatchError<InjectBatchFault>> {
        let mut singles = SingleInjects::new();
        for event in events {
            match self.inject(pipeline, event.event_type, event.fields).await {
                Ok(reply) => singles.add(reply.output_events),
                Err(error) => match error.fault() {
                    Some(InjectFault::Engine(reason)) => singles.fail(reason.clone()),
                    _ => {
                        return Err(DispatchError::Interrupted {
                            done: singles.reply(),
                            error: Box::new(error),
                        });
                    }
                },
            }
        }
        Ok(singles.reply())
    }

    /// Commands many workers, up to `limit` of them at the same time, at least one. Returns the results in the order of
    /// `workers`. A stuck worker delays no other worker while fewer than `limit` are stuck.
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
    /// let drain = |client: WorkerClient, id| async move { client.drain(&id, &DrainRequest::new()).await };
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
