//! The nemesis: the faults that can be injected into a cluster.

use crate::Failure;
use crate::child::Child;
use crate::cluster::{COORDINATORS, Cluster};
use crate::fault::{ActiveFault, Fault};
use crate::round::Round;

impl Cluster {
    /// Injects a fault into a random part of the cluster.
    pub(crate) async fn inject(&mut self, round: &mut Round, fault: Fault) -> Result<(), Failure> {
        let worker = round.rng.usize(..self.workers.len());
        let coordinator = self.target(round).await;
        match fault {
            Fault::KillCoordinator => {
                round.count("coordinators_killed", 1);
                self.coordinators.kill(coordinator).await?;
            }
            Fault::DisconnectCoordinator => {
                round.count("coordinators_disconnected", 1);
                self.coordinators.proxy(coordinator)?.disconnect();
            }
            Fault::IsolateCoordinator => {
                round.count("coordinators_isolated", 1);
                self.coordinators.proxy(coordinator)?.block();
                self.active_faults
                    .push(ActiveFault::IsolatedCoordinator(coordinator));
            }
            Fault::PauseCoordinator => {
                if let Some(child) = self.coordinators.child(coordinator) {
                    round.count("coordinators_paused", 1);
                    child.pause().await?;
                    self.active_faults
                        .push(ActiveFault::PausedCoordinator(coordinator));
                }
            }
            Fault::KillServer => {
                round.count("servers_killed", 1);
                self.server()?.kill();
                self.is_server_down = true;
            }
            _ => self.inject_into_worker(round, fault, worker).await?,
        }
        Ok(())
    }

    async fn inject_into_worker(
        &mut self,
        round: &mut Round,
        fault: Fault,
        index: usize,
    ) -> Result<(), Failure> {
        let worker = &mut self.workers[index];
        match fault {
            Fault::KillWorker => {
                round.count("workers_killed", 1);
                worker.kill().await?;
            }
            Fault::DisconnectWorker => {
                round.count("workers_disconnected", 1);
                worker.disconnect();
            }
            Fault::IsolateWorker => {
                round.count("workers_isolated", 1);
                worker.isolate();
                self.active_faults.push(ActiveFault::IsolatedWorker(index));
            }
            Fault::PauseWorker => {
                if let Some(child) = worker.child() {
                    round.count("workers_paused", 1);
                    child.pause().await?;
                    self.active_faults.push(ActiveFault::PausedWorker(index));
                }
            }
            // A replacement that cannot connect would not become ready.
            _ if self.is_server_down || !self.active_faults.is_empty() => {}
            _ => {
                round.count("workers_replaced", 1);
                worker.replace(round).await?;
            }
        }
        Ok(())
    }

    /// A coordinator; in two of three cases the leader.
    async fn target(&self, round: &mut Round) -> u64 {
        let any = round.rng.u64(1..=COORDINATORS);
        // A paused coordinator would not report the leader.
        if !self.active_faults.is_empty() || self.is_server_down || round.rng.u8(..3) == 0 {
            return any;
        }
        self.coordinators.leader().await.unwrap_or(any)
    }

    /// Ends all faults.
    pub(crate) async fn heal(&mut self, round: &mut Round) -> Result<(), Failure> {
        if std::mem::take(&mut self.is_server_down) {
            self.server()?.restart()?;
        }
        for fault in std::mem::take(&mut self.active_faults) {
            match fault {
                ActiveFault::IsolatedCoordinator(id) => self.coordinators.proxy(id)?.heal(),
                ActiveFault::IsolatedWorker(index) => self.workers[index].heal(),
                ActiveFault::PausedCoordinator(id) => resume(self.coordinators.child(id)).await?,
                ActiveFault::PausedWorker(index) => resume(self.workers[index].child()).await?,
            }
        }
        self.coordinators.run_all().await?;
        for worker in &mut self.workers {
            worker.ensure_running(round).await?;
            worker.wait_for_replaced().await?;
        }
        Ok(())
    }
}

async fn resume(child: Option<&Child>) -> Result<(), Failure> {
    match child {
        Some(child) => child.resume().await,
        None => Ok(()),
    }
}
