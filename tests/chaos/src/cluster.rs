//! A cluster in child processes and its workload.

use std::time::Duration;

use natsgen_testing::NatsServer;
use tokio::time::sleep;

use crate::Failure;
use crate::access::Access;
use crate::coordinators::{Coordinators, are_ready};
use crate::fault::ActiveFault;
use crate::journal;
use crate::round::Round;
use crate::worker::Worker;
use crate::workload::Workload;

pub(crate) const COORDINATORS: u64 = 3;
pub(crate) const WORKERS: u64 = 3;

/// A cluster and its workload.
pub(crate) struct Cluster {
    /// `None` if the scenario has servers of its own.
    server: Option<NatsServer>,
    pub(crate) is_server_down: bool,
    pub(crate) coordinators: Coordinators,
    pub(crate) workers: Vec<Worker>,
    workload: Workload,
    /// Whether a foreign peer repeats registrations, so that they are answered repeatedly.
    pub(crate) is_replayed: bool,
    /// The faults that must be ended explicitly.
    pub(crate) active_faults: Vec<ActiveFault>,
}

impl Cluster {
    /// Starts a cluster with ready workers and a workload that registers at most `limit` further workers.
    pub(crate) async fn start(round: &mut Round, limit: usize) -> Result<Self, Failure> {
        let server = NatsServer::start()?;
        let cluster = Self::over(round, &Access::Proxies(server.port()), limit).await?;
        Ok(Self {
            server: Some(server),
            ..cluster
        })
    }

    /// Starts a cluster over servers of the scenario.
    pub(crate) async fn over(
        round: &mut Round,
        access: &Access,
        limit: usize,
    ) -> Result<Self, Failure> {
        let coordinators = Coordinators::start(round, access, COORDINATORS).await?;
        let mut workers = Vec::new();
        for number in 1..=WORKERS {
            workers.push(Worker::start(round, access, number).await?);
        }
        ready(&coordinators, &workers).await?;
        let (url, channels) = (access.url(), coordinators.channels());
        let workload = Workload::start(round, &url, channels, &workers, limit).await?;
        Ok(Self {
            server: None,
            is_replayed: false,
            is_server_down: false,
            coordinators,
            workers,
            workload,
            active_faults: Vec::new(),
        })
    }

    /// The server of the cluster.
    pub(crate) fn server(&mut self) -> Result<&mut NatsServer, Failure> {
        Ok(self.server.as_mut().ok_or("the scenario has the servers")?)
    }

    /// The names and the process ids of all coordinators and workers.
    pub(crate) fn processes(&self) -> Vec<(String, u32)> {
        let coordinators = self.coordinators.running();
        let coordinators =
            coordinators.map(|(id, child)| (format!("coordinator {id}"), child.id()));
        let workers = self.workers.iter().filter_map(|worker| {
            let child = worker.child()?;
            Some((format!("worker {}", worker.config.id), child.id()))
        });
        coordinators.chain(workers).collect()
    }

    /// The number of coordinators and workers that are lost.
    pub(crate) async fn lost(&mut self) -> Result<u64, Failure> {
        let mut lost = self.coordinators.lost().await?;
        for worker in &mut self.workers {
            lost += u64::from(worker.is_lost().await?);
        }
        Ok(lost)
    }

    /// Waits until the cluster is healthy and no deployment is stuck.
    pub(crate) async fn recover(&mut self) -> Result<(), Failure> {
        loop {
            ready(&self.coordinators, &self.workers).await?;
            let before = deploying(&self.coordinators.registry().await?);
            sleep(Duration::from_secs(1)).await;
            let after = deploying(&self.coordinators.registry().await?);
            if !before.iter().any(|pipeline| after.contains(pipeline)) {
                return Ok(());
            }
        }
    }

    /// Stops the workload and the cluster, and records all executions.
    pub(crate) async fn finish(mut self, round: &mut Round) -> Result<(), Failure> {
        let results = self.workload.stop(round, self.is_replayed).await?;
        let ids = || self.workers.iter().map(|worker| &worker.config.id);
        let reached = self
            .coordinators
            .until("the registry of the model", |registry| {
                are_ready(registry, ids())?;
                results.check(registry, ids())
            })
            .await;
        round.damage.registry_mismatches += u64::from(reached.is_err());
        let registry = reached?;
        results.record(round, &registry);
        for worker in &mut self.workers {
            worker.stop().await?;
        }
        let journals = self.workers.iter().flat_map(|worker| &worker.journals);
        let repeats = journal::record_instances(journals, &round.history)?;
        round.count("deployed_again", repeats.by_other_requests);
        round.count(
            "executed_again_by_another_instance",
            repeats.by_other_instances,
        );
        self.coordinators.stop().await
    }
}

async fn ready(coordinators: &Coordinators, workers: &[Worker]) -> Result<(), Failure> {
    let ids = || workers.iter().map(|worker| &worker.config.id);
    let ready = coordinators.until("ready workers", |registry| are_ready(registry, ids()));
    ready.await.map(drop)
}

/// The pipelines that are being deployed.
fn deploying(registry: &serde_json::Value) -> Vec<String> {
    let deployments = registry["deployments"].as_object().into_iter().flatten();
    let deploying = deployments.filter(|(_, known)| known[0] == "deploying");
    deploying.map(|(pipeline, _)| pipeline.clone()).collect()
}
