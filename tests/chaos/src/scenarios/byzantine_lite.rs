//! A foreign peer without credentials sends random, stale, duplicated and malformed Raft and registration traffic.

use std::time::Duration;

use crate::Failure;
use crate::attacked::Attacked;
use crate::attacker::Attacker;
use crate::round::Round;

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut target = Attacked::start(round).await?;
    target.cluster.is_replayed = true;
    let url = target.cluster.server()?.url();
    let mut attacker = Attacker::start(&url, &mut round.rng).await?;
    let time = Duration::from_secs(round.size(12, 4));
    attacker.attack(time).await?;
    round.count("messages_sent", attacker.sent);
    drop(attacker);
    target.finish(round).await
}
