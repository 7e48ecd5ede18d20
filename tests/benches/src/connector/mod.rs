//! `connector`: events of the data connector, beside bare loops over async-nats with `serde_json`.

mod durable;
mod memory;
mod plain;
mod sink;
mod source;

use natsgen_runtime::{Side, codec};
use natsgen_testing::NatsServer;
use serde_json::Value;
use tokio::runtime::Runtime;
use varpulis_sdk::connector::{Event, NatsConfig};

use crate::report::Report;
use crate::{Effort, Failure};

/// Measures the cases in sequence.
///
/// # Errors
/// If a connector does not start, or events are lost.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let nats = NatsServer::start_with_streams("")?;
    let url = nats.url();
    Runtime::new()?.block_on(async {
        source::run(&url, effort, report).await?;
        sink::run(&url, effort, report).await?;
        durable::run(&url, effort, report).await?;
        match effort.minutes {
            Some(minutes) => memory::run(&url, minutes, report).await,
            None => Ok(()),
        }
    })
}

fn config(config: &Value) -> Result<NatsConfig, Failure> {
    Ok(codec::decode(config.to_string().as_bytes(), Side::Request)?)
}

/// An event of usual size.
fn event() -> Event {
    Event::new("Reading")
        .field("sensor", "kitchen")
        .field("celsius", 21.5)
        .field("count", 12_345_678_901_u64)
        .field("unit", "C")
        .field("valid", true)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::run;
    use crate::Effort;
    use crate::report::Report;

    #[test]
    fn connector_cases_complete() {
        let effort = Effort {
            quick: true,
            count: None,
            seed: 1,
            minutes: None,
        };
        let mut report = Report::new("connector", false, io::sink());
        run(effort, &mut report).expect("all cases complete");
    }
}
