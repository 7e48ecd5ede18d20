//! A client that calls a worker and records each operation in the history.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use natsgen_runtime::{CallOptions, Connection, Retry};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker::{DeployRequest, WorkerClient};

use crate::history::{Guarantee, History, Outcome};

/// Extra time for a call on a busy machine, before the call counts as unfinished.
const GRACE: Duration = Duration::from_secs(30);

/// The timeout of an attempt of a retrying caller.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(500);

/// Calls a worker and records the outcomes. A clone calls the same worker.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    client: WorkerClient,
    worker: WorkerId,
    guarantee: Guarantee,
    timeout: Duration,
    history: Arc<History>,
}

impl Caller {
    /// A caller that sends each request once and waits up to `timeout`.
    pub(crate) fn plain(
        connection: &Connection,
        worker: &WorkerId,
        timeout: Duration,
        guarantee: Guarantee,
        history: &Arc<History>,
    ) -> Self {
        let options = CallOptions::new().timeout(timeout);
        Self {
            client: WorkerClient::new(connection).options(options),
            worker: worker.clone(),
            guarantee,
            timeout,
            history: Arc::clone(history),
        }
    }

    /// Retries under the same request id, also if the worker may have executed the request.
    pub(crate) fn retrying(self, timeout: Duration) -> Self {
        let retry = Retry::new(u32::MAX)
            .pauses(Duration::from_millis(5), Duration::from_millis(200))
            .attempt_timeout(ATTEMPT_TIMEOUT)
            .deduplicated();
        let options = CallOptions::new().timeout(timeout).retry(retry);
        Self {
            client: self.client.options(options),
            guarantee: Guarantee::ExactlyOnce,
            timeout,
            ..self
        }
    }

    /// Has the worker execute `program`, and returns the outcome; an unfinished call has no outcome.
    pub(crate) async fn call(&self, program: &str) -> Option<Outcome> {
        let number = self.history.begin(self.guarantee);
        let request = DeployRequest::new(
            number.to_string().try_into().ok()?,
            program.try_into().ok()?,
        );
        let call = self.client.deploy(&self.worker, &request);
        let outcome = match timeout(self.timeout + GRACE, call).await.ok()? {
            Ok(reply) if reply.name == request.name => Outcome::Acknowledged,
            Ok(_) => Outcome::Mismatched,
            Err(error) => Outcome::of(&error.failure),
        };
        self.history.finish(number, outcome);
        Some(outcome)
    }

    /// Calls until `stop` is set, with random programs and pauses.
    pub(crate) async fn call_until(self, stop: watch::Receiver<bool>, mut rng: Rng) {
        while !*stop.borrow() {
            let program = match rng.u32(..4) {
                0 => String::new(),
                _ => format!("sleep {}", rng.u64(..30)),
            };
            self.call(&program).await;
            // Calls to an absent worker fail at once.
            sleep(Duration::from_millis(rng.u64(..5))).await;
        }
    }

    /// Has the worker execute all programs concurrently, in tasks of `tasks`.
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
