//! Clients that register workers repeatedly and record each registration.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use natsgen_runtime::{CallOptions, Connection};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use varpulis_sdk::coordinator::{CoordinatorClient, RegisterRequest};
use varpulis_sdk::types::{WorkerAddress, WorkerCapacity, WorkerId, WorkerInstance};

use crate::Failure;
use crate::connection::API_KEY;
use crate::history::{Guarantee, History, Outcome};

/// The timeout of a registration.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Extra time on a busy machine, before a registration counts as unfinished.
const GRACE: Duration = Duration::from_secs(30);

/// The longest pause between two registrations.
const PAUSE: Duration = Duration::from_millis(20);

/// Registers new workers, and renews registrations.
pub(crate) struct RegistrationClient {
    pub(crate) client: CoordinatorClient,
    pub(crate) history: Arc<History>,
    pub(crate) is_over: Arc<AtomicBool>,
    pub(crate) rng: Rng,
    /// The largest number of workers that it registers.
    pub(crate) limit: usize,
}

/// A recorded registration. The worker id contains the number of the worker's first registration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registration {
    number: u64,
    first: u64,
    pub(crate) outcome: Option<Outcome>,
}

/// A coordinator client over `connection`.
pub(crate) fn client(connection: &Connection) -> CoordinatorClient {
    let options = CallOptions::new().timeout(TIMEOUT);
    CoordinatorClient::new(connection).options(options)
}

impl RegistrationClient {
    /// Runs until the workload is stopped.
    pub(crate) async fn run(mut self) -> Result<Vec<Registration>, Failure> {
        let (mut registrations, mut members) = (Vec::new(), Vec::new());
        while !self.is_over.load(Ordering::SeqCst) {
            let number = self.history.begin(Guarantee::AtMostOnce);
            let is_renewal = members.len() >= self.limit || self.rng.bool();
            let member = self.rng.choice(&members).filter(|_| is_renewal);
            let first = member.copied().unwrap_or(number);
            let request = request(first)?;
            let call = self.client.register(&request);
            let outcome = match timeout(TIMEOUT + GRACE, call).await {
                Ok(Ok(reply)) if reply.worker_id == request.worker_id.as_str() => {
                    Some(Outcome::Acknowledged)
                }
                Ok(Ok(_)) => Some(Outcome::Mismatched),
                Ok(Err(error)) => Some(Outcome::of(&error.failure)),
                Err(_) => None,
            };
            if let Some(outcome) = outcome {
                self.history.finish(number, outcome);
            }
            if outcome == Some(Outcome::Acknowledged) {
                members.push(first);
            }
            registrations.push(Registration {
                number,
                first,
                outcome,
            });
            sleep(PAUSE.mul_f64(self.rng.f64())).await;
        }
        Ok(registrations)
    }
}

/// Collects the registrations of all clients.
pub(crate) async fn collect(
    mut tasks: JoinSet<Result<Vec<Registration>, Failure>>,
) -> Result<Vec<Registration>, Failure> {
    let mut all = Vec::new();
    while let Some(registered) = tasks.join_next().await {
        all.append(&mut registered??);
    }
    Ok(all)
}

/// Checks that a registry reported by coordinators holds all acknowledged workers, each with its instance, and no foreign
/// worker. `more` are registered as well.
pub(crate) fn check<'a>(
    registered: &[Registration],
    registry: &Value,
    more: impl Iterator<Item = &'a WorkerId>,
) -> Result<(), String> {
    let mut known: BTreeSet<String> = more.map(ToString::to_string).collect();
    for registration in registered {
        let id = name(registration.first);
        let worker = &registry["workers"][&id];
        if registration.outcome == Some(Outcome::Acknowledged) && worker[1] != id {
            return Err(format!("worker {id}, registered, is {worker}"));
        }
        known.insert(id);
    }
    let mut workers = registry["workers"].as_object().into_iter().flatten();
    match workers.find(|(id, _)| !known.contains(*id)) {
        Some(foreign) => Err(format!("foreign worker {foreign:?}")),
        None => Ok(()),
    }
}

/// Records the registrations that are visible in a registry reported by coordinators.
pub(crate) fn record(registered: &[Registration], registry: &Value, history: &History) {
    for registration in registered {
        let id = name(registration.first);
        let is_registered = registry["workers"][&id][1] == id;
        // If a renewal failed, the worker may be registered because of another registration.
        let is_evidence = registration.number == registration.first
            || registration.outcome == Some(Outcome::Acknowledged);
        if is_registered && is_evidence {
            history.executed(registration.number);
        }
    }
}

fn name(first: u64) -> String {
    format!("r{first}")
}

fn request(first: u64) -> Result<RegisterRequest, Failure> {
    let name = name(first);
    // Without room for a pipeline, no pipeline is deployed to this worker.
    let capacity = WorkerCapacity::new(1, 0, 0);
    let mut request = RegisterRequest::new(
        WorkerId::try_from(name.as_str())?,
        WorkerAddress::try_from("")?,
        API_KEY.try_into()?,
        capacity,
    );
    request.instance = Some(WorkerInstance::try_from(name.as_str())?);
    Ok(request)
}
