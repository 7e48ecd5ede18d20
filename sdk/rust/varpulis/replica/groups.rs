//! Groups of pipelines, and those among them that are deployments of ours.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use natsgen_runtime::{DecodeError, EncodeError, Side, Value, codec};

use crate::types::{
    Deployment, GroupDeployed, GroupName, GroupRemoved, GroupUpdated, PipelineName, WorkerId,
};

/// What is known under the name of a group.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Group {
    /// A pipeline that coordinators of this SDK deployed. The group is named after it.
    Deployment(Arc<Deployment>),
    /// Anything else, in the form of whichever coordinator wrote it.
    Other(Value),
}

impl Group {
    /// What a command says of the group `name`.
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

    /// As commands say it.
    pub(super) fn to_value(&self) -> Result<Value, EncodeError> {
        match self {
            Self::Deployment(deployment) => value_of(deployment),
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

/// A deployment as commands say it.
pub(crate) fn value_of(deployment: &Deployment) -> Result<Value, EncodeError> {
    let json = codec::encode(deployment)?;
    let unreadable = |DecodeError {
                          pointer, reason, ..
                      }| EncodeError { pointer, reason };
    codec::decode(&json, Side::Request).map_err(unreadable)
}

/// All groups, and which workers have which of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Groups {
    known: BTreeMap<GroupName, Group>,
    /// No set of it is empty.
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

    /// Takes a new group. Saying the same again is harmless. `room` is how many deployments a worker takes, if it is
    /// known.
    pub(super) fn deploy(
        &mut self,
        GroupDeployed { name, group }: GroupDeployed,
        room: impl Fn(&WorkerId) -> Option<u32>,
    ) -> Result<(), String> {
        let group = Group::read(&name, group);
        match self.known.get(&name) {
            Some(known) if *known == group => return Ok(()),
            Some(_) => return Err(format!("the name {name} is taken")),
            None => {}
        }
        if let Group::Deployment(new) = &group {
            self.find_room(&new.worker_id, room)?;
        }
        self.put(name, group);
        Ok(())
    }

    /// Replaces what is known of a group: a deployment only by one that says that it replaces the last version.
    pub(super) fn update(
        &mut self,
        GroupUpdated { name, group }: GroupUpdated,
        room: impl Fn(&WorkerId) -> Option<u32>,
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
                    self.find_room(&new.worker_id, room)?;
                }
            }
            (known, _) => return Err(conflict(&name, known)),
        }
        self.put(name, group);
        Ok(())
    }

    /// Forgets a group; a certain version of a deployment, if the command says which.
    pub(super) fn remove(
        &mut self,
        GroupRemoved { name, version }: GroupRemoved,
    ) -> Result<(), String> {
        let known = self.known.get(&name);
        let known = known.ok_or_else(|| format!("no group {name}"))?;
        if version.is_some() && version.as_ref() != known.deployment().map(|known| &known.version) {
            return Err(conflict(&name, known));
        }
        self.take(&name);
        Ok(())
    }

    fn find_room(
        &self,
        worker: &WorkerId,
        room: impl Fn(&WorkerId) -> Option<u32>,
    ) -> Result<(), String> {
        let count = self.count_on(worker);
        match room(worker) {
            Some(most) if u32::try_from(count).is_ok_and(|count| count < most) => Ok(()),
            Some(_) => Err(format!(
                "worker {worker} has no room beside {count} deployments"
            )),
            None => Ok(()),
        }
    }

    fn put(&mut self, name: GroupName, group: Group) {
        self.take(&name);
        if let Group::Deployment(deployment) = &group {
            let names = self.by_worker.entry(deployment.worker_id.clone());
            names.or_default().insert(name.clone());
        }
        self.known.insert(name, group);
    }

    fn take(&mut self, name: &GroupName) {
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
        Some(version) => format!("what is known of {name} is version {version}"),
        None => format!("group {name} is no deployment"),
    }
}
