//! `call`: a typed call beside a raw echo, handwritten JSON, gRPC, and HTTP.

pub(crate) mod axum;
mod json;
mod message;
pub(crate) mod natsgen;
mod raw;
mod tonic;

use natsgen_testing::NatsServer;
use tokio::runtime::Runtime;

use crate::contender::{Contender, Measured, measure};
use crate::report::{Report, Unit};
use crate::{Effort, Failure};

/// The numbers of concurrent calls.
pub(crate) const IN_FLIGHT: [usize; 3] = [1, 64, 512];

/// The contender whose ratios are printed.
const OURS: &str = "natsgen";

/// Measures the median latency and the throughput of every contender at each number of concurrent calls.
///
/// # Errors
/// If a server does not start or a call fails.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let nats = NatsServer::start()?;
    Runtime::new()?.block_on(async {
        let mut contenders = contenders(&nats.url()).await?;
        for in_flight in IN_FLIGHT {
            for contender in &mut contenders {
                contender.in_flight = in_flight;
            }
            let measured = measure(&contenders, effort).await?;
            print(&measured, OURS, in_flight, report)?;
        }
        Ok(())
    })
}

/// All contenders.
async fn contenders(nats: &str) -> Result<Vec<Contender>, Failure> {
    Ok(vec![
        Contender::new("raw", 1, raw::Raw::start(nats).await?),
        Contender::new(OURS, 1, natsgen::Natsgen::start(nats).await?),
        Contender::new("json", 1, json::Json::start(nats).await?),
        Contender::new("tonic", 1, tonic::Tonic::start().await?),
        Contender::new("axum", 1, axum::Axum::start().await?),
    ])
}

/// Prints the values, and the ratio of the contender `ours` to each other contender.
pub(crate) fn print(
    measured: &[Measured],
    ours: &str,
    in_flight: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    for one in measured {
        report.line(
            &format!("p50.{}.{in_flight}", one.name),
            one.p50.median(),
            Unit::Micros,
        )?;
        let case = format!("throughput.{}.{in_flight}", one.name);
        report.line(&case, one.throughput.median(), Unit::PerSecond)?;
    }
    let Some(ours) = measured.iter().find(|one| one.name == ours) else {
        return Ok(());
    };
    for other in measured.iter().filter(|other| other.name != ours.name) {
        let case = format!("p50_ratio_{}.{in_flight}", other.name);
        report.line(&case, ours.p50.ratio(&other.p50), Unit::Ratio)?;
        let case = format!("throughput_ratio_{}.{in_flight}", other.name);
        report.line(&case, ours.throughput.ratio(&other.throughput), Unit::Ratio)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use natsgen_testing::NatsServer;

    use super::contenders;

    #[tokio::test]
    async fn call_contenders_get_a_reply() {
        let nats = NatsServer::start().expect("a nats-server starts");
        for contender in contenders(&nats.url()).await.expect("all servers start") {
            let sample = contender
                .round(Duration::ZERO)
                .await
                .expect("the call is answered");
            assert!(sample.throughput > 0.0, "{}", contender.name);
        }
    }
}
