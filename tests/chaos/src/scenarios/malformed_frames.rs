//! A client sends frames that end the connections of their readers. The nodes connect again, and lose nothing.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::attacked::Attacked;
use crate::connection::subject;
use crate::frames::Frames;
use crate::round::Round;

/// The subjects of commands, events and Raft.
const SUBJECTS: [&str; 8] = [
    "register",
    "heartbeat.w1",
    "registration.w1",
    "cmd.w1.deploy",
    "cmd.w2.inject",
    "raft.1.append",
    "raft.2.vote",
    "raft.3.snapshot",
];

/// The longest pause between two frames.
const PAUSE: Duration = Duration::from_millis(300);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut target = Attacked::start(round).await?;
    let port = target.cluster.server()?.port();
    let mut frames = Vec::new();
    for tokens in SUBJECTS {
        frames.extend(Frames::malformed(&subject(tokens)));
    }
    round.rng.shuffle(&mut frames);
    let end = Instant::now() + Duration::from_secs(round.size(60, 6));
    for frame in frames.iter().cycle() {
        if Instant::now() > end {
            break;
        }
        // The server closes the connection after a frame that it refuses.
        let mut peer = Frames::connect(port).await?;
        peer.send(frame).await?;
        round.count("frames_sent", 1);
        sleep(round.random_time(PAUSE)).await;
    }
    target.finish(round).await
}
