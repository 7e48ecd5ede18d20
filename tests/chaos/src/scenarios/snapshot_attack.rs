//! A foreign peer sends pieces of false snapshots to all nodes, in the name of the leader.

use std::time::Duration;

use crate::Failure;
use crate::attacked::Attacked;
use crate::attacker::Attacker;
use crate::round::Round;

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut target = Attacked::start(round).await?;
    let url = target.cluster.server()?.url();
    let mut attacker = Attacker::start(&url, &mut round.rng).await?;
    let time = Duration::from_secs(round.size(60, 4));
    attacker.send_snapshots(time).await?;
    round.count("pieces_sent", attacker.sent);
    drop(attacker);
    target.finish(round).await
}
