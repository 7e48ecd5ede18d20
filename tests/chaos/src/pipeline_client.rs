//! Clients that command pipelines through coordinators and record each operation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use natsgen_runtime::NoAnswer;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::coordinators::Channels;
use crate::history::{Guarantee, History, Outcome};
use crate::round::Round;

/// Far longer than a coordinator takes: a command counts as unfinished after this time.
const LIMIT: Duration = Duration::from_mins(1);

/// The longest pause between two commands.
const PAUSE: Duration = Duration::from_millis(20);

/// The largest number of pipelines of a client.
const MAX_PIPELINES: usize = 30;

/// The reply of a coordinator to a command for an unknown pipeline.
pub(crate) const ABSENT: &str = "absent";

/// The outcome if no coordinator runs.
const UNDELIVERED: &str = "undelivered";

/// Deploys pipelines, injects events into them, and undeploys them, through random coordinators.
pub(crate) struct PipelineClient {
    channels: Channels,
    history: Arc<History>,
    is_over: Arc<AtomicBool>,
    rng: Rng,
    pipelines: Pipelines,
}

/// The expected states of pipelines, by the operation numbers of their deployments.
#[derive(Debug, Default)]
pub(crate) struct Pipelines(BTreeMap<u64, Expected>);

/// The state that the registry must show for a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// The pipeline runs.
    Deployed,
    /// The pipeline is absent.
    Undeployed,
    /// Either state: the outcome of the last command is unknown.
    Unknown,
}

impl PipelineClient {
    /// A client of this round that runs until `is_over` is set.
    pub(crate) fn new(round: &mut Round, channels: &Channels, is_over: &Arc<AtomicBool>) -> Self {
        Self {
            channels: channels.clone(),
            history: Arc::clone(&round.history),
            is_over: Arc::clone(is_over),
            rng: round.rng.fork(),
            pipelines: Pipelines::default(),
        }
    }

    /// Runs until the workload is stopped.
    pub(crate) async fn run(mut self) -> Pipelines {
        while !self.is_over.load(Ordering::SeqCst) {
            let deployed = self.pipelines.all(Expected::Deployed);
            let unknown = self.pipelines.all(Expected::Unknown);
            let known = self.rng.choice(&deployed).copied();
            match (known, self.rng.u8(..10), unknown.first()) {
                (_, 0..3, Some(pipeline)) => self.undeploy(*pipeline).await,
                (Some(pipeline), 3..6, _) => self.inject(pipeline).await,
                (Some(pipeline), 6..8, _) => self.undeploy(pipeline).await,
                _ if deployed.len() + unknown.len() < MAX_PIPELINES => self.deploy().await,
                _ => {}
            }
            sleep(PAUSE.mul_f64(self.rng.f64())).await;
        }
        self.pipelines
    }

    async fn deploy(&mut self) {
        let number = self.history.begin(Guarantee::AtMostOnce);
        let reply = self.send(&format!("deploy {number}")).await;
        let expected = match self.record(number, reply) {
            Some(Outcome::Acknowledged) => Expected::Deployed,
            // The registry may already show it as deploying.
            _ => Expected::Unknown,
        };
        self.pipelines.0.insert(number, expected);
    }

    async fn inject(&mut self, pipeline: u64) {
        let number = self.history.begin(Guarantee::AtMostOnce);
        let reply = self.send(&format!("inject {pipeline} {number}")).await;
        self.record(number, reply);
    }

    async fn undeploy(&mut self, pipeline: u64) {
        let reply = self.send(&format!("undeploy {pipeline}")).await;
        let Some(reply) = reply else {
            // An operation that stays unfinished.
            self.history.begin(Guarantee::AtMostOnce);
            return;
        };
        match outcome(&reply) {
            _ if reply == ABSENT => self.pipelines.0.remove(&pipeline),
            Outcome::Acknowledged => self.pipelines.0.insert(pipeline, Expected::Undeployed),
            _ => self.pipelines.0.insert(pipeline, Expected::Unknown),
        };
    }

    /// Sends a command to a random coordinator. Returns the reply, or `None` if the command does not finish.
    async fn send(&mut self, command: &str) -> Option<String> {
        let Some(channel) = self.channels.choose(&mut self.rng) else {
            return Some(UNDELIVERED.to_owned());
        };
        let reply = timeout(LIMIT, channel.send(command)).await.ok()?;
        // A killed coordinator leaves the outcome unknown.
        Some(reply.unwrap_or_default())
    }

    /// Records the outcome of an operation.
    fn record(&self, number: u64, reply: Option<String>) -> Option<Outcome> {
        let outcome = outcome(&reply?);
        self.history.finish(number, outcome);
        Some(outcome)
    }
}

/// The outcome that the reply of a coordinator stands for.
pub(crate) fn outcome(reply: &str) -> Outcome {
    match reply.split(' ').next() {
        Some("acknowledged") => Outcome::Acknowledged,
        Some("refused" | ABSENT) => Outcome::Refused,
        Some("unknown") => Outcome::Unknown(NoAnswer::TimedOut),
        Some(UNDELIVERED) => Outcome::Undelivered,
        Some("") => Outcome::Unknown(NoAnswer::Disconnected),
        _ => Outcome::Mismatched,
    }
}

/// Checks that a registry reported by coordinators holds only pipelines that clients may have deployed.
pub(crate) fn expect_known(registry: &Value) -> Result<(), String> {
    let deployments = registry["deployments"].as_object().into_iter().flatten();
    let mut foreign = deployments.filter(|(pipeline, _)| pipeline.parse::<u64>().is_err());
    match (foreign.next(), registry["foreign"].as_u64()) {
        (Some(foreign), _) => Err(format!("foreign pipeline {foreign:?}")),
        (None, Some(0)) => Ok(()),
        (None, entries) => Err(format!("{entries:?} foreign entries")),
    }
}

impl Pipelines {
    fn all(&self, expected: Expected) -> Vec<u64> {
        let all = self.0.iter().filter(|(_, known)| **known == expected);
        all.map(|(number, _)| *number).collect()
    }

    /// Checks that a registry reported by coordinators holds all acknowledged pipelines.
    pub(crate) fn check(&self, registry: &Value) -> Result<(), String> {
        for (number, expected) in &self.0 {
            let known = registry["deployments"].get(number.to_string());
            let is_as_expected = match expected {
                // A pipeline that was moved to a worker that did not answer stays uncertain, and is shown as uncertain.
                Expected::Deployed => {
                    known.is_some_and(|known| known[0] == "running" || known[0] == "uncertain")
                }
                Expected::Undeployed => known.is_none(),
                Expected::Unknown => true,
            };
            if !is_as_expected {
                return Err(format!("pipeline {number}, {expected:?}, is {known:?}"));
            }
        }
        Ok(())
    }

    /// The number of deployed pipelines whose state is uncertain in a registry reported by coordinators.
    pub(crate) fn uncertain(&self, registry: &Value) -> u64 {
        let deployed = self.all(Expected::Deployed).into_iter();
        let known = deployed.map(|number| &registry["deployments"][number.to_string()][0]);
        let uncertain = known.filter(|state| **state == "uncertain").count();
        u64::try_from(uncertain).unwrap_or(u64::MAX)
    }

    /// The number of pipelines with an acknowledged last command.
    pub(crate) fn acknowledged(&self) -> u64 {
        let known = self
            .0
            .values()
            .filter(|expected| **expected != Expected::Unknown);
        u64::try_from(known.count()).unwrap_or(u64::MAX)
    }
}
