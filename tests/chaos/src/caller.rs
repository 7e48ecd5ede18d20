//! Callers that keep the books.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use natsgen_runtime::{CallOptions, Connection, Retry};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker::{DeployRequest, WorkerClient};

use crate::ledger::{End, Ledger, Promise};

/// How much longer than its timeout a call may take on a busy machine before it counts as one without end.
const GRACE: Duration = Duration::from_secs(30);

/// After which time a request that is sent again is sent again.
const PATIENCE: Duration = Duration::from_millis(500);

/// Calls a worker, and enters what comes of it. A clone calls the same one.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    client: WorkerClient,
    worker: WorkerId,
    promise: Promise,
    timeout: Duration,
    ledger: Arc<Ledger>,
}

impl Caller {
    /// Calls each time once, and waits for so long.
    pub(crate) fn plain(
        connection: &Connection,
        worker: &WorkerId,
        timeout: Duration,
        promise: Promise,
        ledger: &Arc<Ledger>,
    ) -> Self {
        let options = CallOptions::new().timeout(timeout);
        Self {
            client: WorkerClient::new(connection).with_options(options),
            worker: worker.clone(),
            promise,
            timeout,
            ledger: Arc::clone(ledger),
        }
    }

    /// Sends again, under one id, what may have been executed.
    pub(crate) fn persistent(self, timeout: Duration) -> Self {
        let retry = Retry::new(u32::MAX)
            .pauses(Duration::from_millis(5), Duration::from_millis(200))
            .attempt_timeout(PATIENCE)
            .remembered();
        let options = CallOptions::new().timeout(timeout).retry(retry);
        Self {
            client: self.client.with_options(options),
            promise: Promise::ExactlyOnce,
            timeout,
            ..self
        }
    }

    /// Has `program` executed; what came of it.
    pub(crate) async fn call(&self, program: &str) -> Option<End> {
        let number = self.ledger.ask(self.promise);
        let request = DeployRequest {
            name: number.to_string().try_into().ok()?,
            source: program.try_into().ok()?,
        };
        let calling = self.client.deploy(&self.worker, &request);
        let end = match timeout(self.timeout + GRACE, calling).await.ok()? {
            Ok(reply) if reply.name == request.name => End::Acknowledged,
            Ok(_) => End::Confused,
            Err(error) => End::of(&error.failure),
        };
        self.ledger.end(number, end);
        Some(end)
    }

    /// Calls until it is told to stop, each time with a pause and a program by chance.
    pub(crate) async fn call_until(self, stop: watch::Receiver<bool>, mut chance: Rng) {
        while !*stop.borrow() {
            let program = match chance.u32(..4) {
                0 => String::new(),
                _ => format!("sleep {}", chance.u64(..30)),
            };
            self.call(&program).await;
            // A worker that is away is known at once.
            sleep(Duration::from_millis(chance.u64(..5))).await;
        }
    }

    /// Has each program executed, all at once, in tasks of `tasks`.
    pub(crate) fn call_all(
        &self,
        tasks: &mut JoinSet<()>,
        programs: impl IntoIterator<Item = String>,
    ) {
        for program in programs {
            let caller = self.clone();
            tasks.spawn(async move {
                caller.call(&program).await;
            });
        }
    }
}
