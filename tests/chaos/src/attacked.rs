//! A cluster under attack, and the damage of the attack.

use std::time::Duration;

use tokio::time::Instant;

use crate::Failure;
use crate::access::Access;
use crate::cluster::Cluster;
use crate::memory;
use crate::round::Round;

/// The number of workers that the workload registers.
const REGISTERED: usize = 50;

/// The memory that a process may use in addition to its memory before the attack, in KiB.
const BUDGET: u64 = 256 * 1_024;

/// A cluster with a workload, and the memory of its processes before the attack.
pub(crate) struct Attacked {
    pub(crate) cluster: Cluster,
    before: Vec<(String, u32, u64)>,
}

impl Attacked {
    /// Starts a cluster over a server of its own.
    pub(crate) async fn start(round: &mut Round) -> Result<Self, Failure> {
        let cluster = Cluster::start(round, REGISTERED).await?;
        Self::measure(cluster)
    }

    /// Starts a cluster over servers of the scenario.
    pub(crate) async fn over(round: &mut Round, access: &Access) -> Result<Self, Failure> {
        let cluster = Cluster::over(round, access, REGISTERED).await?;
        Self::measure(cluster)
    }

    fn measure(cluster: Cluster) -> Result<Self, Failure> {
        let mut before = Vec::new();
        for (name, id) in cluster.processes() {
            before.push((name, id, memory::resident(id)?));
        }
        Ok(Self { cluster, before })
    }

    /// Waits until all nodes are ready after an attack, and counts the lost nodes.
    pub(crate) async fn recover(&mut self, round: &mut Round) -> Result<(), Failure> {
        let started = Instant::now();
        let recovered = self.cluster.recover().await;
        round.highest("recovery_ms", millis(started.elapsed()));
        if recovered.is_err() {
            self.count_lost(round).await?;
        }
        recovered
    }

    /// Waits until all nodes are ready, measures the damage and stops the cluster.
    pub(crate) async fn finish(mut self, round: &mut Round) -> Result<(), Failure> {
        self.recover(round).await?;
        self.count_lost(round).await?;
        self.count_memory(round);
        self.cluster.finish(round).await
    }

    async fn count_lost(&mut self, round: &mut Round) -> Result<(), Failure> {
        round.damage.nodes_lost += self.cluster.lost().await?;
        Ok(())
    }

    /// Compares the largest memory of each process with its budget.
    fn count_memory(&self, round: &mut Round) {
        for (name, id, before) in &self.before {
            // A lost process is counted already.
            let Ok(peak) = memory::peak(*id) else {
                continue;
            };
            let growth = peak.saturating_sub(*before);
            round.highest("memory_growth_kib", growth);
            if growth > BUDGET {
                eprintln!("{name} used {peak} KiB, {before} KiB before the attack");
                round.damage.memory_over_budget += 1;
            }
        }
    }
}

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
