//! A whole cluster in processes of its own, its users, and what can be done to it.

use std::time::Duration;

use natsgen_testing::NatsServer;
use tokio::time::sleep;

use crate::Failure;
use crate::child::Child;
use crate::coordinators::{Coordinators, are_ready};
use crate::crowd::Crowd;
use crate::journal;
use crate::lives::Lives;
use crate::round::Round;

const COORDINATORS: u64 = 3;
const WORKERS: u64 = 3;

/// A cluster and its users.
pub(crate) struct Stage {
    server: NatsServer,
    is_server_down: bool,
    pub(crate) coordinators: Coordinators,
    pub(crate) workers: Vec<Lives>,
    crowd: Crowd,
    /// What does not pass by itself.
    wounds: Vec<Wound>,
}

/// Something that is done to a cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Strike {
    /// Kills a coordinator, mostly the one that leads.
    KillCoordinator,
    CutCoordinator,
    DeafenCoordinator,
    PauseCoordinator,
    KillWorker,
    CutWorker,
    DeafenWorker,
    PauseWorker,
    /// Starts a second instance.
    ReplaceWorker,
    KillServer,
}

/// What has to be healed.
#[derive(Clone, Copy, Debug)]
enum Wound {
    DeafCoordinator(u64),
    PausedCoordinator(u64),
    DeafWorker(usize),
    PausedWorker(usize),
}

impl Strike {
    /// All of them.
    pub(crate) const ALL: [Self; 10] = [
        Self::KillCoordinator,
        Self::CutCoordinator,
        Self::DeafenCoordinator,
        Self::PauseCoordinator,
        Self::KillWorker,
        Self::CutWorker,
        Self::DeafenWorker,
        Self::PauseWorker,
        Self::ReplaceWorker,
        Self::KillServer,
    ];

    /// Those that no process of ours dies of.
    pub(crate) const GENTLE: [Self; 7] = [
        Self::CutCoordinator,
        Self::DeafenCoordinator,
        Self::PauseCoordinator,
        Self::CutWorker,
        Self::DeafenWorker,
        Self::PauseWorker,
        Self::KillServer,
    ];
}

impl Stage {
    /// A cluster whose workers are ready, and its users, who register so many workers at most.
    pub(crate) async fn start(round: &mut Round, most: usize) -> Result<Self, Failure> {
        let server = NatsServer::start()?;
        let coordinators = Coordinators::start(round, server.port(), COORDINATORS).await?;
        let mut workers = Vec::new();
        for number in 1..=WORKERS {
            workers.push(Lives::start(round, server.port(), &format!("w{number}")).await?);
        }
        ready(&coordinators, &workers).await?;
        let (url, desks) = (server.url(), coordinators.desks());
        let crowd = Crowd::start(round, &url, desks, &workers, most).await?;
        Ok(Self {
            server,
            is_server_down: false,
            coordinators,
            workers,
            crowd,
            wounds: Vec::new(),
        })
    }

    /// Does something to some part of it.
    pub(crate) async fn strike(
        &mut self,
        round: &mut Round,
        strike: Strike,
    ) -> Result<(), Failure> {
        let worker = round.chance.usize(..self.workers.len());
        let coordinator = self.victim(round).await;
        match strike {
            Strike::KillCoordinator => {
                round.count("coordinators_killed", 1);
                self.coordinators.kill(coordinator).await?;
            }
            Strike::CutCoordinator => {
                round.count("coordinators_cut", 1);
                self.coordinators.proxy(coordinator)?.cut();
            }
            Strike::DeafenCoordinator => {
                round.count("coordinators_cut_off", 1);
                self.coordinators.proxy(coordinator)?.deafen();
                self.wounds.push(Wound::DeafCoordinator(coordinator));
            }
            Strike::PauseCoordinator => {
                if let Some(child) = self.coordinators.child(coordinator) {
                    round.count("coordinators_paused", 1);
                    child.pause().await?;
                    self.wounds.push(Wound::PausedCoordinator(coordinator));
                }
            }
            Strike::KillServer => {
                round.count("servers_killed", 1);
                self.server.kill();
                self.is_server_down = true;
            }
            _ => self.strike_worker(round, strike, worker).await?,
        }
        Ok(())
    }

