//! Confirms the leadership for reads, many reads in a round.
//!
//! A round is a heartbeat to each voter. Its result is valid for all reads that arrived before the round began. Reads
//! that arrive during a round share the next round.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use openraft::error::{CheckIsLeaderError, RaftError};
use tokio::sync::{mpsc, oneshot};

use super::error::ReplicaError;
use super::type_config::{LogId, Raft};

/// The limit of queued reads. Further callers wait for a place in the queue. It is also the limit of reads in a round.
const QUEUE: usize = 4_096;

type Confirmed =
    Result<Option<LogId>, RaftError<u64, CheckIsLeaderError<u64, openraft::BasicNode>>>;

/// Confirms the leadership of this node. Clones share the same queue.
#[derive(Clone)]
pub(super) struct Confirmer {
    queue: mpsc::Sender<oneshot::Sender<Confirmed>>,
    rounds: Arc<AtomicU64>,
}

impl Confirmer {
    pub(super) fn start(raft: Raft) -> Self {
        let (queue, reads) = mpsc::channel(QUEUE);
        let rounds = Arc::default();
        tokio::spawn(run(raft, reads, Arc::clone(&rounds)));
        Self { queue, rounds }
    }

    /// Confirms with a majority that this node is the leader. Returns the last entry that a read must have applied.
    pub(super) async fn confirm(&self) -> Result<Option<LogId>, ReplicaError> {
        let (reply, confirmed) = oneshot::channel();
        let stopped = || ReplicaError::Stopped("it accepts no reads any more".to_owned());
        self.queue.send(reply).await.map_err(|_| stopped())?;
        Ok(confirmed.await.map_err(|_| stopped())??)
    }

    /// The number of rounds since the start.
    pub(super) fn rounds(&self) -> u64 {
        self.rounds.load(Ordering::Relaxed)
    }
}

/// Runs rounds until the last sender is dropped.
async fn run(
    raft: Raft,
    mut reads: mpsc::Receiver<oneshot::Sender<Confirmed>>,
    rounds: Arc<AtomicU64>,
) {
    let mut waiting = Vec::new();
    while reads.recv_many(&mut waiting, QUEUE).await > 0 {
        // The callers of these reads have gone.
        waiting.retain(|read| !read.is_closed());
        if waiting.is_empty() {
            continue;
        }
        let confirmed = raft.get_read_log_id().await;
        rounds.fetch_add(1, Ordering::Relaxed);
        let confirmed = confirmed.map(|(last, _)| last);
        for read in waiting.drain(..) {
            // An error means that the caller has gone.
            let _ = read.send(confirmed.clone());
        }
    }
}
