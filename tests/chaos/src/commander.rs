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
            let deployed = self.pipelines.deployed();
            let known = self.chance.choice(&deployed).copied();
            match (known, self.chance.u8(..10)) {
                (Some(pipeline), 0..5) => self.inject(pipeline).await,
                (Some(pipeline), 5..7) => self.undeploy(pipeline).await,
                _ => self.deploy().await,
            }
            sleep(PAUSE.mul_f64(self.chance.f64())).await;
        }
        self.pipelines
    }

    async fn deploy(&mut self) {
        let number = self.ledger.ask(Promise::Once);
        let end = self.order(&format!("deploy {number}")).await;
        self.note(number, end);
        if end == Some(End::Acknowledged) {
            self.pipelines.0.insert(number, Fate::Deployed);
        }
    }

    async fn inject(&mut self, pipeline: u64) {
        let number = self.ledger.ask(Promise::Once);
        let end = self.order(&format!("inject {pipeline} {number}")).await;
        self.note(number, end);
    }

    async fn undeploy(&mut self, pipeline: u64) {
        let fate = match self.order(&format!("undeploy {pipeline}")).await {
            Some(End::Acknowledged) => Fate::Undeployed,
            Some(_) => Fate::Doubtful,
            None => {
                // An entry that stays without end.
                self.ledger.ask(Promise::Once);
                Fate::Doubtful
            }
        };
        self.pipelines.0.insert(pipeline, fate);
    }

    /// Has any coordinator follow an order; none if it does not come to an end.
    async fn order(&mut self, order: &str) -> Option<End> {
        let Some(desk) = self.desks.choose(&mut self.chance) else {
            return Some(End::Undelivered);
        };
        let answer = timeout(LIMIT, desk.give(order)).await.ok()?;
        // A coordinator that was killed cannot say what came of it.
        let Some(answer) = answer else {
            return Some(End::Unknown(NoAnswer::Disconnected));
        };
        Some(match answer.split(' ').next() {
            Some("acknowledged") => End::Acknowledged,
            Some("refused") => End::Refused,
            Some("unknown") => End::Unknown(NoAnswer::TimedOut),
            _ => End::Confused,
        })
    }

    fn note(&self, number: u64, end: Option<End>) {
        if let Some(end) = end {
            self.ledger.end(number, end);
        }
    }
}

impl Pipelines {
    fn deployed(&self) -> Vec<u64> {
        let deployed = self.0.iter().filter(|(_, fate)| **fate == Fate::Deployed);
        deployed.map(|(number, _)| *number).collect()
    }

    /// Enters whether a registry that coordinators showed has what was acknowledged: each is an entry of its own.
    pub(crate) fn settle(&self, shown: &Value, ledger: &Ledger) {
        for (number, fate) in &self.0 {
            let known = shown["deployments"].get(number.to_string());
            let is_kept = match fate {
                Fate::Deployed => known.is_some_and(|known| known[0] == "running"),
                Fate::Undeployed => known.is_none(),
                Fate::Doubtful => continue,
            };
            let entry = ledger.ask(Promise::Once);
            ledger.end(entry, End::Acknowledged);
            if is_kept {
                ledger.executed(entry);
            }
        }
    }
}
