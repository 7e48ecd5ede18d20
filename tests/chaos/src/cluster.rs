//! A cluster in child processes and its workload.

use std::time::Duration;

use natsgen_testing::NatsServer;
use tokio::time::sleep;

use crate::Failure;
use crate::coordinators::{Coordinators, are_ready};
use crate::fault::ActiveFault;
use crate::journal;
use crate::round::Round;
use crate::worker::Worker;
use crate::workload::Workload;

pub(crate) const COORDINATORS: u64 = 3;
const WORKERS: u64 = 3;

/// A cluster and its workload.
pub(crate) struct Cluster {
    pub(crate) server: NatsServer,
    pub(crate) is_server_down: bool,
    pub(crate) coordinators: Coordinators,
    pub(crate) workers: Vec<Worker>,
    workload: Workload,
    /// The faults that must be ended explicitly.
    pub(crate) active_faults: Vec<ActiveFault>,
}

impl Cluster {
    /// Starts a cluster with ready workers and a workload that registers at most `limit` further workers.
    pub(crate) async fn start(round: &mut Round, limit: usize) -> Result<Self, Failure> {
        let server = NatsServer::start()?;
        let coordinators = Coordinators::start(round, server.port(), COORDINATORS).await?;
        let mut workers = Vec::new();
        for number in 1..=WORKERS {
            workers.push(Worker::start(round, server.port(), &format!("w{number}")).await?);
        }
        ready(&coordinators, &workers).await?;
        let (url, channels) = (server.url(), coordinators.channels());
        let workload = Workload::start(round, &url, channels, &workers, limit).await?;
        Ok(Self {
            server,
            is_server_down: false,
            coordinators,
            workers,
            workload,
            active_faults: Vec::new(),
        })
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
        let results = self.workload.stop(round).await?;
        let ids = || self.workers.iter().map(|worker| &worker.config.id);
        let registry = self
            .coordinators
            .until("all acknowledged operations", |registry| {
                are_ready(registry, ids())?;
                results.check(registry)
            })
            .await?;
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
