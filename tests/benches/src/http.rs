//! `http`: the operations of a worker over HTTP beside the same operations over NATS, and beside handwritten HTTP.

use natsgen_testing::NatsServer;
use tokio::runtime::Runtime;

use crate::call::axum::Axum;
use crate::call::natsgen::Natsgen;
use crate::call::{IN_FLIGHT, print};
use crate::contender::{Contender, measure};
use crate::report::Report;
use crate::{Effort, Failure};

/// Measures the median latency and the throughput of `inject` and of `inject_batch` with ten events.
///
/// # Errors
/// If a server does not start or a call fails.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let nats = NatsServer::start()?;
    Runtime::new()?.block_on(async {
        for mut contenders in operations(&nats.url()).await? {
            for in_flight in IN_FLIGHT {
                for contender in &mut contenders {
                    contender.in_flight = in_flight;
                }
                let measured = measure(&contenders, effort).await?;
                print(&measured, contenders[0].name, in_flight, report)?;
            }
        }
        Ok(())
    })
}

/// The contenders of each operation; the first is over HTTP.
async fn operations(nats: &str) -> Result<[Vec<Contender>; 2], Failure> {
    let (over_http, over_nats) = (Natsgen::start_http().await?, Natsgen::start(nats).await?);
    let batches = vec![
        Contender::new("http_batch", 1, over_http.batches()?),
        Contender::new("nats_batch", 1, over_nats.batches()?),
    ];
    let single = vec![
        Contender::new("http", 1, over_http),
        Contender::new("nats", 1, over_nats),
        Contender::new("axum", 1, Axum::start().await?),
    ];
    Ok([single, batches])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use natsgen_testing::NatsServer;

    use super::operations;

    #[tokio::test]
    async fn http_contenders_get_a_reply() {
        let nats = NatsServer::start().expect("a nats-server starts");
        let operations = operations(&nats.url()).await.expect("all servers start");
        for contender in operations.into_iter().flatten() {
            let sample = contender.round(Duration::ZERO).await;
            let sample = sample.expect("the call is answered");
            assert!(sample.throughput > 0.0, "{}", contender.name);
        }
    }
}
