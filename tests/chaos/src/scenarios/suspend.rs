//! Each process is suspended for a minute (SIGSTOP), while all other processes work: coordinators, workers, and the server.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::sleep;

use crate::Failure;
use crate::attacked::Attacked;
use crate::child;
use crate::round::Round;

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let time = Duration::from_secs(round.size(60, 10));
    let mut target = Attacked::start(round).await?;
    let mut processes = target.cluster.processes();
    if round.is_short {
        // A coordinator and a worker.
        round.rng.shuffle(&mut processes);
        let mut letters = BTreeSet::new();
        processes.retain(|(name, _)| letters.insert(name.chars().next()));
    }
    for (name, id) in processes {
        eprintln!("suspend: {name}");
        child::signal(id, "-STOP").await?;
        sleep(time).await;
        child::signal(id, "-CONT").await?;
        target.recover(round).await?;
        round.count("processes_suspended", 1);
    }
    target.cluster.server()?.pause()?;
    sleep(time).await;
    target.cluster.server()?.resume()?;
    target.finish(round).await
}
