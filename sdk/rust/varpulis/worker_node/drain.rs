//! A wrapper around the service that refuses new work while the worker drains, and counts commands.

use std::convert::Infallible;
use std::sync::Arc;

use natsgen_runtime::Context;

use super::in_flight::InFlight;
use crate::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerService,
};

/// A service that refuses new work while the worker drains.
pub(super) struct DrainLayer<S> {
    pub(super) service: S,
    pub(super) in_flight: Arc<InFlight>,
}

impl<S: WorkerService> WorkerService for DrainLayer<S> {
    async fn checkpoint(
        &self,
        context: &Context,
        request: CheckpointRequest,
    ) -> Result<CheckpointReply, CheckpointFault> {
        self.service.checkpoint(context, request).await
    }

    async fn deploy(
        &self,
        context: &Context,
        request: DeployRequest,
    ) -> Result<DeployReply, DeployFault> {
        let Some(_running) = self.in_flight.begin() else {
            return Err(DeployFault::WorkerDraining);
        };
        let reply = self.service.deploy(context, request).await?;
        self.in_flight
            .deployed(reply.id.clone(), reply.name.clone());
        Ok(reply)
    }

    /// Passes the command on to the service. New work is refused from here on, even if the service accepts more.
    async fn drain(
        &self,
        context: &Context,
        request: DrainRequest,
    ) -> Result<DrainReply, Infallible> {
        self.in_flight.drain();
        self.service.drain(context, request).await
    }

    async fn inject(
        &self,
        context: &Context,
        request: InjectRequest,
    ) -> Result<InjectReply, InjectFault> {
        let Some(_running) = self.in_flight.begin() else {
            return Err(InjectFault::WorkerDraining);
        };
        let id = request.pipeline_id.clone();
        let reply = self.service.inject(context, request).await?;
        self.in_flight.injected(&id, 1, reply.output_events.len());
        Ok(reply)
    }

    async fn inject_batch(
        &self,
        context: &Context,
        request: InjectBatchRequest,
    ) -> Result<InjectBatchReply, InjectBatchFault> {
        let Some(_running) = self.in_flight.begin() else {
            return Err(InjectBatchFault::WorkerDraining);
        };
        let id = request.pipeline_id.clone();
        let reply = self.service.inject_batch(context, request).await?;
        self.in_flight
            .injected(&id, reply.events_sent.into(), reply.output_events.len());
        Ok(reply)
    }

    async fn restore(
        &self,
        context: &Context,
        request: RestoreRequest,
    ) -> Result<RestoreReply, RestoreFault> {
        let Some(_running) = self.in_flight.begin() else {
            return Err(RestoreFault::WorkerDraining);
        };
        self.service.restore(context, request).await
    }

    async fn undeploy(
        &self,
        context: &Context,
        request: UndeployRequest,
    ) -> Result<UndeployReply, UndeployFault> {
        let id = request.pipeline_id.clone();
        let reply = self.service.undeploy(context, request).await?;
        self.in_flight.undeployed(&id);
        Ok(reply)
    }
}
