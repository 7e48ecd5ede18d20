//! `roles`: a coordinator, a worker and Raft nodes under load, each beside what bounds it.

mod commits;
mod engine;
mod events;
mod heartbeats;
mod registry;
mod stuck;
mod target;
mod workers;

use natsgen_testing::NatsServer;
use tokio::runtime::Runtime;

use crate::report::Report;
use crate::{Effort, Failure};

/// Measures one case after the other.
///
/// # Errors
/// When a role does not start or a call fails.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let nats = NatsServer::start()?;
    let url = nats.url();
    Runtime::new()?.block_on(async {
        // First, so that memory of others is not taken for that of workers.
        registry::run(&url, effort, report).await?;
        heartbeats::run(&url, effort, report).await?;
        commits::run(&url, effort, report).await?;
        events::run(&url, effort, report).await?;
        stuck::run(&url, effort, report).await
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::run;
    use crate::Effort;
    use crate::report::Report;

    #[test]
    fn every_case_comes_to_an_end() {
        let effort = Effort {
            quick: true,
            count: None,
            seed: 1,
        };
        let mut report = Report::new("roles", false, io::sink());
        run(effort, &mut report).expect("nothing is lost");
    }
}
