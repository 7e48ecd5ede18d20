//! Undeploying a pipeline: first where it runs, then in the registry.

use std::sync::Arc;

use tokio::time::Instant;

use super::dispatcher::Dispatcher;
use super::error::DispatchError;
use super::home::Home;
use super::ledger::Written;
use super::outcome::{is_absent, is_gone, options};
use crate::types::{Deployment, DeploymentPlace, PipelineName};
use crate::worker::{UndeployFault, UndeployRequest};

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
            // One that nobody knows to run has none: who is about to deploy it ends it when the registry refuses it.
            for place in deployment.places() {
                self.end(&place).await?;
            }
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

    /// Has a worker stop a pipeline, if it may run there. That it does not have it is fine.
    pub(super) async fn end(&self, place: &DeploymentPlace) -> Result<(), Error> {
        let home = self.ledger.0.local(|registry| Home::of(registry, place));
        if matches!(home, Home::Ended { .. }) {
            return Ok(());
        }
        let request = UndeployRequest {
            pipeline_id: place.pipeline_id.clone(),
        };
        let options = options(self.limit, place.instance.as_ref());
        let client = self.client.clone().with_options(options);
        match client.undeploy(&place.worker_id, &request).await {
            Ok(_) => Ok(()),
            Err(error) if is_gone(&error) => Ok(()),
            // Whoever took the worker out gave up what ran there.
            Err(error) if home == Home::Unknown && is_absent(&error) => Ok(()),
            Err(error) => Err(Error::of_call(place.worker_id.clone(), error)),
        }
    }
}
