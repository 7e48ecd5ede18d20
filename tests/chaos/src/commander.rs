//! Those who command workers through coordinators, and keep the books.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use natsgen_runtime::NoAnswer;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::coordinators::Desks;
use crate::ledger::{End, Ledger, Promise};
use crate::round::Round;

/// Far longer than a coordinator takes for anything: it counts as without end.
const LIMIT: Duration = Duration::from_mins(1);

/// How long one thinks at most before the next.
const PAUSE: Duration = Duration::from_millis(20);

/// How many pipelines one has at most.
const MOST: usize = 30;

/// That there is no such pipeline, as coordinators say it.
pub(crate) const ABSENT: &str = "absent";

/// That no coordinator was there to be asked.
const UNDELIVERED: &str = "undelivered";

/// Deploys pipelines, injects into them and undeploys them, through any coordinator.
pub(crate) struct Commander {
    desks: Desks,
    ledger: Arc<Ledger>,
    is_over: Arc<AtomicBool>,
    chance: Rng,
    pipelines: Pipelines,
}

/// What became of pipelines, by the numbers of their deployments.
#[derive(Debug, Default)]
pub(crate) struct Pipelines(BTreeMap<u64, Fate>);

/// What the registry must say of a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// That it runs.
    Deployed,
    /// Nothing.
    Undeployed,
    /// Either: it was to be undeployed, and nobody knows.
    Doubtful,
}

impl Commander {
    /// One of this round, until it is over.
    pub(crate) fn new(round: &mut Round, desks: &Desks, is_over: &Arc<AtomicBool>) -> Self {
        Self {
            desks: desks.clone(),
            ledger: Arc::clone(&round.ledger),
            is_over: Arc::clone(is_over),
            chance: round.chance.fork(),
            pipelines: Pipelines::default(),
        }
    }

    /// Goes on until it is over.
    pub(crate) async fn run(mut self) -> Pipelines {
        while !self.is_over.load(Ordering::SeqCst) {
            let deployed = self.pipelines.all(Fate::Deployed);
            let doubtful = self.pipelines.all(Fate::Doubtful);
            let known = self.chance.choice(&deployed).copied();
            match (known, self.chance.u8(..10), doubtful.first()) {
                (_, 0..3, Some(pipeline)) => self.undeploy(*pipeline).await,
                (Some(pipeline), 3..6, _) => self.inject(pipeline).await,
                (Some(pipeline), 6..8, _) => self.undeploy(pipeline).await,
                _ if deployed.len() + doubtful.len() < MOST => self.deploy().await,
                _ => {}
            }
            sleep(PAUSE.mul_f64(self.chance.f64())).await;
        }
        self.pipelines
    }

    async fn deploy(&mut self) {
        let number = self.ledger.ask(Promise::Once);
        let said = self.order(&format!("deploy {number}")).await;
        let fate = match self.note(number, said) {
            Some(End::Acknowledged) => Fate::Deployed,
            // It may be written down that it is being deployed.
            _ => Fate::Doubtful,
        };
        self.pipelines.0.insert(number, fate);
    }

    async fn inject(&mut self, pipeline: u64) {
        let number = self.ledger.ask(Promise::Once);
        let said = self.order(&format!("inject {pipeline} {number}")).await;
        self.note(number, said);
    }

    async fn undeploy(&mut self, pipeline: u64) {
        let said = self.order(&format!("undeploy {pipeline}")).await;
        let Some(said) = said else {
            // An entry that stays without end.
            self.ledger.ask(Promise::Once);
            return;
        };
        match end(&said) {
            _ if said == ABSENT => self.pipelines.0.remove(&pipeline),
            End::Acknowledged => self.pipelines.0.insert(pipeline, Fate::Undeployed),
            _ => self.pipelines.0.insert(pipeline, Fate::Doubtful),
        };
    }

    /// Has any coordinator follow an order: what it says, or none if it does not come to an end.
    async fn order(&mut self, order: &str) -> Option<String> {
        let Some(desk) = self.desks.choose(&mut self.chance) else {
            return Some(UNDELIVERED.to_owned());
        };
        let said = timeout(LIMIT, desk.give(order)).await.ok()?;
        // A coordinator that was killed cannot say what came of it.
        Some(said.unwrap_or_default())
    }

    /// Enters what came of a call.
    fn note(&self, number: u64, said: Option<String>) -> Option<End> {
        let end = end(&said?);
        self.ledger.end(number, end);
        Some(end)
    }
}

/// What a coordinator's word says of a call.
fn end(said: &str) -> End {
    match said.split(' ').next() {
        Some("acknowledged") => End::Acknowledged,
        Some("refused" | ABSENT) => End::Refused,
        Some("unknown") => End::Unknown(NoAnswer::TimedOut),
        Some(UNDELIVERED) => End::Undelivered,
        Some("") => End::Unknown(NoAnswer::Disconnected),
        _ => End::Confused,
    }
}

impl Pipelines {
    fn all(&self, fate: Fate) -> Vec<u64> {
        let all = self.0.iter().filter(|(_, known)| **known == fate);
        all.map(|(number, _)| *number).collect()
    }

    /// Whether a registry that coordinators showed has all that was acknowledged.
    pub(crate) fn check(&self, shown: &Value) -> Result<(), String> {
        for (number, fate) in &self.0 {
            let known = shown["deployments"].get(number.to_string());
            let is_kept = match fate {
                // One that was moved to a worker that gave no answer is left in doubt, and known to be.
                Fate::Deployed => {
                    known.is_some_and(|known| known[0] == "running" || known[0] == "uncertain")
                }
                Fate::Undeployed => known.is_none(),
                Fate::Doubtful => true,
            };
            if !is_kept {
                return Err(format!("pipeline {number}, {fate:?}, is {known:?}"));
            }
        }
        Ok(())
    }

    /// How many of those that were deployed are in doubt in a registry that coordinators showed.
    pub(crate) fn in_doubt(&self, shown: &Value) -> u64 {
        let deployed = self.all(Fate::Deployed).into_iter();
        let known = deployed.map(|number| &shown["deployments"][number.to_string()][0]);
        let in_doubt = known.filter(|state| **state == "uncertain").count();
        u64::try_from(in_doubt).unwrap_or(u64::MAX)
    }

    /// How many of them were acknowledged, as deployed or as undeployed.
    pub(crate) fn acknowledged(&self) -> u64 {
        let known = self.0.values().filter(|fate| **fate != Fate::Doubtful);
        u64::try_from(known.count()).unwrap_or(u64::MAX)
    }
}
