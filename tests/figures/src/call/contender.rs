//! A way to call, and what a round of calls measured.

use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use crate::Failure;

/// One way to call a server that runs in this process: clones share its connection.
pub(crate) trait Call: Clone + Send + Sync + 'static {
    /// Calls once and reads the reply.
    ///
    /// # Errors
    /// When the call fails or the reply is not the one that was expected.
    fn call(&self) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// What one contender measured in one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// The latency that half of the calls stayed below.
    pub(crate) p50: Duration,
    /// Calls answered a second, over all lanes.
    pub(crate) throughput: f64,
}

/// A contender under its name, whatever it calls with.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    caller: Box<dyn Round>,
}

impl Contender {
    /// A contender called `name` that calls with `caller`.
    pub(crate) fn new(name: &'static str, caller: impl Call) -> Self {
        Self {
            name,
            caller: Box::new(caller),
        }
    }

    /// Calls in `lanes` lanes side by side for `length`, each lane one call after the other.
    ///
    /// # Errors
    /// When a call fails.
    pub(crate) async fn round(&self, lanes: usize, length: Duration) -> Result<Sample, Failure> {
        self.caller
            .round(lanes, length)
            .await
            .map_err(|failure| format!("{}: {failure}", self.name).into())
    }
}

/// A round behind a pointer: inside it nothing is boxed.
trait Round {
    fn round(&self, lanes: usize, length: Duration) -> BoxFuture<'_, Result<Sample, Failure>>;
}

impl<C: Call> Round for C {
    fn round(&self, lanes: usize, length: Duration) -> BoxFuture<'_, Result<Sample, Failure>> {
        Box::pin(async move {
            let start = Instant::now();
            let lanes: Vec<_> = (0..lanes)
                .map(|_| tokio::spawn(lane(self.clone(), start + length)))
                .collect();
            let mut latencies = Vec::new();
            for lane in lanes {
                latencies.append(&mut lane.await??);
            }
            Ok(sample(&mut latencies, start.elapsed()))
        })
    }
}

/// Calls one after the other until `end`; the latencies.
async fn lane(caller: impl Call, end: Instant) -> Result<Vec<Duration>, Failure> {
    let mut latencies = Vec::new();
    let mut before = Instant::now();
    while before < end || latencies.is_empty() {
        caller.call().await?;
        let after = Instant::now();
        latencies.push(after - before);
        before = after;
    }
    Ok(latencies)
}

/// What `latencies`, measured in `elapsed`, say; there is at least one.
fn sample(latencies: &mut [Duration], elapsed: Duration) -> Sample {
    let middle = latencies.len() / 2;
    let (_, p50, _) = latencies.select_nth_unstable(middle);
    let p50 = *p50;
    let calls = u32::try_from(latencies.len()).unwrap_or(u32::MAX);
    Sample {
        p50,
        throughput: f64::from(calls) / elapsed.as_secs_f64(),
    }
}
