//! Those who register, again and again, and keep the books.

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
use crate::ledger::{End, Ledger, Promise};
use crate::node::API_KEY;

/// How long a registration may take.
const TIMEOUT: Duration = Duration::from_secs(3);

/// How much longer it may take on a busy machine before it counts as one without end.
const GRACE: Duration = Duration::from_secs(30);

/// How long one thinks at most before the next.
const PAUSE: Duration = Duration::from_millis(20);

/// Registers new workers, and those that are registered.
pub(crate) struct Registrant {
    pub(crate) client: CoordinatorClient,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) is_over: Arc<AtomicBool>,
    pub(crate) chance: Rng,
    /// How many workers it registers at most.
    pub(crate) most: usize,
}

/// A registration in the books. Its worker is named after the first one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registered {
    number: u64,
    first: u64,
    pub(crate) end: Option<End>,
}

/// What asks coordinators over `connection`.
pub(crate) fn client(connection: &Connection) -> CoordinatorClient {
    let options = CallOptions::new().timeout(TIMEOUT);
    CoordinatorClient::new(connection).with_options(options)
}

impl Registrant {
    /// Goes on until it is over.
    pub(crate) async fn run(mut self) -> Result<Vec<Registered>, Failure> {
        let (mut known, mut members) = (Vec::new(), Vec::new());
        while !self.is_over.load(Ordering::SeqCst) {
            let number = self.ledger.ask(Promise::Once);
            let is_renewal = members.len() >= self.most || self.chance.bool();
            let member = self.chance.choice(&members).filter(|_| is_renewal);
            let first = member.copied().unwrap_or(number);
            let request = request(first)?;
            let registering = self.client.register(&request);
            let end = match timeout(TIMEOUT + GRACE, registering).await {
                Ok(Ok(reply)) if reply.worker_id == request.worker_id.as_str() => {
                    Some(End::Acknowledged)
                }
                Ok(Ok(_)) => Some(End::Confused),
                Ok(Err(error)) => Some(End::of(&error.failure)),
                Err(_) => None,
            };
            if let Some(end) = end {
                self.ledger.end(number, end);
            }
            if end == Some(End::Acknowledged) {
                members.push(first);
            }
            known.push(Registered { number, first, end });
            sleep(PAUSE.mul_f64(self.chance.f64())).await;
        }
        Ok(known)
    }
}

/// All that came of the tasks of registrants.
pub(crate) async fn ended(
    mut tasks: JoinSet<Result<Vec<Registered>, Failure>>,
) -> Result<Vec<Registered>, Failure> {
    let mut all = Vec::new();
    while let Some(registered) = tasks.join_next().await {
        all.append(&mut registered??);
    }
    Ok(all)
}

/// Enters which of them are in a registry that coordinators showed.
pub(crate) fn settle(registered: &[Registered], shown: &Value, ledger: &Ledger) {
    for registration in registered {
        let id = name(registration.first);
        let is_there = shown["workers"][&id][1] == id;
        // Of one that did not come to pass, the worker may be there because of another one.
        let is_it = registration.number == registration.first
            || registration.end == Some(End::Acknowledged);
        if is_there && is_it {
            ledger.executed(registration.number);
        }
    }
}

fn name(first: u64) -> String {
    format!("r{first}")
}

fn request(first: u64) -> Result<RegisterRequest, Failure> {
    let name = name(first);
    Ok(RegisterRequest {
        worker_id: WorkerId::try_from(name.as_str())?,
        address: WorkerAddress::try_from("")?,
        api_key: API_KEY.try_into()?,
        capacity: WorkerCapacity {
            cpu_cores: 1,
            pipelines_running: 0,
            // Nothing is to be deployed there.
            max_pipelines: 0,
        },
        instance: Some(WorkerInstance::try_from(name.as_str())?),
        draining: None,
    })
}
