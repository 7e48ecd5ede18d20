//! Pipelines that are deployed, and that their workers do not have.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::types::{Deployment, DeploymentVersion, PipelineName};

/// Running deployments whose workers answered that they do not have the pipeline. Clones share the same state.
#[derive(Clone, Default)]
pub(super) struct LostPipelines(Arc<Mutex<HashMap<PipelineName, DeploymentVersion>>>);

impl LostPipelines {
    pub(super) fn add(&self, deployment: &Deployment) {
        let (name, worker) = (&deployment.pipeline, &deployment.worker_id);
        let before = self.lock().insert(name.clone(), deployment.version.clone());
        if before.as_ref() != Some(&deployment.version) {
            tracing::warn!(pipeline = %name, %worker, "a worker runs without a deployed pipeline");
        }
    }

    /// Whether this version of a deployment is lost.
    pub(super) fn contains(&self, deployment: &Deployment) -> bool {
        self.lock().get(&deployment.pipeline) == Some(&deployment.version)
    }

    /// Keeps only the deployments for which `is_current` is true.
    pub(super) fn retain(&self, is_current: impl Fn(&PipelineName, &DeploymentVersion) -> bool) {
        self.lock()
            .retain(|name, version| is_current(name, version));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PipelineName, DeploymentVersion>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
