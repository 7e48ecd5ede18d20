//! Undeploying a pipeline: first where it runs, then in the registry.

use std::sync::Arc;

use tokio::time::Instant;

use super::dispatch_error::DispatchError;
use super::dispatcher::Dispatcher;
use super::home::Home;
use super::ledger::Written;
use super::outcome::is_absent;
use crate::types::{Deployment, DeploymentPlace, PipelineName};
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

    /// Has the worker stop it, if it may run there. A deployment that nobody knows to run has no place yet: whoever is about
    /// to deploy it has it stopped when the registry refuses what it has to say.
    pub(super) async fn end(&self, place: &DeploymentPlace) -> Result<(), Error> {
        let home = self.ledger.0.local(|registry| Home::of(registry, place));
        if matches!(home, Home::Ended { .. }) {
            return Ok(());
        }
        match self.stop(place).await {
            // Whoever took the worker out gave up what ran there.
            Err(error) if home == Home::Unknown && is_absent(&error) => Ok(()),
            Err(error) => Err(Error::of_call(place.worker_id.clone(), error)),
            Ok(()) => Ok(()),
        }
    }
}