    async fn strike_worker(
        &mut self,
        round: &mut Round,
        strike: Strike,
        index: usize,
    ) -> Result<(), Failure> {
        let worker = &mut self.workers[index];
        match strike {
            Strike::KillWorker => {
                round.count("workers_killed", 1);
                worker.kill().await?;
            }
            Strike::CutWorker => {
                round.count("workers_cut", 1);
                worker.proxy.cut();
            }
            Strike::DeafenWorker => {
                round.count("workers_cut_off", 1);
                worker.proxy.deafen();
                self.wounds.push(Wound::DeafWorker(index));
            }
            Strike::PauseWorker => {
                if let Some(child) = worker.child() {
                    round.count("workers_paused", 1);
                    child.pause().await?;
                    self.wounds.push(Wound::PausedWorker(index));
                }
            }
            // One that cannot connect would not be ready.
            _ if self.is_server_down || !self.wounds.is_empty() => {}
            _ => {
                round.count("workers_replaced", 1);
                worker.replace(round).await?;
            }
        }
        Ok(())
    }

    /// A coordinator, in two of three cases the one that leads.
    async fn victim(&self, round: &mut Round) -> u64 {
        let any = round.chance.u64(1..=COORDINATORS);
        // One that is paused would not say who.
        if !self.wounds.is_empty() || self.is_server_down || round.chance.u8(..3) == 0 {
            return any;
        }
        self.coordinators.leader().await.unwrap_or(any)
    }

    /// Undoes all that was done.
    pub(crate) async fn heal(&mut self, round: &mut Round) -> Result<(), Failure> {
        if std::mem::take(&mut self.is_server_down) {
            self.server.restart()?;
        }
        for wound in std::mem::take(&mut self.wounds) {
            match wound {
                Wound::DeafCoordinator(id) => self.coordinators.proxy(id)?.heal(),
                Wound::DeafWorker(index) => self.workers[index].proxy.heal(),
                Wound::PausedCoordinator(id) => resume(self.coordinators.child(id)).await?,
                Wound::PausedWorker(index) => resume(self.workers[index].child()).await?,
            }
        }
        self.coordinators.run_all().await?;
        for worker in &mut self.workers {
            worker.revive(round).await?;
            worker.bury().await?;
        }
        Ok(())
    }

    /// Waits until all is well, for the cluster and for its users.
    pub(crate) async fn recover(&mut self) -> Result<(), Failure> {
        loop {
            ready(&self.coordinators, &self.workers).await?;
            let before = under_way(&self.coordinators.shown().await?);
            sleep(Duration::from_secs(1)).await;
            let after = under_way(&self.coordinators.shown().await?);
            if !before.iter().any(|pipeline| after.contains(pipeline)) {
                return Ok(());
            }
        }
    }

    /// Ends it, and enters what came of it all.
    pub(crate) async fn finish(mut self, round: &mut Round) -> Result<(), Failure> {
        let deeds = self.crowd.stop(round).await?;
        let ids = || self.workers.iter().map(|worker| &worker.hand.id);
        let shown = self
            .coordinators
            .until("to all that was acknowledged", |shown| {
                are_ready(shown, ids())?;
                deeds.check(shown)
            })
            .await?;
        deeds.settle(round, &shown);
        for worker in &mut self.workers {
            worker.stop().await?;
        }
        let journals = self.workers.iter().flat_map(|worker| &worker.journals);
        let again = journal::enter_lives(journals, &round.ledger)?;
        round.count("deployed_again", again.by_others);
        round.count("executed_again_in_another_life", again.by_lives);
        self.coordinators.stop().await
    }
}

async fn ready(coordinators: &Coordinators, workers: &[Lives]) -> Result<(), Failure> {
    let ids = || workers.iter().map(|worker| &worker.hand.id);
    let ready = coordinators.until("to workers that are ready", |shown| are_ready(shown, ids()));
    ready.await.map(drop)
}

/// Pipelines that somebody is deploying.
fn under_way(shown: &serde_json::Value) -> Vec<String> {
    let deployments = shown["deployments"].as_object().into_iter().flatten();
    let under_way = deployments.filter(|(_, known)| known[0] == "deploying");
    under_way.map(|(pipeline, _)| pipeline.clone()).collect()
}

async fn resume(child: Option<&Child>) -> Result<(), Failure> {
    match child {
        Some(child) => child.resume().await,
        None => Ok(()),
    }
}
