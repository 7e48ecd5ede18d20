//! A function that calls a server, and the results of a round of calls.

use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use crate::rounds::{Series, turns};
use crate::{Effort, Failure};

/// A client of a server that runs in this process. Clones share the connection.
pub(crate) trait Call: Clone + Send + Sync + 'static {
    /// Calls the server and checks the reply.
    ///
    /// # Errors
    /// If the call fails or the reply is unexpected.
    fn call(&self) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// The results of a contender in a round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// The median latency.
    pub(crate) p50: Duration,
    /// The 99th percentile of the latency.
    pub(crate) p99: Duration,
    /// Calls per second over all lanes.
    pub(crate) throughput: f64,
}

/// A named contender.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// The number of concurrent calls.
    pub(crate) in_flight: usize,
    caller: Box<dyn Round>,
}

impl Contender {
    /// A contender `name` that makes `in_flight` concurrent calls with `caller`.
    pub(crate) fn new(name: &'static str, in_flight: usize, caller: impl Call) -> Self {
        Self {
            name,
            in_flight,
            caller: Box::new(caller),
        }
    }

    /// Calls for `length` in concurrent lanes. Each lane makes a call after the other.
    ///
    /// # Errors
    /// If a call fails.
    pub(crate) async fn round(&self, length: Duration) -> Result<Sample, Failure> {
        self.caller
            .round(self.in_flight, length)
            .await
            .map_err(|failure| format!("{}: {failure}", self.name).into())
    }
}

/// Erases the type of the client, so that only a round is boxed and not each call.
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

/// Calls repeatedly until `end`, and returns the latencies.
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

/// The results of `latencies`, measured in `elapsed`. The slice must not be empty.
fn sample(latencies: &mut [Duration], elapsed: Duration) -> Sample {
    let mut below = |percent| {
        let place = latencies.len() * percent / 100;
        *latencies.select_nth_unstable(place).1
    };
    let (p50, p99) = (below(50), below(99));
    let calls = u32::try_from(latencies.len()).unwrap_or(u32::MAX);
    Sample {
        p50,
        p99,
        throughput: f64::from(calls) / elapsed.as_secs_f64(),
    }
}

/// The results of a contender over all rounds.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// In microseconds.
    pub(crate) p50: Series,
    /// In microseconds.
    pub(crate) p99: Series,
    /// In calls per second.
    pub(crate) throughput: Series,
}

/// Measures all contenders in turns.
///
/// # Errors
/// If a call fails.
pub(crate) async fn measure(
    contenders: &[Contender],
    effort: Effort,
) -> Result<Vec<Measured>, Failure> {
    let (rounds, length) = if effort.quick { (1, 50) } else { (15, 400) };
    let length = Duration::from_millis(length);
    let mut measured = Vec::new();
    for contender in contenders {
        contender.round(length / 4).await?;
        measured.push(Measured {
            name: contender.name,
            p50: Series::default(),
            p99: Series::default(),
            throughput: Series::default(),
        });
    }
    for turn in turns(rounds, contenders.len()) {
        let sample = contenders[turn].round(length).await?;
        measured[turn].p50.push(sample.p50.as_secs_f64() * 1e6);
        measured[turn].p99.push(sample.p99.as_secs_f64() * 1e6);
        measured[turn].throughput.push(sample.throughput);
    }
    Ok(measured)
}
