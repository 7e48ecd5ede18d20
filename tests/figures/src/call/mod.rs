//! `call`: a typed call beside the raw echo, JSON by hand, gRPC and HTTP.

mod axum;
mod contender;
mod json;
mod message;
mod natsgen;
mod raw;
mod tonic;

use std::time::Duration;

use natsgen_runtime::test_server::NatsServer;
use tokio::runtime::Runtime;

use crate::report::{Report, Unit};
use crate::rounds::{Series, turns};
use crate::{Effort, Failure};
use contender::Contender;

/// How many calls are in flight at once.
const IN_FLIGHT: [usize; 3] = [1, 64, 512];

/// Whose ratios are printed.
const OURS: &str = "natsgen";

/// Measures p50 and throughput of every contender at every number of calls in flight.
///
/// # Errors
/// When a server does not start or a call fails.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let nats = NatsServer::start()?;
    Runtime::new()?.block_on(async {
        let contenders = contenders(&nats.url()).await?;
        for in_flight in IN_FLIGHT {
            let measured = measure(&contenders, in_flight, effort).await?;
            print(&measured, in_flight, report)?;
        }
        Ok(())
    })
}

/// Everyone who takes part.
async fn contenders(nats: &str) -> Result<Vec<Contender>, Failure> {
    Ok(vec![
        Contender::new("raw", raw::Raw::start(nats).await?),
        Contender::new(OURS, natsgen::Natsgen::start(nats).await?),
        Contender::new("json", json::Json::start(nats).await?),
        Contender::new("tonic", tonic::Tonic::start().await?),
        Contender::new("axum", axum::Axum::start().await?),
    ])
}

/// What one contender measured at one number of calls in flight.
struct Measured {
    name: &'static str,
    /// Microseconds.
    p50: Series,
    /// Calls a second.
    throughput: Series,
}

/// Lets all contenders take turns at `in_flight` calls at once.
async fn measure(
    contenders: &[Contender],
    in_flight: usize,
    effort: Effort,
) -> Result<Vec<Measured>, Failure> {
    let (rounds, length) = if effort.quick { (1, 50) } else { (15, 400) };
    let length = Duration::from_millis(length);
    let mut measured = Vec::new();
    for contender in contenders {
        contender.round(in_flight, length / 4).await?;
        let (p50, throughput) = (Series::default(), Series::default());
        measured.push(Measured {
            name: contender.name,
            p50,
            throughput,
        });
    }
    for turn in turns(rounds, contenders.len()) {
        let sample = contenders[turn].round(in_flight, length).await?;
        measured[turn].p50.push(sample.p50.as_secs_f64() * 1e6);
        measured[turn].throughput.push(sample.throughput);
    }
    Ok(measured)
}

/// Prints the values, and ours divided by everyone else's.
fn print(measured: &[Measured], in_flight: usize, report: &mut Report) -> Result<(), Failure> {
    for one in measured {
        report.line(
            &format!("p50.{}.{in_flight}", one.name),
            one.p50.median(),
            Unit::Micros,
        )?;
        let case = format!("throughput.{}.{in_flight}", one.name);
        report.line(&case, one.throughput.median(), Unit::PerSecond)?;
    }
    let Some(ours) = measured.iter().find(|one| one.name == OURS) else {
        return Ok(());
    };
    for other in measured.iter().filter(|one| one.name != OURS) {
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

    use natsgen_runtime::test_server::NatsServer;

    use super::contenders;

    #[tokio::test]
    async fn every_contender_is_answered() {
        let nats = NatsServer::start().expect("a nats-server starts");
        for contender in contenders(&nats.url()).await.expect("all servers start") {
            let sample = contender
                .round(2, Duration::ZERO)
                .await
                .expect("both calls are answered");
            assert!(sample.throughput > 0.0, "{}", contender.name);
        }
    }
}
