//! Groups of pipelines, and the deployments among them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use natsgen_runtime::{EncodeError, Side, Value, codec};

use super::logged_command::value_of;
use crate::types::{
    Deployment, GroupDeployed, GroupName, GroupRemoved, GroupUpdated, PipelineName, WorkerId,
};

/// The content of a group.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Group {
    /// A pipeline that coordinators of this SDK deployed. The group has the name of the pipeline.
    Deployment(Arc<Deployment>),
    /// Any other group, in the form of the coordinator that wrote it.
    Other(Value),
}

impl Group {
    /// Reads the group `name` from a command.
    fn read(name: &GroupName, value: Value) -> Self {
        let deployment = codec::encode(&value)
            .ok()
            .and_then(|json| codec::decode::<Deployment>(&json, Side::Request).ok());
        match deployment {
            Some(deployment) if deployment.pipeline.as_str() == name.as_str() => {
                Self::Deployment(Arc::new(deployment))
            }
            _ => Self::Other(value),
        }
    }

    /// The form of the group in commands.
    pub(super) fn to_value(&self) -> Result<Value, EncodeError> {
        match self {
            Self::Deployment(deployment) => value_of(&**deployment),
            Self::Other(value) => Ok(value.clone()),
        }
    }

    fn deployment(&self) -> Option<&Arc<Deployment>> {
        match self {
            Self::Deployment(deployment) => Some(deployment),
            Self::Other(_) => None,
        }
    }
}

/// All groups, and the groups of each worker.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Groups {
    known: BTreeMap<GroupName, Group>,
    /// No set is empty.
    by_worker: BTreeMap<WorkerId, BTreeSet<GroupName>>,
}

impl Groups {
    pub(super) fn all(&self) -> &BTreeMap<GroupName, Group> {
        &self.known
    }

    pub(super) fn deployments(&self) -> impl Iterator<Item = &Arc<Deployment>> {
        self.known.values().filter_map(Group::deployment)
    }

    pub(super) fn deployment(&self, pipeline: &PipelineName) -> Option<&Arc<Deployment>> {
        self.known.get(pipeline.as_str())?.deployment()
    }

    pub(super) fn deployments_on(
        &self,
        worker: &WorkerId,
    ) -> impl Iterator<Item = &Arc<Deployment>> {
        let names = self.by_worker.get(worker).into_iter().flatten();
        names.filter_map(|name| self.known.get(name)?.deployment())
    }

    pub(super) fn count_on(&self, worker: &WorkerId) -> usize {
        self.by_worker.get(worker).map_or(0, BTreeSet::len)
    }

    /// Adds a group. Adding the same group again has no effect. `capacity` returns the number of deployments that a
    /// worker accepts, if the worker is registered.
    pub(super) fn deploy(
        &mut self,
        GroupDeployed { name, group, .. }: GroupDeployed,
        capacity: impl Fn(&WorkerId) -> Option<u32>,
    ) -> Result<(), String> {
        let group = Group::read(&name, group);
        match self.known.get(&name) {
            Some(known) if *known == group => return Ok(()),
            Some(_) => return Err(format!("the name {name} is taken")),
            None => {}
        }
        if let Group::Deployment(new) = &group {
            self.check_capacity(&new.worker_id, capacity)?;
        }
        self.put(name, group);
        Ok(())
    }

    /// Replaces a group. A deployment is replaced only by a deployment that names its version.
    pub(super) fn update(
        &mut self,
        GroupUpdated { name, group, .. }: GroupUpdated,
        capacity: impl Fn(&WorkerId) -> Option<u32>,
    ) -> Result<(), String> {
        let group = Group::read(&name, group);
        let known = self.known.get(&name);
        let known = known.ok_or_else(|| format!("no group {name}"))?;
        match (known, &group) {
            (known, new) if known == new => return Ok(()),
            (Group::Other(_), Group::Other(_)) => {}
            (Group::Deployment(known), Group::Deployment(new))
                if new.replaces.as_ref() == Some(&known.version) =>
            {
                if new.worker_id != known.worker_id {
                    self.check_capacity(&new.worker_id, capacity)?;
                }
            }
            (known, _) => return Err(conflict(&name, known)),
        }
        self.put(name, group);
        Ok(())
    }

    /// Removes a group. If the command names a version, removes only that version of a deployment.
    pub(super) fn remove(
        &mut self,
        GroupRemoved { name, version, .. }: GroupRemoved,
    ) -> Result<(), String> {
        let known = self.known.get(&name);
        let known = known.ok_or_else(|| format!("no group {name}"))?;
        if version.is_some() && version.as_ref() != known.deployment().map(|known| &known.version) {
            return Err(conflict(&name, known));
        }
        self.remove_entry(&name);
        Ok(())
    }

    fn check_capacity(
        &self,
        worker: &WorkerId,
        capacity: impl Fn(&WorkerId) -> Option<u32>,
    ) -> Result<(), String> {
        let count = self.count_on(worker);
        match capacity(worker) {
            Some(most) if u32::try_from(count).is_ok_and(|count| count < most) => Ok(()),
            Some(_) => Err(format!(
                "worker {worker} has no room for more than its {count} deployments"
            )),
            None => Ok(()),
        }
    }

    fn put(&mut self, name: GroupName, group: Group) {
        self.remove_entry(&name);
        if let Group::Deployment(deployment) = &group {
            let names = self.by_worker.entry(deployment.worker_id.clone());
            names.or_default().insert(name.clone());
        }
        self.known.insert(name, group);
    }

    fn remove_entry(&mut self, name: &GroupName) {
        let Some(Group::Deployment(old)) = self.known.remove(name) else {
            return;
        };
        if let Some(names) = self.by_worker.get_mut(&old.worker_id) {
            names.remove(name);
            if names.is_empty() {
                self.by_worker.remove(&old.worker_id);
            }
        }
    }
}

fn conflict(name: &GroupName, known: &Group) -> String {
    match known.deployment().map(|known| &known.version) {
        Some(version) => format!("the current version of {name} is {version}"),
        None => format!("group {name} is not a deployment"),
    }
}
