//! A trivial command beside stuck commands: a command that blocks its thread, and a command that never wakes up.

use natsgen_runtime::Limited;
use varpulis_sdk::worker::DeployRequest;

use super::engine::{BLOCKS, SLEEPS};
use super::target::Target;
use crate::contender::{Contender, measure};
use crate::report::{Report, Unit};
use crate::{Effort, Failure};

/// Measures the latency of a trivial command on an idle worker and on a worker with stuck commands.
///
/// # Errors
/// If a worker does not start or a call fails.
pub(super) async fn run(url: &str, effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let (idle, _) = Target::start(url, "idle").await?;
    let (busy, mut stuck) = Target::start(url, "stuck").await?;
    for program in [BLOCKS, SLEEPS] {
        let (client, worker) = (busy.client.clone(), busy.worker.clone());
        let request = DeployRequest::new(program.try_into()?, Limited::new(program.to_owned())?);
        tokio::spawn(async move { client.deploy(&worker, &request).await });
    }
    stuck.wait(2).await?;
    let contenders = [
        Contender::new("idle", 1, idle),
        Contender::new("stuck", 1, busy),
    ];
    let [idle, busy] = &measure(&contenders, effort).await?[..] else {
        unreachable!("two contenders were measured")
    };
    for one in [idle, busy] {
        report.line(
            &format!("command_p50.{}", one.name),
            one.p50.median(),
            Unit::Micros,
        )?;
        report.line(
            &format!("command_p99.{}", one.name),
            one.p99.median(),
            Unit::Micros,
        )?;
    }
    report.line("command_p99_ratio", busy.p99.ratio(&idle.p99), Unit::Ratio)?;
    Ok(())
}
